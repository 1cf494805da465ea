"""The editor's pages: what is typed is an event, survives every no, and two authors see it."""

import re
from dataclasses import MISSING, fields
from typing import Any

import pytest
from django.forms import ChoiceField, MultipleChoiceField
from django.test import Client

from batches import queries, recipe_blockers, recipe_commands, recipe_queries
from batches import recipe_field_forms as forms
from batches.limits import Parameter
from batches.recipe_check import errors
from batches.recipe_content import Block, HoldTime, LabelNeed, Material, RoomNeed, Step
from batches.recipe_diff import compare
from batches.recipe_json import content_sha256, to_json
from batches.shipped import car_t
from ledger import store
from tests.batches import making
from tests.batches.conftest import PEOPLE, actor
from tests.batches.editing import EDIT, act, save, state, typed
from tests.batches.test_r10_blockers import CASES, OVERRIDABLE
from tests.pages.document import faults


def titles() -> list[str]:
    return [f"{step.number} {step.title}" for step in state().steps]


def test_an_edit_says_each_place_old_and_new_with_the_hash_after_it(draft: Client) -> None:
    answer = save(draft, "steps:thaw", title="Thaw slowly", **{"p0-normal_high": "37,4"})
    assert answer.status_code == 302, answer.content.decode()
    event = store.load("recipe", "MBR-031.1")[-1].data
    told = {(one["place"], str(one["old"]), str(one["new"])) for one in event.changes}
    assert ("step 2 (Thaw), title", "Thaw", "Thaw slowly") in told
    (limit,) = [one for one in event.changes if one["at"].endswith("normal")]
    assert limit["place"] == "step 2 (Thaw), parameter Water bath, normal"
    assert (limit["old"]["high"], limit["new"]["high"]) == ("37.5", "37.4")
    assert event.content_sha256 == content_sha256(state().content) == state().content_sha256
    assert "content" not in vars(event), "whole content only at the first draft"
    row = queries.recipe_line("MBR-031", 1)
    assert row is not None
    assert (row.edits, row.content_sha256) == (1, event.content_sha256)


def test_saving_without_a_change_is_refused_and_keeps_nothing(draft: Client) -> None:
    answer = save(draft, "steps:thaw")
    assert answer.status_code == 422
    assert "Nothing was changed" in answer.content.decode()
    assert state().edits == 0


def test_what_is_no_number_stays_typed_beside_its_error(draft: Client) -> None:
    answer = save(draft, "steps:thaw", **{"p0-target": "warm", "title": "Thaw it"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Write a number, as 37.5." in page
    assert 'value="warm"' in page and 'value="Thaw it"' in page
    assert state().edits == 0


def test_of_two_authors_the_second_sees_what_the_first_changed(draft: Client) -> None:
    """Given two authors before one step, when the first moves it away and the second saves what
    they typed, then it is refused, their words stay, the page says what changed, and the next
    press changes the very step that they meant."""
    page = draft.get(f"{EDIT}?node=steps:thaw")
    mine = typed(page) | {"instruction": "Thaw the bag slowly."}
    recipe_commands.edit_recipe(
        recipe="MBR-031",
        version=1,
        edits=[{"op": "add", "at": "unit_procedures/0/operations/0/phases/0/steps/0",
                "new": {"number": 1, "key": "greet", "title": "Greet", "instruction": "Greet.",
                        "performs": "operator", "parameters": []}}],
        seen=state().content_sha256,
        actor=actor("pavel"),
    )  # fmt: skip
    answer = draft.post(EDIT, mine)
    shown = answer.content.decode()
    assert answer.status_code == 422
    assert "Somebody else changed the record meanwhile" in shown
    assert "step 1 (Greet) added" in shown
    assert "Thaw the bag slowly." in shown
    answer = draft.post(EDIT, typed(answer))
    assert answer.status_code == 302
    steps = state().steps
    assert [one.instruction for one in steps if one.key == "thaw"] == ["Thaw the bag slowly."]
    assert titles() == ["1 Greet", "2 Clear", "3 Thaw", "4 Count"]


def test_parts_are_moved_added_copied_removed_and_undone(draft: Client) -> None:
    act(draft, "steps:thaw", "up")
    assert titles() == ["1 Thaw", "2 Clear", "3 Count"]
    act(draft, "steps:clear", "down")
    assert [len(phase.steps) for phase in state().content.phases] == [1, 2], "into the next phase"
    assert titles() == ["1 Thaw", "2 Clear", "3 Count"]
    act(draft, "steps:count", "move", to="steps:thaw", place="before")
    assert titles() == ["1 Count", "2 Thaw", "3 Clear"]
    act(draft, "steps:thaw", "copy")
    assert titles() == ["1 Count", "2 Thaw", "3 Thaw", "4 Clear"]
    assert [step.key for step in state().steps] == ["count", "thaw", "thaw_2", "clear"]
    act(draft, "steps:thaw_2", "remove")
    act(draft, "phases:thaw", "add", to="steps")
    assert titles() == ["1 Count", "2 Thaw", "3 New step", "4 Clear"]
    for _ in range(6):
        act(draft, "header", "undo")
    assert titles() == ["1 Clear", "2 Thaw", "3 Count"]
    assert state().content_sha256 == content_sha256(making.content(making.PARTS))
    assert state().edits == 12, "an undone edit stays on the trail, and so does its undoing"
    answer = act(draft, "header", "undo")
    page = draft.get(answer.url).content.decode()
    assert "There is nothing to undo" in page


def test_a_parameter_of_another_kind_asks_for_other_things(draft: Client) -> None:
    save(draft, "steps:clear", then="parameter", new_kind="choice")
    page = draft.get(f"{EDIT}?node=steps:clear")
    assert "p0-choices" in page.context["form"].fields
    assert "p0-target" not in page.context["form"].fields
    sent = typed(page) | {"p0-label": "Cabinet", "p0-choices": "clean\nnot clean"}
    assert draft.post(EDIT, sent).status_code == 302
    (asked,) = state().steps[0].parameters
    assert (asked.kind, asked.choices) == ("choice", ["clean", "not clean"])
    save(draft, "steps:clear", **{"p0-kind": "text"})
    assert state().steps[0].parameters[0].choices == [], "what the new kind lacks does not stay"


def test_only_a_number_that_is_typed_offers_a_second_reading(draft: Client) -> None:
    """Given a number that is read twice is made a choice, which nobody could read a second time,
    then its form holds the check until it is taken back, and offers none from then on."""
    save(draft, "steps:thaw", **{"p0-check": "second_entry"})
    save(draft, "steps:thaw", **{"p0-kind": "choice"})
    assert any("typed is read twice" in one.english for one in errors(state().content))
    save(draft, "steps:thaw", **{"p0-check": ""})
    assert "p0-check" not in draft.get(f"{EDIT}?node=steps:thaw").context["form"].fields


def test_what_blocks_a_step_is_made_absolute_and_the_readers_are_told(draft: Client) -> None:
    """Given a room's hold that supervisor and quality may override, when the engineer ticks it for
    one step, then nobody overrides it there: the record, its pages and the difference say so."""
    before = state().content
    save(draft, "steps:thaw", blocks=["em_hold", "expired"])
    assert state().step(2).blocks == [
        Block(code="em_hold", absolute=True),
        Block(code="expired", absolute=True),
    ]
    words = "the room is on hold after its monitoring; the lot has expired"
    for address in ("", "dry-run/2/"):
        assert words in draft.get(f"/batches/recipes/MBR-031/1/{address}").content.decode()
    page = draft.get(f"{EDIT}?node=steps:thaw")
    assert words in draft.post(f"{EDIT}attempt/", typed(page)).content.decode()
    assert "a batch on process hold" in page.content.decode(), "what is absolute anyway"
    (row,) = [one for one in compare(before, state().content).steps if not one.quiet]
    assert [one.place for one in row.changes] == ["nobody overrides"]
    save(draft, "steps:thaw", blocks=[])
    assert state().step(2).blocks == []
    answer = save(draft, "steps:thaw", blocks=["rejected"])
    assert answer.status_code == 422, "a class that the house does not leave open is not offered"


def test_an_unknown_blocker_of_an_import_is_an_error_until_somebody_takes_it_out(
    draft: Client,
) -> None:
    content = to_json(making.content(making.PARTS))
    steps = content["unit_procedures"][0]["operations"][0]["phases"][0]["steps"]
    steps[0]["blocks"] = [{"code": "em_hodl", "absolute": True}]
    recipe_commands.draft_recipe(recipe="MBR-032", version=1, content=content, actor=actor("pavel"))
    (wrong,) = errors(queries.recipe_state("MBR-032", 1).content)
    assert wrong.english == "There is no blocker em_hodl whose class a step could set."
    edit = EDIT.replace("MBR-031", "MBR-032")
    page = draft.get(f"{edit}?node=steps:clear")
    assert typed(page)["blocks"] == ["em_hodl"]
    assert draft.post(edit, typed(page) | {"blocks": []}).status_code == 302
    assert errors(queries.recipe_state("MBR-032", 1).content) == []


def test_a_step_may_make_absolute_what_the_house_lets_people_override_and_no_more() -> None:
    overridable = {one.code for one in CASES if one.kind == OVERRIDABLE}
    other = {one.code for one in CASES} - overridable
    assert overridable <= set(recipe_blockers.OVERRIDABLE)
    assert not other & set(recipe_blockers.OVERRIDABLE)


@pytest.mark.parametrize(
    ("told", "specs"),
    [
        (Step, forms.PARTS["steps"]),
        (Parameter, forms.of_parameter("number")),
        *((line, forms.LISTS[name]) for name, line in
          (("materials", Material), ("rooms", RoomNeed), ("hold_times", HoldTime),
           ("labels", LabelNeed))),
    ],
)  # fmt: skip
def test_what_a_record_leaves_out_reads_on_the_form_as_it_is_meant(told: Any, specs: Any) -> None:
    """Given a field that the record leaves out because it is as usual, then the form shows the
    usual: a browser sends what it shows, and a mended title must not change how grave a departure
    is."""
    usual = {one.name: one.default for one in fields(told) if one.default is not MISSING}
    for spec in specs:
        if spec.kind in (forms.CHOICE, forms.FLAG) and spec.name in usual:
            (field,) = forms.fields_of(spec, {}, None).values()
            assert field.initial == usual[spec.name], spec.name


def test_a_browser_that_sends_what_it_shows_changes_nothing_else(draft: Client) -> None:
    page = draft.get(f"{EDIT}?node=steps:thaw")
    for name, field in page.context["form"].fields.items():
        if isinstance(field, ChoiceField) and not isinstance(field, MultipleChoiceField):
            assert field.initial in dict(field.choices), name
    save(draft, "steps:thaw", title="Thaw slowly")
    changes = store.load("recipe", "MBR-031.1")[-1].data.changes
    assert [one["place"] for one in changes] == ["step 2 (Thaw), title"]


def test_the_lists_of_the_record_are_tables(draft: Client) -> None:
    save(draft, "materials", **{"pn-title": "Wash buffer", "pn-item": "BUF-001", "pn-unit": "mL"})
    save(draft, "hold_times", **{"pn-title": "Thaw to count", "pn-from_step": "thaw",
                                 "pn-to_step": "count", "pn-limit": "30"})  # fmt: skip
    content = state().content
    assert [(one.key, one.item) for one in content.materials] == [("wash_buffer", "BUF-001")]
    assert [(one.from_step, one.limit) for one in content.hold_times] == [("thaw", "30")]
    save(draft, "materials", **{"p0-remove": "on"})
    assert state().content.materials == []
    change = store.load("recipe", "MBR-031.1")[-1].data.changes[0]
    assert change["place"] in ("material Wash buffer", "materials")


def test_the_card_and_the_findings_follow_what_is_typed_and_nothing_is_kept(draft: Client) -> None:
    page = draft.get(f"{EDIT}?node=steps:thaw")
    sent = typed(page) | {"title": "Thaw with care", "p0-target": "39.9"}
    answer = draft.post(f"{EDIT}attempt/", sent)
    shown = answer.content.decode()
    assert "Thaw with care" in shown
    assert "The target lies outside the normal operating range." in shown
    assert state().edits == 0


def test_the_card_to_come_names_what_will_stand_in_its_instruction(draft: Client) -> None:
    """The instruction names step 2's bath: the card says its label and step, not the bare name."""
    page = draft.get(f"{EDIT}?node=steps:count")
    sent = typed(page) | {"instruction": "Count at {thaw.bath}."}
    shown = draft.post(f"{EDIT}attempt/", sent).content.decode()
    assert f"Count at [{making.BATH.label}, step 2]." in shown
    save(draft, "steps:count", instruction="Count at {thaw.bath}.")
    for address in ("", "dry-run/3/"):
        shown = draft.get(f"/batches/recipes/MBR-031/1/{address}").content.decode()
        assert f"Count at [{making.BATH.label}, step 2]." in shown


def test_a_block_comes_with_the_lines_that_it_needs(draft: Client) -> None:
    page = draft.get(f"{EDIT}library/?node=steps:clear").content.decode()
    assert "Count in duplicate" in page
    answer = act(draft, "steps:clear", "block", to="wash")
    assert "steps%3Awash" in answer.url
    content = state().content
    assert titles()[1] == "2 Wash"
    assert [one.key for one in content.materials] == ["wash_buffer"]
    assert [one.key for one in content.equipment] == ["centrifuge"]


def test_a_phase_of_another_record_is_taken_over_as_a_copy(draft: Client) -> None:
    recipe_commands.draft_recipe(
        recipe="MBR-101", version=1, content=to_json(car_t.content()), actor=actor("pavel")
    )
    other = queries.recipe_state("MBR-101", 1)
    phase = other.content.phases[2]
    page = draft.get(f"{EDIT}library/?node=phases:thaw&source=MBR-101.1").content.decode()
    assert f"phases:{phase.key}" in page
    act(draft, "phases:thaw", "copy", source="MBR-101.1", to=f"phases:{phase.key}")
    copy = state().content.phases[1]
    assert copy.title == phase.title
    assert [one.title for one in copy.steps] == [one.title for one in phase.steps]
    assert queries.recipe_state("MBR-101", 1).content_sha256 == other.content_sha256


def test_nobody_else_edits_and_no_version_after_its_submission(draft: Client) -> None:
    from personnel.models import Account

    stranger = Client()
    stranger.force_login(Account.objects.get(username="marta"))
    answer = stranger.post(EDIT, typed(stranger.get(f"{EDIT}?node=header")) | {"title": "Mine"})
    assert answer.status_code == 422
    assert PEOPLE["marta"][0] not in state().authors
    assert state().edits == 0


@pytest.mark.parametrize("node", ["header", "materials", "steps:thaw", "phases:thaw", "nowhere"])
def test_every_form_of_the_editor_is_sound(draft: Client, node: str) -> None:
    answer = draft.get(f"{EDIT}?node={node}")
    assert answer.status_code == 200
    assert faults(answer.content.decode()) == []
    assert not re.search(r"<script(?![^>]*src=)", answer.content.decode())
    assert recipe_queries.edits("MBR-031", 1) == []
