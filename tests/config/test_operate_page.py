"""docs/operate.md and .env.example name every variable that the code reads, and no other."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.databases import ROOT

PAGE = ROOT / "docs" / "operate.md"
SAMPLE = ROOT / ".env.example"
READERS = {"text", "secret", "flag", "number", "choice", "words"}
# Between a demo's own processes, Django's own door, or made from a prefix while the code runs.
INTERNAL = {"LOTBOOK_READY_FD", "DJANGO_SETTINGS_MODULE", "DJANGO_SUPERUSER_PASSWORD"}
ROLES = {f"DB{kind}_{part}" for kind in ("", "_SEALER", "_MIGRATOR", "_AUDITOR")
         for part in ("USER", "PASSWORD")}  # fmt: skip
ADMIN = {f"DB_ADMIN_{part}" for part in ("USER", "PASSWORD", "HOST", "PORT", "NAME")}


def read_by_code() -> set[str]:
    """The names given to config.env's readers and to os.environ."""
    found = {"WEB_WORKERS"} | ROLES | ADMIN
    for path in [*ROOT.glob("config/**/*.py"), *ROOT.glob("ledger/**/*.py")]:
        found |= set(_names(path))
    return found - INTERNAL


def _names(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
            continue
        called, first = ast.unparse(node.func), node.args[0]
        ours = called.startswith("env.") and node.func.attr in READERS
        if (ours or called == "os.environ.get") and isinstance(first, ast.Constant):
            yield str(first.value)


def test_the_page_names_every_variable_and_no_other() -> None:
    table = PAGE.read_text("utf-8").partition("### All variables")[2].partition("\n## ")[0]
    named = set()
    for row in table.splitlines():
        if row.startswith("| `"):
            named |= set(re.findall(r"`([A-Z][A-Z_]+)`", row.split("|")[1]))
    assert named == read_by_code()


def test_the_sample_environment_names_no_variable_that_nothing_reads() -> None:
    named = set(re.findall(r"(?m)^# ([A-Z][A-Z_]+)=", SAMPLE.read_text("utf-8")))
    assert named - read_by_code() == set()
