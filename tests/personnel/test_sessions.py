"""Sessions: one terminal, one role at a time, the idle lock, lock-out, the first password."""

import html
import json
import re

import pytest
from django.test import Client, override_settings
from django.urls import reverse

from ledger import store
from ledger.event import Actor, Refused
from ledger.models import Event
from personnel import commands, queries
from personnel.models import AccountState, SessionRow
from tests.personnel import staff
from tests.personnel.conftest import PASSWORD, verifier

SIGN_IN, HOME, UNIT = "/sign-in/", "/equipment/", "/equipment/CF-02/"


def events(type: str) -> list:
    rows = Event.objects.filter(type=f"personnel.{type}").order_by("recorded_at", "id")
    return [store.event(row.id) for row in rows]


@pytest.fixture
def maria(database, fixed_clock):
    """Maria may act as operator and as supervisor; her password is her own."""
    staff.offices()
    actor = staff.hired("p-22222", "operator", "supervisor", username="maria", verifier=verifier())
    commands.choose_password(account="a-22222", verifier=verifier(), actor=actor)
    fixed_clock.advance(minutes=1)
    return actor


def sign_in(client: Client, **fields: str):
    return client.post(SIGN_IN, {"username": "maria", "password": PASSWORD} | fields)


def test_who_holds_several_roles_says_which_one_the_session_acts_in(maria, client):
    response = sign_in(client, next=HOME)
    assert response.url == f"{reverse('personnel:role')}?next=%2Fequipment%2F"
    page = client.get(response.url).content.decode()
    assert "Act as supervisor" in page
    assert "Go on as operator" in page
    response = client.post(response.url, {"role": "supervisor", "next": HOME})
    assert (response.status_code, response.url) == (302, HOME)
    (taken,) = events("role_taken")
    assert (taken.data.old, taken.data.new) == ("operator", "supervisor")
    assert taken.actor.role == "supervisor"
    values = {"unit": "CF-02", "label": "C", "unit_class": "centrifuge", "location": "R 1"}
    assert client.post("/equipment/register/", values).status_code == 302, "as supervisor she may"
    (registered,) = store.load("equipment", "CF-02")
    assert registered.actor.role == "supervisor"
    assert "<span>supervisor</span>" in client.get(HOME).content.decode()


@pytest.mark.parametrize("role", ["qa_reviewer", "system_administrator", "emperor"])
def test_nobody_acts_in_a_role_not_held(maria, client, role):
    sign_in(client)
    client.post(reverse("personnel:role"), {"role": role})
    assert not events("role_taken")
    assert SessionRow.objects.get(ended_at=None).role == "operator"


def test_a_second_sign_in_ends_the_first_session_and_says_so(maria):
    office, floor = Client(), Client()
    sign_in(office)
    assert office.get(HOME).status_code == 200
    sign_in(floor)
    response = office.get(HOME)
    assert response.url == f"{SIGN_IN}?next=%2Fequipment%2F"
    assert "You signed in at another terminal" in office.get(response.url).content.decode()
    assert floor.get(HOME).status_code == 200
    (ended,) = events("session_ended")
    assert ended.data.why == "signed in at another terminal"
    response = office.post("/equipment/register/", {"unit": "X-1"})
    assert response.status_code == 302
    assert not Event.objects.filter(stream_type="equipment").exists()


def test_a_page_that_reads_itself_again_is_sent_to_the_door_once_the_session_ended(maria):
    office, floor = Client(), Client()
    sign_in(office)
    sign_in(floor)
    response = office.get("/ledger/", headers={"HX-Request": "true"})
    assert (response.status_code, response["HX-Redirect"]) == (204, SIGN_IN)


def test_what_was_sent_after_the_session_ended_leads_back_to_its_page(maria):
    """Given a session that ended elsewhere, when an entry is sent, then the door leads back."""
    office, floor = Client(), Client()
    sign_in(office)
    sign_in(floor)
    page = office.post("/equipment/CF-02/entries/", {"text": "Spun"}, follow=True)
    assert page.redirect_chain == [(f"{SIGN_IN}?next=%2Fequipment%2FCF-02%2F", 302)]
    assert "What you just sent was not recorded." in page.content.decode()


def test_a_closed_account_is_out_at_once(maria, client):
    sign_in(client)
    commands.close_account(account="a-22222", reason="Has left", actor=staff.ADMINISTRATOR)
    assert client.get(HOME).status_code == 302
    (closed,) = events("account_closed")
    (ended,) = events("session_ended")
    assert (closed.reason, ended.data.why) == ("Has left", "account closed")
    assert sign_in(client).status_code == 422
    with pytest.raises(Refused, match="what is closed stays so"):
        commands.close_account(account="a-22222", reason="Twice", actor=staff.ADMINISTRATOR)
    assert AccountState.objects.filter(account="a-22222").exists(), "closing deletes nothing"


def idle(fixed_clock, minutes: int = 15) -> None:
    fixed_clock.advance(minutes=minutes)


def test_p11_10g_who_holds_no_role_any_more_reads_nothing_on_in_an_open_session(maria, client):
    """Given Maria reads, when her last role is withdrawn, then her stay ends on the trail, and her
    next page is the door, which says why; one role less of two ends nothing."""
    sign_in(client)
    staff.withdraw("p-22222", "supervisor")
    assert client.get(HOME).status_code == 200
    staff.withdraw("p-22222", "operator")
    (ended,) = events("session_ended")
    assert ended.data.why == "no role held any more"
    response = client.get(HOME)
    assert response.url == f"{SIGN_IN}?next=%2Fequipment%2F"
    assert "You hold no role any more" in client.get(response.url).content.decode()


def test_p11_10g_an_inspectors_open_session_ends_with_the_time_that_was_countersigned(
    maria, client, fixed_clock
):
    """Given an inspector who reads on day after day without a pause, then the last day is the last
    day."""
    staff.let_in("p-33333")
    staff.open_account("p-33333", "inspector", username="emeka", verifier=verifier())
    emeka = Actor("p-33333", "inspector", "t-test2")
    commands.choose_password(account="a-33333", verifier=verifier(), actor=emeka)
    sign_in(client, username="emeka")
    assert client.get(HOME).status_code == 200
    fixed_clock.advance(days=81)
    response = client.get(HOME)
    assert "You hold no role any more" in client.get(response.url).content.decode()


def test_an_idle_session_locks_once_and_the_same_person_opens_it(maria, client, fixed_clock):
    sign_in(client)
    idle(fixed_clock, 14)
    assert client.get(HOME).status_code == 200
    idle(fixed_clock)
    for _time in range(3):
        response = client.get(HOME)
        assert response.status_code == 423
        assert "This session is locked" in response.content.decode()
        assert "Whole trail" not in response.content.decode()
    (locked,) = events("session_locked")
    assert locked.data.minutes == 15
    answer = client.post("/session/unlock/", {"password": PASSWORD, "address": HOME})
    assert (answer.status_code, answer.url) == (302, HOME)
    assert client.get(HOME).status_code == 200
    assert len(events("session_unlocked")) == 1


def test_nothing_typed_is_lost_when_the_lock_comes_first(maria, client, fixed_clock):
    """Given an entry sent too late, when the password follows, then it is there to be sent."""
    sign_in(client)
    client.post(reverse("personnel:role"), {"role": "supervisor"})
    idle(fixed_clock)
    typed = {
        "spin_speed": "300 g",
        "unit": "CF-02",
        "label": "Öfen & <b>",
        "unit_class": "centrifuge",
        "location": "R 1",
    }
    response = client.post("/equipment/register/", typed | {"signing_pin": "123456"})
    assert response.status_code == 423
    page = response.content.decode()
    kept = html.unescape(re.search(r'name="carried" value="([^"]*)"', page)[1])
    assert dict(json.loads(kept)) == typed, "secrets are not carried"
    answer = client.post(
        "/session/unlock/",
        {"password": PASSWORD, "address": "/equipment/register/", "carried": kept},
    )
    page = answer.content.decode()
    assert 'value="Öfen &amp; &lt;b&gt;"' in page
    assert not Event.objects.filter(stream_type="equipment").exists(), "it is sent by the person"
    fields = dict(re.findall(r'type="hidden" name="([a-z_]+)" value="([^"]*)"', page))
    fields = {name: html.unescape(value) for name, value in fields.items() if name in typed}
    assert client.post("/equipment/register/", fields).status_code == 302


def test_another_persons_password_does_not_unlock(maria, client, fixed_clock):
    staff.hired("p-33333", "operator", username="pedro")
    sign_in(client)
    idle(fixed_clock)
    client.get(HOME)
    answer = client.post("/session/unlock/", {"password": "not hers at all", "address": HOME})
    assert answer.status_code == 422
    assert "This is not the password of Some p-22222" in answer.content.decode()
    assert client.get(HOME).status_code == 423
    assert events("sign_in_refused")[0].data.why == "wrong password"


def test_wrong_passwords_at_the_lock_count_towards_the_lock_out(maria, client, fixed_clock):
    sign_in(client)
    idle(fixed_clock)
    for _time in range(5):
        client.post("/session/unlock/", {"password": "not hers at all"})
    assert len(events("account_locked")) == 1
    answer = client.post("/session/unlock/", {"password": PASSWORD})
    assert "locked after wrong passwords" in answer.content.decode()


def test_the_person_cannot_lengthen_the_idle_time(maria, client, fixed_clock):
    """What a page does by itself is no touch, nor is what a program reads."""
    sign_in(client)
    for _time in range(3):
        fixed_clock.advance(minutes=5)
        client.get("/ledger/", headers={"HX-Request": "true"})
        client.get("/api/ledger/health/")
    assert client.get("/api/ledger/health/").status_code == 423
    response = client.get("/ledger/", headers={"HX-Request": "true"})
    assert (response.status_code, response["HX-Trigger"]) == (204, "lotbook-locked")


def test_typing_keeps_the_session_open(maria, client, fixed_clock):
    sign_in(client)
    for _time in range(4):
        fixed_clock.advance(minutes=10)
        assert client.post("/session/still-here/").status_code == 204
    assert client.get(HOME).status_code == 200


@pytest.mark.parametrize("address", ["https://evil.example/", "//evil.example", "javascript:x"])
def test_the_lock_leads_nowhere_else(maria, client, address):
    sign_in(client)
    assert client.post("/session/unlock/", {"password": PASSWORD, "address": address}).url == "/"
    page = client.get(reverse("personnel:role"), {"next": address}).content.decode()
    assert "evil" not in page and "javascript:x" not in page


def wrong(client: Client, times: int) -> None:
    for _time in range(times):
        assert sign_in(client, password="not hers at all").status_code == 422


def test_five_wrong_passwords_lock_the_account_and_raise_an_alert(maria, client, fixed_clock):
    wrong(client, 4)
    assert not events("account_locked")
    wrong(client, 1)
    (locked,) = events("account_locked")
    assert (locked.data.account, locked.data.failures) == ("a-22222", 5)
    assert [state.account for state in queries.locked()] == ["a-22222"]
    assert sign_in(client).status_code == 422, "the right password does not open it either"
    before = Event.objects.count()
    for _time in range(20):
        assert sign_in(client).status_code == 422
    assert Event.objects.count() == before, "who hammers at the door cannot fill the ledger"
    assert len(events("locked_account_tried")) == 1
    fixed_clock.advance(minutes=15)
    assert sign_in(client).status_code == 302, "after a quarter of an hour it opens by itself"


def test_wrong_passwords_long_ago_or_before_a_right_one_do_not_count(maria, client, fixed_clock):
    wrong(client, 4)
    fixed_clock.advance(minutes=16)
    wrong(client, 4)
    assert sign_in(client).status_code == 302
    client.post("/sign-out/")
    fixed_clock.advance(seconds=1)
    wrong(client, 4)
    assert not events("account_locked")


def test_the_administrator_unlocks_with_a_reason(maria, client, fixed_clock):
    wrong(client, 5)
    fixed_clock.advance(seconds=1)
    with pytest.raises(Refused):
        commands.unlock_account(account="a-22222", actor=staff.ADMINISTRATOR)
    commands.unlock_account(
        account="a-22222", reason="She had the caps lock on", actor=staff.ADMINISTRATOR
    )
    fixed_clock.advance(seconds=1)
    wrong(client, 4)
    assert sign_in(client).status_code == 302
    with pytest.raises(Refused, match="not locked"):
        commands.unlock_account(account="a-22222", reason="Again", actor=staff.ADMINISTRATOR)


def test_who_signs_in_where_somebody_is_signed_in_ends_that_session(maria, client):
    staff.hired("p-33333", "operator", username="pedro", verifier=verifier())
    sign_in(client)
    sign_in(client, username="pedro")
    (left,) = events("signed_out")
    assert left.actor.person == "p-22222"
    assert [row.person for row in SessionRow.objects.filter(ended_at=None)] == ["p-33333"]


def test_a_name_that_is_nobodys_locks_nothing(maria, client):
    for _time in range(7):
        sign_in(client, username="nobody.at.all")
    assert not events("account_locked")
    assert not events("locked_account_tried")


def test_p11_200_a_one_time_password_is_changed_before_anything_else(maria, client):
    commands.change_password(
        account="a-22222", verifier=verifier(), reason="Forgotten", actor=staff.ADMINISTRATOR
    )
    sign_in(client)
    response = client.get(HOME)
    assert response.url == "/session/password/?next=%2Fequipment%2F"
    page = client.get(response.url).content.decode()
    assert "You came in with a password for one time" in page
    new = "nine blue flasks on ice"
    bad = {"old": PASSWORD, "new": PASSWORD, "again": PASSWORD}
    assert client.post("/session/password/", bad).status_code == 422
    assert client.get(HOME).status_code == 302, "still before anything else"
    good = {"old": PASSWORD, "new": new, "again": new, "next": HOME}
    assert client.post("/session/password/", good).url == HOME
    assert client.get(HOME).status_code == 200
    second = events("password_changed")[-1]
    assert second.actor.person == "p-22222"
    assert queries.may_sign("p-22222") == ""
    client.post("/sign-out/")
    assert sign_in(client).status_code == 422
    assert sign_in(client, password=new).status_code == 302


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"old": "wrong wrong wrong"}, "This is not your password until now."),
        ({"again": "another one, longer"}, "The two new passwords differ."),
        ({"new": "short", "again": "short"}, "too short"),
    ],
)
def test_a_password_is_not_changed_by_a_wrong_form(maria, client, fields, sentence):
    sign_in(client)
    good = {"old": PASSWORD, "new": "nine blue flasks on ice", "again": "nine blue flasks on ice"}
    response = client.post("/session/password/", good | fields)
    assert response.status_code == 422
    assert sentence in html.unescape(response.content.decode())
    assert len(events("password_changed")) == 1


@override_settings(DEMO=True)
def test_a_demo_person_unlocks_by_a_click(maria, client, fixed_clock):
    staff.grant("p-22222", "verifier")
    commands.close_account(account="a-22222", reason="For the test", actor=staff.ADMINISTRATOR)
    demo = {"account": "a-demo2", "username": "demo", "is_demo": True, "verifier": "!"}
    staff.open_account("p-22222", "verifier", **demo)
    client.post("/sign-in/demo/", {"account": "a-demo2"})
    idle(fixed_clock)
    assert "one click unlocks" in client.get(HOME).content.decode()
    assert client.post("/session/unlock/", {"address": HOME}).url == HOME


def test_who_holds_no_role_is_told_so_at_the_door(maria, client):
    staff.withdraw("p-22222", "operator")
    staff.withdraw("p-22222", "supervisor")
    response = sign_in(client)
    assert "You hold no role now" in response.content.decode()
    assert events("sign_in_refused")[-1].data.why == "no role held"


def test_who_is_closed_out_while_signed_in_reads_why(maria, client):
    """Given Maria at a page, when her account is closed and she sends what she typed, then the
    door says why, and that it was not recorded."""
    sign_in(client)
    asked = {"account": "a-22222", "reason": "Left the house"}
    commands.close_account(**asked, actor=Actor("p-admin", "system_administrator", "t-1"))
    response = client.post(f"{UNIT}entries/", {"text": "Rotor wiped"}, follow=True)
    page = html.unescape(response.content.decode())
    assert "Your account was closed. Ask the system administrator." in page
    assert "What you just sent was not recorded." in page
    assert client.get(SIGN_IN).status_code == 200
