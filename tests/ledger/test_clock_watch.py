"""R5: the clock is watched; a jump is an event and blocks signing until it is explained."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError

from ledger import clock, clock_watch, commands, health, sealer, sealing, store
from ledger.clock_watch import ClockWatch, Jump
from ledger.command import Act, command
from ledger.event import Refused
from ledger.models import Checkpoint
from ledger.signature import Meaning
from tests.databases import Database
from tests.ledger import laboratory

START = datetime(2026, 3, 28, 22, 0, tzinfo=UTC).timestamp()


class Clocks:
    """A wall clock and a steady clock that a test moves."""

    def __init__(self, start: float = START) -> None:
        self.wall, self.steady = start, 1000.0

    def watch(self, limit: float = 2.0) -> ClockWatch:
        return ClockWatch(limit=limit, wall=lambda: self.wall, steady=lambda: self.steady)

    def go_on(self, seconds: float, *, wall: float | None = None) -> None:
        self.steady += seconds
        self.wall += seconds if wall is None else wall


@pytest.mark.parametrize("hours", [1, -1])
def test_r5_a_jump_of_an_hour_is_found_once(hours: int) -> None:
    clocks = Clocks()
    watch = clocks.watch()
    clocks.go_on(60)
    assert watch.look() is None
    clocks.go_on(60, wall=60 + hours * 3600)
    jump = watch.look()
    assert jump is not None and jump.seconds == hours * 3600
    assert jump.found - jump.expected == timedelta(hours=hours)
    clocks.go_on(60)
    assert watch.look() is None


def test_r5_a_frozen_clock_is_found(clocks: Clocks) -> None:
    watch = clocks.watch()
    for _ in range(2):
        clocks.go_on(1, wall=0)
        assert watch.look() is None
    clocks.go_on(1, wall=0)
    jump = watch.look()
    assert jump is not None and jump.seconds == -3


@pytest.fixture
def clocks() -> Clocks:
    return Clocks()


def test_r5_the_night_of_summer_time_is_an_ordinary_night(
    clocks: Clocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given the night of 29 March 2026 in Madrid, when local time leaps from 2 to 3, then server
    time, which is UTC, goes on evenly and nothing is written."""
    import time

    monkeypatch.setenv("TZ", "Europe/Madrid")
    time.tzset()
    try:
        watch = clocks.watch()
        offsets = set()
        for _ in range(8 * 60):
            clocks.go_on(60)
            offsets.add(datetime.fromtimestamp(clocks.wall).astimezone().utcoffset())
            assert watch.look() is None
        assert len(offsets) == 2, "the test did not pass through the change"
        moment = datetime.fromtimestamp(clocks.wall, UTC)
        assert clock.rfc3339(moment) == "2026-03-29T06:00:00.000000Z"
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize("step", [1.0, -1.0])
def test_r5_a_leap_second_is_within_the_limit(clocks: Clocks, step: float) -> None:
    watch = clocks.watch()
    clocks.go_on(10, wall=10 + step)
    assert watch.look() is None


def test_r5_many_small_steps_do_not_add_up_unseen(clocks: Clocks) -> None:
    watch = clocks.watch()
    found = []
    for _ in range(30):
        clocks.go_on(10, wall=10.1)
        found.append(watch.look())
    jumps = [jump for jump in found if jump]
    assert len(jumps) == 1 and 2 < jumps[0].seconds < 3


def test_r5_a_clock_set_back_while_the_sealer_was_off_is_found(clocks: Clocks) -> None:
    watch = clocks.watch()
    now = datetime.fromtimestamp(clocks.wall, UTC)
    assert watch.look_back(None) is None
    assert watch.look_back(now - timedelta(days=3)) is None
    assert watch.look_back(now + timedelta(seconds=1)) is None
    jump = watch.look_back(now + timedelta(minutes=10))
    assert jump is not None and jump.seconds == -600


# With the ledger.


@command("trial.release", role=("supervisor",), signature=Meaning.APPROVED)
def release(act: Act, *, unit: str) -> None:
    """A signed command of the tests' own."""
    act.record("equipment", unit, [laboratory.note(unit, "Released.", version=1)])


@pytest.fixture(autouse=True)
def by_roles() -> Iterator[None]:
    with laboratory.by_roles_alone():
        yield


def loop_with(clocks: Clocks) -> sealing.Loop:
    return sealing.Loop(threading.Event(), watch=clocks.watch())


@pytest.mark.parametrize("hours", [1, -1])
def test_r5_a_jump_is_an_event_blocks_signing_and_is_opened_by_an_explanation(
    database: Database, hours: int
) -> None:
    """Given a sealer at work, when the clock jumps an hour, then the event is written and sealed,
    signing is refused with a sentence, and a person's explanation opens it again."""
    clocks = Clocks(clock.now().timestamp())
    loop = loop_with(clocks)
    loop.turn()
    assert clock_watch.signing_blocked() is None
    clocks.go_on(1, wall=hours * 3600)
    loop.turn()
    event = store.load(*clock_watch.STREAM)[-1]
    assert event.type == "ledger.clock_jumped"
    assert abs(event.data.seconds - hours * 3600) < 2
    assert sealer.is_sealed(event.id)
    blocked = clock_watch.signing_blocked()
    assert blocked is not None and "clock jumped" in blocked
    with pytest.raises(Refused, match="Signing is blocked"):
        release(unit="CF-02", actor=laboratory.SUPERVISOR)
    with pytest.raises(Refused, match="Say why"):
        commands.explain_clock(actor=laboratory.SUPERVISOR)
    with pytest.raises(Refused):
        commands.explain_clock(actor=laboratory.OPERATOR, reason="It was me.")
    commands.explain_clock(actor=laboratory.SUPERVISOR, reason="The time server was replaced.")
    assert clock_watch.signing_blocked() is None
    with pytest.raises(Refused, match="has not jumped"):
        commands.explain_clock(actor=laboratory.SUPERVISOR, reason="Again.")
    loop.turn()
    assert len(store.load(*clock_watch.STREAM)) == 2


def test_r5_order_is_kept_by_position_when_the_clock_goes_back(database: Database) -> None:
    """Given entries stamped before and after a step back, then positions tell their order and the
    log is sealed and proved as ever."""
    times = [datetime(2026, 3, 2, 10, 0, tzinfo=UTC), datetime(2026, 3, 2, 9, 0, tzinfo=UTC)]
    made = []
    for number, moment in enumerate(times):
        with clock.telling(lambda moment=moment: moment):  # type: ignore[misc]
            made += laboratory.append("CF-02", expected=number, texts=["Cleaned."]).events
    sealer.run_once()
    from ledger import log

    lines = {line.event_id: line.position for line in log.lines(0)}
    assert lines[made[0].id] < lines[made[1].id]
    assert made[0].recorded_at > made[1].recorded_at
    assert Checkpoint.objects.get().size == 3


def test_r5_a_jump_that_cannot_be_written_yet_is_written_later(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given a database that refuses the wrong time, then sealing goes on and the health page says
    that the clock is wrong; when the clock is right again, then both jumps are on the trail."""
    clocks = Clocks(clock.now().timestamp())
    loop = loop_with(clocks)
    loop.turn()
    real = clock_watch.record_jump

    def refused(jump: Jump) -> None:
        raise store.ClockApart("ledger clock: recorded_at is more than 2 s from the clock.")

    monkeypatch.setattr(clock_watch, "record_jump", refused)
    written = laboratory.append("CF-02", expected=0, texts=["Cleaned."]).events[0]
    clocks.go_on(1, wall=3600)
    loop.turn()
    assert sealer.is_sealed(written.id)
    assert loop.sentence == ""
    assert "jumped by 3599.000 s" in loop.clock and "more than 2 s" in loop.clock
    loop.beat(state="sealing", always=True)
    assert "Set the server's clock right" in health.clock().sentence
    assert health.sealer().standing == health.OK
    monkeypatch.setattr(clock_watch, "record_jump", real)
    clocks.go_on(1, wall=-3600)
    loop.turn()
    jumps = [event.data.seconds for event in store.load(*clock_watch.STREAM)]
    assert len(jumps) == 2 and jumps[0] > 0 > jumps[1]
    assert loop.sentence == loop.clock == ""


@pytest.mark.origin("lab.test.lotbook.example")
def test_r5_a_sealer_whose_clock_the_database_refuses_goes_on_sealing(database: Database) -> None:
    """Given a sealer on a host whose clock is an hour ahead of the database's, when it looks at the
    clock, then the database refuses the jump, and what was recorded is sealed all the same."""
    clocks = Clocks(clock.now().timestamp())
    loop = loop_with(clocks)
    loop.turn()
    written = laboratory.append("CF-02", expected=0, texts=["Cleaned."]).events[0]
    clocks.go_on(1, wall=3600)
    with clock.telling(lambda: datetime.fromtimestamp(clocks.wall, UTC)):
        loop.turn()
    assert sealer.is_sealed(written.id)
    assert "not recorded yet" in loop.clock and loop.sentence == ""
    assert store.load(*clock_watch.STREAM) == []
    loop.turn()
    assert loop.clock != "", "no new attempt within a second"
    clocks.go_on(1, wall=-3600)
    loop.turn()
    assert len(store.load(*clock_watch.STREAM)) == 2


def test_an_error_of_the_watch_on_the_clock_stops_no_sealing(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise RuntimeError("The newest entry cannot be read.")

    monkeypatch.setattr(sealing, "_last_time", broken)
    written = laboratory.append("CF-02", expected=0, texts=["Cleaned."]).events[0]
    loop = loop_with(Clocks(clock.now().timestamp()))
    loop.turn()
    assert sealer.is_sealed(written.id)
    assert "RuntimeError" in loop.clock and loop.sentence == ""


@pytest.mark.origin("lab.test.lotbook.example")
def test_r5_only_a_demo_log_may_tell_history(database: Database) -> None:
    """Given a log that is no demo, when an event bears another time than the database's clock,
    then the database refuses it."""
    sealer.run_once()
    past = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
    with clock.telling(lambda: past), pytest.raises(DatabaseError, match="ledger clock"):
        laboratory.append("CF-02", expected=0, texts=["Backdated."])
    laboratory.append("CF-02", expected=0, texts=["Now."])
