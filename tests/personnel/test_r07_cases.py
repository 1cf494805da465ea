"""R7: the signing rules of 21 CFR 11.200 and 11.300 as a table of twelve cases, on both databases.

Each case begins with Marta signed in at her terminal, with a confirmed key and no series open.
"""

from collections.abc import Callable

import pytest
from django.test import Client

from ledger import store
from ledger.event import Actor, Refused
from ledger.models import Event
from personnel import commands, people_commands, session, signing, signing_commands
from personnel.models.signing import SigningSeries, WrappedKey
from tests.personnel import signed_page, signers
from tests.personnel.conftest import PASSWORD
from tests.personnel.signing_bench import (
    OTHER_SECRET,
    PAGE,
    Bench,
    alerts,
    made,
    refusals,
)


def all_components_first_the_private_one_after(bench: Bench) -> None:
    assert "your sign-in name and your signing secret" in bench.pin()
    assert made() == 0
    bench.begin()
    assert made() == 2


def a_wrong_secret_signs_nothing(bench: Bench) -> None:
    wrong = signers.fields(bench.marta, secret=OTHER_SECRET)
    assert "do not open your key" in bench.sign(**wrong)
    assert (made(), refusals("secret")) == (0, 1)
    assert not SigningSeries.objects.exists()
    assert bench.all_components() == "recorded"


def another_persons_components_sign_nothing_here(bench: Bench) -> None:
    signers.enrol(bench.dario, by=bench.helena, secret=OTHER_SECRET)
    bench.clock.advance(minutes=1)
    assert "do not open your key" in bench.sign(**signers.fields(bench.dario, secret=OTHER_SECRET))
    mixed = {"signing_name": "dario", "signing_secret": signers.SECRET}
    assert "do not open your key" in bench.sign(**mixed)
    assert made() == 0


def three_wrong_pins_end_the_series_with_an_alert(bench: Bench) -> None:
    bench.begin()
    assert "Tries left in this series: 2" in bench.pin("111222")
    assert "Tries left in this series: 1" in bench.pin("111223")
    third = bench.pin("111224")
    assert "Too many wrong PINs: the series is over" in third
    assert "your sign-in name and your signing secret" in third
    (alert,) = alerts()
    assert (alert.person, alert.component, alert.tries) == (bench.marta.person, "PIN", 3)
    bench.demand_all_components()


def five_wrong_secrets_stop_signing_with_an_alert(bench: Bench) -> None:
    wrong = signers.fields(bench.marta, secret=OTHER_SECRET)
    answers = [bench.sign(**wrong) for _try in range(5)]
    assert all("do not open your key" in answer for answer in answers[:4])
    assert "Signing is stopped for 15 minutes" in answers[4]
    (alert,) = alerts()
    assert (alert.component, alert.tries) == ("signing secret", 5)
    assert "Signing is stopped" in bench.all_components(), "the right one waits as well"
    assert (made(), len(alerts())) == (0, 1)
    bench.clock.advance(minutes=14)
    bench.client.get(PAGE)
    bench.clock.advance(minutes=1, seconds=1)
    assert bench.all_components() == "recorded"


def ten_idle_minutes_end_the_series(bench: Bench) -> None:
    bench.begin()
    bench.clock.advance(minutes=9)
    assert bench.pin() == "recorded"
    bench.clock.advance(minutes=10)
    bench.demand_all_components()


def a_locked_terminal_ends_the_series(bench: Bench) -> None:
    bench.begin()
    began = bench.client.session[session.SESSION]
    commands.lock_session(session=began, minutes=15, actor=bench.acting())
    assert bench.client.get(PAGE).status_code == 423
    bench.client.post("/session/unlock/", {"password": PASSWORD, "address": PAGE})
    bench.demand_all_components()


def another_terminal_needs_all_components(bench: Bench) -> None:
    bench.begin()
    elsewhere = Client()
    bench.sign_in(elsewhere)
    bench.client = elsewhere
    bench.demand_all_components()
    copied = Client()
    copied.cookies.update(elsewhere.cookies)
    copied.cookies[session.COOKIE] = "t-stole"
    bench.client = copied
    assert "your sign-in name and your signing secret" in bench.pin()


def another_role_needs_all_components(bench: Bench) -> None:
    people_commands.grant_role(
        person=bench.marta.person,
        role="verifier",
        reason="Trained as verifier",
        actor=signers.actor(bench.renata),
    )
    bench.begin()
    bench.clock.advance(seconds=20)
    bench.client.post("/session/role/", {"role": "verifier"})
    bench.demand_all_components()
    last = Event.objects.filter(type="ledger.signature_applied").latest("recorded_at")
    assert store.event(last.id).data.role == "verifier"  # type: ignore[union-attr]


def leaving_ends_the_series(bench: Bench) -> None:
    bench.begin()
    bench.client.post("/sign-out/")
    assert not SigningSeries.objects.exists()
    bench.clock.advance(minutes=1)
    bench.sign_in()
    bench.demand_all_components()


def a_withdrawn_key_signs_nothing_at_the_next_request(bench: Bench) -> None:
    bench.begin()
    signing_commands.withdraw_key(
        person=bench.marta.person, reason="Badge found outside", actor=signers.actor(bench.renata)
    )
    assert not WrappedKey.objects.filter(person=bench.marta.person).exists()
    assert "You have no signing key" in bench.pin()
    assert "You have no signing key" in bench.all_components()
    assert made() == 2


def an_administrators_reset_leads_to_no_signature_by_one_person(bench: Bench) -> None:
    """Renata gives Marta a password that Renata knows, and goes on as Marta as far as she can."""
    from django.contrib.auth.hashers import make_password

    renata = signers.actor(bench.renata)
    commands.change_password(
        account=bench.marta.pk,
        verifier=make_password("known to renata 1"),
        reason="Forgot the password",
        actor=renata,
    )
    bench.clock.advance(minutes=1)
    why = signing.hindrance(bench.marta.person)
    assert why is not None
    assert "one-time password" in str(why)
    as_marta = bench.acting()
    commands.choose_password(
        account=bench.marta.pk, verifier=make_password("known to renata 2"), actor=as_marta
    )
    assert signing.with_secret(as_marta, name="marta", secret="known to renata 2").opened is None
    signing_commands.withdraw_own_key(actor=as_marta, reason="Lost the secret")
    key = signers.make_key(bench.marta, secret=OTHER_SECRET)
    given = signing.with_secret(as_marta, name="marta", secret=OTHER_SECRET)
    assert given.opened is not None, "the administrator's own secret, in Marta's name"
    for who in (renata, as_marta, Actor(bench.renata.person, "supervisor", "t-1")):
        with pytest.raises(Refused):
            signing_commands.confirm_key(person=bench.marta.person, key=key, actor=who)
    ask = signed_page._asked[signed_page.NAME]
    with pytest.raises(Refused, match="waits for a second person"):
        ask(text="Forged.", actor=as_marta, signature=given)
    assert made() == 0
    signers.confirm(bench.marta, key, by=bench.dario)
    assert ask(text="With Dario as a witness.", actor=as_marta, signature=given)


CASES: tuple[Callable[[Bench], None], ...] = (
    all_components_first_the_private_one_after,
    a_wrong_secret_signs_nothing,
    another_persons_components_sign_nothing_here,
    three_wrong_pins_end_the_series_with_an_alert,
    five_wrong_secrets_stop_signing_with_an_alert,
    ten_idle_minutes_end_the_series,
    a_locked_terminal_ends_the_series,
    another_terminal_needs_all_components,
    another_role_needs_all_components,
    leaving_ends_the_series,
    a_withdrawn_key_signs_nothing_at_the_next_request,
    an_administrators_reset_leads_to_no_signature_by_one_person,
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_r7_signing_case(bench: Bench, case: Callable[[Bench], None]) -> None:
    """Given Marta at her terminal, then the case of the table holds."""
    case(bench)


def test_r7_the_table_has_twelve_cases() -> None:
    assert len(set(CASES)) == 12
