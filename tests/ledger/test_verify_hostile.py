"""Files that mean harm or make no sense: a sentence, never a traceback (R18)."""

import io
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from ledger import verify
from ledger.verify import verify_bundle
from tests.ledger import bundle_kit as kit
from tests.ledger import log_kit
from tests.ledger.bundle_kit import Files
from tests.ledger.log_kit import Log


@pytest.fixture(scope="module")
def log() -> Log:
    return log_kit.laboratory_log(30)[0]


@pytest.fixture(scope="module")
def whole(log: Log) -> Files:
    return kit.bundle(log)


def check(files: Files, where: Path, *keys: str) -> verify.Report:
    return verify_bundle(str(kit.write_zip(files, where / "bundle.zip")), keys)


def zipped(members: list[tuple[str, bytes]]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name), content)
    return out.getvalue()


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize(
    "name",
    ["../evil", "/etc/passwd", "a\\b", "bodies/../x.jsonl", "C:x", "bodies/", "e" * 5000, "\u202e"],
)
def test_hostile_names_are_refused_r18(whole: Files, tmp_path: Path, name: str) -> None:
    file = tmp_path / "b.zip"
    file.write_bytes(zipped([*whole.items(), (name, b"x")]))
    report = verify_bundle(str(file))
    assert (report.verdict, report.exit_code) == ("unusable", 2)
    assert not (tmp_path.parent / "evil").exists()


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_file_that_is_there_twice_is_refused_r18(whole: Files, tmp_path: Path) -> None:
    file = tmp_path / "b.zip"
    file.write_bytes(zipped([*whole.items(), ("trail.csv", b"x")]))
    assert verify_bundle(str(file)).exit_code == 2


def test_a_zip_bomb_is_refused_before_it_is_unpacked_r18(tmp_path: Path) -> None:
    file = tmp_path / "b.zip"
    bombs = [(f"bodies/{n}.jsonl", b"\n" * (8 << 20)) for n in range(4)]
    file.write_bytes(zipped([("manifest.json", b"{}"), *bombs]))
    report = verify_bundle(str(file), max_total=16 << 20)
    assert report.exit_code == 2 and "unpacks to more than" in report.text()


def test_a_long_line_does_not_fill_the_memory_r18(whole: Files, tmp_path: Path) -> None:
    files = {**whole, "bodies/000000.jsonl": b'{"body":"' + b"x" * (17 << 20)}
    assert check(kit.rehash(files), tmp_path).exit_code == 1


def test_a_link_in_a_folder_is_refused_r18(whole: Files, tmp_path: Path) -> None:
    folder = kit.write_folder(whole, tmp_path / "folder")
    (folder / "blobs" / ("0" * 64)).symlink_to("/etc/hostname")
    assert verify_bundle(str(folder)).exit_code == 2
    (folder / "blobs" / ("0" * 64)).unlink()
    (folder / "other").symlink_to(tmp_path)
    assert verify_bundle(str(folder)).exit_code == 2


def test_what_a_file_manager_leaves_behind_is_not_part_of_the_folder(
    whole: Files, tmp_path: Path
) -> None:
    folder = kit.write_folder(whole, tmp_path / "folder")
    (folder / ".DS_Store").write_bytes(b"x")
    assert verify_bundle(str(folder)).exit_code == 0


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[]",
        b"{}",
        b'{"format":"lotbook.bundle/v2"}',
        b'{"format":"lotbook.bundle/v1"}',
        b'{"format":"lotbook.bundle/v1","format":"lotbook.bundle/v1"}',
        b"[" * 100_000,
        b"\xff\xfe",
        b'{"format":"lotbook.bundle/v1","origin":1,"filter":[],"range":{}}',
        b"1" * 10_000,
    ],
)
def test_a_manifest_that_makes_no_sense_is_a_sentence_r18(tmp_path: Path, text: bytes) -> None:
    report = check({"manifest.json": text, "keys.txt": b""}, tmp_path)
    assert report.exit_code in (1, 2)
    assert report.finding is not None and report.finding.what


def test_a_time_stamp_of_another_checkpoint_is_found_r18(
    shared: Path, log: Log, whole: Files, tmp_path: Path
) -> None:
    """Given a genuine RFC 3161 token that is about something else; then it is found; without the
    library it is present, not checked."""
    token = (shared / "vectors/rfc3161-client/test/fixtures/test_tsa/response.tsr").read_bytes()
    files = kit.rehash({**whole, "epochs/2/timestamp.tsr": token})
    report = check(files, tmp_path)
    assert report.finding is not None and "time-stamp" in report.finding.what
    folder = kit.write_folder(files, tmp_path / "bundle")
    command = [sys.executable, "-I", "-S", "verify.py", "."]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert "RFC 3161 time-stamp: present, not checked" in done.stdout
