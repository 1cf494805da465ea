"""One consistent, read-only view of the database, read raw and streamed, apart from the ORM."""

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any, Protocol
from urllib.parse import quote

from django.db import connections

Rows = Iterator[tuple[Any, ...]]


class Snapshot(Protocol):
    """What the auditors read from. Everything comes from one moment of the database."""

    vendor: str

    def rows(self, statement: str, values: Sequence[Any] = ()) -> Rows:
        """Stream the rows of a statement; parameters are written %s."""

    def close(self) -> None:
        """Let the database go."""


def open_snapshot(using: str) -> Snapshot:
    """A snapshot of the database behind an alias, on a connection of its own."""
    wrapper = connections[using]
    if wrapper.vendor == "sqlite":
        return _SQLite(str(wrapper.settings_dict["NAME"]))
    return _PostgreSQL(wrapper.copy())


class _SQLite:
    vendor = "sqlite"

    def __init__(self, path: str) -> None:
        # A connection of our own: no authorizer, no functions, nothing the application could bend.
        self._db = sqlite3.connect(f"file:{quote(path)}?mode=ro", uri=True, isolation_level=None)
        self._db.text_factory = _text
        self._db.execute("PRAGMA query_only = ON")
        self._db.execute("BEGIN")

    def rows(self, statement: str, values: Sequence[Any] = ()) -> Rows:
        return iter(self._db.execute(statement.replace("%s", "?"), values))

    def close(self) -> None:
        self._db.close()


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("utf-8", "backslashreplace")  # damaged text must not stop the audit


class _PostgreSQL:
    vendor = "postgresql"
    _BATCH = 2000

    def __init__(self, wrapper: Any) -> None:
        self._wrapper = wrapper
        wrapper.ensure_connection()
        self._raw = wrapper.connection
        self._count = 0
        wrapper.set_autocommit(True)
        self._raw.execute("SET statement_timeout = 0")
        self._raw.execute("BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")

    def rows(self, statement: str, values: Sequence[Any] = ()) -> Rows:
        self._count += 1
        with self._raw.cursor(name=f"audit_{self._count}", binary=True) as cursor:
            cursor.itersize = self._BATCH
            cursor.execute(statement, values)
            yield from cursor

    def close(self) -> None:
        self._wrapper.close()
