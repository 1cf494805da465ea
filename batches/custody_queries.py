"""Reads of the chain of custody: its links, its gaps, and who compared two identifiers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from batches import custody
from batches.order_models import CustodyLine
from personnel.models import SubjectLook

LOOK_HOLDS = timedelta(hours=4)  # how long ago two identifiers may have been looked at


@dataclass(frozen=True)
class Told:
    """A line of the timeline, and the gap that shows there."""

    row: CustodyLine
    gap: str
    who: str = ""


def links(item: str) -> list[CustodyLine]:
    """What happened to an item, oldest first."""
    return list(CustodyLine.objects.filter(item=item).order_by("at", "version", "event_id"))


def as_link(row: CustodyLine) -> custody.Link:
    return custody.Link(kind=row.kind, place=row.place, to_place=row.to_place)


def timeline(item: str, names: dict[str, str] | None = None) -> list[Told]:
    """The chain with the gaps where they show."""
    rows = links(item)
    found = custody.gaps([as_link(row) for row in rows])
    known = names or {}
    return [
        Told(row, found.get(index, ""), known.get(row.person, "")) for index, row in enumerate(rows)
    ]


def gap_sentences(item: str) -> list[str]:
    """Every gap in an item's chain, as a sentence."""
    return [f"Custody: {told.gap}" for told in timeline(item) if told.gap]


def identifiers_shown(
    person: str, subject: str, purpose: str, reference: str, *, at: datetime
) -> str:
    """The event by which this person looked at two identifiers for this purpose, or nothing."""
    look = (
        SubjectLook.objects.filter(
            person=person,
            subject=subject,
            purpose=purpose,
            reference=reference,
            at__gte=at - LOOK_HOLDS,
        )
        .order_by("-at", "-event_id")
        .first()
    )
    return "" if look is None else str(look.event_id)
