"""Two versions side by side: what was added, removed, changed in words and limits, and moved."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings

from batches.limits import Range
from batches.recipe_content import Content, Material, Picture, Step
from batches.recipe_diff import compare, words
from tests.batches.generated_recipes import contents
from tests.batches.making import BATH, PARTS, content, part


def text(pieces):
    return "".join(piece.text for piece in pieces)


def marked(pieces):
    return "".join(piece.text for piece in pieces if piece.changed)


def of(*steps: Step) -> Content:
    numbered = [replace(step, number=n) for n, step in enumerate(steps, 1)]
    return content([part("Thaw", numbered)])


CLEAR, THAW = PARTS[0].steps
COUNT = PARTS[1].steps[0]


def test_a_narrower_limit_is_one_change_with_both_ranges() -> None:
    other = replace(BATH, normal=Range(low=Decimal("36.5"), high=Decimal("37.3")))
    told = compare(of(CLEAR, THAW), of(CLEAR, replace(THAW, parameters=[other])))
    (row,) = [row for row in told.steps if not row.quiet]
    (change,) = row.changes
    assert (row.standing, change.place) == ("changed", "parameters, bath, normal, high")
    assert (text(change.old), text(change.new)) == ("37.5", "37.3")


def test_a_changed_word_is_marked_and_the_rest_is_not() -> None:
    old, new = words("Thaw the bag in the bath.", "Thaw the bag slowly in the bath.")
    assert (marked(old), marked(new).strip()) == ("", "slowly")
    assert text(new) == "Thaw the bag slowly in the bath."


def test_a_moved_step_is_moved_and_not_removed_and_added() -> None:
    told = compare(of(CLEAR, THAW, COUNT), of(THAW, COUNT, CLEAR))
    assert told.counts == {"added": 0, "removed": 0, "changed": 0, "moved": 1}
    (row,) = [row for row in told.steps if row.moved]
    assert (row.old.number, row.new.number, row.new.title) == (1, 3, "Clear")


def test_a_removed_step_stands_where_it_stood() -> None:
    told = compare(of(CLEAR, THAW, COUNT), of(CLEAR, COUNT))
    assert [row.standing for row in told.steps] == ["same", "removed", "same"]


@pytest.mark.parametrize(
    ("before", "after", "gone", "come"),
    [("a", "ab", "", "b"), ("ab", "a", "b", ""), ("ab", "cb", "a", "c"), ("ab", "ba", "ab", "ba")],
)
def test_a_picture_that_stayed_is_neither_gone_nor_new(
    before: str, after: str, gone: str, come: str
) -> None:
    def shows(names: str) -> Content:
        made = of(replace(THAW, pictures=list(names)))
        return replace(made, pictures=[Picture(blob=one, title=one) for one in names])

    (row,) = compare(shows(before), shows(after)).steps
    (change,) = row.changes
    assert change.old_pictures == tuple(gone) and change.new_pictures == tuple(come)
    assert (text(change.old), text(change.new)) == (", ".join(gone), ", ".join(come))


def test_header_and_lists_are_compared_line_by_line() -> None:
    old = replace(of(CLEAR), materials=[Material(key="a", item="I-1", title="A", quantity="1")])
    new = replace(of(CLEAR), materials=[Material(key="a", item="I-1", title="A", quantity="2")])
    new = replace(new, header=replace(new.header, title="Other recipe"))
    told = compare(old, new)
    assert [change.place for change in told.header] == ["title"]
    assert [change.place for change in told.lists] == ["materials, a, quantity"]


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(contents(), contents())
def test_every_step_of_both_versions_stands_there_once(old: Content, new: Content) -> None:
    told = compare(old, new)
    assert [row.new for row in told.steps if row.new] == list(new.steps)
    assert sorted(row.old.number for row in told.steps if row.old) == [s.number for s in old.steps]
    assert all(row.quiet for row in compare(old, old).steps)
    assert compare(new, new).header == compare(new, new).lists == []
    for row in told.steps:
        for change in row.changes:
            assert text(change.old) != text(change.new)
