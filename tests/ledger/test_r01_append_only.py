"""R1: the database itself refuses every change to what was recorded, whoever asks and however."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from django.db import Error, connections

from ledger import guards, models
from tests.databases import Database
from tests.ledger import append_only_attacks as attacks
from tests.ledger.append_only_attacks import APP_ADDS, a_row_in_every_table, accepted, everything

pytestmark = pytest.mark.tampers


@contextmanager
def nothing_changes() -> Iterator[None]:
    """Then: every row, table, trigger and right is what it was, seen by the migrator."""
    before = everything(connections["migrator"])
    yield
    assert everything(connections["migrator"]) == before


def test_r1_every_ledger_table_in_the_catalogue_is_guarded(database: Database) -> None:
    connection = connections["migrator"]
    found = attacks.ledger_tables(connection)
    assert set(found) == {model._meta.db_table for model in guards.ledger_models()}
    assert len(found) >= 10
    actions = 2 if connection.vendor == "postgresql" else 1
    for table in found:
        assert len(attacks.triggers(connection, table)) >= actions, f"{table} is not guarded"
    assert guards.missing(connection) == []


def test_r1_a_ledger_table_without_guard_would_be_noticed(database: Database) -> None:
    connection = connections["migrator"]
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE ledger_forgotten (id integer primary key)")
    assert "ledger_forgotten" in attacks.ledger_tables(connection)
    assert attacks.triggers(connection, "ledger_forgotten") == []


def test_r1_the_application_changes_no_row(database: Database) -> None:
    a_row_in_every_table()
    connection = connections["default"]
    with nothing_changes():
        for table in attacks.ledger_tables(connection):
            assert accepted(connection, attacks.changes_to_rows(connection, table)) == []


def test_r1_the_application_empties_no_outbox(database: Database) -> None:
    a_row_in_every_table()
    with nothing_changes():
        assert accepted(connections["default"], ["DELETE FROM ledger_pending"]) == []


def test_r1_the_application_changes_no_table_and_no_trigger(database: Database) -> None:
    a_row_in_every_table()
    connection = connections["default"]
    with nothing_changes():
        for table in attacks.ledger_tables(connection):
            assert accepted(connection, attacks.changes_to_tables(connection, table)) == []


def test_r1_the_application_adds_only_events_commands_and_blobs(database: Database) -> None:
    a_row_in_every_table()
    connection = connections["default"]
    with nothing_changes():
        for table in set(attacks.ledger_tables(connection)) - APP_ADDS:
            forged = f"INSERT INTO {table} SELECT * FROM {table}"
            assert accepted(connection, [forged]) == []


def test_r1_the_application_cannot_loosen_the_database(database: Database) -> None:
    a_row_in_every_table()
    connection = connections["default"]
    at_large = {
        "postgresql": attacks.POSTGRES_AT_LARGE,
        "sqlite": attacks.SQLITE_AT_LARGE,
    }[connection.vendor]
    with nothing_changes():
        assert accepted(connection, at_large) == []


def test_r1_the_sealer_changes_no_row_and_no_table(database: Database) -> None:
    a_row_in_every_table()
    connection = connections["sealer"]
    with nothing_changes():
        for table in attacks.ledger_tables(connection):
            assert accepted(connection, attacks.changes_to_rows(connection, table)) == []
            assert accepted(connection, attacks.changes_to_tables(connection, table)) == []


def test_r1_the_sealer_adds_no_event_and_no_blob(database: Database) -> None:
    """Apart from what the log says of itself, which on PostgreSQL it alone may record."""
    a_row_in_every_table()
    tables = APP_ADDS
    if database.vendor == "postgres":
        tables -= {"ledger_command"}  # the key of the command that changes the log's key
    others = [
        {},
        {"stream_type": "epoch", "stream_id": "2"},
        {"stream_type": "checkpoint_key", "type": "ledger.epoch_began"},
        {"type": "ledger.checkpoint_key_changed"},
    ]
    with nothing_changes():
        forged = [f"INSERT INTO {table} SELECT * FROM {table}" for table in sorted(tables)]
        assert accepted(connections["sealer"], forged) == []
        for other in others:
            with pytest.raises(Error) as refusal:
                insert(version=1, using="sealer", **({"stream_id": "FR-09"} | other))
            said = "ledger role" if database.vendor == "postgres" else "authorized"
            assert said in str(refusal.value), refusal.value


THE_LOGS_OWN = [
    {"stream_type": "checkpoint_key", "stream_id": "log", "type": "ledger.checkpoint_key_changed"},
    {"stream_type": "epoch", "stream_id": "2", "type": "ledger.epoch_began"},
    {"stream_type": "epoch", "stream_id": "2"},
    {"stream_type": "checkpoint_key", "stream_id": "log"},
    {"type": "ledger.checkpoint_key_changed"},
    {"type": "ledger.checkpoint_key_changed", "schema_version": 2},
    {"type": "ledger.epoch_began"},
]


@pytest.mark.parametrize("alias", ["default", "migrator"])
@pytest.mark.parametrize("forged", THE_LOGS_OWN)
def test_r1_only_the_sealer_records_what_the_log_says_of_itself(
    postgres_database: Database, alias: str, forged: dict[str, Any]
) -> None:
    """Given the password of the web process, when somebody records that the log has another key or
    another epoch, or writes on their streams, then the database refuses it."""
    with nothing_changes(), pytest.raises(Error) as refusal:
        insert(version=1, using=alias, **forged)
    assert "the sealer's to record" in str(refusal.value)
    assert attacks.refused_rightly(refusal.value)


def test_r1_the_sealer_drops_no_event_that_has_no_position(database: Database) -> None:
    a_row_in_every_table()
    sealed = models.LogEntry.objects.using("sealer").get().event_id
    waiting = models.Pending.objects.using("sealer").exclude(event_id=sealed).get()
    with nothing_changes(), pytest.raises(Error) as refusal:
        models.Pending.objects.using("sealer").filter(seq=waiting.seq).delete()
    assert "has no position yet" in str(refusal.value)
    # Control: what has its position may leave.
    assert models.Pending.objects.using("sealer").filter(event_id=sealed).delete()[0] == 1


def test_r1_the_auditor_only_reads(database: Database) -> None:
    a_row_in_every_table()
    connection = connections["auditor"]
    if connection.vendor == "postgresql":
        # Its transactions are read-only by default; the rights must hold without that, too.
        with connection.cursor() as cursor:
            cursor.execute("SET default_transaction_read_only = off")
    with nothing_changes():
        for table in attacks.ledger_tables(connection):
            forged = [f"INSERT INTO {table} SELECT * FROM {table}"]
            forged += attacks.changes_to_rows(connection, table)
            assert accepted(connection, forged) == []


def test_r1_the_orm_changes_nothing(database: Database) -> None:
    a_row_in_every_table()
    with nothing_changes():
        for model in guards.ledger_models():
            for name, attack in orm_attacks(model).items():
                with pytest.raises(Error) as refusal:
                    attack()
                wrong = f"{model.__name__}{name}: {refusal.value}"
                assert attacks.refused_rightly(refusal.value), wrong


def orm_attacks(model: Any) -> dict[str, Any]:
    """The ways Django offers to change a row that exists."""
    rows, row = model.objects, model.objects.first()
    field = next(f for f in model._meta.fields if not f.primary_key)
    value = getattr(row, field.attname)
    fields = [field.name]
    named = [f.name for f in model._meta.fields if not f.primary_key]
    return {
        ".update()": lambda: rows.update(**{field.name: value}),
        ".filter().update()": lambda: rows.filter(pk=row.pk).update(**{field.name: value}),
        ".delete()": lambda: rows.all().delete(),
        ".filter().delete()": lambda: rows.filter(pk=row.pk).delete(),
        "._raw_delete()": lambda: rows.all()._raw_delete("default"),
        " instance.save()": lambda: row.save(),
        " instance.save(force_update)": lambda: row.save(force_update=True),
        " instance.delete()": lambda: row.delete(),
        ".bulk_update()": lambda: rows.bulk_update([row], fields),
        ".update_or_create()": lambda: rows.update_or_create(
            pk=row.pk, defaults={fields[0]: value}
        ),
        ".bulk_create(update_conflicts)": lambda: rows.bulk_create(
            [row], update_conflicts=True, unique_fields=[model._meta.pk.name], update_fields=named
        ),
    }


def test_r1_a_superuser_meets_the_triggers_under_the_replica_role(
    postgres_database: Database,
) -> None:
    a_row_in_every_table()
    connection = connections["default"]
    assert postgres_database.cluster is not None
    with nothing_changes(), postgres_database.cluster.admin(postgres_database.name) as admin:
        admin.execute("SET session_replication_role = replica")
        for table in attacks.ledger_tables(connection):
            for statement in attacks.changes_to_rows(connection, table):
                with pytest.raises(psycopg.Error, match=r"append-only|ledger conflict"):
                    admin.execute(statement)
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
                admin.execute(f"TRUNCATE {table} CASCADE")


@pytest.fixture
def freezer(database: Database) -> Database:
    """Given: a freezer whose door was opened once."""
    insert(version=1)
    return database


def insert(*, version: int, how: str = "INSERT", using: str = "default", **other: Any) -> UUID:
    """An event written past the event store, by SQL."""
    connection = connections[using]
    row = {
        "id": uuid4(),
        "stream_type": "freezer",
        "stream_id": "FR-01",
        "version": version,
        "type": "freezer.opened",
        "schema_version": 1,
        "recorded_at": datetime.now(UTC),
        "actor": "p-anna",
        "body": b"{}",
    } | other
    values = [
        field.get_db_prep_save(row[field.attname], connection)
        for field in models.Event._meta.concrete_fields
    ]
    columns = ", ".join(field.column for field in models.Event._meta.concrete_fields)
    marks = ", ".join(["%s"] * len(values))
    with connection.cursor() as cursor:
        cursor.execute(f"{how} INTO ledger_event ({columns}) VALUES ({marks})", values)
    return row["id"]


def test_r1_a_forged_version_is_refused(freezer: Database) -> None:
    hows = ["INSERT"]
    if freezer.vendor == "sqlite":
        hows += ["INSERT OR IGNORE", "INSERT OR REPLACE", "REPLACE", "INSERT OR FAIL"]
    with nothing_changes():
        for version in (1, 3, 0, -1, 2_000_000_000):
            for how in hows:
                with pytest.raises(Error) as refusal:
                    insert(version=version, how=how)
                assert attacks.refused_rightly(refusal.value), refusal.value


def test_r1_an_event_is_never_replaced_by_another_of_its_id(freezer: Database) -> None:
    known = models.Event.objects.get().id
    hows = ["INSERT"]
    if freezer.vendor == "sqlite":
        hows += ["INSERT OR REPLACE", "REPLACE", "INSERT OR FAIL"]
    with nothing_changes():
        for how in hows:
            with pytest.raises(Error):
                insert(version=2, how=how, id=known)


@pytest.mark.origin("lotbook.hospital.example")
@pytest.mark.parametrize("alias", ["default", "migrator"])
def test_r1_a_time_that_is_not_now_is_refused(database: Database, alias: str) -> None:
    with nothing_changes():
        for seconds in (-3600 * 24, -60, -3, 3, 60):
            moment = datetime.now(UTC) + timedelta(seconds=seconds)
            with pytest.raises(Error) as refusal:
                insert(version=1, using=alias, recorded_at=moment)
            assert "ledger clock" in str(refusal.value)


@pytest.mark.origin("lotbook.hospital.example")
def test_r1_the_present_is_accepted_and_waits_for_its_position(database: Database) -> None:
    event = insert(version=1)
    assert list(models.Pending.objects.values_list("event_id", flat=True)) == [event]


def test_r1_a_temporary_table_does_not_stand_in_for_the_outbox(
    postgres_database: Database,
) -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE ledger_pending (event_id uuid)")
        cursor.execute("CREATE TEMP TABLE ledger_epoch AS SELECT 'demo.x'::text AS origin")
    event = insert(version=1)
    waiting = models.Pending.objects.using("auditor").values_list("event_id", flat=True)
    assert list(waiting) == [event]


def test_r1_a_guard_cannot_be_hung_on_a_table_of_ones_own(postgres_database: Database) -> None:
    a_row_in_every_table()
    connection = connections["default"]
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE mine AS SELECT * FROM ledger_event WHERE false")
    with nothing_changes():
        for function in ("ledger_event_guard", "ledger_pending_guard", "ledger_refuse"):
            forged = (
                f"CREATE TRIGGER mine_{function} BEFORE INSERT ON mine FOR EACH ROW"
                f" EXECUTE FUNCTION public.{function}()"
            )
            assert accepted(connection, [forged]) == []
