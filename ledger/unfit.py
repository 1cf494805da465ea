"""Events that no entry can be made of: whoever writes past the software leaves such in the tables.

They are given no position, and nothing else waits for them but what follows in their stream. A
person finds them on the health page.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from uuid import UUID

import msgspec
from django.db import connections
from django.utils.translation import gettext_noop

from ledger import body, codec, log, store
from ledger.entry import check_names
from ledger.event import UnknownEvent
from ledger.verify import key_change_holds

NAMES = gettext_noop("Its stream, type, version, time or actor cannot stand in an entry.")
BODY = gettext_noop("Its body is not one that this version of Lotbook writes or can read.")
COMMAND = gettext_noop("The command that its body names is not recorded with it.")
PROOF = gettext_noop("The key of the log that it gives up has not signed the change.")
STREAM = gettext_noop("An earlier event of its stream gets no position.")

KEY_CHANGED = "ledger.checkpoint_key_changed"
Row = tuple[Any, ...]  # seq, id, stream type, stream id, version, type, schema, time, actor, body
_COMMANDS = {
    "sqlite": "SELECT key, request_sha256, event_ids FROM ledger_command WHERE key IN (%b)",
    "postgresql": (
        "SELECT replace(CAST(key AS text), '-', ''), request_sha256, event_ids"
        " FROM ledger_command WHERE key = ANY(%s)"
    ),
}
_ODD = (
    UnknownEvent, msgspec.MsgspecError, ValueError, LookupError, TypeError, AttributeError,
    ArithmeticError, RecursionError,
)  # fmt: skip


class Judge:
    """Tells which of the waiting events can have a position, in the order in which they wait."""

    def __init__(self, using: str) -> None:
        self._using = using
        self._held: set[tuple[Any, Any]] = set()  # streams of which an event was held back

    def faults(self, rows: Sequence[Row]) -> Iterator[tuple[Row, str]]:
        """Each row with what speaks against it, or with nothing."""
        judged = [(row, *_judged(row)) for row in rows]
        made = _made({command for _, _, command, _ in judged if command}, self._using)
        for row, fault, command, request in judged:
            if (row[2], row[3]) in self._held:
                fault = fault or STREAM
            if not fault and (request, _short(row[1])) not in made.get(command, ()):
                fault = COMMAND
            if fault:
                self._held.add((row[2], row[3]))
            yield row, fault


def _judged(row: Row) -> tuple[str, str, bytes]:
    """What speaks against a row taken alone; and the command and request that its body names."""
    _seq, event_id, stream_type, stream_id, version, kind, schema, time, actor, raw = row
    try:
        check_names(stream_type, stream_id, actor)
        name = event_id if isinstance(event_id, UUID) else UUID(event_id)
        moment = store.as_utc(time)
        if event_id not in (name, name.hex) or not 0 < schema < 10**9:
            return NAMES, "", b""
    except _ODD:
        return NAMES, "", b""
    try:
        content = body.decode(raw)
        event = codec.read_event(
            name,
            stream_type=stream_type,
            stream_id=stream_id,
            version=version,
            type=kind,
            schema_version=schema,
            recorded_at=moment,
            body=raw,
        )
        if event.actor.person != actor or body.encode(content) != raw:
            return BODY, "", b""
        if kind == KEY_CHANGED and not key_change_holds(content["data"]):
            return PROOF, "", b""
        return "", event.command_id.hex, bytes.fromhex(content["command"]["request_sha256"])
    except _ODD:
        return BODY, "", b""


def _made(keys: Iterable[str], using: str) -> dict[str, set[tuple[bytes, str]]]:
    """The commands with these keys: with which request each made which events."""
    wanted = sorted(keys)
    if not wanted:
        return {}
    if connections[using].vendor == "postgresql":
        found = log.rows(using, _COMMANDS["postgresql"], [[UUID(key) for key in wanted]])
    else:
        marks = ", ".join(["%s"] * len(wanted))
        found = log.rows(using, _COMMANDS["sqlite"].replace("%b", marks), wanted)
    return {
        key: {(bytes(request), _short(name)) for name in str(ids).split()}
        for key, request, ids in found
        if isinstance(request, bytes)
    }


def _short(event_id: object) -> str:
    return str(event_id).replace("-", "")
