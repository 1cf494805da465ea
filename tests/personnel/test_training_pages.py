"""The training pages, as people use them."""

import html

import pytest
from django.test import Client

from ledger.models import Event
from personnel.models import Account, TrainingItem, TrainingRecord
from tests.pages.document import faults
from tests.personnel import staff

NEW = {
    "item": "SOP-014",
    "kind": "procedure",
    "title": "Gowning grade B",
    "version": "1",
    "valid_months": "12",
}
DONE = {"item": "SOP-014", "trained_on": "2026-03-02", "method": "performed"}
PERSON = "/training/p-22222/"


@pytest.fixture
def enter(database, fixed_clock):
    staff.offices()
    staff.hired("p-22222", "operator")

    def sign_in(person: str) -> Client:
        client = Client()
        client.force_login(Account.objects.get(person=person))
        return client

    return sign_in


@pytest.fixture
def gowning(enter):
    client = enter("p-qaqaq")
    assert client.post("/training/items/introduce/", NEW).status_code == 302
    wanted = {"role": "operator", "item": "SOP-014", "reason": "Works in grade B"}
    assert client.post("/training/items/demand/", wanted).status_code == 302
    return client


def text(response) -> str:
    return html.unescape(response.content.decode())


def test_an_empty_matrix_says_how_it_fills(enter):
    assert "Nothing to be trained on yet" in text(enter("p-qaqaq").get("/training/"))


def test_from_the_list_over_the_curriculum_to_a_training_and_back(enter, gowning):
    """Given a new procedure that operators need, when one is trained, then the matrix is green."""
    page = text(gowning.get("/training/"))
    assert "1 training is lacking" in page
    assert "missing" in page
    assert "Not trained on SOP-014 (Gowning grade B), version 1." in text(gowning.get(PERSON))
    assert gowning.post(f"{PERSON}record/", DONE).status_code == 302
    page = text(gowning.get("/training/"))
    assert "nothing is lacking" in page
    assert "2027-03-02" in page
    assert "nothing is lacking" in text(gowning.get(PERSON))
    changed = {"version": "2", "reason": "Second pair of gloves"}
    assert gowning.post("/training/items/SOP-014/version/", changed).status_code == 302
    assert "older: 1" in text(gowning.get("/training/"))
    page = text(gowning.get(PERSON))
    assert "older version" in page
    assert "version 2." in page


def test_a_training_is_revoked_on_the_page(enter, gowning):
    gowning.post(f"{PERSON}record/", DONE)
    response = gowning.post(f"{PERSON}SOP-014/1/revoke/", {"reason": ""})
    assert response.status_code == 422
    assert "Say why" in text(response)
    asked = {"reason": "Failed the glove print"}
    assert gowning.post(f"{PERSON}SOP-014/1/revoke/", asked).status_code == 302
    page = text(gowning.get(PERSON))
    assert "revoked" in page
    assert "Failed the glove print" in page
    assert "1 training is lacking" in text(gowning.get("/training/"))


def test_r3_what_was_typed_survives_a_refusal_and_the_refusal_is_kept(enter, gowning):
    response = gowning.post(f"{PERSON}record/", DONE | {"trained_on": "2030-01-01"})
    page = text(response)
    assert response.status_code == 422
    assert "a day that has been" in page
    assert 'value="2030-01-01"' in page
    response = gowning.post("/training/items/introduce/", NEW | {"title": "Other"})
    assert response.status_code == 422
    assert "on the list already" in text(response)
    assert 'value="Other"' in text(response)
    response = gowning.post("/training/items/SOP-014/version/", {"version": "1", "reason": "Same"})
    assert "has had version 1 already" in text(response)
    wanted = {"role": "verifier", "item": "SOP-014", "reason": "Not any more"}
    response = gowning.post("/training/items/demand-no-longer/", wanted)
    assert "is not in the curriculum of the verifier" in text(response)
    assert Event.objects.filter(type="ledger.refused").count() == 4
    assert not TrainingRecord.objects.exists()


def test_r3_who_may_not_is_refused_on_every_form(enter, gowning):
    client = enter("p-admin")
    posts = {
        "/training/items/introduce/": NEW | {"item": "SOP-015"},
        "/training/items/SOP-014/version/": {"version": "2", "reason": "Because"},
        "/training/items/demand/": {"role": "verifier", "item": "SOP-014", "reason": "Because"},
        "/training/items/demand-no-longer/": {"role": "operator", "reason": "Because"},
        f"{PERSON}record/": DONE,
        f"{PERSON}SOP-014/1/revoke/": {"reason": "Because"},
    }
    for address, values in posts.items():
        response = client.post(address, values)
        assert response.status_code == 422, address
        assert "As system administrator you may not do this" in text(response), address
        assert client.get(address).status_code == 405
    assert TrainingItem.objects.get().version == "1"
    assert not TrainingRecord.objects.exists()


@pytest.mark.parametrize("person", ["p-qaqaq", "p-22222", "p-admin"])
def test_every_page_can_be_read_by_everybody(enter, gowning, person):
    for _time in range(2):
        gowning.post(f"{PERSON}record/", DONE)
    client = enter(person)
    for address in ("/training/", "/training/items/", PERSON):
        response = client.get(address)
        assert response.status_code == 200
        assert faults(response.content.decode()) == [], address


def test_who_is_not_enrolled_has_no_page(enter):
    client = enter("p-qaqaq")
    assert client.get("/training/p-99999/").status_code == 404
    assert client.post("/training/items/SOP-999/version/").status_code == 404


def test_a_training_on_nothing_says_what_to_choose(enter, gowning):
    response = gowning.post(f"{PERSON}record/", DONE | {"item": ""})
    assert response.status_code == 422
    assert "Choose what it is about from the list of trainings." in text(response)
