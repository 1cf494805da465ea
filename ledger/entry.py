"""The line form of an event: the short commitment that becomes a leaf of the Merkle tree."""

import re
from datetime import datetime
from uuid import UUID

from ledger.clock import rfc3339

HEADER = "lotbook.event/v1"
STREAM_TYPE = re.compile(r"[a-z][a-z_]{0,39}\Z")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,79}\Z")
EVENT_TYPE = re.compile(r"[a-z][a-z_]*(\.[a-z][a-z_]*)+\Z")


def entry_bytes(
    event_id: UUID,
    *,
    stream_type: str,
    stream_id: str,
    version: int,
    type: str,
    schema_version: int,
    recorded_at: datetime,
    actor: str,
    body_sha256: bytes,
) -> bytes:
    """The eight lines that are hashed. Everything in them is ASCII."""
    return (
        f"{HEADER}\n{event_id}\n{stream_type}/{stream_id}\n{version}\n{type}/{schema_version}\n"
        f"{rfc3339(recorded_at)}\n{actor}\n{body_sha256.hex()}\n"
    ).encode("ascii")


def check_names(stream_type: str, stream_id: str, actor: str) -> None:
    """Refuse what could not stand on a line of an entry."""
    if not STREAM_TYPE.match(stream_type):
        raise ValueError(f"{stream_type!r} is not a stream type (lower-case letters and _).")
    if not NAME.match(stream_id):
        raise ValueError(f"{stream_id!r} is not a stream id (letters, digits, ._:-; at most 80).")
    if not NAME.match(actor):
        raise ValueError(f"{actor!r} is not a person's pseudonym.")
