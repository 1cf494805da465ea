"""What the tools say: ruff, its formatter, mypy, and whether the migrations are complete."""

from tests.architecture import tree
from tests.databases import Database


def test_ruff_finds_nothing() -> None:
    tree.demand(tree.run("ruff", "check", "--no-cache", "."))


def test_everything_is_formatted() -> None:
    tree.demand(tree.run("ruff", "format", "--no-cache", "--check", "."))


def test_mypy_finds_nothing() -> None:
    rooms = [room for room in tree.ROOMS if (tree.ROOT / room / "__init__.py").exists()]
    tree.demand(tree.run("mypy", *rooms, "manage.py"))


def test_no_migration_is_missing(database: Database) -> None:
    """Asked on both databases, of an installation that is migrated."""
    tree.demand(database.manage("makemigrations", "--check", "--dry-run", check=False))
    tree.demand(database.manage("migrate", "--check", check=False))


def test_the_system_check_finds_nothing(database: Database) -> None:
    tree.demand(database.manage("check", "--fail-level", "WARNING", check=False))
