"""What the tools say: ruff, its formatter, mypy, and whether the migrations are complete."""

import ast
import tomllib

from tests.architecture import tree
from tests.databases import Database


def test_ruff_finds_nothing() -> None:
    tree.demand(tree.run("ruff", "check", "--no-cache", "."))


def test_everything_is_formatted() -> None:
    tree.demand(tree.run("ruff", "format", "--no-cache", "--check", "."))


def test_mypy_finds_nothing() -> None:
    rooms = [room for room in tree.ROOMS if (tree.ROOT / room / "__init__.py").exists()]
    tree.demand(tree.run("mypy", *rooms, "manage.py"))


def test_mypy_is_strict_on_every_file_that_says_it_is_pure() -> None:
    """Given files that lean on no framework, then the strict list names them, and no ghost."""
    overrides = tomllib.loads((tree.ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["mypy"]
    strict = {
        n for part in overrides["overrides"] if "strict_equality" in part for n in part["module"]
    }
    pure = {
        ".".join(path.relative_to(tree.ROOT).with_suffix("").parts)
        for path in tree.room_files()
        if "Pure" in (ast.get_docstring(tree.parsed(path)) or "")
    }
    assert not pure - strict
    assert not [name for name in strict if not tree.is_module(name)]


def test_no_migration_is_missing(database: Database) -> None:
    """Asked on both databases, of an installation that is migrated."""
    tree.demand(database.manage("makemigrations", "--check", "--dry-run", check=False))
    tree.demand(database.manage("migrate", "--check", check=False))


def test_the_system_check_finds_nothing(database: Database) -> None:
    tree.demand(database.manage("check", "--fail-level", "WARNING", check=False))
