"""Materials through their commands, on both databases: who may, what is refused, what rows tell."""

from __future__ import annotations

import pytest

from batches import material_commands as materials
from batches import material_queries as queries
from batches import material_stock_commands as stock
from batches.models import ItemLine, LotLine, ReservationLine, SupplierLine, TakenLine
from ledger.models import Event
from tests.batches import stocking
from tests.batches.conftest import actor, signing
from tests.batches.making import BATCH, refused
from tests.batches.racing import WON, race

LOT = "L-000001"


def test_nothing_comes_in_from_who_is_not_approved(people) -> None:
    """Given a supplier that is registered, suspended or not this item's source, when a delivery is
    received, then it is refused with the way out, on the trail, and no lot begins."""
    stocking.supplier(approved=False)
    stocking.item()
    no = refused("supplier_not_approved", stocking.receive)
    assert "Quality assurance approves a supplier first" in str(no)
    materials.approve_supplier(
        supplier=stocking.SUPPLIER, valid_until="2099-12-31", **signing("helena")
    )
    materials.suspend_supplier(
        supplier=stocking.SUPPLIER, reason="Two rejected lots", **signing("helena")
    )
    refused("supplier_suspended", stocking.receive)
    stocking.supplier("SUP-020")
    refused("source", stocking.receive, supplier="SUP-020")
    assert not LotLine.objects.exists()
    assert Event.objects.filter(type="ledger.refused").count() == 3
    assert SupplierLine.objects.get(supplier=stocking.SUPPLIER).status == "suspended"


def test_the_supplier_s_lot_and_the_expiry_are_mandatory(people) -> None:
    stocking.supplier()
    stocking.item()
    refused("supplier_lot", stocking.receive, supplier_lot="")
    refused("expires_on", stocking.receive, expires_on="")


def test_a_lot_goes_from_quarantine_to_release_and_its_quantity_is_kept_in_its_unit(people) -> None:
    """Given 1 L is received of an item that is counted in mL, then 1000 mL wait in quarantine, and
    quality assurance's signature releases them."""
    stocking.supplier()
    stocking.item(retest_months=6)
    stocking.receive(quantity="1", unit="L")
    line = LotLine.objects.get(lot=LOT)
    assert (line.status, line.received, line.left, line.unit) == (
        "quarantine", "1000", "1000", "mL",
    )  # fmt: skip
    assert queries.levels()[0].waiting == 1000
    assert queries.levels()[0].is_low
    stocking.release()
    line.refresh_from_db()
    assert line.status == "released"
    assert line.retest_on
    assert not queries.levels()[0].is_low
    refused("no_change", stocking.release)


def test_a_rejected_lot_takes_its_containers_along(people) -> None:
    stocking.on_the_shelf(containers=4)
    stock.split_lot(lot=LOT, quantity="0.25", unit="L", parts=2, actor=actor("marta"))
    assert queries.descendants(LOT) == [f"{LOT}-1", f"{LOT}-2"]
    materials.reject_lot(lot=LOT, reason="Endotoxin found", **signing("helena"))
    assert set(LotLine.objects.values_list("status", flat=True)) == {"rejected"}
    refused("rejected", stocking.release)


def test_what_is_split_off_is_a_lot_of_its_own(people) -> None:
    stocking.on_the_shelf(containers=4)
    stock.split_lot(lot=LOT, quantity="250", unit="mL", parts=3, actor=actor("marta"))
    parent = LotLine.objects.get(lot=LOT)
    assert (parent.left, parent.split, parent.containers) == ("250", "750", 1)
    child = LotLine.objects.get(lot=f"{LOT}-3")
    assert (child.parent, child.received, child.supplier_lot) == (LOT, "250", "TX4471")
    refused(
        "not_enough", stock.split_lot, lot=LOT, quantity="250", unit="mL", parts=2,
        actor=actor("marta"),
    )  # fmt: skip


def test_a_reservation_is_for_its_batch_alone(batch) -> None:
    """Given all but 100 mL are kept for another batch, then ours takes 100 mL and no more, and the
    other takes its own, whose reservation shrinks."""
    stocking.on_the_shelf()
    asked = {"lot": LOT, "unit": "mL", "actor": actor("marta")}
    stock.reserve_lot(holder="CT-0500", quantity="900", **asked)
    refused("reserved", stock.dispense_lot, batch=batch, quantity="101", **asked)
    stock.dispense_lot(batch=batch, quantity="100", **asked)
    assert ReservationLine.objects.get().amount == "900"
    assert TakenLine.objects.get().batch == BATCH
    refused("not_enough", stock.reserve_lot, holder=batch, quantity="1", **asked)
    stock.free_reservation(
        lot=LOT, holder="CT-0500", reason="The slot was cancelled", actor=actor("dario")
    )
    assert not ReservationLine.objects.exists()


def test_destroying_takes_two_people_and_both_sign(people) -> None:
    stocking.on_the_shelf()
    stock.destroy_lot(
        lot=LOT, quantity="400", unit="mL", reason="Bag was dropped", **signing("marta")
    )
    assert LotLine.objects.get(lot=LOT).unwitnessed == 1
    refused("same_person", stock.witness_destruction, lot=LOT, destruction=1, **signing("marta"))
    stock.witness_destruction(lot=LOT, destruction=1, **signing("ingrid"))
    line = LotLine.objects.get(lot=LOT)
    assert (line.unwitnessed, line.destroyed, line.left) == (0, "400", "600")


def test_a_lot_is_reconciled_to_the_last_drop(batch) -> None:
    """Given a lot that was sampled, used up by a batch, returned and destroyed, then what came in
    is the sum of its ways, and it is empty."""
    stocking.on_the_shelf()
    marta = {"lot": LOT, "unit": "mL", "actor": actor("marta")}
    materials.sample_lot(sample="QC-1", quantity="0.5", **marta)
    stock.dispense_lot(batch=batch, quantity="99.5", **marta)
    stock.return_lot(quantity="300", reason="Ordered too much", **marta)
    stock.split_lot(quantity="100", parts=1, **marta)
    stock.destroy_lot(
        lot=LOT, quantity="0.5", unit="L", reason="Expired soon after", **signing("marta")
    )
    line = LotLine.objects.get(lot=LOT)
    ways = (line.used, line.dispensed, line.sampled, line.returned, line.destroyed, line.split)
    assert ways == ("0", "99.5", "0.5", "300", "500", "100")
    assert (line.left, line.is_empty) == ("0", True)


def test_a_minimum_is_changed_with_a_reason_and_warns(people) -> None:
    stocking.on_the_shelf()
    asked = {"item": stocking.MEDIUM, "actor": actor("dario")}
    refused("reason_missing", materials.change_item_minimum, minimum="2000", **asked)
    materials.change_item_minimum(minimum="2000", reason="Three slots a week", **asked)
    assert ItemLine.objects.get().minimum == "2000"
    assert queries.levels()[0].is_low


@pytest.mark.parametrize("what", ["receive", "reserve"])
def test_what_one_may_not_is_refused(people, what) -> None:
    stocking.on_the_shelf()
    asked = {"lot": LOT, "holder": "CT-0500", "quantity": "1", "unit": "mL"}
    if what == "reserve":
        refused("wrong_role", stock.reserve_lot, **asked, actor=actor("ingrid"))
    else:
        refused("wrong_role", materials.release_lot, lot=LOT, certificate="C", **signing("dario"))


RACES = 100


def test_r10_two_batches_that_want_the_last_of_a_lot_one_wins_100_times(batch) -> None:
    """Given one container is left, when two batches claim it at the same instant, a hundred times,
    then exactly one gets it each time, the other reads why, and nothing is ever below zero."""
    from batches import commands

    commands.open_batch(
        batch="CT-0500", recipe="MBR-019", version=1, purpose="training", actor=actor("dario")
    )
    stocking.supplier()
    stocking.item(unit="each", may_split=False, open_life_hours=0)
    told: dict[tuple[str, ...], int] = {}
    for number in range(1, RACES + 1):
        lot = f"L-{number:06d}"
        stocking.receive(lot, quantity="1", unit="each")
        stocking.release(lot)

        def claim(batch: str, lot: str = lot) -> None:
            stock.dispense_lot(
                lot=lot, batch=batch, quantity="1", unit="each", actor=actor("marta")
            )

        answers = race(lambda: claim(BATCH), lambda: claim("CT-0500"))
        key = tuple(sorted(answers))
        told[key] = told.get(key, 0) + 1
    assert told == {("not_enough", WON): RACES}
    assert set(LotLine.objects.values_list("left", "dispensed")) == {("0", "1")}
    assert TakenLine.objects.count() == RACES
