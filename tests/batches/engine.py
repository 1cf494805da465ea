"""A batch of the engine's own: a recipe of one's choosing, carried out by decisions alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from batches import answer_kinds as _kinds  # noqa: F401 - they register themselves
from batches import (
    course,
    diverting,
    entering,
    overseeing,
    performing,
    recipe,
    recipe_writing,
    record,
    working,
)
from batches.answers import Asked, answerer
from batches.blockers import Situation
from batches.recipe import Recipe
from batches.recipe_content import Content, Header, Operation, Phase, Step, UnitProcedure
from batches.recipe_events import RecipeApproved
from batches.turns import due, find
from ledger.event import fold

BATCH, PATIENT = "CT-0421", "s-7Q2M9X4K"
MARTA, INGRID, DARIO, HELENA = "p-marta2", "p-ingri4", "p-dario5", "p-helen6"
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def step(number: int, *parameters: Any, **said: Any) -> Step:
    told: dict[str, Any] = {
        "number": number,
        "key": f"s{number}",
        "title": f"Step {number}",
        "instruction": "Do it.",
        "performs": "operator",
        "parameters": list(parameters),
    }
    return Step(**(told | said))


def phase(title: str, *steps: Step, **said: Any) -> Phase:
    return Phase(**({"title": title, "key": title.lower(), "steps": list(steps)} | said))


def content(*phases: Phase, **said: Any) -> Content:
    whole = Operation(title="All", phases=list(phases))
    part = UnitProcedure(title="All", operations=[whole])
    header = Header(title="Engine", product="CAR-T")
    return Content(header=header, unit_procedures=[part], **said)


def approved(made: Content) -> Recipe:
    (draft,) = recipe_writing.draft(
        recipe.INITIAL, recipe="MBR-900", version=1, content=made, author="p-pavel7"
    )
    approval = RecipeApproved(
        recipe="MBR-900", version=1, content_sha256=draft.content_sha256, effective_from=None
    )
    return fold(recipe.INITIAL, recipe.evolve, [draft, approval])


class Engine:
    """Carries a recipe out as the commands do, without a database; the clock is the test's."""

    def __init__(self, made: Content) -> None:
        self.recipe = approved(made)
        self.state, self.events, self.now = record.INITIAL, [], NOON
        self.keep(
            overseeing.open_batch(
                self.state, self.recipe, batch=BATCH, purpose="patient", subject=PATIENT,
                is_kept=True,
            )
        )  # fmt: skip

    def keep(self, events: list[Any]) -> list[Any]:
        self.events += events
        self.state = fold(self.state, record.evolve, events)
        return events

    def later(self, minutes: float) -> Engine:
        self.now += timedelta(minutes=minutes)
        return self

    def enter(self, number: int, *, by: str = MARTA, reason: str = "", **typed: str) -> list[Any]:
        events = self.keep(
            entering.enter_values(
                self.state, self.recipe, batch=BATCH, step=number, typed=typed,
                found=self._found(number, typed, by), person=by, role="operator", reason=reason,
            )
        )  # fmt: skip
        planned = find(self.state, self.recipe, number)
        assert planned is not None
        return events + self.keep(
            list(course.calculate(self.state, self.recipe, planned=planned, works=working.works))
        )

    def _found(self, number: int, typed: Mapping[str, str], by: str) -> dict[str, Any]:
        planned = find(self.state, self.recipe, number)
        assert planned is not None
        now = Situation(act=None, state=self.state, recipe=self.recipe, planned=planned, person=by,
                        role="operator", at=self.now)  # fmt: skip
        asked = [one for one in planned.step.parameters if one.key in typed]
        return {
            one.key: answer(Asked(situation=now, parameter=one, typed=typed[one.key], earlier={}))
            for one in asked
            if (answer := answerer(one.kind)) is not None
        }

    def done(self, number: int, *, by: str = MARTA) -> list[Any]:
        events: list[Any] = self.keep(
            performing.complete_step(
                self.state, self.recipe, batch=BATCH, step=number, role="operator",
                performed_by=by, recorded_by=by,
            )
        )  # fmt: skip
        planned = find(self.state, self.recipe, number)
        assert planned is not None
        events += self.keep(
            list(course.hold_times(self.state, self.recipe, planned=planned, at=self.now))
        )
        return events + self.keep(course.skip(self.state, self.recipe, holds=working.holds))

    def verify(self, number: int, *, by: str = INGRID) -> list[Any]:
        events: list[Any] = self.keep(
            performing.verify_step(
                self.state, self.recipe, batch=BATCH, step=number, person=by, role="verifier"
            )
        )
        return events + self.keep(course.skip(self.state, self.recipe, holds=working.holds))

    def repeat(self, number: int, *, role: str = "operator") -> list[Any]:
        return self.keep(
            diverting.repeat(
                self.state, self.recipe, batch=BATCH, step=number, person=MARTA, role=role,
                reason="The count was too low",
            )
        )  # fmt: skip

    def skip(self, number: int) -> list[Any]:
        return self.keep(
            diverting.not_applicable(
                self.state, self.recipe, batch=BATCH, step=number, person=MARTA, role="operator",
                reason="Not needed this time",
            )
        )  # fmt: skip

    @property
    def due(self) -> list[int]:
        return [one.number for one in due(self.state, self.recipe)]

    def value(self, number: int, key: str) -> Any:
        return self.state.step(number).readings[key].value
