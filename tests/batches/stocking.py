"""Materials in the laboratory's words: an approved supplier, items, and lots on the shelf."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.batches.conftest import actor, signing

SUPPLIER, MEDIUM, ALBUMIN = "SUP-014", "MED-130", "HSA-141"


def item(number: str = MEDIUM, **change: Any) -> str:
    """Registered by the engineer, and approved from our supplier by quality assurance."""
    from batches import material_commands as materials

    asked: dict[str, Any] = {
        "title": "T cell medium",
        "kind": "ancillary",
        "unit": "mL",
        "storage": "cool",
        "minimum": "500",
        "open_life_hours": 24,
        "may_split": True,
    }
    gtin = change.pop("gtin", "")
    materials.register_item(item=number, **(asked | change), actor=actor("pavel"))
    materials.approve_source(
        item=number, supplier=SUPPLIER, catalogue=f"C-{number}", gtin=gtin, **signing("helena")
    )
    return number


def supplier(number: str = SUPPLIER, *, approved: bool = True) -> str:
    from batches import material_commands as materials

    materials.register_supplier(supplier=number, title=f"Supplier {number}", actor=actor("dario"))
    if approved:
        materials.approve_supplier(supplier=number, valid_until="2099-12-31", **signing("helena"))
    return number


def receive(lot: str = "L-000001", **change: Any) -> str:
    """A delivery into quarantine."""
    from batches import material_commands as materials

    asked: dict[str, Any] = {
        "item": MEDIUM,
        "supplier": SUPPLIER,
        "supplier_lot": "TX4471",
        "expires_on": "2099-05-31",
        "quantity": "1000",
        "unit": "mL",
        "containers": 1,
        "location": "Cold room, shelf 2",
        "storage": "cool",
    }
    materials.receive_lot(lot=lot, **(asked | change), actor=actor("marta"))
    return lot


def release(lot: str = "L-000001") -> str:
    from batches import material_commands as materials

    materials.release_lot(lot=lot, certificate="CoA 4471", **signing("helena"))
    return lot


def on_the_shelf(lot: str = "L-000001", **change: Any) -> str:
    """A released lot of the medium, from an approved supplier."""
    supplier()
    item()
    receive(lot, **change)
    return release(lot)


def state(lot: str = "L-000001") -> Any:
    from batches.material_queries import lot_state

    return lot_state(lot)


def cooking(own: bool = False) -> Any:
    """A recipe whose first step takes 250 mL of medium, the second as much albumin as is needed,
    and the third weighs out of a powder. `own`: the first takes the patient's own cells."""
    from batches.limits import Parameter
    from batches.recipe_content import Material, Step
    from tests.batches import making

    def asks(number: int, parameter: Parameter) -> Step:
        return Step(
            number=number,
            key=f"take{number}",
            title=f"Take {number}",
            instruction="Scan it.",
            performs="operator",
            parameters=[parameter],
            kind=parameter.kind,
        )

    taken = [
        Parameter(
            key="medium", label="Medium", kind="material", needs="medium", quantity="250",
            unit="mL",
        ),
        Parameter(key="albumin", label="Albumin", kind="material", needs="albumin", unit="mL"),
        Parameter(key="powder", label="Powder", kind="weigh", needs="powder", unit="mg"),
    ]  # fmt: skip
    parts = [making.part("Cook", [asks(n, one) for n, one in enumerate(taken, start=1)])]
    needed = [
        Material(
            key="medium",
            item="APH-100" if own else MEDIUM,
            title="T cell medium",
            quantity="250",
            unit="mL",
        ),
        Material(key="albumin", item=ALBUMIN, title="Albumin", unit="mL"),
        Material(key="powder", item="PWD-100", title="Powder", quantity="2", unit="g"),
    ]
    return replace(making.content(parts), materials=needed)


def cook(expires_on: str = "2099-05-31", own: bool = False) -> str:
    """CT-0421 is open on that recipe, and each of its materials lies released on the shelf."""
    from batches.recipe_json import to_json
    from tests.batches import conftest

    conftest.into_force(to_json(cooking(own)))
    conftest.train_everybody()
    on_the_shelf(expires_on=expires_on)
    item(ALBUMIN, title="Albumin", open_life_hours=4)
    item("PWD-100", title="Powder", unit="g", storage="room", open_life_hours=0)
    receive("L-000002", item=ALBUMIN, quantity="50")
    receive("L-000003", item="PWD-100", quantity="10", unit="g", storage="room")
    release("L-000002")
    release("L-000003")
    return conftest.open_batch()
