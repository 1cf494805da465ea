"""What waits for whom: rooms add a function from an actor to rows, which home shows. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ledger.event import Actor


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that waits: a short name, a sentence, and the page where it is done."""

    name: str
    sentence: str
    address: str
    standing: str = "warn"  # the tag's colour: ok, info, warn, bad


Source = Callable[[Actor], Iterable[Row]]
_sources: list[Source] = []
_URGENCY = ("bad", "warn", "info", "ok")


def waits(source: Source) -> Source:
    """Ask this function too. It answers for one actor, and quickly: it runs on every home page."""
    _sources.append(source)
    return source


def rows_for(actor: Actor) -> list[Row]:
    """Everything that waits for this person in this role, the most urgent first."""
    found = [row for source in _sources for row in source(actor)]
    return sorted(found, key=lambda row: _URGENCY.index(row.standing))
