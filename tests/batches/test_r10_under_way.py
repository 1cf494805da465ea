"""R10: a step that is under way is asked for the same blockers at every touch, not at the first.

A status that was lost since it began sets a quality hold and the work goes on; all else refuses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from batches import commands, running_commands, step_commands
from batches.limits import Parameter
from batches.recipe_content import EquipmentNeed
from batches.recipe_json import to_json
from batches.running_models import ClockLine
from equipment import claim_commands
from equipment import status_commands as status
from equipment.status_queries import unit_facts
from ledger import store
from personnel import training_commands
from tests.batches import conftest, flooring, making, ordering
from tests.batches.conftest import actor, plugged, signing
from tests.batches.engine import content, phase, step
from tests.batches.flooring import UNIT, sign
from tests.batches.making import BATCH, refused
from tests.batches.test_r10_training import revoke

CELLS, SIDE, WATCHED = 1, 2, 3
WHY = {"reason": "Read on the display once more"}


@pytest.fixture
def floor(database: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A spin with a count and a timer; beside it another phase; a step with two onlookers."""
    monkeypatch.setitem(conftest.PEOPLE, "viktor", ("p-vikt2", "maintenance"))
    conftest.open_accounts()
    with plugged() as signer:
        for person, _role in conftest.PEOPLE.values():
            signer.enrol(person)
        _furnish()
        yield


def _furnish() -> None:
    ask = Parameter
    steps = phase("Main", step(
        CELLS, ask(key="cf", label="Centrifuge", kind="equipment", needs="spin"),
        ask(key="count", label="Count", unit="1"),
        ask(key="timer", label="Spin", kind="timer", required=False,
            maximum=Decimal(40)),
    ))  # fmt: skip
    side = phase("Side", step(SIDE, ask(key="ok", label="Done", kind="confirm")), after=[])
    seen = phase("Seen", step(WATCHED, ask(key="mass", label="Mass", unit="g"), scribe=True,
                              verifies="verifier", witness="verifier"), after=[])  # fmt: skip
    need = EquipmentNeed(key="spin", unit_class="centrifuge", title="Centrifuge")
    conftest.into_force(to_json(content(steps, side, seen, equipment=[need])))
    conftest.train_everybody()
    flooring.room()
    flooring.unit()
    conftest.register_patient()
    flooring.open_batch()


def enter(number: int, who: str = "marta", **typed: str) -> Any:
    return flooring.enter(number, who, **typed)


def types() -> list[str]:
    return [event.type.removeprefix("batches.") for event in store.load("batch", BATCH)]


def lose_calibration() -> None:
    status.calibrate(unit=UNIT, done_on="2026-11-01", until="", certificate="Q-2", passed=False,
                     **signing("viktor"))  # fmt: skip


def end_order() -> None:
    from batches import order_commands

    order_commands.end_order(order=ordering.ORDER, how="cancelled", ended_on="2026-11-20",
                             reason="The clinic cancelled", actor=actor("dario"))  # fmt: skip


def put_right() -> Any:
    return step_commands.correct_typo(batch=BATCH, step=CELLS, parameter="count", typed="21",
                                      actor=actor("marta"))  # fmt: skip


def start() -> Any:
    return step_commands.start_timer(batch=BATCH, step=CELLS, parameter="timer",
                                     actor=actor("marta"))  # fmt: skip


def stop() -> Any:
    return step_commands.stop_timer(batch=BATCH, step=CELLS, parameter="timer",
                                    actor=actor("marta"))  # fmt: skip


TOUCHES: dict[str, Callable[[], Any]] = {
    "a value": lambda: enter(CELLS, count="21"),
    "a slip": put_right,
    "a timer": start,
    "a signature": lambda: sign(CELLS),
    "values and a signature": lambda: sign(CELLS, typed={"count": "12"}, **WHY),
}


def begin(touch: str) -> None:
    """The centrifuge is scanned; for what needs a value to stand, that too."""
    typed = {} if touch == "a value" else {"count": "12"}
    enter(CELLS, cf=UNIT, **typed)


@pytest.mark.parametrize("touch", TOUCHES)
def test_r10_a_status_lost_mid_step_is_told_at_the_next_touch_and_holds_the_batch(
    touch: str, floor: None
) -> None:
    """Given the centrifuge was fit when it was scanned, when it is found out of tolerance, then
    whatever is done next in the step is kept, tells the loss once and sets one quality hold."""
    begin(touch)
    lose_calibration()
    TOUCHES[touch]()
    told = types()
    assert told.count("status_lost") == 1 and told.count("hold_set") == 1
    (hold,) = [e.data for e in store.load("batch", BATCH) if e.type == "batches.hold_set"]
    assert (hold.kind, hold.step) == ("quality", CELLS)
    if "signature" not in touch:
        if touch == "a timer":
            stop()
        sign(CELLS)
    told = types()
    assert told.count("step_completed") == 1
    assert told.count("status_lost") == 1 and told.count("hold_set") == 1, "told once"


@pytest.mark.parametrize("touch", TOUCHES)
def test_r10_an_order_that_ended_mid_step_stops_the_next_touch(touch: str, floor: None) -> None:
    """Given the step was begun, when the order behind it ends, then nothing more is done in it,
    until a supervisor and quality assurance agree together."""
    begin(touch)
    end_order()
    before = types()
    refused("order_ended", TOUCHES[touch])
    assert types() == before
    asked = {"batch": BATCH, "step": CELLS, "code": "order_ended", "subject": ordering.ORDER,
             "reason": "The clinic wants it after all"}  # fmt: skip
    running_commands.ask_override(**asked, **signing("dario"))
    running_commands.agree_override(**asked, **signing("helena"))
    TOUCHES[touch]()
    assert types() != before


@pytest.mark.parametrize("touch", TOUCHES)
def test_r10_a_training_that_is_revoked_mid_step_stops_the_next_touch(
    touch: str, floor: None
) -> None:
    begin(touch)
    revoke("marta")
    before = types()
    refused("not_trained", TOUCHES[touch])
    assert types() == before


@pytest.mark.parametrize("touch", TOUCHES)
def test_r11_a_unit_that_another_batch_has_by_now_was_given_away_not_lost(
    touch: str, floor: None
) -> None:
    """Given the batch gave its centrifuge back in mid-step and another took it, then the step
    goes on only with a unit of its own: a patient's cells are in that one."""
    begin(touch)
    running_commands.return_unit(batch=BATCH, unit=UNIT, actor=actor("marta"))
    status.clean(unit=UNIT, agent="Isopropanol", actor=actor("marta"))
    flooring.open_batch("CT-0999", bound=False)
    claim_commands.claim(unit=UNIT, batch="CT-0999", actor=actor("marta"))
    before = types()
    refused("unit_in_use", TOUCHES[touch])
    assert types() == before


def test_r10_a_running_timer_is_a_step_under_way(floor: None) -> None:
    """Given nothing but the timer was started, then a training lost stops the next value, and the
    timer is stopped all the same: the moment is kept."""
    start()
    revoke("marta")
    refused("not_trained", enter, CELLS, count="12")
    stop()
    assert ClockLine.objects.get().ended_at is not None
    refused("not_trained", sign, CELLS)


def test_r11_a_unit_stays_the_batchs_while_a_step_with_it_is_under_way(floor: None) -> None:
    """Given the cells are in the centrifuge, when a step of another phase is signed, then nobody
    else gets the centrifuge before the spin is signed too."""
    begin("a signature")
    enter(SIDE, "tomas", ok="yes")
    sign(SIDE, "tomas")
    assert unit_facts(UNIT).batches == (BATCH,)
    sign(CELLS)
    assert unit_facts(UNIT).batches == ()


def _second(ask: Callable[..., Any], who: str) -> Callable[[], Any]:
    return lambda: ask(batch=BATCH, step=WATCHED, **signing(who))


@pytest.mark.parametrize("ask", [commands.verify_step, step_commands.witness_step])
def test_r10_who_verifies_or_watches_is_trained_and_asked_for_nothing_else(
    ask: Callable[..., Any], floor: None
) -> None:
    """Given the step was signed and the order ended since, then who is trained vouches for what
    was done; who is not does not."""
    enter(WATCHED, mass="5.1")
    sign(WATCHED)
    end_order()
    revoke("ingrid")
    refused("not_trained", _second(ask, "ingrid"))
    _train("ingrid")
    _second(ask, "ingrid")()


def test_r10_a_scribe_and_who_performs_are_both_trained(floor: None) -> None:
    """Given one of the two is not trained, then the scribe signs nothing; who performed it signs
    what they did, though their training was revoked since."""
    enter(WATCHED, mass="5.1")
    asked: dict[str, Any] = {"batch": BATCH, "step": WATCHED, "performed_by": making.TOMAS}
    for name in ("marta", "tomas"):
        revoke(name)
        refused("not_trained", lambda: commands.record_step(**asked, **signing("marta")))
        _train(name)
    commands.record_step(**asked, **signing("marta"))
    revoke("tomas")
    commands.countersign_step(batch=BATCH, step=WATCHED, **signing("tomas"))


def test_r10_a_correction_asks_for_training_and_not_for_what_was_lost_since(floor: None) -> None:
    enter(CELLS, cf=UNIT, count="12")
    sign(CELLS)
    lose_calibration()
    asked = {"batch": BATCH, "step": CELLS, "parameter": "count", "typed": "13", **WHY}
    revoke("marta")
    refused("not_trained", lambda: commands.correct_value(**asked, **signing("marta")))
    commands.correct_value(**asked, **signing("tomas"))
    assert "status_lost" not in types()
    assert store.load("batch", BATCH)[-1].data.new == Decimal("13")


def _train(name: str) -> None:
    from ledger import clock

    training_commands.record(
        person=conftest.PEOPLE[name][0], item="MBR-019", version="1",
        trained_on=clock.now().date().isoformat(), method="performed", actor=actor("helena"),
    )  # fmt: skip
