"""Read models made again from the ledger: in shadow tables first, compared, then swapped in.

A shadow is a temporary table of the same name, which hides the real one on this connection, so
that the very projections that run inside an append write into it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import connections, transaction

from ledger import projections, store
from ledger.event import Recorded

USING = "default"  # the projections write through the application's own connection
WINDOW = 1000
TOLD = 5  # differing rows told per table
_COLUMNS = (
    "e.id, e.stream_type, e.stream_id, e.version, e.type, e.schema_version, e.recorded_at, e.body"
)
Progress = Callable[[int, int], None]  # events done, events in all


class RebuildStopped(Exception):
    """The ledger cannot be read through, so no read model is touched."""


@dataclass(frozen=True, slots=True)
class Table:
    """A read model's table: its columns, and those of its key."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]


def read_models() -> list[Table]:
    """Every table that can be dropped and made again (`read_model = True` on its model)."""
    models = [model for model in apps.get_models() if getattr(model, "read_model", False)]
    tables = [
        Table(
            model._meta.db_table,
            tuple(str(field.column) for field in model._meta.local_concrete_fields),
            tuple(str(field.column) for field in model._meta.pk_fields),
        )
        for model in models
    ]
    return sorted(tables, key=lambda table: table.name)


def compare(*, progress: Progress | None = None) -> list[str]:
    """How the read models differ from what the ledger says, in sentences. Changes nothing."""
    tables = read_models()
    with _snapshot(), _shadows(tables):
        _replay(0, progress)
        _replay_unsequenced()
        return [sentence for table in tables for sentence in _differences(table)]


def rebuild(*, progress: Progress | None = None) -> list[str]:
    """Make every read model again and put it in place; says what had been different.

    Writers wait only for the last part: what was written while the shadows were being filled.
    """
    tables = read_models()
    with _shadows(tables):
        with _mode("DEFERRED"):
            done = _replay(0, progress)
        with _alone(tables):
            _replay(done, progress)
            _replay_unsequenced()
            found = [sentence for table in tables for sentence in _differences(table)]
            for table in tables:
                _swap(table)
    return found


def _replay(first: int, progress: Progress | None) -> int:
    """Project the log from a position on; gives the position after the last."""
    end = _one("SELECT coalesce(max(position) + 1, 0) FROM ledger_log")
    for low in range(first, end, WINDOW):
        high = min(low + WINDOW, end)
        with transaction.atomic(using=USING):
            _project(_sequenced(low, high))
        if progress:
            progress(high, end)
    return int(end)


def _sequenced(low: int, high: int) -> Iterator[Recorded]:
    """The events at positions [low, high), all of them: a gap stops the rebuild."""
    rows = _all(
        f"SELECT l.position, {_COLUMNS} FROM ledger_log l"  # noqa: S608 - no value in it
        " LEFT JOIN ledger_event e ON e.id = l.event_id"
        " WHERE l.position >= %s AND l.position < %s ORDER BY l.position",
        [low, high],
    )
    for expected, row in enumerate(rows, start=low):
        if row[0] != expected or row[1] is None:
            raise RebuildStopped(
                f"Position {expected} of the log has no entry or no event. Run verify_ledger."
            )
        yield store.recorded(row[1:])
    if len(rows) != high - low:
        raise RebuildStopped(f"Position {low + len(rows)} of the log is missing.")


def _replay_unsequenced() -> None:
    """The events that wait for a position, in the order in which they were written."""
    rows = _all(
        f"SELECT {_COLUMNS} FROM ledger_pending p"  # noqa: S608 - no value in it
        " JOIN ledger_event e ON e.id = p.event_id ORDER BY p.seq",
        [],
    )
    _project(store.recorded(row) for row in rows)


def _project(events: Iterator[Recorded]) -> None:
    for event in events:
        projections.run(event)


@contextmanager
def _snapshot() -> Iterator[None]:
    """A transaction that sees one moment, holds nobody up, and leaves nothing behind."""
    connection = connections[USING]
    if connection.in_atomic_block:
        raise RebuildStopped("The read models cannot be compared inside a transaction.")
    with _mode("DEFERRED"), transaction.atomic(using=USING):
        if connection.vendor == "postgresql":
            _run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield
        transaction.set_rollback(True, using=USING)


@contextmanager
def _alone(tables: list[Table]) -> Iterator[None]:
    """A transaction in which nobody else writes a read model; what it sees is complete."""
    with transaction.atomic(using=USING):
        if connections[USING].vendor == "postgresql":
            _run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            names = ", ".join(_real(table.name) for table in tables)
            # Readers go on. The snapshot is taken after this, so no append can fall between.
            _run(f"LOCK TABLE {names} IN SHARE ROW EXCLUSIVE MODE")
        yield


@contextmanager
def _mode(mode: str) -> Iterator[None]:
    """On SQLite: let transactions begin without the write lock (they write shadows only)."""
    connection: Any = connections[USING]
    if connection.vendor != "sqlite":
        yield
        return
    connection.ensure_connection()
    before, connection.transaction_mode = connection.transaction_mode, mode
    try:
        yield
    finally:
        connection.transaction_mode = before


@contextmanager
def _shadows(tables: list[Table]) -> Iterator[None]:
    """Empty temporary tables in front of the real ones."""
    made: list[Table] = []
    limited = connections[USING].vendor == "postgresql"
    try:
        if limited:  # the role's limit is meant for pages; a table of millions takes longer
            _run("SET statement_timeout = 0")
        for table in tables:
            for statement in _shadow_statements(table.name):
                _run(statement)
            made.append(table)
        yield
    finally:
        if not connections[USING].in_atomic_block:  # else the rollback takes them away
            for table in made:
                _run(f"DROP TABLE IF EXISTS {_shadow(table.name)}")
            if limited:
                _run("RESET statement_timeout")


def _shadow_statements(name: str) -> list[str]:
    if connections[USING].vendor == "postgresql":
        return [f'CREATE TEMP TABLE "{name}" (LIKE public."{name}" INCLUDING ALL)']
    rows = _all(
        "SELECT type, sql FROM main.sqlite_master WHERE tbl_name = %s AND sql IS NOT NULL"
        " AND type IN ('table', 'index') ORDER BY type DESC",
        [name],
    )
    return [_temporary(kind, statement) for kind, statement in rows]


def _temporary(kind: str, statement: str) -> str:
    if kind == "table":
        return statement.replace("CREATE TABLE ", "CREATE TEMP TABLE ", 1)
    return statement.replace("INDEX ", "INDEX temp.", 1)


def _real(name: str) -> str:
    schema = "public" if connections[USING].vendor == "postgresql" else "main"
    return f'{schema}."{name}"'


def _shadow(name: str) -> str:
    schema = "pg_temp" if connections[USING].vendor == "postgresql" else "temp"
    return f'{schema}."{name}"'


def _differences(table: Table) -> list[str]:
    """Rows on one side only, byte for byte; a changed row stands on both sides."""
    missing = _only_in(table, _shadow(table.name), _real(table.name))
    surplus = _only_in(table, _real(table.name), _shadow(table.name))
    changed = [key for key in missing if key in surplus]
    return [
        *(f"{table.name}: row {key} reads differently from its events." for key in changed),
        *(f"{table.name}: row {key} is missing." for key in missing if key not in changed),
        *(f"{table.name}: row {key} comes from no event." for key in surplus if key not in changed),
    ]


def _only_in(table: Table, here: str, there: str) -> list[str]:
    columns = f"{_key_text(table)} AS key, {_exact_text(table)} AS line"
    line = f"SELECT {columns} FROM {{}} t"  # noqa: S608 - the names of our own
    statement = f"{line.format(here)} EXCEPT {line.format(there)} ORDER BY 1 LIMIT {TOLD}"
    return [str(row[0]) for row in _all(statement, [])]


def _key_text(table: Table) -> str:
    return " || ' ' || ".join(f'CAST(t."{column}" AS text)' for column in table.key)


def _exact_text(table: Table) -> str:
    """The row as text that differs wherever a byte differs."""
    if connections[USING].vendor == "postgresql":
        # Column by column: the type of a temporary row is another one, its text may be too.
        columns = ", ".join(f't."{column}"' for column in table.columns)
        return f"CAST(ROW({columns}) AS text)"
    return " || '|' || ".join(f'typeof(t."{c}") || hex(t."{c}")' for c in table.columns)


def _swap(table: Table) -> None:
    columns = ", ".join(f'"{column}"' for column in table.columns)
    _run(f"DELETE FROM {_real(table.name)}")  # noqa: S608 - the name of our own table
    _run(
        f"INSERT INTO {_real(table.name)} ({columns})"  # noqa: S608 - the names of our own
        f" SELECT {columns} FROM {_shadow(table.name)}"
    )


def _run(statement: str) -> None:
    with connections[USING].cursor() as cursor:
        cursor.execute(statement)


def _all(statement: str, values: list[Any]) -> list[tuple[Any, ...]]:
    with connections[USING].cursor() as cursor:
        cursor.execute(statement, values or None)
        return list(cursor.fetchall())


def _one(statement: str) -> Any:
    return _all(statement, [])[0][0]
