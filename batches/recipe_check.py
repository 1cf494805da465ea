"""What is wrong with a master batch record, all of it, each with its place and a sentence. Pure.

Errors stop its submission; warnings do not.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from batches import formula, wording
from batches.limits import ParameterKind, Range
from batches.recipe_blockers import OVERRIDABLE
from batches.recipe_check_parameter import limits, of_its_kind
from batches.recipe_content import Content, ExceptionClass, Step, StepKind, pictures_of
from batches.recipe_finding import ERROR, WARNING, Finding
from ledger.event import marked as _

PERFORMERS = ("operator", "supervisor", "qc_analyst")
VERIFIERS = ("verifier", "supervisor", "qc_analyst")
_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
_MANY = 600  # steps; more than this is a slip of a script
MOST_PICTURES = 30


@dataclass
class _Record:
    """What the rest of the record may refer to."""

    content: Content
    lists: dict[str, set[str]] = field(default_factory=dict)
    step_keys: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        content = self.content
        for name in ("materials", "equipment", "rooms", "labels"):
            self.lists[name] = {line.key for line in getattr(content, name)}
        self.step_keys = [step.key for step in content.steps if step.key]


def findings(content: Content, *, formulas: bool = True) -> list[Finding]:
    """Everything that is wrong or unusual, in the order of the record."""
    record = _Record(content)
    found = [*_header(content), *_lists(content), *_pictures(content), *_procedure(content)]
    names: set[str] = set()
    for at, step in _steps(content):
        found += _step(record, at, step)
        for number, parameter in enumerate(step.parameters):
            here = f"{at}/parameters/{number}"
            told = _Told(here, f"{_place(step)}, {parameter.label or parameter.key}")
            found += told.all(limits(parameter))
            found += told.all(of_its_kind(parameter, record.lists))
            if formulas and parameter.formula:
                found += told.all(_formula(parameter.formula, names))
        if formulas and step.only_if:
            found += _Told(at, _place(step)).all(_formula(step.only_if, names))
        names |= {f"{step.key}.{one.key}" for one in step.parameters}
    return [*found, *_hold_times(record), *_yields(record), *_phases(content)]


def errors(content: Content) -> list[Finding]:
    """What stops its submission."""
    return [one for one in findings(content) if one.severity == ERROR]


@dataclass(frozen=True)
class _Told:
    """Findings of one node: the same place for all of them."""

    at: str
    place: str

    def all(self, found: Iterable[tuple[str, str, dict[str, str]]]) -> Iterator[Finding]:
        for severity, template, params in found:
            yield Finding(self.at, self.place, severity, template, params)

    def one(self, severity: str, template: str, **params: object) -> Finding:
        told = {name: str(value) for name, value in params.items()}
        return Finding(self.at, self.place, severity, template, told)


def _place(step: Step) -> str:
    return f"step {step.number} ({step.title})" if step.title else f"step {step.number}"


def _steps(content: Content) -> Iterator[tuple[str, Step]]:
    for u, part in enumerate(content.unit_procedures):
        for o, operation in enumerate(part.operations):
            for p, phase in enumerate(operation.phases):
                for s, step in enumerate(phase.steps):
                    yield f"unit_procedures/{u}/operations/{o}/phases/{p}/steps/{s}", step


def _header(content: Content) -> Iterator[Finding]:
    told, header = _Told("header", "header"), content.header
    if not header.title.strip() or not header.product.strip():
        yield told.one(ERROR, _("Give the record a title and a product."))
    for name, words in (
        ("specification", _("Name the specification file and its version.")),
        ("risk_file", _("Name the risk file.")),
        ("atmp_class", _("Say which class of advanced therapy it is.")),
        ("pathway", _("Say under which regulatory pathway it is made.")),
    ):
        if not getattr(header, name):
            yield told.one(WARNING, words)
    if header.shelf_life_hours is None:
        yield told.one(WARNING, _("Give the shelf life in hours."))
    elif header.shelf_life_hours < 1:
        yield told.one(ERROR, _("The shelf life is one hour at least."))


def _lists(content: Content) -> Iterator[Finding]:
    for name, words in (
        ("materials", "bill of materials"), ("equipment", "bill of equipment"), ("rooms", "rooms"),
        ("hold_times", "hold times"), ("labels", "labels"),
    ):  # fmt: skip
        told = _Told(name, words)
        lines = getattr(content, name)
        for key, count in Counter(line.key for line in lines).items():
            if count > 1:
                yield told.one(ERROR, _("The key {key} is used twice."), key=key)
            if not _KEY.fullmatch(key):
                yield told.one(ERROR, KEY_RULE, key=key or "?")
    for line in content.materials:
        if line.quantity and not _positive(line.quantity):
            yield _Told("materials", f"bill of materials, {line.title}").one(
                ERROR, _("The quantity is a number above zero.")
            )
    rooms = {line.key for line in content.rooms}
    for u, part in enumerate(content.unit_procedures):
        for o, operation in enumerate(part.operations):
            if operation.room and operation.room not in rooms:
                yield _Told(
                    f"unit_procedures/{u}/operations/{o}", f"operation {operation.title}"
                ).one(ERROR, _("There is no room {key} in this record."), key=operation.room)
    for person in content.staffing:
        if person.people < 1:
            yield _Told("staffing", "staffing").one(ERROR, _("A role takes one person at least."))


def _pictures(content: Content) -> Iterator[Finding]:
    shown = {blob for step in content.steps for blob in step.pictures}
    for number, line in enumerate(content.pictures):
        told = _Told(f"pictures/{number}", f"picture {line.title or number + 1}")
        if not line.title.strip():
            yield told.one(ERROR, _("Say what it shows, for whoever cannot see it."))
        if line.blob not in shown:
            yield told.one(WARNING, _("No step shows it. Choose it in a step, or remove it."))
    if len(content.pictures) > MOST_PICTURES:
        words = _("A record holds {many} pictures at most.")
        yield _Told("pictures", "pictures").one(ERROR, words, many=MOST_PICTURES)


KEY_RULE = _(
    "The key {key}: write a small letter first, then small letters, digits and underlines."
)


def _positive(text: str) -> bool:
    try:
        return Decimal(text) > 0
    except InvalidOperation:
        return False


def _procedure(content: Content) -> Iterator[Finding]:
    told = _Told("", "the record")
    steps = content.steps
    if not steps:
        yield told.one(ERROR, _("Write one step at least."))
    if [step.number for step in steps] != list(range(1, len(steps) + 1)):
        yield told.one(ERROR, _("Number the steps from 1 on, without a gap."))
    if len(steps) > _MANY:
        yield told.one(ERROR, _("A record holds {many} steps at most."), many=_MANY)
    for at, step in _steps(content):
        if step.key and [one.key for one in steps].count(step.key) > 1:
            yield _Told(at, _place(step)).one(
                ERROR, _("The key {key} is used twice."), key=step.key
            )


def _step(record: _Record, at: str, step: Step) -> Iterator[Finding]:
    told = _Told(at, _place(step))
    if not step.title.strip() or not step.instruction.strip():
        yield told.one(ERROR, _("Give the step a title and an instruction."))
    if step.key and not _KEY.fullmatch(step.key):
        yield told.one(ERROR, KEY_RULE, key=step.key)
    if step.kind not in set(StepKind):
        yield told.one(ERROR, _("There is no kind of step called {kind}."), kind=step.kind)
    if step.exception_class not in set(ExceptionClass):
        yield told.one(ERROR, _("Say how grave a departure from this step is."))
    yield from told.all(_people(step))
    for block in step.blocks:
        if block.code not in OVERRIDABLE:
            words = _("There is no blocker {code} whose class a step could set.")
            yield told.one(ERROR, words, code=block.code)
    yield from told.all(_wording(step, record.content))
    if len(pictures_of(step, record.content)) < len(step.pictures):
        yield told.one(ERROR, _("A picture of this step is no longer in the record: choose anew."))
    for key, count in Counter(one.key for one in step.parameters).items():
        if count > 1:
            yield told.one(ERROR, _("The step asks for {key} twice."), key=key)
        if not _KEY.fullmatch(key):
            yield told.one(ERROR, KEY_RULE, key=key or "?")
    yield from told.all(_asks(step))
    if step.repeats < 0 or step.repeats > 20:
        yield told.one(ERROR, _("A step is repeated 20 times at most."))


def _wording(step: Step, content: Content) -> Iterator[tuple[str, str, dict[str, str]]]:
    for name in wording.unknown(step.instruction, content):
        yield ERROR, _("The instruction names {name}, which no step asks for."), {"name": name}


def _people(step: Step) -> Iterator[tuple[str, str, dict[str, str]]]:
    if step.performs not in PERFORMERS:
        yield ERROR, _("A step is performed by an operator, supervisor or QC analyst."), {}
    if step.verifies and step.verifies not in VERIFIERS:
        yield ERROR, _("A step is verified by a verifier, supervisor or QC analyst."), {}
    if step.witness and step.witness not in (*PERFORMERS, *VERIFIERS):
        yield ERROR, _("There is no role {role} that could witness it."), {"role": step.witness}
    checked = all(one.check for one in step.parameters) and bool(step.parameters)
    if step.critical and not (step.verifies or step.witness or checked):
        yield ERROR, _("A critical step needs a second person, or a check of every entry."), {}
    if step.critical and step.may_skip:
        yield WARNING, _("A critical step may be declared not applicable."), {}
    if step.critical and step.exception_class in ("observation", "minor"):
        yield WARNING, _("A departure from a critical step is more than minor."), {}


def _asks(step: Step) -> Iterator[tuple[str, str, dict[str, str]]]:
    kinds = {one.kind for one in step.parameters}
    if step.patient_material and ParameterKind.IDENTITY not in kinds:
        yield ERROR, _("A step with patient material begins with a scan: add an identity."), {}
    elif step.patient_material and step.parameters[0].kind != ParameterKind.IDENTITY:
        yield ERROR, _("The scan of the patient's material comes first."), {}
    wanted = _WANTED.get(step.kind)
    if wanted and not kinds & wanted:
        words = ", ".join(sorted(wanted))
        severity = WARNING if step.kind == StepKind.NUMBER else ERROR
        yield severity, _("A step of this kind asks for: {kinds}."), {"kinds": words}
    if step.kind == StepKind.LINE_CLEARANCE and not step.verifies:
        yield ERROR, _("A line clearance is verified by a second person."), {}


_WANTED = {
    StepKind.NUMBER.value: {"number", "instrument", "weigh", "calculation", "replicate"},
    StepKind.REPLICATE.value: {"replicate"},
    StepKind.CHOICE.value: {"choice"},
    StepKind.TEXT.value: {"text"},
    StepKind.DATETIME.value: {"datetime"},
    StepKind.TIMER.value: {"timer"},
    StepKind.CALCULATION.value: {"calculation"},
    StepKind.MATERIAL.value: {"material", "weigh"},
    StepKind.WEIGH.value: {"weigh"},
    StepKind.EQUIPMENT.value: {"equipment"},
    StepKind.IDENTITY.value: {"identity"},
    StepKind.SAMPLE.value: {"sample"},
    StepKind.LABEL.value: {"label"},
    StepKind.ATTACHMENT.value: {"attachment"},
    StepKind.INSTRUMENT.value: {"instrument"},
}


def _formula(text: str, names: set[str]) -> Iterator[tuple[str, str, dict[str, str]]]:
    for wrong in formula.check(text, names):
        yield ERROR, _("The formula: {wrong}"), {"wrong": wrong}


def _hold_times(record: _Record) -> Iterator[Finding]:
    order = {key: number for number, key in enumerate(record.step_keys)}
    for number, line in enumerate(record.content.hold_times):
        told = _Told(f"hold_times/{number}", f"hold time {line.title or line.key}")
        for key in (line.from_step, line.to_step):
            if key not in order:
                yield told.one(ERROR, _("There is no step with the key {key}."), key=key or "?")
        if order.get(line.from_step, -1) >= order.get(line.to_step, _MANY):
            yield told.one(ERROR, _("It ends at a step after the one it begins at."))
        if not _positive(line.limit):
            yield told.one(ERROR, _("Give its limit in minutes."))
        elif line.warn and not (_positive(line.warn) and Decimal(line.warn) < Decimal(line.limit)):
            yield told.one(ERROR, _("It warns before its limit."))


def _yields(record: _Record) -> Iterator[Finding]:
    asked = {(step.key, one.key) for step in record.content.steps for one in step.parameters}
    for number, line in enumerate(record.content.yields):
        told = _Told(f"yields/{number}", f"yield of {line.step}")
        if (line.step, line.parameter) not in asked:
            yield told.one(
                ERROR, _("There is no {name} in this record."), name=f"{line.step}.{line.parameter}"
            )
        ends = [Decimal(end) if _number(end) else None for end in (line.low, line.high)]
        if any(end and not _number(end) for end in (line.low, line.high)) or ends == [None, None]:
            yield told.one(ERROR, _("Give its range in numbers."))
        elif not _ordered(Range(low=ends[0], high=ends[1])):
            yield told.one(ERROR, _("The low end lies above the high one."))


def _number(text: str) -> bool:
    try:
        return Decimal(text).is_finite()
    except InvalidOperation:
        return False


def _ordered(ends: Range) -> bool:
    return ends.low is None or ends.high is None or ends.low <= ends.high


def _phases(content: Content) -> Iterator[Finding]:
    keys = [phase.key for phase in content.phases if phase.key]
    seen: set[str] = set()
    for phase in content.phases:
        told = _Told("", f"phase {phase.title}")
        if phase.key and keys.count(phase.key) > 1:
            yield told.one(ERROR, _("The key {key} is used twice."), key=phase.key)
        if not phase.title.strip():
            yield told.one(ERROR, _("Give the phase a title."))
        if not phase.steps:
            yield told.one(ERROR, _("The phase has no step."))
        for key in phase.after or ():
            if key not in seen:
                yield told.one(
                    ERROR, _("It comes after {key}, which is no phase before it."), key=key
                )
        if phase.rework and not phase.repeats:
            yield told.one(WARNING, _("A rework that may be done no time is none."))
        seen.add(phase.key)
