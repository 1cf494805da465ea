"""Between payloads and bytes: an event's body written down, and read back whatever its age."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

import msgspec
from django.conf import settings

from ledger import body
from ledger.clock import rfc3339
from ledger.event import Actor, Recorded, event_types, upcast


@dataclass(frozen=True, slots=True)
class CommandRef:
    """Which command an event came of: its idempotency key, name, and the hash of the request."""

    id: UUID
    name: str
    request_sha256: bytes


class _Command(msgspec.Struct):
    id: UUID
    name: str
    request_sha256: str


class _Body(msgspec.Struct):
    actor: Actor
    command: _Command
    data: msgspec.Raw
    software: str = ""
    reason: str = ""
    cause: UUID | None = None
    claimed_at: datetime | None = None


_read_body = msgspec.json.Decoder(_Body).decode


@cache
def _reader(cls: type) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(cls)


def write_body(
    payload: object,
    *,
    actor: Actor,
    command: CommandRef,
    reason: str = "",
    cause: UUID | None = None,
    claimed_at: datetime | None = None,
) -> bytes:
    """The canonical body of one event."""
    content: dict[str, Any] = {
        "actor": {"person": actor.person, "role": actor.role, "terminal": actor.terminal},
        "command": {
            "id": str(command.id),
            "name": command.name,
            "request_sha256": command.request_sha256.hex(),
        },
        "data": plain(payload),
        "software": f"lotbook {settings.VERSION}",
    }
    if reason:
        content["reason"] = reason
    if cause is not None:
        content["cause"] = str(cause)
    if claimed_at is not None:
        content["claimed_at"] = rfc3339(claimed_at)
    return body.encode(content)


def plain(payload: object) -> Any:
    """Objects, lists, text, whole numbers: decimals, times and ids become text."""
    return msgspec.to_builtins(payload, str_keys=True)


def read_data(event_type: str, schema_version: int, raw: bytes) -> Any:
    """The payload of a stored event, brought to the current version of its type."""
    known = event_types().get(event_type)
    if known is not None and known.version == schema_version:
        return _reader(known.cls).decode(raw)
    data = upcast(event_type, schema_version, msgspec.json.decode(raw))
    return msgspec.convert(data, event_types()[event_type].cls)


def read_event(
    event_id: UUID,
    *,
    stream_type: str,
    stream_id: str,
    version: int,
    type: str,
    schema_version: int,
    recorded_at: datetime,
    body: bytes,
) -> Recorded:
    """An event as the ledger holds it, from its row."""
    found = _read_body(body)
    return Recorded(
        id=event_id,
        stream_type=stream_type,
        stream_id=stream_id,
        version=version,
        type=type,
        schema_version=schema_version,
        recorded_at=recorded_at,
        actor=found.actor,
        data=read_data(type, schema_version, bytes(found.data)),
        command_id=found.command.id,
        command_name=found.command.name,
        reason=found.reason,
        cause=found.cause,
        claimed_at=found.claimed_at,
        body=body,
    )


def json_schema(cls: type) -> dict[str, Any]:
    """The JSON Schema of a payload, as the catalogue publishes it."""
    return msgspec.json.schema(cls)
