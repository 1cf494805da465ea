"""Hundreds of seeded random changes and omissions in bundles: every one is found (R2, R18).

LOTBOOK_MUTATIONS=1000 runs more of them.
"""

import os
from pathlib import Path
from typing import Any

import pytest

from ledger.verify import verify_bundle
from tests.ledger import bundle_kit as kit
from tests.ledger import mutations
from tests.ledger.bundle_kit import Files
from tests.ledger.log_kit import Log

COUNT = int(os.environ.get("LOTBOOK_MUTATIONS", "200"))
GROUPS = 4
SELECTIONS: list[dict[str, Any]] = [
    {},
    {"stream_type": "equipment"},
    {"first": 30, "last": 45},
    {"actor": "p-ana", "first": 20},
]


@pytest.fixture(scope="module")
def log() -> Log:
    return mutations.log_for_mutations()


@pytest.fixture(scope="module")
def sound(log: Log) -> list[Files]:
    return [kit.bundle(log, **chosen) for chosen in SELECTIONS]


def test_the_bundles_are_sound_before(sound: list[Files], tmp_path: Path) -> None:
    for number, files in enumerate(sound):
        path = kit.write_zip(files, tmp_path / f"{number}.zip")
        assert verify_bundle(str(path)).verdict == "verified"


@pytest.mark.parametrize("group", range(GROUPS))
def test_every_change_and_omission_is_found_r02_r18(
    sound: list[Files], log: Log, tmp_path: Path, group: int
) -> None:
    """Given sound bundles of four selections; when one random thing is changed or left out and all
    hashes in the manifest are made anew; then each time the verifier fails, whether the reader
    holds the log's key or takes the one in the bundle, and says what in a sentence."""
    seen, missed = 0, []
    for seed in range(group, COUNT, GROUPS):
        said, files = mutations.mutate(seed, sound[seed % len(sound)])
        if files == sound[seed % len(sound)]:
            continue
        keys = [log.key.vkey] if seed % 3 == 0 and seed % len(sound) != 2 else []
        report = verify_bundle(str(kit.write_zip(files, tmp_path / "b.zip")), keys)
        seen += 1
        if report.exit_code == 0:
            missed.append((seed, said))
        else:
            assert report.finding is not None and len(report.finding.what) > 8, (seed, said)
    assert missed == []
    assert seen > COUNT // GROUPS * 0.9


def test_every_turned_bit_of_any_file_is_found_by_its_hash_r18(
    sound: list[Files], tmp_path: Path
) -> None:
    """Given a bundle damaged on its way, by nobody who makes hashes anew; then any bit is found."""
    for seed in range(60):
        said, files = mutations.mutate_without_hashing(seed, sound[seed % len(sound)])
        assert verify_bundle(str(kit.write_zip(files, tmp_path / "b.zip"))).exit_code, (seed, said)


@pytest.mark.parametrize("name", ["README.txt", "verify.py"])
def test_what_nothing_signs_is_called_so(sound: list[Files], tmp_path: Path, name: str) -> None:
    """Given a help file that somebody rewrote, with its hash: nothing signs it, so the record is
    still whole, and the report claims nothing about it."""
    files = kit.rehash({**sound[0], name: b"rewritten"})
    report = verify_bundle(str(kit.write_zip(files, tmp_path / "b.zip")))
    assert report.exit_code == 0
    assert not any(name in line for line in report.done)


def test_what_the_exporter_says_is_told_as_its_word(sound: list[Files], tmp_path: Path) -> None:
    """Given another date in the manifest: nothing proves it, and the report says so beside it."""
    manifest = kit.manifest_of(sound[0]) | {"created_at": "1999-01-01T00:00:00.000000Z"}
    files = kit.rehash(dict(sound[0]), manifest)
    report = verify_bundle(str(kit.write_zip(files, tmp_path / "b.zip")))
    assert "said by the exporter, not proved: 1999-01-01" in report.text()
