"""What somebody would try so that a record lies: each attempt stops, or stands on record."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from batches import commands, step_commands
from batches.limits import Parameter
from batches.models import BatchLine, ExceptionLine
from batches.order_models import IdentityLine
from batches.recipe_json import to_json
from ledger.event import Refused
from tests.batches import conftest, making, ordering
from tests.batches.conftest import actor, signing
from tests.batches.engine import step
from tests.conftest import FixedClock


def open_on(*steps: Any, bound: bool = False) -> None:
    """A batch on a recipe of these steps; `bound`: to the patient's order."""
    conftest.into_force(to_json(making.content([making.part("Work", list(steps))])))
    conftest.train_everybody()
    conftest.open_batch()
    if bound:
        ordering.let_in()
        ordering.bind()


def enter(number: int, who: str = "marta", reason: str = "", **typed: str) -> Any:
    return commands.enter_values(
        batch=making.BATCH, step=number, typed=typed, reason=reason, actor=actor(who)
    )


def sign(number: int, who: str = "marta", **asked: Any) -> Any:
    return commands.complete_step(batch=making.BATCH, step=number, **asked, **signing(who))


def refused(ask: Any, *args: Any, **asked: Any) -> str:
    with pytest.raises(Refused) as no:
        ask(*args, **asked)
    return no.value.code


SCAN = Parameter(key="bag", label="Scan the bag", kind="identity")


def test_r11_a_wrong_scan_that_is_signed_at_once_stops_the_batch_as_well(
    people: Any, fixed_clock: FixedClock
) -> None:
    """Given a wrong label, when it is sent with the signature, then the batch is held."""
    open_on(step(1, SCAN), bound=True)
    assert refused(sign, 1, typed={"bag": "4011800"}) == "scan_first"
    enter(1, bag="4011800")
    assert BatchLine.objects.get().process_hold
    assert IdentityLine.objects.get().mismatches == 1
    assert ExceptionLine.objects.filter(severity="critical").exists()
    assert refused(sign, 1) == "on_hold"


def test_r10_who_witnessed_a_step_does_not_verify_it_too(people: Any) -> None:
    open_on(step(1, Parameter(key="ok", label="Done", kind="confirm"),
                 verifies="verifier", witness="verifier"))  # fmt: skip
    enter(1, ok="yes")
    sign(1)
    step_commands.witness_step(batch=making.BATCH, step=1, **signing("ingrid"))
    asked = {"batch": making.BATCH, "step": 1}
    assert refused(commands.verify_step, **asked, **signing("ingrid")) == "same_person"


def test_r12_a_timer_is_not_typed(people: Any, fixed_clock: FixedClock) -> None:
    """Given a timer stopped too early, when its minutes are typed, then nothing changes."""
    open_on(step(1, Parameter(key="spin", label="Spin", kind="timer", minimum=Decimal(10))))
    assert refused(enter, 1, spin="12") == "not_typed"
    step_commands.start_timer(batch=making.BATCH, step=1, parameter="spin", actor=actor("marta"))
    fixed_clock.advance(minutes=1)
    step_commands.stop_timer(batch=making.BATCH, step=1, parameter="spin", actor=actor("marta"))
    assert refused(enter, 1, reason="The clock of the tablet was wrong", spin="12") == "not_typed"
    assert refused(sign, 1) == "limit_unexplained"


def test_r12_a_calculated_value_is_not_typed(people: Any) -> None:
    raw = Parameter(key="raw", label="Raw", unit="mL")
    twice = Parameter(key="twice", label="Twice", unit="mL", kind="calculation",
                      formula="s1.raw * 2", formula_version=1)  # fmt: skip
    open_on(step(1, raw), step(2, twice))
    enter(1, raw="2")
    sign(1)
    assert refused(enter, 2, twice="9") == "not_typed"
    sign(2)
    asked = {"batch": making.BATCH, "step": 2, "parameter": "twice", "typed": "9",
             "reason": "It ought to be nine"}  # fmt: skip
    assert refused(commands.correct_value, **asked, **signing("marta")) == "not_typed"


def test_r12_a_slip_in_counts_is_judged_by_their_spread_as_well(people: Any) -> None:
    counts = Parameter(key="n", label="Counts", kind="replicate", unit="1", replicates=2,
                       cv_limit=Decimal(10))  # fmt: skip
    open_on(step(1, counts))
    enter(1, n="100; 101")
    step_commands.correct_typo(
        batch=making.BATCH, step=1, parameter="n", typed="10; 190", actor=actor("marta")
    )
    assert refused(sign, 1) == "limit_unexplained"


def test_r09_a_late_entry_is_not_before_the_batch_was_opened(
    people: Any, fixed_clock: FixedClock
) -> None:
    open_on(step(1, Parameter(key="ok", label="Done", kind="confirm")))
    enter(1, ok="yes")
    fixed_clock.advance(minutes=30)
    early = (fixed_clock.now - timedelta(days=2)).isoformat()
    late = {"performed_at": early, "reason": "The tablet was flat"}
    assert refused(sign, 1, **late) == "performed_at"
