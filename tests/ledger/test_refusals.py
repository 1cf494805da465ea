"""R4: a refusal says what was refused: of which record, with which values, and nobody's name."""

import inspect
import re
import sys
from string import Formatter
from typing import Any

import pytest

from equipment import commands
from ledger import command, refusals, store
from ledger.event import Actor, Refused
from ledger.models import Event
from ledger.ports import CommandSpec
from ledger.refusals import CommandRefused
from tests.architecture import tree

OPERATOR = Actor(person="p-7f3k2", role="operator", terminal="t-1")
# A field called like one of these holds a name, or what opens something.
SECRET = re.compile(r"name|password|secret|verifier|pin\b|token|key|credential|wrapped|salt", re.I)
# Called alike and told on the trail: a key's number and public half, how a terminal is called, and
# whether a reason named the subject that it was given about.
TOLD = {
    "personnel.confirm_signing_key": {"key"},
    "personnel.correct_subject": {"named"},
    "personnel.decline_unmasking": {"named"},
    "personnel.ask_unmasking": {"named"},
    "personnel.enrol_passkey": {"key", "public_key"},
    "personnel.enrol_signing_key": {"key", "public_key"},
    "personnel.erase_subject": {"named"},
    "personnel.extend_subject_retention": {"named"},
    "personnel.look_up_subject": {"named"},
    "personnel.register_terminal": {"name"},
    "personnel.permit_device": {"name"},
    "equipment.register_room": {"name"},
    "personnel.show_identifiers": {"named"},
}


def refusal() -> CommandRefused:
    row = Event.objects.get(type="ledger.refused")
    return store.event(row.id).data  # type: ignore[union-attr]


@pytest.fixture
def operator(database: object) -> Actor:
    from personnel import commands as personnel

    personnel.open_account(
        account="a-7f3k2",
        person=OPERATOR.person,
        role="operator",
        username="ada",
        printed_name="Ada Lovel",
        verifier="!",
        actor=personnel.console(),
    )
    return OPERATOR


def test_r4_a_refused_entry_names_the_unit_and_what_was_typed(operator: Actor) -> None:
    """Given no CF-77, when an entry for it is refused, then the trail says for what, and which."""
    with pytest.raises(Refused):
        commands.make_entry(unit="CF-77", text="Spun 300 g", actor=operator)
    refused = refusal()
    assert refused.request == {"unit": "CF-77", "text": "Spun 300 g"}
    assert refused.records == ["equipment/CF-77"]
    assert refused.attempt == "make an entry for CF-77"


def test_r4_what_was_not_read_yet_is_named_by_what_was_asked(operator: Actor) -> None:
    """Given somebody who may not move units, then the refusal says which unit and where to."""
    with pytest.raises(Refused):
        commands.move(unit="CF-02", location="Room 3", reason="Room painted", actor=operator)
    row = Event.objects.get(type="ledger.refused")
    event = store.event(row.id)
    assert event is not None
    assert event.sentence.startswith("Refused: move CF-02 to Room 3. As operator you may not")
    assert event.data.records == ["equipment/CF-02"], "though nothing had been read yet"


def test_r4_long_values_are_cut_and_say_so(operator: Actor) -> None:
    with pytest.raises(Refused, match="not in the register"):
        commands.make_entry(unit="CF-77" * 20, text="x" * 2500, actor=operator)
    refused = refusal()
    assert refused.request["text"] == "x" * 499 + "…"
    assert len(refused.attempt) < 100


def test_r4_what_was_left_empty_shows_as_a_dash(operator: Actor) -> None:
    with pytest.raises(Refused):
        commands.move(unit="CF-02", location="", reason="Room painted", actor=operator)
    assert refusal().attempt == "move CF-02 to –"  # noqa: RUF001


def test_names_and_verifiers_stay_out_of_a_refusal(operator: Actor) -> None:
    """Given a sign-in name that is taken, then neither it nor the person's name is recorded."""
    from personnel import commands as personnel

    with pytest.raises(Refused, match="was used before"):
        personnel.open_account(
            account="a-8g4m3",
            person="p-8g4m3",
            role="operator",
            username="ada",
            printed_name="Grace Hopp",
            verifier="argon2$",
            actor=personnel.console(),
        )
    assert refusal().request["account"] == "a-8g4m3"
    for body in Event.objects.values_list("body", flat=True):
        assert not re.search(b"ada|Grace Hopp|argon2", bytes(body))


@pytest.mark.parametrize("unit", ["", "CF 77/../x", "x" * 81])
def test_what_cannot_be_a_record_is_not_named_as_one(operator: Actor, unit: str) -> None:
    with pytest.raises(Refused):
        commands.move(unit=unit, location="Room 3", reason="Room painted", actor=operator)
    assert refusal().records == []


@pytest.mark.parametrize("unit", ["", "CF 77/../x", "x" * 81])
def test_what_was_looked_for_and_cannot_be_a_record_is_not_named(
    operator: Actor, unit: str
) -> None:
    """Given a number that nothing can have, when it was looked for, then no link leads there."""
    with pytest.raises(Refused):
        commands.make_entry(unit=unit, text="Spun 300 g", actor=operator)
    assert refusal().records == []


def product_commands() -> dict[str, Any]:
    rooms = set(tree.ROOMS)
    files = [
        module
        for name, module in sorted(sys.modules.items())
        if name.partition(".")[0] in rooms and name.endswith("commands")
    ]
    found = [one for file in files for one in vars(file).values() if hasattr(one, "spec")]
    return {one.spec.name: one for one in found}


def test_every_command_of_the_rooms_is_looked_at() -> None:
    rooms = ("batches.", "equipment.", "ledger.", "personnel.")
    declared = {name for name in command.commands() if name.startswith(rooms)}
    assert set(product_commands()) == declared


@pytest.mark.parametrize("name", sorted(product_commands()))
def test_no_command_keeps_a_secret_or_a_name_and_each_says_what_it_is(name: str) -> None:
    ask = product_commands()[name]
    asked = set(list(inspect.signature(ask).parameters)[1:])
    kept = asked - set(ask.spec.private)
    told_openly = TOLD.get(name, set())
    assert told_openly <= kept, "what is told openly is asked"
    assert set(ask.spec.private) <= asked, "a private field that is not there"
    assert not [field for field in kept - told_openly if SECRET.search(field)]
    told = {
        field for _text, field, _spec, _conversion in Formatter().parse(ask.spec.label) if field
    }
    assert ask.spec.label != name, "a command says in words what it does"
    assert told <= kept, "what stands in the label stands on the trail"


def test_r18_a_refused_attachment_is_not_looked_for() -> None:
    """Given a refused request with an attachment, which was rolled back, then nothing names it."""
    spec = CommandSpec("trial.file", ("operator",), None, False)
    assert refusals.kept(spec, {"unit": "CF-02", "blob": "sha256:" + "0" * 64}) == {"unit": "CF-02"}
