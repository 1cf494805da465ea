"""R10: each blocker alone blocks, with its class and its own sentence, at the instant of use.

The overridable ones yield to a supervisor and quality assurance together and to nobody else, the
absolute ones to nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from batches import commands, running_commands
from ledger import store
from ledger.event import Refused
from tests.batches import conftest, flooring, making, ordering, stocking
from tests.batches.conftest import actor, signing
from tests.batches.flooring import (
    CLEARANCE,
    ELSEWHERE,
    ENTER,
    FEED,
    IDENTITY,
    READ,
    ROOM,
    SPIN,
    STATION,
    UNIT,
    enter,
    sign,
    work_up_to,
)
from tests.batches.making import BATCH, PATIENT

ABSOLUTE, OVERRIDABLE, STOPS = "absolute", "overridable", "stops the batch"
WHY = {"reason": "The only dose of this patient"}


@pytest.fixture
def floor(
    database: Any, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[None]:
    """Everything a step needs, ready for use."""
    months = 12 if "retest_overdue" in request.node.name else 0
    with flooring.open_floor(monkeypatch, retest_months=months):
        yield


@dataclass(frozen=True)
class Case:
    code: str
    kind: str
    step: int
    ask: Callable[[], Any]
    prepare: Callable[[], Any] = lambda: None
    words: str = ""
    subject: str = ""
    bound: bool = True
    held: bool = False  # prepared before the batch works up to the step


def _other_batch_uses(unit: str) -> None:
    flooring.open_batch("CT-0999", bound=False)
    from equipment import claim_commands

    claim_commands.claim(unit=unit, batch="CT-0999", actor=actor("marta"))


def _other_batch_at(workstation: str) -> None:
    flooring.open_batch("CT-0999", bound=False)
    enter(CLEARANCE, batch="CT-0999", room=workstation)


def _stop(unit: str) -> None:
    from equipment import commands as register

    register.take_out_of_service(unit=unit, reason="Rotor is cracked", actor=actor("dario"))


def _room(ask: str) -> None:
    from equipment import room_commands as rooms

    getattr(rooms, ask)(room=ROOM, reason="Particles over the limit", actor=actor("dario"))


def _untrain() -> None:
    from tests.batches.test_r10_training import revoke

    revoke("marta")


def _reject(lot: str) -> None:
    from batches import material_commands as materials

    materials.reject_lot(lot=lot, reason="Endotoxin found", **signing("helena"))


def _hold() -> None:
    commands.set_hold(batch=BATCH, kind="process", reason="Power failed twice",
                      actor=actor("dario"))  # fmt: skip


def _end_order() -> None:
    from batches import order_commands

    order_commands.end_order(order=ordering.ORDER, how="cancelled", ended_on="2026-11-20",
                             reason="The clinic cancelled", actor=actor("dario"))  # fmt: skip


def _withdraw() -> None:
    ordering.judge("rejected", reason="Serology was read again: positive")


def _late() -> Any:
    """What waits for step 5 has waited its thousandth of a minute."""
    import time

    time.sleep(0.2)
    return enter(READ, count="2.0")


CASES = [
    Case("wrong_role", ABSOLUTE, SPIN, lambda: sign(SPIN, "dario"), words="in the role operator"),
    Case("not_trained", OVERRIDABLE, SPIN, lambda: enter(SPIN, cf=UNIT), _untrain,
         "not trained on MBR-019", subject=making.MARTA),
    Case("same_person", ABSOLUTE, CLEARANCE, lambda: _verified_by_performer(),
         words="somebody else has to verify"),
    Case("not_its_turn", ABSOLUTE, SPIN, lambda: enter(FEED, lot="L-000001"),
         words="The next step is 2"),
    Case("on_hold", ABSOLUTE, SPIN, lambda: enter(SPIN, cf=UNIT), _hold, "on process hold"),
    Case("not_registered", ABSOLUTE, SPIN, lambda: enter(SPIN, cf="CF-77"), words="CF-77"),
    Case("out_of_service", ABSOLUTE, SPIN, lambda: enter(SPIN, cf=UNIT), lambda: _stop(UNIT),
         "out of service"),
    Case("not_qualified", OVERRIDABLE, SPIN, lambda: enter(SPIN, cf="CF-03"),
         lambda: flooring.unit("CF-03", without="qualified"), "CF-01", subject="CF-03"),
    Case("calibration_due", OVERRIDABLE, SPIN, lambda: enter(SPIN, cf="CF-03"),
         lambda: flooring.unit("CF-03", without="calibrated"), "CF-01", subject="CF-03"),
    Case("not_clean", OVERRIDABLE, SPIN, lambda: enter(SPIN, cf="CF-03"),
         lambda: flooring.unit("CF-03", without="clean"), "CF-01", subject="CF-03"),
    Case("unit_in_use", ABSOLUTE, SPIN, lambda: enter(SPIN, cf=UNIT),
         lambda: _other_batch_uses(UNIT), "CT-0999"),
    Case("wrong_class", ABSOLUTE, SPIN, lambda: enter(SPIN, cf="BAL-1"),
         lambda: flooring.unit("BAL-1", kind="balance"), "asks for: Centrifuge"),
    Case("no_room", ABSOLUTE, CLEARANCE, lambda: enter(CLEARANCE, room="C-77"), words="C-77"),
    Case("room_not_clean", OVERRIDABLE, CLEARANCE, lambda: enter(CLEARANCE, room=ROOM),
         lambda: _room("soil"), ROOM, subject=ROOM),
    Case("em_hold", OVERRIDABLE, CLEARANCE, lambda: enter(CLEARANCE, room=ROOM),
         lambda: _room("set_em_hold"), ROOM, subject=ROOM),
    Case("wrong_grade", ABSOLUTE, CLEARANCE, lambda: enter(CLEARANCE, room="D-01"),
         lambda: flooring.room("D-01", grade="D"), "grade C or better"),
    Case("workstation_in_use", ABSOLUTE, CLEARANCE, lambda: enter(CLEARANCE, room=STATION),
         lambda: _other_batch_at(STATION), "CT-0999"),
    Case("line_not_cleared", OVERRIDABLE, CLEARANCE, lambda: enter(ENTER, room=ROOM),
         words=ROOM, subject=ROOM),
    Case("room_not_entered", ABSOLUTE, SPIN, lambda: enter(ELSEWHERE, ok="yes"),
         words="Other room"),
    Case("quarantine", ABSOLUTE, FEED, lambda: enter(FEED, lot="L-000002"),
         lambda: stocking.receive("L-000002"), "in quarantine"),
    Case("rejected", ABSOLUTE, FEED, lambda: enter(FEED, lot="L-000002"),
         lambda: (stocking.receive("L-000002"), _reject("L-000002")), "was rejected"),
    Case("wrong_item", ABSOLUTE, FEED, lambda: enter(FEED, lot="L-000003"),
         lambda: _albumin(), "this step takes"),
    Case("no_lot", ABSOLUTE, FEED, lambda: enter(FEED, lot="L-000777"), words="L-000777"),
    Case("not_enough", ABSOLUTE, FEED, lambda: enter(FEED, lot="L-000002"),
         lambda: _crumbs(), "L-000002"),
    Case("expired", OVERRIDABLE, FEED, lambda: enter(FEED, lot="L-000001"),
         lambda: None, "expired on", subject="L-000001"),
    Case("retest_overdue", OVERRIDABLE, FEED, lambda: enter(FEED, lot="L-000001"),
         words="retest", subject="L-000001"),
    Case("no_order", ABSOLUTE, IDENTITY, lambda: enter(IDENTITY, patient="x"),
         words="No order stands", bound=False),
    Case("order_ended", OVERRIDABLE, SPIN, lambda: enter(SPIN, cf=UNIT), lambda: _end_order(),
         "has ended", subject=ordering.ORDER),
    Case("collection_rejected", ABSOLUTE, SPIN, lambda: enter(SPIN, cf=UNIT), _withdraw,
         "call quality assurance", subject=ordering.COLLECTION),
    Case("identity_mismatch", STOPS, IDENTITY, lambda: enter(IDENTITY, patient="WRONG-1")),
    Case("hold_time", OVERRIDABLE, READ, _late, words="Out of the cold", subject="wait"),
]  # fmt: skip
LATER = {"expired": "2099-08-01", "retest_overdue": "2028-06-01"}


def _verified_by_performer() -> Any:
    enter(CLEARANCE, room=STATION)
    sign(CLEARANCE)
    asked = signing("marta")
    asked["actor"] = type(asked["actor"])(person=making.MARTA, role="verifier", terminal="t-test2")
    from personnel import people_commands

    people_commands.grant_role(
        person=making.MARTA, role="verifier", reason="Two roles", actor=actor("renata")
    )
    return commands.verify_step(batch=BATCH, step=CLEARANCE, **asked)


def _albumin() -> None:
    stocking.item(stocking.ALBUMIN, title="Albumin")
    stocking.receive("L-000003", item=stocking.ALBUMIN)
    stocking.release("L-000003")


def _crumbs() -> None:
    stocking.receive("L-000002", quantity="5")
    stocking.release("L-000002")


def _ready(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    if case.code == "hold_time":
        pytest.skip("told with a recipe of its own below")
    flooring.open_batch(bound=case.bound)
    work_up_to(case.step)
    case.prepare()
    if case.code in ("expired", "retest_overdue"):
        monkeypatch.setattr("batches.material_queries.today", lambda: LATER[case.code])


def test_r10_the_table_holds_twenty_blockers_and_more() -> None:
    assert len({case.code for case in CASES}) >= 20
    assert {case.kind for case in CASES} == {ABSOLUTE, OVERRIDABLE, STOPS}


TOLD = [case for case in CASES if case.code != "hold_time"]


@pytest.mark.parametrize("case", TOLD, ids=[case.code for case in TOLD])
def test_r10_each_blocker_alone_blocks_in_its_own_words(
    case: Case, floor: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given all else is ready, when the step is tried, then this alone keeps it from being done."""
    _ready(case, monkeypatch)
    before = len(store.load("batch", BATCH))
    if case.kind == STOPS:
        case.ask()
        assert [e.type for e in store.load("batch", BATCH)][-2:] == [
            "batches.scan_stopped", "batches.hold_set"]  # fmt: skip
        return
    with pytest.raises(Refused) as no:
        case.ask()
    assert no.value.code == case.code, str(no.value)
    assert case.words in str(no.value)
    assert ("override it together" in str(no.value)) is (case.kind == OVERRIDABLE)
    signed = 1 if case.code == "same_person" else 0
    assert len(store.load("batch", BATCH)) - before <= 3 * signed


OVERRIDES = [case for case in TOLD if case.kind == OVERRIDABLE]


@pytest.mark.parametrize("case", OVERRIDES, ids=[case.code for case in OVERRIDES])
def test_r10_an_overridable_blocker_yields_to_supervisor_and_quality_together(
    case: Case, floor: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given it blocks, then neither of the two alone moves it, both together do: with a deviation
    and a quality hold on record; and the performer decides nothing."""
    _ready(case, monkeypatch)
    step = ENTER if case.code == "line_not_cleared" else case.step
    asked = {"batch": BATCH, "step": step, "code": case.code, "subject": case.subject, **WHY}
    for who in ("marta", "ingrid", "pavel", "helena"):
        with pytest.raises(Refused):
            running_commands.ask_override(**asked, **signing(who))
    with pytest.raises(Refused, match="A supervisor asks"):
        running_commands.agree_override(**asked, **signing("helena"))
    running_commands.ask_override(**asked, **signing("dario"))
    with pytest.raises(Refused):
        case.ask()
    with pytest.raises(Refused):
        running_commands.agree_override(**asked, **signing("dario"))
    running_commands.agree_override(**asked, **signing("helena"))
    types = [event.type for event in store.load("batch", BATCH)][-3:]
    assert types == ["batches.override_agreed", "batches.deviation_raised", "batches.hold_set"]
    case.ask()


NEVER = [case for case in TOLD if case.kind == ABSOLUTE and case.code not in ("same_person",)]


@pytest.mark.parametrize("case", NEVER, ids=[case.code for case in NEVER])
def test_r10_an_absolute_blocker_yields_to_nobody(
    case: Case, floor: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    _ready(case, monkeypatch)
    for subject in (case.subject, UNIT, ROOM, STATION, "L-000001", "L-000002", BATCH, "other"):
        asked = {"batch": BATCH, "step": case.step, "code": case.code, "subject": subject, **WHY}
        with pytest.raises(Refused) as no:
            running_commands.ask_override(**asked, **signing("dario"))
        assert no.value.code in ("absolute", "nothing_blocks"), str(no.value)


def test_r10_a_hold_time_that_passed_blocks_and_yields_to_both(floor: None) -> None:
    """Given a recipe whose hold time is a fraction of a second, then its end is blocked late."""
    import time

    from batches.recipe_json import to_json

    content = to_json(flooring.content("0.001"))
    conftest.into_force(content, recipe="MBR-021")
    _train("MBR-021")
    commands.open_batch(batch=BATCH, recipe="MBR-021", version=1, purpose="patient",
                        subject=PATIENT, actor=actor("dario"))  # fmt: skip
    ordering.let_in()
    ordering.bind()
    work_up_to(READ)
    time.sleep(0.3)
    with pytest.raises(Refused, match="Out of the cold") as no:
        enter(READ, count="2.0")
    assert no.value.code == "hold_time"
    asked = {"batch": BATCH, "step": READ, "code": "hold_time", "subject": "wait", **WHY}
    running_commands.ask_override(**asked, **signing("dario"))
    running_commands.agree_override(**asked, **signing("helena"))
    enter(READ, count="2.0")


def _train(recipe: str) -> None:
    from ledger import clock
    from personnel import training_commands

    training_commands.introduce(item=recipe, kind="recipe", title="Floor", version="1",
                                valid_months=0, actor=actor("helena"))  # fmt: skip
    for name in conftest.TRAINED:
        by = "helena" if name == "dario" else "dario"
        training_commands.record(
            person=conftest.PEOPLE[name][0], item=recipe, version="1",
            trained_on=clock.now().date().isoformat(), method="performed", actor=actor(by),
        )  # fmt: skip


def test_r10_a_status_lost_in_the_middle_of_a_step_sets_a_quality_hold(floor: None) -> None:
    """Given the centrifuge was fit when it was scanned, when it is stopped before the step is
    signed, then the cells move on, the batch is held for quality and the loss is on record."""
    flooring.open_batch()
    work_up_to(SPIN)
    enter(SPIN, cf=UNIT)
    from equipment import status_commands as status

    status.calibrate(unit=UNIT, done_on="2026-11-01", until="", certificate="Q-2", passed=False,
                     **signing("viktor"))  # fmt: skip
    sign(SPIN)
    types = [event.type for event in store.load("batch", BATCH)]
    assert "batches.status_lost" in types and "batches.step_completed" in types
    (hold,) = [e.data for e in store.load("batch", BATCH) if e.type == "batches.hold_set"]
    assert hold.kind == "quality"


def test_r10_what_is_said_of_the_past_unblocks_nothing(floor: None) -> None:
    """Given a step was blocked, then a record dated before it opens the next try alone: what was
    refused stays refused, and a date to come or one that has run out is no fitness at all."""
    flooring.open_batch()
    work_up_to(SPIN)
    flooring.unit("CF-03", without="calibrated")
    with pytest.raises(Refused) as no:
        enter(SPIN, cf="CF-03")
    assert no.value.code == "calibration_due"
    from equipment import status_commands as status

    for day in ({"done_on": "2025-01-05", "until": "2026-01-05"},
                {"done_on": "2099-01-05", "until": "2099-12-31"}):  # fmt: skip
        with pytest.raises(Refused):
            status.calibrate(unit="CF-03", **day, certificate="Q-9", passed=True,
                             **signing("viktor"))  # fmt: skip
    with pytest.raises(Refused) as no:
        enter(SPIN, cf="CF-03")
    assert no.value.code == "calibration_due"


def test_r10_who_let_a_step_go_on_never_performs_it(floor: None) -> None:
    flooring.open_batch()
    work_up_to(SPIN)
    flooring.unit("CF-03", without="clean")
    asked = {"batch": BATCH, "step": SPIN, "code": "not_clean", "subject": "CF-03", **WHY}
    running_commands.ask_override(**asked, **signing("dario"))
    running_commands.agree_override(**asked, **signing("helena"))
    enter(SPIN, cf="CF-03")
    with pytest.raises(Refused):
        commands.record_step(batch=BATCH, step=SPIN, performed_by=making.DARIO, **signing("marta"))


def test_r8_who_let_a_step_go_on_neither_verifies_it_nor_lifts_its_hold(floor: None) -> None:
    """Given quality agreed to an override, then another of quality lifts the hold it set."""
    flooring.open_batch()
    _room("set_em_hold")
    asked = {"batch": BATCH, "step": CLEARANCE, "code": "em_hold", "subject": ROOM, **WHY}
    running_commands.ask_override(**asked, **signing("dario"))
    running_commands.agree_override(**asked, **signing("helena"))
    with pytest.raises(Refused, match="somebody else has to lift"):
        commands.lift_hold(batch=BATCH, hold=1, reason="All is well now", actor=actor("helena"))
