"""`setup_database`: roles and database of an installation, made once or mended, on PostgreSQL."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from ledger import roles
from ledger.management.commands.setup_database import ONE_AT_A_TIME
from ledger.sqlite import guard
from tests import databases, postgres
from tests.databases import Database

KINDS = ("migrator", "app", "sealer", "auditor")
LOGGING = postgres.FORGETFUL | {"log_statement": "all", "log_min_error_statement": "error"}


@pytest.fixture(scope="module")
def hospital(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """Given: an empty cluster that writes every statement into its log."""
    from tests.conftest import needs_postgres

    needs_postgres()
    private = postgres.PrivateCluster(LOGGING)
    state = tmp_path_factory.mktemp("hospital")
    env = databases.environ(
        state, origin="lotbook.hospital.example", database=private.cluster.environ("lotbook")
    )
    yield Database("postgres", state, env, private.cluster)
    private.remove()


@pytest.fixture(scope="module")
def ready(hospital: Database) -> Database:
    """Given: setup_database has been run."""
    hospital.manage("setup_database")
    return hospital


def signed_in(
    database: Database, kind: str, *, prefix: str = "lotbook", name: str | None = None
) -> "psycopg.Connection[tuple[str, ...]]":
    """A connection as one of the roles, with its own password."""
    assert database.cluster is not None
    return psycopg.connect(
        dbname=name or database.name,
        user=f"{prefix}_{kind}",
        password=database.env[f"{postgres.LOGINS[kind]}_PASSWORD"],
        host=str(database.cluster.directory),
        port=database.cluster.port,
        autocommit=True,
    )


def asked(database: Database, query: str) -> list[tuple[object, ...]]:
    """A superuser's answer."""
    assert database.cluster is not None
    with database.cluster.admin(database.name) as admin:
        return admin.execute(query).fetchall()


ROLES = (
    "SELECT rolname, rolsuper, rolinherit, rolcanlogin, rolcreaterole, rolcreatedb,"
    " rolbypassrls, rolreplication, (SELECT array_agg(s ORDER BY s) FROM unnest(rolconfig) s)"
    " FROM pg_roles WHERE rolname LIKE 'lotbook%' ORDER BY 1"
)


def test_every_role_signs_in_but_the_owner(ready: Database) -> None:
    for kind in KINDS:
        with signed_in(ready, kind) as connection:
            assert connection.execute("SELECT current_user").fetchone() == (f"lotbook_{kind}",)
    assert asked(ready, "SELECT rolcanlogin FROM pg_roles WHERE rolname = 'lotbook_owner'") == [
        (False,)
    ]


def test_no_role_has_powers_of_an_administrator(ready: Database) -> None:
    powers = (
        "SELECT count(*) FROM pg_roles WHERE rolname LIKE 'lotbook%' AND"
        " (rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls OR rolreplication)"
    )
    assert asked(ready, powers) == [(0,)]


def test_the_migrator_must_say_that_it_acts_as_the_owner(ready: Database) -> None:
    with signed_in(ready, "migrator") as connection:
        with pytest.raises(psycopg.errors.Error):
            connection.execute("CREATE TABLE public.early (id int)")
        connection.execute("SET ROLE lotbook_owner")
        connection.execute("CREATE TABLE public.early (id int)")
        connection.execute("DROP TABLE public.early")


@pytest.mark.parametrize("kind", ["app", "sealer", "auditor"])
def test_the_others_make_nothing_and_become_nobody(ready: Database, kind: str) -> None:
    forbidden = ["CREATE TABLE public.mine (id int)", "SET ROLE lotbook_owner", "CREATE SCHEMA s"]
    with signed_in(ready, kind) as connection:
        connection.execute("SET default_transaction_read_only = off")
        for statement in forbidden:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)


def test_a_forgotten_transaction_and_a_stuck_lock_end_by_themselves(ready: Database) -> None:
    for kind in ("app", "sealer"):
        with signed_in(ready, kind) as connection:
            for setting in ("statement_timeout", "lock_timeout"):
                assert connection.execute(f"SHOW {setting}").fetchone() != ("0",)
            idle = connection.execute("SHOW idle_in_transaction_session_timeout").fetchone()
            assert idle == ("1min",)


def test_the_database_sorts_by_bytes_and_tells_utc(ready: Database) -> None:
    assert asked(
        ready,
        "SELECT pg_encoding_to_char(encoding), datcollate, datctype, pg_get_userbyid(datdba)"
        " FROM pg_database WHERE datname = 'lotbook'",
    ) == [("UTF8", "C", "C.UTF-8", "lotbook_owner")]
    with signed_in(ready, "app") as connection:
        assert connection.execute("SHOW timezone").fetchone() == ("UTC",)


def test_nobody_else_comes_into_the_database(ready: Database) -> None:
    assert ready.cluster is not None
    with ready.cluster.admin() as admin:
        admin.execute("DROP ROLE IF EXISTS visitor")
        admin.execute("CREATE ROLE visitor LOGIN PASSWORD 'visitor'")
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(
            dbname="lotbook",
            user="visitor",
            password="visitor",
            host=str(ready.cluster.directory),
            port=ready.cluster.port,
        )


def test_running_it_again_changes_nothing(ready: Database) -> None:
    before = asked(ready, ROLES)
    ready.manage("setup_database")
    assert asked(ready, ROLES) == before


def test_running_it_again_mends_what_was_loosened(ready: Database) -> None:
    before = asked(ready, ROLES)
    assert ready.cluster is not None
    with ready.cluster.admin(ready.name) as admin:
        admin.execute("ALTER ROLE lotbook_app SUPERUSER INHERIT CREATEDB")
        admin.execute("ALTER ROLE lotbook_sealer RESET lock_timeout")
        admin.execute("GRANT CREATE ON SCHEMA public TO PUBLIC")
        admin.execute("GRANT ALL ON DATABASE lotbook TO PUBLIC")
    ready.manage("setup_database")
    assert asked(ready, ROLES) == before
    with signed_in(ready, "app") as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("CREATE TABLE public.mine (id int)")


def test_no_password_reaches_the_server_s_log(ready: Database) -> None:
    assert ready.cluster is not None
    log = (ready.cluster.directory / "log").read_text("utf-8")
    assert "ALTER ROLE" in log and "SCRAM-SHA-256$" in log
    for kind in KINDS:
        assert ready.env[f"{postgres.LOGINS[kind]}_PASSWORD"] not in log


def test_print_sql_changes_nothing(hospital: Database) -> None:
    before = asked(replace(hospital, env=hospital.env | {"DB_NAME": "postgres"}), ROLES)
    done = hospital.manage("setup_database", "--print-sql", "--database", "never_made")
    assert 'CREATE DATABASE "never_made"' in done.stdout
    at_large = replace(hospital, env=hospital.env | {"DB_NAME": "postgres"})
    assert asked(at_large, "SELECT 1 FROM pg_database WHERE datname = 'never_made'") == []
    assert asked(at_large, ROLES) == before


def test_a_missing_password_is_named(hospital: Database) -> None:
    env = {k: v for k, v in hospital.env.items() if k != "DB_SEALER_PASSWORD"}
    env |= {"DB_ROLE_PREFIX": "passwordless"}
    done = replace(hospital, env=env).manage("setup_database", check=False)
    assert done.returncode == 1
    assert (
        "Set DB_SEALER_PASSWORD: the password of the new role passwordless_sealer." in done.stderr
    )


def test_a_missing_administrator_is_named(hospital: Database) -> None:
    env = {k: v for k, v in hospital.env.items() if k != "DB_ADMIN_USER"}
    done = replace(hospital, env=env).manage("setup_database", check=False)
    assert done.returncode == 1 and "Set DB_ADMIN_USER" in done.stderr


def test_a_refusal_by_postgresql_is_one_sentence(hospital: Database) -> None:
    env = hospital.env | {"DB_ADMIN_PASSWORD": "wrong"}
    done = replace(hospital, env=env).manage("setup_database", check=False)
    assert done.returncode == 1
    assert "PostgreSQL refused" in done.stderr and "Traceback" not in done.stderr


def test_passwords_may_come_from_files(ready: Database, tmp_path: Path) -> None:
    secret = tmp_path / "sealer"
    secret.write_text("from a file\n")
    env = {k: v for k, v in ready.env.items() if k != "DB_SEALER_PASSWORD"}
    env |= {"DB_SEALER_PASSWORD_FILE": str(secret)}
    replace(ready, env=env).manage("setup_database", "--roles-only")
    told = replace(ready, env=ready.env | {"DB_SEALER_PASSWORD": "from a file"})
    signed_in(told, "sealer").close()
    ready.manage("setup_database", "--roles-only")  # the old password again
    signed_in(ready, "sealer").close()


def test_two_installations_share_a_cluster_and_not_their_data(ready: Database) -> None:
    other = replace(
        ready, env=ready.env | {"DB_ROLE_PREFIX": "lotbook2", "DB_NAME": 'the "second" log'}
    )
    other.manage("setup_database")
    signed_in(other, "app", prefix="lotbook2").close()
    for prefix, name in (("lotbook", other.name), ("lotbook2", ready.name)):
        with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
            signed_in(ready, "app", prefix=prefix, name=name)


def test_sqlite_s_authorizer_and_the_grants_say_the_same() -> None:
    tables = roles.ledger_tables()
    grants = roles.expected_grants(tables)

    def may(kind: str, privilege: str) -> set[str]:
        return {table for table, rights in grants[kind].items() if privilege in rights}

    assert tables == guard.LEDGER_TABLES
    assert may("app", "INSERT") == guard._APP_INSERTS
    # SQLite's guard knows no types of events, so there the application records what the log says
    # of itself, and the sealer not even that.
    own = {"ledger_event", "ledger_command"}
    assert may("sealer", "INSERT") == guard._SEALER_INSERTS | own
    assert may("sealer", "DELETE") == {"ledger_pending"}
    assert may("app", "UPDATE") == may("app", "DELETE") == may("sealer", "UPDATE") == set()
    assert all(rights == {"SELECT"} for rights in grants["auditor"].values())


def test_two_installations_of_one_cluster_are_set_up_one_after_the_other(
    postgres_cluster: Callable[..., postgres.PrivateCluster], tmp_path: Path
) -> None:
    """Given a cluster that is just being set up, when another installation is set up in it,
    then that waits for its turn, and neither trips over the roles that both need."""
    cluster = postgres_cluster(postgres.FORGETFUL).cluster
    env = databases.environ(
        tmp_path, origin="other.example", database=cluster.environ("other") | {"LOG_LEVEL": "INFO"}
    )
    other = Database("postgres", tmp_path, env, cluster)
    with cluster.admin() as admin:
        admin.execute(ONE_AT_A_TIME)
        waiting = other.start("setup_database")
        query = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        while admin.execute(query).fetchone() is None:
            assert waiting.poll() is None
            time.sleep(0.05)
        assert (
            admin.execute("SELECT 1 FROM pg_roles WHERE rolname ~ '^lotbook_'").fetchone() is None
        )
    assert waiting.wait(timeout=60) == 0
    with cluster.admin() as admin:
        assert admin.execute("SELECT 1 FROM pg_database WHERE datname = 'other'").fetchone()
