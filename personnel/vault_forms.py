"""Forms of the identity vault. They check shape alone: the commands decide, and keep their no."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ledger.asking import AskForm
from personnel import vault
from personnel.models.vault import LOOKED_FOR
from personnel.vault_retention import DONOR, GROUNDS, KINDS, PATIENT
from personnel.vault_subject import FIELDS, ISSUING, LABELLING, LOOKED_UP, RECEIVING

LABELS = {
    "name": _("Name"),
    "family_name": _("Family name"),
    "given_name": _("Given name"),
    "birth_date": _("Date of birth"),
    "hospital_number": _("Hospital number"),
    "phone": _("Telephone"),
    "email": _("E-mail address"),
}
PURPOSES = {
    RECEIVING: _("Receiving"),
    LABELLING: _("Labelling"),
    ISSUING: _("Issuing"),
}
_QUIET = {"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}
_CHOOSE = ("", _("Choose"))


def _line(label: Any, help_text: Any = "", **attrs: Any) -> forms.CharField:
    widget = forms.TextInput(attrs=_QUIET | attrs)
    return forms.CharField(
        label=label, required=False, max_length=400, help_text=help_text, widget=widget
    )


def _reason(label: Any) -> forms.CharField:
    return _line(label, _("Stands on the trail for good: write the pseudonym, never the name."))


class IdentityForm(AskForm):
    """Who somebody is: the fields of the kind, never filled in beforehand."""

    def __init__(self, *args: Any, kind: str, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in FIELDS[kind]:
            placeholder = "1980-12-31" if name == "birth_date" else ""
            self.fields[name] = _line(LABELS[name], placeholder=placeholder)

    def given(self) -> dict[str, str]:
        """What was typed about the person, which goes beside the request and never into it."""
        return {name: self.cleaned_data.get(name, "") for name in self.names()}

    def names(self) -> Iterable[str]:
        return [name for name in self.fields if name in LABELS]

    def identity(self) -> list[Any]:
        """The fields about the person, for the template."""
        return [self[name] for name in self.names()]


class RegisterForm(IdentityForm):
    subject = forms.CharField(widget=forms.HiddenInput, initial=vault.new_pseudonym, required=False)
    counted_from = _line(_("Kept from"), placeholder="2027-01-31")


class CorrectForm(IdentityForm):
    reason = _reason(_("Why is it corrected?"))


class ShowForm(AskForm):
    purpose = forms.ChoiceField(
        label=_("What for"), required=False, choices=[_CHOOSE, *PURPOSES.items()]
    )
    reference = _line(
        _("Batch, collection or order"), placeholder="CT-2026-004", autocapitalize="characters"
    )


class FindForm(AskForm):
    kind = forms.ChoiceField(
        label=_("Who"),
        required=False,
        choices=[_CHOOSE, (PATIENT, KINDS[PATIENT]), (DONOR, KINDS[DONOR])],
    )
    number = _line(_("Hospital number"))
    purpose = forms.ChoiceField(
        label=_("What for"),
        required=False,
        choices=[_CHOOSE, *((code, LOOKED_FOR[code]) for code in LOOKED_UP)],
    )
    reference = _line(
        _("Collection or request"), placeholder="DSR-2026-003", autocapitalize="characters"
    )


class AskToSeeForm(AskForm):
    reason = _reason(_("Why must you see it?"))


class DecideForm(AskForm):
    """Agreeing takes no words."""


class DeclineForm(AskForm):
    reason = _reason(_("Why not?"))


class ExtendForm(AskForm):
    counted_from = _line(_("New day"), placeholder="2029-06-30")
    reason = _reason(_("What happened?"))


class EraseForm(AskForm):
    ground = forms.ChoiceField(
        label=_("Ground"),
        required=False,
        choices=[_CHOOSE, *((code, f"{code}: {text}") for code, text in GROUNDS.items())],
    )
    reason = _reason(_("Who asked, and when?"))
