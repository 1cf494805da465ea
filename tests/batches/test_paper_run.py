"""The shipped CAR-T record, made to its end with all that goes astray, prints whole."""

from __future__ import annotations

import json
from typing import Any

import pytest

from batches import commands, label_commands, paper_commands, queries
from ledger import paper as sheets
from ledger import store
from tests.batches import car_t_day as day
from tests.batches.car_t_floor import BATCH
from tests.batches.conftest import actor, signing
from tests.batches.test_car_t_run import carried_out, crew
from tests.batches.test_paper import AT, attached, own_seal, text_of

__all__ = ["crew", "own_seal"]


@pytest.fixture
def finished(crew: Any, seal: Any, own_seal: None) -> str:
    """Every step stands, labels are counted, the record is closed and sealed."""
    carried_out(crew)
    label_commands.reconcile_labels(roll=BATCH, **signing("helena"))
    commands.complete(batch=BATCH, **signing("dario"))
    seal()
    return BATCH


def test_r4_r18_a_whole_batch_with_all_that_went_astray_is_on_paper(finished):
    """Given two values out of limits, a correction, a typo, an N/A, a late entry, a scribed block,
    an override, a handover and a repeat, when the batch is printed, then each entry stands there
    with its sentence, who, when and why, whatever kind it is."""
    content, made = paper_commands.printed(
        queries.batch(finished), person=actor("dario").person, at=AT
    )

    flat = "".join(text_of(content).split()).replace("\u200b", "")
    events = store.load("batch", finished)
    kinds = {event.type for event in events}
    assert {"batches.override_agreed", "batches.late_entry_made", "batches.typo_corrected"} <= kinds
    for event in events:
        for part in (event.sentence, event.reason):
            assert "".join(part.split()) in flat, part
    assert made.entries == len(events)
    for text in (day.LATE.reason, day.OVERRIDDEN.reason, day.TYPO.typed, day.CORRECTION.typed):
        assert "".join(text.split()) in flat
    assert "Lateentry:done" in flat
    assert sheets.check_seal(content) == sheets.SealReport(True, True, made.seal_sha256)

    record = json.loads(attached(content, "record.json"))
    rows = [row for part in record["parts"] for step in part["steps"] for row in step["rows"]]
    told = {row["no"] for row in rows}
    of_steps = {e.version for e in events if getattr(e.data, "step", 0)}
    assert of_steps <= told  # each event of a step is a row of that step
    replaced = [row for row in rows if row["old"]]
    assert replaced and all(row["who"] and row["at"] and row["value"] for row in replaced)
    open_signatures = [row for row in record["annex"][0]["rows"] if "BROKEN" in row[5]]
    assert open_signatures == []
