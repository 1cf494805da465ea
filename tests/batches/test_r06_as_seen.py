"""What somebody signs or replaces is what stood before them, and no later value (R6)."""

import re

from batches import commands
from tests.batches.conftest import actor, enter, signing, work_up_to
from tests.batches.making import BATCH, refused

LATER = "Read the printout instead"


def seen_on(page: str) -> str:
    """What the page says it showed."""
    found = re.search(r'name="seen" value="([0-9]+)"', page)
    assert found is not None, "the form says what it showed"
    return found[1]


def correct(desk, typed: str) -> None:
    commands.correct_value(
        batch=BATCH, step=2, parameter="bath", typed=typed, reason=LATER, **desk.as_signed("marta")
    )


def step_two_signed(desk) -> None:
    desk.perform("marta", 1)
    desk.verify("ingrid", 1)
    assert desk.perform("marta", 2, bath="37.0").status_code == 302


def test_r6_the_second_person_signs_no_value_that_was_changed_under_their_eyes(desk):
    """Given Ingrid looks at 37.0, when it is corrected to 37.4 before she signs, then she is
    refused, reads why beside the new value, and can sign that."""
    step_two_signed(desk)
    seen = seen_on(desk.page("ingrid", "steps/2/"))
    correct(desk, "37.4")
    answer = desk.post("ingrid", "steps/2/verify/", sign=True, seen=seen)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "was changed after you opened the page" in page
    assert "37.4" in page
    assert seen_on(page) != seen
    answer = desk.post("ingrid", "steps/2/verify/", sign=True, seen=seen_on(page))
    assert answer.status_code == 302


def test_r6_a_correction_replaces_no_value_that_its_page_did_not_show(desk):
    """Given two people open the correction of one value, then the second to send is refused, with
    what they typed, and the other's value stands."""
    step_two_signed(desk)
    seen = seen_on(desk.page("marta", "steps/2/bath/correct/"))
    correct(desk, "37.4")
    typed = {"typed": "36.9", "reason": "Misread the scale"}
    answer = desk.post("marta", "steps/2/bath/correct/", sign=True, seen=seen, **typed)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "was changed after you opened the page" in page
    assert 'value="36.9"' in page
    answer = desk.post("marta", "steps/2/bath/correct/", sign=True, seen=seen_on(page), **typed)
    assert answer.status_code == 302


def test_r6_who_performed_countersigns_what_they_saw(batch):
    """Given Tomás wrote for Marta and then corrected a value, then Marta's page is out of date."""
    work_up_to(2)
    enter(2, by="tomas", bath="37.0")
    performer = actor("marta").person
    commands.record_step(batch=batch, step=2, performed_by=performer, **signing("tomas"))
    asked = {"batch": batch, "step": 2, "seen": 1}
    commands.correct_value(
        batch=batch, step=2, parameter="bath", typed="37.2", reason=LATER, **signing("tomas")
    )
    refused("changed_meanwhile", commands.countersign_step, **asked, **signing("marta"))
    commands.countersign_step(**asked | {"seen": 2}, **signing("marta"))


def test_r6_a_scribe_signs_what_stood_on_the_page(desk):
    """Given a page to record for a colleague shows 37.0, when it is read again as 36.8 meanwhile,
    then the scribe is refused beside the new value."""
    from tests.batches.making import TOMAS

    desk.perform("marta", 1)
    desk.verify("ingrid", 1)
    enter(2, by="tomas", bath="37.0")
    seen = seen_on(desk.page("marta", "steps/2/scribe/"))
    enter(2, by="tomas", bath="36.8", reason=LATER)
    typed = {"performed_by": TOMAS, "seen": seen}
    answer = desk.post("marta", "steps/2/scribe/", sign=True, **typed)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "was changed after you opened the page" in page
    assert "36.8" in page
    typed["seen"] = seen_on(page)
    assert desk.post("marta", "steps/2/scribe/", sign=True, **typed).status_code == 302


def test_r6_who_closes_the_record_closes_it_as_they_read_it(desk):
    """Given a step without a second person is corrected while Dario reads the finished record, then
    his signature does not cover what he never saw."""
    step_two_signed(desk)
    desk.verify("ingrid", 2)
    desk.perform("marta", 3, bath="37.0", count="5.20")
    seen = seen_on(desk.page("dario", "complete/"))
    asked = {"batch": BATCH, "step": 3, "parameter": "count", "typed": "5.90", "reason": LATER}
    commands.correct_value(**asked, **desk.as_signed("marta"))
    answer = desk.post("dario", "complete/", sign=True, seen=seen)
    assert answer.status_code == 422
    assert "was changed after you opened the page" in answer.content.decode()
    seen = seen_on(answer.content.decode())
    assert desk.post("dario", "complete/", sign=True, seen=seen).status_code == 302
