"""A batch for a patient is opened for an order that waits for it; any other asks none."""

from typing import Any

import pytest
from django.urls import reverse

from batches import commands, order_commands, order_queries
from batches.models import BatchLine
from batches.order_models import IdentityLine
from ledger import store
from tests.batches import making, ordering
from tests.batches.conftest import Desk, actor, register_patient, signing
from tests.batches.making import refused
from tests.batches.racing import WON, race

NEW = "CT-0500"


@pytest.fixture
def patient(recipe: str) -> str:
    """A recipe in force, and a patient whom the vault knows."""
    return register_patient()


def open_for(order: str = ordering.ORDER, batch: str = NEW, **change: Any) -> Any:
    asked = {"recipe": "MBR-019", "version": 1, "purpose": "patient", "actor": actor("dario")}
    return commands.open_batch(batch=batch, order=order, **(asked | change))


def waiting() -> dict[str, list[str]]:
    return {row.order: made_of for row, made_of in order_queries.waiting_for_batch()}


def test_an_order_is_chosen_at_opening_and_nothing_is_typed_twice(patient: str) -> None:
    """Given an order whose collection was let in, when a batch is opened for it, then patient,
    order and material are its own from the first entry on."""
    assert waiting() == {}
    ordering.let_in()
    assert waiting() == {ordering.ORDER: [ordering.COLLECTION]}
    open_for()
    types = [event.type for event in store.load("batch", NEW)]
    assert types == ["batches.opened", "batches.order_assigned"]
    line = BatchLine.objects.get()
    assert (line.subject, line.order) == (making.PATIENT, ordering.ORDER)
    assert IdentityLine.objects.get().collections == ordering.COLLECTION
    assert waiting() == {}, "it is in the making"
    refused("at_work", open_for, batch="CT-0501")


def test_an_order_whose_batch_was_aborted_waits_again(patient: str) -> None:
    """Given the only batch of an order was aborted, then the next one is made of what is there;
    once another collection was accepted, of that one and not of what the first was lost with."""
    from batches import running_commands

    ordering.let_in()
    open_for()
    running_commands.abort(batch=NEW, reason="The bag burst", **signing("helena"))
    assert waiting() == {ordering.ORDER: [ordering.COLLECTION]}
    second = f"{ordering.ORDER}-C2"
    ordering.collect()
    ordering.look("marta", reference=second)
    ordering.hand_over(second)
    ordering.receive(second)
    ordering.look("ingrid", reference=second)
    ordering.confirm(second)
    ordering.judge("rejected", second, reason="It was frozen")
    assert waiting() == {ordering.ORDER: [ordering.COLLECTION]}
    ordering.judge("accepted under conditions", second, reason="Frozen as the protocol says")
    assert waiting() == {ordering.ORDER: [second]}
    open_for(batch="CT-0501")
    assert IdentityLine.objects.get(batch="CT-0501").collections == second


def test_what_is_not_let_in_or_has_ended_opens_nothing(patient: str) -> None:
    ordering.place()
    refused("collections", open_for)
    ordering.collect()
    refused("collections", open_for)
    order_commands.end_order(
        order=ordering.ORDER, how="cancelled", ended_on="2026-03-02",
        reason="Clinic chose another way", actor=actor("helena"),
    )  # fmt: skip
    refused("order_ended", open_for)
    refused("subject", open_for, order="ORD-2026-999")
    refused("subject", open_for, order="")
    assert not BatchLine.objects.exists()


def test_another_product_is_not_made_for_an_order(patient: str) -> None:
    """Given an order for another product, when a batch is opened for it, then it is refused with
    both in words; capitals and blanks make no difference."""
    ordering.place("ORD-2026-005", product="Keratinocyte sheet")
    no = refused("other_product", open_for, order="ORD-2026-005")
    assert "for Keratinocyte sheet" in str(no)
    assert "makes CAR-T" in str(no)
    ordering.place("ORD-2026-006", product="car-t")
    refused("collections", open_for, order="ORD-2026-006")


@pytest.mark.parametrize("purpose", ["engineering", "validation", "media_fill", "training"])
def test_r11_what_is_for_no_patient_has_no_order(patient: str, purpose: str) -> None:
    ordering.let_in()
    refused("subject", open_for, purpose=purpose)
    open_for(order="", purpose=purpose)
    assert not IdentityLine.objects.exists()


def test_r10_of_two_batches_opened_for_one_order_at_once_one_is(patient: str) -> None:
    ordering.let_in()
    told = race(lambda: open_for(batch="CT-0501"), lambda: open_for(batch="CT-0502"))
    assert sorted(told) == ["at_work", WON]
    assert IdentityLine.objects.count() == 1


def test_r10_material_withdrawn_at_the_same_instant_opens_nothing_after_it(patient: str) -> None:
    ordering.let_in()
    told = race(lambda: ordering.judge("rejected", reason="Serology: positive"), open_for)
    opened = BatchLine.objects.exists()
    assert told[0] == WON
    assert (told[1] == WON) is opened
    assert opened or told[1] in ("collections", "not_eligible")


def test_the_page_asks_for_the_order(desk: Desk) -> None:
    """Given an accepted collection, when the supervisor opens a batch from the order's page, then
    the order is chosen there; sent twice, it opens one; and without an order it says what to do."""
    from tests.batches.test_order_pages import ORDER, accepted, text

    address = reverse("batches:open")
    dario = desk.at("dario")
    page = text(dario.get(address))
    assert "No order waits for a batch" in page
    accepted(desk)
    page = text(dario.get(reverse("batches:order", args=[ORDER])))
    assert f"{address}?order={ORDER}" in page
    page = text(dario.get(f"{address}?order={ORDER}"))
    assert f'value="{ORDER}" selected' in page
    typed = {"batch": NEW, "recipe": "MBR-019.1", "purpose": "patient", "order": ""}
    again = dario.post(address, typed)
    assert again.status_code == 422
    assert "A batch for a patient is made for an order" in text(again)
    sent = {**typed, "order": ORDER, "command_id": "0191d0a0-0000-7000-8000-000000000777"}
    for _twice in range(2):
        assert dario.post(address, sent).url == f"/batches/{NEW}/"
    assert BatchLine.objects.filter(order=ORDER).count() == 1
    other = dario.post(address, {**typed, "batch": "CT-0501", "order": ORDER})
    assert f"{NEW} is in the making for order {ORDER}" in text(other)
