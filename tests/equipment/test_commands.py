"""What is asked of a unit lands in the ledger and in the rows, on both databases."""

import threading
from uuid import uuid4

import pytest
from django.db import connections

from equipment import commands, queries
from equipment.models import LogbookLine, Register
from ledger import store
from ledger.event import Refused
from ledger.models import Event
from personnel.roles import ROLES
from tests.equipment.conftest import PEOPLE, person


def refusals() -> list[str]:
    found = Event.objects.filter(type="ledger.refused").order_by("recorded_at")
    return [store.event(row.id).data.code for row in found]


def test_r4_registration_entry_and_correction_are_told_by_row_and_event(centrifuge):
    commands.correct_entry(
        unit=centrifuge,
        entry=1,
        text="Spun 400 g, 10 min.",
        reason="Misread the display",
        actor=person("operator"),
    )
    row = Register.objects.get(unit=centrifuge)
    assert (row.label, row.location, row.in_service, row.entries) == (
        "Cell centrifuge",
        "Room 2",
        True,
        1,
    )
    lines, older = queries.timeline(centrifuge)
    assert older is None
    assert [line.row.kind for line in lines] == ["entry", "registered"]
    assert lines[0].text == "Spun 400 g, 10 min."
    (correction,) = lines[0].corrections
    assert correction.old == "Spun 300 g, 10 min."
    assert correction.reason == "Misread the display"
    assert (correction.person, correction.role) == (PEOPLE["operator"], "operator")
    assert correction.terminal == "t-test2"
    event = store.load("equipment", centrifuge)[-1]
    assert event.type == "equipment.logbook_entry_corrected"
    assert (event.reason, event.recorded_at) == (correction.reason, correction.recorded_at)


def test_moves_and_service_follow_each_other(centrifuge):
    commands.move(
        unit=centrifuge, location="Room 3", reason="Room repainted", actor=person("maintenance")
    )
    commands.take_out_of_service(
        unit=centrifuge, reason="Imbalance alarm", actor=person("operator")
    )
    row = Register.objects.get(unit=centrifuge)
    assert (row.location, row.in_service) == ("Room 3", False)
    commands.return_to_service(
        unit=centrifuge, reason="Test run passed", actor=person("qa_reviewer")
    )
    row.refresh_from_db()
    assert row.in_service
    assert row.changed_at == store.load("equipment", centrifuge)[-1].recorded_at


def test_r3_a_refusal_is_on_the_trail_and_changes_nothing(centrifuge):
    before = list(LogbookLine.objects.values())
    with pytest.raises(Refused) as no:
        commands.correct_entry(unit=centrifuge, entry=1, text="Spun.", actor=person("operator"))
    assert no.value.code == "reason_missing"
    with pytest.raises(Refused, match="CF-09 is not in the register"):
        commands.make_entry(unit="CF-09", text="Spun.", actor=person("operator"))
    assert refusals() == ["reason_missing", "not_registered"]
    assert list(LogbookLine.objects.values()) == before


def test_r9_the_same_form_sent_twice_makes_one_entry(centrifuge):
    asked = {
        "unit": centrifuge,
        "text": "Rotor wiped.",
        "actor": person("operator"),
        "command_id": uuid4(),
    }
    first = commands.make_entry(**asked)
    again = commands.make_entry(**asked)
    assert (first.replayed, again.replayed) == (False, True)
    assert Register.objects.get(unit=centrifuge).entries == 2
    with pytest.raises(Refused) as no:
        commands.make_entry(**(asked | {"text": "Rotor not wiped."}))
    assert no.value.code == "command_reused"


def test_r9_entries_made_at_the_same_moment_are_all_kept_once(centrifuge):
    """Ten people write at once: ten numbers, none twice, or a no that says to try again."""
    results: list[object] = []

    def write(number: int) -> None:
        try:
            commands.make_entry(
                unit=centrifuge, text=f"Seen by number {number}.", actor=person("operator")
            )
            results.append("kept")
        except Refused as no:
            results.append(no.code)
        finally:
            connections.close_all()

    writers = [threading.Thread(target=write, args=(number,)) for number in range(10)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert len(results) == 10
    assert set(results) <= {"kept", "conflict"}
    kept = results.count("kept")
    assert kept >= 1
    numbers = LogbookLine.objects.filter(unit=centrifuge, kind="entry").values_list(
        "entry", flat=True
    )
    assert sorted(numbers) == list(range(1, kept + 2))


@pytest.mark.parametrize("role", ["inspector", "data_scientist"])
def test_r3_some_roles_write_nothing_here(centrifuge, role):
    asks = {
        commands.register: {
            "unit": "CF-03",
            "label": "C",
            "unit_class": "centrifuge",
            "location": "Room 2",
        },
        commands.make_entry: {"unit": centrifuge, "text": "Seen."},
        commands.correct_entry: {"unit": centrifuge, "entry": 1, "text": "Seen."},
        commands.move: {"unit": centrifuge, "location": "Room 9"},
        commands.take_out_of_service: {"unit": centrifuge},
        commands.return_to_service: {"unit": centrifuge},
    }
    for ask, request in asks.items():
        with pytest.raises(Refused) as no:
            ask(**request, reason="Because I may not", actor=person(role))
        assert no.value.code == "wrong_role"
    assert refusals() == ["wrong_role"] * 6


def test_who_may_do_what_is_written_down():
    """The matrix of the room, cell by cell; what is not here is refused."""
    may = {
        "register": {"supervisor", "maintenance"},
        "make_entry": set(ROLES)
        - {
            "qualified_person",
            "data_scientist",
            "data_protection_officer",
            "inspector",
            "system_administrator",
        },
        "move": {"supervisor", "maintenance"},
        "take_out_of_service": {
            "operator",
            "verifier",
            "supervisor",
            "maintenance",
            "qc_analyst",
            "qa_reviewer",
        },
        "return_to_service": {"supervisor", "qa_reviewer"},
    }
    may["correct_entry"] = may["make_entry"]
    for name, roles in may.items():
        assert set(getattr(commands, name).spec.roles) == roles, name


def test_a_long_logbook_is_read_page_by_page(centrifuge):
    for number in range(2, queries.PAGE + 3):
        commands.make_entry(unit=centrifuge, text=f"Line {number}.", actor=person("operator"))
    newest, older = queries.timeline(centrifuge)
    assert len(newest) == queries.PAGE
    rest, none = queries.timeline(centrifuge, before=older)
    assert none is None
    seen = [line.row.version for line in [*newest, *rest]]
    assert seen == list(range(queries.PAGE + 3, 0, -1))


def test_the_register_is_searched_by_word_and_by_service(centrifuge):
    commands.register(
        unit="LN2-1",
        label="Tank",
        unit_class="cryogenic_tank",
        location="Cryostore",
        actor=person("maintenance"),
    )
    commands.take_out_of_service(unit="LN2-1", reason="Leaks at night", actor=person("operator"))
    assert [row.unit for row in queries.register(words="room 2")] == ["CF-02"]
    assert [row.unit for row in queries.register(words="cryogenic tank")] == ["LN2-1"]
    assert [row.unit for row in queries.register(service="out")] == ["LN2-1"]
    assert [row.unit for row in queries.register()] == ["CF-02", "LN2-1"]
