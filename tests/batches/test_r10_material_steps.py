"""R10, R20: a lot that is scanned in a step goes into the batch with it, or with a reason not."""

from __future__ import annotations

from typing import Any

import pytest

from batches import commands, running_commands
from batches import material_commands as materials
from batches import material_stock_commands as stock
from batches import trace_queries as trace
from batches.codes import LOT, own_code
from batches.models import BatchLine, LotLine, TakenLine
from ledger import store
from ledger.models import Event
from tests.batches import ordering, stocking
from tests.batches.conftest import actor, enter, signing
from tests.batches.making import BATCH, PATIENT, refused
from tests.batches.racing import WON, race

MEDIUM, ALBUMIN, POWDER = "L-000001", "L-000002", "L-000003"


@pytest.fixture
def cooking(people: Any) -> str:
    return stocking.cook()


def scan(lot: str, said: str = "") -> str:
    return f"{own_code(LOT, lot)} {said}".strip()


def left(lot: str) -> str:
    return LotLine.objects.get(lot=lot).left


def test_r20_a_scanned_lot_goes_into_the_batch_in_the_same_breath(cooking) -> None:
    """Given a step that takes 250 mL of medium, when its label is scanned, then the batch's record
    and the lot's own tell of it by one command, and the trace finds either from the other."""
    enter(1, medium=scan(MEDIUM))
    assert left(MEDIUM) == "750"
    used, entered = store.load("lot", MEDIUM)[-1], store.load("batch", BATCH)[-1]
    assert (used.type, used.data.batch, used.data.step) == ("batches.lot_used", BATCH, 1)
    assert used.command_id == entered.command_id
    assert "L-000001, T cell medium, 250 mL" in entered.sentence
    assert TakenLine.objects.get().quantity == "250"
    onward = trace.by_kind(trace.reached(f"lot:{MEDIUM}", way=trace.ONWARD))
    assert onward == {"batch": [BATCH]}
    assert trace.by_kind(trace.reached(f"batch:{BATCH}", way=trace.BACK)) == {"lot": [MEDIUM]}


def done(step: int) -> None:
    commands.complete_step(batch=BATCH, step=step, **signing("marta"))


def test_r20_a_quantity_left_open_is_typed_and_a_weight_is_judged_in_its_unit(cooking) -> None:
    """Given a step that leaves the quantity open, and one that weighs mg out of a lot counted in g,
    then what is typed after the scan is taken, exactly."""
    enter(1, medium=scan(MEDIUM))
    done(1)
    no = refused("quantity", enter, 2, albumin=scan(ALBUMIN))
    assert "write how much went in, in mL" in str(no)
    enter(2, albumin=scan(ALBUMIN, "12,5"))
    assert left(ALBUMIN) == "37.5"
    done(2)
    refused("quantity", enter, 3, powder="1990.5")
    enter(3, powder=scan(POWDER, "1990.5"))
    assert LotLine.objects.get(lot=POWDER).dispensed == "1.9905"


def spoil(what: str) -> str:
    """Something is wrong with the medium, and with nothing else."""
    if what == "quarantine":
        materials.quarantine_lot(lot=MEDIUM, reason="Label is torn", actor=actor("ingrid"))
    elif what == "rejected":
        materials.reject_lot(lot=MEDIUM, reason="Endotoxin found", **signing("helena"))
    elif what == "reserved":
        stock.reserve_lot(
            lot=MEDIUM, holder="CT-0999", quantity="900", unit="mL", actor=actor("dario")
        )
    elif what == "not_enough":
        stock.return_lot(
            lot=MEDIUM, quantity="800", unit="mL", reason="Ordered too much", actor=actor("marta")
        )
    elif what == "wrong_item":
        return ALBUMIN
    return MEDIUM


@pytest.mark.parametrize("what", ["quarantine", "rejected", "reserved", "not_enough", "wrong_item"])
def test_r10_each_absolute_fault_of_a_lot_blocks_alone_and_nothing_is_taken(cooking, what) -> None:
    """Given one thing is wrong with a lot, when it is scanned, then that is what the refusal says,
    neither record grows, and supervisor and quality together cannot let it pass."""
    lot = spoil(what)
    before = (left(lot), len(store.load("batch", BATCH)))
    refused(what, enter, 1, medium=scan(lot))
    assert (left(lot), len(store.load("batch", BATCH))) == before
    asked = {"batch": BATCH, "step": 1, "code": what, "subject": lot}
    with pytest.raises(Exception, match=r".") as no:
        running_commands.ask_override(**asked, reason="The patient cannot wait", **signing("dario"))
    assert getattr(no.value, "code", None), repr(no.value)
    refused(what, enter, 1, medium=scan(lot))
    assert not TakenLine.objects.exists()


def test_r10_an_expired_lot_yields_to_supervisor_and_quality_together(fixed_clock, people) -> None:
    """Given the medium expired yesterday, then it is refused; after supervisor and quality agreed
    on it, it goes in."""
    batch = stocking.cook(expires_on="2026-03-03")
    fixed_clock.advance(days=2)
    with_override = {"batch": batch, "step": 1, "code": "expired", "subject": MEDIUM}
    refused("expired", enter, 1, medium=scan(MEDIUM))
    running_commands.ask_override(
        **with_override, reason="The patient cannot wait", **signing("dario")
    )
    refused("expired", enter, 1, medium=scan(MEDIUM))
    running_commands.agree_override(
        **with_override, reason="Sterility is certain", **signing("helena")
    )
    enter(1, medium=scan(MEDIUM))
    assert left(MEDIUM) == "750"


def test_r11_another_patient_s_material_stops_the_batch(people) -> None:
    """Given a lot that belongs to another patient, when it is scanned, then that is recorded, the
    work is held, nothing is taken, and the sentence names nobody."""
    from tests.personnel import vault_people

    batch = stocking.cook()
    other = vault_people.ANA | {"hospital_number": "H-471199"}
    vault_people.register("s-9XB4KC7M", given=other, actor=actor("dario"))
    stocking.item("APH-100", title="Apheresis", unit="each", of_patient=True)
    stocking.receive("L-000009", item="APH-100", unit="each", quantity="1", subject="s-9XB4KC7M")
    stocking.release("L-000009")
    enter(1, medium=scan("L-000009"))
    assert left("L-000009") == "1"
    assert BatchLine.objects.get(batch=batch).process_hold
    assert not TakenLine.objects.exists()
    told = [event.sentence for event in store.load("batch", batch)]
    assert not any("s-9XB4KC7M" in sentence for sentence in told)


def test_r10_a_status_lost_in_the_middle_of_a_step_sets_a_quality_hold(cooking) -> None:
    """Given the medium went in, when it is rejected before the step is signed, then the work goes
    on and release is blocked."""
    enter(1, medium=scan(MEDIUM))
    materials.reject_lot(lot=MEDIUM, reason="Endotoxin found", **signing("helena"))
    done(1)
    assert BatchLine.objects.get(batch=BATCH).quality_hold


def test_another_lot_in_its_place_gives_the_first_one_back(cooking) -> None:
    """Given the wrong bag was scanned, when the right one is scanned with a reason, then the first
    lot has its quantity back and both scans stay on record."""
    stocking.receive("L-000004")
    stocking.release("L-000004")
    enter(1, medium=scan(MEDIUM))
    enter(1, medium=scan("L-000004"), reason="Took the bag behind it")
    assert (left(MEDIUM), left("L-000004")) == ("1000", "750")
    assert TakenLine.objects.get().lot == "L-000004"
    assert Event.objects.filter(type="batches.lot_use_withdrawn").count() == 1


def test_the_supplier_s_own_label_finds_our_lot(people) -> None:
    """Given an item whose source has a GTIN, then its GS1 label is as good as ours."""
    stocking.cook()
    stocking.item("MED-131", gtin="09501101530003", title="Other medium")
    stocking.receive("L-000005", item="MED-131", gtin="09501101530003", supplier_lot="AB12")
    from batches.material_answers import find_lot

    assert find_lot("]d2010950110153000310AB12\x1d17990531") == "L-000005"
    refused("no_lot", find_lot, "]d2010950110153000310ZZ99\x1d17990531")


def test_r10_two_batches_that_scan_the_last_of_a_lot_one_gets_it(cooking) -> None:
    """Given 250 mL are left, when two batches want them at the same instant, one by scanning in its
    step, then one has them on its record and the other has nothing."""
    commands.open_batch(
        batch="CT-0500", recipe="MBR-019", version=1, purpose="engineering", actor=actor("dario")
    )
    marta = {"unit": "mL", "actor": actor("marta")}
    for number in range(20):
        lot = f"L-0001{number:02d}"
        stocking.receive(lot, quantity="250")
        stocking.release(lot)
        answers = race(
            lambda lot=lot: stock.dispense_lot(lot=lot, batch="CT-0500", quantity="250", **marta),
            lambda lot=lot, number=number: enter(
                1, medium=scan(lot), reason="Another bag" if number else ""
            ),
        )
        assert sorted(answers) == ["not_enough", WON], answers
        assert left(lot) == "0"


def test_r11_the_patient_s_own_material_is_a_collection_of_the_batch_s_order(
    fixed_clock, people
) -> None:
    """Given a step that takes the patient's own cells, then a collection of the batch's order is
    taken, and one of another order stops the batch, though it is of the same patient."""
    batch = stocking.cook(own=True)
    stocking.item("APH-100", title="Apheresis", unit="each", of_patient=True)
    ordering.let_in()
    ordering.bind()
    ordering.let_in("ORD-2026-005")
    enter(1, medium=ordering.COLLECTION)
    assert "ORD-2026-004-C1, T cell medium" in store.load("batch", batch)[-1].sentence
    back = trace.by_kind(trace.reached(f"batch:{batch}", way=trace.BACK))
    assert back == {"donation": [ordering.COLLECTION], "donor": [PATIENT]}
    enter(1, medium="ORD-2026-005-C1", reason="Took the second bag")
    assert BatchLine.objects.get(batch=batch).process_hold
    told = store.load("batch", batch)
    assert "batches.scan_stopped" in {event.type for event in told}


def test_r11_a_collection_is_taken_where_the_patient_s_own_cells_are_asked_for_alone(
    fixed_clock, people
) -> None:
    stocking.cook()
    ordering.let_in()
    ordering.bind()
    refused("wrong_item", enter, 1, medium=ordering.COLLECTION)
