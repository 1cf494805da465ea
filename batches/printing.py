"""That a batch record was printed: which state of it, and the hashes of the copy. Pure."""

from __future__ import annotations

from ledger.event import event_type


@event_type(
    "batches.record_printed",
    1,
    sentence="The record of {batch} was printed as it stood with entry {entries}: {sha256}.",
    owner="batches",
    retention="batch",
)
class RecordPrinted:
    """A copy left the system. `record_sha256` is of the dataset, `sha256` of the sealed file."""

    batch: str
    entries: int
    pages: int
    record_sha256: str
    events_sha256: str
    seal_sha256: str  # of the certificate that sealed it
    sha256: str
