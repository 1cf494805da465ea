"""The rest of a batch on paper: numbered copies, and what became of each of their sheets. Pure.

A sheet is used or void, and a used one is kept as a certified scan. One that cannot come back is
given up by two people, under a deviation (`contingency_lost`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ledger.event import Refused, demand_reason, event_type
from ledger.event import marked as _

USED, VOID, LOST, DESTROYED = "used", "void", "lost", "destroyed"
GONE = (LOST, DESTROYED)
# What a sheet still lacks, in the order in which it is mended.
UNACCOUNTED, NOT_SCANNED, NOT_CERTIFIED = "unaccounted", "not_scanned", "not_certified"
NOT_AGREED = "not_agreed"


@event_type(
    "batches.contingency_printed",
    1,
    sentence="The rest of {batch} was printed for work on paper: copy {copy}, sheets: {sheets}.",
    owner="batches",
    retention="batch",
)
class ContingencyPrinted:
    """`entries`: how many entries of the batch stood when it was printed."""

    batch: str
    copy: int
    recipe: str
    version: int
    content_sha256: str
    entries: int
    steps: list[int]
    sheets: int
    sha256: str


@event_type(
    "batches.contingency_accounted",
    1,
    sentence="{batch}, paper copy {copy}: sheets used: {used}; sheets void: {void}.",
    owner="batches",
    retention="batch",
)
class ContingencyAccounted:
    batch: str
    copy: int
    used: list[int]
    void: list[int]
    accounted_by: str


@event_type(
    "batches.contingency_scanned",
    1,
    sentence="{batch}, paper copy {copy}: scanned as file {file}: sheets {sheets}.",
    owner="batches",
    retention="batch",
)
class ContingencyScanned:
    batch: str
    copy: int
    sheets: list[int]
    file: int
    scanned_by: str


@event_type(
    "batches.contingency_missed",
    1,
    sentence="{batch}, paper copy {copy}: declared as {fate}: sheets {sheets}.",
    owner="batches",
    retention="batch",
)
class ContingencyMissed:
    """`deviation`: the exception that it raised in the batch record."""

    batch: str
    copy: int
    sheets: list[int]
    fate: str
    deviation: int
    declared_by: str


@event_type(
    "batches.contingency_given_up",
    1,
    sentence="{batch}, paper copy {copy}: given up for good, as a second person agreed: sheets"
    " {sheets}.",
    owner="batches",
    retention="batch",
)
class ContingencyGivenUp:
    batch: str
    copy: int
    sheets: list[int]
    agreed_by: str


@event_type(
    "batches.contingency_closed",
    1,
    sentence="{batch}: every sheet on paper is accounted for; copies printed: {copies}.",
    owner="batches",
    retention="batch",
)
class ContingencyClosed:
    batch: str
    copies: int


@dataclass(frozen=True, kw_only=True)
class Missed:
    """A sheet that is said to be gone, until a second person agrees or it turns up."""

    fate: str
    deviation: int
    declared_by: str


@dataclass(frozen=True, kw_only=True)
class Copy:
    number: int
    sheets: int
    steps: tuple[int, ...]
    entries: int
    fates: Mapping[int, str] = field(default_factory=dict)
    scans: Mapping[int, int] = field(default_factory=dict)  # sheet to file
    missed: Mapping[int, Missed] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Contingency:
    copies: Mapping[int, Copy] = field(default_factory=dict)
    gave_up: Mapping[int, frozenset[str]] = field(default_factory=dict)  # by their deviation
    closed: bool = False

    @property
    def next_copy(self) -> int:
        return len(self.copies) + 1


@dataclass(frozen=True, kw_only=True)
class OpenSheet:
    copy: int
    sheet: int
    lacks: str


INITIAL = Contingency()


def evolve(state: Contingency, event: Any) -> Contingency:
    match event:
        case ContingencyPrinted(copy=number):
            made = Copy(
                number=number,
                sheets=event.sheets,
                steps=tuple(event.steps),
                entries=event.entries,
            )
            return replace(state, copies={**state.copies, number: made})
        case ContingencyClosed():
            return replace(state, closed=True)
        case ContingencyMissed() | ContingencyGivenUp():
            state = replace(state, gave_up=_gave_up(state, event))
            return _with(state, _gone(state.copies[event.copy], event))
        case ContingencyAccounted() | ContingencyScanned():
            return _with(state, _back(state.copies[event.copy], event))
    raise ValueError(f"A contingency print does not know the event {type(event).__name__}.")


def _with(state: Contingency, known: Copy) -> Contingency:
    return replace(state, copies={**state.copies, known.number: known})


def _back(known: Copy, event: ContingencyAccounted | ContingencyScanned) -> Copy:
    """Sheets that are there: of one that turned up again nobody says that it is gone."""
    if isinstance(event, ContingencyAccounted):
        told = {**dict.fromkeys(event.used, USED), **dict.fromkeys(event.void, VOID)}
        known = replace(known, fates={**known.fates, **told})
        return replace(known, missed=_without(known.missed, told))
    scans = {**known.scans, **dict.fromkeys(event.sheets, event.file)}
    return replace(known, scans=scans, missed=_without(known.missed, event.sheets))


def _gone(known: Copy, event: ContingencyMissed | ContingencyGivenUp) -> Copy:
    if isinstance(event, ContingencyMissed):
        one = Missed(fate=event.fate, deviation=event.deviation, declared_by=event.declared_by)
        return replace(known, missed={**known.missed, **dict.fromkeys(event.sheets, one)})
    fates = {**known.fates, **{n: known.missed[n].fate for n in event.sheets}}
    return replace(known, fates=fates, missed=_without(known.missed, event.sheets))


def _gave_up(
    state: Contingency, event: ContingencyMissed | ContingencyGivenUp
) -> dict[int, frozenset[str]]:
    """Who had a hand in giving sheets up, by the deviation that says so."""
    if isinstance(event, ContingencyMissed):
        of, person = {event.deviation}, event.declared_by
    else:
        missed = state.copies[event.copy].missed
        of, person = {missed[n].deviation for n in event.sheets}, event.agreed_by
    return {**state.gave_up, **{n: state.gave_up.get(n, frozenset()) | {person} for n in of}}


def _without(missed: Mapping[int, Missed], sheets: Iterable[int]) -> dict[int, Missed]:
    return {sheet: one for sheet, one in missed.items() if sheet not in sheets}


def open_sheets(state: Contingency, certified: Iterable[int]) -> list[OpenSheet]:
    """What is still missing before the record is whole. `certified`: files compared by a second."""
    good, found = frozenset(certified), []
    for copy in state.copies.values():
        for sheet in range(1, copy.sheets + 1):
            lacks = _lacks(copy, sheet, good)
            if lacks:
                found.append(OpenSheet(copy=copy.number, sheet=sheet, lacks=lacks))
    return found


def _lacks(copy: Copy, sheet: int, certified: frozenset[int]) -> str:
    fate, scan = copy.fates.get(sheet, ""), copy.scans.get(sheet, 0)
    if fate == USED and scan in certified:
        return ""
    if sheet in copy.missed:
        return NOT_AGREED
    if not fate:
        return UNACCOUNTED
    if fate != USED:
        return ""
    return NOT_CERTIFIED if scan else NOT_SCANNED


def printed(
    state: Contingency, *, batch: str, copy: int, recipe: str, version: int, content_sha256: str,
    entries: int, steps: list[int], sheets: int, sha256: str, reason: str,
) -> list[ContingencyPrinted]:  # fmt: skip
    """A new copy, under the next number. It says which version and which state it is of."""
    if copy != state.next_copy:
        raise Refused(
            _("Copy {copy} of {batch} was printed at the same moment. Print again."),
            copy=copy,
            batch=batch,
            code="copy_number",
        )
    if not steps:
        raise Refused(_("Every step of {batch} is done."), batch=batch, code="nothing_left")
    demand_reason(reason)
    return [
        ContingencyPrinted(
            batch=batch,
            copy=copy,
            recipe=recipe,
            version=version,
            content_sha256=content_sha256,
            entries=entries,
            steps=steps,
            sheets=sheets,
            sha256=sha256,
        )
    ]


def account(
    state: Contingency, *, batch: str, copy: int, used: list[int], void: list[int], person: str,
    reason: str,
) -> list[ContingencyAccounted]:  # fmt: skip
    """Say of sheets in hand that they were used or are void. What was said of one stays."""
    known = copy_of(state, batch, copy)
    if not used and not void:
        raise Refused(_("Say of one sheet at least whether it was used."), code="no_sheet")
    for sheet in [*used, *void]:
        demand_sheet(known, sheet)
        _demand_not_gone(known, sheet)
        if sheet in known.fates:
            raise Refused(
                _("Sheet {sheet} of copy {copy} is accounted for already."),
                sheet=sheet,
                copy=copy,
                code="accounted",
            )
    if set(used) & set(void):
        raise Refused(_("A sheet is either used or void."), code="both")
    if void:
        demand_reason(reason)
    return [
        ContingencyAccounted(
            batch=batch, copy=copy, used=sorted(used), void=sorted(void), accounted_by=person
        )
    ]


def scanned(
    state: Contingency, *, batch: str, copy: int, sheets: list[int], file: int, person: str
) -> list[ContingencyScanned]:
    """The scan of used sheets. A better scan takes the place of one; both are kept."""
    known = copy_of(state, batch, copy)
    if not sheets:
        raise Refused(_("Say which sheets the scan shows."), code="no_sheet")
    for sheet in sheets:
        demand_sheet(known, sheet)
        _demand_not_gone(known, sheet)
        if known.fates.get(sheet) != USED:
            raise Refused(
                _("Sheet {sheet} of copy {copy} is not stated as used. State that first."),
                sheet=sheet,
                copy=copy,
                code="not_used",
            )
    return [
        ContingencyScanned(
            batch=batch, copy=copy, sheets=sorted(sheets), file=file, scanned_by=person
        )
    ]


def close(state: Contingency, *, batch: str, certified: Iterable[int]) -> list[ContingencyClosed]:
    """No more paper for this batch; refused while a sheet of it is not accounted for."""
    missing = open_sheets(state, certified)
    if missing:
        first = missing[0]
        raise Refused(
            _(SENTENCES[first.lacks]),
            n=len(missing),
            copy=first.copy,
            sheet=first.sheet,
            code="open_sheets",
        )
    return (
        []
        if state.closed or not state.copies
        else [ContingencyClosed(batch=batch, copies=len(state.copies))]
    )


SENTENCES = {
    UNACCOUNTED: _(
        "Sheet {sheet} of paper copy {copy} is not accounted for ({n} in all lack something). Find"
        " it, and say whether it was used or is void; if it cannot come back, declare it lost."
    ),
    NOT_AGREED: _(
        "Sheet {sheet} of paper copy {copy} is said to be lost or destroyed ({n} in all lack"
        " something). A second person agrees, or it is found."
    ),
    NOT_SCANNED: _(
        "Sheet {sheet} of paper copy {copy} was used and is not scanned ({n} in all lack"
        " something). Scan it and keep the file."
    ),
    NOT_CERTIFIED: _(
        "The scan of sheet {sheet} of paper copy {copy} is not certified ({n} in all lack"
        " something). A second person compares it with the paper."
    ),
}


def copy_of(state: Contingency, batch: str, number: int) -> Copy:
    known = state.copies.get(number)
    if known is None:
        raise Refused(
            _("{batch} has no paper copy {copy}."), batch=batch, copy=number, code="no_copy"
        )
    return known


def _demand_not_gone(known: Copy, sheet: int) -> None:
    if known.fates.get(sheet) in GONE:
        raise Refused(
            _(
                "Sheet {sheet} of copy {copy} was given up as {fate}: nothing is entered from it"
                " any more. If it turned up, raise a deviation and keep it as a file."
            ),
            sheet=sheet,
            copy=known.number,
            fate=known.fates[sheet],
            code="given_up",
        )


def demand_sheet(known: Copy, sheet: int) -> None:
    if not 1 <= sheet <= known.sheets:
        raise Refused(
            _("Copy {copy} has sheets 1 to {sheets}."),
            copy=known.number,
            sheets=known.sheets,
            code="no_sheet",
        )
