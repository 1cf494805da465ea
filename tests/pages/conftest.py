"""A laboratory with a short history, and people who may look at it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

PEOPLE = {
    "operator": ("p-aaaa2", "Ada Lovel"),
    "supervisor": ("p-bbbb3", "Bruno Kessel"),
    "inspector": ("p-eeee6", "Elena Inspe"),
    "system_administrator": ("p-gggg8", "Gil Admin"),
}


def person(role: str) -> Any:
    from ledger.event import Actor

    return Actor(person=PEOPLE[role][0], role=role, terminal="t-test2")


@pytest.fixture
def people(sqlite_database: Any) -> None:
    """An open account for each role that the pages are tried in."""
    _open_accounts()


def _open_accounts() -> None:
    from django.contrib.auth.hashers import make_password

    from personnel import commands as personnel
    from tests.personnel import staff

    for role, (pseudonym, name) in PEOPLE.items():
        staff.at_the_console(
            account=pseudonym.replace("p-", "a-"),
            person=pseudonym,
            role=role,
            username=role,
            printed_name=name,
            verifier=make_password(None),
            actor=personnel.console(),
        )


def tell() -> dict[str, Any]:
    """CF-02 is registered, written about, corrected and moved; one attempt is refused."""
    from equipment import commands
    from ledger.event import Refused

    made = {}
    made["registered"] = commands.register(
        unit="CF-02",
        label="Cell centrifuge",
        unit_class="centrifuge",
        location="Room 2",
        actor=person("supervisor"),
    ).events[0]
    made["entry"] = commands.make_entry(
        unit="CF-02", text="Spun <b>300 g</b>", actor=person("operator")
    ).events[0]
    made["corrected"] = commands.correct_entry(
        unit="CF-02",
        entry=1,
        text="Spun 400 g",
        reason="Misread the display",
        actor=person("operator"),
    ).events[0]
    made["moved"] = commands.move(
        unit="CF-02",
        location="Room 3",
        reason="Calibration overdue there",
        actor=person("supervisor"),
    ).events[0]
    with pytest.raises(Refused):
        commands.make_entry(unit="CF-77", text="Nothing there", actor=person("operator"))
    return made


@pytest.fixture
def history(people: None) -> dict[str, Any]:
    """The laboratory's events by what they are."""
    return tell()


@pytest.fixture
def history_on_both(database: Any) -> dict[str, Any]:
    """The same on each database in turn."""
    _open_accounts()
    return tell()


@pytest.fixture
def as_role(client: Client) -> Callable[[str], Client]:
    """Signs somebody of that role in."""

    def enter(role: str) -> Client:
        from personnel.models import Account

        client.force_login(Account.objects.get(role=role))
        return client

    return enter
