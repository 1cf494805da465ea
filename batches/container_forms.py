"""Forms of containers and samples. They check shape alone: the command decides."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from batches.container import DECISIONS, ENDS, KINDS
from batches.order_forms import (
    MatterForm,
    choice,
    date_field,
    file_field,
    number,
    text,
    time_field,
)

LINES = _("Lines of time with zone and °C: 2026-03-02T08:00:00+01:00,4.2")


class DoseForm(MatterForm):
    weight = number(_("Body weight (kg)"))
    weighed_on = date_field(_("Weighed on"))
    weight_source = text(_("Where the weight stands"), placeholder=_("Clinic's order form, page 2"))
    target = number(_("Target (10⁶ viable transduced cells per kg)"))
    cap = number(_("Cap (10⁶ viable transduced cells)"), _("Empty where there is none"))
    count = number(_("Cells in the final product (10⁶ per mL)"))
    viability = number(_("Viability (%)"))
    transduced = number(_("Transduced, of viable cells (%)"))


class FillForm(MatterForm):
    times = ("dmso_at",)
    whole = ("pieces",)
    kind = choice(_("What was filled"), KINDS)
    pieces = number(_("How many"))
    volume_ml = number(_("Volume in each (mL)"))
    cells = number(_("Viable transduced cells in each (10⁶)"), _("0 where it holds none"))
    dmso_at = time_field(_("DMSO added at"), _("Local time; empty where there is none"))


class FreezingForm(MatterForm):
    freezer = text(_("Freezer"), placeholder="CRF-1")
    chosen = forms.MultipleChoiceField(
        label=_("Containers"), required=False, widget=forms.CheckboxSelectMultiple
    )
    curve = file_field(_("The freezer's curve"), LINES)
    at_field: ClassVar[dict[str, str]] = {"logger": "curve"}

    def __init__(self, *args: Any, containers: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["chosen"].choices = [(one, one) for one in containers]  # type: ignore[attr-defined]


class WasteForm(MatterForm):
    whole = ("filled", "destroyed")
    filled = number(_("Bags of GMO waste filled"))
    destroyed = number(_("Of them destroyed"))
    route = text(_("How"), placeholder=_("Autoclave A-2, 134 °C, 18 min"))
    document = text(_("Certificate"), placeholder="AC-2026-077")
    reason = text(_("Why some are not destroyed"))


class StoreForm(MatterForm):
    tank = forms.ChoiceField(label=_("Tank"), required=False)
    rack = text(_("Rack"), autocapitalize="characters")
    box = text(_("Box"), autocapitalize="characters")
    place = text(_("Position"), autocapitalize="characters")
    at_field: ClassVar[dict[str, str]] = {"position": "place"}

    def __init__(self, *args: Any, tanks: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tank"].choices = [("", _("Choose")), *((one, one) for one in tanks)]  # type: ignore[attr-defined]


class DispositionForm(MatterForm):
    decision = choice(_("Decision"), DECISIONS)
    reason = text(_("Why, where it is not released"))


class IssueForm(MatterForm):
    times = ("expires_at",)
    ward = text(_("Ward"))
    expires_at = time_field(_("To be used until"), _("Local time; it is kept with its zone"))
    document = text(_("Issue sheet"), placeholder="IS-2026-031")
    logger = file_field(_("The shipper logger's file, where one goes along"), LINES)


class AcceptForm(MatterForm):
    document = text(_("The ward's sheet"), placeholder="WS-2026-112")
    logger = file_field(_("The shipper logger's file, read out on arrival"), LINES)


class EndForm(MatterForm):
    how = choice(_("What became of it"), ENDS)
    reason = text(_("Why, where it was not infused in time"))


class DestroyForm(MatterForm):
    route = text(_("How it is destroyed"), placeholder=_("Autoclave, GMO waste"))
    reason = text(_("Why?"))


class ExcursionForm(MatterForm):
    excursion = text(_("Number"), placeholder="EXC-2026-002", autocapitalize="characters")
    limit = number(_("Warmest that is allowed (°C)"))
    logger = file_field(_("The tank logger's file"), LINES)
    reason = text(_("What happened"))


class SampleForm(MatterForm):
    batch = text(_("Batch"), autocapitalize="characters")
    purpose = text(_("What for"), placeholder=_("Mycoplasma"))
    volume = number(_("Volume (mL)"))
