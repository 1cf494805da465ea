"""The inspection bundle: a copy of the trail, complete for its filter, verified offline."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import file_digest
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.db import connections

from ledger import log
from ledger import verify as verifier
from ledger.clock import rfc3339
from ledger.export import contents, selection
from ledger.export.bundle_writer import BundleWriter
from ledger.export.frames import Frame, frames, sealed_end
from ledger.export.readme import readme
from ledger.export.selection import Filter, Range
from ledger.export.trail_csv import jsonl_chunks

__all__ = [
    "Filter",
    "Range",
    "Summary",
    "count_matches",
    "export_bundle",
    "sealed_range",
    "trail_jsonl",
    "unsealed",
    "wait_for_seal",
]


@dataclass(frozen=True, slots=True)
class Summary:
    """What was exported."""

    filter: str
    first: int
    last: int
    entries: int
    matches: int
    sha256: str  # of the bundle; empty where it was written to a stream


def sealed_range(chosen: Filter, *, using: str = "default") -> Range:
    """The positions an export covers: what was asked for, as far as it is sealed."""
    end = sealed_end(using=using) - 1
    first = max(chosen.first or 0, 0)
    last = end if chosen.last is None else min(chosen.last, end)
    return Range(first, max(last, first - 1))


def count_matches(chosen: Filter, *, using: str = "default") -> int:
    """How many sealed entries an export would hold; shown before it is made."""
    return selection.count(chosen, sealed_range(chosen, using=using), using=using)


def trail_jsonl(chosen: Filter, *, using: str = "default") -> bytes:
    """The sealed entries that match, byte by byte as `trail.jsonl` of a bundle holds them."""
    positions = sealed_range(chosen, using=using)
    return b"".join(jsonl_chunks(selection.rows(chosen, positions, using=using)))


def unsealed(*, using: str = "default") -> int:
    """How many committed events are not sealed yet, and so are in no export."""
    return _pending(using) + log.end(using=using) - sealed_end(using=using)


def wait_for_seal(*, timeout: float = 10.0, using: str = "default") -> bool:
    """Wait until what is committed now is sealed; False when it is not within the time."""
    deadline = time.monotonic() + timeout
    wanted = log.end(using=using) + _pending(using)
    while sealed_end(using=using) < wanted:
        if time.monotonic() >= deadline:
            return False
        time.sleep(0.05)
    return True


def _pending(using: str) -> int:
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM ledger_pending")
        return int(cursor.fetchone()[0])


def export_bundle(
    out: Path | BinaryIO,
    chosen: Filter | None = None,
    *,
    using: str = "default",
    created_at: datetime | None = None,
) -> Summary:
    """Write a bundle. Memory stays flat however long the log is."""
    chosen = chosen or Filter()
    positions = sealed_range(chosen, using=using)
    shown = frames(positions, using=using)
    facts = _facts(chosen, positions, created_at or datetime.now(UTC), using)
    writer = BundleWriter(out)
    writer.add("README.txt", readme(**facts, witnessed=_witnessed(shown)))
    writer.add("verify.py", Path(verifier.__file__).read_bytes())
    supporting = contents.write_all(writer, chosen, positions, shown, using=using)
    writer.close(_manifest(chosen, positions, facts, supporting, shown))
    entries = positions.last - positions.first + 1
    return Summary(
        chosen.in_words(), positions.first, positions.last, entries, facts["matches"], _hash(out)
    )


def _facts(chosen: Filter, positions: Range, now: datetime, using: str) -> dict[str, Any]:
    return {
        "origin": settings.LOTBOOK_ORIGIN,
        "created_at": rfc3339(now),
        "software": f"lotbook {settings.VERSION}",
        "matches": selection.count(chosen, positions, using=using),
        "filter": chosen.in_words(),
        "first": positions.first,
        "last": positions.last,
    }


def _manifest(
    chosen: Filter,
    positions: Range,
    facts: dict[str, Any],
    supporting: list[int],
    shown: list[Frame],
) -> dict[str, Any]:
    return {
        "format": verifier.FORMAT,
        "origin": facts["origin"],
        "created_at": facts["created_at"],
        "software": facts["software"],
        "filter": chosen.as_manifest(),
        "range": {"first": positions.first, "last": positions.last},
        "matches": facts["matches"],
        "supporting": supporting,
        "epochs": [
            {"epoch": f.epoch.number, "origin": f.epoch.origin, "start": f.epoch.start}
            for f in shown
        ],
    }


def _witnessed(shown: list[Frame]) -> str:
    """Half a sentence for the README: whether others than the log signed its root."""
    lines = shown[-1].note.count("\n\u2014 ".encode())
    return f" and {lines - 1} others have signed too" if lines > 1 else ""


def _hash(out: Path | BinaryIO) -> str:
    if not isinstance(out, Path):
        return ""
    with out.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
