"""A recipe with every kind of parameter that needs no other room, at work on pages."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from batches.limits import Parameter, Range
from batches.recipe_content import (
    Content,
    Header,
    HoldTime,
    Operation,
    Phase,
    Step,
    UnitProcedure,
)
from batches.recipe_json import to_json
from tests.batches import conftest, making
from tests.batches.conftest import Desk


def asks(key: str, label: str, kind: str = "number", **more: Any) -> Parameter:
    return Parameter(key=key, label=label, kind=kind, **more)


def between(low: str, high: str) -> Range:
    return Range(low=Decimal(low), high=Decimal(high))


PH = asks("ph", "pH", unit="pH", target=Decimal("7.20"), normal=between("7.00", "7.40"),
          proven=between("6.80", "7.60"), acceptance=between("6.60", "7.80"),
          plausible=between("4", "10"))  # fmt: skip
CELLS = asks("cells", "Viable cells", "replicate", unit="10⁶ cells/mL", replicates=2,
             dilution=Decimal(10), cv_limit=Decimal(15))  # fmt: skip
TOTAL = asks("total", "Total cells", "calculation", unit="10⁶ cells",
             formula="count.cells * count.ml", formula_version=2)  # fmt: skip


def step(number: int, key: str, *parameters: Parameter, **more: Any) -> Step:
    told = {"title": key.title(), "instruction": f"Do {key}.", "performs": "operator"}
    return Step(number=number, key=key, parameters=list(parameters), **(told | more))


STEPS = [
    step(1, "look", asks("clean", "Everything is clean", "confirm"),
         asks("colour", "Colour", "choice", choices=["red", "yellow"], accepted=["red"]),
         asks("note", "What you see", "text", required=False),
         asks("at", "Taken at", "datetime", required=False)),
    step(2, "acid", PH),
    step(3, "count", CELLS, asks("ml", "Volume", unit="mL", check="second_entry")),
    step(4, "sum", TOTAL),
    step(5, "wait", asks("spin", "Spin", "timer", unit="min", maximum=Decimal(40))),
    step(6, "extra", may_skip=True),
    step(7, "show", asks("print", "Print of the device", "attachment"), repeats=1),
    step(8, "weight", asks("mass", "Mass", unit="g"), critical=True, verifies="verifier",
         witness="verifier"),
]  # fmt: skip
SIDE = [step(9, "paper", performs="supervisor")]


def content() -> Content:
    phases = [
        Phase(title="Culture", key="culture", steps=STEPS),
        Phase(title="Papers", key="papers", steps=SIDE, after=[]),
    ]
    part = UnitProcedure(
        title="Day 1", key="day1", operations=[Operation(title="All", key="all", phases=phases)]
    )
    held = HoldTime(key="cold", title="Out of the cold", from_step="acid", to_step="sum",
                    limit="60", warn="30")  # fmt: skip
    return Content(
        header=Header(title="Every kind", product="CAR-T"),
        unit_procedures=[part],
        hold_times=[held],
    )


def furnished() -> Desk:
    """The batch is open on this recipe, and everybody signs with a key of their own."""
    conftest.open_accounts()
    made = Desk()
    for name in ("helena", "dario", "marta", "tomas", "ingrid", "pavel"):
        made.enrol(name, by="dario" if name == "helena" else "helena")
    conftest.into_force(to_json(content()), made.as_signed)
    conftest.train_everybody()
    conftest.open_batch()
    return made


def at_step(desk: Desk, step: int) -> None:
    """Everything before this step is done, on pages."""
    typed: dict[int, dict[str, str]] = {
        1: {"clean": "yes", "colour": "red"},
        2: {"ph": "7.20"},
        3: {"cells": "1.20; 1.25", "ml": "10"},
    }
    for before in range(1, step):
        if before == 5:
            desk.post("marta", "steps/5/start/", parameter="spin")
            desk.post("marta", "steps/5/stop/", parameter="spin")
        if before == 3:
            desk.perform("marta", 3, **typed[3])
            typed[3] = {"ml": "10"}
        response = desk.perform("marta", before, **typed.get(before, {}))
        assert response.status_code == 302, response.content.decode()


__all__ = ["at_step", "content", "furnished", "making"]
