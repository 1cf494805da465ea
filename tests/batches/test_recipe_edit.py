"""Edits are told node by node: replayed they give the same record, backwards the one before."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from batches import recipe_nodes, recipe_writing
from batches.recipe import INITIAL, Recipe, evolve
from batches.recipe_content import Content
from batches.recipe_edit import LEVELS, applied, nodes, reverse
from batches.recipe_json import content_sha256
from ledger.event import Refused
from tests.batches.generated_recipes import SAID, contents
from tests.batches.making import PARTS, content, refused

PAVEL = "p-pavel7"


def drafted(made: Content) -> Recipe:
    asked = {"recipe": "MBR-900", "version": 1, "content": made, "author": PAVEL}
    return evolve(INITIAL, recipe_writing.draft(INITIAL, **asked)[0])


@st.composite
def edits(draw: st.DrawFn, state: Recipe) -> list[dict[str, Any]]:
    """One edit that somebody might make in the editor."""
    found = list(nodes(state.document))
    level, path, node = draw(st.sampled_from(found))
    ref = recipe_nodes.reference(level, path, node)
    kind = draw(st.sampled_from(["title", "add", "remove", "move", "shift", "copy", "header"]))
    if kind == "title":
        return [{"op": "set", "at": path, "values": {"title": draw(SAID)}}]
    if kind == "header":
        values = {"storage": draw(SAID), "shelf_life_hours": draw(st.integers(1, 99))}
        return [{"op": "set", "at": "header", "values": values}]
    if kind == "add":
        return [recipe_nodes.add(state.document, ref, draw(st.sampled_from(LEVELS[1:])))]
    if kind == "remove":
        return [{"op": "remove", "at": path}]
    if kind == "copy":
        return [recipe_nodes.add(state.document, ref, level, node)]
    if kind == "shift":
        return [recipe_nodes.shift(state.document, ref, draw(st.sampled_from([-1, 1])))]
    to = draw(st.sampled_from(found))
    return [
        recipe_nodes.move(
            state.document, ref, to=recipe_nodes.reference(*to), after=draw(st.booleans())
        )
    ]


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(contents(), st.data())
def test_r14_any_edits_replay_to_the_hash_they_name_and_undo_to_the_first_word(
    made: Content, data: st.DataObject
) -> None:
    """Given any record and any edits of it, then after each the event's hash is the content's, and
    undoing them all leads back to the record as it was drafted, byte for byte."""
    first = state = drafted(made)
    for _ in range(data.draw(st.integers(1, 6))):
        if not list(nodes(state.document)):
            break
        try:
            asked = data.draw(edits(state))
            (event,) = recipe_writing.edit(
                state, edits=asked, seen=state.content_sha256, editor=PAVEL
            )
        except Refused:
            continue
        before, state = state, evolve(state, event)
        assert state.content_sha256 == content_sha256(state.content)
        numbers = [step.number for step in state.content.steps]
        assert numbers == list(range(1, len(numbers) + 1))
        assert applied(state.document, reverse(event.changes)) == before.document
        keys = [step.key for step in state.content.steps]
        assert len(set(keys)) == len(keys)
    while state.done:
        (event,) = recipe_writing.undo(state, seen=state.content_sha256, editor=PAVEL)
        state = evolve(state, event)
    assert state.document == first.document
    assert state.content_sha256 == first.content_sha256


def test_an_edit_of_what_is_gone_is_refused() -> None:
    state = drafted(content(PARTS))
    asked = [{"op": "set", "at": "unit_procedures/7", "values": {"title": "X"}}]
    refused("changed", recipe_writing.edit, state, edits=asked, seen=state.content_sha256,
            editor=PAVEL)  # fmt: skip
    refused("changed", recipe_nodes.path_of, state.document, "steps:gone")
    refused("edit", recipe_nodes.move, state.document, "steps:thaw", to="operations:thaw",
            after=False)  # fmt: skip
    refused("edit", recipe_nodes.move, state.document, "unit_procedures:thaw",
            to="steps:thaw", after=False)  # fmt: skip


def test_an_edit_that_is_no_record_is_refused_with_its_place() -> None:
    state = drafted(content(PARTS))
    asked = [{"op": "set", "at": "header", "values": {"title": 7}}]
    no = refused("not_a_recipe", recipe_writing.edit, state, edits=asked,
                 seen=state.content_sha256, editor=PAVEL)  # fmt: skip
    assert "title" in str(no)
