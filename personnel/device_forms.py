"""The form by which a device is permitted."""

from __future__ import annotations

from collections.abc import Iterable

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ledger.asking import AskForm
from personnel.device import ACTING
from personnel.roles import label


class PermitForm(AskForm):
    name = forms.CharField(label=_("What is it?"), required=False)
    person = forms.ChoiceField(label=_("It acts for"), required=False)
    role = forms.ChoiceField(label=_("In the role"), required=False)

    def __init__(self, *args: object, people: Iterable[tuple[str, str]], **more: object) -> None:
        super().__init__(*args, **more)  # type: ignore[arg-type]
        self.fields["name"].widget.attrs["placeholder"] = gettext("Particle counter in C-101")
        choose = ("", gettext("Choose"))
        person, role = self.fields["person"], self.fields["role"]
        assert isinstance(person, forms.ChoiceField)  # noqa: S101 - for the type checker
        assert isinstance(role, forms.ChoiceField)  # noqa: S101 - for the type checker
        person.choices = [choose, *people]
        role.choices = [choose, *((one, gettext(label(one))) for one in ACTING)]
