"""The events by which the log tells its own story: epochs, keys, followers, the clock. Pure."""

from dataclasses import dataclass
from decimal import Decimal

from ledger.event import event_type


@dataclass(frozen=True, kw_only=True)
class Previous:
    """How an epoch follows the tree before it: what of that signed tree is still here, proved."""

    origin: str
    size: int
    root: str
    kept: int
    kept_root: str
    proof: list[str]
    lost: int


@dataclass(frozen=True, kw_only=True)
class Skipped:
    """A signed tree of which nothing is left here."""

    origin: str
    size: int
    root: str


@event_type(
    "ledger.epoch_began",
    1,
    sentence="Epoch {epoch} of the log began as {origin}.",
    owner="ledger",
    retention="system",
)
class EpochBegan:
    """The first entry of an epoch. `previous` is absent in the first epoch of a log."""

    epoch: int
    origin: str
    key: str
    previous: Previous | None = None
    skipped: list[Skipped] | None = None
    second_key: str | None = None


@event_type(
    "ledger.checkpoint_key_changed",
    1,
    sentence="The log's key changed from {old} to {new}.",
    owner="ledger",
    retention="system",
)
class CheckpointKeyChanged:
    """Sealed under the old key, whose signature on the change is `proof`; the new one signs on."""

    old: str
    new: str
    proof: str


@event_type(
    "ledger.follower_stopped",
    1,
    sentence="The follower {follower} stopped at position {position}: {error}",
    owner="ledger",
    retention="system",
)
class FollowerStopped:
    """A follower met an entry it cannot handle; it reads on only when a person says so."""

    follower: str
    position: int
    error: str


@event_type(
    "ledger.follower_resumed",
    1,
    sentence="The follower {follower}, which had stopped at {old}, reads on from {new}.",
    owner="ledger",
    retention="system",
)
class FollowerResumed:
    """A person (or a new epoch) let a follower read on."""

    follower: str
    old: int
    new: int


@event_type(
    "ledger.clock_jumped",
    1,
    sentence="The server's clock jumped by {seconds} s: {found} instead of {expected}.",
    owner="ledger",
    retention="system",
)
class ClockJumped:
    """The wall clock left the steady clock (or the log's last time) by more than the limit."""

    expected: str
    found: str
    seconds: Decimal


@event_type(
    "ledger.clock_explained",
    1,
    sentence="The jump of the clock at {jumped_at} was explained.",
    owner="ledger",
    retention="system",
)
class ClockExplained:
    """A person looked into a jump; the reason stands in the envelope. Signing is open again."""

    jumped_at: str
