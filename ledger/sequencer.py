"""The sequencer: committed pending events get gapless positions and their entries in the log.

A position is given after the commit, so whoever reads the log by position never misses an entry.
"""

import logging
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

import psycopg
from django.db import connections, transaction

from ledger import store, unfit
from ledger.entry import entry_bytes
from ledger.log import Line, end, rows

say = logging.getLogger(__name__)
_told: set[Any] = set()  # events that were held back and said so

BATCH = 2000
LOCK = 0x4C4F54424F4F4B  # "LOTBOOK": the advisory lock of whoever gives positions
EPOCH_BEGAN = "ledger.epoch_began"
TAKE = (
    "SELECT p.seq, e.id, e.stream_type, e.stream_id, e.version, e.type, e.schema_version,"
    " e.recorded_at, e.actor, e.body FROM ledger_pending p"
    " JOIN ledger_event e ON e.id = p.event_id WHERE "
)
# One statement, so one snapshot: a stream's version 2 is never visible without its version 1, and
# was numbered after it. The first entry of an epoch is placed by `open_epoch` alone.
_NEXT = TAKE + "e.type <> %s AND p.seq > %s ORDER BY p.seq LIMIT %s"
_ONE = TAKE + "p.event_id = %s"
_KEEP = (
    "INSERT INTO ledger_log (position, event_id, entry, leaf)"
    " SELECT * FROM unnest(%b::bigint[], %b::uuid[], %b::bytea[], %b::bytea[])"
)


def sequence(*, limit: int = BATCH, using: str = "sealer") -> int:
    """Give positions to at most `limit` committed events, in one transaction; how many got one.

    Two sequencers at once are harmless: the second waits, then finds what is left.
    """
    if not _anything_pending(using):
        return 0
    with transaction.atomic(using=using):
        _lock(using)
        return len(_place(_next(limit, using), using))


def _next(limit: int, using: str) -> list[tuple[Any, ...]]:
    """The next events that an entry can be made of; the others wait, and are told once."""
    judge, after = unfit.Judge(using), -1
    while True:
        taken = rows(using, _NEXT, [EPOCH_BEGAN, after, limit])
        fit = []
        for row, fault in judge.faults(taken):
            if not fault:
                fit.append(row)
            elif row[1] not in _told:
                _told.add(row[1])
                say.error("The event %s gets no position. %s", row[1], fault)
        if fit or len(taken) < limit:
            return fit
        after = taken[-1][0]


def sequence_all(*, at_most: int | None = None, using: str = "sealer") -> int:
    """Give positions to everything that is committed now; how many got one.

    A batch that is not full ends it: under steady writing there is always something newer, and a
    checkpoint must not wait for it.
    """
    done = 0
    while at_most is None or done < at_most:
        placed = sequence(using=using)
        done += placed
        if placed < BATCH:
            break
    return done


def open_epoch(event_id: UUID, *, number: int, origin: str, using: str = "sealer") -> int:
    """Start an epoch with its first entry, in one transaction; the position it starts at."""
    connection = connections[using]
    with transaction.atomic(using=using):
        _lock(using)
        lines = _place(rows(using, _ONE, [_id(using, event_id)]), using)
        if not lines:
            raise ValueError(f"The event {event_id} is not waiting for a position.")
        with connection.cursor() as cursor:
            cursor.execute(
                # Migrate has written the row of epoch 1 already.
                "INSERT INTO ledger_epoch (number, origin, start) VALUES (%s, %s, %s)"
                " ON CONFLICT (number) DO NOTHING",
                [number, origin, lines[0].position],
            )
    return lines[0].position


def _anything_pending(using: str) -> bool:
    """Asked without the lock: an idle sequencer must not stand in the writers' way."""
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT 1 FROM ledger_pending LIMIT 1")
        return cursor.fetchone() is not None


def _lock(using: str) -> None:
    """One sequencer at a time, to the end of the transaction (SQLite has one writer anyway)."""
    connection = connections[using]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def _place(taken: Sequence[tuple[Any, ...]], using: str) -> list[Line]:
    if not taken:
        return []
    lines = [_line(position, row) for position, row in enumerate(taken, start=end(using=using))]
    numbers = [row[0] for row in taken]
    if connections[using].vendor == "postgresql":
        _keep_postgres(lines, numbers, using)
    else:
        _keep_sqlite(lines, numbers, using)
    return lines


def _line(position: int, row: tuple[Any, ...]) -> Line:
    _seq, event_id, stream_type, stream_id, version, type, schema, recorded_at, actor, body = row
    event_id = event_id if isinstance(event_id, UUID) else UUID(event_id)
    if not isinstance(recorded_at, datetime) or recorded_at.tzinfo is None:
        recorded_at = store.as_utc(recorded_at)
    entry = entry_bytes(
        event_id,
        stream_type=stream_type,
        stream_id=stream_id,
        version=version,
        type=type,
        schema_version=schema,
        recorded_at=recorded_at,
        actor=actor,
        body_sha256=sha256(body).digest(),
    )
    return Line(position, event_id, entry, sha256(b"\0" + entry).digest())


def _keep_postgres(lines: list[Line], numbers: list[int], using: str) -> None:
    plain = psycopg.Cursor(connections[using].connection)
    plain.execute(_KEEP, [list(column) for column in zip(*lines, strict=True)])
    plain.execute("DELETE FROM ledger_pending WHERE seq = ANY(%b)", [numbers])


def _keep_sqlite(lines: list[Line], numbers: list[int], using: str) -> None:
    with connections[using].cursor() as cursor:
        cursor.executemany(
            "INSERT INTO ledger_log (position, event_id, entry, leaf) VALUES (%s, %s, %s, %s)",
            [(line.position, line.event_id.hex, line.entry, line.leaf) for line in lines],
        )
        cursor.executemany(
            "DELETE FROM ledger_pending WHERE seq = %s", [(number,) for number in numbers]
        )


def _id(using: str, event_id: UUID) -> UUID | str:
    return event_id if connections[using].vendor == "postgresql" else event_id.hex
