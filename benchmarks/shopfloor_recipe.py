"""The shop floor's people, its recipe of two parallel phases, and its batches."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib.auth.hashers import make_password

from batches import commands, recipe_commands
from batches.limits import Parameter, Range
from batches.recipe_content import Content, Header, Operation, Phase, Step, UnitProcedure
from batches.recipe_json import to_json
from benchmarks import floor
from ledger import clock
from ledger.event import Actor
from personnel import commands as personnel
from personnel import signing, training_commands
from personnel.models import Account
from tests.batches.conftest import PEOPLE, actor, open_accounts
from tests.personnel import signers, staff

HANDS = ("a", "b", "v")  # two operators, each in a phase of their own, and who verifies for both
PHASES = ("a", "b")
VERIFIED = 4  # every so many steps a second person signs
OFFICE = ("helena", "dario", "pavel")
TARGET = Decimal("37.0")


def furnish(crews: int) -> None:
    """Everybody has an account and a key as dear as a real one."""
    open_accounts()
    for name in OFFICE:
        floor.enrol(
            floor.account(name), by=floor.account("dario" if name == "helena" else "helena")
        )
    for crew in range(crews):
        for hand in HANDS:
            name, role = name_of(crew, hand), "verifier" if hand == "v" else "operator"
            staff.at_the_console(
                account=f"a-{name}",
                person=f"p-{name}",
                role=role,
                username=name,
                printed_name=f"{name.title()} Floor",
                verifier=make_password(None),
                actor=personnel.console(),
            )
            floor.enrol(floor.account(name), by=floor.account("helena"))


def name_of(crew: int, hand: str) -> str:
    return f"crew{crew}{hand}"


def content(steps: int) -> Content:
    """Two phases that run at once, of so many steps each, every fourth verified by another."""
    phases = [
        Phase(
            key=key,
            title=f"Phase {key}",
            after=[],
            steps=[_step(at * steps + n, verified=n % VERIFIED == 0) for n in range(1, steps + 1)],
        )
        for at, key in enumerate(PHASES)
    ]
    part = UnitProcedure(title="Floor", operations=[Operation(title="Floor", phases=phases)])
    return Content(header=Header(title="Shop floor", product="Cells"), unit_procedures=[part])


def _step(number: int, *, verified: bool) -> Step:
    bath = Parameter(
        key="bath",
        label="Bath temperature",
        unit="°C",
        target=TARGET,
        normal=Range(low=Decimal("36.0"), high=Decimal("38.0")),
        acceptance=Range(low=Decimal("35.0"), high=Decimal("39.0")),
    )
    return Step(
        number=number,
        title=f"Read the bath, {number}",
        instruction="Read the thermometer in the middle of the bath.",
        performs="operator",
        verifies="verifier" if verified else "",
        parameters=[bath],
    )


def approve(recipe: str, steps: int) -> str:
    """The recipe is drafted, reviewed and approved, and everybody is trained on it."""
    asked: dict[str, Any] = {"recipe": recipe, "version": 1}
    recipe_commands.draft_recipe(**asked, content=to_json(content(steps)), actor=actor("pavel"))
    for who, ask in (
        ("pavel", recipe_commands.submit_recipe),
        ("dario", recipe_commands.review_recipe),
        ("helena", recipe_commands.approve_recipe),
    ):
        ask(**asked, actor=actor(who), signature=_secret(who))
    item = {"item": recipe, "version": "1"}
    training_commands.introduce(
        **item, kind="recipe", title="Shop floor", valid_months=0, actor=actor("helena")
    )
    for account in Account.objects.filter(username__startswith="crew"):
        training_commands.record(
            **item,
            person=account.person,
            trained_on=clock.now().date().isoformat(),
            method="performed",
            actor=actor("dario"),
        )
    return recipe


def _secret(name: str) -> Any:
    person, role = PEOPLE[name]
    asked = Actor(person=person, role=role, terminal="t-test2")
    return signing.with_secret(asked, name=name, secret=signers.SECRET)


def open_batch(number: str, recipe: str) -> None:
    asked = {"recipe": recipe, "version": 1, "purpose": "training"}
    commands.open_batch(batch=number, **asked, actor=actor("dario"))
