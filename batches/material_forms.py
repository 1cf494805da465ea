"""Forms of materials. They check shape alone: the command decides, and keeps its no."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from batches.forms import AskForm
from batches.material_item import KINDS, STORAGE, UNITS
from ledger import asking
from ledger.event import Refused
from personnel.session import actor_of

KIND_WORDS = {
    "starting": _("Starting material"),
    "raw": _("Raw material"),
    "ancillary": _("Ancillary material"),
    "reagent": _("Reagent"),
    "consumable": _("Consumable"),
    "packaging": _("Packaging"),
    "label": _("Label stock"),
}
STORAGE_WORDS = {
    "room": _("Room temperature (15 to 25 °C)"),
    "cool": _("Cool (2 to 8 °C)"),
    "frozen": _("Frozen (-30 to -15 °C)"),
    "deep_frozen": _("Deep frozen (-90 to -60 °C)"),
    "vapour_phase": _("Vapour phase (below -150 °C)"),
}
# Which field a refusal is about, where its code is not the field's own name.
_FIELDS = {
    "lot_number": "lot",
    "item_number": "item",
    "supplier_number": "supplier",
    "supplier_not_approved": "supplier",
    "supplier_suspended": "supplier",
    "source": "supplier",
    "not_enough": "quantity",
    "reserved": "quantity",
    "reason_missing": "reason",
    "reason_too_long": "reason",
    "open_life": "open_life_hours",
    "retest": "retest_months",
    "no_batch": "batch",
    "no_lot": "scan",
}
_SCAN = {"autocapitalize": "off", "spellcheck": "false"}


def _line(label: Any, *, help_text: Any = "", initial: str = "", **attrs: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        help_text=help_text,
        initial=initial,
        widget=forms.TextInput(attrs={"autocomplete": "off", **attrs}),
    )


def _day(label: Any, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        help_text=help_text,
        widget=forms.DateInput(attrs={"type": "date"}),
    )


def _choice(label: Any, choices: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, required=False, choices=[("", _("Choose")), *choices])


def _whole(label: Any, *, initial: int, help_text: Any = "") -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        initial=initial,
        required=False,
        help_text=help_text,
        min_value=0,
        max_value=10**6,
        error_messages={"invalid": _("Write a whole number."), "min_value": _("Not below 0.")},
    )


class MaterialForm(AskForm):
    """What every form of materials does: a refusal stands beside the field that it is about."""

    about = ""  # the field that every other refusal is about

    def ask(self, request: HttpRequest, ask: Callable[..., Any], **asked: object) -> bool:
        asked.setdefault("command_id", self.cleaned_data.get("command_id"))
        try:
            ask(**asked, actor=actor_of(request))
        except Refused as refused:
            name = _FIELDS.get(refused.code, refused.code)
            field = name if name in self.fields else self.about or None
            self.add_error(field, asking.told(refused))
            if refused.code != "away":  # then the same sending must be known again
                self.renew()
            return False
        return True

    def asked(self) -> dict[str, Any]:
        """What was typed, as the command takes it."""
        hidden = ("command_id", "code", "scan")
        given = {name: self.cleaned_data[name] for name in self.fields if name not in hidden}
        return {
            name: value.strip() if isinstance(value, str) else (0 if value is None else value)
            for name, value in given.items()
        }


class ReceiptForm(MaterialForm):
    """A delivery. What its code says is filled in by scanning; the rest is typed."""

    code = _line(
        _("Scan the supplier's code"),
        help_text=_("GS1 DataMatrix or bar code: fills in what it says. No code: fill in below."),
        **_SCAN,
    )
    item = _choice(_("Item"), ())
    supplier = _choice(_("Supplier"), ())
    supplier_lot = _line(_("Supplier's lot number"), autocapitalize="characters")
    expires_on = _day(_("Expires on"), _("The day on the label; for a month alone, its last day."))
    quantity = _line(_("Quantity"), inputmode="decimal")
    unit = _choice(_("Unit"), [(unit, unit) for unit in UNITS])
    containers = _whole(_("Containers"), initial=1)
    storage = _choice(_("Stored"), [(name, STORAGE_WORDS[name]) for name in STORAGE])
    location = _line(_("Place"), placeholder="Cold room K-002, shelf 3")
    condition = _line(_("Condition on arrival"), placeholder="Dry ice present, seal intact")
    subject = _line(_("Patient's pseudonym (patient's own material only)"))
    lot = _line(_("Our lot number"), autocapitalize="characters")
    gtin = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, items: Any, suppliers: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["item"].choices = [("", _("Choose")), *items]  # type: ignore[attr-defined]
        self.fields["supplier"].choices = [("", _("Choose")), *suppliers]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """All that a delivery has to say, at once: nobody is sent back for one after the other."""
        missing = {
            "item": _("Choose what was delivered."),
            "supplier": _("Choose who delivered it."),
            "supplier_lot": _("Write the lot number that the supplier gave it."),
            "quantity": _("Write how much was delivered."),
            "location": _("Write where it is put."),
        }
        for name, sentence in missing.items():
            if name not in self.errors and not self.cleaned_data.get(name):
                self.add_error(name, sentence)
        return self.cleaned_data


class ItemForm(MaterialForm):
    item = _line(_("Item number"), autocapitalize="characters", placeholder="MED-130")
    title = _line(_("Name"))
    kind = _choice(_("Kind"), [(name, KIND_WORDS[name]) for name in KINDS])
    unit = _choice(_("Counted in"), [(unit, unit) for unit in UNITS])
    storage = _choice(_("Stored"), [(name, STORAGE_WORDS[name]) for name in STORAGE])
    minimum = _line(_("Minimum stock"), initial="0", inputmode="decimal")
    open_life_hours = _whole(
        _("Open life in hours"), initial=0, help_text=_("0: once opened, good to its expiry.")
    )
    retest_months = _whole(_("Retest after months"), initial=0, help_text=_("0: never."))
    critical = forms.BooleanField(label=_("Critical for the product"), required=False)
    strict = forms.BooleanField(
        label=_("Nobody may use it expired or overdue, not even with an override"), required=False
    )
    may_split = forms.BooleanField(label=_("May be split into containers"), required=False)
    of_patient = forms.BooleanField(label=_("Each lot belongs to one patient"), required=False)


class SupplierForm(MaterialForm):
    supplier = _line(_("Supplier's number"), autocapitalize="characters", placeholder="SUP-014")
    title = _line(_("Name of the firm"))


class ApprovalForm(MaterialForm):
    valid_until = _day(_("Approved until"))


class SourceForm(MaterialForm):
    supplier = _choice(_("Supplier"), ())
    catalogue = _line(_("Catalogue number"))
    gtin = _line(_("GTIN (14 digits)"), inputmode="numeric", help_text=_("Empty: it bears none."))

    def __init__(self, *args: Any, suppliers: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["supplier"].choices = [("", _("Choose")), *suppliers]  # type: ignore[attr-defined]


class ReasonForm(MaterialForm):
    reason = _line(_("Why?"))


class WithdrawForm(ReasonForm):
    supplier = forms.CharField(widget=forms.HiddenInput, required=False)


class MinimumForm(ReasonForm):
    minimum = _line(_("New minimum stock"), inputmode="decimal")
    field_order = ("minimum", "reason")


class ReleaseForm(MaterialForm):
    certificate = _line(_("Certificate of analysis"), placeholder="CoA TX4471")


class RetestForm(MaterialForm):
    retest_on = _day(_("Next retest due on"))


class MoveForm(MaterialForm):
    location = _line(_("New place"))


class PlainForm(MaterialForm):
    """Nothing to fill in: the button says it all."""


class QuantityForm(MaterialForm):
    quantity = _line(_("Quantity"), inputmode="decimal")
    unit = _choice(_("Unit"), [(unit, unit) for unit in UNITS])


class SampleForm(QuantityForm):
    sample = _line(_("Sample number"), autocapitalize="characters", placeholder="QC-2026-118")
    field_order = ("sample", "quantity", "unit")


class SplitForm(QuantityForm):
    parts = _whole(_("How many containers"), initial=1)
    field_order = ("parts", "quantity", "unit")


class ReserveForm(QuantityForm):
    holder = _line(_("For which batch or slot"), autocapitalize="characters")
    field_order = ("holder", "quantity", "unit")


class DispenseForm(QuantityForm):
    batch = _line(_("For which batch"), autocapitalize="characters")
    field_order = ("batch", "quantity", "unit")


class RemovalForm(QuantityForm):
    reason = _line(_("Why?"))


class FreeForm(ReasonForm):
    holder = _choice(_("Whose reservation"), ())
    field_order = ("holder", "reason")

    def __init__(self, *args: Any, holders: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["holder"].choices = [("", _("Choose")), *holders]  # type: ignore[attr-defined]


class ScanForm(MaterialForm):
    about = "scan"
    scan = _line(_("Scan the lot's label"), **_SCAN)
