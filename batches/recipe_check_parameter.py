"""What is wrong with one parameter of a step: its limits, and what its kind demands. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from itertools import pairwise

from batches.limits import NUMERIC, READ_TWICE, Parameter, ParameterKind, Range
from batches.recipe_finding import ERROR, WARNING
from ledger.event import marked as _

Said = tuple[str, str, dict[str, str]]
CHECKS = ("", *READ_TWICE, "device")
# What a person reads, so that it can be read a second time.
TYPED = NUMERIC - {ParameterKind.CALCULATION}
# Which list of the record a parameter's `needs` names, by its kind.
NEEDS = {
    ParameterKind.MATERIAL.value: "materials",
    ParameterKind.WEIGH.value: "materials",
    ParameterKind.EQUIPMENT.value: "equipment",
    ParameterKind.INSTRUMENT.value: "equipment",
    ParameterKind.ROOM.value: "rooms",
    ParameterKind.LABEL.value: "labels",
    ParameterKind.SAMPLE.value: "labels",
}
_DEMANDED = (ParameterKind.MATERIAL, ParameterKind.EQUIPMENT, ParameterKind.ROOM)


def limits(parameter: Parameter) -> Iterator[Said]:
    """Target in the normal range, that in the proven, that in the acceptance, all plausible."""
    named = [
        (_("normal operating range"), parameter.normal),
        (_("proven acceptable range"), parameter.proven),
        (_("acceptance criterion"), parameter.acceptance),
        (_("plausible range"), parameter.plausible),
    ]
    if (parameter.limited or parameter.target is not None) and not parameter.numeric:
        if parameter.kind != ParameterKind.TIMER:
            yield ERROR, _("Only a number has a target and limits."), {}
        return
    for name, ends in named:
        if ends.low is not None and ends.high is not None and ends.low > ends.high:
            yield ERROR, _("The {name} begins above its end."), {"name": name}
    given = [(name, ends) for name, ends in named if ends != Range()]
    if parameter.target is not None:
        for name, ends in given:
            if not ends.holds(parameter.target):
                yield ERROR, _("The target lies outside the {name}."), {"name": name}
    for (inner_name, inner), (name, outer) in pairwise(given):
        if not contains(_closed(outer, inner) if outer is parameter.plausible else outer, inner):
            yield (
                ERROR,
                _("The {inner} reaches beyond the {outer}."),
                {
                    "inner": inner_name,
                    "outer": name,
                },
            )
    typed = parameter.kind != ParameterKind.CALCULATION
    if typed and parameter.limited and parameter.plausible == Range():
        yield WARNING, _("Without a plausible range a slip by ten is not caught."), {}


def contains(outer: Range, inner: Range) -> bool:
    """Whether one range lies in another."""
    low = outer.low is None or (inner.low is not None and inner.low >= outer.low)
    high = outer.high is None or (inner.high is not None and inner.high <= outer.high)
    return low and high


def _closed(outer: Range, inner: Range) -> Range:
    """What is plausible bounds only the ends that are given: a limit may be open on one side."""
    low = None if inner.low is None else outer.low
    high = None if inner.high is None else outer.high
    return Range(low=low, high=high)


def of_its_kind(parameter: Parameter, lists: dict[str, set[str]]) -> Iterator[Said]:
    """What this kind of parameter cannot do without."""
    if not parameter.label.strip():
        yield ERROR, _("Say what is asked."), {}
    if parameter.kind not in set(ParameterKind):
        yield ERROR, _("There is no kind of parameter called {kind}."), {"kind": parameter.kind}
        return
    if parameter.check not in CHECKS:
        yield ERROR, _("There is no check called {check}."), {"check": parameter.check}
    if parameter.read_twice and parameter.kind not in TYPED:
        yield (
            ERROR,
            _("Only a number that is typed is read twice: let it be checked by nobody."),
            {},
        )
    if parameter.decimals is not None and not 0 <= parameter.decimals <= 9:
        yield ERROR, _("A number has 0 to 9 decimals."), {}
    if parameter.quantity and not _positive(parameter.quantity):
        yield ERROR, _("The quantity is a number above zero."), {}
    yield from _refers(parameter, lists)
    match parameter.kind:
        case ParameterKind.REPLICATE:
            yield from _replicate(parameter)
        case ParameterKind.CHOICE:
            yield from _choice(parameter)
        case ParameterKind.TIMER:
            yield from _timer(parameter)
        case ParameterKind.CALCULATION if not parameter.formula.strip():
            yield ERROR, _("A calculation needs its formula."), {}
    if parameter.formula and parameter.kind != ParameterKind.CALCULATION:
        yield ERROR, _("Only a calculation has a formula."), {}


def _refers(parameter: Parameter, lists: dict[str, set[str]]) -> Iterator[Said]:
    wanted = NEEDS.get(parameter.kind)
    if parameter.needs and wanted and parameter.needs not in lists[wanted]:
        told = {"key": parameter.needs, "list": wanted.replace("_", " ")}
        yield ERROR, _("There is no {key} among the {list} of this record."), told
    elif not parameter.needs and parameter.kind in _DEMANDED and wanted:
        told = {"list": wanted}
        yield ERROR, _("Say which line of the {list} it asks for."), told


def _replicate(parameter: Parameter) -> Iterator[Said]:
    if not 2 <= parameter.replicates <= 12:
        yield ERROR, _("A replicate count has 2 to 12 counts."), {}
    if parameter.dilution is not None and parameter.dilution <= 0:
        yield ERROR, _("The dilution factor is above zero."), {}
    if parameter.cv_limit is None:
        yield WARNING, _("Without a limit of their spread every count is taken."), {}
    elif not 0 < parameter.cv_limit <= 100:
        yield ERROR, _("The limit of the spread lies between 0 and 100 %."), {}


def _choice(parameter: Parameter) -> Iterator[Said]:
    if len(set(parameter.choices)) < 2 or not all(one.strip() for one in parameter.choices):
        yield ERROR, _("Give two choices at least."), {}
    if len(set(parameter.choices)) != len(parameter.choices):
        yield ERROR, _("One choice stands there twice."), {}
    if not set(parameter.accepted) <= set(parameter.choices):
        yield ERROR, _("What is accepted has to be one of the choices."), {}


def _timer(parameter: Parameter) -> Iterator[Said]:
    low, high = parameter.minimum, parameter.maximum
    if low is None and high is None:
        yield ERROR, _("A timer has a shortest or a longest time."), {}
    if (low is not None and low < 0) or (high is not None and high <= 0):
        yield ERROR, _("A time is above zero."), {}
    if low is not None and high is not None and low > high:
        yield ERROR, _("The shortest time is longer than the longest."), {}


def _positive(text: str) -> bool:
    try:
        return Decimal(text) > 0
    except InvalidOperation:
        return False
