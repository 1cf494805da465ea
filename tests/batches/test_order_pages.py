"""Pages of orders, collections, custody, containers and samples, as people use them."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from batches.container_models import ContainerLine, SampleLine
from batches.order_models import CollectionLine, CustodyLine, OrderLine
from tests.batches import making, ordering
from tests.batches.conftest import Desk, furnished
from tests.pages.document import faults

ORDER, COLLECTION = ordering.ORDER, ordering.COLLECTION
TYPED = {
    "order": ORDER,
    "subject": making.PATIENT,
    "product": "CAR-T",
    "autologous": "yes",
    "pathway": "hospital_exemption",
    "specification": "PSF-019/3",
    "requested_on": "2027-03-20",
}
COLLECTED = {
    "site": "Apheresis unit",
    "site_approval": "ES-TE-0441",
    "approved_until": "2099-01-31",
    "collected_at": "2026-03-01T10:15",
    "consent": "CF-2026-118",
    "serology": "negative",
    "serology_on": "2026-02-20",
    "bags": "1",
    "volume_ml": "120",
    "count": "45.2",
    "viability": "97.5",
}


@pytest.fixture
def desk(sqlite_database):
    return furnished()


def address(name, *args):
    return reverse(f"batches:{name}", args=args)


def send(desk: Desk, who: str, page: str, *args, sign: bool = False, **typed):
    from tests.personnel import signers

    if sign:
        known = who in desk.signed
        typed |= signers.PIN_FIELDS if known else signers.fields(desk.account(who))
    response = desk.at(who).post(address(page, *args), typed)
    if sign and response.status_code == 302:
        desk.signed.add(who)
    return response


def text(response) -> str:
    return str(response.content.decode())


def look(desk: Desk, who: str, purpose: str, reference: str) -> None:
    seen = desk.at(who).post(
        reverse("personnel:vault_show", args=[making.PATIENT]),
        {"purpose": purpose, "reference": reference},
    )
    assert seen.status_code == 200, text(seen)


def log() -> SimpleUploadedFile:
    return SimpleUploadedFile("logger.csv", ordering.LOG.encode(), "text/csv")


def told(desk: Desk) -> None:
    """From the order to the bound batch, through the pages alone."""
    accepted(desk)
    bound = send(desk, "dario", "bind_identity", ORDER, batch=making.BATCH, chosen=COLLECTION)
    assert bound.status_code == 302, text(bound)


def accepted(desk: Desk) -> None:
    """From the order to the decision of quality assurance."""
    assert send(desk, "dario", "place_order", **TYPED).url == address("order", ORDER)
    assert send(desk, "dario", "collect", ORDER, **COLLECTED).status_code == 302
    party = {"other_party": "courier", "document": "WB-88120"}
    sent = {"place": "Apheresis unit", "to_place": "K-001", "temperature": "4,5", **party}
    assert send(desk, "marta", "hand_over", COLLECTION, sign=True, **sent).status_code == 302
    look(desk, "marta", "receiving", COLLECTION)
    came = {"place": "K-001", "transport": "WB-88120", "seal_intact": "on", "logger": log()}
    gone = send(desk, "marta", "receive_collection", COLLECTION, sign=True, **came)
    assert gone.status_code == 302, text(gone)
    look(desk, "ingrid", "receiving", COLLECTION)
    assert send(desk, "ingrid", "confirm_collection", COLLECTION, sign=True).status_code == 302
    yes = send(desk, "helena", "judge_collection", COLLECTION, sign=True, decision="accepted")
    assert yes.status_code == 302, text(yes)


def test_an_order_goes_from_the_clinic_to_a_bound_batch_through_pages(desk):
    told(desk)
    page = text(desk.at("dario").get(address("order", ORDER)))
    for shown in (COLLECTION, making.BATCH, "accepted", "Apheresis unit"):
        assert shown in page
    chain = text(desk.at("dario").get(address("custody", COLLECTION)))
    assert "no gap" in chain
    assert "4.5 °C" in chain


def test_a_bag_goes_to_the_ward_through_pages(desk):
    told(desk)
    filled = {"kind": "product", "pieces": "1", "volume_ml": "50", "cells": "144.8"}
    assert send(desk, "marta", "fill_containers", making.BATCH, **filled).status_code == 302
    bag = ContainerLine.objects.get().container
    free = send(desk, "helena", "disposition_container", bag, sign=True, decision="released")
    assert free.status_code == 302, text(free)
    look(desk, "dario", "issuing", bag)
    issue = {"ward": "Ward 4B", "expires_at": "2099-01-01T12:00", "document": "IS-2026-031"}
    out = send(desk, "dario", "issue_container", bag, sign=True, **issue)
    assert out.status_code == 302, text(out)
    look(desk, "ingrid", "issuing", bag)
    taken = send(desk, "ingrid", "accept_container", bag, sign=True, document="WS-2026-112")
    assert taken.status_code == 302, text(taken)
    assert send(desk, "marta", "thaw_container", bag).status_code == 302
    assert "infuse by" in text(desk.at("marta").get(address("container", bag)))
    given = send(desk, "marta", "end_container", bag, sign=True, how="infused")
    assert given.status_code == 302, text(given)
    row = ContainerLine.objects.get()
    assert (row.ended, row.late) == ("infused", False)
    assert row.expires_at == "2099-01-01T12:00+01:00", "with its zone"


def test_what_was_typed_survives_a_refusal_beside_its_field(desk):
    wrong = {**TYPED, "specification": "the latest one"}
    response = send(desk, "dario", "place_order", **wrong)
    page = text(response)
    assert response.status_code == 422
    assert "Name the specification file and its version" in page
    assert 'value="the latest one"' in page
    assert f'value="{making.PATIENT}"' in page
    assert not OrderLine.objects.exists()


def test_a_form_that_is_sent_twice_places_one_order(desk):
    page = text(desk.at("dario").get(address("place_order")))
    command_id = re.search(r'name="command_id" value="([^"]+)"', page)[1]
    for _time in range(2):
        sent = send(desk, "dario", "place_order", **TYPED, command_id=command_id)
        assert sent.status_code == 302
    assert OrderLine.objects.count() == 1


def test_the_receipt_page_leads_to_the_vault_and_back(desk):
    send(desk, "dario", "place_order", **TYPED)
    send(desk, "dario", "collect", ORDER, **COLLECTED)
    page = text(desk.at("marta").get(address("receive_collection", COLLECTION)))
    assert f"purpose=receiving&amp;reference={COLLECTION}" in page
    response = send(desk, "marta", "receive_collection", COLLECTION, sign=True, place="K-001",
                    transport="WB-88120", logger=log())  # fmt: skip
    assert response.status_code == 422
    assert "Compare two identifiers first" in text(response)


def test_an_ended_order_shows_what_is_still_open_for_it(desk):
    told(desk)
    filled = {"kind": "product", "pieces": "1", "volume_ml": "50", "cells": "144.8"}
    send(desk, "marta", "fill_containers", making.BATCH, **filled)
    ended = {"how": "patient_died", "ended_on": "2026-03-02", "reason": "Told by the ward"}
    assert send(desk, "dario", "end_order", ORDER, **ended).status_code == 302
    page = text(desk.at("dario").get(address("order", ORDER)))
    for shown in ("The patient died", f"{COLLECTION} is in store", "cannot be issued"):
        assert shown in page
    assert "Record a collection" not in page


def test_a_missing_link_shows_as_a_gap(desk):
    told(desk)
    item = COLLECTION
    taken = {"place": "B-102", "temperature": "5"}
    assert send(desk, "ingrid", "take_over", item, sign=True, **taken).status_code == 302
    page = text(desk.at("dario").get(address("custody", item)))
    assert "Nobody handed it over to B-102." in page
    assert "1 gap" in page
    assert CustodyLine.objects.filter(item=item).count() == 5


def test_a_sample_is_taken_and_listed(desk):
    assert "No sample is like that" in text(desk.at("marta").get(address("samples")))
    sent = send(desk, "marta", "take_sample", batch=making.BATCH, purpose="Sterility", volume="2")
    assert sent.status_code == 302, text(sent)
    row = SampleLine.objects.get()
    assert row.sample in text(desk.at("marta").get(address("samples") + "?state=here"))
    assert row.sample not in text(desk.at("marta").get(address("samples") + "?state=received"))
    assert "Sterility" in text(desk.at("marta").get(address("sample", row.sample)))


def test_empty_pages_say_what_to_do(desk):
    assert "No order has been placed yet" in text(desk.at("dario").get(address("orders")))
    assert "No order is like that" in text(desk.at("dario").get(address("orders") + "?q=zebra"))
    assert "There is no storage tank" in text(desk.at("dario").get(address("storage")))
    assert "Nothing was filled yet" in text(desk.at("dario").get(address("fill", making.BATCH)))


@pytest.mark.parametrize(
    ("page", "args"),
    [
        ("order", ["ORD-2026-999"]),
        ("collection", ["ORD-2026-999-C1"]),
        ("receive_collection", ["x"]),
        ("custody", ["x"]),
        ("fill", ["CT-9999"]),
        ("container", ["CT-9999-P01"]),
        ("issue_container", ["CT-9999-P01"]),
        ("sample", ["CT-9999-S01"]),
        ("record_excursion", ["CF-02"]),
    ],
)
def test_what_is_not_there_is_not_found(desk, page, args):
    assert desk.at("dario").get(address(page, *args)).status_code == 404
    if page not in ("order", "collection", "custody", "fill", "container", "sample"):
        assert desk.at("dario").post(address(page, *args), {"reason": "x"}).status_code == 404


def test_every_page_can_be_read_by_everybody_and_says_who_may(desk):
    told(desk)
    filled = {"kind": "product", "pieces": "1", "volume_ml": "50", "cells": "144.8"}
    send(desk, "marta", "fill_containers", making.BATCH, **filled)
    send(desk, "marta", "take_sample", batch=making.BATCH, purpose="Sterility", volume="2")
    bag, sample = f"{making.BATCH}-P01", f"{making.BATCH}-S01"
    pages = [("orders",), ("place_order",), ("storage",), ("samples",), ("take_sample",)]
    pages += [(name, ORDER) for name in ("order", "end_order", "collect", "bind_identity")]
    pages += [(f"{name}collection", COLLECTION) for name in ("", "receive_", "confirm_", "judge_")]
    pages += [("ask_recollection", ORDER, COLLECTION), ("sample", sample)]
    pages += [(name, COLLECTION) for name in ("custody", "hand_over", "take_over")]
    pages += [(name, bag) for name in ("ask_relabelling", "relabel")]
    fills = ("fill", "set_dose", "fill_containers", "record_freezing", "record_waste")
    pages += [(name, making.BATCH) for name in fills]
    acts = ("store_", "disposition_", "issue_", "accept_", "thaw_", "end_", "destroy_", "")
    pages += [(f"{name}container", bag) for name in acts] + [("ask_destruction", bag)]
    inspector = Client()
    inspector.force_login(desk.account("emeka"))
    for page in pages:
        for client in (desk.at("dario"), inspector):
            response = client.get(address(*page))
            assert response.status_code == 200, page
            assert faults(text(response)) == [], page
            assert "unsafe" not in response["Content-Security-Policy"]
    assert "In your role this is refused" in text(inspector.get(address("place_order")))
    assert inspector.post(address("place_order"), TYPED).status_code == 422
    assert CollectionLine.objects.count() == 1
