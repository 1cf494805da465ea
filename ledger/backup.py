"""Backups of the whole database, and the way back: consistent while writers work, never over data.

A restored backup is older than what was signed. The sealer will refuse it until a person begins a
new epoch (`begin_epoch`), which proves what was kept and says what was lost.
"""

import os
import sqlite3
import subprocess
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from django.db import connections


class BackupFailed(Exception):
    """Why there is no backup, or nothing was restored, as a sentence."""


def backup(path: Path) -> None:
    """Write a backup; the file appears under its name only when it is whole."""
    if path.exists():
        raise BackupFailed(f"{path} exists already; a backup is never overwritten.")
    waiting = path.with_name(f"{path.name}.part")
    waiting.unlink(missing_ok=True)
    settings = connections["migrator"].settings_dict
    try:
        if connections["migrator"].vendor == "sqlite":
            _copy_sqlite(Path(settings["NAME"]), waiting)
        else:
            _dump(settings, waiting)
        waiting.replace(path)
    finally:
        waiting.unlink(missing_ok=True)


def restore(path: Path, *, into: str) -> None:
    """Put a backup into a new SQLite file, or into an empty PostgreSQL database."""
    if not path.is_file():
        raise BackupFailed(f"There is no backup at {path}.")
    if connections["migrator"].vendor == "sqlite":
        _restore_sqlite(path, Path(into))
    else:
        _restore_postgres(path, into)


def _copy_sqlite(source: Path, target: Path) -> None:
    """SQLite's online backup: one consistent state, however long it takes."""
    address = f"{source.resolve().as_uri()}?mode=ro"
    with (
        closing(sqlite3.connect(address, uri=True)) as here,
        closing(sqlite3.connect(target)) as there,
    ):
        here.backup(there)
        there.execute("PRAGMA journal_mode = DELETE")
        _must_be_whole(there, target)
    with target.open("rb+") as file:
        os.fsync(file.fileno())


def _must_be_whole(database: sqlite3.Connection, path: Path) -> None:
    try:
        found = [row[0] for row in database.execute("PRAGMA integrity_check(1)")]
    except sqlite3.DatabaseError as error:
        found = [str(error)]
    if found != ["ok"]:
        raise BackupFailed(f"{path} is damaged: {found[0]}")


def _restore_sqlite(path: Path, into: Path) -> None:
    if into.exists():
        raise BackupFailed(
            f"{into} exists already. Move the old database away first; it may be evidence."
        )
    waiting = into.with_name(f"{into.name}.part")
    waiting.unlink(missing_ok=True)
    try:
        _copy_sqlite(path, waiting)
        waiting.replace(into)
    except sqlite3.DatabaseError as error:
        raise BackupFailed(f"{path} is no SQLite database: {error}") from error
    finally:
        waiting.unlink(missing_ok=True)


def _dump(settings: Mapping[str, Any], target: Path) -> None:
    owner = settings["OPTIONS"]["assume_role"]
    arguments = ["--format=custom", f"--role={owner}", f"--file={target}", settings["NAME"]]
    _run(["pg_dump", *arguments], settings)
    with target.open("rb+") as file:
        os.fsync(file.fileno())


def _restore_postgres(path: Path, into: str) -> None:
    settings = connections["migrator"].settings_dict
    tables = _run(
        ["psql", "--no-psqlrc", "-Atc", _COUNT_TABLES, into], settings, failing=f"Database {into}: "
    )
    if tables.strip() != "0":
        raise BackupFailed(
            f"The database {into} is not empty. Make a new one: setup_database --database NAME."
        )
    owner = settings["OPTIONS"]["assume_role"]
    # Grants come from `migrate`, which states them anew; owners are whoever restores: the owner.
    arguments = ["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction"]
    _run(["pg_restore", *arguments, f"--role={owner}", f"--dbname={into}", str(path)], settings)


_COUNT_TABLES = (
    "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p')"
)


def _run(command: list[str], settings: Mapping[str, Any], *, failing: str = "") -> str:
    """One of PostgreSQL's own programs, as the migrator."""
    environment = {
        **os.environ,
        "PGHOST": str(settings["HOST"]),
        "PGPORT": str(settings["PORT"]),
        "PGUSER": str(settings["USER"]),
        "PGPASSWORD": str(settings["PASSWORD"]),
    }
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
    except FileNotFoundError as error:
        raise BackupFailed(
            f"{command[0]} is not installed here. Install PostgreSQL's client programs."
        ) from error
    if done.returncode:
        raise BackupFailed(f"{failing}{command[0]} failed: {done.stderr.strip()}")
    return done.stdout
