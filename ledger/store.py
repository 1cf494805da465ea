"""The event store: append under optimistic concurrency, exactly once per command, and load."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

import psycopg
from django.db import DatabaseError, InterfaceError, OperationalError, connections, transaction

from ledger import clock, codec, ids, projections, reactions
from ledger.codec import CommandRef
from ledger.entry import check_names
from ledger.event import Actor, Recorded, marked, type_of

_COLUMNS = "id, stream_type, stream_id, version, type, schema_version, recorded_at, body"
_INSERT_EVENT = (
    "INSERT INTO ledger_event (id, stream_type, stream_id, version, type, schema_version,"
    " recorded_at, actor, body) VALUES "
)
_EVENT_VALUES = "(%s, %s, %s, %s, %s, %s, %s, %s, %s)"
# A lock, a statement or a transaction took too long, or there was no connection left to have.
_AWAY = {"55P03", "57014", "25P03", "25P04", "53300"}
_INSERT_KEY = "INSERT INTO ledger_command (key, request_sha256, event_ids) VALUES (%s, %s, %s)"


class Conflict(Exception):
    """Somebody else wrote to this stream first: load it again and decide again."""


class CommandReused(Exception):
    """A command id that was carried out before has come back with another request."""


class Trouble(OperationalError):
    """The database could not do its part; the sentence tells whoever wrote what to do."""

    code: str
    sentence: str


class DiskFull(Trouble):
    """There is no room for the record, so nothing was recorded."""

    code = "disk_full"
    sentence = marked(
        "The database's disk is full, so nothing was recorded. Ask the administrator to make"
        " room, then send the same again."
    )


class ClockApart(Trouble):
    """The database's clock tells another time than ours, so nothing was recorded."""

    code = "clock_apart"
    sentence = marked(
        "The clocks of the server and of its database are more than 2 seconds apart, so nothing"
        " was recorded. Ask the administrator to set the clocks right, then send the same again."
    )


class Away(Trouble):
    """The database gave no answer: what was sent may be recorded, or may not."""

    code = "away"
    sentence = marked(
        "The database did not answer, so it is not known whether this was recorded. Send the same"
        " again: it will be recorded once."
    )
    without_id = marked(
        "The database did not answer, so it is not known whether this was recorded. Look whether"
        " it was, before you send it again."
    )


class CommandKnown(Exception):
    """This command has been carried out already (found at the moment of writing)."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a command does to one stream: the version it saw, and the payloads it adds."""

    stream_type: str
    stream_id: str
    expected_version: int
    payloads: Sequence[object]


@dataclass(frozen=True, slots=True)
class Appended:
    """The events of a command, and whether they were there already."""

    events: list[Recorded]
    replayed: bool = False


def append(
    *,
    command: CommandRef,
    actor: Actor,
    changes: Sequence[Change],
    reason: str = "",
    cause: UUID | None = None,
    claimed_at: datetime | None = None,
    using: str = "default",
) -> Appended:
    """Write a command's events in one transaction, or find that they were written before."""
    drafts = draft(
        command=command,
        actor=actor,
        changes=changes,
        reason=reason,
        cause=cause,
        claimed_at=claimed_at,
    )
    try:
        return write(drafts, command=command, using=using)
    except (CommandKnown, Conflict):
        # A resent command may meet its own events before it meets its own key.
        if connections[using].in_atomic_block:
            raise
        known = replay(command, using=using)
        if known is None:
            raise
        return known


def draft(
    *,
    command: CommandRef,
    actor: Actor,
    changes: Sequence[Change],
    reason: str = "",
    cause: UUID | None = None,
    claimed_at: datetime | None = None,
) -> list[Recorded]:
    """The events as they will be written: ids, versions and bodies are final, so can be signed."""
    moment = clock.now()
    drafts = []
    for change in changes:
        check_names(change.stream_type, change.stream_id, actor.person)
        for version, payload in enumerate(change.payloads, start=change.expected_version + 1):
            kind = type_of(payload)
            drafts.append(
                Recorded(
                    id=ids.new_id(),
                    stream_type=change.stream_type,
                    stream_id=change.stream_id,
                    version=version,
                    type=kind.name,
                    schema_version=kind.version,
                    recorded_at=moment,
                    actor=actor,
                    data=payload,
                    command_id=command.id,
                    command_name=command.name,
                    reason=reason,
                    cause=cause,
                    claimed_at=claimed_at,
                    body=codec.write_body(
                        payload,
                        actor=actor,
                        command=command,
                        reason=reason,
                        cause=cause,
                        claimed_at=claimed_at,
                    ),
                )
            )
    return drafts


def write(
    events: list[Recorded], *, command: CommandRef, using: str = "default", savepoint: bool = True
) -> Appended:
    """Insert drafted events, project them and let reactions answer: one transaction.

    Where nothing listens, PostgreSQL needs one statement and so no explicit transaction. Inside a
    transaction of the caller's, who lets every fault end it, no savepoint is needed either.
    """
    connection = connections[using]
    one_statement = connection.vendor == "postgresql" and not _anybody_listens(events)
    with reading():
        if one_statement:
            _insert(events, command, connection)
        else:
            with transaction.atomic(using=using, savepoint=savepoint):
                _insert(events, command, connection)
                projections.run_all(events, using=using)
                for event in events:
                    reactions.run(event)
    return Appended(events)


def _anybody_listens(events: Iterable[Recorded]) -> bool:
    return any(projections.listens(e.data) or reactions.listens(e.data) for e in events)


def _insert(events: list[Recorded], command: CommandRef, connection: Any) -> None:
    key = [
        _uuid(connection, command.id),
        command.request_sha256,
        " ".join(str(event.id) for event in events),
    ]
    rows = [value for event in events for value in _row(connection, event)]
    insert_events = _INSERT_EVENT + ", ".join([_EVENT_VALUES] * len(events))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"WITH key AS ({_INSERT_KEY}) {insert_events}", key + rows)
        else:
            cursor.execute(_INSERT_KEY, key)
            cursor.execute(insert_events, rows)


def _row(connection: Any, event: Recorded) -> list[Any]:
    return [
        _uuid(connection, event.id),
        event.stream_type,
        event.stream_id,
        event.version,
        event.type,
        event.schema_version,
        _time(connection, event.recorded_at),
        event.actor.person,
        event.body,
    ]


def _uuid(connection: Any, value: UUID) -> UUID | str:
    return value if connection.vendor == "postgresql" else value.hex


def _time(connection: Any, value: datetime) -> datetime | str:
    if connection.vendor == "postgresql":
        return value
    return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


@contextmanager
def reading() -> Iterator[None]:
    """What the database refuses inside is raised as what it means to a writer."""
    try:
        yield
    except Trouble:
        raise  # read already
    except (DatabaseError, InterfaceError) as error:
        meaning = reading_of(error)
        if meaning is error:
            raise
        raise meaning from error


def reading_of(error: DatabaseError | InterfaceError) -> Exception:
    """What the database's refusal means to a writer."""
    text = str(error)
    state = getattr(error.__cause__, "sqlstate", None)
    if "ledger_command" in text and (state == "23505" or "UNIQUE" in text):
        return CommandKnown(text)
    if state in {"40001", "40P01"} or (state == "23505" and "ledger_event_version" in text):
        return Conflict(text)
    if "ledger conflict" in text or "UNIQUE constraint failed: ledger_event.stream" in text:
        return Conflict(text)
    if state == "53100" or "disk is full" in text:
        return DiskFull(f"{DiskFull.sentence} ({text.strip()})")
    if "ledger clock" in text:
        return ClockApart(f"{ClockApart.sentence} ({text.strip()})")
    if _is_away(error, state):
        return Away(f"{Away.sentence} ({text.strip()})")
    return error


def _is_away(error: Exception, state: str | None) -> bool:
    """Whether the database took too long, went down, or cannot be reached."""
    if state is not None:
        return state in _AWAY or state.startswith(("08", "57P0"))
    lost = isinstance(error.__cause__, psycopg.OperationalError | psycopg.InterfaceError)
    return lost or isinstance(error, InterfaceError) or "database is locked" in str(error)


def replay(command: CommandRef, *, using: str = "default") -> Appended | None:
    """What this command did when it was carried out before; None if it was not."""
    connection = connections[using]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT request_sha256, event_ids FROM ledger_command WHERE key = %s",
            [_uuid(connection, command.id)],
        )
        row = cursor.fetchone()
    if row is None:
        return None
    if bytes(row[0]) != command.request_sha256:
        raise CommandReused(f"The command {command.id} was carried out before, with other values.")
    events = [event(UUID(text), using=using) for text in row[1].split()]
    return Appended([found for found in events if found is not None], replayed=True)


def request_sha256(name: str, request: dict[str, Any]) -> bytes:
    """The hash of what was asked, which tells a resent command from a reused id."""
    from ledger import body

    return sha256(body.encode({"command": name, "request": codec.plain(request)})).digest()


def load(
    stream_type: str,
    stream_id: str,
    *,
    since: int | None = None,
    upto: int | None = None,
    versions: Sequence[int] | None = None,
    using: str = "default",
) -> list[Recorded]:
    """A stream's events in order, from version `since` up to and including `upto`, if given.

    Or only those of the given versions.
    """
    where = "stream_type = %s AND stream_id = %s"
    values: list[Any] = [stream_type, stream_id]
    if since is not None:
        where += " AND version >= %s"
        values.append(since)
    if upto is not None:
        where += " AND version <= %s"
        values.append(upto)
    if versions is not None:
        where += f" AND version IN ({', '.join(['%s'] * len(versions))})"
        values += versions
    return _read(where + " ORDER BY version", values, using)


def event(event_id: UUID, *, using: str = "default") -> Recorded | None:
    """One event by its id."""
    found = _read("id = %s", [_uuid(connections[using], event_id)], using)
    return found[0] if found else None


def _read(where: str, values: list[Any], using: str) -> list[Recorded]:
    connection = connections[using]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {_COLUMNS} FROM ledger_event WHERE {where}", values)  # noqa: S608
        return [recorded(row) for row in cursor.fetchall()]


def recorded(row: Sequence[Any]) -> Recorded:
    """An event from a row of (id, stream type, stream id, version, type, ..., body)."""
    event_id, stream_type, stream_id, version, type, schema_version, recorded_at, body = row
    return codec.read_event(
        event_id if isinstance(event_id, UUID) else UUID(event_id),
        stream_type=stream_type,
        stream_id=stream_id,
        version=version,
        type=type,
        schema_version=schema_version,
        recorded_at=as_utc(recorded_at),
        body=bytes(body),
    )


def as_utc(value: datetime | str) -> datetime:
    """A stored time as an aware one, whichever database it comes from."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
