"""Reads of paper copies and of the files kept with a batch, from their own events."""

from __future__ import annotations

from batches import attachment, contingency
from batches.attachment import Files
from batches.contingency import Contingency, OpenSheet
from ledger import store
from ledger.event import fold


def files(batch: str) -> Files:
    events = store.load("files", batch)
    return fold(attachment.INITIAL, attachment.evolve, (event.data for event in events))


def contingency_of(batch: str) -> Contingency:
    events = store.load("contingency", batch)
    return fold(contingency.INITIAL, contingency.evolve, (event.data for event in events))


def open_sheets(batch: str) -> list[OpenSheet]:
    """The sheets without which the record is not whole; for pages. A command asks
    `contingency_commands.close`, which holds what it read to the commit."""
    return contingency.open_sheets(contingency_of(batch), files(batch).certified)
