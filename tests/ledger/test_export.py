"""R18: the inspection bundle verifies offline and is complete for its filter."""

import csv
import io
import json
import shutil
import subprocess
import sys
import tracemalloc
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from ledger import export, ids, sequencer, store, strangers, unfit
from ledger.codec import CommandRef
from ledger.event import Actor, Refused, UnknownEvent
from ledger.export import Filter, Summary, export_bundle
from ledger.models import Trail
from ledger.outside import Outside
from ledger.trail_commands import check_bundle, hand_out
from ledger.verify import verify_bundle
from tests.ledger import bundles
from tests.ledger import laboratory as lab

INSPECTOR = Actor(person="p-inspector", role="inspector", terminal="t-9")


@pytest.fixture
def inspected(database, seal):
    """A site with a sealed history."""
    bundles.given_a_history(seal)
    return database


def exported(folder: Path, chosen: Filter | None = None) -> tuple[Path, Summary]:
    """A bundle, and what the exporter says of it."""
    path = folder / f"bundle-{len(list(folder.iterdir()))}.zip"
    return path, export_bundle(path, chosen)


def must_verify(path: Path) -> Any:
    """The verifier's report, which finds nothing wrong."""
    report = verify_bundle(str(path))
    assert report.verdict == "verified", report.text()
    return report


def test_r18_a_bundle_of_everything_verifies(inspected, tmp_path):
    """Given a sealed log, when all of it is exported, then the verifier finds it whole."""
    path, summary = exported(tmp_path)

    report = must_verify(path)

    assert summary.matches == summary.entries == report.facts["matches"] == 67
    assert "67 entries lead to the signed roots" in report.text()
    assert (summary.first, summary.last) == (0, 66)


def test_r18_a_bundle_verifies_with_nothing_but_python(inspected, tmp_path):
    """Given a computer without Lotbook and network, when the bundle's own verifier runs, then it
    answers: yes for the bundle, no once a byte has changed, and 2 for what is no bundle."""
    path, _ = exported(tmp_path, Filter(stream_id="CF-01"))
    alone = tmp_path / "elsewhere"
    with zipfile.ZipFile(path) as archive:
        archive.extractall(alone)
        verifier = archive.extract("verify.py", tmp_path)

    assert run_alone(verifier, path).returncode == 0
    folder = run_alone(alone / "verify.py", alone)
    assert folder.returncode == 0 and "VERIFIED" in folder.stdout
    body = next((alone / "bodies").iterdir())
    body.write_bytes(body.read_bytes().replace(b"run 7", b"run 8"))
    tampered = run_alone(alone / "verify.py", alone)
    assert tampered.returncode == 1 and "NOT VERIFIED" in tampered.stdout
    assert run_alone(verifier, tmp_path / "nothing.zip").returncode == 2


def run_alone(verifier: Path | str, bundle: Path) -> "subprocess.CompletedProcess[str]":
    """Python without site-packages, environment and working directory of ours."""
    return subprocess.run(
        [sys.executable, "-I", "-S", str(verifier), str(bundle)],
        capture_output=True,
        text=True,
        cwd="/",
        env={},
    )


FILTERS = {
    "one unit": Filter(stream_type="equipment", stream_id="CF-01"),
    "one kind": Filter(type="ledger.refused"),
    "one person": Filter(actor=lab.OPERATOR.person),
    "a stretch": Filter(first=10, last=30),
    "a stretch of one kind": Filter(type="ledger.signature_applied", first=50),
    "one entry": Filter(first=7, last=7),
    "nobody": Filter(actor="p-nobody"),
    "beyond the end": Filter(first=5, last=10_000),
}


@pytest.mark.parametrize("name", FILTERS)
def test_r18_a_filtered_bundle_is_complete(inspected, tmp_path, name):
    """Given a filter, when the trail is exported, then the count shown before is what is in it,
    and the verifier agrees that nothing that matches is missing."""
    counted = export.count_matches(FILTERS[name])

    path, summary = exported(tmp_path, FILTERS[name])

    report = must_verify(path)
    assert counted == summary.matches == report.facts["matches"]
    lines = bundles.unpacked(path)["trail.jsonl"].splitlines()
    assert len(lines) == counted
    assert counted > 0 or name == "nobody"


def test_r18_times_are_filtered_to_the_microsecond(database, seal, fixed_clock, tmp_path):
    """Given entries a microsecond apart, then `from` includes and `to` excludes its moment."""
    lab.append("CF-01", expected=0, texts=["Before the log began"])
    seal()
    moments = []
    for version in range(1, 5):
        moments.append(fixed_clock.advance(microseconds=1 if version % 2 else 999_999))
        lab.append("CF-01", expected=version, texts=[f"Step {version}"])
    seal()
    chosen = Filter(stream_id="CF-01", since=moments[1], until=moments[3])

    path, summary = exported(tmp_path, chosen)

    must_verify(path)
    assert summary.matches == 2


def test_r18_an_attachment_and_a_signature_come_along(inspected, tmp_path):
    """Given a report with an attachment and a signature, then the bundle holds both."""
    path, _ = exported(tmp_path, Filter(type="ledger.refused"))

    files = bundles.unpacked(path)
    assert b"chromatogram of run 7" in files.values()
    signed = [line for line in files["bodies/000000000.jsonl"].splitlines() if b"Ana Ruiz" in line]
    assert len(signed) == 1
    assert "1 signatures of people hold" in must_verify(path).text()


def test_r18_only_what_is_sealed_is_exported(inspected, tmp_path):
    """Given an entry that is not sealed yet, then the bundle ends before it, and says so."""
    lab.append("CF-01", expected=43, texts=["Not sealed yet"])

    assert export.unsealed() == 1
    assert not export.wait_for_seal(timeout=0.1)
    path, summary = exported(tmp_path)

    assert summary.last == 66
    must_verify(path)


def test_nothing_sealed_nothing_exported(database, tmp_path):
    """Given a log that was never sealed, then the export says what to do."""
    with pytest.raises(Refused, match="Start the sealer"):
        exported(tmp_path)


HOSTILE = [
    "=1+1",
    "+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "  =1",
    "a;=1+1",
    "a\n=cmd|' /C calc'!A0",
    "\uff1d1+1",
    '"=1"',
    "plain",
    "Temperature 3-4 °C; pH 7.4",
]


def test_r18_no_cell_of_the_table_runs_as_a_formula(database, seal, tmp_path):
    """Given entries that a spreadsheet would take for formulas, then each is made harmless, and
    the JSON lines keep them to the letter."""
    lab.append("CF-01", expected=0, texts=HOSTILE)
    seal()

    path, _ = exported(tmp_path)

    must_verify(path)
    files = bundles.unpacked(path)
    for row in csv.reader(io.StringIO(files["trail.csv"].decode("utf-8-sig"), newline="")):
        for cell in row:
            for part in cell.replace("\n", ";").replace("\t", ";").split(";"):
                assert not part.strip().startswith(("=", "+", "-", "@", "\uff1d")), cell
    told = [json.loads(line)["body"]["data"].get("text") for line in _lines(files)]
    assert [text for text in told if text] == HOSTILE


def _lines(files: bundles.Files) -> list[bytes]:
    return files["trail.jsonl"].split(b"\n")[:-1]


def test_the_same_export_is_the_same_bytes(inspected, tmp_path):
    """Given the same log and moment, when it is exported twice, then not a byte differs."""
    moment = datetime(2026, 3, 2, tzinfo=UTC)
    one, two = tmp_path / "one.zip", tmp_path / "two.zip"

    assert export_bundle(one, created_at=moment).sha256 == (
        export_bundle(two, created_at=moment).sha256
    )
    assert one.read_bytes() == two.read_bytes()


@pytest.mark.tampers
def test_an_unknown_version_stops_the_export(database, seal, tmp_path, monkeypatch):
    """Given an event of newer software, which its sealer gave a position, then this software, which
    cannot read it, does not export it as if it could."""
    monkeypatch.setattr(unfit.Judge, "faults", lambda _self, rows: ((row, "") for row in rows))
    command = CommandRef(ids.new_id(), "equipment.make_entry", b"\0" * 32)
    change = store.Change("equipment", "CF-01", 0, [lab.note("CF-01", "new", version=0)])
    (draft,) = store.draft(command=command, actor=lab.OPERATOR, changes=[change])
    store.write([replace(draft, schema_version=99)], command=command)
    seal()

    with pytest.raises(UnknownEvent, match="version 99 is newer"):
        exported(tmp_path)


def test_r18_a_bundle_across_a_restored_backup_verifies(sqlite_database, seal, tmp_path):
    """Given a log that went on in a new epoch after a restore, then bundles across, before and
    after the border verify."""
    bundles.given_a_history(seal)
    saved = tmp_path / "saved.sqlite3"
    call_command("backup_ledger", str(saved), stdout=io.StringIO())
    lab.append("CF-01", expected=43, texts=[f"Lost {number}" for number in range(5)])
    seal()
    restored(sqlite_database, saved)
    call_command("begin_epoch", yes=True, reason="The disk failed", stdout=io.StringIO())
    lab.append("CF-01", expected=43, texts=["Written again"])
    seal()

    for chosen in (
        Filter(),
        Filter(stream_id="CF-01"),
        Filter(last=20),
        Filter(first=20, last=66),
        Filter(first=66),
        Filter(first=67),
    ):
        path, _ = exported(tmp_path, chosen)
        report = must_verify(path)
        assert "epoch 2" in report.text()


@pytest.mark.parametrize("there", ["a folder", "another log's", "nothing"])
def test_r18_an_export_without_the_outside_store_says_where_to_make_it(
    sqlite_database, seal, tmp_path, settings, there
):
    """Given a log cut short by a restore, and no outside store that this process may read, then
    the export says where it can be made."""
    lab.append("CF-01", expected=0, texts=["Run 1"])
    seal()
    lab.append("CF-01", expected=1, texts=["Sealed after the backup"])
    sequencer.sequence_all(using="sealer")
    saved = tmp_path / "saved.sqlite3"
    call_command("backup_ledger", str(saved), stdout=io.StringIO())
    lab.append("CF-01", expected=2, texts=["Lost"])
    seal()
    restored(sqlite_database, saved)
    call_command("begin_epoch", yes=True, reason="The disk failed", stdout=io.StringIO())
    settings.LOTBOOK_OUTSIDE = tmp_path / "elsewhere"
    if there == "a folder":
        settings.LOTBOOK_OUTSIDE.mkdir()
    if there == "another log's":
        Outside(settings.LOTBOOK_OUTSIDE, name="another.example").close()

    with pytest.raises(Refused, match="Export where the sealer runs"):
        exported(tmp_path)


def restored(database: Any, saved: Path) -> None:
    """The backup takes the database's place."""
    from django.db import connections

    connections.close_all()
    for ending in ("-wal", "-shm"):
        Path(database.name + ending).unlink(missing_ok=True)
    shutil.copyfile(saved, database.name)


def test_exporting_and_verifying_are_events(inspected, seal, tmp_path):
    """Given an inspector, when a bundle is handed out and checked, then the trail says so."""
    with lab.by_roles_alone():
        summary = hand_out(tmp_path / "b.zip", Filter(stream_id="CF-01"), actor=INSPECTOR)
        checked = check_bundle(tmp_path / "b.zip", actor=INSPECTOR)

    assert (checked.report.verdict, checked.against) == ("verified", strangers.OWN)
    (made,) = _told("ledger.trail_exported")
    assert (made.matches, made.sha256) == (summary.matches, summary.sha256)
    assert made.filter == "stream_id CF-01"
    (told,) = _told("ledger.bundle_verified")
    assert (told.sha256, told.outcome) == (summary.sha256, "verified")
    assert told.against == "this log's own key"


def _told(kind: str) -> list[Any]:
    rows = Trail.objects.filter(type=kind).order_by("event_id")
    found = [store.event(row.event_id) for row in rows]
    return [event.data for event in found if event is not None]


def test_who_may_not_export_gets_no_bundle_and_is_on_the_trail(inspected, tmp_path):
    """Given an operator, when they ask for a copy, then they get none, and the attempt stays."""
    with lab.by_roles_alone(), pytest.raises(Refused):
        hand_out(tmp_path / "b.zip", Filter(), actor=lab.OPERATOR)

    assert list(tmp_path.iterdir()) == []
    assert Trail.objects.filter(type="ledger.refused").count() == 2  # one stands in the history


def test_the_command_counts_waits_and_writes(inspected, tmp_path):
    """Given the server's console, when a bundle is asked for, then it is counted and written."""
    said = io.StringIO()
    out = tmp_path / "b.zip"

    with lab.by_roles_alone():
        call_command("export_trail", "--stream-id", "CF-01", "--count", stdout=said)
        assert not out.exists()
        call_command("export_trail", str(out), "--stream-id", "CF-01", stdout=said)
        with pytest.raises(CommandError, match="not overwritten"):
            call_command("export_trail", str(out), stdout=said)

    assert "43 records match (stream_id CF-01); positions 0 to 66 are sealed." in said.getvalue()
    must_verify(out)


def test_memory_stays_flat(sqlite_database, seal, tmp_path):
    """Given a log ten times as long, when it is exported, then it takes hardly more memory."""
    lab.append("CF-01", expected=0, texts=["Rotor checked" * 20] * 300)
    lab.append("CF-02", expected=0, texts=["Rotor checked" * 20] * 300)
    seal()
    small = _peak(tmp_path)
    for unit in range(18):
        lab.append(f"IN-{unit}", expected=0, texts=["Rotor checked" * 20] * 300)
    seal()

    assert _peak(tmp_path) < small * 1.5


def _peak(folder: Path) -> int:
    tracemalloc.start()
    try:
        exported(folder)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
