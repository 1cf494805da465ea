"""A lot of material: what may be done with it, and that nothing of it is lost or merged."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batches import material_lot as lots
from batches import material_stock as stock
from batches.material_events import LotReceived
from batches.material_item import Item
from batches.material_quantities import convert, read
from ledger.event import Refused, fold
from tests.batches.making import HELENA, INGRID, MARTA, refused

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
TODAY = "2026-03-02"
ITEM = Item(
    item="MED-130", title="T cell medium", kind="ancillary", unit="mL", storage="cool",
    open_life_hours=24, retest_months=6, may_split=True, sources={"SUP-014": "09501101530003"},
)  # fmt: skip


def delivery(**change: Any) -> LotReceived:
    asked: dict[str, Any] = {
        "lot": "L-000001", "item": "MED-130", "title": "T cell medium", "supplier": "SUP-014",
        "supplier_lot": "TX4471", "expires_on": "2027-05-31", "quantity": Decimal(1000),
        "unit": "mL", "containers": 1, "location": "Cold room", "storage": "cool",
        "condition": "", "gtin": "", "subject": "", "received_by": MARTA,
    }  # fmt: skip
    return LotReceived(**(asked | change))


def received(item: Item = ITEM, **change: Any) -> lots.Lot:
    events = lots.receive(lots.INITIAL, item, wanted=delivery(**change), today=TODAY)
    return fold(lots.INITIAL, lots.evolve, events)


def released(item: Item = ITEM, **change: Any) -> lots.Lot:
    state = received(item, **change)
    return fold(state, lots.evolve, lots.release(
        state, lot=state.lot, certificate="CoA 1", retest_on="2026-09-02", today=TODAY,
        person=HELENA,
    ))  # fmt: skip


def wants(amount: str, **change: Any) -> stock.Taking:
    asked: dict[str, Any] = {
        "batch": "CT-0421", "subject": "s-7Q2M9X4K", "item": "MED-130", "step": 3,
        "quantity": Decimal(amount), "unit": "mL", "amount": Decimal(amount), "at": NOW,
        "today": TODAY,
    }  # fmt: skip
    return stock.Taking(**(asked | change))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"supplier_lot": "  "}, "supplier_lot"),
        ({"expires_on": ""}, "expires_on"),
        ({"expires_on": "2027-02-30"}, "expires_on"),
        ({"expires_on": "2026-03-01"}, "expires_on"),
        ({"quantity": Decimal(0)}, "quantity"),
        ({"quantity": Decimal("-1")}, "quantity"),
        ({"quantity": Decimal("NaN")}, "quantity"),
        ({"containers": 0}, "containers"),
        ({"storage": "room"}, "storage"),
        ({"gtin": "09501101530010"}, "gtin"),
        ({"lot": "1"}, "lot_number"),
        ({"location": ""}, "location"),
        ({"subject": "s-7Q2M9X4K"}, "subject"),
    ],
)
def test_a_delivery_that_is_not_as_it_must_be_is_refused(change, code) -> None:
    refused(code, received, **change)


def test_a_lot_comes_into_quarantine_and_whoever_took_it_in_does_not_release_it() -> None:
    state = received()
    assert (state.status, state.left) == ("quarantine", 1000)
    refused(
        "same_person", lots.release, state, lot="L-000001", certificate="CoA", retest_on="",
        today=TODAY, person=MARTA,
    )  # fmt: skip


def codes(state: lots.Lot, wanted: stock.Taking, item: Item = ITEM) -> dict[str, bool]:
    return {fault.code: fault.absolute for fault in stock.faults(state, item, wanted)}


def test_r10_each_fault_of_a_lot_stands_alone_with_its_class() -> None:
    """Given a lot with one fault, then that fault alone speaks against it, absolute or not."""
    fit = released()
    assert codes(fit, wants("10")) == {}
    assert codes(received(), wants("10")) == {"quarantine": True}
    rejected = fold(fit, lots.evolve, lots.reject(fit, lot=fit.lot, reason="Particles seen"))
    assert codes(rejected, wants("10")) == {"rejected": True}
    assert codes(fit, wants("10", item="MED-131")) == {"wrong_item": True}
    assert codes(fit, wants("10", today="2026-08-30")) == {}
    assert codes(fit, wants("10", today="2026-09-03")) == {"retest_overdue": False}
    assert codes(fit, wants("1001")) == {"not_enough": True}
    old = released(expires_on="2026-03-02")
    assert codes(old, wants("10")) == {}
    assert codes(old, wants("10", today="2026-03-03")) == {"expired": False}
    opened = fold(fit, lots.evolve, stock.open_lot(fit, ITEM, lot=fit.lot, at=NOW))
    assert codes(opened, wants("10", at=NOW.replace(day=3))) == {}
    late = NOW.replace(day=3, minute=1)
    assert codes(opened, wants("10", at=late)) == {"open_life": False}
    kept = fold(fit, lots.evolve, stock.reserve(
        fit, lot=fit.lot, holder="CT-0500", quantity=Decimal(995), unit="mL", amount=Decimal(995)
    ))  # fmt: skip
    assert codes(kept, wants("5")) == {}
    assert codes(kept, wants("10")) == {"reserved": True}
    assert codes(kept, wants("10", batch="CT-0500")) == {}


def test_r10_a_strict_item_yields_to_nobody() -> None:
    strict = Item(**{**vars(ITEM), "strict": True})
    assert codes(released(expires_on="2026-03-02"), wants("1", today="2026-03-03"), strict) == {
        "expired": True
    }


def test_r11_material_of_another_patient_is_refused_whatever_is_allowed() -> None:
    """Given the material of one patient, when another's batch scans it, then it is refused, its
    sentence names no patient, and no override lets it pass."""
    own = Item(**{**vars(ITEM), "of_patient": True})
    state = released(own, subject="s-9XB4KC7M")
    every = frozenset({"other_patient", "expired", "open_life", "retest_overdue"})
    no = refused("other_patient", stock.use, state, own, wants("1"), allowed=every)
    assert "s-" not in str(no)
    assert stock.use(state, own, wants("1", subject="s-9XB4KC7M"))


def test_an_overridden_fault_lets_pass_and_an_absolute_one_does_not() -> None:
    late = wants("10", today="2026-09-03")
    refused("retest_overdue", stock.use, released(), ITEM, late)
    assert stock.use(released(), ITEM, late, allowed=frozenset({"retest_overdue"}))
    refused("quarantine", stock.use, received(), ITEM, late, allowed=frozenset({"quarantine"}))


def test_the_first_part_of_a_container_opens_it() -> None:
    events = stock.use(released(), ITEM, wants("10"))
    assert [type(event).__name__ for event in events] == ["LotOpened", "LotUsed"]
    assert events[0].use_by == "2026-03-03T08:00:00+00:00"  # type: ignore[attr-defined]


def test_who_destroys_is_not_who_saw_it() -> None:
    state = released()
    state = fold(state, lots.evolve, stock.destroy(
        state, lot=state.lot, quantity=Decimal(10), unit="mL", amount=Decimal(10), person=MARTA,
        reason="Bag dropped",
    ))  # fmt: skip
    asked = {"lot": state.lot, "destruction": 1}
    refused("same_person", stock.witness_destruction, state, **asked, person=MARTA)
    seen = stock.witness_destruction(state, **asked, person=INGRID)
    after = fold(state, lots.evolve, seen)
    refused("no_destruction", stock.witness_destruction, after, **asked, person=HELENA)


AMOUNTS = st.decimals(min_value="0.000000001", max_value="700", places=9)
HOLDERS = st.sampled_from(["CT-0421", "CT-0500", "slot 7"])
DOINGS = st.lists(
    st.tuples(
        st.sampled_from(
            ["use", "dispense", "sample", "reserve", "free", "split", "return", "destroy"]
        ),
        AMOUNTS,
        HOLDERS,
        st.integers(1, 4),
    ),
    max_size=25,
)


def _do(state: lots.Lot, doing: tuple[str, Decimal, str, int]) -> tuple[list[Any], list[Any]]:
    """What is asked of the lot: its own events, and those of the containers split off."""
    what, amount, holder, parts = doing
    said = {"lot": state.lot, "quantity": amount, "unit": "mL", "amount": amount}
    if what in ("use", "dispense"):
        ask = stock.use if what == "use" else stock.dispense
        return ask(state, ITEM, wants(str(amount), batch=holder)), []
    if what == "sample":
        return lots.sample(state, number="QC-1", **said), []
    if what == "reserve":
        return stock.reserve(state, holder=holder, **said), []
    if what == "free":
        return stock.free_reservation(
            state, lot=state.lot, holder=holder, reason="Slot moved away"
        ), []
    if what == "split":
        split, children = stock.split(state, ITEM, lot=state.lot, amounts=[amount] * parts)
        return [split], children
    if what == "return":
        return stock.return_to_supplier(state, reason="Wrong item sent", **said), []
    return stock.destroy(state, person=MARTA, reason="Bag was dropped", **said), []


@settings(max_examples=300, deadline=None)
@given(DOINGS)
def test_stock_is_never_negative_and_everything_received_is_accounted_for(doings) -> None:
    """Given any sequence of doings, then what went its ways and what is left are what came in,
    nothing is below zero, nobody holds more than there is, and each split container is a lot of
    its own with what its parent gave up."""
    state = released()
    children: list[lots.Lot] = []
    for doing in doings:
        try:
            events, split = _do(state, doing)
        except Refused:
            continue
        state = fold(state, lots.evolve, events)
        children += [fold(lots.INITIAL, lots.evolve, [one]) for one in split]
        assert state.left >= 0
        assert all(amount > 0 for amount in state.reserved.values())
        assert sum(state.reserved.values()) <= state.left
        assert state.received == sum(state.gone.values()) + state.left == 1000
    assert len({one.lot for one in children} | {state.lot}) == len(children) + 1, "none merge"
    assert sum(one.left for one in children) == state.gone.get("split", 0)
    assert {one.parent for one in children} <= {state.lot}
    assert {one.supplier_lot for one in children} <= {state.supplier_lot}


@pytest.mark.parametrize(
    ("quantity", "unit", "to", "amount"),
    [
        ("2", "L", "mL", "2000"),
        ("0.3", "mL", "L", "0.0003"),
        ("250", "µL", "mL", "0.25"),
        ("1", "kg", "µg", "1000000000"),
        ("1.10", "g", "mg", "1100"),
        ("3", "each", "each", "3"),
    ],
)
def test_r12_units_convert_without_rounding(quantity, unit, to, amount) -> None:
    assert convert(Decimal(quantity), unit, to=to) == Decimal(amount)


@given(st.decimals(min_value="0.001", max_value="999999", places=6))
def test_r12_there_and_back_is_the_same_quantity(quantity) -> None:
    assert convert(convert(quantity, "mL", to="L"), "L", to="mL") == quantity


def test_r12_what_measures_something_else_is_refused() -> None:
    refused("unit", convert, Decimal(1), "g", to="mL")
    refused("unit", convert, Decimal(1), "cups", to="mL")
    refused("unit", convert, Decimal(1), "each", to="cells")


@pytest.mark.parametrize("typed", ["", "-1", "1e3", "one", "1.2.3", "٣"])
def test_r12_a_quantity_is_typed_as_a_plain_number(typed) -> None:
    refused("quantity", read, typed)


def test_r12_a_decimal_comma_is_read() -> None:
    assert read(" 12,50 ") == Decimal("12.50")
