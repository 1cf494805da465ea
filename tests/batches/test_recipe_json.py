"""A record goes out as JSON and comes back the same, to the hash; what does not fit says where."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from batches import recipe_writing
from batches.recipe import INITIAL, evolve
from batches.recipe_blocks import blocks
from batches.recipe_content import Content
from batches.recipe_json import canonical, content_sha256, from_json, schema, to_json
from batches.recipe_source_queries import SHIPPED
from tests.batches.generated_recipes import contents
from tests.batches.making import PARTS, content, refused

DOCS = Path(__file__).parents[2] / "docs"
LEVELS = {"UnitProcedure", "Operation", "Phase", "Step", "Parameter"}


def there_and_back(made: Content) -> Content:
    return from_json(json.loads(json.dumps(to_json(made))))


@pytest.mark.parametrize("number", SHIPPED)
def test_import_of_an_export_is_the_same_for_every_shipped_record(number: str) -> None:
    made = SHIPPED[number].content()
    assert there_and_back(made) == made
    assert content_sha256(there_and_back(made)) == content_sha256(made)


@settings(max_examples=1000, deadline=None, suppress_health_check=list(HealthCheck))
@given(contents())
def test_import_of_an_export_is_the_same_for_a_thousand_generated_records(made: Content) -> None:
    assert there_and_back(made) == made
    assert canonical(to_json(there_and_back(made))) == canonical(to_json(made))


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(contents())
def test_a_draft_of_a_sound_record_is_that_record(made: Content) -> None:
    """Given a record whose parts are numbered and named, then drafting it changes not a byte."""
    asked = {"recipe": "MBR-900", "version": 1, "content": made, "author": "p-pavel7"}
    state = evolve(INITIAL, recipe_writing.draft(INITIAL, **asked)[0])
    assert state.content == made
    assert state.content_sha256 == content_sha256(made)


@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        ({}, "header"),
        ({"header": {"title": "A", "product": "B"}, "unit_procedures": 3}, "unit_procedures"),
        ({"header": {"title": 7, "product": "B"}, "unit_procedures": []}, "title"),
        ([], "object"),
        (None, "null"),
    ],
)
def test_what_is_no_record_says_where_it_does_not_fit(wrong, where):
    assert where in str(refused("not_a_recipe", from_json, wrong))


def test_the_schema_names_the_levels_and_what_each_cannot_do_without() -> None:
    told = schema()
    assert set(told["$defs"]) >= LEVELS | {"Content", "Header", "HoldTime", "Material"}
    assert set(told["$defs"]["Content"]["required"]) == {"header", "unit_procedures"}


def test_the_published_schema_is_the_one_in_use() -> None:
    """The schema in docs/ is what the importer reads by."""
    kept = json.loads((DOCS / "master-batch-record.schema.json").read_text())
    assert kept == schema()


def test_every_exported_record_fits_the_published_schema() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    reader = jsonschema.Draft202012Validator(schema())
    for module in SHIPPED.values():
        assert list(reader.iter_errors(to_json(module.content()))) == []
    broken = to_json(content(PARTS)) | {"unit_procedures": "none"}
    assert list(reader.iter_errors(broken)) != []


def test_every_building_block_is_part_of_a_record_that_can_be_submitted() -> None:
    from batches.recipe_check import errors
    from batches.recipe_edit import numbered
    from batches.recipe_nodes import copied

    for block in blocks():
        document = to_json(content([]))
        phase = {"title": "P", "key": "p", "steps": []}
        operation = {"title": "O", "key": "o", "phases": [phase]}
        document["unit_procedures"] = [{"title": "U", "key": "u", "operations": [operation]}]
        state = evolve(
            INITIAL,
            recipe_writing.draft(
                INITIAL, recipe="MBR-900", version=1, content=from_json(document), author="p-a"
            )[0],
        )
        changes = copied(state.document, "phases:p", block.level, block.node, block.lines)
        made = recipe_writing.edit(state, edits=changes, seen=state.content_sha256, editor="p-a")
        after = evolve(state, made[0])
        assert numbered(after.document) == after.document
        wrong = [one for one in errors(after.content) if "has no step" not in one.english]
        assert wrong == [], (block.key, [one.english for one in wrong])
