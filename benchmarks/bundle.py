"""Bundles in figures: how fast one is made and checked, in how much memory, and what it shows."""

import json
import resource
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

from benchmarks import million, site
from benchmarks.figures import Figure, say, show
from ledger.export import Filter, export_bundle
from tests import databases
from tests.ledger import bundles, falsifying

FALSIFIED = 1000


def main(*, quick: bool = False, only: str = "") -> int:
    """Measure and print; 1 where a figure is short."""
    return show(figure for figure in _figures(quick=quick) if only in figure.name)


def _figures(*, quick: bool) -> Iterator[Figure]:
    size = 20_000 if quick else 100_000
    with site.postgres_site() as (made, _private), databases.pointed_at(made):
        yield from _large("postgres", size)
    with site.sqlite_site() as made, databases.pointed_at(made):
        yield from _large("sqlite", size)
    with site.sqlite_site() as made, databases.pointed_at(made):
        yield from _falsified(100 if quick else FALSIFIED)


def _large(vendor: str, size: int) -> Iterator[Figure]:
    """Everything exported and checked, and the memory against a tenth of it."""
    say(f"building {size} events on {vendor}")
    million.build(size=size)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "bundle.zip"
        started = time.perf_counter()
        summary = export_bundle(out)
        seconds = time.perf_counter() - started
        yield Figure(f"export_{summary.entries}_{vendor}", seconds, 60, at_least=False, unit="s")
        yield Figure(f"bundle_size_{vendor}", out.stat().st_size / 1e6, unit="MB")
        yield from _checked(vendor, out)
        tenth = _peak(out, Filter(last=summary.last // 10))
        yield Figure(f"memory_ten_times_{vendor}", _peak(out, Filter()) / tenth, 2, at_least=False)


def _peak(out: Path, chosen: Filter) -> int:
    """The most memory that Python held while it exported."""
    tracemalloc.start()
    try:
        export_bundle(out, chosen)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def _checked(vendor: str, out: Path) -> Iterator[Figure]:
    """The bundle's own verifier, alone with Python's standard library."""
    verifier = out.with_name("verify.py")
    verifier.write_bytes(bundles.unpacked(out)["verify.py"])
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(verifier), str(out), "--json"],
        capture_output=True,
        env={},
        check=True,
    )
    if json.loads(done.stdout)["verdict"] != "verified":
        raise RuntimeError("The bundle does not verify.")
    used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
    yield Figure(f"verify_bundle_{vendor}", used, unit="s")


def _falsified(count: int) -> Iterator[Figure]:
    """Random falsifications of honest bundles: how many the verifier finds."""
    from ledger.sealer import run_once

    bundles.given_a_history(run_once)
    with tempfile.TemporaryDirectory() as folder:
        everything, one_unit = Path(folder) / "all.zip", Path(folder) / "unit.zip"
        export_bundle(everything)
        export_bundle(one_unit, Filter(stream_type="equipment", stream_id="CF-01", first=3))
        key = bundles.unpacked(everything)["keys.txt"].decode().split("\n")[0]
        outcome = falsifying.falsify([everything, one_unit], key=key, count=count, seed=18)
    for how in outcome.missed:
        say(f"not found: {how}")
    found = outcome.made - len(outcome.missed)
    yield Figure(f"falsified_bundles_found_of_{outcome.made}", found, outcome.made)
