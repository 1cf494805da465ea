"""The people's pages: enrolment, roles, accounts, the access review, terminals."""

import html
import re

import pytest
from django.test import Client, override_settings

from ledger import store
from ledger.event import Refused
from ledger.models import Event
from personnel import commands, queries
from personnel.models import Account, Terminal
from tests.pages.document import faults
from tests.personnel import signers, staff
from tests.personnel.conftest import PASSWORD

DAY = "2026-03-02"


@pytest.fixture
def offices(database, fixed_clock):
    staff.offices()
    fixed_clock.advance(minutes=5)


@pytest.fixture
def enter(offices):
    def sign_in(person: str) -> Client:
        client = Client()
        client.force_login(Account.objects.get(person=person, is_active=True))
        return client

    return sign_in


def text(response) -> str:
    return html.unescape(response.content.decode())


def field(response, name: str) -> str:
    return re.search(rf'name="{name}" value="([^"]+)"', response.content.decode())[1]


def enrolled(client: Client, name: str) -> str:
    page = client.get("/people/enrol/")
    values = {"printed_name": name, "salt": field(page, "salt")}
    values["command_id"] = field(page, "command_id")
    response = client.post("/people/enrol/", values)
    assert response.status_code == 302, text(response)
    assert client.post("/people/enrol/", values).url == response.url, "sent twice, enrolled once"
    return response.url.strip("/").split("/")[-1]


def ask(client: Client, person: str, act: str, **values: str):
    return client.post(f"/people/{person}/{act}/", values)


def test_a_new_colleague_comes_in_from_page_to_ledger(enter):
    """Given an empty desk, then enrolled, seen, given a role and an account, she signs in."""
    administrator, qa = enter("p-admin"), enter("p-qaqaq")
    person = enrolled(administrator, "Ludmila Krasnova")
    assert re.fullmatch(r"p-[2-9a-z]{8}", person)
    assert ask(administrator, person, "identity", evidence="passport").status_code == 422
    page = f"/people/{person}/"
    assert "Next, a second person of a GMP role opens this page" in text(administrator.get(page))
    seen = ask(qa, person, "identity", evidence="passport", reference="HR file, tab 3")
    assert seen.status_code == 302
    assert "Next, the system administrator gives a role." in text(administrator.get(page))
    granted = ask(administrator, person, "grant", role="operator", reason="New on the team")
    assert granted.status_code == 302
    assert "Next, the system administrator opens the account." in text(administrator.get(page))
    opened = administrator.post(
        f"/people/{person}/account/",
        {
            "username": "ludmila",
            "role": "operator",
            "command_id": "0c4b2e1e-8d1f-4a5a-9c3e-3f6f0a9e1b11",
        },
    )
    assert opened.status_code == 200
    once = re.search(r'id="one-time">([^<]+)<', text(opened))[1]
    assert re.fullmatch(r"([2-9a-z]{4}-){3}[2-9a-z]{4}", once)
    client = Client()
    entered = client.post("/sign-in/", {"username": "ludmila", "password": once})
    assert entered.status_code == 302
    assert client.get("/equipment/").url.startswith("/session/password/")
    page = text(qa.get(f"/people/{person}/"))
    for shown in ("Ludmila Krasnova", "HR file, tab 3", "New on the team", "One-time password"):
        assert shown in page
    for body in Event.objects.values_list("body", flat=True):
        assert b"udmila" not in bytes(body) and once.encode() not in bytes(body)


def test_a_refused_act_stands_on_its_form_with_what_was_typed(enter):
    administrator = enter("p-admin")
    person = enrolled(administrator, "Ana Ruiz")
    ask(administrator, person, "grant", role="operator", reason="New on the team")
    response = ask(
        administrator, person, "grant", role="system_administrator", reason="Knows computers"
    )
    page = text(response)
    assert response.status_code == 422
    assert "A system administrator holds no other role" in page
    assert 'value="Knows computers"' in page
    assert faults(response.content.decode()) == []
    again = administrator.get("/people/enrol/")
    values = {"printed_name": "ana ruiz", "salt": field(again, "salt")}
    response = administrator.post("/people/enrol/", values)
    assert f"{person} has the same name" in text(response)
    assert 'value="ana ruiz"' in text(response)


@pytest.mark.parametrize("act", ["grant", "withdraw", "propose", "account", "password", "close"])
def test_r3_only_the_administrator_changes_people(enter, act):
    worker = staff.hired("p-22222", "operator")
    staff.hired("p-33333", "supervisor")
    client = enter(worker.person)
    page = text(client.get("/people/p-33333/"))
    assert "<summary>" not in page, "nothing is offered that would be refused"
    values = {"role": "operator", "reason": "Because", "until": "2026-03-20", "username": "who"}
    response = ask(client, "p-33333", act, **values)
    assert response.status_code == 422
    assert "As operator you may not do this" in text(response)


def test_the_list_shows_rights_now_and_as_they_were(enter, fixed_clock):
    staff.hired("p-22222", "operator")
    fixed_clock.advance(days=1)
    staff.grant("p-22222", "supervisor")
    staff.withdraw("p-22222", "operator")
    client = enter("p-qaqaq")

    def roles(address: str) -> str:
        page = text(client.get(address))
        return re.search(r'href="/people/p-22222/".*?</tr>', page, re.S)[0]

    assert "supervisor" in roles("/people/") and "operator" not in roles("/people/")
    then = roles(f"/people/?on={DAY}T12:00")
    assert "operator" in then and "supervisor" not in then
    assert "p-22222" not in text(client.get("/people/?on=2026-03-01T12:00"))
    assert client.get("/people/?on=yesterday").status_code == 422


def test_a_right_without_an_open_account_is_shown_as_one_on_that_date(enter, fixed_clock):
    """Given a role, an account opened a day later and closed a day after, then each date says
    whether the person could come in at all."""
    staff.enrol("p-22222")
    staff.see("p-22222")
    staff.grant("p-22222", "operator")
    client = enter("p-qaqaq")
    fixed_clock.advance(days=1)
    staff.open_account("p-22222", "operator")
    fixed_clock.advance(days=1)
    commands.close_account(account="a-22222", reason="Has left", actor=staff.ADMINISTRATOR)
    fixed_clock.advance(days=1)

    def account(day: int) -> str:
        page = text(client.get(f"/people/?on=2026-03-{day:02d}T12:00"))
        row = re.search(r'href="/people/p-22222/".*?</tr>', page, re.S)[0]
        return "open" if "Open</span>" in row else "none"

    assert [account(day) for day in (2, 3, 4)] == ["none", "open", "none"]


def test_an_inspector_is_let_in_by_two(enter, fixed_clock):
    administrator, qa = enter("p-admin"), enter("p-qaqaq")
    person = enrolled(administrator, "Emeka O.")
    proposed = ask(administrator, person, "propose", until="2026-03-06", reason="Announced")
    assert proposed.status_code == 302
    assert "Open the account" not in text(administrator.get(f"/people/{person}/"))
    assert "Countersign the inspector" in text(qa.get(f"/people/{person}/"))
    assert ask(administrator, person, "countersign").status_code == 422
    assert ask(qa, person, "countersign").status_code == 302
    (span,) = queries.current().filter(person=person)
    assert span.until.isoformat() == "2026-03-06T22:59:59+00:00", "the end of the day on site"
    assert "Open the account" in text(administrator.get(f"/people/{person}/"))


def test_a_locked_account_shows_and_is_unlocked_from_the_page(enter):
    from tests.personnel.conftest import verifier

    staff.hired("p-22222", "operator", username="maria", verifier=verifier())
    for _time in range(5):
        Client().post("/sign-in/", {"username": "maria", "password": "not hers at all"})
    administrator = enter("p-admin")
    assert "Unlock the account" in text(administrator.get("/people/p-22222/"))
    assert ask(administrator, "p-22222", "unlock").status_code == 422, "needs a reason"
    assert ask(administrator, "p-22222", "unlock", reason="Caps lock").status_code == 302
    entered = Client().post("/sign-in/", {"username": "maria", "password": PASSWORD})
    assert entered.status_code == 302


def test_the_last_password_of_a_form_sent_twice_is_not_shown_again(enter):
    administrator = enter("p-admin")
    staff.hired("p-22222", "operator")
    values = {"reason": "Forgotten", "command_id": "0c4b2e1e-8d1f-4a5a-9c3e-3f6f0a9e1b12"}
    assert ask(administrator, "p-22222", "password", **values).status_code == 200
    again = ask(administrator, "p-22222", "password", **values)
    assert again.status_code == 422
    assert "already sent" in text(again)


@pytest.fixture
def reviewer(enter):
    """Somebody of QA who can sign, and her browser."""
    account = Account.objects.get(person="p-qaqaq")
    worker = staff.hired("p-22222", "supervisor", "verifier")
    signers.enrol(account, by=Account.objects.get(person=worker.person))
    return account, enter("p-qaqaq")


def review(client: Client, account, reason: str = "Quarterly review", **changed: str):
    page = client.get("/people/review/").content.decode()
    people = re.findall(r'name="roles (\S+)" value="([^"]+)"', page)
    values = {"reason": reason}
    for person, roles in people:
        values |= {f"roles {person}": roles, f"decision {person}": "confirmed"}
    return client.post("/people/review/", values | changed | signers.fields(account))


def test_the_access_review_is_one_signed_event_that_withdraws(reviewer):
    account, client = reviewer
    response = review(client, account, **{"decision p-22222": "withdrawn"})
    assert response.status_code == 302, text(response)
    (row,) = Event.objects.filter(type="personnel.access_reviewed")
    event = store.event(row.id)
    assert (event.data.confirmed, event.data.withdrawn) == (1, 1)
    told = {one["person"]: (one["roles"], one["decision"]) for one in event.data.decisions}
    assert told["p-22222"] == ("verifier supervisor", "withdrawn")
    assert "p-qaqaq" not in told, "nobody reviews their own access"
    assert queries.roles_of("p-22222") == []
    (signature,) = Event.objects.filter(type="ledger.signature_applied")
    assert store.event(signature.id).data.meaning == "reviewed"
    assert "Access was last reviewed" in text(client.get("/people/"))


def test_the_access_review_refuses_what_is_left_out_or_has_changed(reviewer):
    account, client = reviewer
    assert "Decide for each person" in text(review(client, account, **{"decision p-22222": ""}))
    assert "Roles have changed" in text(review(client, account, **{"roles p-22222": "verifier"}))
    assert "Say why" in text(review(client, account, reason=""))
    mine = review(client, account, **{"decision p-qaqaq": "confirmed"})
    assert "Nobody reviews their own access" in text(mine)
    assert not Event.objects.filter(type="personnel.access_reviewed").exists()
    assert queries.roles_of("p-22222") == ["verifier", "supervisor"]


def at_a_terminal(enter, person: str) -> Client:
    """A browser that has been at the sign-in page, and so carries a terminal's id."""
    client = enter(person)
    client.get("/sign-in/?next=/terminals/")
    fresh = Client()
    fresh.get("/sign-in/")
    client.cookies.update(fresh.cookies)
    client.cookies["sessionid"] = client.cookies["sessionid"].value
    return client


def test_a_terminal_is_registered_where_it_stands_and_retired_with_a_reason(enter):
    client = at_a_terminal(enter, "p-admin")
    assert "Not registered" in text(client.get("/terminals/"))
    empty = client.post("/terminals/", {"name": "", "room": ""})
    assert "Give the terminal a name" in text(empty)
    made = client.post("/terminals/", {"name": "Desk 1", "room": "Office O-1"})
    assert made.status_code == 302
    row = Terminal.objects.get()
    assert (row.name, row.room) == ("Desk 1", "Office O-1")
    assert client.post("/terminals/", {"name": "Again", "room": "O-1"}).status_code == 422
    assert client.post(f"/terminals/{row.terminal}/retire/", {}).status_code == 422
    gone = client.post(f"/terminals/{row.terminal}/retire/", {"reason": "Stolen"})
    assert gone.status_code == 302
    assert queries.terminal(row.terminal) is None


def test_a_site_may_demand_registered_terminals(enter, offices):
    from tests.personnel.conftest import verifier

    staff.hired("p-22222", "operator", username="maria", verifier=verifier())
    client = Client()
    client.get("/sign-in/")
    with override_settings(LOTBOOK_TERMINALS="registered"):
        response = client.post("/sign-in/", {"username": "maria", "password": PASSWORD})
        assert response.status_code == 422
        assert "is not registered" in text(response)
        (refused,) = Event.objects.filter(type="ledger.refused")
        assert store.event(refused.id).data.code == "terminal"
        terminal = re.search(r"\((t-[a-z0-9]+)\)", text(response))[1]
        from personnel import people_commands

        people_commands.register_terminal(
            terminal=terminal, name="Tablet 1", room="Room 2", actor=staff.ADMINISTRATOR
        )
        response = client.post("/sign-in/", {"username": "maria", "password": PASSWORD})
        assert response.status_code == 302
        people_commands.retire_terminal(
            terminal=terminal, reason="Stolen", actor=staff.ADMINISTRATOR
        )
        with pytest.raises(Refused) as no:
            commands.sign_out(session="s-x", actor=commands.Actor("p-22222", "operator", terminal))
        assert no.value.code == "terminal"


@pytest.mark.parametrize(
    "address",
    ["/people/", "/people/enrol/", "/people/p-22222/", "/people/review/", "/terminals/"],
)
def test_the_pages_can_be_read_by_everybody(enter, address):
    staff.hired("p-22222", "operator")
    for person in ("p-admin", "p-qaqaq", "p-22222"):
        response = enter(person).get(address)
        assert response.status_code == 200
        assert faults(response.content.decode()) == []


@pytest.mark.parametrize("address", ["/people/p-nobody/", "/people/p-nobody/grant/"])
def test_who_is_not_there_is_not_found(enter, address):
    assert enter("p-admin").get("/people/p-nobody/").status_code == 404
    assert enter("p-admin").post("/people/p-nobody/grant/").status_code == 404
