"""R18: the inspection bundle verifies offline and is complete for its filter."""

from pathlib import Path

import pytest

from ledger.export import Filter, Summary, export_bundle
from ledger.verify import verify_bundle
from tests.ledger import laboratory as lab


@pytest.fixture
def at_work(database, seal):
    """Two units with a sealed history."""
    with lab.by_roles_alone():
        lab.register("CF-01")
        lab.register("IN-02")
        for number in range(5):
            lab.make_entry("CF-01", f"Rotor checked, run {number}")
        lab.make_entry("IN-02", 'Door seal changed; =HYPERLINK("http://x")')
        lab.move("CF-01", "Grade B corridor")
        seal()
        yield database


def exported(folder: Path, chosen: Filter | None = None) -> tuple[Path, Summary]:
    path = folder / "bundle.zip"
    return path, export_bundle(path, chosen)


def test_r18_a_bundle_of_everything_verifies(at_work, tmp_path):
    """Given a sealed log, when all of it is exported, then the verifier finds it whole."""
    path, summary = exported(tmp_path)

    report = verify_bundle(str(path))

    assert report.verdict == "verified", report.text()
    assert summary.matches == summary.entries == 10
    assert summary.first == 0 and summary.last == 9
