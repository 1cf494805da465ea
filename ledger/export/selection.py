"""Which entries an export holds: filters that the entries can prove, and nothing else."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import connections

from ledger.clock import rfc3339
from ledger.export.trail_csv import Row, entry_lines

WINDOW = 512  # positions read at a time: what an export holds in memory


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What to export. Every key is a field of the entry, so a stranger can check completeness."""

    stream_type: str | None = None
    stream_id: str | None = None
    type: str | None = None
    actor: str | None = None
    since: datetime | None = None  # recorded at this moment or later
    until: datetime | None = None  # recorded before this moment
    first: int | None = None  # positions, both inclusive
    last: int | None = None

    def as_manifest(self) -> dict[str, str | int]:
        """The filter as the bundle states it."""
        names = {"since": "from", "until": "to"}
        found = {}
        for name, value in asdict(self).items():
            if value is not None:
                text = rfc3339(value) if isinstance(value, datetime) else value
                found[names.get(name, name)] = text
        return found

    def in_words(self) -> str:
        """The filter as a person reads it."""
        parts = [f"{name} {value}" for name, value in self.as_manifest().items()]
        return ", ".join(parts) or "everything"

    @property
    def is_everything(self) -> bool:
        """Whether every entry of the range matches."""
        return not any((self.stream_type, self.stream_id, self.type, self.actor)) and (
            self.since is None and self.until is None
        )


@dataclass(frozen=True, slots=True)
class Range:
    """Positions from `first` to `last`, both included; empty when last < first."""

    first: int
    last: int


def windows(positions: Range) -> Iterator[tuple[int, int]]:
    """The range in pieces [low, high)."""
    for low in range(positions.first, positions.last + 1, WINDOW):
        yield low, min(low + WINDOW, positions.last + 1)


def entries(positions: Range, *, using: str) -> Iterator[tuple[int, bytes]]:
    """Every entry of the range."""
    statement = (
        "SELECT position, entry FROM ledger_log WHERE position >= %s AND position < %s"
        " ORDER BY position"
    )
    with connections[using].cursor() as cursor:
        for window in windows(positions):
            cursor.execute(statement, window)
            for position, entry in cursor.fetchall():
                yield position, bytes(entry)


def rows(chosen: Filter, positions: Range, *, using: str) -> Iterator[Row]:
    """The matching entries with their bodies."""
    where, values = condition(chosen, using=using)
    return _rows(where, values, positions, using)


def rows_shipped(
    chosen: Filter, types: tuple[str, ...], positions: Range, *, using: str
) -> Iterator[Row]:
    """The matching entries and those of some types, with their bodies."""
    where, values = condition(chosen, using=using)
    either = f" AND ((1 = 1{where}) OR e.type IN ({_marks(types)}))"
    return _rows(either, [*values, *types], positions, using)


def rows_of(types: tuple[str, ...], positions: Range, *, using: str) -> Iterator[Row]:
    """The entries of some types with their bodies."""
    return _rows(f" AND e.type IN ({_marks(types)})", list(types), positions, using)


def row_at(position: int, *, using: str) -> Row:
    """One entry with its body."""
    return next(_rows("", [], Range(position, position), using))


def unmatched(chosen: Filter, types: tuple[str, ...], positions: Range, *, using: str) -> list[int]:
    """The positions of those types that do not match."""
    if chosen.is_everything:
        return []
    where, values = condition(chosen, using=using)
    statement = (
        "SELECT l.position FROM ledger_log l JOIN ledger_event e ON e.id = l.event_id"  # noqa: S608
        f" WHERE l.position >= %s AND l.position <= %s AND e.type IN ({_marks(types)})"
        f" AND NOT (1 = 1{where}) ORDER BY l.position"
    )
    with connections[using].cursor() as cursor:
        cursor.execute(statement, [positions.first, positions.last, *types, *values])
        return [row[0] for row in cursor.fetchall()]


def _marks(values: tuple[str, ...]) -> str:
    return ", ".join(["%s"] * len(values))


def _rows(where: str, values: list[Any], positions: Range, using: str) -> Iterator[Row]:
    statement = (
        "SELECT l.position, l.entry, e.body FROM ledger_log l"  # noqa: S608 - no value in it
        " JOIN ledger_event e ON e.id = l.event_id"
        f" WHERE l.position >= %s AND l.position < %s{where} ORDER BY l.position"
    )
    with connections[using].cursor() as cursor:
        for window in windows(positions):
            cursor.execute(statement, [*window, *values])
            for position, entry, body in cursor.fetchall():
                yield position, entry_lines(bytes(entry)), bytes(body)


def count(chosen: Filter, positions: Range, *, using: str) -> int:
    """How many entries of the range match."""
    where, values = condition(chosen, using=using)
    statement = (
        "SELECT count(*) FROM ledger_log l JOIN ledger_event e ON e.id = l.event_id"  # noqa: S608
        f" WHERE l.position >= %s AND l.position <= %s{where}"
    )
    with connections[using].cursor() as cursor:
        cursor.execute(statement, [positions.first, positions.last, *values])
        return int(cursor.fetchone()[0])


def condition(chosen: Filter, *, using: str) -> tuple[str, list[Any]]:
    """The filter as SQL over the event's own columns."""
    adapt = connections[using].ops.adapt_datetimefield_value
    where, values = "", []
    for column in ("stream_type", "stream_id", "type", "actor"):
        value = getattr(chosen, column)
        if value is not None:
            where += f" AND e.{column} = %s"
            values.append(value)
    for value, comparison in ((chosen.since, ">="), (chosen.until, "<")):
        if value is not None:
            where += f" AND e.recorded_at {comparison} %s"
            values.append(_stored(value, adapt, connections[using].vendor))
    return where, values


def _stored(moment: datetime, adapt: Any, vendor: str) -> Any:
    """A time as the event table holds it; SQLite compares text, so all six digits must stand."""
    if vendor == "postgresql":
        return adapt(moment)
    return rfc3339(moment).replace("T", " ").removesuffix("Z")
