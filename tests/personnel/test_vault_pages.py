"""The vault's pages, from the form to the ledger, as people use them."""

import html
import re

import pytest
from django.test import Client

from ledger import store
from ledger.models import Event
from personnel import vault
from personnel.models import Account, Subject, SubjectLook, Unmasking
from tests.pages.document import faults
from tests.personnel import vault_people as people
from tests.personnel.vault_people import ANA

ANY = "s-22222222"
PAGE = f"/vault/{ANY}/"
WHO = list(ANA.values())


@pytest.fixture
def as_role(database, fixed_clock):
    people.open_accounts()

    def enter(role: str) -> Client:
        client = Client()
        client.force_login(Account.objects.get(role=role))
        return client

    return enter


@pytest.fixture
def ana(as_role):
    people.register()


def text(response) -> str:
    return html.unescape(response.content.decode())


def names(response) -> list[str]:
    return [value for value in WHO if value in text(response)]


def test_a_patient_is_registered_from_the_page_and_sent_twice_once(as_role):
    """Given an empty vault, when the form is sent, then the list shows a pseudonym."""
    client = as_role("supervisor")
    assert "The vault is empty" in text(client.get("/vault/"))
    page = client.get("/vault/register/patient/")
    pseudonym = re.search(r'name="subject" value="(s-[^"]+)"', text(page))[1]
    command_id = re.search(r'name="command_id" value="([^"]+)"', text(page))[1]
    values = ANA | {"subject": pseudonym, "counted_from": "2027-01-31", "command_id": command_id}
    for _time in range(2):
        response = client.post("/vault/register/patient/", values)
        assert response.url == f"/vault/{pseudonym}/"
    assert vault.opened(pseudonym) == ANA
    assert Subject.objects.count() == 1
    for address in ("/vault/", f"/vault/{pseudonym}/", f"/streams/subject/{pseudonym}/", "/trail/"):
        page = client.get(address)
        assert page.status_code == 200
        assert pseudonym in text(page)
        assert names(page) == [], address


def test_what_was_typed_survives_a_refusal(as_role):
    client = as_role("supervisor")
    values = ANA | {"subject": ANY, "counted_from": "some day"}
    response = client.post("/vault/register/patient/", values)
    assert response.status_code == 422
    assert names(response) == WHO
    assert "year-month-day" in text(response)
    assert not Subject.objects.exists()
    values = ANA | {"family_name": "", "subject": ANY, "counted_from": "2027-01-31"}
    response = client.post("/vault/register/patient/", values)
    assert "A part of the identity is missing" in text(response)
    assert 'id="id_family_name_error"' in text(response)
    assert Event.objects.filter(type="ledger.refused").count() == 2


def test_an_operator_sees_two_identifiers_once(as_role, ana):
    client = as_role("operator")
    assert names(client.get(PAGE)) == []
    response = client.post(f"{PAGE}show/", {"purpose": "labelling", "reference": "CT-26-004"})
    assert response.status_code == 200
    assert "Ana Kowalczyk" in text(response)
    assert "H-471188" in text(response)
    assert "1961-05-04" not in text(response)
    assert "no-store" in response["Cache-Control"]
    page = client.get(PAGE)
    assert names(page) == []
    assert "CT-26-004" in text(page), "who looked, and what for, stands on the page"


def test_a_look_needs_a_purpose_and_a_reference(as_role, ana):
    response = as_role("operator").post(f"{PAGE}show/", {"purpose": "curiosity", "reference": ""})
    assert response.status_code == 422
    assert "Say what for" in text(response)
    assert names(response) == []
    assert not SubjectLook.objects.exists()


def test_r08_two_people_at_two_browsers_unmask_and_a_third_does_not(as_role, ana, fixed_clock):
    asker, second = as_role("supervisor"), as_role("qa_reviewer")
    asker.post(f"{PAGE}ask/", {"reason": "The ward asks"})
    wish = Unmasking.objects.get().request
    assert "Agree for 15 minutes" not in text(asker.get(PAGE)), "nobody agrees with themselves"
    assert "The ward asks" in text(second.get("/vault/"))
    assert "Agree for 15 minutes" in text(second.get(PAGE))
    assert asker.post(f"{PAGE}{wish}/grant/").status_code == 422
    assert second.post(f"{PAGE}{wish}/grant/").status_code == 302
    response = second.post(f"{PAGE}{wish}/see/")
    assert (response.status_code, names(response)) == (422, [])
    assert names(asker.get(PAGE)) == []
    response = asker.post(f"{PAGE}{wish}/see/")
    assert (response.status_code, names(response)) == (200, WHO)
    fixed_clock.advance(minutes=14)
    assert "Look" in text(asker.get(PAGE))
    fixed_clock.advance(minutes=1)
    response = asker.post(f"{PAGE}{wish}/see/")
    assert (response.status_code, names(response)) == (422, [])
    assert "quarter of an hour is over" in text(response)


def test_a_wish_is_declined_on_the_page(as_role, ana):
    as_role("supervisor").post(f"{PAGE}ask/", {"reason": "The ward asks"})
    wish = Unmasking.objects.get().request
    officer = as_role("data_protection_officer")
    response = officer.post(f"{PAGE}{wish}/decline/", {"reason": ""})
    assert response.status_code == 422
    assert "Say why" in text(response)
    assert officer.post(f"{PAGE}{wish}/decline/", {"reason": "They know"}).status_code == 302
    assert "declined" in text(officer.get(PAGE))


def test_a_correction_shows_nothing_and_keeps_what_is_left_empty(as_role, ana):
    client = as_role("supervisor")
    values = {"given_name": "Anna", "reason": "Typing error"}
    assert client.post(f"{PAGE}correct/", values).status_code == 302
    assert vault.opened(ANY) == ANA | {"given_name": "Anna"}
    page = text(client.get(PAGE))
    assert "Anna" not in page
    response = client.post(f"{PAGE}correct/", {"birth_date": "never", "reason": "Typing error"})
    assert response.status_code == 422
    assert vault.opened(ANY)["birth_date"] == ANA["birth_date"]


def test_r21_erasure_on_the_page_is_refused_with_its_basis_and_done_afterwards(
    as_role, ana, fixed_clock
):
    officer = as_role("data_protection_officer")
    values = {"ground": "gdpr-17-1-a", "reason": "Request of 3 March"}
    response = officer.post(f"{PAGE}erase/", values)
    assert response.status_code == 422
    assert "Regulation (EC) 1394/2007, Article 15" in text(response)
    fixed_clock.advance(days=31 * 366)
    officer = as_role("data_protection_officer")
    assert "may be erased" in text(officer.get("/vault/?standing=due"))
    assert officer.post(f"{PAGE}erase/", values).status_code == 302
    page = text(officer.get(PAGE))
    assert "no longer needed" in page
    assert "Show them once" not in text(as_role("operator").get(PAGE))
    assert store.load("subject", ANY)[-1].type == "personnel.subject_erased"


def test_retention_is_extended_on_the_page(as_role, ana):
    client = as_role("qa_reviewer")
    values = {"counted_from": "2030-01-31", "reason": "A second product"}
    assert client.post(f"{PAGE}extend/", values).status_code == 302
    assert "2060-01-31" in text(client.get(PAGE))


def test_r3_the_inspector_looks_at_pseudonyms_and_writes_nothing(as_role, ana):
    client = as_role("inspector")
    for address in ("/vault/", PAGE, "/vault/register/patient/"):
        assert names(client.get(address)) == []
    before = Event.objects.exclude(type="ledger.refused").count()
    posts = {
        "/vault/register/patient/": ANA | {"subject": "s-33333333", "counted_from": "2027-01-31"},
        f"{PAGE}show/": {"purpose": "receiving", "reference": "CT-26-004"},
        f"{PAGE}ask/": {"reason": "To inspect"},
        f"{PAGE}correct/": {"given_name": "Eva", "reason": "To inspect"},
        f"{PAGE}extend/": {"counted_from": "2030-01-31", "reason": "To inspect"},
        f"{PAGE}erase/": {"ground": "gdpr-17-1-a", "reason": "To inspect"},
        f"{PAGE}u-22222/grant/": {},
        f"{PAGE}u-22222/decline/": {"reason": "To inspect"},
        f"{PAGE}u-22222/see/": {},
    }
    for address, values in posts.items():
        response = client.post(address, values)
        assert response.status_code == 422, address
        assert "As inspector you may not do this" in text(response), address
    assert Event.objects.exclude(type="ledger.refused").count() == before
    assert Event.objects.filter(type="ledger.refused").count() == len(posts)


@pytest.mark.parametrize("address", ["show/", "ask/", "erase/", "u-22222/see/", "u-22222/grant/"])
def test_looking_at_an_address_opens_nothing(as_role, ana, address):
    assert as_role("supervisor").get(PAGE + address).status_code == 405


def test_a_subject_that_is_not_there_is_not_found(as_role):
    client = as_role("supervisor")
    assert client.get(PAGE).status_code == 404
    assert client.post(f"{PAGE}show/").status_code == 404
    assert client.get("/vault/register/visitor/").status_code == 404


@pytest.mark.parametrize(
    "role", ["operator", "supervisor", "qa_reviewer", "data_protection_officer", "inspector"]
)
def test_every_page_can_be_read_by_everybody(as_role, ana, role):
    as_role("supervisor").post(f"{PAGE}ask/", {"reason": "The ward asks"})
    client = as_role(role)
    for address in ("/vault/", PAGE, "/vault/register/donor/", "/vault/?kind=donor&page=x"):
        assert faults(client.get(address).content.decode()) == [], address
    shown = client.post(f"{PAGE}show/", {"purpose": "receiving", "reference": "CT-26-004"})
    assert faults(shown.content.decode()) == []
