"""Every event row hashed again into its entry and leaf, and compared with what the log holds."""

import os
import re
from collections.abc import Callable, Iterator
from hashlib import blake2b, sha256
from typing import Any

import msgspec

from ledger.audit.report import Report
from ledger.audit.snapshot import Snapshot
from ledger.verify import SUPPORTING

GRAMMAR = re.compile(
    rb"lotbook\.event/v1\n"
    rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\n"
    rb"[a-z][a-z_]{0,39}/[A-Za-z0-9][A-Za-z0-9._:-]{0,79}\n"
    rb"[1-9][0-9]{0,17}\n"
    rb"[a-z][a-z_]*(?:\.[a-z][a-z_]*)+/[1-9][0-9]{0,8}\n"
    rb"[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]\.[0-9]{6}Z\n"
    rb"[A-Za-z0-9][A-Za-z0-9._:-]{0,79}\n"
    rb"[0-9a-f]{64}\n"
).fullmatch
_EVENT = {
    "sqlite": (
        "e.id, e.stream_type, e.stream_id, e.version, e.type, e.schema_version, e.recorded_at,"
        " e.actor, e.body"
    ),
    "postgresql": (
        "CAST(e.id AS text), e.stream_type, e.stream_id, e.version, e.type, e.schema_version,"
        " to_char(e.recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'), e.actor, e.body"
    ),
}
_ID = {"sqlite": "l.event_id", "postgresql": "CAST(l.event_id AS text)"}
BLOB_NAME = re.compile(rb'"blob":"sha256:([0-9a-f]{64})"')

Event = tuple[Any, ...]  # id, stream type, stream id, version, type, schema, time, actor, body


class _Actor(msgspec.Struct):
    person: str


class _Command(msgspec.Struct):
    id: str
    name: str
    request_sha256: str


class _Body(msgspec.Struct):
    actor: _Actor
    command: _Command


_read_body = msgspec.json.Decoder(_Body).decode


def log_rows(snapshot: Snapshot) -> Iterator[tuple[Any, ...]]:
    """The log in order, each row with the event it names: position, id, entry, leaf, event."""
    return snapshot.rows(
        f"SELECT l.position, {_ID[snapshot.vendor]}, l.entry, l.leaf, {_EVENT[snapshot.vendor]}"  # noqa: S608
        " FROM ledger_log l LEFT JOIN ledger_event e ON e.id = l.event_id ORDER BY l.position"
    )


def pending_rows(snapshot: Snapshot) -> Iterator[tuple[Any, ...]]:
    """The events that wait, in order: row number, id named, event."""
    named = _ID[snapshot.vendor].replace("l.", "p.")
    return snapshot.rows(
        f"SELECT p.seq, {named}, {_EVENT[snapshot.vendor]}"  # noqa: S608
        " FROM ledger_pending p LEFT JOIN ledger_event e ON e.id = p.event_id ORDER BY p.seq"
    )


def entry_of(event: Event) -> bytes:
    """The entry that an event row makes; a value of the wrong kind makes a wrong entry."""
    i, stream_type, stream_id, version, kind, schema, time, actor, body = event
    if len(i) == 32:
        i = f"{i[:8]}-{i[8:12]}-{i[12:16]}-{i[16:20]}-{i[20:]}"
    if time[10:11] != " ":
        time = f"?{time}"
    return (
        f"lotbook.event/v1\n{i}\n{stream_type}/{stream_id}\n{version}\n{kind}/{schema}\n"
        f"{time[:10]}T{time[11:]}Z\n{actor}\n{sha256(body).hexdigest()}\n"
    ).encode("utf-8", "backslashreplace")


class Streams:
    """Each stream's versions, in the order of the log: 1, 2, 3, ..."""

    def __init__(self, report: Report) -> None:
        self._newest: dict[str, int] = {}
        self._report = report

    def take(self, stream: str, version: int, row: str, position: int) -> None:
        """The next event of a stream."""
        expected = self._newest.get(stream, 0) + 1
        self._newest[stream] = version
        if version != expected:
            self._report.found(
                row,
                f"Stream {stream} goes on with version {version}; {expected} was to come.",
                position=position,
            )


class Bodies:
    """What the bodies say about their commands and blobs, to be compared with those tables.

    Which command made which event is summed up keyed hash by keyed hash: equal sums mean equal
    sets, in little memory, and nobody can prepare a collision for a key that is drawn here.
    """

    def __init__(self, report: Report) -> None:
        self._report = report
        self._key = os.urandom(32)
        self.sum = 0
        self.blobs: dict[bytes, int] = {}  # digest -> the position that names it first

    def take(self, event: Event, row: str, position: int) -> None:
        """Read one event's body."""
        raw = event[8]
        try:
            body = _read_body(raw)
        except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError) as error:
            self._odd(row, f"The body cannot be read: {error}.", position)
            return
        if body.actor.person != event[7]:
            said = f"The body names {body.actor.person} as actor, the row {event[7]}."
            self._odd(row, said, position)
        command = body.command
        self.sum += self.digest(command.id, command.request_sha256, event[0])
        if b'"blob":"sha256:' in raw:
            for name in BLOB_NAME.findall(raw):
                self.blobs.setdefault(bytes.fromhex(name.decode()), position)

    def _odd(self, row: str, sentence: str, position: int) -> None:
        """A finding in the log; a note where an event waits, and will, because of this."""
        if position >= 0:
            self._report.found(row, sentence, position=position)
        else:
            self._report.notes.append(f"{row}: {sentence} It waits and gets no position.")

    def digest(self, command_id: str, request: str, event_id: str) -> int:
        """One event of one command, as a number nobody can foresee."""
        text = f"{command_id.replace('-', '')} {request} {event_id.replace('-', '')}"
        return int.from_bytes(
            blake2b(text.encode("utf-8", "replace"), key=self._key, digest_size=24).digest(), "big"
        )


class Entries:
    """Goes through the log once; hands each leaf and each event of the log itself on."""

    def __init__(
        self,
        report: Report,
        *,
        leaf: Callable[[int, bytes], None],
        told: Callable[[int, bytes, bytes], None],
    ) -> None:
        self._report = report
        self._leaf = leaf
        self._told = told
        self.streams = Streams(report)
        self.bodies = Bodies(report)
        self.met = 0  # events found behind the log's entries

    def go_through(
        self, rows: Iterator[tuple[Any, ...]], progress: Callable[[int], None] | None = None
    ) -> None:
        """Check every row of the log."""
        expected = 0
        for position, event_id, entry, leaf, *event in rows:
            if position != expected:
                self._gap(expected, position)
            expected = position + 1
            if not (isinstance(entry, bytes) and GRAMMAR(entry)):
                self._wrong(position, "The entry is not the eight lines of lotbook.event/v1.")
                entry = entry if isinstance(entry, bytes) else str(entry).encode()
            own = sha256(b"\x00" + entry).digest()
            if leaf != own:
                self._wrong(position, "The leaf hash is not that of the entry.")
            self._event(position, event_id, entry, tuple(event))
            self._leaf(position, own)
            if progress and not expected & 0x3FFF:
                progress(expected)
        self._report.entries = expected

    def _event(self, position: int, event_id: str, entry: bytes, event: Event) -> None:
        if event[0] is None:
            self._wrong(position, f"There is no event {event_id}, which the log names.")
            return
        self.met += 1
        try:
            made = entry_of(event)
            if made != entry:
                self._wrong(position, _difference(made, entry), table="ledger_event")
            row = f"ledger_event {event[0]}"
            self.streams.take(f"{event[1]}/{event[2]}", event[3], row, position)
            self.bodies.take(event, row, position)
            if event[4].encode() in SUPPORTING:
                self._told(position, entry, event[8])
        except (TypeError, ValueError, AttributeError) as error:
            self._wrong(position, f"A column holds what cannot stand there: {error}.")

    def waiting(self, rows: Iterator[tuple[Any, ...]]) -> None:
        """Check the events that have no position yet, as far as that goes."""
        for number, event_id, *columns in rows:
            event, row = tuple(columns), f"ledger_event {event_id}"
            self._report.pending += 1
            if event[0] is None:
                self._report.found(f"ledger_pending {number}", f"There is no event {event_id}.")
                continue
            try:
                if not GRAMMAR(entry_of(event)):
                    self._report.found(row, "No entry can be made of this event.")
                self.streams.take(f"{event[1]}/{event[2]}", event[3], row, -1)
                self.bodies.take(event, row, -1)
            except (TypeError, ValueError, AttributeError) as error:
                self._report.found(row, f"A column holds what cannot stand there: {error}.")

    def _gap(self, expected: int, position: int) -> None:
        if position > expected:
            self._wrong(expected, f"The log goes on with position {position}: entries are missing.")
        else:
            self._wrong(position, "This position stands in the log more than once.")

    def _wrong(self, position: int, sentence: str, *, table: str = "ledger_log") -> None:
        self._report.found(f"{table} {position}", sentence, position=position)


_LINES = ("form", "id", "stream", "version", "type", "recorded_at", "actor", "body's hash")


def _difference(made: bytes, entry: bytes) -> str:
    """Which of the entry's lines the event row contradicts."""
    pairs = zip(_LINES, made.split(b"\n"), entry.split(b"\n"), strict=False)
    names = [name for name, ours, sealed in pairs if ours != sealed] or ["length"]
    return f"The event is not what its entry says: {', '.join(names)} differ."
