"""Reading the log as it lies in the database: entries by position, epochs, checkpoints."""

from collections.abc import Iterator
from typing import Any, NamedTuple
from uuid import UUID

import psycopg
from django.db import connections

from ledger.tiles import HASH

CHUNK = 5000
_ENTRIES = (
    "SELECT position, event_id, entry, leaf FROM ledger_log WHERE position >= %s"
    " ORDER BY position LIMIT %s"
)
# A closed range is read by the index however old the planner's statistics are.
_RANGE = (
    "SELECT position, event_id, entry, leaf FROM ledger_log WHERE position >= %s"
    " AND position < %s ORDER BY position"
)
_LEAVES = (
    "SELECT position, leaf FROM ledger_log WHERE position >= %s AND position < %s ORDER BY position"
)


class Line(NamedTuple):
    """One row of the log."""

    position: int
    event_id: UUID
    entry: bytes
    leaf: bytes


class EpochRow(NamedTuple):
    """One Merkle tree of the log."""

    number: int
    origin: str
    start: int


def rows(using: str, query: str, values: list[Any]) -> list[tuple[Any, ...]]:
    """Run a query; on PostgreSQL in binary, bound by the server, so that bytes stay bytes."""
    connection = connections[using]
    if connection.vendor == "postgresql":
        connection.ensure_connection()
        plain = psycopg.Cursor(connection.connection)
        with connection.wrap_database_errors:
            return plain.execute(query, values, binary=True).fetchall()
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


def lines(first: int, *, limit: int | None = None, using: str = "default") -> Iterator[Line]:
    """The entries from a position on, read in chunks so that memory stays flat."""
    left = limit
    while left is None or left > 0:
        wanted = CHUNK if left is None else min(CHUNK, left)
        found = rows(using, _RANGE, [first, first + wanted])
        if len(found) < wanted:  # the end is near, or a position is missing: look beyond it
            found = rows(using, _ENTRIES, [first, wanted])
        for position, event_id, entry, leaf in found:
            event_id = event_id if isinstance(event_id, UUID) else UUID(event_id)
            yield Line(position, event_id, bytes(entry), bytes(leaf))
        if len(found) < wanted:
            return
        first = found[-1][0] + 1
        left = None if left is None else left - len(found)


def leaves(first: int, last: int, *, using: str = "default") -> bytes:
    """The stored leaf hashes of the positions [first, last), one after the other."""
    found = rows(using, _LEAVES, [first, last])
    joined = b"".join(bytes(row[1]) for row in found)
    if len(joined) != (last - first) * HASH:
        raise ValueError(f"The log lacks entries between the positions {first} and {last}.")
    return joined


def end(*, using: str = "default") -> int:
    """The position the next entry will get."""
    return int(rows(using, "SELECT coalesce(max(position), -1) + 1 FROM ledger_log", [])[0][0])


def epochs(*, using: str = "default") -> list[EpochRow]:
    """Every epoch that is in the database, oldest first."""
    found = rows(using, "SELECT number, origin, start FROM ledger_epoch ORDER BY number", [])
    return [EpochRow(*row) for row in found]


def epoch_of(position: int, *, using: str = "default") -> EpochRow | None:
    """The epoch that a position belongs to."""
    inside = [epoch for epoch in epochs(using=using) if epoch.start <= position]
    return inside[-1] if inside else None
