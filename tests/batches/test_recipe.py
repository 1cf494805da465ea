"""R14: a version is written, reviewed and approved by three people, and bound by its hash."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from batches import car_t, recipe, recipe_route, recipe_writing
from batches.limits import Range
from batches.recipe import Stage
from batches.recipe_events import RecipeApproved, RecipeReturned
from batches.recipe_json import content_sha256, from_json
from ledger.event import fold
from tests.batches.making import (
    BATH,
    DARIO,
    HELENA,
    PARTS,
    PAVEL,
    RECIPE,
    content,
    drafted,
    part,
    refused,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ASKED = {"recipe": "MBR-019", "version": 1, "person": HELENA, "at": NOON}


def keep(state, events):
    return fold(state, recipe.evolve, events)


def draft_state(**change):
    return keep(recipe.INITIAL, [drafted(**change)])


def reviewed_state(**change):
    state = draft_state(**change)
    state = keep(state, recipe_route.submit(state, person=PAVEL))
    return keep(state, recipe_route.review(state, person=DARIO))


def effective_state(**change):
    state = reviewed_state(**change)
    return keep(state, recipe_route.approve(state, **ASKED))


def test_r14_the_recipe_that_comes_with_lotbook_has_twelve_steps_with_real_limits():
    draft = drafted(content=car_t.content())
    steps = from_json(draft.content).steps
    assert [step.number for step in steps] == list(range(1, 13))
    assert {"Thaw", "Count after thaw", "Seed", "Feed", "Harvest"} <= {s.title for s in steps}
    assert sum(len(step.parameters) for step in steps) >= 20
    assert {step.verifies for step in steps} == {"", "verifier"}


def test_r14_a_version_goes_from_author_to_reviewer_to_quality():
    state = draft_state()
    asked = {"recipe": "MBR-019", "version": 1, "content": content(PARTS), "author": PAVEL}
    refused("already_drafted", recipe_writing.draft, state, **asked)
    refused("not_reviewed", recipe_route.approve, state, **ASKED)
    (submitted,) = recipe_route.submit(state, person=PAVEL, seen=state.content_sha256)
    assert submitted.content_sha256 == state.content_sha256
    state = keep(state, [submitted])
    refused("stage", recipe_route.submit, state, person=PAVEL)
    refused("not_reviewed", recipe_route.approve, state, **ASKED)
    state = keep(state, recipe_route.review(state, person=DARIO))
    (approval,) = recipe_route.approve(state, **ASKED)
    assert approval == RecipeApproved(
        recipe="MBR-019",
        version=1,
        content_sha256=state.content_sha256,
        effective_from=NOON.isoformat(),
    )
    approved = keep(state, [approval])
    refused("already_approved", recipe_route.approve, approved, **ASKED)
    refused("no_recipe", recipe_route.approve, recipe.INITIAL, **ASKED)


@pytest.mark.parametrize("who", ["an author", "an editor", "the reviewer"])
def test_r8_author_reviewer_and_approver_are_three_people(who):
    """Given a version that Pavel drafted, Tomas edited and Dario reviewed, when one of them
    decides on it again, then it is refused, whatever their role."""
    state = draft_state()
    at = "unit_procedures/0/operations/0/phases/0/steps/0"
    edits = [{"op": "set", "at": at, "values": {"title": "Clear all"}}]
    tomas = {"edits": edits, "seen": state.content_sha256, "editor": "p-tomas3"}
    state = keep(state, recipe_writing.edit(state, **tomas))
    state = keep(state, recipe_route.submit(state, person=PAVEL))
    wrote = {"an author": PAVEL, "an editor": "p-tomas3"}
    if who in wrote:
        refused("same_person", recipe_route.review, state, person=wrote[who])
    state = keep(state, recipe_route.review(state, person=DARIO))
    person = wrote.get(who, DARIO)
    refused("same_person", recipe_route.approve, state, **(ASKED | {"person": person}))
    assert recipe_route.approve(state, **ASKED)


def test_only_who_wrote_a_record_submits_it():
    refused("not_author", recipe_route.submit, draft_state(), person=HELENA)


def test_r14_a_signature_is_over_what_its_page_showed():
    state = draft_state()
    refused("changed", recipe_route.submit, state, person=PAVEL, seen="0" * 64)
    state = keep(state, recipe_route.submit(state, person=PAVEL))
    refused("changed", recipe_route.review, state, person=DARIO, seen="0" * 64)
    refused("changed", recipe_route.approve, reviewed_state(), **ASKED, seen="0" * 64)


def test_a_record_is_returned_with_a_reason_and_goes_round_again():
    state = keep(draft_state(), recipe_route.submit(draft_state(), person=PAVEL))
    asked = {"person": DARIO, "role": "supervisor"}
    refused("reason_missing", recipe_route.send_back, state, **asked, reason="no")
    refused("stage", recipe_route.send_back, state, person=HELENA, role="qa_reviewer",
            reason="The band is too wide")  # fmt: skip
    (back,) = recipe_route.send_back(state, **asked, reason="The band is too wide.")
    assert isinstance(back, RecipeReturned)
    assert back.reason == "The band is too wide"
    state = keep(state, [back])
    assert state.stage is Stage.DRAFT
    state = keep(state, recipe_route.submit(state, person=PAVEL))
    state = keep(state, recipe_route.review(state, person=DARIO))
    quality = {"person": HELENA, "role": "qa_reviewer", "reason": "No risk file named"}
    state = keep(state, recipe_route.send_back(state, **quality))
    assert (state.stage, state.reviewer) == (Stage.DRAFT, "")
    refused("stage", recipe_route.send_back, state, **quality)


def test_r14_a_version_is_effective_from_its_day_to_its_successors():
    state = reviewed_state()
    day = NOON + timedelta(days=7)
    state = keep(state, recipe_route.approve(state, **ASKED, effective_from=day))
    assert [state.effective(day + timedelta(seconds=s)) for s in (-1, 0)] == [False, True]
    over = (day + timedelta(days=30)).isoformat()
    state = keep(state, recipe_route.supersede(state, by_version=2, since=over))
    assert [state.effective(day + timedelta(days=d)) for d in (29, 30)] == [True, False]
    assert recipe_route.supersede(state, by_version=3, since=over) == [], "it gives way once"
    kept = recipe_route.keep(state, for_version=2, at=day)
    assert keep(state, kept).effective(day + timedelta(days=30))
    assert recipe_route.keep(state, for_version=2, at=day + timedelta(days=31)) == []


@pytest.mark.parametrize("days", [-1, 400])
def test_r14_nobody_backdates_a_version(days):
    day = NOON + timedelta(days=days)
    refused("effective_from", recipe_route.approve, reviewed_state(), **ASKED, effective_from=day)


def test_r14_an_older_version_is_not_approved_over_a_newer_one():
    refused("stage", recipe_route.approve, reviewed_state(), **ASKED, later=[2])


def test_a_withdrawn_version_is_effective_at_no_time_and_stays_readable():
    state = effective_state()
    assert state.effective(NOON)
    refused("reason_missing", recipe_route.withdraw, state, reason="")
    state = keep(state, recipe_route.withdraw(state, reason="The vector is no longer made"))
    assert not state.effective(NOON)
    assert state.approved, "a running batch still reads it"
    refused("stage", recipe_route.withdraw, state, reason="Once more, to be sure")
    refused("recipe_not_approved", recipe.demand_effective, state, NOON)


def test_an_approval_of_before_there_was_a_date_holds_from_the_beginning():
    assert RECIPE.effective_from is None
    assert RECIPE.effective(NOON)


def test_r14_the_hash_changes_with_a_single_limit():
    other = replace(BATH, normal=Range(low=Decimal("36.5"), high=Decimal("37.4")))
    step = replace(PARTS[0].steps[1], parameters=[other])
    parts = [part("Thaw", [PARTS[0].steps[0], step]), PARTS[1]]
    assert drafted(content=content(parts)).content_sha256 != RECIPE.content_sha256
    assert drafted().content_sha256 == RECIPE.content_sha256 == content_sha256(content(PARTS))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"recipe": "mbr 19"}, "recipe_number"),
        ({"version": 0}, "recipe_number"),
        ({"content": content(PARTS, " ")}, "missing"),
    ],
)
def test_a_draft_without_number_or_title_is_refused(change, code):
    refused(code, drafted, **change)


@pytest.mark.parametrize(
    "wrong",
    [
        {"target": Decimal("40")},
        {"acceptance": Range(low=Decimal("36.6"), high=Decimal("38"))},
        {"normal": Range(low=Decimal("36.5"))},
    ],
)
def test_r12_limits_that_contradict_each_other_stop_the_submission(wrong):
    step = replace(PARTS[0].steps[0], parameters=[replace(BATH, **wrong)])
    state = draft_state(content=content([part("Thaw", [step])]))
    no = refused("findings", recipe_route.submit, state, person=PAVEL)
    assert "step 1 (Clear), Water bath" in str(no)


def test_a_record_without_a_step_is_drafted_and_not_submitted():
    state = draft_state(content=content([]))
    refused("findings", recipe_route.submit, state, person=PAVEL)


def test_a_draft_is_numbered_and_every_part_of_it_gets_a_key():
    """Given steps without keys that are numbered anyhow, then the draft numbers them in their order
    and names each, so that they can be told apart when they move."""
    steps = [replace(one, key="", number=9) for one in PARTS[0].steps * 2]
    draft = drafted(content=content([part("Thaw", steps)]))
    kept = from_json(draft.content).steps
    assert [(one.number, one.key) for one in kept] == [
        (1, "clear"), (2, "thaw"), (3, "clear_2"), (4, "thaw_2"),
    ]  # fmt: skip


def test_an_event_of_another_kind_stops_the_reader():
    with pytest.raises(ValueError, match="does not know"):
        recipe.evolve(recipe.INITIAL, object())
