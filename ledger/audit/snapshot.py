"""One consistent, read-only view of the database, read raw and streamed, apart from the ORM."""

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any, Protocol
from urllib.parse import quote

import psycopg
from django.db import InterfaceError, connections

Rows = Iterator[tuple[Any, ...]]
# PostgreSQL's classes: no connection, no resources, stopped by an operator, given up for others.
_AWAY = ("08", "53", "57", "40", "55P03")
# SQLite: permission, busy, locked, memory, interrupt, disk error, disk full, cannot open, protocol.
_BUSY = {3, 5, 6, 7, 9, 10, 13, 14, 15}


def out_of_reach(error: BaseException) -> bool:
    """Whether an error tells of the way to the database, and so nothing of what is in it."""
    raised = error.__cause__ if isinstance(error.__cause__, Exception) else error
    if isinstance(raised, psycopg.Error):
        state = raised.sqlstate
        return isinstance(raised, psycopg.OperationalError) if state is None else _away(state)
    if isinstance(raised, sqlite3.Error):
        return getattr(raised, "sqlite_errorcode", 0) & 0xFF in _BUSY
    return isinstance(raised, InterfaceError)


def _away(state: str) -> bool:
    return state.startswith(_AWAY)


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
