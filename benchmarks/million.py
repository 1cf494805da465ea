"""A large log: events of a believable year, written in bulk, then given positions and sealed.

Bodies come from the real codec and rows from the real projection; only the statements are bulk.
"""

import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from uuid import UUID

from django.db import connection, transaction

from benchmarks.figures import say
from equipment.unit import LogbookEntryCorrected, LogbookEntryMade, Moved, TakenOutOfService
from ledger import codec, ids, store, trail
from ledger.codec import CommandRef
from ledger.event import Actor, Recorded, type_of
from ledger.models import Trail, TrailWord

START = datetime(2025, 1, 1, tzinfo=UTC)
LONG_STREAM = "BIG-1"
LONG = 1000
CHUNK = 5000
SHARES = {"operator": 60, "verifier": 20, "supervisor": 10, "qa_reviewer": 9, "maintenance": 1}
ROLES = [role for role, share in SHARES.items() for _ in range(share)]
REASONS = [
    "Rotor exchanged after vibration alarm",
    "Typing error: decimal comma",
    "Wrong unit chosen",
    "Cleaning after spill of medium",
    "Calibration overdue; replaced by spare unit",
    "Transcribed from the contingency print",
]
RARE_REASON = "Quarantine after mycoplasma finding"


def build(*, size: int, seed: int = 7) -> None:
    """Fill the database that Django points at, then sequence and seal it."""
    started = time.perf_counter()
    events = _events(size, random.Random(seed))
    written = 0
    while chunk := list(islice(events, CHUNK)):
        _write(chunk)
        written += len(chunk)
        if written % 100_000 == 0:
            say(f"{written} events written after {time.perf_counter() - started:.0f} s")
    seal_all()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE") if connection.vendor == "postgresql" else None
    say(f"{size} events written and sealed in {time.perf_counter() - started:.0f} s")


def seal_all() -> None:
    """Positions and one checkpoint, by the real sealer."""
    from ledger import sealer

    sealer.run_once()


def _events(size: int, chance: random.Random) -> Iterator[Recorded]:
    """Events in the order of time; one stream has LONG of them, the others a few dozen."""
    people = [f"p-{number:03d}" for number in range(60)]
    versions: dict[str, int] = {}
    long_at = set(range(0, size, max(1, size // LONG)))
    streams = max(50, size // 40)
    for number in range(size):
        unit = LONG_STREAM if number in long_at else f"EQ-{chance.randrange(streams):05d}"
        version = versions[unit] = versions.get(unit, 0) + 1
        person = people[min(int(chance.expovariate(0.12)), 58)] if number % 50_000 else people[59]
        actor = Actor(person, chance.choice(ROLES), f"t-{chance.randrange(6)}")
        payload, reason = _payload(unit, version, number, chance)
        moment = START + timedelta(seconds=30 * number)
        yield _recorded(payload, actor, unit, version, moment, reason)


def _payload(unit: str, entry: int, number: int, chance: random.Random) -> tuple[object, str]:
    draw = chance.random()
    if number % 40_000 == 39_999:
        return TakenOutOfService(unit=unit), RARE_REASON
    if draw < 0.80:
        text = f"Run {entry}: {chance.randrange(200, 900)} g, {chance.randrange(5, 20)} min."
        return LogbookEntryMade(unit=unit, entry=entry, text=text), ""
    reason = f"{chance.choice(REASONS)}, case {chance.randrange(20_000)}"
    if draw < 0.97:
        return LogbookEntryCorrected(unit=unit, entry=entry, old="400 g", new="450 g"), reason
    return Moved(unit=unit, old="Grade C corridor", new="Grade B filling"), reason


def _recorded(
    payload: object, actor: Actor, unit: str, version: int, moment: datetime, reason: str
) -> Recorded:
    kind = type_of(payload)
    command = CommandRef(ids.new_id(), "equipment.make_entry", b"\x5a" * 32)
    return Recorded(
        id=ids.new_id(),
        stream_type="equipment",
        stream_id=unit,
        version=version,
        type=kind.name,
        schema_version=kind.version,
        recorded_at=moment,
        actor=actor,
        data=payload,
        command_id=command.id,
        command_name=command.name,
        reason=reason,
        cause=None,
        claimed_at=None,
        body=codec.write_body(payload, actor=actor, command=command, reason=reason),
    )


def _write(events: list[Recorded]) -> None:
    with transaction.atomic():
        if connection.vendor == "postgresql":
            _copy(events)
        else:
            _insert(events)
        Trail.objects.bulk_create([trail._row(event) for event in events], batch_size=1000)
        TrailWord.objects.bulk_create(
            [
                TrailWord(word=word, recorded_at=event.recorded_at, event_id=event.id)
                for event in events
                if event.reason
                for word in trail.words_of(event.reason)
            ],
            batch_size=2000,
        )


def _copy(events: list[Recorded]) -> None:
    columns = "id, stream_type, stream_id, version, type, schema_version, recorded_at, actor, body"
    with connection.cursor() as cursor:
        with cursor.copy(f"COPY ledger_event ({columns}) FROM STDIN") as copy:
            for event in events:
                copy.write_row(store._row(connection, event))
        with cursor.copy("COPY ledger_command (key, request_sha256, event_ids) FROM STDIN") as copy:
            for event in events:
                copy.write_row([event.command_id, b"\x5a" * 32, str(event.id)])


def _insert(events: list[Recorded]) -> None:
    rows = [store._row(connection, event) for event in events]
    keys = [[event.command_id.hex, b"\x5a" * 32, str(event.id)] for event in events]
    with connection.cursor() as cursor:
        cursor.executemany(store._INSERT_EVENT + store._EVENT_VALUES, rows)
        cursor.executemany(store._INSERT_KEY, keys)


def some_event(position: int) -> UUID:
    """The id of the event at a position."""
    from ledger.models import LogEntry

    return LogEntry.objects.values_list("event_id", flat=True).get(position=position)
