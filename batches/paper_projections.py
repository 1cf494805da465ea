"""Events of prints to rows. The only writer of that table."""

from __future__ import annotations

from batches.contingency import ContingencyPrinted
from batches.paper_models import PrintLine
from batches.printing import RecordPrinted
from ledger.event import Recorded
from ledger.projections import projects


@projects(RecordPrinted)
def print_record(recorded: Recorded) -> None:
    _add(recorded, kind="record", pages=recorded.data.pages)


@projects(ContingencyPrinted)
def print_sheets(recorded: Recorded) -> None:
    _add(recorded, kind="paper", pages=recorded.data.sheets)


def _add(recorded: Recorded, *, kind: str, pages: int) -> None:
    PrintLine.objects.create(
        event_id=recorded.id,
        batch=recorded.data.batch,
        kind=kind,
        entries=recorded.data.entries,
        pages=pages,
        sha256=recorded.data.sha256,
        person=recorded.actor.person,
        printed_at=recorded.recorded_at,
    )
