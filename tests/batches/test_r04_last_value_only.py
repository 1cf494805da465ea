"""R4: the warning letter's "last value only": here a first value is never lost, wherever one looks.

The case: 39.2 °C is read, it is out of limits, 37.1 °C is read again, and the step is signed.
"""

import csv
import json
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ledger import clock_watch, store
from ledger.event import Recorded
from ledger.export import Filter, export_bundle
from ledger.verify import verify_bundle
from tests.batches.making import BATCH
from tests.batches.test_step_pages import WHY, signed_up_to

FIRST, LAST = "39.2 °C", "37.1 °C"


def test_r04_last_value_only_both_values_reason_and_times_on_page_print_and_export(
    desks, seal, tmp_path
):
    """Given 39.2 °C was typed first and 37.1 °C after it with a reason, when the step is signed and
    verified, then both, the reason and both times stand on the card, the record and the print, in
    the export's table and in its bodies, and the copy verifies."""
    signed_up_to(desks, 2)
    desks.perform("marta", 2, bath="39.2")
    assert desks.perform("marta", 2, bath="37.1").status_code == 422, "no reason, no second value"
    assert desks.perform("marta", 2, bath="37.1", reason=WHY).status_code == 302
    assert desks.verify("ingrid", 2).status_code == 302
    first, last = (e for e in store.load("batch", BATCH) if e.type.startswith("batches.value_"))
    assert (str(first.data.value), str(last.data.old), str(last.data.new)) == ("39.2",) * 2 + (
        "37.1",
    )

    for address in ("steps/2/", "", "print/"):
        _on_the_page(desks.page("helena", address), first, last)
    seal()
    path = tmp_path / "bundle.zip"
    export_bundle(path, Filter(stream_type="batch", stream_id=BATCH))
    report = verify_bundle(str(path))
    assert report.verdict == "verified", report.text()
    _in_the_table(path, first, last)
    _in_the_bodies(path)


def _on_the_page(page: str, first: Recorded, last: Recorded) -> None:
    assert f"<del>{FIRST}</del>" in page
    assert f"<ins>{LAST}</ins>" in page
    assert page.index(f"<del>{FIRST}</del>") < page.index(f"<ins>{LAST}</ins>")
    assert WHY in page
    assert "Outside acceptance" in page
    for moment in (first.recorded_at, last.recorded_at):
        assert f"{moment:%Y-%m-%d %H:%M:%S} UTC" in page


def _in_the_table(path: Path, first: Recorded, last: Recorded) -> None:
    with zipfile.ZipFile(path) as archive:
        text = archive.read("trail.csv").decode("utf-8-sig")
    rows = [row for row in csv.DictReader(text.splitlines()) if FIRST in row["sentence"]]
    entered, beyond, again = rows
    assert "was entered as 39.2 °C" in entered["sentence"]
    assert "outside the acceptance criterion" in beyond["sentence"]
    assert f"{FIRST} and then {LAST}" in again["sentence"]
    assert WHY in again.values()
    for row, event in ((entered, first), (again, last)):
        assert row["recorded_at_utc"].startswith(f"{event.recorded_at:%Y-%m-%dT%H:%M:%S}")


def _in_the_bodies(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        lines: list[dict[str, Any]] = [
            json.loads(json.loads(line)["body"])
            for name in archive.namelist()
            if name.startswith("bodies/")
            for line in archive.read(name).decode().splitlines()
        ]
    changed = [body for body in lines if "old" in body["data"]]
    assert [(one["data"]["old"], one["data"]["new"]) for one in changed] == [("39.2", "37.1")]
    assert changed[0]["reason"] == WHY


def test_r04_a_value_is_kept_where_its_signature_is_refused(desks):
    """Given the server's clock jumped, so that nobody can sign, when Marta enters a value and signs
    at once, then she reads why not, the value is on record, and the step is not done."""
    signed_up_to(desks, 2)
    now = datetime.now(UTC)
    clock_watch.record_jump(clock_watch.Jump(now, now + timedelta(hours=1)))
    response = desks.perform("marta", 2, bath="37.0")
    assert response.status_code == 422
    assert 'value="37.0"' in response.content.decode()
    last = store.load("batch", BATCH)[-1]
    assert (last.type, str(last.data.value)) == ("batches.value_entered", "37.0")
