"""One human who holds several roles and switches between them remains one human (R8)."""

import pytest
from django.contrib.auth.hashers import make_password

from batches import commands
from personnel import commands as personnel
from tests.batches.conftest import actor
from tests.batches.making import BATCH, DARIO, HELENA, INGRID, MARTA, Making, refused

WHY = "Probe touched the wall"


@pytest.fixture
def beyond() -> Making:
    """The water bath is beyond its acceptance criterion, as Marta read it."""
    making = Making().open().up_to(2)
    making.enter(2, bath="38.4", by=MARTA)
    return making


def test_r8_who_read_a_value_beyond_acceptance_does_not_let_the_work_go_on_as_supervisor(beyond):
    """Given Marta, who is a supervisor as well, then switching to that role is no second pair of
    eyes: another supervisor decides."""
    asked = {"role": "supervisor", "reason": WHY}
    refused("same_person", beyond.explain, 2, "bath", by=MARTA, **asked)
    assert not beyond.state.step(2).readings["bath"].explained
    beyond.explain(2, "bath", by=DARIO, **asked)


def test_r8_who_let_the_work_go_on_neither_lifts_the_hold_nor_assesses_as_quality(beyond):
    """Given Dario, who is QA as well, when he lets the work go on, then the quality hold that
    follows and its exceptions wait for somebody else of QA."""
    beyond.explain(2, "bath", by=DARIO, role="supervisor", reason=WHY)
    refused("same_person", beyond.lift, 1, by=DARIO, role="qa_reviewer")
    for number in (1, 2):
        refused("same_person", beyond.assess, number, by=DARIO)
    assert beyond.state.on_hold("quality")
    beyond.lift(1, by=HELENA, role="qa_reviewer")
    beyond.assess(1, by=HELENA)


@pytest.mark.parametrize("person", [MARTA, INGRID])
def test_r8_who_made_or_verified_a_step_does_not_lift_its_quality_hold(beyond, person):
    """Given the performer and the verifier of the step, both of QA as well, then neither lifts."""
    beyond.explain(2, "bath", by=DARIO, role="supervisor", reason=WHY)
    beyond.done(2, by=MARTA)
    beyond.verify(2, by=INGRID)
    refused("same_person", beyond.lift, 1, by=person, role="qa_reviewer")


def test_r8_an_administrator_lifts_no_hold_in_the_voice_of_quality(desk):
    """Given Helena's password was reset by Renata, who goes on as Helena, then the quality hold
    stays until Helena has signed something with her own key."""
    commands.set_hold(
        batch=BATCH, kind="quality", reason="Power failed twice", actor=actor("dario")
    )
    asked = {"account": "a-helen6", "verifier": make_password(None)}
    personnel.change_password(**asked, reason="Forgot the password", actor=actor("renata"))
    personnel.choose_password(**asked, actor=actor("helena"))
    lift = {"batch": BATCH, "hold": 1, "reason": "Power is back", "actor": actor("helena")}
    refused("let_in_by_another", commands.lift_hold, **lift)
    commands.assess_exception(
        batch=BATCH, exception=1, reason="No effect on cells", **desk.as_signed("helena")
    )
    commands.lift_hold(**lift)


def test_r8_a_reset_password_keeps_no_operator_from_saying_why(desk):
    """Given Marta's password was reset, then she still explains a value outside the normal range,
    without which she could not sign; Dario's word beyond acceptance waits for his signature."""
    commands.complete_step(batch=BATCH, step=1, **desk.as_signed("marta"))
    commands.verify_step(batch=BATCH, step=1, **desk.as_signed("ingrid"))
    for name, account in (("marta", "a-marta2"), ("dario", "a-dario5")):
        asked = {"account": account, "verifier": make_password(None)}
        personnel.change_password(**asked, reason="Forgot the password", actor=actor("renata"))
        personnel.choose_password(**asked, actor=actor(name))
    enter = {"batch": BATCH, "step": 2, "reason": WHY}
    why = {"batch": BATCH, "step": 2, "parameter": "bath", "reason": WHY}
    commands.enter_values(**enter, typed={"bath": "37.8"}, actor=actor("marta"))
    commands.explain_limit(**why, actor=actor("marta"))
    commands.enter_values(**enter, typed={"bath": "38.4"}, actor=actor("marta"))
    refused("let_in_by_another", commands.explain_limit, **why, actor=actor("dario"))
