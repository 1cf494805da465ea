"""Materials in the laboratory's words: an approved supplier, items, and lots on the shelf."""

from __future__ import annotations

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
