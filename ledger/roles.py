"""Who may do what inside PostgreSQL: the five roles of an installation and their grants, stated
once, applied after every migrate, compared with the catalogue by `check --deploy`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from psycopg import sql

SCHEMA = "public"
READ = frozenset({"SELECT"})
ADD = frozenset({"SELECT", "INSERT"})
DRAIN = frozenset({"SELECT", "DELETE"})
WRITE = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE"})

# What may touch a ledger table; a ledger table that is not named here can only be read.
APP_LEDGER = {"ledger_event": ADD, "ledger_command": ADD, "ledger_blob": ADD}
SEALER_LEDGER = {
    # What the log says of itself: the guard lets it record its epochs and changes of its key, and
    # no other event. Any other that its process appends, it appends as the application.
    "ledger_event": ADD,
    "ledger_command": ADD,
    "ledger_trail": ADD,
    "ledger_trail_word": ADD,
    "ledger_trail_link": ADD,
    "ledger_pending": DRAIN,
    "ledger_log": ADD,
    "ledger_tile": ADD,
    "ledger_checkpoint": ADD,
    "ledger_cosignature": ADD,
    "ledger_timestamp": ADD,
    "ledger_epoch": ADD,
}
# Written by `migrate` alone, so the application only reads them.
MIGRATE_ONLY = frozenset({"django_migrations", "django_content_type", "auth_permission"})


@dataclass(frozen=True)
class Roles:
    """The names of one installation's roles."""

    owner: str
    migrator: str
    app: str
    sealer: str
    auditor: str

    @property
    def logins(self) -> tuple[str, ...]:
        return (self.migrator, self.app, self.sealer, self.auditor)

    @property
    def granted(self) -> tuple[str, ...]:
        return (self.app, self.sealer, self.auditor)


def roles(prefix: str | None = None) -> Roles:
    """The role names; DB_ROLE_PREFIX lets two installations share one cluster."""
    stem = prefix or settings.DB_ROLE_PREFIX
    names = (f"{stem}_{kind}" for kind in ("owner", "migrator", "app", "sealer", "auditor"))
    return Roles(*names)


def log_writer() -> str:
    """The alias that records what the log says of itself: its epochs and changes of its key.

    SQLite knows no roles and its guard no types, so there the application records everything.
    """
    return "sealer" if settings.DB == "postgres" else "default"


# Per role: a forgotten transaction or a stuck lock must not stop the sealer or the people.
LIMITS: dict[str, dict[str, str]] = {
    "migrator": {"lock_timeout": "15s", "idle_in_transaction_session_timeout": "10min"},
    "app": {
        "statement_timeout": "60s",
        "lock_timeout": "10s",
        "idle_in_transaction_session_timeout": "60s",
    },
    "sealer": {
        "statement_timeout": "60s",
        "lock_timeout": "10s",
        "idle_in_transaction_session_timeout": "60s",
    },
    "auditor": {
        "statement_timeout": "10min",
        "lock_timeout": "10s",
        "idle_in_transaction_session_timeout": "10min",
        "default_transaction_read_only": "on",
    },
}


def role_statements(
    names: Roles, *, existing: Iterable[str], verifiers: Mapping[str, str]
) -> list[sql.Composed]:
    """Statements that make or mend the cluster-wide roles; `verifiers` are SCRAM verifiers."""
    present = set(existing)
    out = [_make_role(names.owner, present, "NOLOGIN INHERIT")]
    for role in names.logins:
        # NOINHERIT: the migrator must SET ROLE to act as the owner.
        inherit = "INHERIT" if role == names.auditor else "NOINHERIT"
        out.append(_make_role(role, present, f"LOGIN {inherit}"))
        if role in verifiers:
            statement = sql.SQL("ALTER ROLE {} PASSWORD {}")
            out.append(statement.format(sql.Identifier(role), sql.Literal(verifiers[role])))
    out.append(_member(names.owner, names.migrator))
    out.append(_member("pg_read_all_settings", names.auditor))
    for kind, limits in LIMITS.items():
        role = getattr(names, kind)
        out.extend(_setting("ROLE", role, name, value) for name, value in limits.items())
    return out


def _make_role(role: str, present: set[str], attributes: str) -> sql.Composed:
    verb = "ALTER" if role in present else "CREATE"
    plain = "NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"
    statement = f"{verb} ROLE {{}} WITH {attributes} {plain}"
    return sql.SQL(statement).format(sql.Identifier(role))


def _member(group: str, member: str) -> sql.Composed:
    return sql.SQL("GRANT {} TO {}").format(sql.Identifier(group), sql.Identifier(member))


def _setting(kind: str, name: str, setting: str, value: str) -> sql.Composed:
    statement = sql.SQL("ALTER {} {} SET {} = {}")
    target = sql.Identifier(name)
    return statement.format(sql.SQL(kind), target, sql.Identifier(setting), sql.Literal(value))


def create_database_statement(
    names: Roles, *, database: str, template: str | None = None
) -> sql.Composed:
    """CREATE DATABASE: from template0 with the C collation, or as a clone of `template`."""
    head = sql.SQL("CREATE DATABASE {} OWNER {} ").format(
        sql.Identifier(database), sql.Identifier(names.owner)
    )
    if template:
        return head + sql.SQL("TEMPLATE {}").format(sql.Identifier(template))
    # Byte order, the same as SQLite's and on every libc: an operating system upgrade cannot
    # reorder (and so silently break) an index that must live for thirty years.
    locale = "TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'"
    return head + sql.SQL(locale).format()


def database_statements(names: Roles, *, database: str) -> list[sql.Composed]:
    """Statements about the database itself (a clone does not inherit them)."""
    target = sql.Identifier(database)
    reach = [names.migrator, *names.granted]
    temporary = [names.owner, names.app]  # rebuild makes read models again in TEMP tables
    return [
        sql.SQL("ALTER DATABASE {} OWNER TO {}").format(target, sql.Identifier(names.owner)),
        sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(target),
        sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(target, _names(reach)),
        sql.SQL("GRANT TEMPORARY ON DATABASE {} TO {}").format(target, _names(temporary)),
        _setting("DATABASE", database, "timezone", "UTC"),
    ]


def schema_statements(names: Roles) -> list[sql.Composed]:
    """Statements about the schema; run while connected to the database."""
    schema = sql.Identifier(SCHEMA)
    owner, auditor = sql.Identifier(names.owner), sql.Identifier(names.auditor)
    return [
        sql.SQL("ALTER SCHEMA {} OWNER TO {}").format(schema, owner),
        sql.SQL("REVOKE ALL ON SCHEMA {} FROM PUBLIC").format(schema),
        sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(schema, _names(names.granted)),
        # A SECURITY DEFINER trigger function that PUBLIC may execute could be hung on anybody's
        # temporary table; a trigger that exists fires without this right.
        sql.SQL(
            "ALTER DEFAULT PRIVILEGES FOR ROLE {} REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC"
        ).format(owner),
        # `check --deploy` reads the sign-in rules as the auditor.
        sql.SQL("GRANT SELECT ON pg_hba_file_rules TO {}").format(auditor),
        sql.SQL("GRANT EXECUTE ON FUNCTION pg_hba_file_rules() TO {}").format(auditor),
    ]


def _names(names: Iterable[str]) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(name) for name in names)


def ledger_tables() -> frozenset[str]:
    """The append-only tables, as the models say (`ledger_table = True`)."""
    return frozenset(m._meta.db_table for m in _models() if getattr(m, "ledger_table", False))


def _models() -> list[Any]:
    from django.apps import apps

    return list(apps.get_models(include_auto_created=True, include_swapped=True))


def expected_grants(tables: Iterable[str]) -> dict[str, dict[str, frozenset[str]]]:
    """role kind -> table -> privileges, for the tables that the catalogue holds."""
    ours = ledger_tables()
    state = {m._meta.db_table for m in _models() if m._meta.app_label == "ledger"} - ours
    grants: dict[str, dict[str, frozenset[str]]] = {"app": {}, "sealer": {}, "auditor": {}}
    for table in sorted(tables):
        guarded = table in ours or (table.startswith("ledger_") and table not in state)
        grants["app"][table] = _app_right(table, guarded=guarded)
        if guarded or table in state:
            grants["auditor"][table] = READ
            grants["sealer"][table] = SEALER_LEDGER.get(table, READ)
        if table == "django_migrations":
            grants["sealer"][table] = grants["auditor"][table] = READ
    return grants


def _app_right(table: str, *, guarded: bool) -> frozenset[str]:
    if guarded:
        return APP_LEDGER.get(table, READ)
    return READ if table in MIGRATE_ONLY else WRITE


def catalogue_tables(cursor: Any) -> list[str]:
    """The tables of our schema, read from the database's own catalogue."""
    cursor.execute(
        "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = %s AND c.relkind IN ('r', 'p') ORDER BY 1",
        [SCHEMA],
    )
    return [row[0] for row in cursor.fetchall()]


def apply_grants(connection: Any, *, names: Roles | None = None) -> None:
    """Make the grants exactly what `expected_grants` says; run as the owner after every migrate.

    On SQLite, which has no roles, there is nothing to do.
    """
    if connection.vendor != "postgresql":
        return
    from django.db import transaction

    names = names or roles()
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        for statement in grant_statements(names, tables=catalogue_tables(cursor)):
            cursor.execute(statement)


def grant_statements(names: Roles, *, tables: Iterable[str]) -> list[sql.Composed]:
    """Everything is taken away first, so that a right dropped from the code is dropped there."""
    schema = sql.Identifier(SCHEMA)
    everyone = sql.SQL("PUBLIC, ") + _names(names.granted)
    out = [
        sql.SQL(f"REVOKE ALL ON ALL {kind} IN SCHEMA {{}} FROM {{}}").format(schema, everyone)
        for kind in ("TABLES", "SEQUENCES", "FUNCTIONS")
    ]
    statement = sql.SQL("GRANT {} ON {} TO {}")
    for kind, rights in expected_grants(tables).items():
        role = sql.Identifier(getattr(names, kind))
        for table, privileges in rights.items():
            words = sql.SQL(", ").join(sql.SQL(word) for word in sorted(privileges))
            out.append(statement.format(words, sql.Identifier(SCHEMA, table), role))
    return out
