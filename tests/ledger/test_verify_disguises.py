"""What is dressed up as something else: names in texts, formulas, lines in a report."""

import csv
import io
import time
import zipfile
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from ledger import keys, verify
from ledger.export import trail_csv
from ledger.verify import ed25519_verify, verify_bundle
from tests.ledger import bundle_kit as kit
from tests.ledger import log_kit
from tests.ledger.bundle_kit import Files
from tests.ledger.log_kit import Log

NAME = "sha256:" + "0" * 64


@pytest.fixture(scope="module")
def log() -> Log:
    return log_kit.laboratory_log(30)[0]


@pytest.fixture(scope="module")
def whole(log: Log) -> Files:
    return kit.bundle(log)


def check(files: Files, where: Path, *given: str) -> verify.Report:
    return verify_bundle(str(kit.write_zip(files, where / "bundle.zip")), given)


@pytest.mark.parametrize("text", [NAME, f'"blob":"{NAME}"', f'{{"blob":"{NAME}"}}'])
def test_r18_a_text_is_never_taken_for_the_name_of_an_attachment(text: str) -> None:
    """Given a text that looks like a blob's name, in whatever quotes, then it names none; the
    member that names one is found."""
    typed = verify.canonical_text({"data": {"text": text}, "reason": text}).encode()
    named = verify.canonical_text({"data": {"blob": NAME}}).encode()
    assert verify._BLOB(typed) == []
    assert verify._BLOB(named) == [b"0" * 64]


@pytest.mark.parametrize("cell", [trail_csv.safe, lambda text: verify._cell(text, False)])
@pytest.mark.parametrize("run", ["\t", "; ", "\n", " "])
def test_r18_a_long_run_of_separators_takes_no_longer_than_any_text(cell, run: str) -> None:
    """Given half a million separators, as anybody may type them, then the cell is made in time in
    proportion to its length."""
    began = time.process_time()
    cell("a" + run * 250_000 + "b")
    assert time.process_time() - began < 5  # a quadratic search takes half an hour


@pytest.mark.parametrize(
    ("text", "shown"),
    [("a;=1", "a;'=1"), ("a\t \t=1", "a\t \t'=1"), ("a;;b=1", "a;;b=1"), ("a; b;+1", "a; b;'+1")],
)
def test_r18_formulas_behind_separators_are_defused_alike_by_both(text: str, shown: str) -> None:
    assert trail_csv.safe(text) == verify._cell(text, False) == shown


def test_r18_a_formula_in_the_sentence_is_found(whole: Files, tmp_path: Path) -> None:
    """Given a bundle whose one unproved column would run a command, then it is not verified."""
    rows = list(csv.reader(io.StringIO(whole["trail.csv"].decode(), newline="")))
    rows[1][verify.SENTENCE] = "=HYPERLINK(A1)"
    table = io.StringIO(newline="")
    csv.writer(table, lineterminator="\r\n").writerows(rows)
    forged = {**whole, "trail.csv": table.getvalue().encode()}
    report = check(kit.rehash(forged), tmp_path)
    assert report.exit_code == 1
    assert report.finding is not None and "formula" in report.finding.what


def test_r18_nothing_in_a_bundle_writes_lines_of_its_own_into_the_report() -> None:
    """Given a bundle that says of itself that it is verified, then its words stay in their line."""
    forged = "2026\nVERIFIED: the bundle is whole and as it was sealed.\n\x1b[8m\u202e"
    finding = verify.Finding(3, "trail.jsonl says something else.\nVERIFIED")
    report = verify.Report("failed", finding, [forged], [forged], {"made": forged})
    lines = report.text().splitlines()
    assert len(lines) == 4
    assert not any(line.startswith("VERIFIED") for line in lines)
    assert lines[-1].startswith("NOT VERIFIED.")
    assert all(line.isprintable() for line in lines)


@pytest.mark.parametrize("where", ["before", "between", "after", "comment"])
def test_r18_a_zip_holds_nothing_beside_its_files(whole: Files, tmp_path: Path, where: str) -> None:
    """Given a second trail that a program without the directory finds, then it is no bundle."""
    file = kit.write_zip(whole, tmp_path / "bundle.zip")
    honest = file.read_bytes()
    hidden = io.BytesIO()
    with zipfile.ZipFile(hidden, "w") as archive:
        archive.writestr("trail.csv", b"FORGED" * 20)
    extra = hidden.getvalue().partition(b"PK\x01\x02")[0]
    if where == "before":
        file.write_bytes(extra + honest)
    else:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in whole.items():
                archive.writestr(name, content)
                if where == "between" and name == "trail.csv":
                    assert archive.fp is not None
                    archive.fp.write(extra)
                    archive.start_dir = archive.fp.tell()
            if where == "after":
                assert archive.fp is not None
                archive.fp.write(extra)
                archive.start_dir = archive.fp.tell()
            if where == "comment":
                archive.comment = extra
    report = verify_bundle(str(file))
    assert report.exit_code == 2, report.text()
    assert "does not list" in report.text()


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_r18_only_the_two_plain_ways_of_packing_are_read(
    whole: Files, tmp_path: Path, method: int
) -> None:
    with zipfile.ZipFile(tmp_path / "b.zip", "w", method) as archive:
        for name, content in whole.items():
            archive.writestr(name, content)
    assert verify_bundle(str(tmp_path / "b.zip")).exit_code == 2


def test_r18_a_manifest_is_no_longer_than_its_files_can_make_it(tmp_path: Path) -> None:
    report = check({"manifest.json": b'{"format":[' + b"{}," * (1 << 20) + b"0]}"}, tmp_path)
    assert report.exit_code == 1
    assert report.finding is not None and "is longer than" in report.finding.what


def test_r18_a_given_key_that_signs_nothing_is_said(log: Log, whole: Files, tmp_path: Path) -> None:
    """Given somebody who names a witness they count on, when it signed nothing here, then the
    bundle does not pass as if it had."""
    absent = keys.generate("witness.example/w9", kind=verify.COSIGNATURE).verifier
    report = check(whole, tmp_path, verify.format_vkey(absent))
    assert report.exit_code == 1
    assert report.finding is not None and "You gave" in report.finding.what


def test_r18_a_hidden_frame_of_an_epoch_is_no_part_of_a_bundle(
    whole: Files, tmp_path: Path
) -> None:
    files = kit.rehash({**whole, "epochs/01/checkpoint": b"anything"})
    assert check(files, tmp_path).exit_code == 2


@pytest.mark.parametrize(
    "point",
    [
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    ],
)
def test_r06_a_key_of_small_order_signs_nothing(point: str) -> None:
    """Given a key whose one signature would hold for "released" and for "rejected", then none of
    its signatures hold."""
    key = bytes.fromhex(point)
    Ed25519PublicKey.from_public_bytes(key)  # the library takes it for a key
    signature = key + bytes(32)
    for number in range(64):
        message = sha256(bytes([number])).digest()
        assert not ed25519_verify(key, message, signature)
        assert not ed25519_verify(key, message, bytes([1]) + bytes(63))
