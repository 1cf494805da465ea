"""Somebody with every right over the database: the file opened directly, or a superuser."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

import psycopg

from ledger import store
from ledger.entry import entry_bytes
from tests.databases import Database

Row = dict[str, Any]


class Attacker:
    """Raw access, on a connection that no guard of ours stands on."""

    def __init__(self, database: Database) -> None:
        self.is_sqlite = database.vendor == "sqlite"
        if database.cluster is not None:
            self._db: Any = database.cluster.admin(database.name)
        else:
            self._db = sqlite3.connect(database.name, isolation_level=None, timeout=30)
            self._db.execute("PRAGMA synchronous = OFF")  # an attacker is in a hurry

    def close(self) -> None:
        self._db.close()

    def sql(self, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run a statement; the rows it gives."""
        if self.is_sqlite:
            statement = statement.replace("%s", "?")
        cursor = self._db.execute(statement, values) if values else self._db.execute(statement)
        return [] if cursor.description is None else [tuple(row) for row in cursor.fetchall()]

    # -- the catalogue -----------------------------------------------------------------------

    def tables(self) -> list[str]:
        """Every table of the ledger, read from the database's own catalogue."""
        if self.is_sqlite:
            found = self.sql("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1")
        else:
            found = self.sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        return sorted(name for (name,) in found if name.startswith("ledger_"))

    def columns(self, table: str) -> list[str]:
        """The columns of a table, in its own order."""
        if self.is_sqlite:
            return [row[1] for row in self.sql(f"PRAGMA table_info({table})")]
        found = self.sql(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public'"
            " AND table_name = %s ORDER BY ordinal_position",
            [table],
        )
        return [name for (name,) in found]

    def triggers(self) -> list[tuple[str, str, str]]:
        """Every guard: table, name, and on SQLite the statement that makes it again."""
        if self.is_sqlite:
            return self.sql("SELECT tbl_name, name, sql FROM sqlite_master WHERE type = 'trigger'")
        return self.sql(
            "SELECT relname, tgname, '' FROM pg_trigger JOIN pg_class ON tgrelid = pg_class.oid"
            " WHERE NOT tgisinternal AND relname LIKE 'ledger%'"
        )

    @contextmanager
    def guards_down(self) -> Iterator[None]:
        """Every trigger off while inside; put back afterwards, so that nothing shows."""
        standing = self.triggers()
        for table, name, _ in standing:
            off = f"ALTER TABLE {table} DISABLE TRIGGER {name}"
            self.sql(f"DROP TRIGGER {name}" if self.is_sqlite else off)
        try:
            yield
        finally:
            for table, name, text in standing:
                self.sql(text or f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}")

    # -- rows --------------------------------------------------------------------------------

    def rows(self, table: str, order: str = "1") -> list[Row]:
        """All rows of a table."""
        columns = self.columns(table)
        listed = ", ".join(f'"{name}"' for name in columns)
        found = self.sql(f"SELECT {listed} FROM {table} ORDER BY {order}")
        return [dict(zip(columns, row, strict=True)) for row in found]

    def change(self, table: str, where: Row, **new: Any) -> None:
        """Alter the one row that `where` finds."""
        assignments = ", ".join(f'"{name}" = %s' for name in new)
        values = [*new.values(), *where.values()]
        self.sql(f"UPDATE {table} SET {assignments} WHERE {_condition(where)}", values)

    def remove(self, table: str, where: Row | None = None) -> None:
        """Delete the rows that `where` finds, or all."""
        if where is None:
            self.sql(f"DELETE FROM {table}")
        else:
            self.sql(f"DELETE FROM {table} WHERE {_condition(where)}", list(where.values()))

    def add(self, table: str, row: Row) -> None:
        """Insert a row."""
        columns = ", ".join(f'"{name}"' for name in row)
        marks = ", ".join(["%s"] * len(row))
        self.sql(f"INSERT INTO {table} ({columns}) VALUES ({marks})", list(row.values()))

    def fill(self, table: str, rows: list[Row]) -> None:
        """Make these the rows of a table."""
        self.remove(table)
        if rows:
            columns = ", ".join(f'"{name}"' for name in rows[0])
            marks = ", ".join(["%s"] * len(rows[0]))
            statement = f"INSERT INTO {table} ({columns}) VALUES ({marks})"
            values = [tuple(row.values()) for row in rows]
            if self.is_sqlite:
                self._db.executemany(statement.replace("%s", "?"), values)
            else:
                with self._db.cursor() as cursor:
                    cursor.executemany(statement, values)

    @contextmanager
    def in_one_go(self) -> Iterator[None]:
        """One transaction."""
        self.sql("BEGIN")
        try:
            yield
        except BaseException:
            self.sql("ROLLBACK")
            raise
        self.sql("COMMIT")

    # -- the log -----------------------------------------------------------------------------

    def log_row(self, position: int) -> Row:
        """The log's row at a position."""
        return next(row for row in self.rows("ledger_log") if row["position"] == position)

    def event_at(self, position: int) -> Row:
        """The event that stands at a position."""
        event_id = self.log_row(position)["event_id"]
        return next(row for row in self.rows("ledger_event") if row["id"] == event_id)

    def position_of(self, table: str, row: Row) -> int | None:
        """The position of the entry that a row of the log or of the events belongs to."""
        if table == "ledger_log":
            return int(row["position"])
        if table == "ledger_event":
            log = self.rows("ledger_log")
            return next(one["position"] for one in log if one["event_id"] == row["id"])
        return None

    def flip(self, table: str, row: Row, column: str) -> None:
        """Flip one bit of a value: the lowest that no unique index of the table objects to."""
        for bit in (1 << n for n in range(12)):
            try:
                self.change(table, row, **{column: _flipped(row[column], bit)})
                return
            except (sqlite3.IntegrityError, psycopg.errors.UniqueViolation):
                continue
        raise AssertionError(f"{table}.{column}: every flip was a duplicate")

    def id(self, value: UUID) -> UUID | str:
        """An id as this database keeps it."""
        return value.hex if self.is_sqlite else value

    def shift(self, first: int, by: int) -> None:
        """Move every position from `first` on, by way of numbers that nobody uses."""
        self.sql(f"UPDATE ledger_log SET position = -position - {by} - 1 WHERE position >= {first}")
        self.sql("UPDATE ledger_log SET position = -position - 1 WHERE position < 0")


def _flipped(value: Any, bit: int) -> Any:
    """A bit of the middle byte or letter; of a number, a time or an id the low bits."""
    if isinstance(value, bytes):
        middle = len(value) // 2
        return value[:middle] + bytes([value[middle] ^ bit]) + value[middle + 1 :]
    if isinstance(value, str):
        middle = len(value) // 2
        return (
            value[:middle] + chr(ord(value[middle : middle + 1] or "!") ^ bit) + value[middle + 1 :]
        )
    if isinstance(value, datetime):
        return value.replace(microsecond=value.microsecond ^ bit)
    if isinstance(value, UUID):
        return UUID(int=value.int ^ bit)
    return int(value) ^ bit


def _condition(where: Row) -> str:
    return " AND ".join(f'"{name}" = %s' for name in where)


def as_uuid(value: UUID | str) -> UUID:
    return value if isinstance(value, UUID) else UUID(value)


def entry_of(event: Row) -> bytes:
    """The entry that an event row makes."""
    return entry_bytes(
        as_uuid(event["id"]),
        stream_type=event["stream_type"],
        stream_id=event["stream_id"],
        version=event["version"],
        type=event["type"],
        schema_version=event["schema_version"],
        recorded_at=store.as_utc(event["recorded_at"]),
        actor=event["actor"],
        body_sha256=sha256(event["body"]).digest(),
    )


def leaf_of(entry: bytes) -> bytes:
    return sha256(b"\0" + entry).digest()
