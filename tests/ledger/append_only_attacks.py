"""Ways to change what has been recorded, and how the databases say no. Used by the R1 tests."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import uuid4

from django.apps import apps
from django.db import Error

from ledger import guards, models

APP_ADDS = frozenset({"ledger_event", "ledger_command", "ledger_blob"})
# A refusal counts only if it came from a right, a guard or the authorizer: a misspelt attack
# would be refused too.
STATES = {"42501": "no right, or the guard", "40001": "version guard", "23514": "clock guard"}
WORDS = (
    "not authorized",
    "authorization denied",
    "append-only",
    "ledger conflict",
    "ledger clock",
    "may not be modified",
)


def ledger_tables(connection: Any) -> list[str]:
    """The append-only tables: every ledger_* table in the database's own catalogue that is not
    a read model or a cursor according to the models."""
    disposable = {
        model._meta.db_table for model in apps.get_models() if model not in guards.ledger_models()
    }
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace"
                " WHERE nspname = 'public' AND relkind IN ('r', 'p') ORDER BY 1"
            )
        else:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1")
        names = [row[0] for row in cursor.fetchall()]
    return [name for name in names if name.startswith("ledger_") and name not in disposable]


def triggers(connection: Any, table: str) -> list[str]:
    """The names of a table's triggers, from the catalogue."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal",
                [table],
            )
        else:
            cursor.execute(
                "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s", [table]
            )
        return sorted(row[0] for row in cursor.fetchall())


def key_column(table: str) -> str:
    """The primary key's column of a ledger table."""
    model = next(one for one in guards.ledger_models() if one._meta.db_table == table)
    return str(model._meta.pk.column)


def a_row_in_every_table() -> None:
    """Given: one sealed event, one that waits for its position, and a row of everything else."""
    now = datetime.now(UTC)
    events = [
        models.Event(
            id=uuid4(), stream_type="freezer", stream_id=f"FR-0{number}", version=1,
            type="freezer.opened", schema_version=1, recorded_at=now, actor="p-anna", body=b"{}",
        )
        for number in (1, 2)
    ]  # fmt: skip
    models.Event.objects.bulk_create(events)
    content = b"a chromatogram"
    for row in (
        models.CommandKey(key=uuid4(), request_sha256=b"r" * 32, event_ids=str(events[0].id)),
        models.Blob(sha256=sha256(content).digest(), content=content),
    ):
        type(row).objects.bulk_create([row])
    for row in (
        models.LogEntry(position=0, event_id=events[0].id, entry=b"entry", leaf=b"l" * 32),
        models.Epoch(number=2, origin="old.lotbook.example/2", start=1),
        models.Checkpoint(id="1/1", epoch=1, size=1, root=b"r" * 32, note="a note"),
        models.Tile(id="1/0/0", epoch=1, level=0, index=0, hashes=b"h" * 8192),
        models.Cosignature(id="1/1/w", epoch=1, size=1, name="w", line="a line"),
        models.TimestampToken(id="1/1", epoch=1, size=1, token=b"token"),
    ):
        type(row).objects.using("sealer").bulk_create([row])


def everything(connection: Any) -> dict[str, Any]:
    """All that an attack could have changed: rows of the ledger, tables, triggers, rights."""
    found: dict[str, Any] = {}
    queries = {table: f"SELECT * FROM {table}" for table in ledger_tables(connection)}
    with connection.cursor() as cursor:
        for name, query in {**queries, **_catalogue(connection)}.items():
            cursor.execute(query)
            found[name] = sorted(repr([_plain(v) for v in row]) for row in cursor.fetchall())
    return found


def _plain(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview) else value


def _catalogue(connection: Any) -> dict[str, str]:
    if connection.vendor == "sqlite":
        return {"schema": "SELECT type, name, tbl_name, sql FROM sqlite_master"}
    public = "JOIN pg_namespace n ON n.oid = {} WHERE nspname = 'public'"
    return {
        "tables": f"SELECT relname, relowner, relacl::text FROM pg_class "
        f"{public.format('relnamespace')}",
        "triggers": "SELECT tgname, tgrelid, tgenabled, tgfoid, tgtype FROM pg_trigger",
        "functions": f"SELECT proname, prosrc, proowner FROM pg_proc "
        f"{public.format('pronamespace')}",
        "rules": "SELECT schemaname, tablename, rulename, definition FROM pg_rules",
        "roles": "SELECT rolname, rolsuper, rolcanlogin, rolbypassrls FROM pg_roles",
        "members": "SELECT roleid, member FROM pg_auth_members",
    }


def accepted(connection: Any, statements: Iterable[str]) -> list[str]:
    """Those attacks that were not refused for the right reason, with what happened instead."""
    trouble = []
    for statement in statements:
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement)
        except Error as refusal:
            if not refused_rightly(refusal):
                trouble.append(f"{statement}: refused, but not by the guard: {refusal}")
        else:
            trouble.append(f"{statement}: accepted")
    return trouble


def refused_rightly(refusal: Exception) -> bool:
    """Whether a right, a guard or the authorizer said no."""
    state = getattr(refusal.__cause__ or refusal, "sqlstate", None)
    if state is not None:
        return state in STATES
    return any(word in str(refusal) for word in WORDS)


def changes_to_rows(connection: Any, table: str) -> Iterator[str]:
    """Statements that would alter or remove rows of one ledger table, on either database."""
    key = key_column(table)
    yield f"UPDATE {table} SET {key} = {key}"
    yield f"UPDATE {table} SET {key} = {key} WHERE 1 = 1"
    if table != "ledger_pending":
        yield f"DELETE FROM {table}"
        yield f"WITH gone AS (SELECT {key} FROM {table}) DELETE FROM {table}" + (
            f" WHERE {key} IN (SELECT {key} FROM gone)"
        )
    upsert = f"INSERT INTO {table} SELECT * FROM {table} WHERE true ON CONFLICT ({key})"
    yield f"{upsert} DO UPDATE SET {key} = excluded.{key}"
    if connection.vendor == "sqlite":
        yield f"REPLACE INTO {table} SELECT * FROM {table}"
        yield f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}"
        yield f"UPDATE OR REPLACE {table} SET {key} = {key}"
        yield f"UPDATE OR IGNORE {table} SET {key} = {key}"
    else:
        yield f"TRUNCATE {table}"
        yield f"TRUNCATE {table} RESTART IDENTITY CASCADE"
        merge = f"MERGE INTO {table} t USING {table} s ON t.{key} = s.{key} WHEN MATCHED THEN"
        yield f"{merge} UPDATE SET {key} = s.{key}"
        if table != "ledger_pending":
            yield f"{merge} DELETE"
            yield f"DO $$ BEGIN DELETE FROM {table}; END $$"


def changes_to_tables(connection: Any, table: str) -> Iterator[str]:
    """Statements that would alter, remove or unguard one ledger table."""
    yield f"DROP TABLE {table}"
    yield f"ALTER TABLE {table} RENAME TO {table}_old"
    yield f"ALTER TABLE {table} ADD COLUMN remark text"
    yield f"ALTER TABLE {table} RENAME COLUMN {key_column(table)} TO renamed"
    yield f"CREATE INDEX ledger_mine ON {table} ({key_column(table)})"
    for name in triggers(connection, table):
        on_table = f" ON {table}" if connection.vendor == "postgresql" else ""
        yield f"DROP TRIGGER {name}{on_table}"
    if connection.vendor == "sqlite":
        for temporary in ("", "TEMP "):
            yield (
                f"CREATE {temporary}TRIGGER hush BEFORE INSERT ON main.{table}"
                " BEGIN SELECT RAISE(IGNORE); END"
            )
        yield f"CREATE TEMP TABLE {table} AS SELECT * FROM main.{table}"
        return
    for name in triggers(connection, table):
        yield f"ALTER TABLE {table} DISABLE TRIGGER {name}"
        yield f"ALTER TABLE {table} ENABLE REPLICA TRIGGER {name}"
    yield f"ALTER TABLE {table} DISABLE TRIGGER ALL"
    yield f"ALTER TABLE {table} DISABLE TRIGGER USER"
    yield f"ALTER TABLE {table} OWNER TO CURRENT_USER"
    yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
    yield f"CREATE RULE hush AS ON INSERT TO {table} DO INSTEAD NOTHING"
    yield (
        f"CREATE TRIGGER hush BEFORE INSERT ON {table} FOR EACH ROW"
        " EXECUTE FUNCTION suppress_redundant_updates_trigger()"
    )
    if table != "ledger_pending":  # the sealer may lock what it may empty
        yield f"DO $$ BEGIN LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE; END $$"


POSTGRES_AT_LARGE = (
    "SET session_replication_role = replica",
    "DO $$ BEGIN SET LOCAL session_replication_role = replica; END $$",
    "SET ROLE lotbook_owner",
    "SET ROLE lotbook_migrator",
    "SET SESSION AUTHORIZATION postgres",
    "ALTER ROLE CURRENT_USER SUPERUSER",
    "GRANT lotbook_owner TO CURRENT_USER",
    "CREATE ROLE mallory",
    "ALTER SYSTEM SET fsync = off",
    "CREATE TABLE public.ledger_mine (id int)",
    "CREATE FUNCTION public.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE OR REPLACE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql"
    " AS $$ BEGIN RETURN NEW; END $$",
    "ALTER FUNCTION ledger_refuse() RENAME TO ledger_accept",
    "DROP FUNCTION ledger_refuse() CASCADE",
    "CREATE EVENT TRIGGER mine ON ddl_command_end EXECUTE FUNCTION ledger_refuse()",
    "UPDATE pg_trigger SET tgenabled = 'D'",
    "DELETE FROM pg_trigger",
    "UPDATE pg_class SET relowner = CURRENT_USER::regrole",
    "DROP SCHEMA public CASCADE",
    "CREATE SCHEMA mine",
    "COPY ledger_event TO PROGRAM 'cat'",
    "COPY ledger_event TO '/tmp/ledger_event'",
    "SELECT setval(pg_get_serial_sequence('ledger_pending', 'seq'), 1)",
)
SQLITE_AT_LARGE = (
    "PRAGMA writable_schema = ON",
    "PRAGMA recursive_triggers = OFF",
    "PRAGMA recursive_triggers(0)",
    "PRAGMA journal_mode = OFF",
    "PRAGMA synchronous = OFF",
    "PRAGMA foreign_keys = OFF",
    "PRAGMA trusted_schema = ON",
    "PRAGMA schema_version = 1",
    "PRAGMA application_id = 1",
    "PRAGMA locking_mode = EXCLUSIVE",
    "ATTACH DATABASE ':memory:' AS mine",
    "DETACH DATABASE main",
    "UPDATE sqlite_master SET sql = ''",
    "DELETE FROM sqlite_master",
    "INSERT INTO sqlite_master VALUES ('table', 'x', 'x', 0, 'CREATE TABLE x (a)')",
    "INSERT INTO sqlite_sequence VALUES ('ledger_pending', 9223372036854775807)",
    "UPDATE sqlite_sequence SET seq = 0",
    "DELETE FROM sqlite_sequence",
    "CREATE TABLE ledger_mine (id int)",
    "CREATE VIEW ledger_mine AS SELECT 1",
    "VACUUM INTO 'copy.sqlite3'",
)
