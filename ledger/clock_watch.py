"""The watch on the server's clock: a jump is an event and blocks signing until it is explained."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.db import connections
from django.utils.translation import gettext as _

from ledger import ids, store
from ledger.clock import rfc3339
from ledger.codec import CommandRef
from ledger.event import Actor, Recorded, Refused, marked
from ledger.log_events import ClockExplained, ClockJumped

STREAM = ("clock", "server")
BLOCKED = marked(
    "Signing is blocked: the server's clock jumped on {date} at {time} UTC. Check the time of the"
    " server, then ask a supervisor or QA to explain the jump on the ledger's health page."
)
ACTOR = Actor(person="sealer", role="system", terminal="server")
_NEWEST = (
    "SELECT type, recorded_at FROM ledger_event WHERE stream_type = %s AND stream_id = %s"
    " ORDER BY version DESC LIMIT 1"
)


@dataclass(frozen=True, slots=True)
class Jump:
    """The time the clock should have told, and the time it told."""

    expected: datetime
    found: datetime

    @property
    def seconds(self) -> Decimal:
        """How far it jumped, forwards or (negative) backwards, in seconds to a thousandth."""
        microseconds = (self.found - self.expected) // timedelta(microseconds=1)
        return (Decimal(microseconds) / 1_000_000).quantize(Decimal("0.001"))


class ClockWatch:
    """Compares the wall clock with the steady clock, from one look to the next.

    The wall clock may leave the steady one by `limit` seconds in all since the last jump: a leap
    second fits in, many small steps do not add up unseen, and a frozen clock is found as well.
    """

    def __init__(
        self,
        *,
        limit: float,
        wall: Callable[[], float] = time.time,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self.limit = limit
        self._wall = wall
        self.steady = steady
        self._offset = wall() - steady()

    def look(self) -> Jump | None:
        """The jump since the last one, if the clock has made one."""
        found = self._wall()
        expected = self.steady() + self._offset
        if abs(found - expected) <= self.limit:
            return None
        self._offset += found - expected
        return Jump(_utc(expected), _utc(found))

    def look_back(self, last: datetime | None) -> Jump | None:
        """At the start: the jump, if the clock tells a time before the log's last one."""
        found = _utc(self._wall())
        if last is None or (last - found).total_seconds() <= self.limit:
            return None
        return Jump(last, found)


def _utc(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def watch() -> ClockWatch:
    """A watch with this installation's limit."""
    return ClockWatch(limit=float(settings.LOTBOOK_CLOCK_LIMIT_SECONDS))


def record_jump(jump: Jump) -> Recorded:
    """Write the jump down; from here on nobody can sign until a person has explained it."""
    payload = ClockJumped(
        expected=rfc3339(jump.expected), found=rfc3339(jump.found), seconds=jump.seconds
    )
    command = CommandRef(ids.new_id(), "ledger.watch_clock", b"\0" * 32)
    while True:
        change = store.Change(*STREAM, len(store.load(*STREAM)), [payload])
        try:
            return store.append(command=command, actor=ACTOR, changes=[change]).events[0]
        except store.Conflict:
            continue  # somebody explained an earlier jump this very moment


def unexplained() -> datetime | None:
    """When the clock jumped, if nobody has explained it yet."""
    with connections["default"].cursor() as cursor:
        cursor.execute(_NEWEST, STREAM)
        row = cursor.fetchone()
    if row is None or row[0] != "ledger.clock_jumped":
        return None
    return store.as_utc(row[1])


def refusal() -> Refused | None:
    """Why nobody can sign at present; None when signing is open."""
    at = unexplained()
    if at is None:
        return None
    return Refused(BLOCKED, code="clock", date=f"{at:%Y-%m-%d}", time=f"{at:%H:%M:%S}")


def signing_blocked() -> str | None:
    """Why nobody can sign at present, in the reader's language; None when signing is open."""
    blocked = refusal()
    return None if blocked is None else _(blocked.template).format(**blocked.params)


@dataclass(frozen=True, slots=True)
class Watched:
    """What the events of the clock's stream lead to."""

    jumped_at: str | None = None


def evolve(state: Watched, event: object) -> Watched:
    """Follow the stream of the clock."""
    if isinstance(event, ClockJumped):
        return Watched(event.found)
    if isinstance(event, ClockExplained):
        return Watched()
    raise TypeError(f"{type(event).__name__} is not an event of the clock.")
