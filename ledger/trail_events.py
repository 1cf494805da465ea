"""The events of reading the trail: that it was exported, and that a bundle was verified. Pure."""

from ledger.event import event_type


@event_type(
    "ledger.trail_exported",
    1,
    sentence=(
        "Exported {matches} entries of positions {first} to {last} ({filter}), bundle {sha256}."
    ),
    owner="ledger",
    retention="system",
)
class TrailExported:
    """A copy of part of the trail left the system: what was asked, and the copy's hash."""

    filter: str
    first: int
    last: int
    matches: int
    sha256: str


@event_type(
    "ledger.bundle_verified",
    1,
    sentence="Checked the bundle {sha256} against {against}: {outcome}. {finding}",
    owner="ledger",
    retention="system",
)
class BundleVerified:
    """Somebody checked a bundle here: its hash, whose key was trusted, what the verifier found."""

    sha256: str
    against: str
    outcome: str
    finding: str
