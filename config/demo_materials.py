"""The demo's store: suppliers, the items that the shipped recipes ask for, and lots of them.

stock                                   everything is registered, approved, received and released
use BATCH | item | quantity | unit      some of the item's first lot goes to a batch
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid5

from django.utils import timezone

from batches import material_commands as materials
from batches import material_stock_commands as stock
from batches.shipped.supplies import SUPPLIES, Supply
from config.demo_batches import signed
from config.demo_enrolment import QA, SUPERVISOR, actor
from config.demo_people import BY_KEY, Person
from ledger import clock

Ask = tuple[Callable[..., Any], Person, dict[str, Any]]
PACE = timedelta(seconds=6)
SUPPLIERS = {
    "SUP-014": ("Cellmeer Reagents", ("ancillary", "reagent")),
    "SUP-021": ("Vektora Biologics", ("starting", "raw")),
    "SUP-033": ("Steriplan Medical", ("consumable", "packaging", "label")),
    "SUP-047": ("Northbank Plastics", ()),  # waits for its approval
}
PLACES = {
    "room": "Store D-104, rack 2",
    "cool": "Cold room K-002, shelf 3",
    "frozen": "Freezer FR-1, drawer 2",
    "deep_frozen": "Freezer ULT-1, rack 4",
    "vapour_phase": "Cryostore K-001, LN2-1",
}
OWN = "autologous"  # such material comes from a patient, by a collection, and is no stock
SCARCE = "VEC-110"  # one vial less than there should be
# What else stands on the shelves: item, days to its expiry, and what became of it.
FURTHER = (
    ("MED-130", 19, "released"),
    ("CYT-132", 300, "quarantine"),
    ("SUP-131", 220, "quarantine"),
    ("RGT-121", 150, "rejected"),
    ("BAG-151", 500, "quarantine"),
)


def lots() -> Iterator[tuple[str, Supply, int, str]]:
    """Number, item, days to the expiry and what became of it: one of each item, then the others."""
    stocked = [one for one in SUPPLIES if OWN not in one.title]
    known = {one.item: one for one in stocked}
    all_ = [(one, 120 + 17 * n % 400, "released") for n, one in enumerate(stocked)]
    all_ += [(known[item], days, became) for item, days, became in FURTHER]
    for number, (supply, days, became) in enumerate(all_, start=1):
        yield f"L-{number:06d}", supply, days, became


def _told() -> Iterator[Ask]:
    for number, (title, kinds) in SUPPLIERS.items():
        yield materials.register_supplier, SUPERVISOR, {"supplier": number, "title": title}
        if kinds:
            until = _day(500)
            yield materials.approve_supplier, QA, {"supplier": number, "valid_until": until}
    for one in SUPPLIES:
        yield materials.register_item, BY_KEY["pavel"], _item(one)
        if OWN not in one.title:
            source = {"item": one.item, "supplier": _supplier(one), "catalogue": f"C-{one.item}"}
            yield materials.approve_source, QA, source
    for lot, one, days, became in lots():
        yield materials.receive_lot, BY_KEY["marta"], _delivery(lot, one, days)
        if became == "released":
            yield materials.release_lot, QA, {"lot": lot, "certificate": f"CoA {_batch_of(lot)}"}
        elif became == "rejected":
            why = "Endotoxin above the limit, CoA and own test agree"
            yield materials.reject_lot, QA, {"lot": lot, "reason": why}


def _item(one: Supply) -> dict[str, Any]:
    own = OWN in one.title
    minimum = "0" if own else "60" if one.item == SCARCE else "100" if one.unit == "mL" else "4"
    return {
        "item": one.item,
        "title": one.title,
        "kind": one.kind,
        "unit": one.unit,
        "storage": one.storage,
        "minimum": minimum,
        "open_life_hours": one.hours,
        "critical": one.critical,
        "may_split": not own and one.kind != "consumable",
        "of_patient": own,
    }


def _delivery(lot: str, one: Supply, days: int) -> dict[str, Any]:
    quantity = "50" if one.item == SCARCE else "2000" if one.unit == "mL" else "40"
    return {
        "lot": lot,
        "item": one.item,
        "supplier": _supplier(one),
        "supplier_lot": _batch_of(lot),
        "expires_on": _day(days),
        "quantity": quantity,
        "unit": one.unit,
        "containers": int(quantity) // 10 if one.unit == "mL" else int(quantity),
        "location": PLACES[one.storage],
        "storage": one.storage,
        "condition": "Packing and seal intact",
    }


def _supplier(one: Supply) -> str:
    return next(number for number, (_title, kinds) in SUPPLIERS.items() if one.kind in kinds)


def _batch_of(lot: str) -> str:
    """The number that the supplier gave it; invented."""
    return f"X{7 * int(lot[2:]) % 97:02d}{lot[-3:]}"


def _day(days: int) -> str:
    return (timezone.localdate(clock.now()) + timedelta(days=days)).isoformat()


def _stock(*, who: Person, name: str, number: int, texts: list[str], ask: dict[str, Any]) -> Any:
    """Each asked of its own person, one after the other, by ids that follow from the line's."""
    begun, outcome = clock.now(), None
    for step, (command, person, asked) in enumerate(_told()):
        given = asked | {"actor": actor(person), "command_id": uuid5(ask["command_id"], str(step))}
        if command.spec.meaning:  # type: ignore[attr-defined]
            given["signature"] = signed(person)
        with clock.telling(_at(begun + step * PACE)):
            outcome = command(**given)
    return outcome


def _at(moment: datetime) -> Callable[[], datetime]:
    return lambda: moment


def _use(*, who: Person, name: str, number: int, texts: list[str], ask: dict[str, Any]) -> Any:
    item, quantity, unit = texts
    lot = next(lot for lot, one, _days, _became in lots() if one.item == item)
    return stock.dispense_lot(lot=lot, batch=name, quantity=quantity, unit=unit, **ask)


VERBS: dict[str, Callable[..., Any]] = {"stock": _stock, "use": _use}
