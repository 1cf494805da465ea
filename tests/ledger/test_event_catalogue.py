"""`event_catalogue --write`: the kept catalogue grows, and loses or changes nothing."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import override_settings

from ledger.management.commands.event_catalogue import KEPT
from tests.databases import ROOT

BLOCK = "equipment.moved v1"


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """Given: a checkout whose kept catalogue is this one's."""
    file = tmp_path / KEPT
    file.parent.mkdir(parents=True)
    with override_settings(BASE_DIR=tmp_path):
        file.touch()
        write()
    return file


def write() -> str:
    out = StringIO()
    call_command("event_catalogue", "--write", stdout=out)
    return out.getvalue().strip()


def without(text: str, title: str) -> str:
    """The catalogue without one of its blocks."""
    before, _title, rest = text.partition(f"{title}\n")
    return before + rest[rest.index("\nequipment.") + 1 :]


def test_what_is_new_is_added_in_its_place(kept: Path, tmp_path: Path) -> None:
    whole = kept.read_text("utf-8")
    kept.write_text(without(whole, BLOCK), "utf-8")
    with override_settings(BASE_DIR=tmp_path):
        assert write() == f"Added: {BLOCK}."
        assert kept.read_text("utf-8") == whole
        assert write() == "Nothing is new."


def test_the_blocks_of_old_versions_and_withdrawn_types_stay(kept: Path, tmp_path: Path) -> None:
    """Given a type at an older version and one that is no more, when the catalogue is written
    again, then both still stand in it."""
    gone = "batches.abandoned v1\n  reads as:  {batch} was abandoned.\n"
    older = "equipment.moved v0\n  reads as:  {unit} was carried away.\n"
    whole = gone + kept.read_text("utf-8").replace(f"{BLOCK}\n", f"{older}{BLOCK}\n")
    kept.write_text(whole, "utf-8")
    with override_settings(BASE_DIR=tmp_path):
        assert write() == "Nothing is new."
    assert kept.read_text("utf-8") == whole


def test_a_type_that_was_kept_is_not_changed(kept: Path, tmp_path: Path) -> None:
    """Given a type whose kept block reads otherwise, then nothing is written and the way out is
    said."""
    otherwise = kept.read_text("utf-8").replace("was moved from", "went from")
    kept.write_text(otherwise, "utf-8")
    with override_settings(BASE_DIR=tmp_path), pytest.raises(CommandError, match="raise the ver"):
        write()
    assert kept.read_text("utf-8") == otherwise


def test_the_kept_catalogue_is_in_the_checkout() -> None:
    assert (ROOT / KEPT).exists()
