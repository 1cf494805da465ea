"""Sheets that cannot come back: one person says so, a second agrees, a third assesses it. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from batches.contingency import (
    GONE,
    NOT_AGREED,
    Contingency,
    ContingencyGivenUp,
    ContingencyMissed,
    Copy,
    copy_of,
    demand_sheet,
    open_sheets,
)
from batches.flow_events import DeviationRaised
from ledger.event import Refused, demand_reason
from ledger.event import marked as _


def missed(
    state: Contingency, *, batch: str, copy: int, sheets: list[int], fate: str,
    certified: Iterable[int], deviation: int, person: str, reason: str,
) -> list[ContingencyMissed]:  # fmt: skip
    """Say that sheets are lost or destroyed, and how that came about. It counts when a second
    person agrees. `certified`: files compared by a second; such a scan stands for its sheet."""
    known = copy_of(state, batch, copy)
    if fate not in GONE:
        raise Refused(_("Say whether the sheets are lost or destroyed."), code="fate")
    lacks = _lacking(state, known, sheets, certified)
    for sheet in sheets:
        if sheet not in lacks:
            raise Refused(
                _("Sheet {sheet} of copy {copy} lacks nothing: it need not be given up."),
                sheet=sheet,
                copy=copy,
                code="accounted",
            )
        if lacks[sheet] == NOT_AGREED:
            raise Refused(
                _("Sheet {sheet} of copy {copy} is declared already: a second person agrees now."),
                sheet=sheet,
                copy=copy,
                code="declared",
            )
    demand_reason(reason)
    return [
        ContingencyMissed(
            batch=batch,
            copy=copy,
            sheets=sorted(sheets),
            fate=fate,
            deviation=deviation,
            declared_by=person,
        )
    ]


def raised(said: ContingencyMissed, step: int) -> DeviationRaised:
    """The deviation by which the reviewer hears of it."""
    named = ", ".join(map(str, said.sheets))
    return DeviationRaised(
        batch=said.batch,
        step=step,
        title=f"Paper copy {said.copy}, {said.fate}: sheets {named}",
        raised_by=said.declared_by,
        automatic=True,
        exception=said.deviation,
    )


def give_up(
    state: Contingency, *, batch: str, copy: int, sheets: list[int], certified: Iterable[int],
    person: str, reason: str,
) -> list[ContingencyGivenUp]:  # fmt: skip
    """Agree as the second person: from these sheets nothing is entered any more."""
    known = copy_of(state, batch, copy)
    lacks = _lacking(state, known, sheets, certified)
    for sheet in sheets:
        if lacks.get(sheet) != NOT_AGREED:
            raise Refused(
                _("Nobody says that sheet {sheet} of copy {copy} is lost. Declare that first."),
                sheet=sheet,
                copy=copy,
                code="not_declared",
            )
        if known.missed[sheet].declared_by == person:
            raise Refused(
                _("You declared sheet {sheet} yourself, so somebody else agrees."),
                sheet=sheet,
                code="same_person",
            )
    demand_reason(reason)
    return [ContingencyGivenUp(batch=batch, copy=copy, sheets=sorted(sheets), agreed_by=person)]


def demand_third(
    state: Contingency, *, exception: int, certified: Iterable[int], person: str
) -> None:
    """Whoever gave sheets up never assesses what that means: so it is assessed when both have."""
    for one in open_sheets(state, certified):
        missed = state.copies[one.copy].missed.get(one.sheet)
        if missed is not None and missed.deviation == exception:
            raise Refused(
                _(
                    "Nobody has agreed yet that sheet {sheet} of paper copy {copy} cannot come"
                    " back. A second person agrees, or it is found: then assess this."
                ),
                sheet=one.sheet,
                copy=one.copy,
                code="not_agreed",
            )
    if person in state.gave_up.get(exception, ()):
        raise Refused(
            _("You had a hand in giving up these sheets, so somebody else has to assess this."),
            code="same_person",
        )


def _lacking(
    state: Contingency, known: Copy, sheets: list[int], certified: Iterable[int]
) -> dict[int, str]:
    """What sheets of a copy lack; refused where no sheet is named, or one that it does not have."""
    if not sheets:
        raise Refused(_("Say which sheets cannot come back."), code="no_sheet")
    for sheet in sheets:
        demand_sheet(known, sheet)
    still = open_sheets(state, certified)
    return {one.sheet: one.lacks for one in still if one.copy == known.number}
