"""R18: the batch's trail leaves the house with both values, every signature, and its own proof."""

import csv
import json
import zipfile
from pathlib import Path

from batches import commands
from ledger.export import Filter, export_bundle
from ledger.verify import verify_bundle
from tests.batches.conftest import enter, signing, work_up_to

WHY = "Thermometer was not settled"


def test_r4_r18_the_export_of_a_batch_shows_both_values_and_verifies(batch, seal, tmp_path):
    """Given a first value beyond its limit and a second one, when the batch is exported, then the
    copy holds both, the reason and the times, and the verifier finds the signatures good."""
    work_up_to(2)
    enter(2, bath="39.2")
    enter(2, bath="37.1", reason=WHY)
    commands.complete_step(batch=batch, step=2, **signing("marta"))
    commands.verify_step(batch=batch, step=2, **signing("ingrid"))
    seal()
    path = tmp_path / "bundle.zip"
    export_bundle(path, Filter(stream_type="batch", stream_id=batch))

    report = verify_bundle(str(path))

    assert report.verdict == "verified", report.text()
    lines = _rows(path)
    sentences = "\n".join(" ".join(row.values()) for row in lines)
    assert "Water bath was entered as 39.2 °C." in sentences
    assert "Water bath 39.2 °C is outside the acceptance criterion (36.0 to 38.0 °C)." in sentences
    assert "39.2 °C and then 37.1 °C" in sentences
    assert WHY in sentences
    both = [row for row in lines if "39.2 °C" in row["sentence"]]
    assert len(both) == 3 and all(row["recorded_at_utc"].endswith("Z") for row in both)
    meanings = _meanings(path)
    assert meanings.count("performed") == 2
    assert meanings.count("verified") == 2


def _rows(path: Path) -> list[dict[str, str]]:
    with zipfile.ZipFile(path) as archive:
        text = archive.read("trail.csv").decode("utf-8-sig")
    return list(csv.DictReader(text.splitlines()))


def _meanings(path: Path) -> list[str]:
    """The meanings of the signatures that came along with what they sign."""
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if name.startswith("bodies/")]
        bodies = [
            json.loads(json.loads(line)["body"])
            for name in names
            for line in archive.read(name).decode().splitlines()
        ]
    return [body["data"]["meaning"] for body in bodies if "meaning" in body["data"]]
