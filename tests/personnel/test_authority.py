"""The fact that an account is open holds from the check to the commit of what it allowed."""

import psycopg
import pytest
from django.db import transaction
from django.utils import timezone

from ledger.event import Actor, Refused
from ledger.ports import CommandSpec
from personnel.authority import AccountAuthority
from personnel.models import Account
from personnel.roles import CONSOLE, DOOR, OPERATOR, SUPERVISOR
from tests.databases import Database

SPEC = CommandSpec("trial.weigh", (OPERATOR,), None, False)
ACTOR = Actor(person="p-7f3k2", role=OPERATOR, terminal="t-1")
CLOSE = "UPDATE personnel_account SET is_active = false WHERE person = 'p-7f3k2'"


@pytest.fixture
def account() -> None:
    Account.objects.bulk_create(
        [Account(id="a-1", username="marta", person="p-7f3k2", role=OPERATOR)]
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


def test_an_account_cannot_be_closed_between_check_and_commit(
    postgres_database: Database, account: None
) -> None:
    assert postgres_database.cluster is not None
    with postgres_database.cluster.admin(postgres_database.name) as other:
        other.execute("SET lock_timeout = '200ms'")
        with transaction.atomic():
            allow()
            with pytest.raises(psycopg.errors.LockNotAvailable):
                other.execute(CLOSE)
        other.execute(CLOSE)
    with pytest.raises(Refused, match="no open account"):
        allow()
