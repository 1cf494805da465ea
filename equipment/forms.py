"""Forms of the equipment room. They check shape alone: the command decides, and keeps its no."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

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
}


def _again() -> str:
    return str(uuid4())


def _line(label: Any, **attrs: Any) -> forms.CharField:
    return forms.CharField(label=label, required=False, widget=forms.TextInput(attrs=attrs))


def _text(label: Any, **attrs: Any) -> forms.CharField:
    return forms.CharField(label=label, required=False, widget=forms.Textarea(attrs=attrs))


class AskForm(forms.Form):
    """What every form here carries: the command's id, so that sending it twice does it once."""

    command_id = forms.UUIDField(widget=forms.HiddenInput, initial=_again, required=False)

    def renew(self) -> None:
        """After a no, what is typed stays and the next sending is a new attempt."""
        typed = QueryDict(mutable=True)
        typed.update(self.data)
        typed["command_id"] = _again()
        self.data = typed


class RegisterForm(AskForm):
    unit = _line(_("Unit number"), autocapitalize="characters", placeholder="CF-02")
    label = _line(_("Name"))
    unit_class = forms.ChoiceField(
        label=_("Kind"), required=False, choices=[("", _("Choose")), *CLASSES.items()]
    )
    location = _line(_("Room"))


class EntryForm(AskForm):
    text = _text(_("What was done or seen"), rows=3)


class CorrectionForm(AskForm):
    text = _text(_("Corrected text"), rows=3)
    reason = _line(_("Why is it corrected?"))


class MoveForm(AskForm):
    location = _line(_("New room"))
    reason = _line(_("Why is it moved?"))


class StopForm(AskForm):
    reason = _line(_("Why is it taken out of service?"))


class ReturnForm(AskForm):
    reason = _line(_("Why may it be used again?"))
