"""Opening accounts, and who may ask for what."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from ledger import command as ledger_command
from ledger import ports, store
from ledger.event import Actor, Refused
from ledger.models import Event
from ledger.ports import CommandSpec
from personnel import commands
from personnel.models import Account, AccountState
from personnel.roles import CONSOLE, DOOR, ROLES
from tests.personnel import staff
from tests.personnel.conftest import PASSWORD


def test_an_account_is_opened_and_the_ledger_knows_no_name(open_account):
    row = open_account("operator", username="maria.perez", printed_name="María Pérez")
    (event,) = store.load("account", row.pk)
    assert (event.data.person, event.data.role) == (row.person, "operator")
    assert event.actor.role == CONSOLE
    body = event.body.decode()
    for secret in ("maria", "María", "argon2", row.password):
        assert secret not in body
    assert row.check_password(PASSWORD)
    assert row.password.startswith("argon2$argon2id$")


def test_a_sign_in_name_is_never_given_twice_not_even_after_closing(open_account):
    row = open_account("operator", username="maria")
    Account.objects.filter(pk=row.pk).update(is_active=False)
    with pytest.raises(Refused) as no:
        open_account("verifier", username="maria")
    assert no.value.code == "name_taken"
    assert Account.objects.count() == 1
    opened = Event.objects.filter(type="personnel.account_opened")
    assert opened.count() == 1, "R3: no event without its account"
    assert Event.objects.filter(type="ledger.refused").count() == 1


def test_r3_only_the_administrator_and_the_console_open_accounts(database):
    staff.offices()
    staff.enrol("p-22222")
    staff.grant("p-22222", "operator")
    for role in set(ROLES) - {"system_administrator"}:
        with pytest.raises(Refused) as no:
            staff.open_account("p-22222", "operator", actor=Actor("p-aaaa2", role, "t-test2"))
        assert no.value.code == "wrong_role"
    staff.open_account("p-22222", "operator")
    assert Account.objects.get(person="p-22222").printed_name == "Some p-22222"


def test_an_account_is_opened_for_who_is_enrolled_and_in_a_role_they_hold(database):
    staff.offices()
    with pytest.raises(Refused) as no:
        staff.open_account("p-22222", "operator")
    assert no.value.code == "not_enrolled"
    staff.enrol("p-22222")
    for opener in (staff.ADMINISTRATOR, commands.console()):
        with pytest.raises(Refused) as no:
            staff.open_account("p-22222", "operator", actor=opener)
        assert no.value.code == "role_not_held"


def test_r8_one_human_with_two_accounts_is_refused(database):
    """Given a person with an open account, when a second is opened, then it is refused."""
    staff.offices()
    staff.hired("p-22222", "operator", "verifier")
    second = {"account": "a-other", "username": "another.name"}
    for opener in (staff.ADMINISTRATOR, commands.console()):
        with pytest.raises(Refused) as no:
            staff.open_account("p-22222", "verifier", actor=opener, **second)
        assert no.value.code == "second_account"
    row = Account(id="a-third", username="third", person="p-22222", role="verifier")
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)
    commands.close_account(account="a-22222", reason="New name", actor=staff.ADMINISTRATOR)
    staff.open_account("p-22222", "verifier", **second)
    assert Account.objects.filter(person="p-22222", is_active=True).count() == 1


def test_the_console_enrols_in_the_same_breath_and_keeps_duties_apart(open_account):
    row = open_account("operator")
    types = [event.type for event in store.load("person", row.person)]
    assert types == ["personnel.person_enrolled", "personnel.role_granted"]
    with pytest.raises(Refused) as no:
        open_account("system_administrator", person=row.person)
    assert no.value.code == "role_not_held"


def test_createsuperuser_goes_through_the_command_and_is_on_the_trail(database, monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    said = StringIO()
    call_command("createsuperuser", username="root.admin", interactive=False, stdout=said)
    row = Account.objects.get(username="root.admin")
    assert row.pk in said.getvalue()
    assert (row.role, row.is_staff, row.is_superuser) == ("system_administrator", True, False)
    (event,) = store.load("account", row.pk)
    assert event.type == "personnel.account_opened"
    with pytest.raises(CommandError, match="used before"):
        call_command("createsuperuser", username="root.admin", interactive=False)


def test_r3_open_account_opens_it_in_its_role_and_judges_the_password(sqlite_database, monkeypatch):
    """Given the shell of the server, when a supervisor's account is opened there, then the
    password is judged like any other and asked for twice, and the account is on the trail."""
    typed = iter(["short", "short", "dry lab 8 oranges", "dry lab 9 oranges"])
    monkeypatch.setattr("getpass.getpass", lambda _prompt: next(typed))
    wanted = {"role": "supervisor", "username": "dario", "printed_name": "Dario Contavalle"}
    with pytest.raises(CommandError, match="too short"):
        call_command("open_account", **wanted)
    with pytest.raises(CommandError, match="differ"):
        call_command("open_account", **wanted)
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "dry lab 8 oranges")
    out = StringIO()
    call_command("open_account", **wanted, interactive=False, stdout=out)
    row = Account.objects.get()
    assert out.getvalue() == f"Account {row.pk} is open for {row.person} as supervisor.\n"
    assert (row.username, row.role, row.printed_name) == ("dario", "supervisor", "Dario Contavalle")
    assert row.check_password("dry lab 8 oranges")
    (event,) = store.load("account", row.pk)
    assert (event.data.role, event.actor.role) == ("supervisor", CONSOLE)
    with pytest.raises(CommandError, match="invalid choice"):
        call_command("open_account", "--role", "console", "--username", "x")


def test_createsuperuser_refuses_a_weak_or_missing_password(sqlite_database, monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "password")
    with pytest.raises(CommandError, match="too short"):
        call_command("createsuperuser", username="root", interactive=False)
    monkeypatch.delenv("DJANGO_SUPERUSER_PASSWORD")
    with pytest.raises(CommandError, match="DJANGO_SUPERUSER_PASSWORD"):
        call_command("createsuperuser", username="root", interactive=False)
    assert not Account.objects.exists()


def test_r3_changepassword_gives_a_password_for_one_time_and_tells_none(open_account, monkeypatch):
    row = open_account("operator", username="maria")
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "dry lab 8 oranges")
    asked = {"reason": "Forgotten over the holidays", "interactive": False}
    call_command("changepassword", "maria", **asked, stdout=StringIO())
    row.refresh_from_db()
    assert row.check_password("dry lab 8 oranges")
    opened, changed = store.load("account", row.pk)
    assert (opened.type, changed.type) == (
        "personnel.account_opened",
        "personnel.one_time_password_given",
    )
    assert changed.reason == "Forgotten over the holidays"
    assert b"argon2" not in changed.body
    assert AccountState.objects.get(account=row.pk).must_change
    with pytest.raises(CommandError, match="No account"):
        call_command("changepassword", "nobody", **asked)


def test_the_authority_denies_what_no_role_was_given(open_account):
    row = open_account("operator")
    actor = Actor(row.person, "operator", "t-test2")
    nobodys = CommandSpec("test.nobodys", (), None, False)
    operators = CommandSpec("test.operators", ("operator",), None, False)
    judge = ports.authority()
    judge.allow(actor, operators, None)
    with pytest.raises(Refused):
        judge.allow(actor, nobodys, None)


def test_the_authority_denies_a_closed_account_and_a_role_not_held(open_account):
    row = open_account("operator")
    spec = CommandSpec("test.any", ROLES, None, False)
    judge = ports.authority()
    with pytest.raises(Refused) as no:
        judge.allow(Actor(row.person, "supervisor", "t-test2"), spec, None)
    assert no.value.code == "no_account"
    Account.objects.filter(pk=row.pk).update(is_active=False)
    with pytest.raises(Refused) as no:
        judge.allow(Actor(row.person, "operator", "t-test2"), spec, None)
    assert no.value.code == "no_account"


def test_r3_role_by_command_an_inspector_writes_nothing():
    """Besides coming and going, what is kept of a look at the ledger, and of copies taken."""
    theirs = {name for name, spec in ledger_command.commands().items() if "inspector" in spec.roles}
    rooms = {name for name in theirs if not name.startswith("ledger.")}
    assert rooms == {
        "batches.check_print",
        "batches.export_recall_list",
        "batches.print_record",
        "personnel.choose_password",
        "personnel.lock_session",
        "personnel.sign_in",
        "personnel.sign_out",
        "personnel.take_role",
        "personnel.unlock_session",
    }


def test_every_role_that_a_command_names_exists():
    known = {*ROLES, CONSOLE, DOOR}
    for name, spec in ledger_command.commands().items():
        assert spec.roles, f"{name} is nobody's"
        assert set(spec.roles) <= known, name


def test_pseudonyms_say_nothing_and_differ():
    made = {commands.new_id("p") for _time in range(200)}
    assert len(made) == 200
    assert all(len(one) == 10 and one.startswith("p-") for one in made)
