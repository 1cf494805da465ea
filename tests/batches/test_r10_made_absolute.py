"""R10: what the house lets people override, a step of a record may make absolute."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from batches import running_commands
from batches.recipe_content import Block
from ledger.event import Refused
from tests.batches import flooring
from tests.batches.conftest import signing
from tests.batches.flooring import CLEARANCE, SPIN, enter, verify, work_up_to
from tests.batches.making import BATCH
from tests.batches.test_r10_blockers import WHY
from tests.batches.test_r10_training import revoke


@pytest.fixture
def strict_floor(database: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The floor, on a record whose spin nobody may begin with a centrifuge that is not clean, and
    whose line clearance nobody touches untrained."""
    usual = flooring.content

    def content(limit: str = "600") -> Any:
        made = usual(limit)
        operation = made.unit_procedures[0].operations[0]
        steps = list(operation.phases[0].steps)
        strict = [Block(code="not_clean", absolute=True)]
        steps[SPIN - 1] = replace(steps[SPIN - 1], blocks=strict)
        trained = [Block(code="not_trained", absolute=True)]
        steps[CLEARANCE - 1] = replace(steps[CLEARANCE - 1], blocks=trained)
        phase = replace(operation.phases[0], steps=steps)
        operations = [replace(operation, phases=[phase]), *made.unit_procedures[0].operations[1:]]
        part = replace(made.unit_procedures[0], operations=operations)
        return replace(made, unit_procedures=[part])

    monkeypatch.setattr(flooring, "content", content)
    with flooring.open_floor(monkeypatch):
        yield


def test_r10_a_step_makes_absolute_what_it_names_and_nothing_else(strict_floor: None) -> None:
    """Given a centrifuge that is not clean and one whose calibration is due, then supervisor and
    quality override the second as everywhere, and the first they cannot even ask for."""
    flooring.unit("CF-03", without="clean")
    flooring.unit("CF-04", without="calibrated")
    flooring.open_batch()
    work_up_to(SPIN)
    with pytest.raises(Refused) as no:
        enter(SPIN, cf="CF-03")
    assert no.value.code == "not_clean"
    assert "override it together" not in str(no.value)
    asked = {"batch": BATCH, "step": SPIN, **WHY}
    with pytest.raises(Refused) as no:
        running_commands.ask_override(
            **asked, code="not_clean", subject="CF-03", **signing("dario")
        )
    assert no.value.code == "absolute"
    due = {**asked, "code": "calibration_due", "subject": "CF-04"}
    running_commands.ask_override(**due, **signing("dario"))
    running_commands.agree_override(**due, **signing("helena"))
    enter(SPIN, cf="CF-04")


def test_r10_who_verifies_is_told_that_nobody_overrides_their_training(strict_floor: None) -> None:
    flooring.open_batch()
    work_up_to(CLEARANCE)
    enter(CLEARANCE, **flooring.answers(CLEARANCE))
    flooring.sign(CLEARANCE)
    revoke("ingrid")
    with pytest.raises(Refused) as no:
        verify(CLEARANCE)
    assert no.value.code == "not_trained"
    assert "override it together" not in str(no.value)
