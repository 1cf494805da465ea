"""What `check --deploy` asks PostgreSQL: roles, owners, grants, guards, durability, sign-in."""

import os
import pwd
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning
from django.db import Error as DatabaseError

from ledger import roles as ledger_roles
from ledger.guards import standing
from ledger.roles import SCHEMA, Roles

LOCAL = frozenset({"", "localhost", "127.0.0.1", "::1"})
GUARDS = {standing.MISSING: 40, standing.ASLEEP: 41, standing.CHANGED: 42, standing.FOREIGN: 43}
MUST_BE_ON = {
    "fsync": (30, "a power cut could lose or tear records that were acknowledged"),
    "full_page_writes": (31, "a power cut could leave torn pages that cannot be repaired"),
}

ATTRIBUTES = """
SELECT rolname, rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls
  FROM pg_roles WHERE rolname = ANY(%s) ORDER BY 1"""
OWNED = """
SELECT pg_get_userbyid(c.relowner), c.relname FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname = %s AND c.relkind IN ('r', 'p', 'v', 'm', 'S') AND c.relowner <> %s::regrole
UNION ALL
SELECT pg_get_userbyid(p.proowner), p.proname FROM pg_proc p
  JOIN pg_namespace n ON n.oid = p.pronamespace
 WHERE n.nspname = %s AND p.proowner <> %s::regrole
 ORDER BY 1, 2"""
MEMBERSHIPS = """
SELECT m.rolname, g.rolname FROM pg_auth_members a
  JOIN pg_roles m ON m.oid = a.member JOIN pg_roles g ON g.oid = a.roleid
 WHERE m.rolname = ANY(%s) AND g.rolname <> ALL(%s) ORDER BY 1, 2"""
GRANTS = """
SELECT c.relname, coalesce(nullif(a.grantee, 0)::regrole::text, 'PUBLIC'), a.privilege_type,
       a.is_grantable
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace,
       aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) a
 WHERE n.nspname = %s AND c.relkind IN ('r', 'p', 'v', 'm', 'S') AND a.grantee <> c.relowner
UNION ALL
SELECT c.relname || '.' || t.attname, coalesce(nullif(a.grantee, 0)::regrole::text, 'PUBLIC'),
       a.privilege_type, a.is_grantable
  FROM pg_attribute t JOIN pg_class c ON c.oid = t.attrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace, aclexplode(t.attacl) a
 WHERE n.nspname = %s AND a.grantee <> c.relowner
UNION ALL
SELECT 'schema ' || n.nspname, coalesce(nullif(a.grantee, 0)::regrole::text, 'PUBLIC'),
       a.privilege_type, a.is_grantable
  FROM pg_namespace n, aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) a
 WHERE n.nspname = %s AND a.grantee <> n.nspowner AND a.privilege_type <> 'USAGE'
UNION ALL
SELECT 'function ' || p.proname, coalesce(nullif(a.grantee, 0)::regrole::text, 'PUBLIC'),
       a.privilege_type, a.is_grantable
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace,
       aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
 WHERE n.nspname = %s AND a.grantee <> p.proowner
 ORDER BY 1, 2, 3"""


def error(number: int, sentence: str, hint: str) -> CheckMessage:
    return Error(sentence, hint=hint, id=f"lotbook.E{number:03d}")


def warning(number: int, sentence: str, hint: str) -> CheckMessage:
    return Warning(sentence, hint=hint, id=f"lotbook.W{number:03d}")


def findings(connection: Any, *, auditor: Any = None) -> list[CheckMessage]:
    """All findings about one database, seen as the application's role.

    `auditor` is the auditor's connection, which may read PostgreSQL's sign-in rules.
    """
    try:
        with connection.cursor() as cursor:
            people = list(_demo_people(cursor))
            if connection.vendor != "postgresql":
                return people
            names = ledger_roles.roles()
            asked = [_role_findings, _grant_findings, _durability_findings]
            found = [one for ask in asked for one in ask(cursor, names)]
        found += _guard_findings(connection)
        found += _sign_in(connection, auditor)
        return [*people, *found, *_outside_store(connection, auditor)]
    except DatabaseError as trouble:
        return [
            error(
                12,
                f"The database could not be asked: {str(trouble).strip()}",
                "Start it, run setup_database and migrate, and check the DB_* variables.",
            )
        ]


def _demo_people(cursor: Any) -> Iterator[CheckMessage]:
    cursor.execute("SELECT username FROM personnel_account WHERE is_demo ORDER BY 1 LIMIT 20")
    demo = [row[0] for row in cursor.fetchall()]
    if demo:
        yield error(
            3,
            f"Demo people are in this database: {', '.join(demo)}.",
            "Start from an empty database; a log that began as a demo stays one.",
        )


def _role_findings(cursor: Any, names: Roles) -> Iterator[CheckMessage]:
    cursor.execute("SELECT current_user")
    runtime = cursor.fetchone()[0]
    running = sorted({runtime, *names.logins})
    cursor.execute(ATTRIBUTES, [running])
    for role, *powers in cursor.fetchall():
        if any(powers):
            yield error(
                20,
                f"The role {role} is a superuser or may make roles or databases, replicate"
                " or bypass row security.",
                "Run setup_database again; it takes these powers away.",
            )
    yield from _owners(cursor, names)
    # The migrator may become the owner, on purpose; nobody else may become anybody.
    allowed = [names.owner] if runtime != names.migrator else []
    others = [role for role in running if role != names.migrator or not allowed]
    cursor.execute(MEMBERSHIPS, [others, ["pg_read_all_settings"]])
    for member, group in cursor.fetchall():
        yield error(
            22,
            f"The role {member} is a member of {group}, so it can act with that role's rights.",
            f'REVOKE "{group}" FROM "{member}";',
        )
    if runtime in (names.migrator, names.owner):
        yield error(
            23,
            f"The pages run as {runtime}, which may change tables.",
            f"Set DB_USER to {names.app}; the migrator's password belongs to upgrades only.",
        )


def _owners(cursor: Any, names: Roles) -> Iterator[CheckMessage]:
    cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [names.owner])
    if cursor.fetchone() is None:
        yield error(
            24,
            f"There is no role {names.owner} to own the tables.",
            "Run setup_database, then migrate; check DB_ROLE_PREFIX.",
        )
        return
    cursor.execute(OWNED, [SCHEMA, names.owner, SCHEMA, names.owner])
    for owner, thing in cursor.fetchall():
        yield error(
            21,
            f"{thing} is owned by {owner}; an owner can disable triggers and change tables.",
            f'As a superuser: ALTER ... OWNER TO "{names.owner}"; then run migrate.',
        )


def _grant_findings(cursor: Any, names: Roles) -> Iterator[CheckMessage]:
    wanted = ledger_roles.expected_grants(ledger_roles.catalogue_tables(cursor))
    by_role = {getattr(names, kind): rights for kind, rights in wanted.items()}
    cursor.execute(GRANTS, [SCHEMA] * 4)
    for thing, grantee, privilege, grantable in cursor.fetchall():
        role = grantee.strip('"')
        if grantable or privilege not in by_role.get(role, {}).get(thing, frozenset()):
            yield error(
                25,
                f"{role} holds {privilege} on {thing}, which is more than Lotbook needs.",
                "Run migrate: it sets the grants of the three roles anew. For any other role:"
                f' REVOKE {privilege} ON {thing} FROM "{role}";',
            )


def _durability_findings(cursor: Any, names: Roles) -> Iterator[CheckMessage]:
    for setting, (number, harm) in MUST_BE_ON.items():
        cursor.execute("SELECT current_setting(%s)", [setting])
        if cursor.fetchone()[0] != "on":
            yield error(
                number,
                f"PostgreSQL runs with {setting} off: {harm}.",
                f"Set {setting} = on in postgresql.conf and reload.",
            )
    cursor.execute("SELECT current_setting('synchronous_commit')")
    if cursor.fetchone()[0] == "off":
        yield error(
            32,
            "synchronous_commit is off: an acknowledged record could be lost in a crash.",
            "Set synchronous_commit = on (or remote_apply with a standby).",
        )


def _guard_findings(connection: Any) -> Iterator[CheckMessage]:
    for difference in standing.differences(connection):
        yield error(
            GUARDS[difference.kind],
            difference.sentence,
            "Find out who changed it and when; then run migrate, which puts the guards back.",
        )


def _sign_in(connection: Any, auditor: Any) -> Iterator[CheckMessage]:
    """`trust` makes every local process a superuser, so roles would mean nothing."""
    for user in _open_doors(connection):
        yield error(
            33,
            f"PostgreSQL lets {user} in without a password.",
            "Replace trust by scram-sha-256 in pg_hba.conf and reload.",
        )
    rules = None if auditor is None else _rules(auditor)
    if rules is None:
        yield warning(
            3,
            "The sign-in rules of PostgreSQL could not be read; only connections without a"
            " password were tried.",
            "Run this check with DB_AUDITOR_PASSWORD set, after setup_database.",
        )
        return
    for line, method in rules:
        if method in ("trust", "password", "ident"):
            yield error(
                34,
                f"pg_hba.conf line {line} says {method}, which proves nothing about who signs in.",
                "Use scram-sha-256 (or peer for the postgres operating system user) and reload.",
            )


def _open_doors(connection: Any) -> list[str]:
    """The roles that come in with an empty password, from where this process stands."""
    target = connection.settings_dict
    users = dict.fromkeys([target["USER"], ledger_roles.roles().migrator, "postgres"])
    if target["HOST"].startswith("/") or not target["HOST"]:
        # Over a socket, `peer` rightly lets an operating system user in under its own name.
        users.pop(pwd.getpwuid(os.getuid()).pw_name, None)
    return [user for user in users if _comes_in(target, user)]


def _comes_in(target: dict[str, Any], user: str) -> bool:
    try:
        psycopg.connect(
            dbname=target["NAME"],
            user=user,
            host=target["HOST"] or None,
            port=target["PORT"] or None,
            password=secrets.token_hex(),  # only where passwords are not asked can this get in
            connect_timeout=5,
        ).close()
    except psycopg.Error:
        return False
    return True


def _rules(auditor: Any) -> list[tuple[int, str]] | None:
    try:
        with auditor.cursor() as cursor:
            cursor.execute("SELECT line_number, auth_method FROM pg_hba_file_rules ORDER BY 1")
            return [(line, method) for line, method in cursor.fetchall()]
    except DatabaseError:
        return None


def _outside_store(connection: Any, auditor: Any) -> Iterator[CheckMessage]:
    """A store on the database's own disk is lost, or rolled back, together with it."""
    host = connection.settings_dict["HOST"]
    if auditor is None or not (host in LOCAL or host.startswith("/")):
        return
    with auditor.cursor() as cursor:
        cursor.execute("SELECT setting FROM pg_settings WHERE name = 'data_directory'")
        row = cursor.fetchone()
    outside = Path(settings.LOTBOOK_OUTSIDE).parent
    if row and _device(Path(row[0])) == _device(outside):
        yield warning(
            4,
            f"The outside store {outside} is on the same device as the database.",
            "Put LOTBOOK_OUTSIDE on another disk or host that backups of the database never touch.",
        )


def _device(path: Path) -> int | None:
    """The device of a path, or of its nearest parent that this process may look at."""
    for place in (path, *path.parents):
        try:
            return place.stat().st_dev
        except OSError:
            continue
    return None
