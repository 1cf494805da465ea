"""`check --deploy`: each broken configuration is named, and the good one is clean."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.core.checks import CheckMessage
from django.db import connections
from django.test import override_settings

from config import checks, database_checks
from ledger.keys import generate, write_keys
from personnel.models import Account
from tests import databases, postgres
from tests.databases import Database

ORIGIN = "lotbook.hospital.example"


@pytest.fixture(scope="module")
def facility(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """Given: PostgreSQL as a facility runs it, durable and with passwords asked."""
    from tests.conftest import needs_postgres

    needs_postgres()
    private = postgres.PrivateCluster(postgres.DURABLE)
    state = tmp_path_factory.mktemp("facility")
    yield databases.prepare(private.cluster, "lotbook", origin=ORIGIN, state=state)
    private.remove()


@pytest.fixture
def pointed(facility: Database, django_db_blocker: Any) -> Iterator[Database]:
    """Django looks at the facility's database."""
    with databases.pointed_at(facility), django_db_blocker.unblock():
        yield facility


def superuser(facility: Database) -> "psycopg.Connection[Any]":
    assert facility.cluster is not None
    return facility.cluster.admin(facility.name)


def found(facility: Database) -> list[CheckMessage]:
    """What the checks of the database say."""
    connections.close_all()
    return database_checks.findings(connections["default"], auditor=connections["auditor"])


def ids(messages: list[CheckMessage]) -> set[str]:
    return {str(message.id).removeprefix("lotbook.") for message in messages}


def errors(messages: list[CheckMessage]) -> set[str]:
    return {one for one in ids(messages) if one.startswith("E")}


BROKEN = {
    "a superuser at run time": (
        "E020", "ALTER ROLE lotbook_app SUPERUSER", "ALTER ROLE lotbook_app NOSUPERUSER",
    ),
    "a sealer that bypasses row security": (
        "E020", "ALTER ROLE lotbook_sealer BYPASSRLS", "ALTER ROLE lotbook_sealer NOBYPASSRLS",
    ),
    "an application that owns a table": (
        "E021", "ALTER TABLE ledger_blob OWNER TO lotbook_app",
        "ALTER TABLE ledger_blob OWNER TO lotbook_owner",
    ),
    "a guard function that is somebody else's": (
        "E021", "ALTER FUNCTION ledger_refuse() OWNER TO postgres",
        "ALTER FUNCTION ledger_refuse() OWNER TO lotbook_owner",
    ),
    "an application that may become the owner": (
        "E022", "GRANT lotbook_owner TO lotbook_app", "REVOKE lotbook_owner FROM lotbook_app",
    ),
    "a right too many for the application": (
        "E025", "GRANT UPDATE ON ledger_event TO lotbook_app",
        "REVOKE UPDATE ON ledger_event FROM lotbook_app",
    ),
    "a right too many on one column": (
        "E025", "GRANT UPDATE (body) ON ledger_event TO lotbook_app",
        "REVOKE UPDATE (body) ON ledger_event FROM lotbook_app",
    ),
    "a right for everybody": (
        "E025", "GRANT DELETE ON ledger_log TO PUBLIC", "REVOKE DELETE ON ledger_log FROM PUBLIC",
    ),
    "a guard function that anybody may call": (
        "E025", "GRANT EXECUTE ON FUNCTION ledger_event_guard() TO PUBLIC",
        "REVOKE EXECUTE ON FUNCTION ledger_event_guard() FROM PUBLIC",
    ),
    "a schema anybody may write to": (
        "E025", "GRANT CREATE ON SCHEMA public TO PUBLIC",
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
    ),
    "a trigger that is missing": (
        "E040", "DROP TRIGGER ledger_event_append_only ON ledger_event",
        "CREATE TRIGGER ledger_event_append_only BEFORE UPDATE OR DELETE ON ledger_event"
        " FOR EACH ROW EXECUTE FUNCTION ledger_refuse();"
        "ALTER TABLE ledger_event ENABLE ALWAYS TRIGGER ledger_event_append_only",
    ),
    "a trigger that sleeps": (
        "E041", "ALTER TABLE ledger_log DISABLE TRIGGER ledger_log_append_only",
        "ALTER TABLE ledger_log ENABLE ALWAYS TRIGGER ledger_log_append_only",
    ),
    "a trigger that a replica does not run": (
        "E041", "ALTER TABLE ledger_log ENABLE TRIGGER ledger_log_append_only",
        "ALTER TABLE ledger_log ENABLE ALWAYS TRIGGER ledger_log_append_only",
    ),
    "a trigger with a condition": (
        "E042",
        "DROP TRIGGER ledger_blob_append_only ON ledger_blob;"
        "CREATE TRIGGER ledger_blob_append_only BEFORE UPDATE OR DELETE ON ledger_blob"
        " FOR EACH ROW WHEN (false) EXECUTE FUNCTION ledger_refuse();"
        "ALTER TABLE ledger_blob ENABLE ALWAYS TRIGGER ledger_blob_append_only",
        "DROP TRIGGER ledger_blob_append_only ON ledger_blob;"
        "CREATE TRIGGER ledger_blob_append_only BEFORE UPDATE OR DELETE ON ledger_blob"
        " FOR EACH ROW EXECUTE FUNCTION ledger_refuse();"
        "ALTER TABLE ledger_blob ENABLE ALWAYS TRIGGER ledger_blob_append_only",
    ),
    "a trigger that is not ours": (
        "E043",
        "CREATE TRIGGER hush BEFORE INSERT ON ledger_event FOR EACH ROW"
        " EXECUTE FUNCTION suppress_redundant_updates_trigger()",
        "DROP TRIGGER hush ON ledger_event",
    ),
    "a rule that swallows rows": (
        "E043", "CREATE RULE hush AS ON INSERT TO ledger_event DO INSTEAD NOTHING",
        "DROP RULE hush ON ledger_event",
    ),
    "row security that hides rows": (
        "E043", "ALTER TABLE ledger_event ENABLE ROW LEVEL SECURITY",
        "ALTER TABLE ledger_event DISABLE ROW LEVEL SECURITY",
    ),
    "fsync off": (
        "E030", "ALTER SYSTEM SET fsync = off", "ALTER SYSTEM RESET fsync",
    ),
    "full_page_writes off": (
        "E031", "ALTER SYSTEM SET full_page_writes = off", "ALTER SYSTEM RESET full_page_writes",
    ),
    "synchronous_commit off": (
        "E032", "ALTER SYSTEM SET synchronous_commit = off",
        "ALTER SYSTEM RESET synchronous_commit",
    ),
}  # fmt: skip


@pytest.fixture
def vandal(pointed: Database) -> Iterator[Callable[[str, str], None]]:
    """Somebody with full rights runs the first statements; the second ones put it right."""
    repairs = []

    def run(broken: str, mended: str) -> None:
        repairs.append(mended)
        _run(pointed, broken)

    yield run
    for mended in repairs:
        _run(pointed, mended)
    assert errors(found(pointed)) == set()


def _run(facility: Database, statements: str) -> None:
    with superuser(facility) as admin:
        for statement in statements.split(";"):
            admin.execute(statement)
        if "SYSTEM" in statements:
            reload(facility)


def reload(facility: Database) -> None:
    """Let the server read its configuration again, and wait until it has."""
    with superuser(facility) as admin:
        admin.execute("SELECT pg_reload_conf()")
        newest = admin.execute("SELECT pg_conf_load_time()").fetchone()
    for _ in range(500):
        with superuser(facility) as admin:
            loaded = admin.execute("SELECT pg_conf_load_time()").fetchone()
        if loaded != newest:
            return
        time.sleep(0.01)
    raise AssertionError("PostgreSQL did not read its configuration again.")


def test_a_facility_set_up_as_described_is_clean(pointed: Database) -> None:
    assert [str(one) for one in found(pointed) if one.id != "lotbook.W004"] == []


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_database_is_named(
    pointed: Database, vandal: Callable[[str, str], None], what: str
) -> None:
    number, broken, mended = BROKEN[what]
    vandal(broken, mended)
    seen = found(pointed)
    assert errors(seen) == {number}, [str(one) for one in seen]
    assert all(one.hint and one.msg.endswith(".") for one in seen)


def test_a_guard_function_that_reads_differently_is_named(pointed: Database) -> None:
    with superuser(pointed) as admin:
        shipped = admin.execute("SELECT pg_get_functiondef('ledger_refuse'::regproc)").fetchone()
        assert shipped is not None
        admin.execute(shipped[0].replace("RAISE EXCEPTION", "RETURN NEW; RAISE EXCEPTION"))
        try:
            assert errors(found(pointed)) == {"E042"}
        finally:
            admin.execute(shipped[0])
    assert errors(found(pointed)) == set()


def test_pages_that_run_as_the_migrator_are_named(pointed: Database) -> None:
    seen = database_checks.findings(connections["migrator"], auditor=connections["auditor"])
    assert "E023" in ids(seen)


def test_a_wrong_role_prefix_is_named(pointed: Database) -> None:
    with override_settings(DB_ROLE_PREFIX="other"):
        assert "E024" in ids(found(pointed))


def test_an_unreachable_database_is_named(pointed: Database) -> None:
    connection = connections["default"]
    connection.close()
    port, connection.settings_dict["PORT"] = connection.settings_dict["PORT"], "1"
    try:
        assert ids(database_checks.findings(connection)) == {"E012"}
    finally:
        connection.settings_dict["PORT"] = port


@pytest.mark.tampers
def test_demo_people_are_named(database: Database) -> None:
    given = {"id": "a-1", "username": "anna", "person": "p-anna", "role": "operator"}
    Account.objects.bulk_create([Account(**given, is_demo=True)])
    seen = database_checks.findings(connections["default"])
    assert "E003" in ids(seen)
    assert any("anna" in one.msg for one in seen)


def test_trust_authentication_is_named(pointed: Database) -> None:
    assert pointed.cluster is not None
    rules = pointed.cluster.data / "pg_hba.conf"
    before = rules.read_text()
    rules.write_text(before.replace("scram-sha-256", "trust"))
    try:
        reload(pointed)
        assert errors(found(pointed)) == {"E033", "E034"}
    finally:
        rules.write_text(before)
        reload(pointed)
    assert errors(found(pointed)) == set()


def test_sign_in_rules_that_cannot_be_read_are_a_warning(pointed: Database) -> None:
    assert ids(database_checks.findings(connections["default"])) == {"W003"}


def test_an_outside_store_beside_the_database_is_a_warning(pointed: Database) -> None:
    assert pointed.cluster is not None
    beside = pointed.cluster.directory / "outside" / "seals.sqlite3"
    with override_settings(LOTBOOK_OUTSIDE=beside):
        assert "W004" in ids(found(pointed))
    device = pointed.cluster.directory.stat().st_dev
    others = [one for one in map(Path, ("/dev/shm", "/var/tmp")) if one.stat().st_dev != device]
    if not others:
        pytest.skip("This machine has no second device to put the outside store on.")
    with override_settings(LOTBOOK_OUTSIDE=others[0] / "lotbook-outside" / "seals.sqlite3"):
        assert "W004" not in ids(found(pointed))


GOOD: dict[str, Any] = {
    "DB": "postgres",
    "DEMO": False,
    "LOTBOOK_ORIGIN": ORIGIN,
    "DEBUG": False,
    "SECRET_KEY": "".join(map(chr, range(48, 110))),
    "ALLOWED_HOSTS": ["lotbook.hospital.example"],
    "SECURE_SSL_REDIRECT": True,
    "SESSION_COOKIE_SECURE": True,
    "CSRF_COOKIE_SECURE": True,
    "SECURE_HSTS_SECONDS": 31_536_000,
    "REDIS_URL": "redis://localhost:6379/0",
    "LOTBOOK_PASSKEY_DOMAIN": "lotbook.hospital.example",
}


@pytest.fixture
def key(tmp_path: Path) -> Path:
    """Given: a checkpoint key as the sealer makes it."""
    path = tmp_path / "checkpoint.key"
    write_keys(path, [generate(ORIGIN)])
    return path


def judged(key: Path, **other: Any) -> set[str]:
    with override_settings(**GOOD | {"LOTBOOK_CHECKPOINT_KEY": key} | other):
        return ids(checks.deployment(None))


def test_the_good_settings_are_clean(key: Path) -> None:
    # The key belongs to whoever runs the tests, so it is readable here (W001).
    assert judged(key) == {"W001"}


@pytest.mark.parametrize(
    ("number", "broken"),
    [
        ("E001", {"DB": "sqlite"}),
        ("E002", {"DEMO": True}),
        ("E004", {"LOTBOOK_ORIGIN": "demo.lotbook.example"}),
        ("E005", {"LOTBOOK_ORIGIN": "lotbook.invalid"}),
        ("E006", {"DEBUG": True}),
        ("E007", {"SECRET_KEY": "short"}),
        ("E007", {"SECRET_KEY": "demo-only-" + "x9Tq3" * 20}),
        ("E007", {"SECRET_KEY": "a" * 60}),
        ("E008", {"SECURE_SSL_REDIRECT": False}),
        ("E008", {"SESSION_COOKIE_SECURE": False}),
        ("E008", {"CSRF_COOKIE_SECURE": False}),
        ("E008", {"SECURE_HSTS_SECONDS": 0}),
        ("E009", {"ALLOWED_HOSTS": ["*"]}),
        ("E013", {"LOTBOOK_VAULT_KEY": ""}),
        ("E013", {"LOTBOOK_VAULT_KEY": "short"}),
        ("E014", {"LOTBOOK_IDLE_MINUTES": 0}),
        ("E014", {"LOTBOOK_IDLE_MINUTES": 1440}),
        ("E015", {"LOTBOOK_PASSKEY_DOMAIN": "hospital.example"}),
        ("E015", {"LOTBOOK_PASSKEY_DOMAIN": "https://lotbook.hospital.example"}),
        ("E015", {"LOTBOOK_PASSKEY_DOMAIN": "lotbook.hospital.example:443"}),
        ("W002", {"REDIS_URL": ""}),
    ],
)
def test_a_broken_setting_is_named(key: Path, number: str, broken: dict[str, Any]) -> None:
    assert judged(key, **broken) == {number, "W001"}


@pytest.mark.parametrize(("password", "expected"), [("secret", {"E010"}), ("", set())])
def test_a_missing_checkpoint_key_is_named_where_the_sealer_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, password: str, expected: set[str]
) -> None:
    """Given a key on the sealer's host alone, then the web server's host does not miss it."""
    monkeypatch.setitem(settings.DATABASES["sealer"], "PASSWORD", password)
    assert judged(tmp_path / "nothing.key") == expected


def test_a_missing_vault_key_is_not_missed_where_the_sealer_runs(
    key: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given the sealer's host, where nobody needs to know who people are, then none is wanted."""
    monkeypatch.setitem(settings.DATABASES["sealer"], "PASSWORD", "secret")
    assert judged(key, LOTBOOK_VAULT_KEY="") == {"W001"}
    assert judged(key, LOTBOOK_VAULT_KEY="short") == {"E013", "W001"}


def test_a_missing_checkpoint_key_is_named_on_an_embedded_database(tmp_path: Path) -> None:
    assert judged(tmp_path / "nothing.key", DB="sqlite") == {"E001", "E010"}


@pytest.mark.parametrize("mode", [0o604, 0o640, 0o660, 0o622])
def test_a_checkpoint_key_open_to_others_is_named(key: Path, mode: int) -> None:
    key.chmod(mode)
    assert judged(key) == {"E011", "W001"}


def test_check_deploy_exits_by_what_it_found(facility: Database, key: Path) -> None:
    good = {
        "LOTBOOK_CHECKPOINT_KEY": str(key),
        "SECRET_KEY": GOOD["SECRET_KEY"],
        "LOTBOOK_HTTPS": "1",
        "REDIS_URL": GOOD["REDIS_URL"],
        "ALLOWED_HOSTS": ORIGIN,
    }
    env = dict(facility.env) | good
    done = replace(facility, env=env).manage("check", "--deploy", check=False)
    assert done.returncode == 0, done.stderr
    assert "lotbook.E" not in done.stderr
    broken = replace(facility, env=env | {"DEBUG": "1", "LOTBOOK_ORIGIN": "demo.x"})
    done = broken.manage("check", "--deploy", check=False)
    assert done.returncode == 1
    assert "lotbook.E004" in done.stderr and "lotbook.E006" in done.stderr
