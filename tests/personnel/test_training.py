"""Training decided: given what happened, when this is asked, then these events or a no."""

from datetime import date
from typing import Any

import pytest

from ledger.event import Refused, fold
from personnel import training

TODAY = date(2026, 3, 2)
ASKED = {
    "person": "p-aaaa2",
    "item": "SOP-014",
    "version": "3",
    "trained_on": "2026-02-27",
    "method": "performed",
    "assessor": "p-bbbb3",
    "today": TODAY,
}
NEW = {"item": "SOP-014", "kind": "procedure", "title": "Gowning", "version": "3"}


def item(*more: Any, months: int = 12) -> training.Item:
    events = training.introduce(training.Item(), **NEW, valid_months=months)
    return fold(training.Item(), training.evolve_item, [*events, *more])


def code(call: Any, *args: Any, **asked: Any) -> str:
    with pytest.raises(Refused) as no:
        call(*args, **asked)
    return no.value.code


def test_a_training_holds_for_its_months():
    (event,) = training.record(item(), **ASKED)
    assert (event.valid_until, event.assessor) == ("2027-02-27", "p-bbbb3")
    (event,) = training.record(item(months=0), **ASKED)
    assert event.valid_until is None


@pytest.mark.parametrize(
    ("day", "months", "until"),
    [
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2027, 8, 31), 6, date(2028, 2, 29)),
        (date(2026, 12, 31), 12, date(2027, 12, 31)),
        (date(2026, 3, 31), 1, date(2026, 4, 30)),
    ],
)
def test_months_end_where_the_calendar_says(day, months, until):
    assert training.months_after(day, months) == until


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"assessor": "p-aaaa2"}, "same_person"),
        ({"version": "2"}, "version"),
        ({"trained_on": "2026-03-03"}, "trained_on"),
        ({"trained_on": "yesterday"}, "trained_on"),
        ({"trained_on": "2025-02-01"}, "trained_on"),
        ({"method": "heard of it"}, "method"),
    ],
)
def test_r10_a_training_that_would_not_count_is_refused(changed, expected):
    assert code(training.record, item(), **ASKED | changed) == expected


def test_p11_10i_a_new_version_ends_what_was_trained_on_the_old():
    (event,) = training.change_version(item(), item="SOP-014", version="4")
    assert (event.old, event.new) == ("3", "4")
    known = item(event)
    assert code(training.record, known, **ASKED) == "version"
    assert training.record(known, **ASKED | {"version": "4"})
    for old in ("3", "4"):
        assert code(training.change_version, known, item="SOP-014", version=old) == "version"


def test_what_is_not_on_the_list_can_be_neither_demanded_nor_recorded():
    nothing = training.Item()
    assert code(training.record, nothing, **ASKED) == "no_item"
    wanted = {"role": "operator", "item": "SOP-014"}
    assert code(training.add, training.Curriculum(), nothing, **wanted) == "no_item"
    assert code(training.change_version, nothing, item="SOP-014", version="4") == "no_item"


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"item": "gowning"}, "item"),
        ({"kind": "rumour"}, "kind"),
        ({"title": "  "}, "title"),
        ({"version": "new"}, "version"),
        ({"valid_months": -1}, "valid_months"),
        ({"valid_months": 121}, "valid_months"),
    ],
)
def test_an_item_is_introduced_with_all_it_needs(changed, expected):
    asked = NEW | {"valid_months": 12} | changed
    assert code(training.introduce, training.Item(), **asked) == expected


def test_an_item_is_introduced_once():
    assert code(training.introduce, item(), **NEW, valid_months=12) == "item_known"


def test_a_curriculum_grows_and_shrinks():
    wanted = {"role": "operator", "item": "SOP-014"}
    added = training.add(training.Curriculum(), item(), **wanted)
    state = fold(training.Curriculum(), training.evolve_curriculum, added)
    assert state.items == {"SOP-014"}
    assert code(training.add, state, item(), **wanted) == "item_known"
    removed = training.remove(state, **wanted)
    empty = fold(state, training.evolve_curriculum, removed)
    assert code(training.remove, empty, **wanted) == "item"
    guest = {"role": "inspector", "item": "SOP-014"}
    assert code(training.add, empty, item(), **guest) == "role"


def test_a_training_is_revoked_once_and_may_be_had_again():
    recorded = training.record(item(), **ASKED)
    state = fold(training.Trained(), training.evolve_trained, recorded)
    asked = {"person": "p-aaaa2", "item": "SOP-014", "version": "3"}
    revoked = training.revoke(state, **asked)
    gone = fold(state, training.evolve_trained, revoked)
    assert code(training.revoke, gone, **asked) == "not_trained"
    again = fold(gone, training.evolve_trained, recorded)
    assert training.revoke(again, **asked)
