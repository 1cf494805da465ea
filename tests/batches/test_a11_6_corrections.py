"""A11-6: a value that is read twice when it is entered is read twice when it is corrected."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password

from batches import commands, step_commands, waiting_queries
from batches.limits import Parameter
from batches.models import BatchLine
from ledger import clock, store
from ledger.event import Refused
from personnel import training_commands
from personnel.commands import console
from tests.batches import conftest, floor
from tests.batches.conftest import Desk, actor, signing
from tests.batches.engine import step
from tests.batches.making import BATCH, refused
from tests.batches.test_hostile_floor import enter, open_on, sign
from tests.personnel import staff

WHY = {"reason": "Read on the printout of the balance"}


def weighed(check: str) -> None:
    """A critical weight was entered by Marta, read a second time and signed; Ingrid verified."""
    weight = Parameter(key="kg", label="Weight", unit="kg", check=check)
    open_on(step(1, weight, critical=True, verifies="verifier"))
    enter(1, kg="71.5")
    if check:
        enter(1, "tomas", kg="71.5")
    sign(1)
    commands.verify_step(batch=BATCH, step=1, **signing("ingrid"))


def correct(who: str, typed: str) -> Any:
    return commands.correct_value(
        batch=BATCH, step=1, parameter="kg", typed=typed, **WHY, **signing(who)
    )


def verify() -> Any:
    return commands.verify_step(batch=BATCH, step=1, **signing("ingrid"))


def authorise() -> Any:
    return step_commands.authorise_correction(
        batch=BATCH, step=1, parameter="kg", **signing("dario")
    )


def awaited(who: str) -> bool:
    """Whether home tells this person of a correction to authorise."""
    rows = list(waiting_queries.batches_waiting(actor(who)))
    found = [row.address for row in rows if "corrected: authorise it" in row.sentence]
    assert found in ([], [f"/batches/{BATCH}/steps/1/"])
    return bool(found)


def told() -> list[str]:
    return [event.type.removeprefix("batches.") for event in store.load("batch", BATCH)]


@pytest.mark.parametrize(
    ("check", "second"), [("second_entry", "marta"), ("second_person", "tomas")]
)
def test_a11_6_a_correction_counts_when_it_was_read_twice(
    check: str, second: str, people: Any
) -> None:
    """Given a value that is read twice, when it is corrected, then it is neither verified nor
    authorised nor closed before the same value was entered a second time."""
    weighed(check)
    correct("marta", "75.1")
    refused("second_entry", verify)
    refused("second_entry", authorise)
    correct(second, "75.1")
    assert told()[-1] == "value_confirmed"
    refused("no_change", correct, second, "75.1")
    verify()
    assert awaited("dario") and awaited("helena") and not awaited("marta")
    authorise()
    assert not awaited("dario")
    commands.complete(batch=BATCH, **signing("dario"))
    assert BatchLine.objects.get().completed_at is not None


def test_a11_6_a_second_person_reads_the_correction_not_the_same_one_twice(people: Any) -> None:
    weighed("second_person")
    correct("marta", "75.1")
    no = refused("same_person", correct, "marta", "75.1")
    assert "Let a colleague enter it" in str(no)


def test_a11_6_a_second_reading_that_differs_is_a_correction_and_is_read_twice_itself(
    people: Any,
) -> None:
    weighed("second_entry")
    correct("marta", "75.1")
    correct("tomas", "75.7")
    assert told()[-1] == "value_corrected"
    refused("second_entry", verify)
    correct("tomas", "75.7")
    verify()


@pytest.mark.parametrize("check", ["second_entry", "second_person"])
def test_a11_6_who_read_the_correction_a_second_time_never_authorises_it(
    check: str, people: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given supervisors perform a critical step, when one corrects its value and another reads it
    a second time, then a third authorises the correction."""
    monkeypatch.setitem(conftest.PEOPLE, "luc", ("p-lucsv2", "supervisor"))
    enrol("p-lucsv2")
    people.enrol("p-lucsv2")
    weight = Parameter(key="kg", label="Weight", unit="kg", check=check)
    open_on(step(1, weight, critical=True, performs="supervisor"))
    train("p-lucsv2")
    enter(1, "dario", kg="71.5")
    enter(1, "luc", kg="71.5")
    sign(1, "dario")
    correct("dario", "75.1")
    correct("luc", "75.1")
    asked = {"batch": BATCH, "step": 1, "parameter": "kg"}
    refused("same_person", step_commands.authorise_correction, **asked, **signing("luc"))
    step_commands.authorise_correction(**asked, **signing("helena"))


def enrol(person: str) -> None:
    staff.at_the_console(
        account="a-lucsv2", person=person, role="supervisor", username="luc",
        printed_name="Luc Printed", verifier=make_password(None), actor=console(),
    )  # fmt: skip


def train(person: str) -> None:
    training_commands.record(
        person=person, item="MBR-019", version="1", trained_on=clock.now().date().isoformat(),
        method="performed", actor=actor("helena"),
    )  # fmt: skip


def test_a11_6_a_value_that_is_read_once_is_corrected_once(people: Any) -> None:
    weighed("")
    correct("marta", "75.1")
    refused("no_change", correct, "tomas", "75.1")
    verify()


def test_a11_6_a_batch_is_not_closed_over_a_correction_that_was_read_once(people: Any) -> None:
    """Given no second person verifies the step, then it is the closing that asks."""
    open_on(step(1, Parameter(key="kg", label="Weight", unit="kg", check="second_entry")))
    enter(1, kg="71.5")
    enter(1, kg="71.5")
    sign(1)
    correct("marta", "75.1")
    with pytest.raises(Refused, match=r"Weight was corrected\. Read it a second time") as no:
        commands.complete(batch=BATCH, **signing("dario"))
    assert no.value.code == "second_entry"
    correct("marta", "75.1")
    commands.complete(batch=BATCH, **signing("dario"))


@pytest.fixture
def desk(database: Any) -> Desk:
    return floor.furnished()


def test_a11_6_the_page_asks_for_the_second_reading(desk: Desk) -> None:
    """Given Marta corrects a critical value on its page, then the page comes back and asks for it
    once more, with no value in the field; the card says so as well until it is done."""
    floor.at_step(desk, 4)
    address, sent = "steps/3/ml/correct/", {"typed": "12", **WHY}
    assert "Read it a second time" not in desk.page("marta", "steps/3/")
    response = desk.post("marta", address, **sent, seen="", sign=True)
    assert response.url == f"/batches/{BATCH}/{address}"
    page = desk.page("marta", address)
    assert "read the corrected value once more and enter it a second time" in page
    (field,) = re.findall(r'<input[^>]*name="typed"[^>]*>', page)
    assert " value=" not in field
    assert re.findall(r"<(?:ins|del)>(.*?)</", page) == ["10 mL"], "the new one is not shown"
    assert "Read it a second time" in desk.page("marta", "steps/3/")
    response = desk.post("marta", address, **sent, seen="", sign=True)
    assert response.url == f"/batches/{BATCH}/"
    page = desk.page("marta", "steps/3/")
    assert "Read a second time by" in page and "Read it a second time" not in page
