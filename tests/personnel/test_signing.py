"""Signing with one's own key: the interface that every room uses, and the series (11.200)."""

import json
from typing import Any

import pytest
from django.test import Client

from ledger import store, verify
from ledger.event import Refused
from ledger.models import Event
from ledger.signature import SignatureApplied
from personnel import signing, signing_commands, signing_series
from personnel.models.signing import SigningSeries
from tests.personnel import signed_page, signers

PAGE = "/trial/"


@pytest.fixture
def signed_entry(settings: Any) -> Any:
    settings.ROOT_URLCONF = "tests.personnel.signed_page"
    with signed_page.declared() as ask:
        yield ask


@pytest.fixture
def supervisor(open_account: Any) -> Any:
    return open_account("supervisor", username="dario", printed_name="Dario C.")


@pytest.fixture
def operator(open_account: Any, supervisor: Any) -> Any:
    """Marta, who may sign: her key is enrolled and the supervisor confirmed it."""
    made = open_account("operator", username="marta", printed_name="Marta S.")
    signers.enrol(made, by=supervisor)
    return made


@pytest.fixture
def window(operator: Any, signed_entry: Any, client: Client) -> Client:
    """Marta's browser, signed in."""
    client.force_login(operator)
    return client


def sign(client: Client, **fields: str) -> Any:
    return client.post(PAGE, {"text": "Rotor wiped."} | fields)


def applied() -> list[Any]:
    rows = Event.objects.filter(type="ledger.signature_applied").order_by("recorded_at", "id")
    found = [store.event(row.id) for row in rows]
    return [event for event in found if event is not None]


def told(type: str) -> list[Any]:
    rows = Event.objects.filter(type=type).order_by("recorded_at", "id")
    return [store.event(row.id) for row in rows]


def test_r6_a_signature_is_made_by_the_persons_own_key_and_verifies_alone(
    operator: Any, signed_entry: Any
) -> None:
    """Given an enrolled operator, when a command is asked with the secret, then the signature
    holds for a verifier that knows only the public key of the enrolment."""
    outcome = signed_entry(
        text="Rotor wiped.", actor=signers.actor(operator), signature=signers.signature(operator)
    )
    signature = outcome.events[-1]
    assert isinstance(signature.data, SignatureApplied)
    assert (signature.data.printed_name, signature.data.role) == ("Marta S.", "operator")
    (enrolled,) = told("ledger.signing_key_enrolled")[:1]
    data = json.loads(signature.body)["data"]
    assert verify.signature_fault(data, json.loads(enrolled.body)["data"]) is None


def test_r7_the_first_signature_takes_all_components_and_the_next_the_pin(
    window: Client, operator: Any
) -> None:
    """Given nothing signed yet, then the page asks name and secret, and then only the PIN."""
    page = window.get(PAGE).content.decode()
    assert 'name="signing_secret"' in page
    assert 'name="signing_pin"' not in page
    assert sign(window, **signers.PIN_FIELDS).status_code == 422
    assert sign(window, **signers.fields(operator)).status_code == 200
    page = window.get(PAGE).content.decode()
    assert 'name="signing_pin"' in page
    assert 'name="signing_secret"' not in page
    assert sign(window, **signers.PIN_FIELDS).status_code == 200
    assert [one.data.signer for one in applied()] == [operator.person] * 2


def test_r7_a_refused_command_begins_no_series(window: Client, operator: Any) -> None:
    """Given the right components for a step that is not due, then nothing was signed, so the next
    signature takes all components again."""
    response = window.post(PAGE, {"text": "out of order"} | signers.fields(operator))
    assert "Another step comes first." in response.content.decode()
    assert sign(window, **signers.PIN_FIELDS).status_code == 422
    assert not applied()


def test_r7_the_copy_of_a_series_opens_by_nothing_that_the_database_holds(
    window: Client, operator: Any
) -> None:
    """Given an open series, when its cookie is missing or another's, then the PIN opens nothing."""
    sign(window, **signers.fields(operator))
    held = window.cookies[signing_series.COOKIE]
    assert held["httponly"]
    assert held["samesite"] == "Strict"
    secret = held.value
    row = SigningSeries.objects.get()
    assert secret.encode() not in bytes(row.copy)
    window.cookies[signing_series.COOKIE] = "A" * 43 + "="
    assert sign(window, **signers.PIN_FIELDS).status_code == 422
    del window.cookies[signing_series.COOKIE]
    assert sign(window, **signers.PIN_FIELDS).status_code == 422
    assert len(applied()) == 1


def test_r21_no_secret_reaches_the_ledger_or_the_page(window: Client, operator: Any) -> None:
    """Given right and wrong components, then neither they nor the PIN stand anywhere."""
    pages = [sign(window, signing_name="marta", signing_secret="my other secret 77")]
    pages += [sign(window, **signers.fields(operator)), sign(window, signing_pin="998877")]
    for body in (*Event.objects.values_list("body", flat=True), *(p.content for p in pages)):
        for typed in ("my other secret 77", signers.SECRET, "998877", signers.PIN):
            assert typed.encode() not in bytes(body)


def test_signing_without_credentials_is_refused_in_words(operator: Any, signed_entry: Any) -> None:
    """Given a view that forgot the credentials, then the command says what it needs."""
    with pytest.raises(Refused, match="needs your own signature"):
        signed_entry(text="x", actor=signers.actor(operator), signature="correct horse")
    assert repr(signing.Credentials("p-aaaa2", None)).count("p-aaaa2") == 1


@pytest.mark.parametrize("spelt", ["P1C7Q2M9X4KHABCD", "xP1cabcdefgh1+"])
def test_a_key_that_spells_a_patients_label_by_chance_is_enrolled(
    open_account: Any, spelt: str
) -> None:
    """Given a public key in whose random letters the form of a patient code stands, then it is
    enrolled: nobody wrote them."""
    marta = open_account("operator", username="marta", printed_name="Marta S.")
    key = spelt + "A" * (43 - len(spelt)) + "="
    signing_commands.enrol_key(
        key="k-000000000001",
        public_key=key,
        wrapped="nothing",
        policy_sha256=signing_commands.policy().sha256,
        actor=signers.actor(marta),
    )
    (enrolled,) = told("ledger.signing_key_enrolled")
    assert enrolled.data.public_key == key
