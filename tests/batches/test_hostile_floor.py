"""What somebody would try so that a record lies: each attempt stops, or stands on record."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from batches import commands, running_commands, step_commands
from batches.limits import Parameter
from batches.models import BatchLine, ExceptionLine
from batches.order_models import IdentityLine
from batches.recipe_json import from_json, to_json
from ledger import store
from ledger.event import Refused
from ledger.models import Event
from personnel.models import Account
from tests.batches import conftest, making, ordering, stocking
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


def test_r11_a_collection_that_the_batch_was_not_bound_to_does_not_go_in(
    people: Any, fixed_clock: FixedClock
) -> None:
    """Given a second collection of the same order, accepted but bound to no batch, when it is
    scanned, then it stays out: the drill would not find it."""
    stocking.cook(own=True)
    stocking.item("APH-100", title="Apheresis", unit="each", of_patient=True)
    ordering.let_in()
    second = f"{ordering.ORDER}-C2"
    ordering.collect()
    ordering.hand_over(second)
    ordering.look("marta", reference=second)
    ordering.receive(second)
    ordering.look("ingrid", reference=second)
    ordering.confirm(second)
    ordering.judge(collection=second)
    ordering.bind()
    assert refused(enter, 1, medium=second) == "other_collection"
    enter(1, medium=ordering.COLLECTION)


@pytest.mark.parametrize("check", ["second_entry", "second_person"])
def test_r12_the_field_of_a_second_reading_is_empty(people: Any, check: str) -> None:
    """Given a value that is to be read twice, when the page is sent back as it came, then it is
    not confirmed."""
    open_on(step(1, Parameter(key="n", label="Dose", unit="mL", check=check)))
    enter(1, n="2")
    who = Client()
    who.force_login(Account.objects.get(username="tomas"))
    address = f"/batches/{making.BATCH}/steps/1/"
    (field,) = re.findall(r'<input[^>]*name="value_n"[^>]*>', who.get(address).content.decode())
    sent = re.search(r' value="([^"]*)"', field)
    assert sent is None or sent[1] == ""
    before = len(store.load("batch", making.BATCH))
    who.post(f"{address}perform/", {"value_n": "", "reason": "", "then": "keep"})
    assert len(store.load("batch", making.BATCH)) == before


def test_a_second_reading_is_asked_for_on_the_card_of_counts_too(people: Any) -> None:
    open_on(step(1, Parameter(key="n", label="Cells", kind="replicate", replicates=2,
                              check="second_entry")))  # fmt: skip
    who = Client()
    who.force_login(Account.objects.get(username="marta"))
    address = f"/batches/{making.BATCH}/steps/1/"
    hint = "Critical: enter the same value a second time."
    assert hint not in who.get(address).content.decode()
    enter(1, n="2; 3")
    assert hint in who.get(address).content.decode()
    enter(1, n="2; 3")
    assert hint not in who.get(address).content.decode()


def test_r11_the_patient_s_code_gets_into_no_text_of_the_record(
    people: Any, fixed_clock: FixedClock
) -> None:
    """Given somebody scans the patient's label into a note, a reason or a deviation, then it is
    refused: from the record it could be typed where the label itself is asked for."""
    open_on(step(1, SCAN), bound=True)
    code, asked = ordering.code_of(), {"batch": making.BATCH}
    for text in (code, code.lower(), f"the bag says {code} here"):
        said = {"step": 1, "actor": actor("marta")}
        ask, why = step_commands.raise_deviation, "The bag leaks"
        assert refused(step_commands.comment, **asked, **said, text=text) == "held_back"
        assert refused(ask, **asked, **said, title=text, reason=why) == "held_back"
        assert refused(ask, **asked, **said, title=why, reason=f"{why} {text}") == "held_back"
        note = {**asked, "note": f"See {text}"}
        assert refused(running_commands.offer_handover, **note, **signing("marta")) == "held_back"
    kept = [bytes(event.body).upper() for event in Event.objects.all()]
    assert not any(code.encode() in body for body in kept)


@pytest.mark.parametrize("wrong", ["NaN", "Infinity", "1e99999999"])
def test_r12_a_limit_that_is_no_number_is_not_imported(wrong: str) -> None:
    read = to_json(making.content([making.part("Work", [step(1, Parameter(key="n", label="N"))])]))
    asked = read["unit_procedures"][0]["operations"][0]["phases"][0]["steps"][0]
    asked["parameters"][0]["plausible"] = {"low": wrong, "high": "2"}
    assert refused(from_json, read) == "not_a_recipe"
    del asked["parameters"][0]["plausible"]
    asked["repeats"] = 2**60
    assert refused(from_json, read) == "not_a_recipe"
