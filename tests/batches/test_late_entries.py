"""Steps that are entered after they were done: what they state stands in the order of the work."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from batches import commands, step_commands
from batches.limits import Parameter
from batches.recipe_json import to_json
from ledger import store
from tests.batches import conftest
from tests.batches.conftest import actor, signing
from tests.batches.engine import content, phase, step
from tests.batches.making import BATCH, refused
from tests.conftest import FixedClock

WASH, COUNT, LABEL, PACK, SIDE = 1, 2, 3, 4, 5
WHY = {"reason": "The tablet was left in the clean room"}


@pytest.fixture
def clock(people: Any, fixed_clock: FixedClock) -> FixedClock:
    """Three steps, one that waits for them, and one beside all; everybody is two hours in."""

    def ask(number: int, **said: Any) -> Any:
        return step(number, Parameter(key="ok", label="Done", kind="confirm"), **said)

    main = phase("Main", ask(WASH), ask(COUNT, repeats=1), ask(LABEL))
    pack = phase("Pack", ask(PACK), after=["main"])
    side = phase("Side", ask(SIDE), after=[])
    conftest.into_force(to_json(content(main, pack, side)))
    conftest.train_everybody()
    conftest.open_batch()
    fixed_clock.advance(minutes=120)
    return fixed_clock


def done(number: int, at: datetime | None = None) -> Any:
    """Signed now, or entered late as done at that time."""
    late: dict[str, Any] = {} if at is None else {"performed_at": at.isoformat(), **WHY}
    return commands.complete_step(batch=BATCH, step=number, typed={"ok": "yes"}, **late,
                                  **signing("marta"))  # fmt: skip


def test_two_late_entries_stand_in_the_order_of_their_steps(clock: FixedClock) -> None:
    """Given step 1 was entered late as done an hour ago, then step 2 is not stated as done before
    it, and is at the same minute or later."""
    hour = clock.now - timedelta(minutes=60)
    done(WASH, hour)
    clock.advance(minutes=5)
    no = refused("performed_at", done, COUNT, hour - timedelta(minutes=1))
    assert str(no).startswith("Step 1 (Step 1) comes before this one and is stated as done at")
    assert hour.isoformat(" ", "minutes") in str(no)
    done(COUNT, hour)
    done(LABEL, hour + timedelta(minutes=3))
    stated = [e.data for e in store.load("batch", BATCH) if e.type == "batches.late_entry_made"]
    assert [one.step for one in stated] == [WASH, COUNT, LABEL]
    assert sorted(one.performed_at for one in stated) == [one.performed_at for one in stated]


def test_a_late_entry_is_not_before_what_was_signed_at_its_time(clock: FixedClock) -> None:
    done(WASH)
    signed = clock.now
    clock.advance(minutes=30)
    no = refused("performed_at", done, COUNT, signed - timedelta(minutes=2))
    assert "comes before this one and was signed at" in str(no)
    done(COUNT, signed)


def test_a_late_entry_is_not_before_the_phase_that_its_own_waits_for(clock: FixedClock) -> None:
    """Given a phase that waits for another, then neither is told out of turn; a phase beside them
    is bound to nothing but the batch's opening."""
    hour = clock.now - timedelta(minutes=60)
    for number in (WASH, COUNT, LABEL):
        done(number, hour + timedelta(minutes=number))
    no = refused("performed_at", done, PACK, hour)
    assert str(no).startswith("Step 3 (Step 3)")
    done(PACK, hour + timedelta(minutes=LABEL))
    done(SIDE, hour - timedelta(minutes=30))


def test_what_is_done_again_was_not_done_before_that_was_decided(clock: FixedClock) -> None:
    """Given step 3 was done and step 2 is to be done again, then that was after the decision; and
    not after step 3, which was done before it."""
    for number in (WASH, COUNT, LABEL):
        done(number)
    clock.advance(minutes=30)
    decided = clock.now
    step_commands.repeat_steps(batch=BATCH, step=COUNT, reason="The count was too low",
                               actor=actor("marta"))  # fmt: skip
    clock.advance(minutes=30)
    refused("performed_at", done, 6, decided - timedelta(minutes=1))
    done(6, decided + timedelta(minutes=1))


def test_a_phase_that_was_left_out_hides_no_time(people: Any, fixed_clock: FixedClock) -> None:
    """Given a phase between two others was declared not applicable, then the third is not stated
    as done before the first, which its own phase does not wait for by name."""
    ok = Parameter(key="ok", label="Done", kind="confirm")
    parts = [phase("First", step(1, ok)), phase("Between", step(2, ok, may_skip=True)),
             phase("Last", step(3, ok))]  # fmt: skip
    conftest.into_force(to_json(content(*parts)))
    conftest.train_everybody()
    conftest.open_batch()
    fixed_clock.advance(minutes=120)
    hour = fixed_clock.now - timedelta(minutes=60)
    done(1, hour)
    step_commands.declare_not_applicable(
        batch=BATCH, step=2, reason="Nothing to wash", **signing("marta")
    )
    no = refused("performed_at", done, 3, hour - timedelta(minutes=1))
    assert str(no).startswith("Step 1 (Step 1) comes before this one")
    done(3, hour)
