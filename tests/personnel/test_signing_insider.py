"""A hostile insider at the signing: each attack ends in a refusal and no signature (R7, 11.300).

Each begins with Marta signed in at her terminal, with a confirmed key and no series open.
"""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.db import connections
from django.test import Client
from django.urls import reverse

from ledger.event import Actor, Refused
from ledger.export import Filter, export_bundle
from ledger.models import Event
from ledger.verify import verify_bundle
from personnel import commands, people_commands, session, signing_commands
from personnel.models import AccountState, SessionRow
from personnel.models.signing import SigningSeries
from personnel.signing_series import COOKIE
from tests.personnel import signed_page, signers, staff
from tests.personnel.conftest import PASSWORD
from tests.personnel.signing_bench import (
    OTHER_SECRET,
    PAGE,
    Bench,
    alerts,
    made,
    refusals,
)

ALL = "your sign-in name and your signing secret"
POLL = {"HX-Request": "true"}


def invented(name: str, bench: Bench) -> Actor:
    """Renata enrols somebody who does not exist, with an account that she alone opens."""
    renata, person = signers.actor(bench.renata), f"p-{name}"
    people_commands.enrol(
        person=person, printed_name=name, salt="salt of a test, long", actor=renata
    )
    staff.grant(person, "qa_reviewer", actor=renata)
    staff.open_account(person, "qa_reviewer", username=name, actor=renata)
    own = Actor(person, "qa_reviewer", "t-test2")
    commands.choose_password(account=f"a-{name}", verifier=make_password("renata's"), actor=own)
    return own


def test_r7_an_administrator_invents_nobody_who_confirms_a_key(bench: Bench) -> None:
    """Given two people whom the administrator invented, then neither vouches for the other, and
    neither confirms the key that she made in Marta's name."""
    first, second = invented("nemo2", bench), invented("nemo3", bench)
    for checker, other in ((first, second), (second, first)):
        with pytest.raises(Refused, match="Your own identity has not been checked"):
            staff.see(other.person, actor=checker)
    marta = bench.acting()
    commands.change_password(
        account=bench.marta.pk,
        verifier=make_password("known to renata 1"),
        reason="Forgot the password",
        actor=signers.actor(bench.renata),
    )
    commands.choose_password(
        account=bench.marta.pk, verifier=make_password("known to renata 2"), actor=marta
    )
    signing_commands.withdraw_own_key(actor=marta, reason="Lost the secret")
    key = signers.make_key(bench.marta, secret=OTHER_SECRET)
    for nobody in (first, second):
        with pytest.raises(Refused, match="Your own identity has not been checked"):
            signing_commands.confirm_key(person=bench.marta.person, key=key, actor=nobody)
    assert made() == 0


def taken_over(account: Any, bench: Bench) -> Actor:
    """Renata gives an account a password that she knows, and goes on as its owner."""
    own = signers.actor(account)
    commands.change_password(
        account=account.pk,
        verifier=make_password("known to renata 1"),
        reason="Forgot the password",
        actor=signers.actor(bench.renata),
    )
    bench.clock.advance(minutes=1)
    commands.choose_password(
        account=account.pk, verifier=make_password("known to renata 2"), actor=own
    )
    return own


def test_r7_an_administrator_who_resets_two_passwords_signs_as_neither(bench: Bench) -> None:
    """Given Marta's and Helena's passwords reset by Renata, then Renata in Helena's name confirms
    no key that she made in Marta's; Helena does, once she has signed with her own."""
    signers.enrol(bench.helena, by=bench.dario, secret=OTHER_SECRET)
    bench.clock.advance(minutes=1)
    marta, helena = taken_over(bench.marta, bench), taken_over(bench.helena, bench)
    signing_commands.withdraw_own_key(actor=marta, reason="Lost the secret")
    key = signers.make_key(bench.marta, secret=OTHER_SECRET)
    with pytest.raises(Refused, match="An administrator gave you your password"):
        signing_commands.confirm_key(person=bench.marta.person, key=key, actor=helena)
    assert made() == 0
    ask = signed_page._asked[signed_page.NAME]
    given = signers.signature(bench.helena, secret=OTHER_SECRET)
    ask(text="It is me.", actor=helena, signature=given)
    bench.clock.advance(minutes=1)
    signing_commands.confirm_key(person=bench.marta.person, key=key, actor=helena)


def test_r7_nobody_at_the_door_stops_the_signing_of_who_is_in(bench: Bench) -> None:
    """Given a stranger who locks Marta's account by wrong passwords while she works, then the
    account is locked at the door, and she goes on signing."""
    bench.begin()
    for _guess in range(5):
        Client().post("/sign-in/", {"username": "marta", "password": "wrong"})
    standing = AccountState.objects.get(account=bench.marta.pk)
    assert standing.locked_until is not None
    assert bench.pin() == "recorded"
    assert bench.all_components() == "recorded"


def test_r7_a_stolen_series_cookie_opens_nothing_elsewhere(bench: Bench) -> None:
    """Given the cookie of Marta's series and her PIN, then neither a browser without her session,
    nor Dario's session, nor a new session of hers signs with them."""
    bench.begin()
    stolen = bench.client.cookies[COOKIE].value
    nobody = Client()
    nobody.cookies[COOKIE] = stolen
    assert nobody.post(PAGE, {"text": "x"} | signers.PIN_FIELDS).status_code == 302
    signers.enrol(bench.dario, by=bench.helena, secret=OTHER_SECRET)
    dario = Client()
    dario.force_login(bench.dario)
    dario.cookies[COOKIE] = stolen
    answer = dario.post(PAGE, {"text": "x"} | signers.PIN_FIELDS).content.decode()
    assert ALL in answer
    again = Client()
    bench.sign_in(again)
    again.cookies[COOKIE] = stolen
    bench.client = again
    assert ALL in bench.pin()
    assert made() == 2


def test_r7_the_series_cookie_is_out_of_reach_of_scripts_and_other_sites(bench: Bench) -> None:
    assert bench.all_components() == "recorded"
    cookie = bench.client.cookies[COOKIE]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Strict"
    assert not cookie["max-age"], "it goes with the browser"


def test_r7_two_tabs_are_one_terminal_in_one_role(bench: Bench) -> None:
    """Given two tabs, then both sign in the series; a role taken in one ends it in the other,
    whose stale page signs nothing in the old role."""
    staff.grant(bench.marta.person, "verifier", actor=signers.actor(bench.renata))
    tab = Client()
    tab.cookies = bench.client.cookies  # a browser's tabs share its cookies
    bench.begin()
    fields = {"text": "From the other tab."}
    assert tab.post(PAGE, fields | signers.PIN_FIELDS).content == b"recorded"
    bench.clock.advance(seconds=20)
    bench.client.post("/session/role/", {"role": "verifier"})
    assert ALL in tab.post(PAGE, fields | signers.PIN_FIELDS).content.decode()
    assert made() == 3


def test_r7_a_role_that_was_withdrawn_signs_nothing(bench: Bench) -> None:
    """Given a series, when the role that it runs in is withdrawn, then the next PIN and even all
    components are refused."""
    bench.begin()
    staff.grant(bench.marta.person, "verifier", actor=signers.actor(bench.renata))
    staff.withdraw(bench.marta.person, "operator", actor=signers.actor(bench.renata))
    for fields in (signers.PIN_FIELDS, signers.fields(bench.marta)):
        assert "recorded" not in bench.sign(**fields)
    assert made() == 2
    assert refusals("no_account") == 2


def test_r7_pins_guessed_all_at_once_are_counted_all_the_same(bench: Bench) -> None:
    """Given a series, when eight PINs are tried at one moment, then three are looked at, the
    series is over, and security is told."""
    bench.begin()
    gate = Barrier(8)
    cookies = {name: morsel.value for name, morsel in bench.client.cookies.items()}

    def guess(number: int) -> str:
        client = Client()
        for name, value in cookies.items():
            client.cookies[name] = value
        gate.wait()
        try:
            fields = {"text": "x", "signing_pin": f"31{number}159"}
            return str(client.post(PAGE, fields).content.decode())
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(guess, range(8)))
    assert sum("This PIN does not open your key" in answer for answer in answers) <= 2
    assert not SigningSeries.objects.exists()
    assert alerts()
    assert {alert.component for alert in alerts()} == {"PIN"}
    assert made() == 2
    bench.demand_all_components()


def test_r7_a_session_planted_before_the_sign_in_is_worth_nothing_after_it(bench: Bench) -> None:
    """Given a browser whose session somebody else has chosen, when Marta signs in there, then her
    session has another key, and whoever knows the planted one is nobody."""
    planted = Client()
    planted.get("/sign-in/")
    planted.session.save()
    known = planted.session.session_key
    victim = Client()
    victim.cookies["sessionid"] = known
    bench.sign_in(victim)
    assert victim.cookies["sessionid"].value != known
    thief = Client()
    thief.cookies["sessionid"] = known
    assert thief.get(PAGE).status_code == 302


@pytest.mark.parametrize(
    "headers",
    [POLL, {"Sec-Fetch-Mode": "cors"}, {"Sec-Fetch-Mode": "no-cors"}, {"Sec-Fetch-Mode": "x"}],
    ids=str,
)
def test_r7_a_page_that_reads_by_itself_keeps_no_session_awake(
    bench: Bench, headers: dict[str, str]
) -> None:
    """Given a page that asks every minute by itself, then after a quarter of an hour without a
    touch the session is locked, and the series is over."""
    bench.begin()
    statuses = []
    for _minute in range(16):
        bench.clock.advance(minutes=1)
        statuses.append(bench.client.get(reverse("ledger:health"), headers=headers).status_code)
    assert statuses[:13] == [200] * 13
    assert statuses[-1] in {204, 423}
    assert SessionRow.objects.get(ended_at=None).locked_at is not None
    assert not SigningSeries.objects.exists()


def test_r7_two_sign_ins_at_one_moment_leave_one_session(bench: Bench) -> None:
    """Given Marta's name and password at six terminals at one moment, then one session lives, the
    other five are told why they ended, and only one of the browsers is in."""
    browsers, gate = [Client() for _terminal in range(6)], Barrier(6)

    def enter(browser: Client) -> int:
        gate.wait()
        try:
            sent = {"username": "marta", "password": PASSWORD, "next": PAGE}
            return browser.post("/sign-in/", sent).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        entered = list(pool.map(enter, browsers))
    assert set(entered) <= {302, 422}, "in, or told that others were faster"
    assert SessionRow.objects.filter(person=bench.marta.person, ended_at=None).count() == 1
    inside = [browser for browser in browsers if browser.get(PAGE).status_code == 200]
    assert len(inside) == 1
    began = Event.objects.filter(type="personnel.signed_in").count()
    ended = Event.objects.filter(type="personnel.session_ended").count()
    assert began - ended == 1
    assert inside[0].session[session.SESSION] == SessionRow.objects.get(ended_at=None).session


def test_r7_a_withdrawal_and_signatures_at_one_moment_leave_none_after_it(
    bench: Bench, seal: Any, tmp_path: Path
) -> None:
    """Given five signatures under way when the key is withdrawn, then each is before the
    withdrawal in the log or refused, and the exported bundle verifies."""
    ask, gate = signed_page._asked[signed_page.NAME], Barrier(6)
    given = [signers.signature(bench.marta) for _number in range(5)]

    def sign(number: int) -> str:
        gate.wait()
        try:
            ask(text=f"Entry {number}.", actor=bench.acting(), signature=given[number])
        except Refused as refused:
            return refused.code
        finally:
            connections.close_all()
        return "signed"

    def withdraw() -> str:
        gate.wait()
        try:
            signing_commands.withdraw_key(
                person=bench.marta.person,
                reason="Badge found outside",
                actor=signers.actor(bench.renata),
            )
        finally:
            connections.close_all()
        return "withdrawn"

    with ThreadPoolExecutor(6) as pool:
        ended = pool.submit(withdraw)
        answers = list(pool.map(sign, range(5)))
    assert ended.result() == "withdrawn"
    assert set(answers) <= {"signed", "no_key"}
    assert answers.count("signed") == made()
    seal()
    export_bundle(tmp_path / "bundle.zip", Filter())
    report = verify_bundle(str(tmp_path / "bundle.zip"))
    assert report.verdict == "verified", report.text()
    assert f"{made()} signatures of people hold" in report.text()
