"""Which fields each part of a master batch record has on its form, and how they are read."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from batches.limits import NUMERIC, ParameterKind, read_number
from batches.recipe_blockers import OVERRIDABLE
from batches.recipe_check import PERFORMERS, VERIFIERS
from batches.recipe_check_parameter import CHECKS, NEEDS, TYPED
from batches.recipe_content import ExceptionClass, StepKind
from batches.recipe_edit import Document
from ledger.forms import in_words

Choices = Callable[[Document], Iterable[tuple[str, Any]]]
TEXT, LINES, LONG, FLAG, WHOLE, NUMBER, CHOICE, MANY, BLOCKS, RANGE = (
    "text", "lines", "long", "flag", "whole", "number", "choice", "many", "blocks", "range",
)  # fmt: skip
NO_NUMBER = _("Write a number, as 37.5.")


@dataclass(frozen=True)
class Spec:
    """One field: what it is called in the record, what people read, how it is read."""

    name: str
    label: Any
    kind: str = TEXT
    help: Any = ""
    choices: Choices | None = None
    default: Any = None  # what the record means where it says nothing


def words_of(values: Iterable[str], *, none: Any = None) -> Choices:
    """Fixed words to choose from; `none` is what an empty choice reads as."""
    made = [] if none is None else [("", none)]
    made += [(value, in_words(value)) for value in values]
    return lambda document: made


def lines_of(name: str) -> Choices:
    """The lines of one of the record's lists, by key."""
    return lambda document: [
        ("", "–"),  # noqa: RUF001 - a dash, not a hyphen
        *((line["key"], f"{line['key']} · {line['title']}") for line in document.get(name, ())),
    ]


def steps_of(document: Document) -> Iterable[tuple[str, Any]]:
    from batches.recipe_edit import nodes

    return [("", "–")] + [  # noqa: RUF001
        (node["key"], f"{node['number']}. {node['title']}")
        for level, _path, node in nodes(document)
        if level == "steps" and node.get("key")
    ]


def shown_of(document: Document) -> Iterable[tuple[str, Any]]:
    """The pictures of the record that a step may show."""
    return [(line["blob"], line["title"]) for line in document.get("pictures", ())]


def overridable(document: Document) -> Iterable[tuple[str, Any]]:
    """What blocks a step and may be overridden, in the reader's language."""
    return [(code, gettext(words)) for code, words in OVERRIDABLE.items()]


NOBODY = _("nobody")
PATHWAYS = ("clinical_trial", "hospital_exemption", "authorised")
CLASSES = ("gene_therapy", "somatic_cell", "tissue_engineered", "combined")
HEADER = (
    Spec("title", _("Title")),
    Spec("product", _("Product")),
    Spec("indication", _("Indication")),
    Spec("atmp_class", _("Class"), CHOICE, choices=words_of(CLASSES, none="–")),  # noqa: RUF001
    Spec("autologous", _("Autologous"), FLAG, default=True),
    Spec("pathway", _("Pathway"), CHOICE, choices=words_of(PATHWAYS, none="–")),  # noqa: RUF001
    Spec("specification", _("Specification file and version")),
    Spec("risk_file", _("Risk file")),
    Spec("shelf_life_hours", _("Shelf life (h)"), WHOLE),
    Spec("storage", _("Storage")),
    Spec("sources", _("Sources"), LINES, _("One a line.")),
)
PARTS: dict[str, tuple[Spec, ...]] = {
    "unit_procedures": (Spec("title", _("Title")),),
    "operations": (
        Spec("title", _("Title")),
        Spec("room", _("Room"), CHOICE, choices=lines_of("rooms")),
    ),
    "phases": (
        Spec("title", _("Title")),
        Spec("after", _("Begins after the phases"), LINES,
             _("Their keys, one a line. Empty: after the one before it.")),
        Spec("repeats", _("May be repeated (times)"), WHOLE),
        Spec("rework", _("A repeat is a rework: quality agrees first"), FLAG, default=False),
    ),
    "steps": (
        Spec("title", _("Title")),
        Spec("kind", _("Kind"), CHOICE, choices=words_of(one.value for one in StepKind),
             default=StepKind.NUMBER.value),
        Spec("instruction", _("Instruction"), LONG),
        Spec("pictures", _("Pictures beside it"), MANY, choices=shown_of),
        Spec("performs", _("Performed by"), CHOICE, choices=words_of(PERFORMERS)),
        Spec("verifies", _("Verified by"), CHOICE, choices=words_of(VERIFIERS, none=NOBODY)),
        Spec("witness", _("Witnessed by"), CHOICE, choices=words_of(
            dict.fromkeys((*PERFORMERS, *VERIFIERS)), none=NOBODY)),
        Spec("critical", _("Critical"), FLAG, default=False),
        Spec("patient_material", _("Patient material: begins with a matching scan"), FLAG,
             default=False),
        Spec("open_handling", _("Open handling: one patient a workstation"), FLAG, default=False),
        Spec("scribe", _("A colleague may record it for the performer"), FLAG, default=True),
        Spec("may_skip", _("May be declared not applicable"), FLAG, default=False),
        Spec("blocks", _("Absolute at this step: nobody overrides it"), BLOCKS,
             choices=overridable),
        Spec("exception_class", _("A departure is"), CHOICE,
             choices=words_of(one.value for one in ExceptionClass),
             default=ExceptionClass.MAJOR.value),
        Spec("repeats", _("May be done again (times)"), WHOLE),
        Spec("only_if", _("Only if"), TEXT,
             _("A condition over earlier values, as thaw.viability < 80. Else it is skipped.")),
        Spec("links", _("Process parameters and quality attributes"), LINES, _("One a line.")),
        Spec("key", _("Key"), TEXT, _("Formulas and hold times name the step by it.")),
    ),
}  # fmt: skip
LISTS: dict[str, tuple[Spec, ...]] = {
    "materials": (
        Spec("key", _("Key")), Spec("item", _("Item")), Spec("title", _("Title")),
        Spec("quantity", _("Quantity"), NUMBER), Spec("unit", _("Unit")),
        Spec("critical", _("Critical"), FLAG, default=False),
    ),
    "equipment": (
        Spec("key", _("Key")), Spec("unit_class", _("Class of unit")), Spec("title", _("Title")),
    ),
    "rooms": (
        Spec("key", _("Key")), Spec("title", _("Title")),
        Spec("grade", _("Grade"), CHOICE, choices=words_of(("A", "B", "C", "D", "CNC"))),
        Spec("open_handling", _("Open handling"), FLAG, default=False),
    ),
    "staffing": (
        Spec("role", _("Role"), CHOICE, choices=words_of(
            ("operator", "verifier", "supervisor", "qc_analyst"))),
        Spec("people", _("People"), WHOLE),
    ),
    "hold_times": (
        Spec("key", _("Key")), Spec("title", _("Title")),
        Spec("from_step", _("From the end of"), CHOICE, choices=steps_of),
        Spec("to_step", _("To the end of"), CHOICE, choices=steps_of),
        Spec("limit", _("Limit (min)"), NUMBER), Spec("warn", _("Warn at (min)"), NUMBER),
        Spec("absolute", _("Absolute"), FLAG, default=False),
    ),
    "labels": (
        Spec("key", _("Key")), Spec("title", _("Title")), Spec("copies", _("Copies"), WHOLE),
        Spec("kind", _("Kind"), CHOICE,
             choices=words_of(("container", "sample", "intermediate")), default="container"),
    ),
    "yields": (
        Spec("step", _("Step"), CHOICE, choices=steps_of), Spec("parameter", _("Parameter key")),
        Spec("low", _("From"), NUMBER), Spec("high", _("To"), NUMBER),
    ),
    "pictures": (Spec("title", _("What it shows, in words")),),
}  # fmt: skip
_LIMITS = (
    Spec("unit", _("Unit")),
    Spec("target", _("Target"), NUMBER),
    Spec("decimals", _("Decimals"), WHOLE),
    Spec("normal", _("Normal operating range"), RANGE),
    Spec("proven", _("Proven acceptable range"), RANGE),
    Spec("acceptance", _("Acceptance criterion"), RANGE),
    Spec("plausible", _("Plausible range"), RANGE),
)
_OF_KIND: dict[str, tuple[Spec, ...]] = {
    "replicate": (
        Spec("replicates", _("Counts"), WHOLE),
        Spec("dilution", _("Dilution factor"), NUMBER),
        Spec("cv_limit", _("Limit of the spread (CV, %)"), NUMBER),
    ),
    "choice": (
        Spec("choices", _("Choices"), LINES, _("One a line.")),
        Spec("accepted", _("Accepted without an exception"), LINES, _("One a line; none: all.")),
    ),
    "calculation": (
        Spec("formula", _("Formula"), LONG,
             _("Earlier values as step.parameter, as count.density * volume.total.")),
        Spec("formula_version", _("Version of the formula"), WHOLE),
    ),
    "timer": (
        Spec("minimum", _("Shortest (min)"), NUMBER), Spec("maximum", _("Longest (min)"), NUMBER),
    ),
    "material": (Spec("quantity", _("Quantity"), NUMBER), Spec("unit", _("Unit"))),
}  # fmt: skip
COMMON = (
    Spec("label", _("What is asked")),
    Spec("key", _("Key")),
    Spec(
        "kind",
        _("Kind"),
        CHOICE,
        choices=words_of(one.value for one in ParameterKind),
        default=ParameterKind.NUMBER.value,
    ),
)
_CHECK = Spec("check", _("Checked by"), CHOICE, choices=words_of(CHECKS[1:], none=NOBODY))


def of_parameter(kind: str, *, checked: bool = False) -> tuple[Spec, ...]:
    """The fields of a parameter of this kind. `checked`: it says how it is checked, so that this
    can be taken back where its kind knows no check."""
    made = [*COMMON]
    if kind in NEEDS:
        name = NEEDS[kind]
        made.append(Spec("needs", _("Which"), CHOICE, choices=lines_of(name)))
    if kind in NUMERIC:
        made += _LIMITS
    made += _OF_KIND.get(kind, ())
    return (*made, _CHECK) if checked or kind in TYPED else tuple(made)


def fields_of(spec: Spec, document: Document, value: Any) -> dict[str, forms.Field]:
    """The form's fields for one field of the record; a range has two."""
    if spec.kind == RANGE:
        ends = value or {}
        return {
            f"{spec.name}_{end}": _number(f"{spec.label}: {words}", ends.get(end))
            for end, words in (("low", _("from")), ("high", _("to")))
        }
    return {spec.name: _field(spec, document, value)}


def _field(spec: Spec, document: Document, value: Any) -> forms.Field:
    asked: dict[str, Any] = {"label": spec.label, "required": False, "help_text": spec.help}
    if spec.kind == FLAG:
        return forms.BooleanField(**asked, initial=spec.default if value is None else value)
    if spec.kind == CHOICE:
        choices = list(spec.choices(document)) if spec.choices else []
        if value and value not in [key for key, _words in choices]:
            choices.append((value, value))  # what an import brought stays as it is
        return forms.ChoiceField(**asked, choices=choices, initial=value or spec.default or "")
    if spec.kind in (MANY, BLOCKS):
        chosen = list(value or ())
        if spec.kind == BLOCKS:
            chosen = [one["code"] for one in chosen if one["absolute"]]
        known = list(spec.choices(document)) if spec.choices else []
        if spec.kind == BLOCKS:  # what an import brought stays as it is
            known += [(code, code) for code in chosen if code not in dict(known)]
        return forms.MultipleChoiceField(
            **asked, choices=known, initial=chosen, widget=forms.CheckboxSelectMultiple
        )
    if spec.kind in (LINES, LONG):
        shown = "\n".join(value or ()) if spec.kind == LINES else value
        rows = 4 if spec.kind == LONG else 3
        return forms.CharField(**asked, initial=shown, widget=forms.Textarea(attrs={"rows": rows}))
    if spec.kind == WHOLE:
        return forms.IntegerField(
            **asked, initial=value, min_value=0, max_value=100_000,
            widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        )  # fmt: skip
    if spec.kind == NUMBER:
        return _number(spec.label, value, spec.help)
    return forms.CharField(**asked, initial=value or "", max_length=300)


class _Number(forms.CharField):
    """A decimal as it was written; a comma is read as a point."""

    def clean(self, value: Any) -> str:
        typed = str(super().clean(value)).strip()
        found = read_number(typed)
        if typed and found is None:
            raise forms.ValidationError(NO_NUMBER)
        return "" if found is None else str(found)


def _number(label: Any, value: Any, help_text: Any = "") -> forms.Field:
    return _Number(
        label=label, required=False, initial=value or "", help_text=help_text, max_length=40,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )  # fmt: skip


def value_of(spec: Spec, cleaned: dict[str, Any], prefix: str = "") -> Any:
    """What was typed, as the record keeps it; None: not given."""
    if spec.kind == RANGE:
        ends = {end: cleaned.get(f"{prefix}{spec.name}_{end}") for end in ("low", "high")}
        return {end: value for end, value in ends.items() if value} or None
    value = cleaned.get(prefix + spec.name)
    if spec.kind == FLAG:
        return bool(value)
    if spec.kind == LINES:
        return [one.strip() for one in (value or "").splitlines() if one.strip()] or None
    if spec.kind == MANY:
        return list(value or ()) or None
    if spec.kind == BLOCKS:
        return [{"code": code, "absolute": True} for code in value or ()] or None
    if spec.kind == WHOLE:
        return value
    return value.strip() or None if isinstance(value, str) else value
