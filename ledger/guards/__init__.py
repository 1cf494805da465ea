"""The triggers that make the ledger append-only, installed after every migrate."""

from importlib.resources import files
from typing import Any

from django.apps import apps
from django.db import transaction
from django.db.models import Model


def ledger_models() -> list[type[Model]]:
    """The models of the append-only tables."""
    return [model for model in apps.get_models() if getattr(model, "ledger_table", False)]


def install(connection: Any) -> None:
    """Create every guard anew: a table that Django remade has silently lost its triggers."""
    statements = _sqlite() if connection.vendor == "sqlite" else _postgresql()
    # In one transaction, so that nobody finds the moment between a trigger's end and its return.
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def missing(connection: Any) -> list[str]:
    """The guards that should stand and do not, or that read differently. Empty when all is well."""
    if connection.vendor == "sqlite":
        return _missing_sqlite(connection)
    from ledger.guards import standing

    return [difference.sentence for difference in standing.differences(connection)]


def expected_triggers() -> dict[str, str]:
    """Every trigger's name on PostgreSQL, and the table it stands on."""
    found = {
        "ledger_event_guard": "ledger_event",
        "ledger_pending_guard": "ledger_pending",
        "ledger_blob_name": "ledger_blob",
    }
    for model in ledger_models():
        table = model._meta.db_table
        found[f"{table}_no_truncate"] = table
        found[f"{table}_append_only"] = table
    return found


def _postgresql() -> list[str]:
    statements = [files(__name__).joinpath("postgresql.sql").read_text("utf-8")]
    for model in ledger_models():
        table = model._meta.db_table
        refused = "UPDATE" if table == "ledger_pending" else "UPDATE OR DELETE"
        statements += [
            f"DROP TRIGGER IF EXISTS {table}_append_only ON {table}",
            f"CREATE TRIGGER {table}_append_only BEFORE {refused} ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION ledger_refuse()",
            f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_append_only",
            f"DROP TRIGGER IF EXISTS {table}_no_truncate ON {table}",
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse()",
            f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_no_truncate",
        ]
    return statements


# An entry can be made of the row. GLOB stops at a zero byte: so lengths are compared as well.
_EVENT_ENTRY = """
CREATE TRIGGER ledger_event_entry BEFORE INSERT ON ledger_event BEGIN
    SELECT RAISE(ABORT, 'ledger entry: no entry can be made of this event.')
        WHERE NOT (typeof(NEW.id) = 'text' AND length(NEW.id) = 32
            AND NEW.id NOT GLOB '*[^0-9a-f]*'
        AND length(CAST(NEW.stream_type AS BLOB)) BETWEEN 1 AND 40
            AND length(CAST(NEW.stream_type AS BLOB)) = length(NEW.stream_type)
            AND NEW.stream_type GLOB '[a-z]*' AND NEW.stream_type NOT GLOB '*[^a-z_]*'
        AND length(CAST(NEW.stream_id AS BLOB)) BETWEEN 1 AND 80
            AND length(CAST(NEW.stream_id AS BLOB)) = length(NEW.stream_id)
            AND NEW.stream_id GLOB '[A-Za-z0-9]*' AND NEW.stream_id NOT GLOB '*[^A-Za-z0-9._:-]*'
        AND length(CAST(NEW.actor AS BLOB)) BETWEEN 1 AND 80
            AND length(CAST(NEW.actor AS BLOB)) = length(NEW.actor)
            AND NEW.actor GLOB '[A-Za-z0-9]*' AND NEW.actor NOT GLOB '*[^A-Za-z0-9._:-]*'
        AND length(CAST(NEW.type AS BLOB)) = length(NEW.type)
            AND NEW.type GLOB '[a-z]*.[a-z]*' AND NEW.type NOT GLOB '*[^a-z_.]*'
            AND NEW.type NOT GLOB '*.[^a-z]*' AND NEW.type NOT GLOB '*.'
        AND typeof(NEW.version) = 'integer' AND NEW.version > 0
        AND typeof(NEW.schema_version) = 'integer' AND NEW.schema_version BETWEEN 1 AND 999999999
        AND typeof(NEW.recorded_at) = 'text' AND julianday(NEW.recorded_at) IS NOT NULL
            AND NEW.recorded_at GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9] [0-2][0-9]:'
                || '[0-5][0-9]:[0-5][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]'
        AND typeof(NEW.body) = 'blob' AND length(NEW.body) BETWEEN 2 AND 1048576);
END"""
_BLOB_NAME = """
CREATE TRIGGER ledger_blob_name BEFORE INSERT ON ledger_blob BEGIN
    SELECT RAISE(ABORT, 'ledger blob: its name is not the SHA-256 of its content.')
        WHERE NOT (typeof(NEW.sha256) = 'blob' AND length(NEW.sha256) = 32
            AND typeof(NEW.content) = 'blob');
END"""
_EVENT_GUARD = """
CREATE TRIGGER ledger_event_guard BEFORE INSERT ON ledger_event BEGIN
    SELECT RAISE(ABORT, 'ledger conflict: the stream is at another version.')
        WHERE NEW.version <> 1 + coalesce((SELECT max(version) FROM ledger_event
            WHERE stream_type = NEW.stream_type AND stream_id = NEW.stream_id), 0);
    SELECT RAISE(ABORT, 'ledger clock: recorded_at is more than 2 s from the database''s clock.')
        WHERE abs(julianday(NEW.recorded_at) - julianday('now')) * 86400.0 > 2.0
        AND NOT EXISTS (SELECT 1 FROM ledger_epoch WHERE origin LIKE 'demo.%');
    SELECT RAISE(ABORT, 'The ledger is append-only: this event is there already.')
        WHERE EXISTS (SELECT 1 FROM ledger_event WHERE id = NEW.id);
END"""
_EVENT_PENDING = """
CREATE TRIGGER ledger_event_pending AFTER INSERT ON ledger_event BEGIN
    INSERT INTO ledger_pending (event_id) VALUES (NEW.id);
END"""
_PENDING_GUARD = """
CREATE TRIGGER ledger_pending_guard BEFORE DELETE ON ledger_pending BEGIN
    SELECT RAISE(ABORT, 'The ledger is append-only: this event has no position yet.')
        WHERE NOT EXISTS (SELECT 1 FROM ledger_log WHERE event_id = OLD.event_id);
END"""


def _sqlite_triggers() -> dict[str, str]:
    triggers = {
        "ledger_event_entry": _EVENT_ENTRY,
        "ledger_blob_name": _BLOB_NAME,
        "ledger_event_guard": _EVENT_GUARD,
        "ledger_event_pending": _EVENT_PENDING,
        "ledger_pending_guard": _PENDING_GUARD,
    }
    for model in ledger_models():
        table = model._meta.db_table
        for action in ("UPDATE", "DELETE"):
            if (table, action) == ("ledger_pending", "DELETE"):
                continue
            triggers[f"{table}_no_{action.lower()}"] = (
                f"CREATE TRIGGER {table}_no_{action.lower()} BEFORE {action} ON {table} BEGIN"
                f" SELECT RAISE(ABORT, 'The ledger is append-only: {action} on {table} is"
                " refused.'); END"
            )
    return {name: text.strip() for name, text in triggers.items()}


def _sqlite() -> list[str]:
    return [
        statement
        for name, text in _sqlite_triggers().items()
        for statement in (f"DROP TRIGGER IF EXISTS {name}", text)
    ]


def _missing_sqlite(connection: Any) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        standing = dict(cursor.fetchall())
    problems = []
    for name, text in sorted(_sqlite_triggers().items()):
        if name not in standing:
            problems.append(f"The trigger {name} is missing.")
        elif standing[name] != text:
            problems.append(f"The trigger {name} reads differently from the one shipped.")
    return problems
