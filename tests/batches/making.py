"""A batch in the laboratory's words: a small recipe, and the record as its events make it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from batches import entering, overseeing, performing, recipe, recipe_writing, record
from batches.limits import Parameter, Range
from batches.recipe_content import Content, Header, Operation, Phase, Step, UnitProcedure
from batches.recipe_events import RecipeApproved, RecipeDrafted
from ledger.event import Refused, fold

MARTA, TOMAS, INGRID, DARIO, HELENA, PAVEL = (
    "p-marta2", "p-tomas3", "p-ingri4", "p-dario5", "p-helen6", "p-pavel7",
)  # fmt: skip
BATCH = "CT-0421"
PATIENT = "s-7Q2M9X4K"
BATH = Parameter(
    key="bath",
    label="Water bath",
    unit="°C",
    target=Decimal("37.0"),
    normal=Range(low=Decimal("36.5"), high=Decimal("37.5")),
    acceptance=Range(low=Decimal("36.0"), high=Decimal("38.0")),
)
COUNT = Parameter(
    key="count",
    label="Viable cells",
    unit="10⁶ cells/mL",
    target=Decimal("5.00"),
    normal=Range(low=Decimal("3.00")),
    acceptance=Range(low=Decimal("1.00")),
)


def part(title: str, steps: list[Step]) -> UnitProcedure:
    """A unit procedure of one operation and one phase."""
    key = title.lower()
    phase = Phase(title=title, key=key, steps=steps)
    operation = Operation(title=title, key=key, phases=[phase])
    return UnitProcedure(title=title, key=key, operations=[operation])


def content(parts: list[UnitProcedure], title: str = "Small recipe") -> Content:
    return Content(header=Header(title=title, product="CAR-T"), unit_procedures=parts)


PARTS = [
    part(
        "Thaw",
        [
            Step(number=1, key="clear", title="Clear", instruction="Clear the line.",
                 performs="operator", verifies="verifier", parameters=[]),
            Step(number=2, key="thaw", title="Thaw", instruction="Thaw the bag.",
                 performs="operator", verifies="verifier", parameters=[BATH]),
        ],
    ),
    part(
        "Count",
        [
            Step(number=3, key="count", title="Count", instruction="Count twice.",
                 performs="operator", parameters=[BATH, COUNT]),
        ],
    ),
]  # fmt: skip


def drafted(**change: Any) -> RecipeDrafted:
    asked: dict[str, Any] = {
        "recipe": "MBR-019",
        "version": 1,
        "content": content(PARTS),
        "author": PAVEL,
    }
    return recipe_writing.draft(recipe.INITIAL, **(asked | change))[0]


def approved_recipe() -> recipe.Recipe:
    draft = drafted()
    approval = RecipeApproved(
        recipe="MBR-019", version=1, content_sha256=draft.content_sha256, effective_from=None
    )
    return fold(recipe.INITIAL, recipe.evolve, [draft, approval])


RECIPE = approved_recipe()


class Making:
    """One batch being made: asks decisions and keeps the events they return."""

    def __init__(self) -> None:
        self.state = record.INITIAL
        self.events: list[Any] = []

    def keep(self, events: list[Any]) -> list[Any]:
        assert events
        self.events += events
        self.state = fold(self.state, record.evolve, events)
        return events

    def open(self) -> Making:
        self.keep(
            overseeing.open_batch(
                self.state, RECIPE, batch=BATCH, purpose="patient", subject=PATIENT,
                is_kept=True,
            )
        )  # fmt: skip
        return self

    def enter(self, step: int, *, by: str = MARTA, reason: str = "", **typed: str) -> list[Any]:
        return self.keep(
            entering.enter_values(
                self.state, RECIPE, batch=BATCH, step=step, typed=typed, person=by,
                role="operator", reason=reason,
            )
        )  # fmt: skip

    def explain(self, step: int, key: str, *, role: str, reason: str, by: str = DARIO) -> list[Any]:
        return self.keep(
            entering.explain_limit(
                self.state, RECIPE, batch=BATCH, step=step, parameter=key, person=by, role=role,
                reason=reason,
            )
        )  # fmt: skip

    def done(self, step: int, *, by: str = MARTA, recorded_by: str = "") -> list[Any]:
        return self.keep(
            performing.complete_step(
                self.state, RECIPE, batch=BATCH, step=step, role="operator", performed_by=by,
                recorded_by=recorded_by or by,
            )
        )  # fmt: skip

    def verify(self, step: int, *, by: str = INGRID, role: str = "verifier") -> list[Any]:
        return self.keep(
            performing.verify_step(self.state, RECIPE, batch=BATCH, step=step, person=by, role=role)
        )

    def countersign(self, step: int, *, by: str) -> list[Any]:
        return self.keep(
            performing.countersign_step(self.state, RECIPE, batch=BATCH, step=step, person=by)
        )

    def correct(self, step: int, key: str, typed: str, *, by: str = MARTA, reason: str) -> Any:
        return self.keep(
            entering.correct_value(
                self.state, RECIPE, batch=BATCH, step=step, parameter=key, typed=typed, person=by,
                role="operator", reason=reason,
            )
        )  # fmt: skip

    def hold(self, kind: str, reason: str = "Power failed twice") -> list[Any]:
        return self.keep(
            overseeing.set_hold(self.state, RECIPE, batch=BATCH, kind=kind, reason=reason)
        )

    def lift(
        self, number: int, *, role: str, reason: str = "Power is back", by: str = HELENA
    ) -> list[Any]:
        return self.keep(
            overseeing.lift_hold(
                self.state, batch=BATCH, hold=number, person=by, role=role, reason=reason
            )
        )

    def assess(self, number: int, *, by: str = HELENA, reason: str = "No effect on cells") -> Any:
        return self.keep(
            overseeing.assess_exception(
                self.state, batch=BATCH, exception=number, person=by, reason=reason
            )
        )

    def close(self, *, by: str = DARIO) -> list[Any]:
        return self.keep(overseeing.complete(self.state, RECIPE, batch=BATCH, person=by))

    def up_to(self, step: int) -> Making:
        """Everything before this step is performed and verified, by the book."""
        for before in range(1, step):
            if before > 1:
                self.enter(before, bath="37.0", **({"count": "5.00"} if before == 3 else {}))
            self.done(before)
            if before < 3:
                self.verify(before)
        return self


def refused(code: str, ask: Any, *args: Any, **request: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        ask(*args, **request)
    assert caught.value.code == code, str(caught.value)
    return caught.value
