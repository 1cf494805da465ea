"""The equipment room's pages, as people use them."""

import re

import pytest
from django.urls import reverse

from equipment.models import LogbookLine, Register
from ledger.models import Event
from personnel.models import Account

UNIT = "/equipment/CF-02/"


@pytest.fixture
def as_role(client, centrifuge):
    def enter(role: str):
        client.force_login(Account.objects.get(role=role))
        return client

    return enter


def text_of(response) -> str:
    return response.content.decode()


def refusals() -> int:
    return Event.objects.filter(type="ledger.refused").count()


def test_the_register_lists_units_and_finds_them(as_role):
    client = as_role("operator")
    page = text_of(client.get("/equipment/"))
    assert "CF-02" in page
    assert "In service" in page
    assert "No unit is like that" in text_of(client.get("/equipment/?q=bioreactor"))
    assert "Register a unit" not in page, "an operator is not offered what would be refused"
    assert "Register a unit" in text_of(as_role("supervisor").get("/equipment/"))


def test_an_empty_register_says_how_it_fills(client, people):
    client.force_login(Account.objects.get(role="supervisor"))
    assert "The register is empty" in text_of(client.get("/equipment/"))


def test_a_unit_is_registered_from_the_page(as_role):
    client = as_role("maintenance")
    values = {"unit": "INC-1", "label": "Incubator", "unit_class": "incubator", "location": "R 1"}
    response = client.post("/equipment/register/", values)
    assert response.url == "/equipment/INC-1/"
    assert Register.objects.get(unit="INC-1").label == "Incubator"


def test_r3_a_refused_registration_keeps_what_was_typed(as_role):
    client = as_role("maintenance")
    values = {"unit": "CF-02", "label": "Öther", "unit_class": "centrifuge", "location": "R 1"}
    response = client.post("/equipment/register/", values)
    page = text_of(response)
    assert response.status_code == 422
    assert "already registered as “Cell centrifuge”" in page
    assert 'value="Öther"' in page
    assert refusals() == 1


def test_an_entry_is_made_once_however_often_it_is_sent(as_role):
    client = as_role("operator")
    page = text_of(client.get(UNIT))
    command_id = re.search(r'name="command_id" value="([^"]+)" id="entry_', page)[1]
    values = {"text": "Rotor wiped.\r\nDry.", "command_id": command_id}
    for _time in range(2):
        assert client.post(f"{UNIT}entries/", values).status_code == 302
    assert LogbookLine.objects.filter(kind="entry").count() == 2
    assert LogbookLine.objects.get(entry=2).new == "Rotor wiped.\nDry."
    assert "Rotor wiped.<br>Dry." in text_of(client.get(UNIT))


def test_an_empty_entry_is_refused_on_the_page_and_on_the_trail(as_role):
    response = as_role("operator").post(f"{UNIT}entries/", {"text": "  "})
    assert response.status_code == 422
    assert "an empty entry says nothing" in text_of(response)
    assert refusals() == 1


def test_r4_a_correction_shows_both_values_who_when_and_why(as_role):
    client = as_role("operator")
    response = client.post(
        f"{UNIT}entries/1/", {"text": "Spun 400 g, 10 min.", "reason": "Misread the display"}
    )
    assert response.status_code == 302
    page = text_of(client.get(UNIT))
    assert "<del>Spun 300 g, 10 min.</del>" in page
    assert "<ins>Spun 400 g, 10 min.</ins>" in page
    assert "Misread the display" in page
    assert "p-aaaa2" in page
    assert page.count("UTC</time>") >= 3
    assert page.count("Entry and proof") == 3, "registered, made, corrected"
    for line in LogbookLine.objects.all():
        assert f"/entries/{line.event_id}/" in page
    assert client.get("/streams/equipment/CF-02/").status_code == 200


def test_r4_a_correction_without_reason_keeps_the_typed_text_and_says_what_to_do(as_role):
    client = as_role("operator")
    page = text_of(client.get(UNIT))
    command_id = re.search(r'value="([^"]+)" id="correct_1_command_id"', page)[1]
    values = {"text": "Spun 400 g.", "reason": "", "command_id": command_id}
    response = client.post(f"{UNIT}entries/1/", values)
    page = text_of(response)
    assert response.status_code == 422
    assert "Say why" in page
    assert "Spun 400 g.</textarea>" in page
    assert "<details open>" in page
    assert refusals() == 1
    renewed = re.search(r'value="([^"]+)" id="correct_1_command_id"', page)[1]
    assert renewed != command_id
    values |= {"reason": "Misread the display", "command_id": renewed}
    assert client.post(f"{UNIT}entries/1/", values).status_code == 302


def test_a_unit_moves_stops_and_comes_back(as_role):
    client = as_role("supervisor")
    client.post(f"{UNIT}move/", {"location": "Room 3", "reason": "Room 2 repainted"})
    client.post(f"{UNIT}stop/", {"reason": "Imbalance alarm"})
    page = text_of(client.get(UNIT))
    assert "Out of service" in page
    assert "Return to service" in page
    client.post(f"{UNIT}return/", {"reason": "Two test runs passed"})
    page = text_of(client.get(UNIT))
    for seen in ("Room 3", "Imbalance alarm", "Two test runs passed", "Take out of service"):
        assert seen in page
    for address in ("move/", "stop/", "return/"):
        response = client.post(UNIT + address, {"reason": "x"})
        assert response.status_code == 422, address
    assert refusals() == 3


def test_r3_the_inspector_sees_all_and_writes_nothing(as_role):
    client = as_role("inspector")
    page = text_of(client.get(UNIT))
    assert "Spun 300 g" in page
    assert "<textarea" not in page
    before = LogbookLine.objects.count()
    posts = {
        "/equipment/register/": {"unit": "X-1"},
        f"{UNIT}entries/": {"text": "Seen."},
        f"{UNIT}entries/1/": {"text": "Seen.", "reason": "Because I may not"},
        f"{UNIT}move/": {"location": "Room 9", "reason": "Because I may not"},
        f"{UNIT}stop/": {"reason": "Because I may not"},
        f"{UNIT}return/": {"reason": "Because I may not"},
    }
    for address, values in posts.items():
        response = client.post(address, values)
        assert response.status_code == 422, address
        assert "As inspector you may not do this" in text_of(response), address
    assert LogbookLine.objects.count() == before
    assert refusals() == len(posts)


@pytest.mark.parametrize("address", ["entries/", "entries/1/", "move/", "stop/", "return/"])
def test_looking_changes_nothing(as_role, address):
    assert as_role("supervisor").get(UNIT + address).status_code == 405


def test_a_unit_that_is_not_there_is_not_found(as_role):
    client = as_role("operator")
    assert client.get("/equipment/CF-99/").status_code == 404
    assert client.post("/equipment/CF-99/entries/", {"text": "Spun."}).status_code == 404
    assert refusals() == 1


@pytest.mark.parametrize("query", ["?before=x", "?before=99999999999999999999", "?before=-1"])
def test_a_strange_page_number_is_harmless(as_role, query):
    assert as_role("operator").get(UNIT + query).status_code == 200


def test_a_character_that_cannot_be_kept_is_named_on_the_page(as_role):
    response = as_role("operator").post(f"{UNIT}entries/", {"text": "Spun\x07."})
    assert response.status_code == 422
    assert "cannot be kept" in text_of(response)
    assert reverse("equipment:unit", args=["CF-02"]) == UNIT


def test_markup_in_an_entry_is_shown_as_text(as_role):
    client = as_role("operator")
    client.post(f"{UNIT}entries/", {"text": "<script>alert(1)</script>"})
    assert "&lt;script&gt;alert(1)" in text_of(client.get(UNIT))


def test_r9_what_may_be_recorded_already_is_sent_again_under_its_own_id(as_role, monkeypatch):
    """Given a database that does not answer, when the form comes back, then it bears the id it was
    sent with, so that sending it again records it once; after a plain no it bears another."""
    from django.db import OperationalError

    from ledger import store

    def away(*_args):
        raise OperationalError("database is locked")

    client = as_role("operator")
    sent = {"text": "Spun at 400 g.", "command_id": "7b0f5c3e-36f6-4a3f-9d3c-2a1d3f0c9b11"}
    with monkeypatch.context() as broken:
        broken.setattr(store, "_insert", away)
        response = client.post(f"{UNIT}entries/", sent)
    assert response.status_code == 422
    assert "it will be recorded once" in text_of(response)
    assert sent["command_id"] in response.content.decode()
    for _again in range(2):
        assert client.post(f"{UNIT}entries/", sent).status_code == 302
    assert LogbookLine.objects.filter(new="Spun at 400 g.").count() == 1
    refused = client.post(f"{UNIT}entries/", sent | {"text": "Spun at 500 g."})
    assert sent["command_id"] not in refused.content.decode()
