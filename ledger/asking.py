"""What every form carries that asks a command: the command's id, kept over every no."""

from __future__ import annotations

from uuid import uuid4

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ledger import ports
from ledger.event import Refused

_UNREADABLE = _("Part of the form could not be read. Look it over, then send again.")
UNREADABLE = dict.fromkeys(("invalid", "min_value", "max_value"), _UNREADABLE)


def again() -> str:
    """The id of a command that nobody has asked yet."""
    return str(uuid4())


def told(refused: Refused) -> str:
    """A refusal's sentence, in the reader's language, with the name of whomever it speaks of."""
    people = {str(value) for value in refused.params.values() if str(value).startswith("p-")}
    names = ports.printed_names(people) if people else {}
    params = {name: names.get(str(value), value) for name, value in refused.params.items()}
    return gettext(refused.template).format(**params)


class AskForm(forms.Form):
    """A form that asks a command: sending it twice does it once."""

    command_id = forms.UUIDField(
        widget=forms.HiddenInput, initial=again, required=False, error_messages=UNREADABLE
    )

    def renew(self, **values: object) -> None:
        """After a no, what is typed stays and the next sending is a new attempt."""
        typed = QueryDict(mutable=True)
        typed.update(self.data)
        typed["command_id"] = again()
        for name, value in values.items():
            typed[name] = str(value)
        self.data = typed

    def hidden_faults(self) -> list[str]:
        """What is wrong with fields that nobody sees, each fault once."""
        found = [str(error) for field in self.hidden_fields() for error in field.errors]
        return list(dict.fromkeys(found))
