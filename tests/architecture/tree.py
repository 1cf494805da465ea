"""The checkout as the architecture tests see it: its rooms, its source files, what they import."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.databases import plain_environ

ROOT = Path(__file__).resolve().parent.parent.parent
ROOMS = (
    "config", "network", "nlp", "analytics", "quality", "batches", "control",
    "equipment", "personnel", "ledger",
)  # fmt: skip
FURNITURE = {
    "__init__", "admin", "api", "apps", "commands", "forms", "models", "paper", "ports",
    "projections", "queries", "reactions", "tasks", "urls", "views",
}  # fmt: skip


def room_files() -> list[Path]:
    """Every Python file of the rooms, migrations left out."""
    found = (path for room in ROOMS for path in (ROOT / room).rglob("*.py"))
    return sorted(path for path in found if "migrations" not in path.parts)


def source_files() -> list[Path]:
    """Every Python file we keep: rooms, tests, benchmarks, manage.py."""
    others = [p for place in ("tests", "benchmarks") for p in (ROOT / place).rglob("*.py")]
    return sorted([*room_files(), *others, ROOT / "manage.py"])


def is_furniture(path: Path) -> bool:
    """`commands.py`, and where a room has several of a kind, `people_commands.py`."""
    return path.stem in FURNITURE or path.stem.rpartition("_")[2] in FURNITURE


def name(path: Path) -> str:
    """The path from the root, for messages."""
    return path.relative_to(ROOT).as_posix()


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), str(path))


def imports(path: Path) -> Iterator[str]:
    """The dotted names that a file imports, anywhere in it (`from a import b` gives a.b)."""
    package = path.relative_to(ROOT).with_suffix("").parts[:-1]
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            origin = ".".join([*above, *(node.module or "").split(".")]).strip(".")
            yield from (f"{origin}.{alias.name}" for alias in node.names)


def is_module(dotted: str) -> bool:
    """Whether the dotted name is one of our files or packages."""
    place = ROOT.joinpath(*dotted.split("."))
    return place.with_suffix(".py").exists() or (place / "__init__.py").exists()


def modules(path: Path) -> set[str]:
    """The modules that a file imports: names taken out of a module are cut off."""
    return {n if is_module(n) else n.rpartition(".")[0] or n for n in imports(path)}


def run(*command: str, demo: bool = True) -> "subprocess.CompletedProcess[str]":
    """Run a Python module in the checkout, configured as a demo whose state is nowhere."""
    nowhere = {"LOTBOOK_DOTENV": "/dev/null", "LOTBOOK_DEMO": "1" if demo else "0"}
    nowhere["DJANGO_SETTINGS_MODULE"] = "config.settings"
    return subprocess.run(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        env=plain_environ() | nowhere,
        capture_output=True,
        text=True,
    )


def demand(done: "subprocess.CompletedProcess[str]") -> None:
    """The command succeeded, or the test shows what it said."""
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
