"""What a SQLite connection may do, by role: it stands in for PostgreSQL's roles and grants.

Whoever can open the file with another program is not stopped by this; the verifier finds them.
"""

import sqlite3
from collections.abc import Callable

LEDGER_TABLES = frozenset(
    {
        "ledger_event",
        "ledger_pending",
        "ledger_log",
        "ledger_epoch",
        "ledger_checkpoint",
        "ledger_tile",
        "ledger_cosignature",
        "ledger_timestamp",
        "ledger_command",
        "ledger_blob",
    }
)
_APP_INSERTS = frozenset({"ledger_event", "ledger_command", "ledger_blob"})
# What the sealer makes; events it appends as the application, as on PostgreSQL.
_SEALER_INSERTS = LEDGER_TABLES - _APP_INSERTS - {"ledger_pending"}
_READ_ONLY_PRAGMAS = frozenset(
    {
        "table_info",
        "table_xinfo",
        "index_list",
        "index_info",
        "foreign_key_list",
        "table_list",
        "integrity_check",
        "quick_check",
        "foreign_key_check",
        "database_list",
        "index_xinfo",
        "compile_options",
        "wal_checkpoint",
        "function_list",
    }
)
# Reading these is harmless; writing them is not.
_READABLE_PRAGMAS = frozenset(
    {
        "journal_mode",
        "synchronous",
        "recursive_triggers",
        "foreign_keys",
        "page_count",
        "page_size",
        "user_version",
        "data_version",
        "trusted_schema",
        "encoding",
        "max_page_count",
    }
)
_SCHEMA_CHANGES = frozenset(
    {
        sqlite3.SQLITE_CREATE_TRIGGER,
        sqlite3.SQLITE_CREATE_TEMP_TRIGGER,
        sqlite3.SQLITE_DROP_TRIGGER,
        sqlite3.SQLITE_CREATE_VTABLE,
        sqlite3.SQLITE_DROP_VTABLE,
        sqlite3.SQLITE_ALTER_TABLE,
        sqlite3.SQLITE_DROP_TABLE,
        sqlite3.SQLITE_DROP_INDEX,
        sqlite3.SQLITE_CREATE_TABLE,
        sqlite3.SQLITE_CREATE_INDEX,
        sqlite3.SQLITE_CREATE_VIEW,
        sqlite3.SQLITE_DROP_VIEW,
        sqlite3.SQLITE_ATTACH,
        sqlite3.SQLITE_DETACH,
        sqlite3.SQLITE_REINDEX,
        sqlite3.SQLITE_ANALYZE,
    }
)

Judge = Callable[[int, str | None, str | None, str | None, str | None], int]


def authorizer(role: str | None) -> Judge | None:
    """The judge for a role; the migrator, who makes the tables, has none."""
    if role == "migrator":
        return None
    may_delete = frozenset({"ledger_pending"}) if role == "sealer" else frozenset()
    may_write = role != "auditor"
    inserts = {"sealer": _SEALER_INSERTS, "auditor": frozenset[str]()}
    may_insert = inserts.get(role or "", _APP_INSERTS)

    def judge(
        action: int, first: str | None, second: str | None, database: str | None, via: str | None
    ) -> int:
        if action == sqlite3.SQLITE_READ or action == sqlite3.SQLITE_SELECT:
            return sqlite3.SQLITE_OK
        if action == sqlite3.SQLITE_INSERT:
            return _verdict(_may_insert(first, via, may_insert, may_write))
        if action in (sqlite3.SQLITE_UPDATE, sqlite3.SQLITE_DELETE):
            return _verdict(_may_change(action, first, database, may_delete, may_write))
        if action == sqlite3.SQLITE_PRAGMA:
            return _verdict(_may_pragma(first, second))
        if action == sqlite3.SQLITE_REINDEX and database == "temp":
            return sqlite3.SQLITE_OK  # a rebuild indexes its temporary tables
        if action in _SCHEMA_CHANGES:
            return sqlite3.SQLITE_DENY
        if action in (sqlite3.SQLITE_CREATE_TEMP_TABLE, sqlite3.SQLITE_CREATE_TEMP_VIEW):
            # Nothing may stand in for the ledger, however it is spelt.
            return _verdict((first or "").casefold() not in LEDGER_TABLES)
        return sqlite3.SQLITE_OK

    return judge


def _verdict(allowed: bool) -> int:
    return sqlite3.SQLITE_OK if allowed else sqlite3.SQLITE_DENY


def _may_insert(
    table: str | None, via: str | None, allowed: frozenset[str], may_write: bool
) -> bool:
    if table == "ledger_pending":
        return via == "ledger_event_pending"  # the trigger's own insert, nobody else's
    if table in LEDGER_TABLES:
        return table in allowed
    if table is not None and table.startswith("sqlite_"):
        return table == "sqlite_temp_master"  # sqlite_sequence would exhaust the outbox's numbers
    return may_write


def _may_change(
    action: int, table: str | None, database: str | None, deletable: frozenset[str], write: bool
) -> bool:
    if database == "temp":
        return True
    if table in LEDGER_TABLES:
        return action == sqlite3.SQLITE_DELETE and table in deletable
    if table is not None and table.startswith("sqlite_"):
        return False
    return write


def _may_pragma(name: str | None, value: str | None) -> bool:
    word = (name or "").lower()
    return word in _READ_ONLY_PRAGMAS or (value is None and word in _READABLE_PRAGMAS)
