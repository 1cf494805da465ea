"""Chosen attacks on a sound bundle, all hashes of the manifest made anew (R2, R18)."""

import json
import subprocess
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

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


Change = Callable[[Files, dict[str, Any]], object]


def changed(change: Change) -> Callable[[Files], Files]:
    """An attacker's change to the files and the manifest, after which all hashes are made anew."""

    def attack(files: Files) -> Files:
        spoilt = dict(files)
        manifest = kit.manifest_of(files)
        change(spoilt, manifest)
        return kit.rehash(spoilt, manifest)

    return attack


def edit_bodies(change: Callable[[list[tuple[int, bytes]]], object]) -> Change:
    def apply(files: Files, manifest: dict[str, Any]) -> None:
        bodies = kit.get_bodies(files)
        change(bodies)
        kit.put_bodies(files, bodies)
        kit.make_trails_anew(files, manifest)

    return apply


FIRST = "epochs/1/entries/000000"


def edit_entries(change: Callable[[list[bytes]], object]) -> Change:
    def apply(files: Files, manifest: dict[str, Any]) -> None:
        entries = kit.get_entries(files[FIRST])
        change(entries)
        kit.put_entries(files, FIRST, entries)
        kit.make_trails_anew(files, manifest)

    return apply


def rewrite_body_and_entry(files: Files, manifest: dict[str, Any]) -> None:
    """The thorough attacker: the body, its hash in the entry, and both trails."""
    bodies, entries = kit.get_bodies(files), kit.get_entries(files[FIRST])
    old, new = bodies[8][1], bodies[8][1].replace(b"operator", b"reviewer")
    bodies[8] = (8, new)
    digests = [sha256(text).hexdigest().encode() for text in (old, new)]
    entries[8] = entries[8].replace(*digests)
    kit.put_bodies(files, bodies)
    kit.put_entries(files, FIRST, entries)
    kit.make_trails_anew(files, manifest)


def narrow(files: Files, manifest: dict[str, Any]) -> None:
    manifest["filter"]["actor"] = "p-ana"
    kit.make_trails_anew(files, manifest)


ATTACKS: dict[str, tuple[Change, int | None, str]] = {
    "a body is edited": (
        edit_bodies(lambda b: b.__setitem__(8, (8, b[8][1].replace(b"idle", b"busy")))),
        8,
        "not the one whose hash",
    ),
    "a body and everything derived from it is rewritten": (
        rewrite_body_and_entry,
        0,
        "do not give the root",
    ),
    "an entry is backdated": (
        edit_entries(lambda e: e.__setitem__(9, e[9].replace(b"2026-03", b"2026-02"))),
        0,
        "do not give the root",
    ),
    "two entries are swapped": (
        edit_entries(lambda e: e.__setitem__(slice(8, 10), [e[9], e[8]])),
        8,
        "body",
    ),
    "an entry is dropped": (edit_entries(lambda e: e.pop(8)), 8, ""),
    "an entry is added": (edit_entries(lambda e: e.insert(8, e[8])), 9, ""),
    "the tail is cut": (edit_entries(lambda e: e.pop()), None, ""),
    "a stream's version is changed": (
        edit_entries(lambda e: e.__setitem__(8, e[8].replace(b"\n1\n", b"\n2\n"))),
        8,
        "goes from version 0 to 2",
    ),
    "an entry leaves its form": (
        edit_entries(lambda e: e.__setitem__(8, e[8].replace(b"/v1", b"/v2"))),
        8,
        "eight lines",
    ),
    "the filter is narrowed": (narrow, 6, "was not asked for"),
    "the filter is widened": (lambda f, m: m["filter"].update(last=5), None, "asked for"),
    "the positions are shifted": (
        lambda f, m: (m["range"].update(first=1, last=m["range"]["last"] + 1), m["filter"]),
        None,
        "",
    ),
    "an epoch starts elsewhere": (lambda f, m: m["epochs"][1].update(start=7), None, ""),
    "an epoch is left out": (
        lambda f, m: (
            m["epochs"].pop(),
            [f.pop(name) for name in list(f) if name.startswith("epochs/2/")],
        ),
        None,
        "",
    ),
    "the matches are miscounted": (lambda f, m: m.update(matches=3), None, "counts other"),
    "a supporting position is made up": (
        lambda f, m: m["supporting"].append(3),
        None,
        "counts other",
    ),
    "an attachment is swapped": (
        lambda f, m: f.__setitem__(next(n for n in f if n.startswith("blobs/")), b"other"),
        None,
        "attachment",
    ),
    "an attachment is dropped": (
        lambda f, m: f.pop(next(n for n in f if n.startswith("blobs/"))),
        None,
        "attachment",
    ),
    "a stranger's attachment is added": (
        lambda f, m: f.__setitem__(f"blobs/{'0' * 64}", b"x"),
        None,
        "attachment",
    ),
    "the trail for spreadsheets is edited": (
        lambda f, m: f.__setitem__("trail.csv", f["trail.csv"].replace(b"idle", b"busy", 1)),
        3 + 1,
        "trail.csv",
    ),
    "a line is added to the trail": (
        lambda f, m: f.__setitem__("trail.jsonl", f["trail.jsonl"] + b"{}\n"),
        None,
        "more lines",
    ),
    "lines are added to the table after an empty one": (
        lambda f, m: f.__setitem__("trail.csv", f["trail.csv"] + b"\r\n1,forged\r\n"),
        None,
        "more lines",
    ),
    "a line is taken from the trail": (
        lambda f, m: f.__setitem__("trail.jsonl", f["trail.jsonl"].split(b"\n", 1)[1]),
        0,
        "trail.jsonl",
    ),
    "the proof's size is changed": (
        lambda f, m: f.__setitem__(
            "epochs/1/proof.json", f["epochs/1/proof.json"].replace(b'"size":', b'"size":1')
        ),
        None,
        "",
    ),
    "an unknown file is added": (
        lambda f, m: f.__setitem__("notes.txt", b"x"),
        None,
        "no part of the format",
    ),
    "a key of the attacker's is listed": (
        lambda f, m: f.__setitem__(
            "keys.txt",
            f["keys.txt"] + log_kit.from_seed("mallory.example", seed=b"m" * 32).vkey.encode(),
        ),
        None,
        "signs nothing here",
    ),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_found_and_its_position_named_r02(
    whole: Files, tmp_path: Path, name: str
) -> None:
    """Given a sound bundle; when somebody changes it and makes all its hashes anew; then it fails,
    with the position where the change shows first, and a sentence, never a traceback."""
    change, position, sentence = ATTACKS[name]
    report = check(changed(change)(whole), tmp_path)
    assert report.verdict in ("failed", "unusable")
    assert report.finding is not None
    assert sentence in report.finding.what
    if position is not None:
        assert report.finding.position == position
    assert "Traceback" not in report.text()


@pytest.mark.parametrize("name", ["checkpoint", "proof.json", "entries/000000"])
def test_a_missing_file_is_named_r18(whole: Files, tmp_path: Path, name: str) -> None:
    files = {key: value for key, value in whole.items() if key != f"epochs/1/{name}"}
    said = check(files, tmp_path)
    assert said.exit_code == 1 and f"epochs/1/{name}" in said.text()
    assert check(kit.rehash(files), tmp_path).exit_code == 1


def test_a_changed_file_is_found_by_its_hash_first(whole: Files, tmp_path: Path) -> None:
    report = check({**whole, "README.txt": b"other"}, tmp_path)
    assert report.finding is not None and "README.txt has another hash" in report.finding.what


def resealed(log: Log, files: Files, key: Any, size: int) -> bytes:
    head = verify.parse_checkpoint(verify.parse_note(files["epochs/2/checkpoint"]).text)
    return log_kit.sign_checkpoint(head.origin, size=size, root=head.root, keys=[key], time=0)


def test_a_checkpoint_signed_by_another_key_is_refused_r02(
    log: Log, whole: Files, tmp_path: Path
) -> None:
    """Given a checkpoint that an attacker signed with a key of the log's name, listed in keys.txt;
    then it is refused even by a reader who brings no key, since the log announced another."""
    forged = log_kit.from_seed(log.origin, seed=b"f" * 32)
    size = verify.parse_checkpoint(verify.parse_note(whole["epochs/2/checkpoint"]).text).size
    files = {**whole, "epochs/2/checkpoint": resealed(log, whole, forged, size)}
    files["keys.txt"] += forged.vkey.encode() + b"\n"
    report = check(kit.rehash(files), tmp_path)
    assert report.finding is not None and "No known key signed" in report.finding.what


@pytest.mark.parametrize("wrong", ["proof", "old", "new", "nothing", "name"])
def test_a_change_of_key_that_the_old_key_has_not_signed_is_refused_r02(
    tmp_path: Path, wrong: str
) -> None:
    """Given a log whose key is said to have changed, sealed rightly by the old key and then by the
    new one; when the old key itself has not signed that change; then the bundle fails there."""
    log = Log()
    stranger, first = log_kit.from_seed(log.origin, seed=b"s" * 32), log.key
    new = log_kit.from_seed(log.origin, seed=bytes([10]) * 32)
    proof = log_kit.sign_key_change(first, new=new.vkey)
    other = log_kit.from_seed("another.example", seed=b"s" * 32)
    instead = {
        "proof": {"proof": log_kit.sign_key_change(stranger, new=new.vkey)},
        "old": {
            "old": stranger.vkey,
            "proof": log_kit.sign_key_change(stranger, new=new.vkey),
        },
        "new": {"proof": log_kit.sign_key_change(first, new=stranger.vkey)},
        "nothing": {"proof": ""},
        "name": {"new": other.vkey, "proof": log_kit.sign_key_change(first, new=other.vkey)},
    }[wrong]
    assert check(kit.bundle(sealed_by(log, proof=proof)), tmp_path).verdict == "verified"
    report = check(kit.bundle(sealed_by(Log(), **instead)), tmp_path)
    assert report.finding == (1, "The log's key has not signed the change to the next one.")


def sealed_by(log: Log, **instead: str) -> Log:
    """A log that changes its key at position 1, and goes on."""
    log.change_key(**instead)
    log.enrol(log_kit.person("Ana", "ed25519", 21))
    log.checkpoint()
    return log


def test_a_checkpoint_without_the_log_s_second_signature_is_refused_r02(
    whole: Files, tmp_path: Path
) -> None:
    """Given a log that announced an ML-DSA-44 key for its 30 years; when its line is taken from the
    newest checkpoint; then the bundle fails, with the library and without."""
    lines = whole["epochs/2/checkpoint"].splitlines(keepends=True)
    assert len(lines[5]) > 3000
    files = kit.rehash({**whole, "epochs/2/checkpoint": b"".join(lines[:5] + lines[6:])})
    report = check(files, tmp_path)
    assert report.finding is not None and "a key of the log did not sign" in report.finding.what
    command = [sys.executable, "-I", "-S", str(kit.VERIFIER), str(tmp_path / "bundle.zip")]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 1


def test_a_key_that_was_replaced_no_longer_signs_r02(
    log: Log, whole: Files, tmp_path: Path
) -> None:
    """Given a thief of the key before last; then what it signs now is refused."""
    size = verify.parse_checkpoint(verify.parse_note(whole["epochs/2/checkpoint"]).text).size
    files = {**whole, "epochs/2/checkpoint": resealed(log, whole, log.old_keys[0], size)}
    report = check(kit.rehash(files), tmp_path)
    assert report.finding is not None and "No known key signed" in report.finding.what


def test_two_checkpoints_of_one_size_are_a_fork_r02(log: Log, whole: Files, tmp_path: Path) -> None:
    """Given a log that signed two roots for one size; then the bundle that cites both fails."""
    head = verify.parse_checkpoint(verify.parse_note(whole["epochs/2/checkpoint"]).text)
    fork = log_kit.sign_checkpoint(
        head.origin, size=head.size, root=b"\7" * 32, keys=[log.key], time=0
    )
    files = {**whole, "epochs/2/checkpoints.txt": whole["epochs/2/checkpoints.txt"] + b"\n" + fork}
    report = check(kit.rehash(files), tmp_path)
    assert report.finding is not None and "forked" in report.finding.what


def test_a_forged_tail_after_a_restored_backup_is_found_r02(tmp_path: Path) -> None:
    """Given a new epoch that claims to keep more of the old tree than its proof shows; then the
    epoch's first entry is named."""
    log, _ = log_kit.laboratory_log(20)
    second = log.trees[1]
    data = json.loads(second.bodies[0])["data"]
    data["previous"]["kept"] += 1
    data["previous"]["lost"] -= 1
    log.trees[1] = log_kit.Tree(2, second.start)
    log.versions = {"epoch/1": 1}
    log.record("epoch/2", "ledger.epoch_began/1", data, actor="sealer")
    log.checkpoint()
    report = check(kit.bundle(log), tmp_path)
    assert report.finding is not None and report.finding.position == second.start
    assert "does not prove what it kept" in report.finding.what


@pytest.mark.parametrize("kind", ["signature_applied", "signing_key_enrolled"])
def test_a_signature_cannot_be_left_out_r18(log: Log, tmp_path: Path, kind: str) -> None:
    """Given a bundle of equipment alone; when somebody leaves out a person's signature on it, or
    the key's enrolment, and says so nowhere; then the body that should be there is named."""
    files = kit.bundle(log, stream_type="equipment")
    manifest, entries = kit.manifest_of(files), kit.get_entries(files[FIRST])
    position = next(at for at, entry in enumerate(entries) if f".{kind}/".encode() in entry)
    kit.put_bodies(files, [item for item in kit.get_bodies(files) if item[0] != position])
    manifest["supporting"].remove(position)
    report = check(kit.rehash(files, manifest), tmp_path)
    assert report.finding == verify.Finding(
        position, f"The body at position {position} is missing."
    )
