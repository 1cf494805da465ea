"""Short words to write a master batch record in; numbers are text, as they stand on paper. Pure."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from batches.limits import Parameter, ParameterKind, Range
from batches.recipe_content import Operation, Phase, Step, StepKind, UnitProcedure

OPERATOR, VERIFIER, SUPERVISOR = "operator", "verifier", "supervisor"
DENSITY = "× 10⁶ cells/mL"
CELLS = "× 10⁶ cells"
TITRE = "× 10⁶ TU/mL"

Two = tuple[str, str]
OPEN: Two = ("", "")


def bounds(two: Two) -> Range:
    """From one to the other; an empty one does not bound."""
    low, high = (Decimal(text) if text else None for text in two)
    return Range(low=low, high=high)


def _decimal(text: str) -> Decimal | None:
    return Decimal(text) if text else None


def _limited(
    kind: ParameterKind,
    key: str,
    label: str,
    unit: str,
    target: str,
    *,
    normal: Two = OPEN,
    proven: Two = OPEN,
    accept: Two = OPEN,
    plausible: Two = OPEN,
    decimals: int | None = None,
    **more: Any,
) -> Parameter:
    return Parameter(
        key=key,
        label=label,
        unit=unit,
        kind=kind.value,
        target=_decimal(target),
        normal=bounds(normal),
        proven=bounds(proven),
        acceptance=bounds(accept),
        plausible=bounds(plausible),
        decimals=decimals,
        **more,
    )


def number(key: str, label: str, unit: str, target: str = "", **limits: Any) -> Parameter:
    """A value that somebody reads and types."""
    return _limited(ParameterKind.NUMBER, key, label, unit, target, **limits)


def instrument(key: str, label: str, unit: str, target: str = "", **limits: Any) -> Parameter:
    """A value that comes from an instrument; typed only where the connection is down."""
    return _limited(ParameterKind.INSTRUMENT, key, label, unit, target, **limits)


def weigh(key: str, label: str, unit: str, target: str = "", **limits: Any) -> Parameter:
    return _limited(ParameterKind.WEIGH, key, label, unit, target, **limits)


def calculation(
    key: str, label: str, unit: str, formula: str, target: str = "", **limits: Any
) -> Parameter:
    """`formula` names earlier values as step.parameter, each in the unit that it is asked in."""
    return _limited(
        ParameterKind.CALCULATION, key, label, unit, target,
        formula=formula, formula_version=1, **limits,
    )  # fmt: skip


def counted(
    key: str, label: str, target: str = "", *, dilution: str = "2", cv: str = "15", **limits: Any
) -> Parameter:
    """Two counts of one sample; each is multiplied by the dilution, the mean is the value."""
    return _limited(
        ParameterKind.REPLICATE, key, label, DENSITY, target, replicates=2,
        dilution=Decimal(dilution), cv_limit=Decimal(cv), decimals=2, **limits,
    )  # fmt: skip


def timer(
    key: str, label: str, *, minimum: str = "", maximum: str = "", target: str = ""
) -> Parameter:
    """Minutes from its start to its end."""
    return Parameter(
        key=key,
        label=label,
        unit="min",
        kind=ParameterKind.TIMER.value,
        target=_decimal(target),
        minimum=_decimal(minimum),
        maximum=_decimal(maximum),
    )


def choice(key: str, label: str, *choices: str, accepted: list[str] | None = None) -> Parameter:
    """One of the choices; one that is not accepted is an exception."""
    return Parameter(
        key=key,
        label=label,
        kind=ParameterKind.CHOICE.value,
        choices=list(choices),
        accepted=accepted or [],
    )


def _plain(kind: ParameterKind, key: str, label: str, **more: Any) -> Parameter:
    return Parameter(key=key, label=label, kind=kind.value, **more)


def confirm(key: str, label: str) -> Parameter:
    return _plain(ParameterKind.CONFIRM, key, label)


def text(key: str, label: str) -> Parameter:
    return _plain(ParameterKind.TEXT, key, label)


def moment(key: str, label: str) -> Parameter:
    """A day and a time."""
    return _plain(ParameterKind.DATETIME, key, label)


def material(key: str, label: str, needs: str, quantity: str = "", unit: str = "") -> Parameter:
    """A lot by scan. `needs` is a line of the bill of materials; no quantity: it is asked."""
    return _plain(ParameterKind.MATERIAL, key, label, needs=needs, quantity=quantity, unit=unit)


def unit(key: str, label: str, needs: str) -> Parameter:
    """A unit of equipment by scan. `needs` is a line of the bill of equipment."""
    return _plain(ParameterKind.EQUIPMENT, key, label, needs=needs)


def room(key: str, label: str, needs: str) -> Parameter:
    return _plain(ParameterKind.ROOM, key, label, needs=needs)


def identity(key: str = "patient", label: str = "Scan the patient's material") -> Parameter:
    return _plain(ParameterKind.IDENTITY, key, label)


def sample(key: str, label: str, needs: str) -> Parameter:
    """A sample; how many mL were taken is asked. `needs` is a label."""
    return _plain(ParameterKind.SAMPLE, key, label, needs=needs, unit="mL")


def label(key: str, title: str, needs: str) -> Parameter:
    return _plain(ParameterKind.LABEL, key, title, needs=needs)


def attachment(key: str, title: str) -> Parameter:
    return _plain(ParameterKind.ATTACHMENT, key, title)


def step(
    key: str,
    title: str,
    instruction: str,
    *parameters: Parameter,
    kind: StepKind,
    second: bool = False,
    watched: bool = False,
    **more: Any,
) -> Step:
    """A step, numbered later. `second`: somebody verifies it; `watched`: somebody looks on.

    One with the patient's material begins with a scan of it.
    """
    asked = list(parameters)
    if more.get("patient_material") and asked[0].kind != ParameterKind.IDENTITY:
        asked.insert(0, identity())
    return Step(
        number=0,
        key=key,
        title=title,
        instruction=instruction,
        performs=OPERATOR,
        verifies=VERIFIER if second else "",
        witness=VERIFIER if watched else "",
        kind=kind.value,
        parameters=asked,
        **more,
    )


def phase(key: str, title: str, *steps: Step, **more: Any) -> Phase:
    return Phase(key=key, title=title, steps=list(steps), **more)


def operation(title: str, room: str, *phases: Phase) -> Operation:
    return Operation(title=title, room=room, phases=list(phases))


def unit_procedure(title: str, *operations: Operation) -> UnitProcedure:
    return UnitProcedure(title=title, operations=list(operations))


def numbered(*parts: UnitProcedure) -> list[UnitProcedure]:
    """The same parts with their steps numbered from 1, in the order they are written."""
    numbers = iter(range(1, 1 + sum(len(part.steps) for part in parts)))

    def of_phase(one: Phase) -> Phase:
        return replace(one, steps=[replace(step, number=next(numbers)) for step in one.steps])

    def of_operation(one: Operation) -> Operation:
        return replace(one, phases=[of_phase(phase) for phase in one.phases])

    return [
        replace(part, operations=[of_operation(one) for one in part.operations]) for part in parts
    ]
