"""Followers: they read the log by position after commit, at least once, and stop on an error.

A follower's place and what its handler writes are kept in one transaction, so on this database a
handler's rows are written exactly once. A follower never skips: on an error it stops, says so on
the trail and on the health page, and reads on when a person resumes it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db import InterfaceError, OperationalError, connections, transaction

from ledger import ids, store
from ledger.codec import CommandRef
from ledger.entry import entry_bytes
from ledger.event import Actor, Recorded, Refused
from ledger.log_events import FollowerStopped
from ledger.models import Cursor

BATCH = 500
SELF_AUDIT = "self_audit"
_FIELDS = (
    "SELECT l.position, l.event_id, l.entry, l.leaf, e.stream_type, e.stream_id, e.version, e.type,"
    " e.schema_version, e.recorded_at, e.actor, e.body FROM ledger_log l"
    " LEFT JOIN ledger_event e ON e.id = l.event_id WHERE l.position >= %s"
)
# A closed range is read by the index however old the planner's statistics are.
_RANGE = _FIELDS + " AND l.position < %s ORDER BY l.position"
_BEYOND = _FIELDS + " ORDER BY l.position LIMIT %s"


class FollowerAlarm(Exception):
    """Why a follower cannot go on, as a sentence that may stand on the trail."""


@dataclass(frozen=True, slots=True)
class Logged:
    """One entry of the log with the stored event it commits to."""

    position: int
    event_id: UUID
    entry: bytes
    leaf: bytes
    stream_type: str
    stream_id: str
    version: int
    type: str
    schema_version: int
    recorded_at: datetime
    actor: str
    body: bytes

    def event(self) -> Recorded:
        """The event with its payload read."""
        return store.recorded(
            (
                self.event_id,
                self.stream_type,
                self.stream_id,
                self.version,
                self.type,
                self.schema_version,
                self.recorded_at,
                self.body,
            )
        )


@dataclass(frozen=True, slots=True)
class Follower:
    """A name, which its place is kept under, and the handler of one entry."""

    name: str
    handle: Callable[[Logged], None]


@dataclass(frozen=True, slots=True)
class Lag:
    """How far a follower has come, how many entries it is behind, and why it stopped."""

    name: str
    position: int
    behind: int
    stopped: str


_registry: dict[str, Follower] = {}


def follower(name: str) -> Callable[[Callable[[Logged], None]], Callable[[Logged], None]]:
    """Register a handler: it gets every entry of the log, in order, and raises to stop."""

    def register(handle: Callable[[Logged], None]) -> Callable[[Logged], None]:
        if name in _registry:
            raise ValueError(f"The follower {name} is declared twice.")
        _registry[name] = Follower(name, handle)
        return handle

    return register


def registry() -> dict[str, Follower]:
    """Every declared follower by name."""
    return _registry


def run_follower(name: str, *, batch: int = BATCH) -> int:
    """Read on to the end of the log or to the first error; how many entries were handled.

    Raises nothing for a handler's error: the follower is stopped instead.
    """
    one, done = _registry[name], 0
    while handled := _run_batch(one, batch):
        done += handled
    return done


def run_all() -> dict[str, int]:
    """Let every follower read on."""
    return {name: run_follower(name) for name in _registry}


def _run_batch(one: Follower, batch: int) -> int:
    place = Cursor.objects.filter(name=one.name).first()
    if place is None:
        Cursor.objects.get_or_create(name=one.name)
        place = Cursor(name=one.name)
    if place.stopped or not _has_news(one, place.position):
        return 0
    outcome = _handle(one, batch)
    if outcome.error is None:
        return outcome.handled
    if outcome.handled:  # keep what went well before the error, then stand at the error
        outcome = _handle(one, outcome.handled)
        if outcome.error is None:
            return outcome.handled
    _stop(one, outcome)
    return 0


@dataclass(frozen=True, slots=True)
class _Outcome:
    handled: int
    position: int
    error: Exception | None = None


def _handle(one: Follower, batch: int) -> _Outcome:
    """Handle one batch in one transaction with the cursor; an error undoes all of it."""
    handled = start = 0
    try:
        with transaction.atomic():
            place = Cursor.objects.select_for_update().get(name=one.name)
            start = place.position
            if place.stopped:
                return _Outcome(0, start)
            for entry in read(start, batch):
                _check_position(start + handled, entry)
                one.handle(entry)
                handled += 1
            Cursor.objects.filter(name=one.name).update(position=start + handled)
            return _Outcome(handled, start + handled)
    except (OperationalError, InterfaceError):
        raise  # the database is away: this says nothing about the entry
    except Exception as error:  # noqa: BLE001 - whatever it is, a follower may not skip it
        return _Outcome(handled, start + handled, error)


def _check_position(expected: int, entry: Logged) -> None:
    if entry.position != expected:
        raise FollowerAlarm(
            f"Position {expected} is missing: the log goes on at {entry.position}."
            " Run manage.py verify_ledger."
        )


def _has_news(one: Follower, position: int) -> bool:
    size = head()
    if position > size:
        outcome = _Outcome(0, position, FollowerAlarm(_beyond(position, size)))
        _stop(one, outcome)
    return position < size


def _beyond(position: int, size: int) -> str:
    return (
        f"It has read {position} entries but the log holds {size}: the database was restored from"
        " a backup. Run manage.py begin_epoch."
    )


def _stop(one: Follower, outcome: _Outcome) -> None:
    """Stop, say so on the trail. A foreign error's text stays off it: it may hold anything."""
    error = outcome.error
    told = str(error) if isinstance(error, FollowerAlarm) else f"{type(error).__name__}."
    with transaction.atomic():
        Cursor.objects.filter(name=one.name).update(stopped=str(error) or told)
        payload = FollowerStopped(follower=one.name, position=outcome.position, error=told)
        tell(one.name, payload)


def tell(name: str, payload: object, *, reason: str = "") -> None:
    """Write an event on a follower's stream."""
    version = len(store.load("follower", name))
    store.append(
        command=CommandRef(ids.new_id(), "ledger.run_follower", b"\0" * 32),
        actor=Actor(person="followers", role="system", terminal="server"),
        changes=[store.Change("follower", name, version, [payload])],
        reason=reason,
    )


def resume(name: str) -> int:
    """Lift the stop inside the caller's transaction; the position it reads on from."""
    place = Cursor.objects.select_for_update().filter(name=name).first()
    if place is None or not place.stopped:
        raise Refused("The follower {follower} has not stopped.", follower=name)
    Cursor.objects.filter(name=name).update(stopped="")
    return place.position


def lag() -> list[Lag]:
    """Every follower's place, for the health page."""
    size = head()
    places = {place.name: place for place in Cursor.objects.all()}
    found = []
    for name in _registry:
        place = places.get(name) or Cursor(name=name)
        found.append(Lag(name, place.position, max(0, size - place.position), place.stopped))
    return found


def head(*, using: str = "default") -> int:
    """How many entries the log holds."""
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT max(position) FROM ledger_log")
        newest = cursor.fetchone()[0]
    return 0 if newest is None else int(newest) + 1


def read(position: int, limit: int, *, using: str = "default") -> Iterator[Logged]:
    """The entries from a position on, each with its stored event."""
    with connections[using].cursor() as cursor:
        cursor.execute(_RANGE, [position, position + limit])
        rows = cursor.fetchall()
        if len(rows) < limit:  # the end is near, or a position is missing: look beyond it
            cursor.execute(_BEYOND, [position, limit])
            rows = cursor.fetchall()
    return map(_logged, rows)


def _logged(row: Sequence[Any]) -> Logged:
    position, event_id, entry, leaf, *event = row
    if event[0] is None:
        raise FollowerAlarm(
            f"The event of position {position} is missing from the database."
            " Run manage.py verify_ledger."
        )
    stream_type, stream_id, version, type, schema_version, recorded_at, actor, body = event
    return Logged(
        position=position,
        event_id=event_id if isinstance(event_id, UUID) else UUID(event_id),
        entry=bytes(entry),
        leaf=bytes(leaf),
        stream_type=stream_type,
        stream_id=stream_id,
        version=version,
        type=type,
        schema_version=schema_version,
        recorded_at=store.as_utc(recorded_at),
        actor=actor,
        body=bytes(body),
    )


@follower(SELF_AUDIT)
def self_audit(entry: Logged) -> None:
    """Hash each newly sequenced entry again, from its stored row and body, and stop on a lie."""
    again = entry_bytes(
        entry.event_id,
        stream_type=entry.stream_type,
        stream_id=entry.stream_id,
        version=entry.version,
        type=entry.type,
        schema_version=entry.schema_version,
        recorded_at=entry.recorded_at,
        actor=entry.actor,
        body_sha256=sha256(entry.body).digest(),
    )
    if again != entry.entry:
        raise FollowerAlarm(
            f"Entry {entry.position} does not match its stored event {entry.event_id}: one of the"
            " two was altered. Stop work on this record and run manage.py verify_ledger."
        )
    if sha256(b"\0" + entry.entry).digest() != entry.leaf:
        raise FollowerAlarm(
            f"The leaf hash of entry {entry.position} does not match the entry: it was altered."
            " Run manage.py verify_ledger."
        )
