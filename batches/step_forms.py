"""The form of one step: a field for whatever each parameter asks. It checks shape alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from batches import order_code
from batches.entering import SCANNED_FIRST
from batches.forms import AskForm
from batches.limits import Parameter, ParameterKind, Standing, judge, read_moment, read_number
from batches.material_box_forms import LotField
from batches.performing import read_once
from batches.recipe_content import Content
from batches.record_queries import ParameterTold, StepTold
from batches.step_help import MEASURED, line_of

SCANNED = frozenset({"material", "weigh", "equipment", "room", "identity", "label"})
UNASKED = frozenset({"calculation", "timer"})  # worked out, or started and stopped
TEXT = 1000


class Counts(forms.Widget):
    """Several counts of one sample, a box for each."""

    def __init__(self, boxes: int) -> None:
        super().__init__({"inputmode": "decimal", "autocomplete": "off", "class": "reading"})
        self.boxes = max(boxes, 1)

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        typed = list(value) if isinstance(value, list) else as_one(value).split(";")
        typed += [""] * (self.boxes - len(typed))
        shared = {**self.attrs, **(attrs or {})}
        shared.pop("id", None)
        label = gettext("Count")
        boxes = format_html_join(
            "",
            '<input type="text" name="{}.{}" value="{}" aria-label="{} {}"{}>',
            (
                (name, place, typed[place].strip(), label, place + 1, flatatt(shared))
                for place in range(self.boxes)
            ),
        )
        return format_html('<span class="counts">{}</span>', boxes)

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        if name in data:
            return str(data.get(name) or "")
        return [(data.get(f"{name}.{place}") or "").strip() for place in range(self.boxes)]

    def id_for_label(self, id_: str | None) -> str:
        return ""


class CountsField(forms.CharField):
    """Counts that are read as one text, and go back into the boxes they were typed in."""

    def to_python(self, value: Any) -> str:
        return str(super().to_python(as_one(value)))


def as_one(value: Any) -> str:
    """What was typed into the boxes of a field, as the one text that is kept."""
    if isinstance(value, list):
        return "; ".join(value) if any(value) else ""
    return str(value or "")


class PatientLabel(forms.TextInput):
    """A scan of the patient's label: what was scanned is shown to nobody again."""

    def format_value(self, value: Any) -> str | None:
        shown = super().format_value(value)
        return "" if shown and order_code.without_code(shown) != shown else shown


class StepForm(AskForm):
    """The values of one step, as many fields as the recipe asks for, and why one is read again."""

    reason = forms.CharField(
        label=_("Why is a value entered again?"), required=False, max_length=500
    )
    performed_at = forms.CharField(
        label=_("When was it done?"),
        required=False,
        max_length=40,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
    )

    def __init__(self, step: StepTold, content: Content, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.step, self.content = step, content
        for told in step.parameters:
            if told.parameter.kind not in UNASKED:
                # What is to be read a second time is not written there for whoever reads it.
                value = "" if needs_second(step, told) else stands(step, told)
                self.fields[_name(told)] = _field(told, value, content)

    def rows(self) -> list[tuple[ParameterTold, forms.BoundField | None]]:
        """Each parameter with its field; what is worked out or timed has none."""
        return [
            (told, self[_name(told)] if _name(told) in self.fields else None)
            for told in self.step.parameters
        ]

    def changed(self) -> dict[str, str]:
        """What was typed that is not on record already, or is to be read a second time."""
        typed = {}
        for told in self.step.parameters:
            text = (self.cleaned_data.get(_name(told)) or "").strip()
            if told.parameter.kind == ParameterKind.DATETIME:
                text = moment(text)
            if text and (needs_second(self.step, told) or not _same(self.step, told, text)):
                typed[told.parameter.key] = text
        return typed

    def late(self) -> str:
        """When it was done, with the zone of this house, where it is entered later."""
        return moment(self.cleaned_data.get("performed_at") or "")

    def departs(self, typed: dict[str, str]) -> bool:
        """Whether a value is missing, read again, illegible or beyond its range: more is asked."""
        return any(
            _departs(self.step, told, typed.get(told.parameter.key))
            for told in self.step.parameters
        )

    def scans(self, typed: dict[str, str]) -> bool:
        """Whether something was scanned that is put on record before one signs."""
        kinds = {told.parameter.key: told.parameter.kind for told in self.step.parameters}
        return any(kinds[key] in SCANNED_FIRST for key in typed)


def stands(step: StepTold, told: ParameterTold) -> str:
    """What stands on record for a parameter, in its canonical form."""
    reading = step.record.readings.get(told.parameter.key)
    return str(reading.value) if reading is not None else ""


def needs_second(step: StepTold, told: ParameterTold) -> bool:
    """Whether the value that stands waits to be read a second time."""
    return told.parameter.numeric and read_once(step.record, told.parameter)


def to_calculate(step: StepTold) -> bool:
    """Whether something of the step is still to be worked out."""
    return any(
        told.parameter.kind == ParameterKind.CALCULATION and told.current is None
        for told in step.parameters
    )


def likely(parameter: Parameter, value: Decimal) -> str:
    """What was probably meant by a value that cannot be: the same digits, the point elsewhere."""
    for power in (1, -1, 2, -2, 3, -3):
        meant = value.scaleb(-power)
        if parameter.plausible.holds(meant):
            return format(meant.normalize(), "f")
    return ""


def moment(text: str) -> str:
    """A local date and time as a browser writes it, with this house's zone; else as typed."""
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        return text.strip()
    return (timezone.make_aware(at) if at.tzinfo is None else at).isoformat()


def _name(told: ParameterTold) -> str:
    return f"value_{told.parameter.key}"


def _field(told: ParameterTold, value: str, content: Content) -> forms.Field:
    parameter = told.parameter
    label = f"{parameter.label} ({parameter.unit})" if parameter.unit else parameter.label
    field: forms.Field = forms.CharField(label=label, required=False, max_length=80, initial=value)
    kind = parameter.kind
    if kind == ParameterKind.CONFIRM:
        field.label = parameter.label
        field.widget = forms.CheckboxInput(attrs={"value": "yes"}, check_test=bool)
        field.initial = value == "yes"
        field.clean = _ticked  # type: ignore[method-assign]
    elif kind == ParameterKind.CHOICE:
        chosen = [(one, one) for one in parameter.choices]
        field = forms.CharField(label=label, required=False, initial=value)
        field.widget = forms.RadioSelect(choices=chosen)
    elif kind == ParameterKind.TEXT:
        field = forms.CharField(label=label, required=False, initial=value)
        field.widget = forms.Textarea(attrs={"rows": 2})
    elif kind == ParameterKind.DATETIME:
        field.initial = _local(value)
        field.widget = forms.DateTimeInput(attrs={"type": "datetime-local"})
    elif kind == ParameterKind.REPLICATE:
        field = CountsField(label=label, required=False, max_length=400)
        field.widget = Counts(parameter.replicates)
    elif kind == ParameterKind.ATTACHMENT:
        field = forms.CharField(label=parameter.label, required=False)
        field.widget = forms.HiddenInput()
    elif kind in SCANNED and not (kind == ParameterKind.WEIGH and not parameter.needs):
        field = _scan(parameter, content)
    elif kind == ParameterKind.SAMPLE:
        field = forms.CharField(label=_("Volume taken (mL)"), required=False, max_length=20)
        field.widget = _reading()
    else:
        field.widget = _reading()
    return field


def _scan(parameter: Parameter, content: Content) -> forms.Field:
    attrs = {"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}
    if parameter.kind in MEASURED and not parameter.quantity:
        unit = parameter.unit or getattr(line_of(content, parameter), "unit", "")
        return LotField(label=parameter.label, attrs=attrs, unit=unit)
    field = forms.CharField(label=parameter.label, required=False, max_length=400)
    field.widget = forms.TextInput(attrs)
    if parameter.kind == ParameterKind.IDENTITY:
        field.widget = PatientLabel({**attrs, "data-never-kept": ""})
    return field


def _reading() -> forms.TextInput:
    return forms.TextInput({"inputmode": "decimal", "autocomplete": "off", "class": "reading"})


def _ticked(value: Any) -> str:
    return "yes" if value else ""


def _local(value: str) -> str:
    if not value:
        return ""
    return timezone.localtime(datetime.fromisoformat(value)).strftime("%Y-%m-%dT%H:%M")


def _same(step: StepTold, told: ParameterTold, text: str) -> bool:
    """Whether this is what stands on record: then nothing was typed."""
    standing = stands(step, told)
    if told.parameter.kind == ParameterKind.DATETIME and standing:
        return read_moment(text) is not None and _local(text) == _local(standing)
    return text == standing or text.replace(",", ".") == standing


def _departs(step: StepTold, told: ParameterTold, text: str | None) -> bool:
    parameter = told.parameter
    if parameter.kind == ParameterKind.CALCULATION:
        return told.waits
    if text is None:
        missing = told.current is None and parameter.required
        return missing or told.waits or needs_second(step, told)
    if parameter.read_twice and not needs_second(step, told):
        return True
    if parameter.kind not in ("number", "instrument"):
        return bool(told.values)
    value = read_number(text)
    if value is None or not parameter.plausible.holds(value):
        return True
    again = bool(told.values) and not needs_second(step, told)
    return again or judge(parameter, value) is not Standing.WITHIN
