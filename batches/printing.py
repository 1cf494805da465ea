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


@event_type(
    "batches.print_checked",
    1,
    sentence="A print was checked here ({sha256}): {outcome}.",
    owner="batches",
    retention="batch",
)
class PrintChecked:
    """Somebody brought a file: what its seal is worth, and whether this ledger handed it out."""

    sha256: str
    outcome: str
    batch: str  # the batch that it is a print of, where this ledger knows the file


OURS, STRANGE, CHANGED, UNSEALED = (
    "it is whole and was handed out here",
    "its seal holds, but it was not handed out here",
    "it was changed after it was sealed",
    "it bears no seal",
)


def outcome(*, sealed: bool, holds: bool, batch: str) -> str:
    """What there is to say of a file; `batch`: where this ledger handed out these very bytes."""
    if not sealed:
        return UNSEALED
    if not holds:
        return CHANGED
    return OURS if batch else STRANGE
