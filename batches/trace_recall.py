"""That a recall list was drawn up: for what, how long it was, and the hash of what was handed out.

Pure.
"""

from __future__ import annotations

from typing import Any

from ledger.event import Refused, event_type
from ledger.event import marked as _


@event_type(
    "batches.recall_list_exported",
    1,
    sentence="The recall list of {kind} {number}, {lines} lines, was exported.",
    owner="batches",
    retention="traceability",
)
class RecallListExported:
    kind: str
    number: str
    lines: int
    sha256: str


def evolve(exported: int, event: Any) -> int:
    """How often this list was exported."""
    match event:
        case RecallListExported():
            return exported + 1
    raise ValueError(f"A recall list does not know the event {type(event).__name__}.")


def export(*, kind: str, number: str, lines: int, sha256: str) -> list[RecallListExported]:
    if not lines:
        raise Refused(
            _("{number} went into nothing, so there is nothing to recall."),
            number=number,
            code="nothing_reached",
        )
    return [RecallListExported(kind=kind, number=number, lines=lines, sha256=sha256)]
