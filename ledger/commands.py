"""What people may ask of the log itself: let a follower read on, explain a jump of the clock."""

from ledger import clock_watch, followers
from ledger.clock_watch import Watched
from ledger.command import Act, command
from ledger.event import Refused
from ledger.event import marked as _
from ledger.log_events import ClockExplained, FollowerResumed

# Written as words, because the roles belong to a room above this one.
KEEPERS = ("supervisor", "qa_reviewer", "qualified_person")


@command(
    "ledger.explain_clock",
    role=KEEPERS,
    label=_("explain the jump of the clock"),
    needs_reason=True,
)
def explain_clock(act: Act) -> None:
    """Say why the clock jumped; signing is open again from then on."""
    state = act.load(*clock_watch.STREAM, Watched(), clock_watch.evolve)
    if state.jumped_at is None:
        raise Refused("The clock has not jumped since it was last explained.")
    act.record(*clock_watch.STREAM, [ClockExplained(jumped_at=state.jumped_at)])


@command(
    "ledger.resume_follower",
    role=KEEPERS,
    label=_("let {follower} read on"),
    needs_reason=True,
)
def resume_follower(act: Act, *, follower: str) -> None:
    """Let a follower that stopped read on from where it stopped."""
    if follower not in followers.registry():
        raise Refused("There is no follower named {follower}.", follower=follower)
    position = followers.resume(follower)
    act.load("follower", follower, None, lambda state, event: state)
    resumed = FollowerResumed(follower=follower, old=position, new=position)
    act.record("follower", follower, [resumed])
