"""R10: who performs or verifies a step was trained on this very version of its recipe."""

from typing import Any

import pytest

from batches import commands
from ledger import store
from ledger.event import Refused
from ledger.models import Event
from personnel import training_commands
from tests.batches.conftest import PEOPLE, actor, enter, signing, work_up_to
from tests.batches.making import BATCH, INGRID, MARTA, TOMAS, refused
from tests.batches.test_step_pages import signed_up_to


def revoke(name: str) -> None:
    training_commands.revoke(
        person=PEOPLE[name][0],
        item="MBR-019",
        version="1",
        reason="Failed the media fill",
        actor=actor("helena"),
    )


def recorded(batch: str) -> list[str]:
    return [event.type for event in store.load("batch", batch)]


def test_r10_nobody_performs_a_step_untrained_and_learns_whom_to_ask(batch):
    """Given Marta's training was revoked, when she signs a step, then she is refused in a sentence
    that says what is missing and whom to ask; Tomás, who is trained, goes on."""
    revoke("marta")
    no = refused("not_trained", commands.complete_step, batch=batch, step=1, **signing("marta"))
    assert str(no).startswith("You are not trained on MBR-019, version 1.")
    assert "ask a supervisor or quality assurance" in str(no)
    assert recorded(batch) == ["batches.opened"]
    assert Event.objects.filter(type="ledger.refused").count() == 1
    commands.complete_step(batch=batch, step=1, **signing("tomas"))
    assert recorded(batch)[-1] == "batches.step_completed"


def test_r10_no_value_of_a_step_is_entered_untrained(batch):
    work_up_to(2)
    revoke("marta")
    with pytest.raises(Refused, match="You are not trained"):
        enter(2, bath="37.0")


def test_r10_no_value_is_corrected_untrained(batch):
    """Given a step was signed, then who is not trained on the recipe corrects nothing in it."""
    work_up_to(3)
    revoke("tomas")
    asked = {"batch": batch, "step": 2, "parameter": "bath", "typed": "37.3"}
    why = {"reason": "Read the printout instead"}
    refused("not_trained", commands.correct_value, **asked, **why, **signing("tomas"))
    assert recorded(batch)[-1] == "batches.step_verified"


def test_r10_who_performed_must_be_trained_whoever_writes(batch):
    """Given Tomás is not trained, then Marta cannot record the step as performed by him."""
    revoke("tomas")
    asked: dict[str, Any] = {"batch": batch, "step": 1, "performed_by": TOMAS}
    no = refused("not_trained", commands.record_step, **asked, **signing("marta"))
    assert str(no).startswith(f"{TOMAS} is not trained on MBR-019, version 1.")


def test_r10_nobody_verifies_untrained(batch):
    commands.complete_step(batch=batch, step=1, **signing("marta"))
    revoke("ingrid")
    no = refused("not_trained", commands.verify_step, batch=batch, step=1, **signing("ingrid"))
    assert no.params["recipe"] == "MBR-019"
    assert recorded(batch)[-1] == "batches.step_completed"


def test_r10_a_training_on_another_version_does_not_count(batch):
    """Given the item went to version 2 and Marta was trained on that alone, then she does not
    perform on version 1."""
    revoke("marta")
    training_commands.change_version(
        item="MBR-019", version="2", reason="New feed", actor=actor("helena")
    )
    training_commands.record(
        person=MARTA,
        item="MBR-019",
        version="2",
        trained_on="2026-01-05",
        method="performed",
        actor=actor("dario"),
    )
    refused("not_trained", commands.complete_step, batch=batch, step=1, **signing("marta"))


def test_r10_one_training_carries_a_whole_step(batch):
    commands.complete_step(batch=batch, step=1, **signing("marta"))
    commands.verify_step(batch=batch, step=1, **signing("ingrid"))
    verified = store.load("batch", batch)[-1]
    assert verified.data.verified_by == INGRID


def test_r10_the_card_says_beforehand_that_a_training_is_missing(desk):
    """Given Marta's training was revoked, then her card says so before she types anything, and what
    she types all the same is refused in the same words and stays in the fields."""
    signed_up_to(desk, 2)
    assert "You are not trained" not in desk.page("marta", "steps/2/")
    revoke("marta")
    assert "You are not trained on MBR-019, version 1" in desk.page("marta", "steps/2/")
    response = desk.perform("marta", 2, bath="37.0")
    assert response.status_code == 422
    page = response.content.decode()
    assert page.count("You are not trained on MBR-019, version 1") == 1, "said once, by the no"
    assert 'value="37.0"' in page
    assert recorded(BATCH)[-1] == "batches.step_verified"
