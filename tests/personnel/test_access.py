"""The access review and the terminals: decisions, as given, when and then."""

import pytest

from ledger.event import Refused, fold
from personnel import access
from personnel import terminal as terminals

HELD = {"p-22222": ("operator",), "p-33333": ("supervisor", "verifier"), "p-me": ("qa_reviewer",)}
ALL = {"p-22222": "confirmed", "p-33333": "withdrawn"}


def review(**changed):
    asked = {"reviewer": "p-me", "held": HELD, "seen": HELD, "decided": ALL}
    return access.review(**(asked | changed))


def test_a_review_decides_about_everybody_but_oneself():
    (event,) = review()
    assert (event.confirmed, event.withdrawn) == (1, 1)
    assert event.decisions == [
        {"person": "p-22222", "roles": "operator", "decision": "confirmed"},
        {"person": "p-33333", "roles": "supervisor verifier", "decision": "withdrawn"},
    ]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"decided": {"p-22222": "confirmed"}}, "undecided"),
        ({"decided": ALL | {"p-44444": "confirmed"}}, "undecided"),
        ({"decided": ALL | {"p-22222": "perhaps"}}, "undecided"),
        ({"decided": ALL | {"p-me": "confirmed"}}, "second_person"),
        ({"seen": HELD | {"p-22222": ("operator", "verifier")}}, "changed_meanwhile"),
        ({"seen": {"p-22222": ("operator",)}}, "changed_meanwhile"),
        ({"seen": HELD | {"p-44444": ("operator",)}}, "changed_meanwhile"),
    ],
)
def test_a_review_that_left_somebody_out_or_saw_something_else_is_refused(changed, code):
    with pytest.raises(Refused) as no:
        review(**changed)
    assert no.value.code == code


def state(*events: object) -> terminals.Terminal:
    return fold(terminals.Terminal(), terminals.evolve, events)


def test_a_terminal_is_registered_once_and_may_come_back_after_it_was_retired():
    asked = {"terminal": "t-22222", "name": " Tablet 1 ", "room": "Room 2"}
    registered = terminals.register(state(), **asked)
    assert registered[0].name == "Tablet 1"
    with pytest.raises(Refused, match="Tablet 1 in Room 2"):
        terminals.register(state(*registered), **asked)
    retired = terminals.retire(state(*registered), terminal="t-22222")
    with pytest.raises(Refused, match="not registered"):
        terminals.retire(state(*registered, *retired), terminal="t-22222")
    assert terminals.register(state(*registered, *retired), **asked)


@pytest.mark.parametrize(
    "wrong", [{"name": " "}, {"room": ""}, {"name": "x" * 81}, {"terminal": "t-unknown"}]
)
def test_a_terminal_without_name_place_or_number_is_refused(wrong):
    with pytest.raises(Refused):
        terminals.register(
            state(), **({"terminal": "t-22222", "name": "Tablet", "room": "R"} | wrong)
        )


def test_an_event_of_another_kind_stops_the_reader():
    with pytest.raises(ValueError, match="does not know"):
        terminals.evolve(terminals.Terminal(), object())
