"""What waits for whom, as the home page asks for it."""

from datetime import timedelta

import pytest

from ledger.event import Actor
from personnel import people_commands, waiting
from tests.personnel import signers, staff

QP = Actor("p-qaqaq", "qa_reviewer", "t-office")


@pytest.fixture
def offices(sqlite_database, fixed_clock):
    staff.offices()
    staff.see("p-admin")
    fixed_clock.advance(minutes=5)


def names(actor: Actor) -> list[str]:
    return [row.name for row in waiting.rows_for(actor) if row.address.startswith("/people")]


def review_row() -> tuple[str, str] | None:
    rows = [row for row in waiting.rows_for(staff.QA) if row.name == "Access review"]
    return (rows[0].standing, rows[0].sentence) if rows else None


def test_a_locked_account_is_an_alert_for_the_administrator_and_qa(offices):
    from personnel import commands

    worker = staff.hired("p-22222", "operator")
    for n in range(5):
        commands.refuse_sign_in(
            session=f"s-{n}",
            account="a-22222",
            why="wrong password",
            actor=commands.door("t-test2"),
        )
    for actor in (staff.ADMINISTRATOR, staff.QA):
        first = waiting.rows_for(actor)[0]
        assert (first.standing, first.address) == ("bad", "/people/p-22222/")
        assert "Some p-22222 is locked" in first.sentence
    assert "Locked account" not in names(worker)


def test_identities_and_inspectors_wait_for_the_second_person(offices, fixed_clock):
    staff.enrol("p-22222")
    assert names(staff.QA) == ["Identity", "Access review"]
    assert names(staff.ADMINISTRATOR) == [], "who enrolled does not check"
    staff.see("p-22222")
    until = fixed_clock.now + timedelta(days=2)
    people_commands.propose_inspector(
        person="p-22222", until=until, reason="Announced", actor=staff.ADMINISTRATOR
    )
    assert names(staff.QA) == ["Inspector", "Access review"]
    people_commands.countersign_inspector(person="p-22222", actor=staff.QA)
    assert names(staff.QA) == ["Access review"]


def test_the_access_review_is_due_every_quarter(offices, fixed_clock):
    from personnel.models import Account

    worker = staff.hired("p-22222", "supervisor")
    account = Account.objects.get(person="p-qaqaq")
    signers.enrol(account, by=Account.objects.get(person=worker.person))
    assert "Access review" in names(staff.QA)
    people_commands.review_access(
        seen={"p-22222": ["supervisor"], "p-admin": ["system_administrator"]},
        decided={"p-22222": "confirmed", "p-admin": "confirmed"},
        reason="Quarterly review",
        signature=signers.signature(account),
        actor=staff.QA,
    )
    assert names(staff.QA) == []
    assert review_row() is None
    fixed_clock.advance(days=61)
    assert review_row() == ("info", "The review of who holds which role is due on 2026-05-31.")
    fixed_clock.advance(days=30)
    assert review_row() == ("bad", "The review of who holds which role was due on 2026-05-31.")


def test_who_cannot_sign_is_told_what_to_do_once(offices):
    staff.enrol("p-22222")
    staff.grant("p-22222", "operator")
    rows = waiting.rows_for(Actor("p-22222", "operator", "t-test2"))
    told = [row for row in rows if "identity has not been checked" in row.sentence]
    assert len(told) == 1
