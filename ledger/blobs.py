"""Content-addressed blobs: attachments and readings, named inside events by their hash."""

import re
from collections.abc import Iterable
from hashlib import sha256

from ledger.models import Blob

_NAME = re.compile(r"sha256:([0-9a-f]{64})")


def put(content: bytes) -> str:
    """Keep the content in the current transaction; its name goes into the event's data."""
    digest = sha256(content).digest()
    if not Blob.objects.filter(sha256=digest).exists():
        Blob.objects.bulk_create([Blob(sha256=digest, content=content)], ignore_conflicts=True)
    return f"sha256:{digest.hex()}"


def missing(names: Iterable[str]) -> list[str]:
    """Which of these names nothing is kept under, in their order; what is no name is missing."""
    wanted = {name: _digest(name) for name in names}
    held = Blob.objects.filter(sha256__in=[digest for digest in wanted.values() if digest])
    known = {bytes(digest) for digest in held.values_list("sha256", flat=True)}
    return [name for name, digest in wanted.items() if digest not in known]


def _digest(name: str) -> bytes:
    """The hash in a name; nothing where it is no name."""
    found = _NAME.fullmatch(name)
    return bytes.fromhex(found[1]) if found else b""


def get(name: str) -> bytes:
    """The content of a name; damaged content is never handed out."""
    digest = bytes.fromhex(name.removeprefix("sha256:"))
    content = bytes(Blob.objects.values_list("content", flat=True).get(sha256=digest))
    if sha256(content).digest() != digest:
        raise ValueError(f"The content stored as {name} is not what was stored.")
    return content
