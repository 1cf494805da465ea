"""R4: answers in words are replaced and corrected as numbers are; a hold time is watched."""

import time
from typing import Any

import pytest

from batches import commands, queries, record_queries, step_commands, tasks
from batches.limits import Parameter
from batches.models import ExceptionLine
from batches.recipe_content import HoldTime
from batches.recipe_json import to_json
from batches.running_models import ClockLine
from ledger import store
from tests.batches.conftest import actor, into_force, open_batch, signing, train_everybody
from tests.batches.engine import content, phase, step
from tests.batches.making import BATCH, refused
from tests.conftest import FixedClock

LOOK = Parameter(key="look", label="Look", kind="choice", choices=["clear", "turbid"],
                 accepted=["clear"])  # fmt: skip
WAIT = HoldTime(key="wait", title="Out of the cold", from_step="s1", to_step="s2", limit="0.001")


@pytest.fixture
def batch(people: Any) -> str:
    """Two steps: one is looked at, and the other follows before long."""
    into_force(to_json(content(phase("A", step(1, LOOK), step(2)), hold_times=[WAIT])))
    train_everybody()
    return open_batch()


def looked(words: str, **asked: Any) -> None:
    commands.enter_values(batch=BATCH, step=1, typed={"look": words}, actor=actor("marta"), **asked)


def test_r4_a_choice_that_is_replaced_or_corrected_keeps_what_stood_there(batch):
    """Given a choice on record, then another takes a reason, and after signing a correction."""
    looked("turbid")
    refused("reason_missing", looked, "clear")
    looked("clear", reason="Looked again in better light")
    commands.complete_step(batch=BATCH, step=1, **signing("marta"))
    commands.correct_value(batch=BATCH, step=1, parameter="look", typed="turbid",
                           reason="It was turbid after all", **signing("marta"))  # fmt: skip
    told = {event.type: event.data for event in store.load("batch", batch)}
    again, corrected = told["batches.answer_replaced"], told["batches.answer_corrected"]
    assert (again.old, again.value) == ("turbid", "clear")
    assert (corrected.old, corrected.value) == ("clear", "turbid")
    departed = [e for e in store.load("batch", batch) if e.type == "batches.answer_departed"]
    assert len(departed) == 2, "what is not accepted is a departure each time"


def test_a_hold_time_that_passes_is_on_record_though_nobody_looks(batch):
    """Given the next step is late, when the watch goes round, then that is noted, and once."""
    looked("clear")
    commands.complete_step(batch=BATCH, step=1, **signing("marta"))
    time.sleep(0.2)
    tasks.watch_hold_times()
    tasks.watch_hold_times()
    passed = [e for e in store.load("batch", batch) if e.type == "batches.hold_time_exceeded"]
    assert len(passed) == 1 and passed[0].actor.person == "clock"
    assert ClockLine.objects.get().noted


def test_a_hold_time_that_begins_anew_is_told_on_the_record_and_to_quality(
    people: Any, fixed_clock: FixedClock
) -> None:
    """Given the step that a hold time began with is done again while it runs, then the record and
    the queue of exceptions say so; the clock that had passed stays passed, and the new one runs."""
    again = step(1, LOOK, repeats=1)
    into_force(to_json(content(phase("A", again, step(2)), hold_times=[WAIT])))
    train_everybody()
    open_batch()
    looked("clear")
    commands.complete_step(batch=BATCH, step=1, **signing("marta"))
    fixed_clock.advance(minutes=1)
    step_commands.repeat_steps(batch=BATCH, step=1, reason="The bag was not the right one",
                               actor=actor("marta"))  # fmt: skip
    commands.complete_step(batch=BATCH, step=3, typed={"look": "clear"}, **signing("marta"))
    told = [event.type.removeprefix("batches.") for event in store.load("batch", BATCH)]
    assert told[-4:] == ["hold_time_ended", "hold_time_exceeded", "hold_time_restarted",
                         "hold_time_started"]  # fmt: skip
    kinds = set(ExceptionLine.objects.values_list("kind", flat=True))
    assert {"hold_time", "hold_time_restarted"} <= kinds
    clock = ClockLine.objects.get()
    assert (clock.step, clock.ended_at, clock.noted) == (3, None, False)
    line = queries.batch(BATCH)
    assert line is not None
    course = [one.sentence for one in record_queries.read(line).course]
    assert any("when its first step was done again as step 3; it begins anew." in one
               for one in course)  # fmt: skip
