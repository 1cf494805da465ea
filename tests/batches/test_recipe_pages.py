"""Versions, differences, files and dry runs on pages; R14: a running batch keeps its version."""

import json
import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from batches import commands, queries, recipe_commands, recipe_queries
from batches.limits import Parameter, Range
from batches.models import RecipeLine
from batches.recipe_json import from_json, to_json
from ledger import clock, store
from ledger.event import Refused
from tests.batches import making
from tests.batches.conftest import Desk, actor, into_force, signing
from tests.batches.engine import content as content_of
from tests.batches.engine import phase, step
from tests.batches.making import refused
from tests.pages.document import faults

SECOND = "/batches/recipes/MBR-019/2/"
WHY = "The vector is no longer made"


def second_version() -> dict[str, Any]:
    """The small recipe with a narrower bath, a new step before it and its count gone."""
    content = to_json(making.content(making.PARTS))
    thaw = content["unit_procedures"][0]["operations"][0]["phases"][0]["steps"]
    thaw[1]["parameters"][0]["normal"]["high"] = "37.3"
    thaw[1]["instruction"] = "Thaw the bag slowly."
    thaw.insert(0, {"number": 1, "key": "greet", "title": "Greet", "instruction": "Greet them.",
                    "performs": "operator", "parameters": []})  # fmt: skip
    del content["unit_procedures"][1]
    return content


def open_on(version: int, batch: str) -> Any:
    return commands.open_batch(
        batch=batch, recipe="MBR-019", version=version, purpose="training", actor=actor("dario")
    )


def test_r14_a_new_version_leaves_a_running_batch_untouched(batch):
    """Given a batch that runs on version 1, when version 2 becomes effective, then the batch keeps
    version 1 to the hash, goes on with its limits, and a new batch is opened on version 2 alone."""
    before = queries.recipe_of(queries.batch_state(batch))
    into_force(second_version(), version=2)
    after = queries.recipe_of(queries.batch_state(batch))
    assert (after.version, after.content_sha256) == (1, before.content_sha256)
    assert after.content == before.content
    assert queries.batch_state(batch).content_sha256 == before.content_sha256
    commands.complete_step(batch=batch, step=1, **signing("marta"))
    rows = {row.version: row for row in RecipeLine.objects.filter(recipe="MBR-019")}
    now = clock.now()
    assert {v: row.standing(now) for v, row in rows.items()} == {1: "superseded", 2: "effective"}
    assert rows[1].superseded_from == rows[2].effective_from
    refused("recipe_not_approved", open_on, 1, "CT-0600")
    open_on(2, "CT-0601")
    assert queries.batch_state("CT-0601").content_sha256 == rows[2].content_sha256
    assert rows[2].content_sha256 != rows[1].content_sha256


def test_r14_a_version_waits_for_its_day_and_the_one_before_it_serves_until_then(recipe):
    day = (clock.now() + timedelta(days=3)).date().isoformat()
    into_force(second_version(), version=2, day=day)
    refused("recipe_not_approved", open_on, 2, "CT-0602")
    open_on(1, "CT-0603")
    now = clock.now()
    assert [row.version for row in recipe_queries.effective(now)] == [1]
    assert [row.version for row in recipe_queries.effective(now + timedelta(days=4))] == [2]
    asked = {"recipe": "MBR-019", "version": 2, "reason": WHY}
    recipe_commands.withdraw_recipe(**asked, **signing("helena"))
    later = recipe_queries.effective(now + timedelta(days=4))
    assert [row.version for row in later] == [1], "version 1 stays where 2 never came"
    kinds = [event.type for event in store.load("recipe", "MBR-019.1")][-2:]
    assert kinds == ["batches.recipe_superseded", "batches.recipe_kept"]


def test_r14_no_batch_is_opened_on_what_is_withdrawn(recipe):
    asked = {"recipe": "MBR-019", "version": 1}
    refused("reason_missing", recipe_commands.withdraw_recipe, **asked, **signing("helena"))
    recipe_commands.withdraw_recipe(**asked, reason=WHY, **signing("helena"))
    refused("recipe_not_approved", open_on, 1, "CT-0604")


def test_r8_the_author_is_not_the_reviewer_and_versions_come_one_after_the_other(people):
    """Given that Pavel, the author, is a process engineer and so a reviewer, then he is refused."""
    asked = {"recipe": "MBR-019", "version": 1}
    content = to_json(making.content(making.PARTS))
    recipe_commands.draft_recipe(**asked, content=content, actor=actor("pavel"))
    recipe_commands.submit_recipe(**asked, **signing("pavel"))
    refused("same_person", recipe_commands.review_recipe, **asked, **signing("pavel"))
    recipe_commands.review_recipe(**asked, **signing("dario"))
    numbers = {"recipe": "MBR-019", "version": 3, "content": content, "actor": actor("pavel")}
    refused("recipe_number", recipe_commands.draft_recipe, **numbers)


def test_versions_stand_beside_each_other_with_their_signatures(desk: Desk) -> None:
    into_force(second_version(), desk.as_signed, version=2)
    page = desk.at("emeka").get("/batches/recipes/MBR-019/").content.decode()
    assert page.count(">signature holds<") == 6, "author, reviewer and quality, of two versions"
    assert "Superseded" in page and "Effective" in page
    answer = desk.at("emeka").get(f"{SECOND}beside/1/")
    page = answer.content.decode()
    assert faults(page) == []
    for seen in ("<del>37.5</del>", "<ins>37.3</ins>", "<ins> slowly</ins>", "1. Greet", "Added",
                 "Removed", "Steps: 1 added, 1 removed, 1 changed, 0 moved."):  # fmt: skip
        assert seen in page, seen
    assert "2. Clear" not in page, "what is the same is not in the way"
    assert "2. Clear" in desk.at("emeka").get(f"{SECOND}beside/1/?all=1").content.decode()
    assert desk.at("emeka").get(f"{SECOND}beside/9/").status_code == 404
    row = queries.recipe_line("MBR-019", 2)
    assert row is not None
    shown = desk.at("helena").get(f"{SECOND}withdraw/").content.decode()
    assert faults(shown) == []


def test_a_record_goes_out_as_a_file_and_comes_back_as_the_next_draft(desk: Desk) -> None:
    file = desk.at("pavel").get("/batches/recipes/MBR-019/1/export.json")
    assert file["Content-Disposition"] == 'attachment; filename="MBR-019-v1.json"'
    told = json.loads(file.content)
    told.pop("$schema")
    assert from_json(told) == queries.recipe_state("MBR-019", 1).content
    sent = {"recipe": "MBR-077", "file": SimpleUploadedFile("x.json", file.content)}
    answer = desk.at("pavel").post("/batches/recipes/draft/", sent)
    assert answer.status_code == 302
    row, first = queries.recipe_line("MBR-077", 1), queries.recipe_line("MBR-019", 1)
    assert row is not None and first is not None
    assert row.content_sha256 == first.content_sha256
    schema = desk.at("pavel").get("/batches/recipes/schema.json").json()
    assert schema["$id"] == "lotbook.master-batch-record.1"


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"header": 3}', b"\xff\xfe", b"[" * 200_000])
def test_a_file_that_is_no_record_is_refused_beside_what_was_typed(desk: Desk, body: bytes) -> None:
    sent = {"recipe": "MBR-078", "title": "Mine", "file": SimpleUploadedFile("x.json", body)}
    answer = desk.at("pavel").post("/batches/recipes/draft/", sent)
    assert answer.status_code == 422
    assert 'value="MBR-078"' in answer.content.decode()
    assert queries.recipe_line("MBR-078", 1) is None


def test_a_draft_is_walked_through_as_an_operator_would_and_that_is_on_record(desk: Desk) -> None:
    """Given a draft, when the engineer walks through two of its steps, tries a value and notes
    something, then no batch and no value is kept, but who walked how far and what they found is;
    the submission warns until then, and again once the record has changed."""
    asked = {"recipe": "MBR-019", "version": 2}
    recipe_commands.draft_recipe(**asked, content=second_version(), actor=actor("pavel"))
    page = desk.at("pavel").get(SECOND).content.decode()
    assert "Nobody has walked through the record as it stands now" in page
    before = len(store.load("recipe", "MBR-019.2"))
    walk = f"{SECOND}dry-run/"
    assert faults(desk.at("pavel").get(f"{walk}3/").content.decode()) == []
    tried = {"then": "try", "value_bath": "38.0", "note": "Say where the probe is"}
    page = desk.at("pavel").post(f"{walk}3/", tried).content.decode()
    assert "Outside the normal operating range: a reason is asked." in page
    assert 'value="38.0"' in page
    assert len(store.load("recipe", "MBR-019.2")) == before
    for stray in ("9", "", "two"):
        with pytest.raises(Refused, match="There is no step"):
            recipe_commands.record_dry_run(
                **asked, walked=[1], notes={stray: "Lost"}, actor=actor("pavel")
            )
    answer = desk.at("pavel").post(f"{walk}1/", {"then": "next", "note": ""})
    assert answer.url == f"{walk}2/"
    answer = desk.at("pavel").post(f"{walk}2/", {"then": "finish", "note": ""})
    assert answer.url == SECOND
    event = store.load("recipe", "MBR-019.2")[-1]
    assert event.sentence == (
        "Version 2 of MBR-019 was walked through as a dry run, 3 of 3 steps. Found: 1 note."
    )
    assert event.data.notes == [{"step": 3, "note": "Say where the probe is"}]
    assert "Nobody has walked" not in desk.at("pavel").get(SECOND).content.decode()
    state = queries.recipe_state("MBR-019", 2)
    edits = [{"op": "set", "at": "header", "values": {"storage": "2 to 8 °C"}}]
    recipe_commands.edit_recipe(
        **asked, edits=edits, seen=state.content_sha256, actor=actor("pavel")
    )
    assert "Nobody has walked" in desk.at("pavel").get(SECOND).content.decode()
    assert desk.at("pavel").get("/batches/recipes/MBR-019/1/dry-run/1/").status_code == 404


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (["1.2", "1.3", "1.4"], "Within the limits."),
        (["1.2", "", "1.4"], "Cells: enter 3 counts"),
        ({"value_cells": "1.2; 1.3; 1.4; 1.5"}, "Cells: enter 3 counts"),
        ({"value_mass": "1.2; 1.3"}, "This is no number"),
        ({"value_mass": "1.2"}, "Within the limits."),
    ],
)
def test_a_dry_run_says_of_counts_what_the_step_would_say(
    desk: Desk, typed: Any, said: str
) -> None:
    limit = Range(low=Decimal("1"), high=Decimal("2"))
    cells = Parameter(key="cells", label="Cells", kind="replicate", replicates=3, acceptance=limit)
    mass = Parameter(key="mass", label="Mass", acceptance=limit)
    made = content_of(phase("P", step(1, cells, mass)))
    recipe_commands.draft_recipe(
        recipe="MBR-033", version=1, content=to_json(made), actor=actor("pavel")
    )
    if isinstance(typed, list):
        typed = {f"value_cells.{place}": one for place, one in enumerate(typed)}
    walk = "/batches/recipes/MBR-033/1/dry-run/1/"
    page = desk.at("pavel").post(walk, {"then": "try", "note": "", **typed}).content.decode()
    assert said in page


def test_an_edit_after_a_return_supersedes_what_was_signed(desk: Desk) -> None:
    asked = {"recipe": "MBR-019", "version": 2}
    recipe_commands.draft_recipe(**asked, content=second_version(), actor=actor("pavel"))
    pavel = desk.as_signed("pavel")
    recipe_commands.submit_recipe(**asked, **pavel)
    sent = {"reason": "The band is too narrow for our bath"}
    answer = desk.at("dario").post(f"{SECOND}return/", sent)
    assert answer.status_code == 302
    page = desk.at("pavel").get(SECOND).content.decode()
    assert "The band is too narrow for our bath" in page
    assert page.count(">signature holds<") == 1
    waiting = desk.at("pavel").get("/").content.decode()
    assert "This master batch record was returned to you." in waiting
    seen = queries.recipe_state("MBR-019", 2).content_sha256
    edits = [{"op": "set", "at": "header", "values": {"storage": "2 to 8 °C"}}]
    recipe_commands.edit_recipe(**asked, edits=edits, seen=seen, actor=actor("pavel"))
    page = desk.at("pavel").get(SECOND).content.decode()
    assert (page.count(">signature holds<"), page.count("superseded</span>")) == (0, 1)


@pytest.mark.parametrize(
    "more",
    ["1.5", "1e400", "-9" + "0" * 40, '{"a":' * 600 + "1" + "}" * 600, "[" * 600 + "]" * 600,
     '{"\\u00e9": 1}', '"a\\ud800"', '"' + "x" * 2_100_000 + '\\ud800"'],
    ids=["float", "infinite", "long", "objects", "lists", "key", "half", "large"],
)  # fmt: skip
def test_a_file_that_no_record_was_exported_to_is_refused_on_the_page(
    draft: Client, more: str
) -> None:
    """Given a file with a number, a depth or a letter that no record has, then the page says so."""
    content = json.dumps(to_json(making.content(making.PARTS)))
    file = SimpleUploadedFile("x.json", f'{{"more":{more},{content[1:]}'.encode())
    answer = draft.post("/batches/recipes/draft/", {"recipe": "MBR-0777", "file": file})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert re.search("no master batch record|cannot be kept|too l|no JSON", page)


def test_r6_a_page_that_is_old_signs_nothing(desk: Desk) -> None:
    from tests.personnel import signers

    asked = {"recipe": "MBR-019", "version": 2}
    recipe_commands.draft_recipe(**asked, content=second_version(), actor=actor("pavel"))
    page = desk.at("pavel").get(SECOND)
    seen = page.context["form"]["seen"].value()
    edits = [{"op": "set", "at": "header", "values": {"storage": "2 to 8 °C"}}]
    recipe_commands.edit_recipe(**asked, edits=edits, seen=seen, actor=actor("pavel"))
    typed = {"seen": seen} | signers.fields(desk.account("pavel"))
    answer = desk.at("pavel").post(f"{SECOND}submit/", typed)
    assert answer.status_code == 422
    assert "The record changed after this page was made" in answer.content.decode()
    assert queries.recipe_state("MBR-019", 2).stage == "draft"
