"""People and a unit for the equipment room's tests."""

import pytest

from ledger.event import Actor

PEOPLE = {
    "operator": "p-aaaa2",
    "supervisor": "p-bbbb3",
    "maintenance": "p-cccc4",
    "qa_reviewer": "p-dddd5",
    "inspector": "p-eeee6",
    "data_scientist": "p-ffff7",
}


def person(role: str) -> Actor:
    return Actor(person=PEOPLE[role], role=role, terminal="t-test2")


@pytest.fixture
def people(database) -> None:
    """One open account for each role that the tests speak of."""
    from django.contrib.auth.hashers import make_password

    from personnel import commands as personnel
    from tests.personnel import staff

    for role, pseudonym in PEOPLE.items():
        staff.at_the_console(
            account=pseudonym.replace("p-", "a-"),
            person=pseudonym,
            role=role,
            username=role,
            printed_name="",
            verifier=make_password(None),
            actor=personnel.console(),
        )


@pytest.fixture
def centrifuge(people) -> str:
    """CF-02 is in the register, with one entry in its logbook."""
    from equipment import commands

    commands.register(
        unit="CF-02",
        label="Cell centrifuge",
        unit_class="centrifuge",
        location="Room 2",
        actor=person("supervisor"),
    )
    commands.make_entry(unit="CF-02", text="Spun 300 g, 10 min.", actor=person("operator"))
    return "CF-02"


@pytest.fixture
def signers(people):
    """Everybody has a signing key of the tests' own."""
    from tests.batches.conftest import plugged

    with plugged() as signer:
        for pseudonym in PEOPLE.values():
            signer.enrol(pseudonym)
        yield signer
