"""Forms of the equipment room. They check shape alone: the command decides, and keeps its no."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from unicodedata import category

from django import forms
from django.utils.translation import gettext_lazy as _

from equipment.unit import LINE_LIMIT, TEXT_LIMIT
from ledger import asking

CLASSES = {
    "centrifuge": _("Centrifuge"),
    "isolator": _("Isolator"),
    "safety_cabinet": _("Safety cabinet"),
    "incubator": _("Incubator"),
    "cryogenic_tank": _("Cryogenic tank"),
    "controlled_rate_freezer": _("Controlled-rate freezer"),
    "freezer": _("Freezer"),
    "particle_counter": _("Particle counter"),
    "cell_counter": _("Cell counter"),
    "flow_cytometer": _("Flow cytometer"),
    "thermocycler": _("Thermocycler"),
    "bioreactor": _("Bioreactor"),
    "closed_processing_device": _("Closed processing device"),
    "thawing_device": _("Thawing device"),
    "tube_sealer": _("Tubing welder and sealer"),
    "balance": _("Balance"),
    "refrigerator": _("Refrigerator"),
    "microscope": _("Microscope"),
}


def _line(label: Any, **attrs: Any) -> forms.CharField:
    return forms.CharField(label=label, required=False, widget=forms.TextInput(attrs=attrs))


def _text(label: Any) -> forms.CharField:
    """A text of several lines. Nothing is cut off while it is typed or pasted: it is counted."""
    counted = {
        "rows": 3,
        "data-limit": TEXT_LIMIT,
        "data-count": _("%(n)s of %(limit)s characters"),
    }
    return forms.CharField(label=label, required=False, widget=forms.Textarea(attrs=counted))


class AskForm(asking.AskForm):
    """What every form here does: it keeps a refusal beside the field that it is about."""

    def refuse(self, sentence: str, *, code: str) -> None:
        """Put a refusal beside the field that it is about, and name what else is still empty."""
        field = self._meant(code)
        self.add_error(field, sentence)
        if code in ("missing", "reason_missing", "unit_number", "unit_class"):
            for name in self.fields:
                if name not in self.errors and self._typed(name) == "" and name in _ALSO:
                    self.add_error(name, _ALSO[name])

    def _meant(self, code: str) -> str | None:
        """The field that a refusal is about; None for the form as a whole."""
        if code in _FIELDS:
            return _FIELDS[code] if _FIELDS[code] in self.fields else None
        wrong = _WRONG.get(code)
        found = [name for name in _TEXTS if name in self.fields]
        return next((name for name in found if wrong and wrong(self._typed(name))), None)

    def _typed(self, name: str) -> str:
        value = self.cleaned_data.get(name)
        return value.strip() if isinstance(value, str) else ""


def _is_odd(letter: str) -> bool:
    return category(letter) in ("Cc", "Cf") and letter not in "\n\r\t"


# Which field a refusal is about: by its code, or by what is wrong with what was typed.
_FIELDS = {
    "unit_number": "unit",
    "already_registered": "unit",
    "unit_class": "unit_class",
    "reason_missing": "reason",
    "reason_too_long": "reason",
}
_TEXTS = ("text", "label", "location", "reason")
_WRONG: dict[str, Callable[[str], bool]] = {
    "missing": lambda typed: not typed,
    "too_long": lambda typed: len(typed) > LINE_LIMIT,
    "character": lambda typed: any(_is_odd(letter) for letter in typed),
}
_ALSO = {
    "label": _("Give it a name people will recognise."),
    "location": _("Say in which room."),
    "reason": _("Say why, in two words at least."),
}


class SeenForm(AskForm):
    """A form over what the page shows: it says which version that was."""

    seen = forms.IntegerField(
        widget=forms.HiddenInput,
        required=False,
        min_value=0,
        max_value=10**9,
        error_messages=asking.UNREADABLE,
    )


class RegisterForm(AskForm):
    unit = _line(_("Unit number"), autocapitalize="characters", placeholder="CF-02")
    label = _line(_("Name"))
    unit_class = forms.ChoiceField(
        label=_("Kind"), required=False, choices=[("", _("Choose")), *CLASSES.items()]
    )
    location = _line(_("Room"))

    def clean_unit(self) -> str:
        """Numbers are written in capitals, whatever the keyboard was set to."""
        number: str = self.cleaned_data["unit"].strip().upper()
        return number


class EntryForm(AskForm):
    text = _text(_("What was done or seen"))


class CorrectionForm(SeenForm):
    text = _text(_("Corrected text"))
    reason = _line(_("Why is it corrected?"))


class MoveForm(SeenForm):
    location = _line(_("New room"))
    reason = _line(_("Why is it moved?"))


class StopForm(SeenForm):
    reason = _line(_("Why is it taken out of service?"))


class ReturnForm(SeenForm):
    reason = _line(_("Why may it be used again?"))
