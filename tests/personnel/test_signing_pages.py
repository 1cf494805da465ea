"""My signature, and the keys that wait: enrolled, confirmed, withdrawn; in words, on the trail."""

import re
from typing import Any

import pytest
from django.test import Client

from ledger import store
from ledger.event import Actor
from ledger.models import Event
from personnel import signing, signing_commands
from personnel.models.signing import SigningKey, WrappedKey
from tests.pages.document import faults
from tests.personnel import signers
from tests.personnel.conftest import PASSWORD

MINE, KEYS = "/signing/", "/signing/keys/"


@pytest.fixture
def people(open_account: Any, fixed_clock: Any) -> dict[str, Any]:
    roles = ("operator", "supervisor", "qa_reviewer", "system_administrator", "inspector")
    found = {
        role: open_account(role, username=f"one.{role}", printed_name=f"{role} one")
        for role in roles
    }
    signers.check_identity(found["operator"], by=found["supervisor"])
    fixed_clock.advance(minutes=1)
    return found


@pytest.fixture
def as_role(people: dict[str, Any], client: Client) -> Any:
    def enter(role: str) -> Client:
        client.force_login(people[role])
        return client

    return enter


def fields(client: Client, **more: str) -> dict[str, str]:
    page = client.get(MINE).content.decode()
    digest = re.search(r'name="policy_sha256" value="([0-9a-f]{64})"', page)
    assert digest
    typed = {"secret": signers.SECRET, "pin": signers.PIN}
    again = {f"{name}_again": value for name, value in typed.items()}
    return typed | again | {"policy_sha256": digest[1], "acknowledge": "on"} | more


def told(type: str) -> list[Any]:
    rows = Event.objects.filter(type=type).order_by("recorded_at", "id")
    return [store.event(row.id) for row in rows]


def test_p11_10j_the_policy_is_read_and_acknowledged_before_the_first_signature(
    as_role: Any, people: dict[str, Any]
) -> None:
    """Given the signature policy on the page, when a key is enrolled with its acknowledgement,
    then both are on the trail, by version and hash, and nothing typed is."""
    client = as_role("operator")
    page = client.get(MINE).content.decode()
    assert "falsification of a record" in page
    assert f'href="{KEYS}"' in page
    assert signing_commands.policy().sha256 in page
    response = client.post(f"{MINE}enrol/", fields(client))
    assert response.status_code == 302
    acknowledged, enrolled = (
        told("personnel.signature_policy_acknowledged")[0].data,
        told("ledger.signing_key_enrolled")[0].data,
    )
    assert (acknowledged.policy, acknowledged.policy_sha256) == (
        "1",
        signing_commands.policy().sha256,
    )
    assert enrolled.person == people["operator"].person
    row = WrappedKey.objects.get()
    for body in Event.objects.values_list("body", flat=True):
        assert row.wrapped.encode() not in bytes(body)
        assert signers.SECRET.encode() not in bytes(body)
    assert "waits for a second person" in client.get(MINE).content.decode()


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"secret": "short 1", "secret_again": "short 1"}, "12 characters or more"),
        ({"secret": "aaaaaaaaaaaaaa", "secret_again": "aaaaaaaaaaaaaa"}, "12 characters or more"),
        ({"secret": PASSWORD, "secret_again": PASSWORD}, "This is your password"),
        ({"secret_again": "another secret 12"}, "This is not the same"),
        ({"pin": "123456", "pin_again": "123456"}, "Choose 6 digits or more"),
        ({"pin": "4027", "pin_again": "4027"}, "Choose 6 digits or more"),
        ({"acknowledge": ""}, "Without this you cannot sign here"),
        ({"policy_sha256": "0" * 64}, "has changed since this page was opened"),
    ],
)
def test_a_weak_or_incomplete_enrolment_is_refused_in_words(
    as_role: Any, typed: dict[str, str], sentence: str
) -> None:
    client = as_role("operator")
    response = client.post(f"{MINE}enrol/", fields(client, **typed))
    assert response.status_code == 422
    page = response.content.decode()
    assert sentence in page
    assert signers.SECRET not in page
    assert not SigningKey.objects.exists()


def test_p11_100b_a_second_person_confirms_the_key_that_the_owner_shows(
    as_role: Any, people: dict[str, Any]
) -> None:
    """Given a waiting key, then a supervisor who types its number confirms it, and only then may
    its owner sign."""
    key = signers.make_key(people["operator"])
    operator = people["operator"].person
    assert signing.hindrance(operator) is not None
    client = as_role("supervisor")
    assert "operator one" in client.get(KEYS).content.decode()
    response = client.post(f"{KEYS}confirm/", {"person": operator, "key": "k-000000000000"})
    assert response.status_code == 422
    assert "is not the signing key of operator one now" in response.content.decode()
    response = client.post(f"{KEYS}confirm/", {"person": operator, "key": ""})
    assert "Type the number of the key" in response.content.decode()
    assert client.post(f"{KEYS}confirm/", {"person": operator, "key": key}).status_code == 302
    assert signing.hindrance(operator) is None
    (confirmed,) = told("personnel.signing_key_confirmed")
    assert confirmed.actor.person == people["supervisor"].person


@pytest.mark.parametrize("role", ["operator", "system_administrator", "inspector"])
def test_who_does_not_answer_for_others_confirms_no_key(
    as_role: Any, people: dict[str, Any], role: str
) -> None:
    key = signers.make_key(people["operator"])
    client = as_role(role)
    asked = {"person": people["operator"].person, "key": key}
    assert client.post(f"{KEYS}confirm/", asked).status_code == 422
    assert SigningKey.objects.get().confirmed_at is None


def test_a_key_is_withdrawn_by_its_owner_with_a_reason(
    as_role: Any, people: dict[str, Any]
) -> None:
    signers.enrol(people["operator"], by=people["supervisor"])
    client = as_role("operator")
    assert client.post(f"{MINE}withdraw/", {"reason": "lost"}).status_code == 422
    assert client.post(f"{MINE}withdraw/", {"reason": "Somebody saw it"}).status_code == 302
    assert not WrappedKey.objects.exists()
    (withdrawn,) = told("personnel.signing_key_withdrawn")
    assert withdrawn.reason == "Somebody saw it"
    assert "Somebody saw it" in client.get(MINE).content.decode()


def test_an_administrator_withdraws_a_key_and_can_make_none(
    as_role: Any, people: dict[str, Any]
) -> None:
    signers.enrol(people["operator"], by=people["supervisor"])
    client = as_role("system_administrator")
    address = f"{KEYS}{people['operator'].person}/withdraw/"
    assert "Withdraw this key" in client.get(KEYS).content.decode()
    assert client.post(address, {"reason": "Has left the laboratory"}).status_code == 302
    assert SigningKey.objects.get().withdrawn_by == people["system_administrator"].person
    assert as_role("supervisor").post(address, {"reason": "May I not"}).status_code == 422


def test_a_new_version_of_the_policy_is_acknowledged_before_the_next_signature(
    as_role: Any, people: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from personnel.signing_policy import Policy

    signers.enrol(people["operator"], by=people["supervisor"])
    newer = Policy("2", "ab" * 32, signing_commands.policy().blocks)
    monkeypatch.setattr(signing_commands, "policy", lambda: newer)
    assert "new version" in str(signing.hindrance(people["operator"].person))
    client = as_role("operator")
    assert "I have read it and will keep to it" in client.get(MINE).content.decode()
    assert client.post(f"{MINE}policy/", {"policy_sha256": "ab" * 32}).status_code == 302
    assert signing.hindrance(people["operator"].person) is None


def test_r3_the_inspector_enrols_nothing(as_role: Any, people: dict[str, Any]) -> None:
    client = as_role("inspector")
    assert "reads and signs nothing" in client.get(MINE).content.decode()
    digest = signing_commands.policy().sha256
    typed = {"secret": signers.SECRET, "pin": signers.PIN}
    again = {f"{name}_again": value for name, value in typed.items()}
    sent = typed | again | {"policy_sha256": digest, "acknowledge": "on"}
    assert client.post(f"{MINE}enrol/", sent).status_code == 422
    assert not SigningKey.objects.exists()


@pytest.mark.parametrize("role", ["operator", "supervisor", "system_administrator", "inspector"])
def test_the_pages_can_be_read_by_everybody(
    as_role: Any, people: dict[str, Any], role: str
) -> None:
    signers.enrol(people["operator"], by=people["supervisor"])
    signers.make_key(people["qa_reviewer"])
    client = as_role(role)
    for address in (MINE, KEYS):
        assert faults(client.get(address).content.decode()) == []


def test_home_says_what_waits_for_a_signer_and_for_the_second_person(
    people: dict[str, Any],
) -> None:
    """Given a key that waits and an alert, then those whose business it is read so at home."""
    from personnel.waiting import rows_for

    def waiting(role: str) -> str:
        return " ".join(row.sentence for row in rows_for(signers.actor(people[role])))

    assert "You have no signing key" in waiting("operator")
    signers.make_key(people["operator"])
    assert "1 signing key waits" in waiting("supervisor")
    assert "waits for a second person, who confirms" in waiting("operator")
    signing_commands.raise_alert(
        person=people["operator"].person,
        component="PIN",
        tries=3,
        actor=Actor("door", "door", "t-test2"),
    )
    for role in ("system_administrator", "qa_reviewer"):
        assert "1 alert in seven days" in waiting(role)
    assert "alert" not in waiting("operator")
