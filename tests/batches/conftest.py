"""People who can sign, an approved recipe, and a batch that one can work on."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.test import Client

from batches.recipe_json import to_json
from ledger.event import Actor
from tests.batches import making
from tests.batches.signing import TestSigner, word_of
from tests.personnel import signers

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
    from tests.personnel import staff

    for name, (person, role) in PEOPLE.items():
        staff.at_the_console(
            account=person.replace("p-", "a-"),
            person=person,
            role=role,
            username=name,
            printed_name=f"{name.title()} Printed",
            verifier=make_password(None),
            actor=personnel.console(),
        )


@contextmanager
def plugged() -> Iterator[TestSigner]:
    """The tests' own signer is the ledger's while inside."""
    from ledger import ports

    before = ports._signer
    signer = TestSigner()
    ports.plug_signer(signer)
    try:
        yield signer
    finally:
        ports.plug_signer(before)


@pytest.fixture
def people(database: Any) -> Iterator[TestSigner]:
    """An account and a signing key for everybody."""
    open_accounts()
    with plugged() as signer:
        for person, _role in PEOPLE.values():
            signer.enrol(person)
        yield signer


@pytest.fixture
def desk(sqlite_database: Any) -> "Desk":
    """A batch is open, and four people sign on pages with keys of their own, as on the floor."""
    return furnished()


@pytest.fixture
def desks(database: Any) -> "Desk":
    """As `desk`, on each of the two databases in turn."""
    return furnished()


def furnished() -> "Desk":
    open_accounts()
    made = Desk()
    for name in ("helena", "dario", "marta", "ingrid", "pavel"):
        made.enrol(name, by="dario" if name == "helena" else "helena")
    approve_recipe(made.as_signed)
    open_batch()
    return made


class Desk:
    """People at their browsers: each signs in once, and signs with secret first, PIN after."""

    def __init__(self) -> None:
        self.browsers: dict[str, Client] = {}
        self.signed: set[str] = set()

    def account(self, name: str) -> Any:
        from personnel.models import Account

        return Account.objects.get(username=name)

    def enrol(self, name: str, *, by: str) -> None:
        signers.enrol(self.account(name), by=self.account(by))

    def as_signed(self, name: str) -> dict[str, Any]:
        """Who asks a command without a page, with all components of their signature."""
        return {"actor": actor(name), "signature": signers.signature(self.account(name))}

    def at(self, name: str) -> Client:
        if name not in self.browsers:
            self.browsers[name] = Client()
            self.browsers[name].force_login(self.account(name))
        return self.browsers[name]

    def page(self, name: str, address: str = "") -> str:
        response = self.at(name).get(f"/batches/{making.BATCH}/{address}")
        assert response.status_code == 200, response.status_code
        return str(response.content.decode())

    def post(self, name: str, address: str, *, sign: bool = False, **typed: str) -> Any:
        """Send a form to the batch; the first signature of a person takes all components."""
        if sign:
            known = name in self.signed
            typed |= signers.PIN_FIELDS if known else signers.fields(self.account(name))
        response = self.at(name).post(f"/batches/{making.BATCH}/{address}", typed)
        if sign and response.status_code == 302:
            self.signed.add(name)
        return response

    def perform(self, name: str, step: int, **typed: str) -> Any:
        values = {f"value_{key}": text for key, text in typed.items() if key != "reason"}
        values["reason"] = typed.get("reason", "")
        return self.post(name, f"steps/{step}/perform/", sign=True, then="sign", **values)

    def verify(self, name: str, step: int) -> Any:
        return self.post(name, f"steps/{step}/verify/", sign=True)


@pytest.fixture
def recipe(people: TestSigner) -> str:
    """The small recipe, drafted by the engineer and approved by quality assurance."""
    return approve_recipe()


def approve_recipe(signed: Callable[[str], dict[str, Any]] = signing) -> str:
    into_force(to_json(making.content(making.PARTS)), signed)
    train_everybody()
    return "MBR-019"


def into_force(
    content: dict[str, Any],
    signed: Callable[[str], dict[str, Any]] = signing,
    *,
    recipe: str = "MBR-019",
    version: int = 1,
    day: str = "",
) -> None:
    """Drafted and submitted by the engineer, reviewed by the supervisor, approved by quality."""
    from batches import recipe_commands

    asked: dict[str, Any] = {"recipe": recipe, "version": version}
    recipe_commands.draft_recipe(**asked, content=content, actor=actor("pavel"))
    recipe_commands.submit_recipe(**asked, **signed("pavel"))
    recipe_commands.review_recipe(**asked, **signed("dario"))
    recipe_commands.approve_recipe(**asked, effective_from=day, **signed("helena"))


@pytest.fixture
def draft(sqlite_database: Any) -> Client:
    """Pavel at his browser, with a small draft of his."""
    from batches import recipe_commands
    from batches.recipe_json import to_json
    from personnel.models import Account

    open_accounts()
    recipe_commands.draft_recipe(
        recipe="MBR-031",
        version=1,
        content=to_json(making.content(making.PARTS)),
        actor=actor("pavel"),
    )
    browser = Client()
    browser.force_login(Account.objects.get(username="pavel"))
    return browser


TRAINED = ("marta", "tomas", "ingrid", "dario")


def train_everybody() -> None:
    """Whoever performs or verifies was trained on the recipe, by another's word."""
    from ledger import clock
    from personnel import training_commands

    training_commands.introduce(
        item="MBR-019",
        kind="recipe",
        title="Small recipe",
        version="1",
        valid_months=0,
        actor=actor("helena"),
    )
    for name in TRAINED:
        training_commands.record(
            person=PEOPLE[name][0],
            item="MBR-019",
            version="1",
            trained_on=clock.now().date().isoformat(),
            method="performed",
            actor=actor("helena" if name == "dario" else "dario"),
        )


@pytest.fixture
def batch(recipe: str) -> str:
    """CT-0421 is open for a patient."""
    return open_batch()


def register_patient() -> str:
    """The vault knows whom the batch is for."""
    from tests.personnel import vault_people

    vault_people.register(making.PATIENT, actor=actor("dario"))
    return making.PATIENT


def open_batch() -> str:
    from batches import commands

    register_patient()
    commands.open_batch(
        batch=making.BATCH,
        recipe="MBR-019",
        version=1,
        purpose="patient",
        subject=making.PATIENT,
        actor=actor("dario"),
    )
    return making.BATCH


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
