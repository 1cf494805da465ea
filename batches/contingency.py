"""The rest of a batch on paper: numbered copies, and what became of each of their sheets. Pure.

Nothing of it is lost: a sheet is used or void, and a used one is kept as a certified scan.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ledger.event import Refused, demand_reason, event_type
from ledger.event import marked as _

USED, VOID = "used", "void"
# What a sheet still lacks, in the order in which it is mended.
UNACCOUNTED, NOT_SCANNED, NOT_CERTIFIED = "unaccounted", "not_scanned", "not_certified"


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
class Copy:
    number: int
    sheets: int
    steps: tuple[int, ...]
    entries: int
    fates: Mapping[int, str] = field(default_factory=dict)
    scans: Mapping[int, int] = field(default_factory=dict)  # sheet to file


@dataclass(frozen=True, kw_only=True)
class Contingency:
    copies: Mapping[int, Copy] = field(default_factory=dict)
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
        case ContingencyAccounted(copy=number, used=used, void=void):
            told = {**dict.fromkeys(used, USED), **dict.fromkeys(void, VOID)}
            known = state.copies[number]
            known = replace(known, fates={**known.fates, **told})
            return replace(state, copies={**state.copies, number: known})
        case ContingencyScanned(copy=number, sheets=sheets, file=file):
            known = state.copies[number]
            known = replace(known, scans={**known.scans, **dict.fromkeys(sheets, file)})
            return replace(state, copies={**state.copies, number: known})
        case ContingencyClosed():
            return replace(state, closed=True)
    raise ValueError(f"A contingency print does not know the event {type(event).__name__}.")


def open_sheets(state: Contingency, certified: Iterable[int]) -> list[OpenSheet]:
    """What is still missing before the record is whole. `certified`: files compared by a second."""
    good, found = frozenset(certified), []
    for copy in state.copies.values():
        for sheet in range(1, copy.sheets + 1):
            fate, scan = copy.fates.get(sheet, ""), copy.scans.get(sheet, 0)
            lacks = ""
            if not fate:
                lacks = UNACCOUNTED
            elif fate == USED and not scan:
                lacks = NOT_SCANNED
            elif fate == USED and scan not in good:
                lacks = NOT_CERTIFIED
            if lacks:
                found.append(OpenSheet(copy=copy.number, sheet=sheet, lacks=lacks))
    return found


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
    known = _copy(state, batch, copy)
    if not used and not void:
        raise Refused(_("Say of one sheet at least whether it was used."), code="no_sheet")
    for sheet in [*used, *void]:
        _sheet(known, sheet)
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
    known = _copy(state, batch, copy)
    if not sheets:
        raise Refused(_("Say which sheets the scan shows."), code="no_sheet")
    for sheet in sheets:
        _sheet(known, sheet)
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
        " it, and say whether it was used or is void."
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


def _copy(state: Contingency, batch: str, number: int) -> Copy:
    known = state.copies.get(number)
    if known is None:
        raise Refused(
            _("{batch} has no paper copy {copy}."), batch=batch, copy=number, code="no_copy"
        )
    return known


def _sheet(known: Copy, sheet: int) -> None:
    if not 1 <= sheet <= known.sheets:
        raise Refused(
            _("Copy {copy} has sheets 1 to {sheets}."),
            copy=known.number,
            sheets=known.sheets,
            code="no_sheet",
        )
