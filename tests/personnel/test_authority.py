"""The fact that an account is open holds from the check to the commit of what it allowed."""

from datetime import timedelta

import psycopg
import pytest
from django.db import transaction
from django.utils import timezone

from ledger.event import Actor, Refused
from ledger.ports import CommandSpec
from personnel.authority import AccountAuthority
from personnel.models import Account, RoleSpan
from personnel.roles import CONSOLE, DOOR, OPERATOR, SUPERVISOR
from tests.databases import Database

SPEC = CommandSpec("trial.weigh", (OPERATOR,), None, False)
ACTOR = Actor(person="p-7f3k2", role=OPERATOR, terminal="t-1")
CLOSE = "UPDATE personnel_account SET is_active = false WHERE person = 'p-7f3k2'"


WITHDRAW = "UPDATE personnel_role SET withdrawn_at = now() WHERE person = 'p-7f3k2'"


@pytest.fixture
def account(database: object) -> None:
    open_one()


def open_one() -> None:
    from personnel import commands

    commands.open_account(
        account="a-1",
        person="p-7f3k2",
        role=OPERATOR,
        username="marta",
        printed_name="",
        verifier="!",
        actor=commands.console(),
    )


def allow() -> None:
    AccountAuthority().allow(ACTOR, SPEC, timezone.now())


def test_a_closed_account_may_nothing(database: object, account: None) -> None:
    allow()
    Account.objects.filter(id="a-1").update(is_active=False)
    with pytest.raises(Refused, match="no open account"):
        allow()


def test_a_refusal_names_the_roles_that_people_hold(database: object, account: None) -> None:
    """Given a command for supervisors and the server's shell, then people read of supervisors."""
    spec = CommandSpec("trial.export", (SUPERVISOR, CONSOLE, DOOR), None, False)
    with pytest.raises(Refused) as no:
        AccountAuthority().allow(ACTOR, spec, timezone.now())
    assert str(no.value) == "As operator you may not do this. It takes: supervisor."


def test_r8_a_withdrawn_role_and_one_whose_time_is_over_give_nothing(
    database: object, account: None
) -> None:
    """Given a role that ended yesterday, or was withdrawn, then the command is refused."""
    span = RoleSpan.objects.get(person="p-7f3k2")
    before = {"until": span.until, "withdrawn_at": span.withdrawn_at}
    for ended in ("until", "withdrawn_at"):
        RoleSpan.objects.update(**{ended: timezone.now() - timedelta(days=1)})
        with pytest.raises(Refused, match="no open account"):
            allow()
        RoleSpan.objects.update(**before)
    allow()
    RoleSpan.objects.update(until=timezone.now() + timedelta(minutes=1))
    allow()
    RoleSpan.objects.update(until=None)


@pytest.mark.parametrize("undo", [CLOSE, WITHDRAW])
def test_nothing_is_taken_away_between_check_and_commit(
    postgres_database: Database, undo: str
) -> None:
    assert postgres_database.cluster is not None
    open_one()
    with postgres_database.cluster.admin(postgres_database.name) as other:
        other.execute("SET lock_timeout = '200ms'")
        with transaction.atomic():
            allow()
            with pytest.raises(psycopg.errors.LockNotAvailable):
                other.execute(undo)
        other.execute(undo)
    with pytest.raises(Refused, match="no open account"):
        allow()
    with postgres_database.cluster.admin(postgres_database.name) as other:
        other.execute("UPDATE personnel_role SET withdrawn_at = NULL")  # as the ledger says
