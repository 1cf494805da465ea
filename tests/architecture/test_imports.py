"""Who may import whom, and what the pure files may lean on."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture import tree

# House: these have one home each, and opening a page imports none of them.
HOMES = {
    "spacy": r"nlp/",
    "sklearn": r"analytics/",
    "casadi": r"control/mpc\.py",
    "do_mpc": r"control/mpc\.py",
    "pymodbus": r"control/drivers/",
    "fido2": r"personnel/",
    "typst": r"ledger/paper\.py",
    "pyhanko": r"ledger/paper\.py",
    "celery": r"config/|[a-z]+/tasks\.py",
    "kombu": r"config/",
    "stdnum": r"batches/check_character\.py",
    "zxingcpp": r"batches/symbols\.py",
    "gunicorn": r"config/|ledger/witness_service\.py",
}
ALSO_HEAVY = ("numpy", "scipy", "pandas", "bokeh", "pytest", "hypothesis", "playwright", "mypy")
# The ledger's files that anybody may read without knowing Django.
PURE_LEDGER = ("body", "clock", "entry", "event")
CODEC = "msgspec"  # writes and reads a body, and knows no framework
IMPURE_STANDARD = {
    "asyncio", "os", "pathlib", "random", "secrets", "socket", "sqlite3", "subprocess", "threading",
    "time", "urllib",
}  # fmt: skip
CLOCKS = {"now", "utcnow", "today", "uuid1", "uuid4", "getenv"}


def aggregates() -> list[Path]:
    """The pure files of the rooms above the ledger: everything that is no piece of furniture."""
    rooms = [room for room in tree.ROOMS if room not in {"config", "ledger"}]
    found = [path for room in rooms for path in (tree.ROOT / room).glob("*.py")]
    return [
        p for p in found if not (tree.is_furniture(p) or p.stem in NOT_AGGREGATES or _answers(p))
    ]


def _answers(path: Path) -> bool:
    """`material_answers.py`: how a matter answers for a parameter of a step, in its command."""
    return path.stem.endswith("_answers")


# Files with a job of their own beside the furniture; each says in its docstring what it is.
NOT_AGGREGATES = {
    "authority", "check_character", "custody_items", "formula", "keys", "material_quantities",
    "order_asking", "order_code", "passkeys", "placing", "presence", "recipe_card",
    "recipe_json", "recipe_pictures", "record_shape", "record_telling", "session", "signing",
    "signing_series", "signing_standing", "step_card", "step_files", "symbols", "vault",
    "vault_discretion", "vouching", "web_session", "working",
}  # fmt: skip


def test_rooms_import_strictly_downwards() -> None:
    code = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    done = subprocess.run(
        [sys.executable, "-c", code, "--no-cache"],
        cwd=tree.ROOT,
        capture_output=True,
        text=True,
    )
    tree.demand(done)


def test_every_room_stands_in_the_contract() -> None:
    """Given a new room, then it is added to the contract's roots, or nothing would check it."""
    import tomllib

    settings = tomllib.loads((tree.ROOT / "pyproject.toml").read_text("utf-8"))
    standing = {room for room in tree.ROOMS if (tree.ROOT / room / "__init__.py").exists()}
    assert set(settings["tool"]["importlinter"]["root_packages"]) == standing


@pytest.mark.parametrize("path", aggregates(), ids=tree.name)
def test_an_aggregate_is_pure(path: Path) -> None:
    """It imports the standard library, ledger.event and its siblings, and asks no clock."""
    room = path.parent.name
    for module in tree.modules(path):
        top = module.split(".")[0]
        standard = top in sys.stdlib_module_names and top not in IMPURE_STANDARD
        ours = module == "ledger.event" or (
            top == room and module.split(".")[-1].rpartition("_")[2] not in tree.FURNITURE
        )
        assert standard or ours, f"{tree.name(path)} is pure and may not import {module}."
    assert not list(_calls(path, CLOCKS)), f"{tree.name(path)} gets times and ids as arguments."


@pytest.mark.parametrize("stem", PURE_LEDGER)
def test_the_ledgers_pure_files_need_no_framework(stem: str) -> None:
    pure = {f"ledger.{name}" for name in PURE_LEDGER}
    for module in tree.modules(tree.ROOT / "ledger" / f"{stem}.py"):
        top = module.split(".")[0]
        known = top in sys.stdlib_module_names or module in pure or top == CODEC
        assert known, f"ledger/{stem}.py: {module}"


def test_the_verifier_runs_where_nothing_is_installed(tmp_path: Path) -> None:
    """R18: on an inspector's machine there is Python, and nothing of ours nor anybody's.

    What it may look for, and do without: a library that checks more than it can by itself.
    """
    alone = tmp_path / "verify.py"
    alone.write_bytes((tree.ROOT / "ledger" / "verify.py").read_bytes())
    command = [sys.executable, "-I", "-S", str(alone), "--help"]
    tree.demand(subprocess.run(command, cwd=tmp_path, capture_output=True, text=True))
    foreign = {m.split(".")[0] for m in tree.modules(tree.ROOT / "ledger" / "verify.py")}
    assert foreign - set(sys.stdlib_module_names) <= {"cryptography", "rfc3161_client"}


@pytest.mark.parametrize("library", HOMES)
def test_a_heavy_library_has_one_home(library: str) -> None:
    for path in tree.room_files():
        users = {name.split(".")[0] for name in tree.imports(path)}
        at_home = re.match(HOMES[library], tree.name(path))
        assert library not in users or at_home, f"{tree.name(path)} imports {library}."


def test_opening_a_page_imports_no_heavy_library() -> None:
    code = "import config.asgi, config.urls, sys; print(*sorted(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tree.ROOT,
        env=tree.plain_environ() | {"LOTBOOK_DOTENV": "/dev/null", "LOTBOOK_DEMO": "1"},
        capture_output=True,
        text=True,
    )
    tree.demand(done)
    loaded = {name.split(".")[0] for name in done.stdout.split()}
    assert "django" in loaded
    assert not loaded & {*HOMES, *ALSO_HEAVY}


def _calls(path: Path, names: set[str]) -> list[ast.Call]:
    """Calls of a function or method with one of these names."""
    calls = [node for node in ast.walk(tree.parsed(path)) if isinstance(node, ast.Call)]
    return [call for call in calls if _called(call) in names]


def _called(call: ast.Call) -> str:
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""
