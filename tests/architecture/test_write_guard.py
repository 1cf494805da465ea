"""Who writes what: events by the store alone, rows by projections alone, and the few named here."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.architecture import tree

VERBS = {
    "create", "bulk_create", "update", "bulk_update", "delete", "get_or_create",
    "update_or_create", "acreate", "aupdate", "adelete",
}  # fmt: skip
SAVES = {"save", "asave", "save_base"}
SQL = re.compile(
    r"\b(?:INSERT (?:OR \w+ )?INTO|REPLACE INTO|DELETE FROM|UPDATE(?=\s+\"?\w+\"?\s+SET\b))"
    r"\s+\"?(\w+)"
)
# Files that write something beside a room's projections, and what: models by name, tables by
# their own, `save` where an instance saves itself.
WRITERS = {
    "ledger/store.py": {"ledger_event", "ledger_command"},
    "ledger/blobs.py": {"Blob"},
    "ledger/sequencer.py": {"ledger_log", "ledger_epoch", "ledger_pending"},
    "ledger/sealer.py": {"Tile", "Checkpoint"},
    "ledger/witness_client.py": {"Cosignature"},
    "ledger/timestamps.py": {"TimestampToken"},
    "ledger/followers.py": {"Cursor"},
    "ledger/epochs.py": {"Cursor"},
    "ledger/trail.py": {"Trail", "TrailWord", "TrailLink"},
    "ledger/guards/__init__.py": {"ledger_pending"},
    "ledger/management/commands/migrate.py": {"Epoch"},
    # Django's own sessions, a statement instead of three: who is signed in at which browser.
    "personnel/web_session.py": {"save"},
    # Passwords and sign-in names are secret or forgettable: rows that no event carries.
    "personnel/commands.py": {"save"},
    "personnel/people_commands.py": {"save"},
    # Keys wrapped under their owners' secrets, and the series that open them for ten minutes.
    "personnel/signing_commands.py": {"Passkey", "SigningSeries", "WrappedKey"},
    # Who people are, sealed, so that it can be forgotten.
    "personnel/vault.py": {"SealedRecord", "SubjectKey"},
    "personnel/signing_series.py": {"SigningSeries", "SigningTries", "personnel_signingseries"},
    # What a passkey is asked waits two minutes; its counter tells a clone.
    "personnel/passkeys.py": {"Passkey", "PreparedSignature"},
    # An image, into memory.
    "batches/recipe_pictures.py": {"save"},
}
# The store outside the database, the witness's memory and the rebuild have tables of their own.
OWN_STORES = {"ledger/outside.py", "ledger/rebuild.py", "ledger/witness.py"}


def test_only_the_named_files_write() -> None:
    for path in tree.room_files():
        place = tree.name(path)
        if place in OWN_STORES:
            continue
        excess = set(written(path)) - allowed(path)
        assert not excess, (
            f"{place} writes {sorted(excess)}. Rows are written by projections, events by"
            " ledger/store.py; a new exception needs a reason in tests/architecture."
        )


def test_nobody_but_the_store_adds_events() -> None:
    adders = {
        tree.name(path)
        for path in tree.room_files()
        if "ledger_event" in set(written(path)) or "Event" in set(written(path))
    }
    assert adders == {"ledger/store.py"}


def test_the_guard_sees_what_it_looks_for(tmp_path: Path) -> None:
    """Given a file that writes in every known way, then each way is found."""
    file = tmp_path / "views.py"
    file.write_text(
        "Unit.objects.filter(a=1).update(b=2)\nrow.save()\nRoom.objects.using('x').create()\n"
        "run('UPDATE people SET a = 1')\nrun('INSERT OR IGNORE INTO units VALUES (1)')\n"
        "settings.update(a=1)\n"
    )
    assert sorted(written(file)) == ["Room", "Unit", "people", "save", "units"]


def allowed(path: Path) -> set[str]:
    """What a file may write: a room's projections write that room's own read models."""
    named = WRITERS.get(tree.name(path), set())
    if path.stem.rpartition("_")[2] != "projections" or path.parent.name == "ledger":
        return named
    nodes = (node for file in models(path.parent) for node in ast.walk(tree.parsed(file)))
    return named | {node.name for node in nodes if isinstance(node, ast.ClassDef)}


def models(room: Path) -> list[Path]:
    """The files of a room's tables: one, one for each matter, or a package of them."""
    return [*room.glob("models.py"), *room.glob("*_models.py"), *room.glob("models/*.py")]


def written(path: Path) -> Iterator[str]:
    """The models and tables that a file writes."""
    for node in ast.walk(tree.parsed(path)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from SQL.findall(node.value)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr in SAVES:
                yield "save"
            elif node.func.attr in VERBS and (model := _managed(node.func.value)):
                yield model


def _managed(node: ast.expr) -> str | None:
    """The model's name in a chain such as Model.objects.filter(...).using(...)."""
    while not (isinstance(node, ast.Attribute) and node.attr in {"objects", "_default_manager"}):
        if isinstance(node, ast.Call):
            node = node.func
        elif isinstance(node, ast.Attribute):
            node = node.value
        else:
            return None
    return node.value.id if isinstance(node.value, ast.Name) else "an unnamed model"
