"""R10: whoever lets a blocked step go on has no hand in it: not in a value, not in a correction."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from batches import commands, running_commands, step_commands
from batches.limits import Parameter
from equipment import status_commands
from tests.batches import conftest, flooring
from tests.batches.conftest import actor, signing
from tests.batches.flooring import SPIN, enter, work_up_to
from tests.batches.making import BATCH, refused
from tests.batches.test_r10_blockers import WHY

UNIT = "CF-04"


@pytest.fixture
def floor(database: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The spin is a supervisor's, witnessed by another; the calibration of one unit is due."""
    usual = flooring.content

    def content(limit: str = "600") -> Any:
        made = usual(limit)
        operation = made.unit_procedures[0].operations[0]
        steps = list(operation.phases[0].steps)
        spin = steps[SPIN - 1]
        asked = [*spin.parameters, Parameter(key="rcf", label="Spin", unit="g")]
        asked.append(Parameter(key="span", label="Time", kind="timer", maximum=Decimal(30)))
        steps[SPIN - 1] = replace(
            spin, performs="supervisor", witness="supervisor", parameters=asked
        )
        phase = replace(operation.phases[0], steps=steps)
        operations = [replace(operation, phases=[phase]), *made.unit_procedures[0].operations[1:]]
        return replace(
            made, unit_procedures=[replace(made.unit_procedures[0], operations=operations)]
        )

    monkeypatch.setattr(flooring, "content", content)
    monkeypatch.setitem(conftest.PEOPLE, "luc", ("p-lucsv2", "supervisor"))
    monkeypatch.setattr(conftest, "TRAINED", (*conftest.TRAINED, "luc"))
    with flooring.open_floor(monkeypatch):
        flooring.unit(UNIT, without="calibrated")
        flooring.open_batch()
        work_up_to(SPIN)
        yield


@pytest.fixture
def let_on(floor: None) -> None:
    """Dario and Helena let it go on with the unit whose calibration is due."""
    running_commands.ask_override(**due(UNIT), **signing("dario"))
    running_commands.agree_override(**due(UNIT), **signing("helena"))


def due(unit: str) -> dict[str, Any]:
    return {"batch": BATCH, "step": SPIN, "code": "calibration_due", "subject": unit, **WHY}


def test_r10_who_asks_that_a_step_goes_on_enters_nothing_before_quality_agrees(floor: None) -> None:
    """Given a calibration that is lost while one supervisor is at the step, when another asks to
    override it, then the work goes on, by others; else quality agrees with whoever does it."""
    flooring.unit("CF-05")
    enter(SPIN, "luc", cf="CF-05")
    status_commands.calibrate(
        unit="CF-05", done_on="2026-11-01", until="", certificate="Q-2", passed=False,
        **signing("viktor"),
    )  # fmt: skip
    running_commands.ask_override(**due("CF-05"), **signing("dario"))
    refused("same_person", enter, SPIN, "dario", rcf="300")
    enter(SPIN, "luc", rcf="300")
    running_commands.agree_override(**due("CF-05"), **signing("helena"))


def test_r10_who_lets_a_step_go_on_enters_and_times_nothing_of_it(let_on: None) -> None:
    assert refused("same_person", enter, SPIN, "dario", cf=UNIT)
    asked = {"batch": BATCH, "step": SPIN}
    start = {**asked, "parameter": "span"}
    refused("same_person", step_commands.start_timer, **start, actor=actor("dario"))
    enter(SPIN, "luc", cf=UNIT, rcf="300")
    refused("same_person", enter, SPIN, "dario", rcf="500")


def test_r10_who_lets_a_step_go_on_neither_witnesses_nor_corrects_it(let_on: None) -> None:
    asked = {"batch": BATCH, "step": SPIN}
    step_commands.start_timer(**asked, parameter="span", actor=actor("luc"))
    step_commands.stop_timer(**asked, parameter="span", actor=actor("luc"))
    enter(SPIN, "luc", cf=UNIT, rcf="300")
    commands.complete_step(**asked, **signing("luc"))
    refused("same_person", step_commands.witness_step, **asked, **signing("dario"))
    correction = {**asked, "parameter": "rcf", "typed": "500", **WHY}
    refused("same_person", commands.correct_value, **correction, **signing("dario"))
    commands.correct_value(**correction, **signing("luc"))
