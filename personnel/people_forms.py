"""Forms about people. They check shape alone: the commands decide, and keep their no."""

from __future__ import annotations

import secrets
from datetime import datetime, time
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ledger.asking import AskForm
from personnel.person import AUTHORITY_LETTER, EVIDENCE, IDENTITY_CARD, PASSPORT, STAFF_BADGE
from personnel.roles import INSPECTOR, LABELS

_EVIDENCE = {
    IDENTITY_CARD: _("Identity card"),
    PASSPORT: _("Passport"),
    STAFF_BADGE: _("Staff badge with photograph"),
    AUTHORITY_LETTER: _("Inspector's badge and letter of the authority"),
}
_CHOOSE = ("", _("Choose"))


def _line(label: Any, help_text: Any = "", **attrs: Any) -> forms.CharField:
    widget = forms.TextInput(attrs={"autocomplete": "off", **attrs})
    return forms.CharField(label=label, required=False, help_text=help_text, widget=widget)


def _choice(label: Any, choices: Any = ()) -> forms.CharField:
    """A list to choose from. What is not on it reaches the command, which says why not."""
    return forms.CharField(label=label, required=False, widget=forms.Select(choices=choices))


class EnrolForm(AskForm):
    printed_name = _line(
        _("Name as it shall be printed"), _("Stays outside the ledger, which keeps a pseudonym.")
    )
    others = forms.BooleanField(
        label=_("This is another human being than the one of the same name"), required=False
    )
    salt = forms.CharField(widget=forms.HiddenInput, initial=lambda: secrets.token_hex(16))


class IdentityForm(AskForm):
    evidence = _choice(
        _("What did you look at?"),
        [_CHOOSE, *((kind, _EVIDENCE[kind]) for kind in EVIDENCE)],
    )
    reference = _line(
        _("Where is the evidence kept?"), _("As “HR file, tab 3”. Never a document's number.")
    )


class GrantForm(AskForm):
    role = _choice(
        _("Role"), [_CHOOSE, *((r, text) for r, text in LABELS.items() if r != INSPECTOR)]
    )
    reason = _line(_("Why?"))


class WithdrawForm(AskForm):
    role = _choice(_("Role"))
    reason = _line(_("Why?"))

    def __init__(self, *args: Any, held: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [_CHOOSE, *((role, LABELS[role]) for role in held)]
        self.fields["role"].widget.choices = choices


class ProposeForm(AskForm):
    until = forms.DateField(
        label=_("Last day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    reason = _line(_("Why?"))

    def clean_until(self) -> datetime:
        """The end of that day where the site is."""
        day = self.cleaned_data["until"]
        return datetime.combine(day, time(23, 59, 59), tzinfo=timezone.get_default_timezone())


class ConfirmForm(AskForm):
    """A button."""


class OpenAccountForm(AskForm):
    username = _line(
        _("Sign-in name"), _("Never given twice, not even after closing."), autocapitalize="none"
    )
    role = _choice(_("Role a session begins in"))

    def __init__(self, *args: Any, held: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(role, LABELS[role]) for role in held]
        self.fields["role"].widget.choices = choices


class ReasonForm(AskForm):
    reason = _line(_("Why?"))


class TerminalForm(AskForm):
    name = _line(_("Name"), placeholder=_("Tablet at the isolator"))
    room = _line(_("Room"))


class OnForm(forms.Form):
    """As it was on: a moment in the site's time."""

    on = forms.DateTimeField(
        label=_("As it was on"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
