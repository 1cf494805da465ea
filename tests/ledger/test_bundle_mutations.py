"""R18: whatever is changed in a bundle or left out of it, the verifier finds it."""

from pathlib import Path

from ledger.export import Filter, export_bundle
from ledger.verify import verify_bundle
from tests.ledger import bundles, falsifying


def vkey(path: Path) -> str:
    return bundles.unpacked(path)["keys.txt"].decode().split("\n")[0]


def test_r18_no_falsified_bundle_is_verified(sqlite_database, seal, tmp_path):
    """Given honest bundles, when each is falsified at random, then none of them verifies."""
    bundles.given_a_history(seal)
    everything = tmp_path / "everything.zip"
    export_bundle(everything)
    one_unit = tmp_path / "one-unit.zip"
    export_bundle(one_unit, Filter(stream_type="equipment", stream_id="CF-01", first=3))
    key = vkey(everything)
    for path in (everything, one_unit):
        report = verify_bundle(str(path), [key])
        assert report.verdict == "verified", report.text()

    outcome = falsifying.falsify([everything, one_unit], key=key, count=150, seed=20260302)

    assert outcome.missed == []
    assert outcome.made == 150
    assert len(outcome.kinds) >= 12
