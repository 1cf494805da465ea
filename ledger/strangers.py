"""Checks a bundle that somebody brought: by the verifier alone, in a process with bounds, and then
whether the keys that signed it are this log's own."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from ledger import verify
from ledger.evidence import log_keys
from ledger.verify import Finding, Report, format_vkey

MEMORY = 3 << 30  # bytes
PROCESSOR = 240  # seconds of computing
PATIENCE = 480  # seconds until somebody is told; less than the web server's own patience
_ALONE = """
import resource, runpy, sys
resource.setrlimit(resource.RLIMIT_AS, ({memory}, {memory}))
resource.setrlimit(resource.RLIMIT_CPU, ({seconds}, {seconds}))
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""
TOO_MUCH = (
    "Checking it takes more time or memory than this page gives. Check it with your own copy of"
    " verify.py, on a computer that may take as long as it needs."
)
FOREIGN = "It names this log, but keys signed it that this log never had."

# Against what a bundle was checked, as the trail and the page say it.
GIVEN, OWN, ITS_OWN = "a given key", "this log's own key", "the key that came with it"


@dataclass(frozen=True, slots=True)
class Checked:
    """What the verifier found, and whose key that finding rests on."""

    report: Report
    against: str


def check(path: Path, keys: Sequence[str]) -> Checked:
    """The verifier's report; without a given key, held against this log's own if it names it."""
    report = run_alone(path, keys)
    if keys:
        return Checked(report, GIVEN)
    if report.facts.get("log") != settings.LOTBOOK_ORIGIN or report.verdict != "verified":
        return Checked(report, ITS_OWN)
    signed = set(str(report.facts["signed by"]).split(", "))
    if signed <= {format_vkey(key) for key in log_keys()}:
        return Checked(report, OWN)
    return Checked(report._replace(verdict="failed", finding=Finding(None, FOREIGN)), OWN)


def run_alone(path: Path, keys: Sequence[str]) -> Report:
    """What the one-file verifier says, run as an inspector runs it, within bounds."""
    script = _ALONE.format(memory=MEMORY, seconds=PROCESSOR)
    given = [part for key in keys for part in ("--key", key)]
    command = [sys.executable, "-I", "-c", script, verify.__file__, "--json", *given, str(path)]
    try:
        ran = subprocess.run(command, capture_output=True, timeout=PATIENCE, check=False)
        said = json.loads(ran.stdout)
    except (subprocess.TimeoutExpired, ValueError):
        return Report("unusable", Finding(None, TOO_MUCH), [], [], {})
    found = None
    if said["what"] is not None:
        found = Finding(said["first_bad_position"], said["what"])
    return Report(said["verdict"], found, said["done"], said["remarks"], said["facts"])
