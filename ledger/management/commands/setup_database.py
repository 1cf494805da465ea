"""Make the PostgreSQL roles and the database of one installation; running it again mends them."""

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import psycopg
from django.core.management.base import BaseCommand, CommandError
from psycopg import sql

from ledger import roles as ledger_roles
from ledger.roles import Roles

PASSWORDS = {
    "app": "DB_PASSWORD",
    "sealer": "DB_SEALER_PASSWORD",
    "migrator": "DB_MIGRATOR_PASSWORD",
    "auditor": "DB_AUDITOR_PASSWORD",
}

ONE_AT_A_TIME = "SELECT pg_advisory_lock(hashtext('lotbook setup_database'))"


class Command(BaseCommand):
    help = "Creates (or mends) the roles and the database on PostgreSQL, as its administrator."
    requires_system_checks: list[str] = []  # noqa: RUF012 - Django's own way; no database yet

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--database", help="name of the database (default: DB_NAME)")
        parser.add_argument("--roles-only", action="store_true", help="make the roles only")
        parser.add_argument("--print-sql", action="store_true", help="print, change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        database = options["database"] or os.environ.get("DB_NAME", "")
        if not (database or options["roles_only"]):
            raise CommandError("Say which database: set DB_NAME or give --database NAME.")
        say = self.stdout.write if options["print_sql"] else None
        try:
            self.set_up(None if options["roles_only"] else database, say)
        except psycopg.Error as refusal:
            raise CommandError(f"PostgreSQL refused: {refusal}") from refusal

    def set_up(self, database: str | None, say: Any) -> None:
        names = ledger_roles.roles()
        with _connect(os.environ.get("DB_ADMIN_NAME", "postgres")) as admin:
            # Roles are the whole cluster's: two set up at once must not both make one.
            admin.execute(ONE_AT_A_TIME)
            _run(admin, _role_statements(admin, names), say)
            if database is None:
                return
            if not _exists(admin, "SELECT 1 FROM pg_database WHERE datname = %s", database):
                create = ledger_roles.create_database_statement(names, database=database)
                _run(admin, [create], say)
            statements = ledger_roles.database_statements(names, database=database)
            _run(admin, statements, say)
            self.set_up_schema(database, names, say)

    def set_up_schema(self, database: str, names: Roles, say: Any) -> None:
        statements = ledger_roles.schema_statements(names)
        where = os.environ.get("DB_ADMIN_NAME", "postgres") if say else database
        if say:
            say(f"-- connected to {database}")
        with _connect(where) as inside:
            _run(inside, statements, say)
        if not say:
            self.stdout.write(f"The database {database} and its roles stand; run migrate next.")


def _connect(database: str) -> "psycopg.Connection[Any]":
    user = os.environ.get("DB_ADMIN_USER")
    if not user:
        raise CommandError("Set DB_ADMIN_USER (and DB_ADMIN_PASSWORD) to PostgreSQL's superuser.")
    return psycopg.connect(
        dbname=database,
        user=user,
        password=_secret("DB_ADMIN_PASSWORD"),
        host=os.environ.get("DB_ADMIN_HOST") or os.environ.get("DB_HOST"),
        port=os.environ.get("DB_ADMIN_PORT") or os.environ.get("DB_PORT"),
        autocommit=True,
        connect_timeout=10,
        client_encoding="utf-8",
    )


def _secret(variable: str) -> str | None:
    """A password, from NAME or from the file that NAME_FILE points at."""
    path = os.environ.get(f"{variable}_FILE")
    if path is None:
        return os.environ.get(variable)
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise CommandError(f"{variable}_FILE points at {path}: {error}.") from error


def _role_statements(admin: "psycopg.Connection[Any]", names: Roles) -> list[sql.Composed]:
    with admin.cursor() as cursor:
        cursor.execute("SELECT rolname FROM pg_roles")
        existing = [row[0] for row in cursor.fetchall()]
    verifiers = {}
    for kind, variable in PASSWORDS.items():
        role, password = getattr(names, kind), _secret(variable)
        if password:
            verifiers[role] = _verifier(admin, role, password)
        elif role not in existing:
            raise CommandError(f"Set {variable}: the password of the new role {role}.")
    return ledger_roles.role_statements(names, existing=existing, verifiers=verifiers)


def _verifier(admin: "psycopg.Connection[Any]", role: str, password: str) -> str:
    """The SCRAM verifier, made here so that no password reaches the server's log."""
    made = admin.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256")
    return made.decode()


def _exists(admin: "psycopg.Connection[Any]", query: str, value: str) -> bool:
    return admin.execute(query, [value]).fetchone() is not None


def _run(connection: "psycopg.Connection[Any]", statements: list[sql.Composed], say: Any) -> None:
    for statement in statements:
        if say:
            say(statement.as_string(connection) + ";")
        else:
            connection.execute(statement)
