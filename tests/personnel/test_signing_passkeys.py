"""Passkeys: enrolment, and two phases in which the exact bytes are signed or nothing (R6, R7)."""

import html
import json
import re
from typing import Any

import pytest
from django.test import Client

from ledger import store, verify
from ledger.models import Event
from personnel.models.signing import Passkey, PreparedSignature
from tests.personnel import signed_page, signers, staff
from tests.personnel.conftest import PASSWORD
from tests.personnel.soft_passkey import PRESENT, SoftPasskey

PAGE, MINE = "/trial/", "/signing/"
COMMAND = "0190f5c2-7d1a-7c2e-8a44-3f1f6f6b2c10"


class Browser(Client):
    """A browser at the address that passkeys are bound to."""

    def generic(self, *args: Any, **kwargs: Any) -> Any:
        return super().generic(*args, **kwargs | {"SERVER_NAME": "localhost"})


@pytest.fixture(autouse=True)
def trial(database: Any, settings: Any) -> Any:
    settings.ROOT_URLCONF = "tests.personnel.signed_page"
    settings.LOTBOOK_PASSKEY_DOMAIN = "localhost"
    with signed_page.declared() as ask:
        yield ask


@pytest.fixture
def people(open_account: Any, fixed_clock: Any) -> dict[str, Any]:
    found = {
        name: open_account(role, username=name, printed_name=name.capitalize())
        for name, role in (("dario", "supervisor"), ("marta", "operator"))
    }
    signers.check_identity(found["marta"], by=found["dario"])
    fixed_clock.advance(minutes=1)
    return found


@pytest.fixture
def window(people: dict[str, Any]) -> Browser:
    browser = Browser()
    browser.force_login(people["marta"])
    return browser


def enrol(window: Browser, passkey: SoftPasskey) -> Any:
    page = window.get(MINE).content.decode()
    options = re.search(r'data-passkey-enrol="([^"]+)"', page)
    digest = re.search(r'name="policy_sha256" value="([0-9a-f]{64})"', page)
    assert options and digest
    return window.post(
        f"{MINE}passkey/",
        {
            "attestation": passkey.enrol(html.unescape(options[1])),
            "policy_sha256": digest[1],
            "acknowledge": "on",
        },
    )


@pytest.fixture
def ready(window: Browser, people: dict[str, Any]) -> SoftPasskey:
    """Marta's passkey signs: enrolled by her, confirmed by Dario."""
    passkey = SoftPasskey()
    assert enrol(window, passkey).status_code == 302
    signers.confirm(people["marta"], Passkey.objects.get().key, by=people["dario"])
    return passkey


def ask(window: Browser, text: str = "Rotor wiped.", **more: str) -> Any:
    sent = {"text": text, "command_id": COMMAND, "signing_phase": "prepare"} | more
    response = window.post(PAGE, sent)
    assert response["Content-Type"] == "application/json", response.content.decode()
    return response.json()


def send(window: Browser, asked: Any, assertion: str, text: str = "Rotor wiped.") -> str:
    sent = {
        "text": text,
        "command_id": COMMAND,
        "signing_prepared": asked["prepared"],
        "signing_assertion": assertion,
    }
    return str(window.post(PAGE, sent).content.decode())


def applied() -> list[Any]:
    rows = Event.objects.filter(type="ledger.signature_applied")
    return [store.event(row.id) for row in rows]


@pytest.mark.parametrize("kind", ["es256", "ed25519"])
def test_r6_a_passkey_signs_exactly_what_was_prepared(
    window: Browser, people: dict[str, Any], kind: str, fixed_clock: Any
) -> None:
    """Given a passkey, when its answer comes half a minute later, then the prepared bytes are
    recorded under their ids, and the signature holds for the stand-alone verifier."""
    passkey = SoftPasskey(kind=kind)
    enrol(window, passkey)
    signers.confirm(people["marta"], Passkey.objects.get().key, by=people["dario"])
    before = Event.objects.count()
    asked = ask(window)
    assert Event.objects.count() == before, "nothing is recorded before the passkey has answered"
    prepared = json.loads(PreparedSignature.objects.get().events)
    fixed_clock.advance(seconds=30)
    assert send(window, asked, passkey.sign(asked["challenge"])) == "recorded"
    (signature,) = applied()
    assert [item["event"] for item in signature.data.signed] == [prepared[0][0]]
    enrolled = Event.objects.get(type="ledger.signing_key_enrolled")
    data = [json.loads(bytes(body))["data"] for body in (signature.body, enrolled.body)]
    assert data[0]["algorithm"] == f"webauthn-{kind}"
    assert verify.signature_fault(*data) is None
    assert not PreparedSignature.objects.exists()


def test_r7_an_answer_is_used_once(window: Browser, ready: SoftPasskey) -> None:
    """Given a signature by passkey, when its answer is sent for another act, then it is refused."""
    asked = ask(window)
    answer = ready.sign(asked["challenge"])
    assert send(window, asked, answer) == "recorded"
    sent = {"signing_prepared": asked["prepared"], "signing_assertion": answer, "text": "Again."}
    again = window.post(PAGE, sent)
    assert "signed before" in again.content.decode()
    assert len(applied()) == 1


def test_r7_what_waits_lapses_after_two_minutes(
    window: Browser, ready: SoftPasskey, fixed_clock: Any
) -> None:
    asked = ask(window)
    fixed_clock.advance(minutes=2)
    assert "Too much time has passed" in send(window, asked, ready.sign(asked["challenge"]))
    assert not applied()


def test_r6_other_content_than_was_shown_is_not_recorded(
    window: Browser, ready: SoftPasskey
) -> None:
    """Given a prepared statement, when other content is sent with its answer, then it is no."""
    asked = ask(window)
    answer = send(window, asked, ready.sign(asked["challenge"]), text="Rotor replaced.")
    assert "has changed meanwhile" in answer
    assert not applied()


def test_r9_a_record_that_somebody_else_changed_is_looked_at_again(
    window: Browser, ready: SoftPasskey, people: dict[str, Any]
) -> None:
    """Given that the record moved on while the passkey was asked, then nothing is recorded."""
    from ledger.command import Act, command, commands

    @command("trial.overtake", role=("supervisor",))
    def overtake(act: Act, *, unit: str) -> None:
        from equipment.unit import LogbookEntryMade

        act.record("equipment", unit, [LogbookEntryMade(unit=unit, entry=1, text="First.")])

    asked = ask(window)
    unit = json.loads(PreparedSignature.objects.get().events)[0][2]
    try:
        overtake(unit=unit, actor=signers.actor(people["dario"]))
    finally:
        commands().pop("trial.overtake")
    answer = send(window, asked, ready.sign(asked["challenge"]))
    assert "Somebody else changed this record while you signed" in answer
    assert not applied()


@pytest.mark.parametrize(
    "spoil",
    [
        {"flags": PRESENT},
        {"origin": "http://evil.example"},
        {"domain": "evil.example"},
    ],
    ids=str,
)
def test_r7_an_answer_without_its_user_or_from_elsewhere_is_refused(
    window: Browser, ready: SoftPasskey, spoil: dict[str, Any]
) -> None:
    asked = ask(window)
    for name, value in spoil.items():
        setattr(ready, name, value)
    assert "did not sign this" in send(window, asked, ready.sign(asked["challenge"]))
    assert not applied()


def test_r7_the_answer_to_another_challenge_is_refused(window: Browser, ready: SoftPasskey) -> None:
    asked = ask(window)
    assert "did not sign this" in send(window, asked, ready.sign("A" * 43))


def test_r7_a_cloned_passkey_is_told_by_its_counter(window: Browser, ready: SoftPasskey) -> None:
    asked = ask(window)
    ready.counter = 0
    assert "counter stands still" in send(window, asked, ready.sign(asked["challenge"]))
    assert not applied()


def test_r7_another_session_cannot_answer(
    window: Browser, ready: SoftPasskey, people: dict[str, Any]
) -> None:
    asked = ask(window)
    other = Browser()
    other.force_login(people["marta"])
    assert "signed before" in send(other, asked, ready.sign(asked["challenge"]))
    assert not applied()


def test_r7_a_passkey_without_user_verification_is_not_enrolled(window: Browser) -> None:
    response = enrol(window, SoftPasskey(flags=PRESENT))
    assert response.status_code == 422
    assert "does not fit" in response.content.decode()
    assert not Passkey.objects.exists()


def test_r7_pin_and_secret_open_nothing_for_who_has_a_passkey(
    window: Browser, ready: SoftPasskey, people: dict[str, Any]
) -> None:
    page = window.get(PAGE).content.decode()
    assert "data-passkey-sign" in page
    assert 'name="signing_secret"' not in page
    response = window.post(PAGE, {"text": "x"} | signers.fields(people["marta"]))
    assert "Sign with your passkey" in response.content.decode()


def test_a_passkey_is_offered_at_its_own_address_alone(window: Browser, people: Any) -> None:
    elsewhere = Client()
    elsewhere.force_login(people["marta"])
    page = elsewhere.get(MINE).content.decode()
    assert "data-passkey-enrol" not in page
    assert "at the address localhost" in page
    assert "data-passkey-enrol" in window.get(MINE).content.decode()


def test_r7_an_old_answer_fits_no_new_statement(window: Browser, ready: SoftPasskey) -> None:
    """Given the answer to a signature that was recorded, when it is sent for a new statement that
    waits, then it is refused: it answers another challenge."""
    asked = ask(window)
    old = ready.sign(asked["challenge"])
    assert send(window, asked, old) == "recorded"
    other = "0190f5c2-7d1a-7c2e-8a44-3f1f6f6b2c11"
    again = ask(window, "Rotor replaced.", command_id=other)
    sent = {"text": "Rotor replaced.", "command_id": other, "signing_assertion": old}
    answer = window.post(PAGE, sent | {"signing_prepared": again["prepared"]})
    assert "did not sign this" in answer.content.decode()
    assert len(applied()) == 1


def test_r7_what_was_prepared_in_one_role_is_not_answered_in_another(
    ready: SoftPasskey, people: dict[str, Any], open_account: Any, fixed_clock: Any
) -> None:
    """Given a statement prepared as operator, when its person goes on as verifier before the
    passkey answers, then nothing is recorded in either role."""
    renata = open_account("system_administrator", username="renata", printed_name="Renata")
    staff.grant(people["marta"].person, "verifier", actor=signers.actor(renata))
    browser = Browser()
    browser.post("/sign-in/", {"username": "marta", "password": PASSWORD})
    asked = ask(browser)
    fixed_clock.advance(seconds=20)
    assert browser.post("/session/role/", {"role": "verifier"}).status_code == 302
    assert "signed before" in send(browser, asked, ready.sign(asked["challenge"]))
    assert not applied()
