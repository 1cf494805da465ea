"""Forms about what units and rooms must have: qualification, calibration, cleaning, clearance."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from equipment.forms import AskForm
from equipment.room import GRADES
from equipment.workstation import CLOSED, OPEN


def _line(label: Any, **attrs: Any) -> forms.CharField:
    return forms.CharField(label=label, required=False, widget=forms.TextInput(attrs=attrs))


def _day(label: Any) -> forms.CharField:
    """A day as the browser's own calendar sends it; the command reads it and says what is wrong."""
    return _line(label, type="date")


def _batch() -> forms.CharField:
    return _line(_("Batch"), autocapitalize="characters", placeholder="CT-0421")


class StatusForm(AskForm):
    """Each no stands beside the field that it is about."""

    def _meant(self, code: str) -> str | None:
        for name in _FIELDS.get(code, ()):
            if name in self.fields and not (code == "day" and _is_day(self._typed(name))):
                return name
        return super()._meant(code)

    def clean_batch(self) -> str:
        number: str = self.cleaned_data["batch"].strip().upper()
        return number


def _is_day(text: str) -> bool:
    parts = text.split("-")
    return len(parts) == 3 and all(part.isdigit() for part in parts)


_FIELDS = {
    "missing": ("certificate", "agent", "name"),
    "until_passed": ("until",),
    "done_in_future": ("done_on",),
    "day": ("done_on", "until"),
    "batch": ("batch",),
    "room_number": ("room",),
    "workstation_number": ("workstation",),
    "grade": ("grade",),
    "handling": ("handling",),
    "already_registered": ("room", "workstation"),
    "not_registered": ("unit",),
    "reason_missing": ("reason",),
}


class QualifyForm(StatusForm):
    done_on = _day(_("Qualified on"))
    until = _day(_("Holds until"))
    certificate = _line(_("Report"), placeholder="QR-2026-014")


class CalibrateForm(StatusForm):
    done_on = _day(_("Calibrated on"))
    passed = forms.ChoiceField(
        label=_("Found"),
        required=False,
        choices=[("", _("Choose")), ("yes", _("within tolerance")), ("no", _("out of tolerance"))],
    )
    until = _day(_("Holds until"))
    certificate = _line(_("Certificate"), placeholder="CAL-2026-118")

    def clean_passed(self) -> bool:
        found = self.cleaned_data["passed"]
        if not found:
            raise forms.ValidationError(_("Say how it was found."))
        return bool(found == "yes")


class CleanForm(StatusForm):
    agent = _line(_("Cleaned with"), placeholder=_("sporicide, then alcohol 70 %"))


class ReasonForm(StatusForm):
    reason = _line(_("Why?"))


class BatchForm(StatusForm):
    batch = _batch()


class ReleaseForm(StatusForm):
    batch = _batch()
    reason = _line(_("Why by hand?"))


class RoomForm(StatusForm):
    room = _line(_("Room number"), autocapitalize="characters", placeholder="C-101")
    name = _line(_("Name"))
    grade = forms.ChoiceField(
        label=_("Grade"),
        required=False,
        choices=[("", _("Choose")), *((grade, grade) for grade in GRADES)],
    )
    one_batch = forms.BooleanField(label=_("One batch at a time"), required=False)

    def clean_room(self) -> str:
        number: str = self.cleaned_data["room"].strip().upper()
        return number


class WorkstationForm(StatusForm):
    workstation = _line(_("Workstation number"), autocapitalize="characters", placeholder="WS-1")
    label = _line(_("Name"))
    handling = forms.ChoiceField(
        label=_("Handling"),
        required=False,
        choices=[
            ("", _("Choose")),
            (OPEN, _("open: one patient at a time")),
            (CLOSED, _("closed: devices side by side")),
        ],
    )
    unit = _line(_("The cabinet or isolator it is, if any"), placeholder="BSC-1")

    def clean_workstation(self) -> str:
        number: str = self.cleaned_data["workstation"].strip().upper()
        return number

    def clean_unit(self) -> str:
        number: str = self.cleaned_data["unit"].strip().upper()
        return number
