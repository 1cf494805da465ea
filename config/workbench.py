"""What runs through manage.py and needs no settings: install, test, bench, lock."""

import os
import subprocess
import sys
from importlib import import_module

from config.installation import LOCKS, ROOT, RUNTIME, say

EXTRAS = {RUNTIME: [], LOCKS["test"]: ["dev"], LOCKS["bench"]: ["dev", "bench"]}
# No header and no annotations: they would carry command lines and hosts into the locks.
COMPILE = ["--universal", "--python-version", "3.11", "--generate-hashes"]
COMPILE += ["--no-header", "--no-annotate", "--quiet"]


def install(arguments: list[str]) -> int:
    """Nothing is left to do: manage.py has installed the run-time packages on its way here."""
    say("The packages of requirements.lock are installed.")
    return 0


def test(arguments: list[str]) -> int:
    """Become pytest: the whole suite on four workers, or what the arguments say instead.

    Four on two cores: half of the time a worker waits for a database or a browser.
    """
    chosen = arguments or ["-q", "-n", "4", "--dist", "loadgroup"]
    os.chdir(ROOT)
    os.execv(sys.executable, [sys.executable, "-m", "pytest", *chosen])  # noqa: S606


def bench(arguments: list[str]) -> int:
    """Run one benchmark; its exit code is 1 where a figure falls short of its target."""
    files = sorted((ROOT / "benchmarks").glob("[a-z]*.py"))
    names = [path.stem for path in files if "def main(*, quick" in path.read_text("utf-8")]
    name, quick = arguments[0] if arguments else "", "--quick" in arguments
    if name not in names:
        say(f"Say which: manage.py bench {'|'.join(names)} [--quick]")
        return 2
    import_module("benchmarks.site").prepare()
    return int(import_module(f"benchmarks.{name}").main(quick=quick))


def lock(arguments: list[str]) -> int:
    """Make the three locks again from pyproject.toml; `--upgrade` takes newer versions."""
    for name, extras in EXTRAS.items():
        say(f"{name} ...")
        command = [sys.executable, "-m", "uv", "pip", "compile", *COMPILE, *arguments]
        command += [word for extra in extras for word in ("--extra", extra)]
        done = subprocess.run([*command, "-o", name, "pyproject.toml"], cwd=ROOT)
        if done.returncode:
            return done.returncode
    return 0


COMMANDS = {"install": install, "test": test, "bench": bench, "lock": lock}
