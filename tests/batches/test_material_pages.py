"""Materials through their pages: a delivery from its scan to the kit, and who reads what."""

from __future__ import annotations

from typing import Any

import pytest

from batches import material_stock_commands as stock
from batches.codes import LOT, own_code
from batches.material_models import KitLine, LotLine, ReservationLine, SupplierLine
from tests.batches import stocking
from tests.batches.conftest import Desk, actor, open_accounts
from tests.batches.making import BATCH
from tests.batches.signing import TestSigner
from tests.pages.document import faults
from tests.personnel import signers

ROOT = "/batches/"
GS1 = "]d2010950110153000317750531\x1d10AB12\x1d"


class Store(Desk):
    """The desk's people, at the materials pages."""

    def read(self, name: str, address: str, *, status: int = 200) -> str:
        response = self.at(name).get(ROOT + address)
        assert response.status_code == status, response.content.decode()[:500]
        page = response.content.decode()
        assert faults(page) == []
        return page

    def send(self, name: str, address: str, *, sign: bool = False, **typed: str) -> Any:
        if sign:
            known = name in self.signed
            typed |= signers.PIN_FIELDS if known else signers.fields(self.account(name))
        response = self.at(name).post(ROOT + address, typed)
        if sign and response.status_code == 302:
            self.signed.add(name)
        if response.status_code == 422:
            assert faults(response.content.decode()) == []
        return response


@pytest.fixture
def store(sqlite_database: Any) -> Store:
    """Nobody has registered anything yet; Helena, Marta and Ingrid have keys of their own."""
    open_accounts()
    made = Store()
    for name in ("helena", "marta", "ingrid"):
        made.enrol(name, by="dario" if name == "helena" else "helena")
    return made


NEEDED = ("item", "supplier", "supplier_lot", "quantity", "location")
DELIVERY = {
    "lot": "L-000001", "item": "MED-130", "supplier": "SUP-014", "supplier_lot": "AB12",
    "expires_on": "2099-05-31", "quantity": "1000", "unit": "mL", "containers": "1",
    "storage": "cool", "location": "Cold room, shelf 2",
}  # fmt: skip


def furnish(store: Store) -> None:
    """One item from one approved supplier, all through the pages."""
    sent = [
        store.send("dario", "materials/suppliers/register/", supplier="SUP-014", title="Cellgene"),
        store.send(
            "helena", "materials/suppliers/SUP-014/approve/", sign=True, valid_until="2099-12-31"
        ),
        store.send(
            "pavel", "materials/items/register/", item="MED-130", title="T cell medium",
            kind="ancillary", unit="mL", storage="cool", minimum="500", open_life_hours="24",
            may_split="on",
        ),
        store.send(
            "helena", "materials/items/MED-130/source/", sign=True, supplier="SUP-014",
            catalogue="C-1", gtin="09501101530003",
        ),
    ]  # fmt: skip
    assert [one.status_code for one in sent] == [302] * 4


def test_empty_shelves_say_what_to_do_first(store) -> None:
    assert "The shelves are empty" in store.read("marta", "materials/")
    assert "First the items" in store.read("marta", "materials/")
    assert "No item is registered yet" in store.read("pavel", "materials/items/")
    assert "No supplier is registered yet" in store.read("dario", "materials/suppliers/")
    assert "Nothing waits for release" in store.read("helena", "materials/queue/")
    assert "Nothing to pick" in store.read("marta", "materials/kits/")
    assert "nothing can be received" in store.read("marta", "materials/receive/")
    assert "Begin with any number" in store.read("marta", "trace/")
    assert "Say what is suspect" in store.read("helena", "trace/recall/")


def test_a_delivery_goes_from_its_code_to_the_shelf(store) -> None:
    """Given a supplier's GS1 code is scanned, then the form is filled with it, the rest is
    typed, the lot waits in quarantine, and quality assurance's signature releases it."""
    furnish(store)
    filled = store.send("marta", "materials/receive/", read="1", code=GS1, location="Shelf 2")
    page = filled.content.decode()
    assert filled.status_code == 200
    for said in ('value="AB12"', 'value="2075-05-31"', 'value="Shelf 2"', 'value="L-000001"'):
        assert said in page, said
    assert '<option value="MED-130" selected>' in page
    assert not LotLine.objects.exists()
    assert store.send("marta", "materials/receive/", **DELIVERY).status_code == 302
    assert "Release" not in store.read("marta", "materials/lots/L-000001/")
    assert "L-000001" in store.read("helena", "materials/queue/")
    sent = store.send(
        "helena", "materials/lots/L-000001/release/", sign=True, certificate="CoA AB12"
    )
    assert sent.status_code == 302
    page = store.read("marta", "materials/lots/L-000001/")
    assert "released for use under certificate CoA AB12" in page
    assert "L-000001" in store.read("marta", "materials/?q=AB12&standing=released")
    assert "No lot is like that" in store.read("marta", "materials/?q=zebra")
    found = store.at("marta").get(f"{ROOT}materials/", {"q": own_code(LOT, "L-000001")})
    assert found["Location"].endswith("/lots/L-000001/")


def test_a_refused_delivery_keeps_all_that_was_typed(store) -> None:
    furnish(store)
    refused = store.send("marta", "materials/receive/", **(DELIVERY | {"expires_on": ""}))
    page = refused.content.decode()
    assert refused.status_code == 422
    assert "Write the day as 2027-05-31" in page
    assert 'value="AB12"' in page
    assert 'value="Cold room, shelf 2"' in page


def test_an_empty_delivery_is_told_all_that_is_missing_at_once(store) -> None:
    furnish(store)
    refused = store.send("marta", "materials/receive/", **(DELIVERY | dict.fromkeys(NEEDED, "")))
    page = refused.content.decode()
    assert refused.status_code == 422
    for said in (
        "Choose what was delivered.",
        "Choose who delivered it.",
        "Write where it is put.",
    ):
        assert said in page
    assert "Write how much was delivered." in page and "the supplier gave it" in page


def test_a_code_that_nothing_is_known_of_says_so_and_keeps_what_it_can(store) -> None:
    furnish(store)
    other = "]d2010950600013435217750531\x1d10ZZ9\x1d"
    page = store.send("marta", "materials/receive/", read="1", code=other).content.decode()
    assert "belongs to no approved source" in page
    assert 'value="ZZ9"' in page
    page = store.send("marta", "materials/receive/", read="1", code="LBL-L-1-X").content.decode()
    assert "misread" in page


def test_a_suspended_supplier_s_delivery_is_refused_on_the_page(store) -> None:
    furnish(store)
    sent = store.send(
        "helena", "materials/suppliers/SUP-014/suspend/", sign=True, reason="Two rejected lots"
    )
    assert sent.status_code == 302
    assert SupplierLine.objects.get().status == "suspended"
    refused = store.send("marta", "materials/receive/", **DELIVERY)
    assert "is suspended. Put the delivery aside" in refused.content.decode()


def test_every_doing_of_a_lot_has_a_page_and_a_record(store) -> None:
    """Given a released lot, when each thing is done with it through its page, then it is on the
    lot's timeline and the reconciliation adds up."""
    furnish(store)
    store.send("marta", "materials/receive/", **DELIVERY)
    lot = "materials/lots/L-000001/"
    store.send("helena", f"{lot}release/", sign=True, certificate="CoA AB12")
    done = [
        store.send("marta", f"{lot}sample/", sample="QC-1", quantity="5", unit="mL"),
        store.send("marta", f"{lot}split/", parts="2", quantity="0.1", unit="L"),
        store.send("marta", f"{lot}open/"),
        store.send("marta", f"{lot}move/", location="Cold room, shelf 3"),
        store.send("dario", f"{lot}reserve/", holder="slot 7", quantity="50", unit="mL"),
        store.send("dario", f"{lot}free/", holder="slot 7", reason="The slot was cancelled"),
        store.send("marta", f"{lot}return/", quantity="95", unit="mL", reason="Too much came"),
        store.send(
            "marta", f"{lot}destroy/", sign=True, quantity="100", unit="mL", reason="Bag leaked"
        ),
    ]
    assert [one.status_code for one in done] == [302] * 8
    assert "nobody has signed that they saw it" in store.read("ingrid", lot)
    own = store.send("marta", f"{lot}witness/1/", sign=True)
    assert "You destroyed it yourself" in own.content.decode()
    assert store.send("ingrid", f"{lot}witness/1/", sign=True).status_code == 302
    page = store.read("ingrid", lot)
    for said in ("Sample QC-1, 5 mL", "L-000001-2", "shelf 3", "Too much came", "600"):
        assert said in page, said
    done = [
        store.send("ingrid", f"{lot}quarantine/", reason="Turbid, seen twice"),
        store.send("helena", f"{lot}reject/", sign=True, reason="Turbid: contaminated"),
    ]
    assert [one.status_code for one in done] == [302] * 2
    assert "rejected" in store.read("marta", "materials/?standing=rejected")
    for doing in ("release", "retest", "dispense"):
        assert store.at("marta").get(f"{ROOT}{lot}{doing}/").status_code == 200
    assert store.at("marta").get(f"{ROOT}{lot}nothing/").status_code == 404


def test_the_label_carries_the_code_that_scans_back(store) -> None:
    from batches import symbols
    from tests.batches import drawing

    furnish(store)
    store.send("marta", "materials/receive/", **DELIVERY)
    assert own_code(LOT, "L-000001") in store.read("marta", "materials/lots/L-000001/label/")
    drawn = store.at("marta").get(f"{ROOT}materials/lots/L-000001/code.svg")
    assert drawn["Content-Type"] == "image/svg+xml"
    assert b"<svg" in drawn.content
    assert symbols.read_picture(drawing.png(own_code(LOT, "L-000001")))[0].text == own_code(
        LOT, "L-000001"
    )


def test_items_and_what_runs_low(store) -> None:
    furnish(store)
    assert "below minimum" in store.read("dario", "materials/items/")
    assert "Below the minimum" in store.read("dario", "materials/")
    sent = store.send(
        "dario", "materials/items/MED-130/minimum/", minimum="0", reason="Bought to order now"
    )
    assert sent.status_code == 302
    assert "Below the minimum" not in store.read("dario", "materials/")
    page = store.read("helena", "materials/items/MED-130/")
    assert "09501101530003" in page
    sent = store.send(
        "helena", "materials/items/MED-130/source/SUP-014/withdraw/", sign=True,
        reason="Recipe changed its medium",
    )  # fmt: skip
    assert sent.status_code == 302
    assert "before quality assurance approves a source" in store.read(
        "helena", "materials/items/MED-130/"
    )


@pytest.fixture
def kitchen(people: TestSigner) -> Store:
    """CT-0421 is open on a recipe with a bill of materials, all of it on the shelf."""
    stocking.cook()
    return Store()


def test_a_kit_is_checked_by_scanning_and_what_does_not_belong_is_refused(kitchen) -> None:
    """Given a batch is open, then the pick list says from which shelf to take what; scanning a lot
    keeps what the recipe needs for the batch; a rejected or foreign lot is refused at the shelf."""
    from batches import material_commands as materials
    from tests.batches.conftest import signing

    listed = kitchen.read("marta", "materials/kits/")
    assert "fetch and scan" in listed
    assert "Cold room, shelf 2" in listed
    kit = f"materials/kits/{BATCH}/"
    assert kitchen.send("marta", kit, scan=own_code(LOT, "L-000001")).status_code == 302
    assert ReservationLine.objects.get().amount == "250"
    assert KitLine.objects.get().lot == "L-000001"
    assert "1 of 3 lines are in the kit" in kitchen.read("marta", kit)
    assert kitchen.send("marta", kit, scan="L-000003").status_code == 302
    assert ReservationLine.objects.get(lot="L-000003").amount == "2", "2 g of the powder"
    materials.reject_lot(lot="L-000002", reason="Endotoxin found", **signing("helena"))
    refused = kitchen.send("marta", kit, scan=own_code(LOT, "L-000002"))
    assert refused.status_code == 422
    assert "was rejected. Take another lot" in refused.content.decode()
    assert 'class="field scan bad"' in refused.content.decode(), "the next scan takes its place"
    stocking.item("TUB-222", title="Tube", unit="each")
    stocking.receive("L-000007", item="TUB-222", quantity="5", unit="each")
    refused = kitchen.send("marta", kit, scan=own_code(LOT, "L-000007"))
    assert "asks for none of it. Put it back" in refused.content.decode()
    materials.quarantine_lot(lot="L-000001", reason="Label is torn", actor=actor("marta"))
    assert "change the lot" in kitchen.read("marta", kit)


def test_nothing_goes_to_a_batch_that_was_aborted(kitchen) -> None:
    """Given a batch was aborted; then no material is kept or taken for it, and no label printed."""
    from batches import label_commands, running_commands
    from batches import material_stock_commands as stock
    from ledger.event import Refused
    from tests.batches.conftest import signing

    running_commands.abort(batch=BATCH, reason="The bag was torn", **signing("dario"))
    refused = kitchen.send("marta", f"materials/kits/{BATCH}/", scan=own_code(LOT, "L-000001"))
    assert refused.status_code == 422
    assert f"There is no open batch {BATCH}." in refused.content.decode()
    with pytest.raises(Refused, match="There is no open batch"):
        stock.dispense_lot(
            lot="L-000001", batch=BATCH, quantity="1", unit="mL", actor=actor("marta")
        )
    with pytest.raises(Refused) as no:
        label_commands.print_labels(
            roll=BATCH, kind="bag", count=1, route="", expires="", zone="Europe/Madrid",
            reason="", actor=actor("marta"),
        )  # fmt: skip
    assert no.value.code == "closed"


def test_no_sentence_has_a_hole_where_a_batch_was_to_be_named(kitchen) -> None:
    lot = "materials/lots/L-000001/dispense/"
    for address, typed in ((lot, {"quantity": "1", "unit": "mL"}), ("samples/take/", {})):
        page = kitchen.send("marta", address, **typed).content.decode()
        assert "Write the batch&#x27;s number, as CT-0421." in page


def test_r20_the_trace_page_and_the_recall_list(kitchen) -> None:
    """Given a lot went into a batch, then its number leads to the batch and back, and the recall
    list comes as a file whose export the trail tells of."""
    stock.dispense_lot(lot="L-000001", batch=BATCH, quantity="1", unit="mL", actor=actor("marta"))
    assert BATCH in kitchen.read("helena", "trace/?q=L-000001")
    assert "L-000001" in kitchen.read("helena", f"trace/?q={BATCH}")
    assert "Nothing is traced" in kitchen.read("helena", "trace/?q=zebra")
    assert "It went into nothing" in kitchen.read("helena", "trace/recall/?kind=lot&number=L-9")
    assert "Batches 1" in kitchen.read("helena", "trace/recall/?kind=lot&number=L-000001")
    file = kitchen.send("helena", "trace/recall/", kind="lot", number="L-000001")
    assert file["Content-Disposition"] == 'attachment; filename="recall-lot-L-000001.csv"'
    assert f"batch,{BATCH},CAR-T,at work" in file.content.decode("utf-8-sig")
    refused = kitchen.send("marta", "trace/recall/", kind="lot", number="L-000001")
    assert refused.status_code == 422
    refused = kitchen.send("helena", "trace/recall/", kind="", number="L-000001")
    assert refused.status_code == 422
