"""Forms of orders, collections and custody. They check shape alone: the command decides."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from batches.collection import DECISIONS, SEROLOGY
from batches.forms import AskForm
from batches.order import ENDS, PATHWAYS
from ledger import asking
from ledger.event import Refused
from personnel.session import actor_of

LARGEST = 1_000_000  # bytes of a logger's file


def text(label: Any, help_text: Any = "", **attrs: Any) -> forms.CharField:
    return forms.CharField(
        label=label, required=False, help_text=help_text, widget=forms.TextInput(attrs=attrs)
    )


def number(label: Any, help_text: Any = "") -> forms.CharField:
    return text(label, help_text, inputmode="decimal", autocomplete="off")


def date_field(label: Any) -> forms.CharField:
    return forms.CharField(
        label=label, required=False, widget=forms.TextInput(attrs={"type": "date"})
    )


def time_field(label: Any, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        help_text=help_text,
        widget=forms.TextInput(attrs={"type": "datetime-local"}),
    )


def choice(label: Any, choices: dict[str, str]) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        required=False,
        choices=[("", _("Choose")), *((code, _(words)) for code, words in choices.items())],
    )


def tick(label: Any) -> forms.BooleanField:
    return forms.BooleanField(label=label, required=False)


def file_field(label: Any, help_text: Any = "") -> forms.FileField:
    return forms.FileField(label=label, required=False, help_text=help_text)


class MatterForm(AskForm):
    """A form whose refusal stands at the field that it names."""

    times: tuple[str, ...] = ()
    whole: tuple[str, ...] = ()
    at_field: ClassVar[dict[str, str]] = {}

    def sent(self) -> dict[str, Any]:
        """What is sent to the command: times with their zone, files as their text."""
        found: dict[str, Any] = {}
        for name in self.fields:
            value = self.cleaned_data.get(name)
            if name in ("command_id", "seen"):
                continue
            if isinstance(self.fields[name], forms.FileField):
                value = _text_of(value)
            elif name in self.times:
                value = with_zone(value or "")
            elif name in self.whole:
                digits = str(value or "").strip()
                value = int(digits) if digits.isdecimal() and len(digits) < 7 else -1
            found[name] = value.strip() if isinstance(value, str) else value
        return found

    def ask(self, request: HttpRequest, ask: Callable[..., Any], **asked: object) -> bool:
        asked.setdefault("command_id", self.cleaned_data.get("command_id"))
        try:
            ask(**asked, actor=actor_of(request))
        except Refused as refused:
            name = self.at_field.get(refused.code, refused.code)
            name = "reason" if name in ("reason_missing", "reason_too_long") else name
            self.add_error(name if name in self.fields else None, asking.told(refused))
            if refused.code != "away":
                self.renew()
            return False
        return True

    def shown(self) -> list[forms.BoundField]:
        return [field for field in self.visible_fields() if field.name != "command_id"]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for name, field in self.fields.items():
            value = cleaned.get(name)
            if isinstance(field, forms.FileField) and value and value.size > LARGEST:
                self.add_error(name, _now("The file is larger than a logger's. Choose another."))
        return cleaned


def with_zone(typed: str) -> str:
    """A time as typed at the site, with the site's offset; what is no time goes on as it is."""
    try:
        found = datetime.fromisoformat(typed)
    except ValueError:
        return typed
    return (found if found.tzinfo else timezone.make_aware(found)).isoformat()


def _text_of(value: Any) -> str:
    if not value:
        return ""
    value.seek(0)
    return str(value.read().decode("utf-8", "replace")).replace("\0", "")


class OrderForm(MatterForm):
    order = text(_("Order number"), placeholder="ORD-2026-004", autocapitalize="characters")
    subject = text(_("Patient's pseudonym"), placeholder="s-7Q2M9X4K")
    product = text(_("Product"), _("In the words of its master batch record"), list="offered")
    autologous = forms.ChoiceField(
        label=_("Whose cells"),
        choices=[("yes", _("The patient's own: autologous")), ("no", _("A donor's"))],
        required=False,
    )
    pathway = choice(_("Pathway"), PATHWAYS)
    trial = text(_("Trial number"), _("Of a clinical trial alone"))
    trial_subject = text(_("Subject number in the trial"), _("Of a clinical trial alone"))
    sponsor = text(_("Sponsor"))
    specification = text(_("Specification file and version"), placeholder="PSF-019/3")
    requested_on = date_field(_("Requested for"))

    def sent(self) -> dict[str, Any]:
        return super().sent() | {"autologous": self.cleaned_data.get("autologous") != "no"}


class EndForm(MatterForm):
    how = choice(_("What happened"), ENDS)
    ended_on = date_field(_("On"))
    reason = text(_("Who told it, and how"))


class ReasonForm(MatterForm):
    reason = text(_("Why?"))


class BindForm(MatterForm):
    batch = forms.ChoiceField(label=_("Batch"), required=False)
    chosen = forms.MultipleChoiceField(
        label=_("Made of"), required=False, widget=forms.CheckboxSelectMultiple
    )
    at_field: ClassVar[dict[str, str]] = {
        "collections": "chosen",
        "not_eligible": "chosen",
        "purpose": "batch",
    }

    def __init__(
        self, *args: Any, batches: list[tuple[str, str]], collections: list[str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["batch"].choices = [("", _("Choose")), *batches]  # type: ignore[attr-defined]
        self.fields["chosen"].choices = [(one, one) for one in collections]  # type: ignore[attr-defined]


class CollectionForm(MatterForm):
    times = ("collected_at",)
    whole = ("bags",)
    donor = text(_("Donor's pseudonym"), _("Only where it is not the patient"))
    site = text(_("Collected at"), placeholder=_("Apheresis unit, ward 4"))
    site_approval = text(_("The site's approval"), placeholder="ES-TE-0441")
    approved_until = date_field(_("Approved until"))
    collected_at = time_field(_("Collected on"), _("Local time"))
    consent = text(_("Consent's reference"), placeholder="CF-2026-118")
    serology = choice(_("Serology"), SEROLOGY)
    serology_on = date_field(_("Serology sample taken on"))
    segregated = tick(_("Stored apart, as a marker is not known to be negative"))
    bags = number(_("Bags"))
    volume_ml = number(_("Volume (mL)"))
    count = number(_("Nucleated cells before freezing (10⁶ per mL)"))
    viability = number(_("Viability before freezing (%)"))


class ReceiptForm(MatterForm):
    place = text(_("Kept at"), placeholder=_("Cryostore K-001"))
    transport = text(_("Waybill"), placeholder="WB-88120")
    seal_intact = tick(_("The seal is intact"))
    segregated = tick(_("Stored apart"))
    logger = file_field(
        _("The logger's file"), _("Lines of time with zone and °C: 2026-03-02T08:00:00+01:00,4.2")
    )
    codes = forms.CharField(
        label=_("Codes on the material"),
        required=False,
        help_text=_("Scan each: ISBT 128, Single European Code. One a line."),
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off"}),
    )


class ConfirmForm(MatterForm):
    """A signature alone."""


class JudgeForm(MatterForm):
    decision = choice(_("Decision"), DECISIONS)
    reason = text(_("Why, and under which conditions"))


class HandOverForm(MatterForm):
    place = text(_("Handed over at"))
    to_place = text(_("Goes to"))
    temperature = number(_("Temperature (°C)"))
    other_party = text(
        _("Other party, if outside"), _("A courier or a site that signs on its own sheet")
    )
    document = text(_("That sheet's number"))


class TakeOverForm(MatterForm):
    place = text(_("Taken over at"))
    temperature = number(_("Temperature (°C)"))
    other_party = text(_("From outside, by"), _("A courier or a site that signed on its own sheet"))
    document = text(_("That sheet's number"))


class RelabelForm(MatterForm):
    kept_at = text(_("Where the old label is kept"), placeholder=_("Batch folder, page 12"))
