"""Compares the guards that stand in a PostgreSQL database with the ones that were shipped."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from ledger import guards

MISSING, ASLEEP, CHANGED, FOREIGN = "missing", "asleep", "changed", "foreign"

# pg_trigger.tgtype: ROW 1, BEFORE 2, INSERT 4, DELETE 8, UPDATE 16, TRUNCATE 32
_INSERT, _DELETE = 1 + 2 + 4, 1 + 2 + 8
_TYPES = {
    "ledger_event_guard": _INSERT,
    "ledger_blob_name": _INSERT,
    "ledger_pending_guard": _DELETE,
}
_NO_TRUNCATE, _APPEND_ONLY, _PENDING_ONLY = 2 + 32, 1 + 2 + 8 + 16, 1 + 2 + 16
_FUNCTION = re.compile(
    r"CREATE OR REPLACE FUNCTION (?P<name>\w+)\(\) RETURNS trigger\s+LANGUAGE plpgsql"
    r"(?P<definer> SECURITY DEFINER)? SET search_path = (?P<path>[\w, ]+)"
    r" AS \$\$(?P<body>.*?)\$\$;",
    re.DOTALL,
)
_TRIGGERS = """
SELECT t.tgname, c.relname, t.tgenabled, t.tgtype, p.proname,
       t.tgqual IS NULL AND t.tgattr = ''::int2vector
  FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
  JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE NOT t.tgisinternal AND n.nspname = 'public' AND c.relname = ANY(%s)"""
_FUNCTIONS = """
SELECT p.proname, p.prosrc, p.prosecdef, array_to_string(p.proconfig, ';')
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
 WHERE n.nspname = 'public' AND p.proname = ANY(%s)"""
_RULES = """
SELECT rulename, tablename FROM pg_rules WHERE schemaname = 'public' AND tablename = ANY(%s)"""
_ROW_SECURITY = """
SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname = 'public' AND c.relname = ANY(%s) AND c.relrowsecurity"""


@dataclass(frozen=True)
class Difference:
    """One way in which the database is not guarded as shipped."""

    kind: str
    sentence: str


def differences(connection: Any) -> list[Difference]:
    """Every difference; empty when the database is guarded exactly as shipped."""
    tables = [model._meta.db_table for model in guards.ledger_models()]
    with connection.cursor() as cursor:
        return [*_triggers(cursor, tables), *_functions(cursor), *_strangers(cursor, tables)]


def _triggers(cursor: Any, tables: list[str]) -> Iterator[Difference]:
    cursor.execute(_TRIGGERS, [tables])
    standing = {row[0]: row[1:] for row in cursor.fetchall()}
    expected = guards.expected_triggers()
    for name, table in sorted(expected.items()):
        on, enabled, *made = standing.get(name, ("", "", None))
        if on != table:
            yield Difference(MISSING, f"The trigger {name} on {table} is missing.")
        elif enabled != "A":
            yield Difference(ASLEEP, f"The trigger {name} on {table} is not ENABLE ALWAYS.")
        elif made != [_type(name, table), _function(name), True]:
            yield Difference(CHANGED, f"The trigger {name} on {table} is not the one shipped.")
    for name in sorted(standing.keys() - expected.keys()):
        sentence = f"The trigger {name} on {standing[name][0]} is not one of Lotbook's."
        yield Difference(FOREIGN, sentence)


def _type(name: str, table: str) -> int:
    if name in _TYPES:
        return _TYPES[name]
    if name.endswith("_no_truncate"):
        return _NO_TRUNCATE
    return _PENDING_ONLY if table == "ledger_pending" else _APPEND_ONLY


def _function(name: str) -> str:
    return name if name in _TYPES else "ledger_refuse"


def _functions(cursor: Any) -> Iterator[Difference]:
    shipped = shipped_functions()
    cursor.execute(_FUNCTIONS, [sorted(shipped)])
    standing = {row[0]: tuple(row[1:]) for row in cursor.fetchall()}
    for name, definition in sorted(shipped.items()):
        if name not in standing:
            yield Difference(MISSING, f"The guard function {name} is missing.")
        elif standing[name] != definition:
            sentence = f"The guard function {name} reads differently from the one shipped."
            yield Difference(CHANGED, sentence)


def shipped_functions() -> dict[str, tuple[str, bool, str]]:
    """name -> (body, SECURITY DEFINER, settings), read from the SQL file that installs them."""
    text = files("ledger.guards").joinpath("postgresql.sql").read_text("utf-8")
    return {
        found["name"]: (found["body"], bool(found["definer"]), f"search_path={found['path']}")
        for found in _FUNCTION.finditer(text)
    }


def _strangers(cursor: Any, tables: list[str]) -> Iterator[Difference]:
    cursor.execute(_RULES, [tables])
    for rule, table in cursor.fetchall():
        yield Difference(FOREIGN, f"The rule {rule} rewrites what is asked of {table}.")
    cursor.execute(_ROW_SECURITY, [tables])
    for (table,) in cursor.fetchall():
        yield Difference(FOREIGN, f"Row security is on for {table}: rows could be hidden.")
