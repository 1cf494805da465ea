"""The offline verifier on sound bundles, and what runs it (R2, R18)."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ledger import verify
from ledger.verify import verify_bundle
from tests.ledger import bundle_kit as kit
from tests.ledger import log_kit
from tests.ledger.bundle_kit import Files
from tests.ledger.log_kit import Log

SELECTIONS: list[dict[str, Any]] = [
    {},
    {"stream_type": "equipment", "stream_id": "INC-2"},
    {"type": "equipment.cleaned", "first": 10, "last": 40},
    {"actor": "p-ana", "first": 80},
    {"first": 50, "last": 90},
    {"from": "2026-03-01T08:00:30.000000Z", "to": "2026-03-01T08:01:10.000000Z"},
    {"type": "nothing.matches"},
    {"first": 30, "last": 29},
    {"last": 10_000_000},
]


@pytest.fixture(scope="module")
def log() -> Log:
    return log_kit.laboratory_log(30)[0]


@pytest.fixture(scope="module")
def whole(log: Log) -> Files:
    return kit.bundle(log)


def check(files: Files, where: Path, *keys: str) -> verify.Report:
    return verify_bundle(str(kit.write_zip(files, where / "bundle.zip")), keys)


@pytest.mark.parametrize("chosen", SELECTIONS, ids=str)
def test_a_sound_bundle_is_verified_r18(log: Log, tmp_path: Path, chosen: dict[str, Any]) -> None:
    """Given a bundle for any selection, over a key change and a restored backup; then it is
    verified under the newest key, as a zip and as a folder, and the report tells the selection."""
    files = kit.bundle(log, **chosen)
    vouching = kit.bundle(log, **chosen)
    report = check(files, tmp_path)
    assert (report.verdict, report.finding, report.exit_code) == ("verified", None, 0)
    assert "came with the bundle" in report.text()
    folder = kit.write_folder(vouching, tmp_path / "folder")
    assert verify_bundle(str(folder)).verdict == "verified"
    for key, value in chosen.items():
        assert f"{key} {value}" in report.facts["asked for"]


def test_each_key_of_the_log_s_life_is_enough_for_the_whole_log_r18(
    log: Log, whole: Files, tmp_path: Path
) -> None:
    """Given only the first, a middle or the newest key; then the chain of key changes and epochs
    leads from it to all checkpoints; a stranger's key leads nowhere."""
    for key in [*log.old_keys, log.key]:
        report = check(whole, tmp_path, key.vkey)
        assert report.verdict == "verified"
        assert "came with the bundle" not in report.text()
    stranger = log_kit.from_seed(log.origin, seed=b"9" * 32)
    refused = check(whole, tmp_path, stranger.vkey)
    assert (refused.verdict, refused.exit_code) == ("failed", 1)
    assert refused.finding is not None and "No key you trust" in refused.finding.what


def test_it_runs_alone_from_inside_the_bundle_r18(whole: Files, tmp_path: Path) -> None:
    """Given the unpacked bundle and a Python without any library; when its own verify.py is run;
    then it verifies (ML-DSA-44 present, not checked), and exits 1 once a body is changed."""
    folder = kit.write_folder(whole, tmp_path / "bundle")
    command = [sys.executable, "-I", "-S", "verify.py", "."]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "VERIFIED" in done.stdout and "present, not checked" in done.stdout
    bodies = folder / "bodies" / "000000.jsonl"
    bodies.write_bytes(bodies.read_bytes().replace(b"INC-1", b"INC-7", 1))
    done = subprocess.run([*command, "--json"], cwd=folder, capture_output=True, check=False)
    assert done.returncode == 1
    assert json.loads(done.stdout)["verdict"] == "failed"


def test_main_says_two_for_what_is_no_bundle(tmp_path: Path, capsys: Any) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("no bundle")
    assert verify.main([str(file)]) == 2
    assert "UNUSABLE" in capsys.readouterr().out
    assert verify.main([str(tmp_path / "missing.zip"), "--json"]) == 2


def test_the_trail_is_what_the_exporter_writes(log: Log) -> None:
    """Given every event of a log; then the exporter and the verifier, written apart, make the same
    cells and lines of it (but the sentence)."""
    from ledger.export import trail_csv

    count, columns = 0, list(trail_csv.COLUMNS)
    for tree in log.trees:
        for entry, raw in zip(tree.entries, tree.bodies, strict=True):
            row = (count, trail_csv.entry_lines(entry), raw)
            said = trail_csv.cells(row, lambda *_: "", lambda _row: "")
            cells = [trail_csv.safe(cell) for cell in said]
            cells.pop(columns.index("signatures"))  # judged apart, when all is read
            match = verify._ENTRY(entry)
            assert match is not None
            for simple in {False, verify._is_simple(raw)}:
                made = verify.trail_cells(count, match.groups(), json.loads(raw), simple=simple)
                assert made == cells
            assert trail_csv.json_line(row) == verify._LINE % (count, *match.groups(), raw)
            count += 1
    assert columns.pop(verify.SENTENCE + 1) == "signatures"
    assert columns == verify.COLUMNS
    assert count > 100
