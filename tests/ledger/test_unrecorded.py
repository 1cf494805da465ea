"""What a person is told where the database did not take the record, and what was then recorded."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection

from equipment.unit import LogbookEntryMade, Registered
from ledger import clock, ids, reactions, store
from ledger.event import Recorded, Refused
from ledger.models import CommandKey, Event
from tests.databases import Database
from tests.ledger import laboratory

FULL = "database or disk is full"


@pytest.fixture(autouse=True)
def by_roles() -> Iterator[None]:
    with laboratory.by_roles_alone():
        yield


@pytest.fixture
def full_for_entries(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is room for a registration, and none for an entry in a logbook."""
    real = store._insert

    def insert(events: list[Recorded], *others: Any) -> None:
        if any(isinstance(event.data, LogbookEntryMade) for event in events):
            raise OperationalError(FULL)
        real(events, *others)

    monkeypatch.setattr(store, "_insert", insert)


def test_r3_a_full_disk_inside_a_reaction_leaves_nothing_of_its_cause(
    database: Database, monkeypatch: pytest.MonkeyPatch, full_for_entries: None
) -> None:
    """Given a registration that a logbook entry answers, when there is no room for the answer, then
    the registration is not recorded either and the person is told why; with room, both are."""

    def answer(event: Recorded) -> None:
        laboratory.make_entry("CF-02", "Logbook opened.")

    monkeypatch.setattr(reactions, "_by_payload", {Registered: [answer]})
    with pytest.raises(Refused) as told:
        laboratory.register("CF-02")
    assert (told.value.code, told.value.template) == ("disk_full", store.DiskFull.sentence)
    assert not Event.objects.exists() and not CommandKey.objects.exists()
    monkeypatch.setattr(reactions, "_by_payload", {})
    laboratory.register("CF-02")


def test_a_text_that_a_reaction_cannot_keep_leaves_nothing_of_its_cause(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(event: Recorded) -> None:
        laboratory.make_entry("CF-02", "Bell\x07.")

    monkeypatch.setattr(reactions, "_by_payload", {Registered: [answer]})
    with pytest.raises(Refused, match="cannot be kept"):
        laboratory.register("CF-02")
    assert not Event.objects.exists()


@pytest.mark.parametrize(
    ("text", "code"), [("Spun\x07.", "character"), ("Spun. " * 200_000, "too_long")]
)
def test_a_text_that_cannot_be_kept_is_refused_with_what_to_do(
    database: Database, text: str, code: str
) -> None:
    laboratory.register("CF-02")
    with pytest.raises(Refused) as told:
        laboratory.make_entry("CF-02", text)
    assert told.value.code == code
    assert Event.objects.count() == 1


@pytest.mark.origin("lab.test.lotbook.example")
@pytest.mark.parametrize("seconds", [-60, 60])
def test_r5_clocks_that_are_apart_are_told_to_the_writer(database: Database, seconds: int) -> None:
    """Given a server whose clock is wrong, when somebody writes, then he reads what is wrong and
    nothing is recorded."""
    with (
        clock.telling(lambda: clock._system() + timedelta(seconds=seconds)),
        pytest.raises(Refused) as told,
    ):
        laboratory.register("CF-02")
    assert (told.value.code, told.value.template) == ("clock_apart", store.ClockApart.sentence)
    assert not Event.objects.exists()


@contextmanager
def locked(database: Database) -> Iterator[None]:
    """Somebody holds the table of events for longer than anybody waits."""
    assert database.cluster is not None
    with database.cluster.admin(database.name) as admin, admin.transaction():
        admin.execute("LOCK TABLE ledger_event IN ACCESS EXCLUSIVE MODE")
        yield


@pytest.mark.parametrize("limit", ["lock_timeout", "statement_timeout"])
def test_r9_what_waited_too_long_can_be_sent_again_and_is_recorded_once(
    postgres_database: Database, limit: str
) -> None:
    laboratory.register("CF-02")
    same = ids.new_id()
    with connection.cursor() as cursor:
        cursor.execute(f"SET {limit} = '200ms'")
    with locked(postgres_database), pytest.raises(Refused) as told:
        laboratory.make_entry("CF-02", "Rotor cleaned.", command_id=same)
    assert (told.value.code, told.value.template) == ("away", store.Away.sentence)
    for _again in range(2):
        laboratory.make_entry("CF-02", "Rotor cleaned.", command_id=same)
    assert Event.objects.count() == 2


def test_r9_a_database_that_went_away_is_told_and_the_next_page_works(
    postgres_database: Database,
) -> None:
    """Given a connection that the server ends, when somebody writes, then he is told, and the same
    thread can read and write again at once."""
    laboratory.register("CF-02")
    assert postgres_database.cluster is not None
    pid = connection.connection.info.backend_pid
    with postgres_database.cluster.admin(postgres_database.name) as admin:
        admin.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    with pytest.raises(Refused) as told:
        laboratory.make_entry("CF-02", "Rotor cleaned.")
    assert (told.value.code, told.value.template) == ("away", store.Away.without_id)
    assert Event.objects.count() == 1
    laboratory.make_entry("CF-02", "Rotor cleaned.")


def test_r9_a_commit_whose_answer_was_lost_is_found_when_it_is_sent_again(
    postgres_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given a commit that the database carries out before the connection breaks, when the person
    sends the same again, as he was told to, then it stands there once."""
    laboratory.register("CF-02")
    same, real = ids.new_id(), connection._commit  # type: ignore[attr-defined]

    def lost() -> None:
        real()
        raise OperationalError("lost") from psycopg.OperationalError("server closed the connection")

    with monkeypatch.context() as broken:
        broken.setattr(connection, "_commit", lost)
        with pytest.raises(Refused) as told:
            laboratory.make_entry("CF-02", "Rotor cleaned.", command_id=same)
    assert told.value.code == "away"
    assert laboratory.make_entry("CF-02", "Rotor cleaned.", command_id=same).replayed
    assert Event.objects.count() == 2


def test_an_error_of_ours_is_not_taken_for_a_database_that_is_away(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given a mistake in our own statement, then it is raised as what it is, with its cause."""
    monkeypatch.setattr(store, "_INSERT_KEY", "INSERT INTO nowhere VALUES (%s, %s, %s)")
    with pytest.raises(Exception, match="nowhere") as mistake:
        laboratory.register("CF-02")
    assert not isinstance(mistake.value, Refused | store.Trouble)
    assert mistake.value.__cause__ is not mistake.value
