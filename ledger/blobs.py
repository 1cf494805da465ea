"""Content-addressed blobs: attachments and readings, named inside events by their hash."""

from hashlib import sha256

from ledger.models import Blob


def put(content: bytes) -> str:
    """Keep the content in the current transaction; its name goes into the event's data."""
    digest = sha256(content).digest()
    if not Blob.objects.filter(sha256=digest).exists():
        Blob.objects.bulk_create([Blob(sha256=digest, content=content)], ignore_conflicts=True)
    return f"sha256:{digest.hex()}"


def get(name: str) -> bytes:
    """The content of a name; damaged content is never handed out."""
    digest = bytes.fromhex(name.removeprefix("sha256:"))
    content = bytes(Blob.objects.values_list("content", flat=True).get(sha256=digest))
    if sha256(content).digest() != digest:
        raise ValueError(f"The content stored as {name} is not what was stored.")
    return content
