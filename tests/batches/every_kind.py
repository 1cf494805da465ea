"""A batch in which a step of every kind is due at once, and the people who work on it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from batches.limits import Parameter, ParameterKind, Range
from batches.recipe_content import (
    Content,
    EquipmentNeed,
    Header,
    LabelNeed,
    Material,
    Operation,
    Phase,
    RoomNeed,
    UnitProcedure,
)
from batches.recipe_json import to_json
from tests.batches import stocking
from tests.batches.conftest import into_force, open_batch, train_everybody
from tests.batches.engine import step

ASKED: dict[ParameterKind, dict[str, Any]] = {
    ParameterKind.NUMBER: {"unit": "°C", "acceptance": Range(low=Decimal("1"), high=Decimal("9"))},
    ParameterKind.REPLICATE: {
        "unit": "10⁶ cells/mL", "replicates": 3, "dilution": Decimal("2"),
        "cv_limit": Decimal("15"),
    },
    ParameterKind.CHOICE: {"choices": ["clear", "cloudy"], "accepted": ["clear"]},
    ParameterKind.CALCULATION: {"unit": "°C", "formula": "s1.number * 2.0", "formula_version": 1},
    ParameterKind.TIMER: {"unit": "min", "minimum": Decimal("1"), "maximum": Decimal("60")},
    ParameterKind.MATERIAL: {"needs": "medium", "unit": "mL", "quantity": "10"},
    ParameterKind.WEIGH: {"unit": "g", "needs": "medium"},
    ParameterKind.EQUIPMENT: {"needs": "spin"},
    ParameterKind.ROOM: {"needs": "clean"},
    ParameterKind.LABEL: {"needs": "bag"},
    ParameterKind.INSTRUMENT: {"unit": "g", "needs": "spin"},
}  # fmt: skip
KINDS = tuple(ParameterKind)


def content() -> Content:
    """Each kind in a phase of its own; all of them begin at once."""
    phases = []
    for number, kind in enumerate(KINDS, start=1):
        asked = {"key": kind.value, "label": f"The {kind.value}", "kind": kind.value}
        told = step(number, Parameter(**asked, **ASKED.get(kind, {})))
        phases.append(Phase(title=kind.value, key=kind.value, steps=[told], after=[]))
    everything = Operation(title="All", room="clean", phases=phases)
    return Content(
        header=Header(title="Every kind", product="CAR-T"),
        unit_procedures=[UnitProcedure(title="All", operations=[everything])],
        materials=[Material(key="medium", item=stocking.MEDIUM, title="Medium", unit="mL")],
        equipment=[EquipmentNeed(key="spin", unit_class="centrifuge", title="Centrifuge")],
        rooms=[RoomNeed(key="clean", title="Clean room", grade="C")],
        labels=[LabelNeed(key="bag", title="Bag", copies=2)],
    )


def furnish(signed: Any) -> str:
    """The recipe is in force, everybody is trained on it, and a batch is open on it."""
    into_force(to_json(content()), signed)
    train_everybody()
    return open_batch()
