"""A step that is entered after it was done: both times stand on record. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from batches.flow_events import LateEntryMade
from batches.record import Batch
from ledger.event import Refused, demand_reason
from ledger.event import marked as _

LATEST = timedelta(days=7)  # what is older is a matter for quality assurance, not for the step


def moment(performed_at: str, now: datetime, *, since: datetime) -> datetime:
    """When it was done, as whoever enters it says: with a zone, in the past.

    `since`: when what had to come before it had happened.
    """
    try:
        at = datetime.fromisoformat(performed_at)
    except ValueError:
        at = None  # told by the refusal below
    if at is None or at.tzinfo is None:
        raise Refused(
            _("Say when it was done as a date and a time, such as 2026-11-23 14:05."),
            code="performed_at",
        )
    if not now - LATEST <= at <= now:
        raise Refused(
            _(
                "It was done before now, and at most seven days ago. Mend the time; what is older,"
                " raise as a deviation."
            ),
            code="performed_at",
        )
    if at < since:
        raise Refused(
            _(
                "The batch was not that far at {at}: what comes before this step was done at"
                " {since}. Mend the time."
            ),
            at=at.isoformat(" ", "minutes"),
            since=since.isoformat(" ", "minutes"),
            code="performed_at",
        )
    return at


def entered(state: Batch, *, step: int, at: datetime, person: str, why: str) -> list[LateEntryMade]:
    """The reviewer sees that it was entered late, and why."""
    demand_reason(why)
    return [
        LateEntryMade(
            batch=state.batch,
            step=step,
            performed_at=at.isoformat(),
            entered_by=person,
            exception=state.next_exception,
        )
    ]
