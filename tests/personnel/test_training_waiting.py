"""What waits for somebody's training, as the home page asks for it."""

import pytest

from ledger.event import Actor
from personnel import training_commands, waiting
from tests.personnel import staff

WORKER = Actor("p-22222", "operator", "t-test2")


@pytest.fixture
def gowning(database, fixed_clock):
    """Operators need SOP-014, which holds for twelve months; one operator is there."""
    staff.offices()
    staff.hired("p-22222", "operator")
    asked = {"actor": staff.QA, "item": "SOP-014"}
    training_commands.introduce(
        kind="procedure", title="Gowning grade B", version="1", valid_months=12, **asked
    )
    training_commands.add_to_curriculum(role="operator", reason="Works in grade B", **asked)


def said(actor: Actor) -> list[tuple[str, str]]:
    found = waiting.rows_for(actor)
    return [(row.standing, row.sentence) for row in found if row.address.startswith("/training/")]


def train(day):
    training_commands.record(
        person=WORKER.person,
        item="SOP-014",
        version="1",
        trained_on=day.isoformat(),
        method="performed",
        actor=staff.QA,
    )


def test_what_a_role_needs_waits_for_its_holder_until_it_holds(gowning, fixed_clock):
    """Given a new need, then it is bad news; trained it is none; within a month of its end it is a
    warning, and after it bad news again."""
    lacking = ("bad", "You are not yet trained on SOP-014, Gowning grade B.")
    assert said(WORKER) == [lacking]
    assert said(staff.QA) == [], "the role does not need it"
    day = fixed_clock.now.date()
    train(day)
    assert said(WORKER) == []
    fixed_clock.advance(days=350)
    ((standing, sentence),) = said(WORKER)
    assert standing == "warn"
    assert sentence.startswith("Your training on SOP-014, Gowning grade B, ends on ")
    fixed_clock.advance(days=30)
    ((standing, sentence),) = said(WORKER)
    assert (standing, "ended on" in sentence) == ("bad", True)
    assert str(day.year + 1) in sentence
