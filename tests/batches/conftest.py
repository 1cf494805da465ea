"""People who can sign, an approved recipe, and a batch that one can work on."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ledger.event import Actor
from tests.batches import making
from tests.batches.signing import TestSigner, word_of

PEOPLE = {
    "marta": (making.MARTA, "operator"),
    "tomas": (making.TOMAS, "operator"),
    "ingrid": (making.INGRID, "verifier"),
    "dario": (making.DARIO, "supervisor"),
    "helena": (making.HELENA, "qa_reviewer"),
    "pavel": (making.PAVEL, "process_engineer"),
    "emeka": ("p-emeka8", "inspector"),
    "renata": ("p-renat9", "system_administrator"),
}


def actor(name: str) -> Actor:
    person, role = PEOPLE[name]
    return Actor(person=person, role=role, terminal="t-test2")


def signing(name: str) -> dict[str, Any]:
    """Who asks, and the secret that opens their key."""
    return {"actor": actor(name), "signature": word_of(PEOPLE[name][0])}


def open_accounts() -> None:
    from django.contrib.auth.hashers import make_password

    from personnel import commands as personnel

    for name, (person, role) in PEOPLE.items():
        personnel.open_account(
            account=person.replace("p-", "a-"),
            person=person,
            role=role,
            username=name,
            printed_name=f"{name.title()} Printed",
            verifier=make_password(None),
            actor=personnel.console(),
        )


@pytest.fixture
def people(database: Any) -> Iterator[TestSigner]:
    """An account and a signing key for everybody."""
    from ledger import ports

    open_accounts()
    before = ports._signer
    signer = TestSigner()
    ports.plug_signer(signer)
    for person, _role in PEOPLE.values():
        signer.enrol(person)
    yield signer
    ports.plug_signer(before)


@pytest.fixture
def recipe(people: TestSigner) -> str:
    """The small recipe, drafted by the engineer and approved by quality assurance."""
    from batches import commands

    commands.draft_recipe(
        recipe="MBR-019",
        version=1,
        title="Small recipe",
        product="CAR-T",
        unit_procedures=making.PARTS,
        **signing("pavel"),
    )
    commands.approve_recipe(recipe="MBR-019", version=1, **signing("helena"))
    return "MBR-019"


@pytest.fixture
def batch(recipe: str) -> str:
    """CT-0421 is open for a patient."""
    from batches import commands

    commands.open_batch(
        batch=making.BATCH,
        recipe=recipe,
        version=1,
        purpose="patient",
        subject="s-7Q2M9X4K",
        actor=actor("dario"),
    )
    return making.BATCH


Work = Callable[[int], None]


def enter(step: int, *, by: str = "marta", reason: str = "", **typed: str) -> Any:
    from batches import commands

    return commands.enter_values(
        batch=making.BATCH, step=step, typed=typed, reason=reason, actor=actor(by)
    )


def work_up_to(step: int) -> None:
    """Everything before this step is performed by Marta and verified by Ingrid."""
    from batches import commands

    for before in range(1, step):
        if before == 2:
            enter(2, bath="37.0")
        elif before == 3:
            enter(3, bath="37.1", count="5.20")
        commands.complete_step(batch=making.BATCH, step=before, **signing("marta"))
        if before < 3:
            commands.verify_step(batch=making.BATCH, step=before, **signing("ingrid"))
