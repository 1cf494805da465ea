"""R14: a recipe's version is written once, approved by another person, bound by its hash."""

from dataclasses import replace
from decimal import Decimal

import pytest

from batches import car_t, recipe
from batches.limits import Range
from batches.recipe import RecipeApproved
from batches.recipe_json import from_json
from ledger.event import fold
from tests.batches.making import BATH, HELENA, PARTS, PAVEL, RECIPE, content, drafted, part, refused


def test_r14_the_recipe_that_comes_with_lotbook_has_twelve_steps_with_real_limits():
    draft = drafted(content=car_t.content())
    steps = from_json(draft.content).steps
    assert [step.number for step in steps] == list(range(1, 13))
    assert {"Thaw", "Count after thaw", "Seed", "Feed", "Harvest"} <= {s.title for s in steps}
    assert sum(len(step.parameters) for step in steps) >= 20
    assert {step.verifies for step in steps} == {"", "verifier"}


def test_r14_a_version_is_written_once_and_approved_once():
    state = fold(recipe.INITIAL, recipe.evolve, [drafted()])
    asked = {"recipe": "MBR-019", "version": 1, "content": content(PARTS), "author": PAVEL}
    refused("already_drafted", recipe.draft, state, **asked)
    (approval,) = recipe.approve(state, recipe="MBR-019", version=1, person=HELENA)
    assert approval == RecipeApproved(
        recipe="MBR-019", version=1, content_sha256=state.content_sha256
    )
    approved = fold(state, recipe.evolve, [approval])
    refused("already_approved", recipe.approve, approved, recipe="M", version=1, person=HELENA)
    refused("no_recipe", recipe.approve, recipe.INITIAL, recipe="M", version=1, person=HELENA)


def test_r8_nobody_approves_their_own_recipe():
    state = fold(recipe.INITIAL, recipe.evolve, [drafted()])
    refused("same_person", recipe.approve, state, recipe="MBR-019", version=1, person=PAVEL)


def test_r14_the_hash_changes_with_a_single_limit():
    other = replace(BATH, normal=Range(low=Decimal("36.5"), high=Decimal("37.4")))
    step = replace(PARTS[0].steps[1], parameters=[other])
    parts = [part("Thaw", [PARTS[0].steps[0], step]), PARTS[1]]
    assert drafted(content=content(parts)).content_sha256 != RECIPE.content_sha256
    assert drafted().content_sha256 == RECIPE.content_sha256


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"recipe": "mbr 19"}, "recipe_number"),
        ({"version": 0}, "recipe_number"),
        ({"content": content(PARTS, " ")}, "missing"),
        ({"content": content([])}, "step_numbers"),
        ({"content": content([PARTS[1]])}, "step_numbers"),
    ],
)
def test_a_recipe_that_says_too_little_is_refused(change, code):
    refused(code, drafted, **change)


@pytest.mark.parametrize(
    "wrong",
    [
        {"target": Decimal("40")},
        {"acceptance": Range(low=Decimal("36.6"), high=Decimal("38"))},
        {"normal": Range(low=Decimal("36.5"))},
    ],
)
def test_r12_limits_that_contradict_each_other_are_refused(wrong):
    step = replace(PARTS[0].steps[0], parameters=[replace(BATH, **wrong)])
    refused("limits", drafted, content=content([part("Thaw", [step])]))


def test_a_step_asks_for_a_parameter_once_and_says_who_performs_it():
    step = replace(PARTS[0].steps[0], parameters=[BATH, BATH])
    refused("twice", drafted, content=content([part("Thaw", [step])]))
    step = replace(PARTS[0].steps[0], performs="")
    refused("step_incomplete", drafted, content=content([part("Thaw", [step])]))


def test_an_event_of_another_kind_stops_the_reader():
    with pytest.raises(ValueError, match="does not know"):
        recipe.evolve(recipe.INITIAL, object())
