"""Where a session ended or a form was too old or too long: what was lost, and the way back."""

import pytest
from django.test import Client, RequestFactory, override_settings

from tests.pages.document import faults

UNIT = "/equipment/CF-02/"
HERE = "http://testserver"


def text(response) -> str:
    return response.content.decode()


@pytest.mark.parametrize("seen", [UNIT, f"{UNIT}?before=3", f"{UNIT}entries/"])
def test_r4_an_entry_sent_after_the_session_ended_leads_back_to_its_page(history, client, seen):
    """Given a session that ended, when an entry is sent, then the door says so and leads back."""
    from personnel.models import Account

    answer = client.post(f"{UNIT}entries/", {"text": "x"}, headers={"Referer": HERE + seen})
    page = seen if "?" in seen else UNIT
    assert answer.status_code == 302
    door = client.get(answer.url)
    assert "Your session ended. What you just sent was not recorded" in text(door)
    assert f'name="next" value="{page}"' in text(door)
    client.force_login(Account.objects.get(role="operator"))
    assert client.get(answer.url).url == page


def test_a_way_back_from_elsewhere_is_not_followed(history, client):
    sent = {"Referer": "https://elsewhere.example/equipment/CF-02/"}
    answer = client.post(f"{UNIT}entries/", {"text": "x"}, headers=sent)
    assert answer.url == f"/sign-in/?next={UNIT}"


@pytest.mark.parametrize("address", [f"{UNIT}entries/", f"{UNIT}entries/1/", f"{UNIT}move/"])
def test_after_the_door_comes_a_page_that_can_be_opened(history, as_role, address):
    """Given an address that only takes forms, then the page above it is opened instead."""
    client = as_role("operator")
    assert client.get("/sign-in/", {"next": address}).url == UNIT
    assert client.get("/sign-in/", {"next": "/nowhere/at/all/"}).url == "/"


def test_leaving_after_the_session_ended_says_nothing_of_a_loss(history, client):
    answer = client.post("/sign-out/")
    assert "Your session ended" not in text(client.get(answer.url))


def test_a_page_that_reads_itself_again_goes_to_the_door_as_a_whole(history, client):
    """Given the ledger's page and an ended session, then no door opens inside the page."""
    sent = {"HX-Request": "true", "HX-Current-URL": f"{HERE}/ledger/"}
    answer = client.get("/ledger/", headers=sent)
    assert answer["HX-Redirect"] == "/sign-in/?next=/ledger/"
    assert b"<html" not in answer.content


def test_a_form_from_before_the_last_sign_in_is_told_so_on_a_page_of_the_house(history):
    """Given a form, and somebody who signs in meanwhile, then its sending says what happened."""
    from personnel.models import Account

    strict = Client(enforce_csrf_checks=True)
    strict.get("/sign-in/")
    strict.force_login(Account.objects.get(role="operator"))
    values = {"text": "x", "csrfmiddlewaretoken": "a" * 64}
    answer = strict.post(f"{UNIT}entries/", values, headers={"Referer": HERE + UNIT})
    assert answer.status_code == 403
    assert "Somebody signed in on this terminal after you opened the form" in text(answer)
    assert f'href="{UNIT}"' in text(answer)
    assert faults(text(answer)) == []


def test_a_browser_without_cookies_is_told_so(history):
    answer = Client(enforce_csrf_checks=True).post("/sign-in/", {})
    assert answer.status_code == 403
    assert "kept no cookie" in text(answer)


def test_an_address_opened_the_wrong_way_answers_with_a_page(history, as_role):
    answer = as_role("operator").get(f"{UNIT}entries/")
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert f'href="{UNIT}"' in text(answer)
    assert faults(text(answer)) == []
    assert as_role("operator").post("/trail/").status_code == 405


@override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=1000)
def test_more_than_a_form_takes_is_told_so(history, as_role):
    answer = as_role("operator").post(f"{UNIT}entries/", {"text": "x" * 2000})
    assert answer.status_code == 413
    assert "make the text shorter" in text(answer)
    assert f'href="{UNIT}"' in text(answer)


def test_an_address_above_every_page_leads_nowhere():
    from personnel.session import page_at

    asked = RequestFactory().get("/")
    assert page_at(asked, "") == ""
    assert page_at(asked, "//evil.example/equipment/") == ""
    assert page_at(asked, "/api/trail/?q=x") == "/api/trail/?q=x"


def test_the_door_offers_no_other_door(history, client):
    page = text(client.get("/sign-in/"))
    assert 'href="/sign-in/"' not in page
    assert 'href="/sign-in/"' in text(client.get("/nothing/"))


def test_one_entry_waits_and_two_entries_wait(history, as_role, monkeypatch):
    from ledger import health

    for count, said in ((1, "entry waits for its seal"), (2, "entries wait for their seal")):
        waits = health.Unsealed(count, None)
        monkeypatch.setattr(health, "unsealed", lambda waits=waits: waits)
        assert said in text(as_role("inspector").get("/"))
