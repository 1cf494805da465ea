"""Followers: every entry in order, at least once, never skipped; they stop and say why (R3, R9)."""

import sqlite3
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import OperationalError

from ledger import commands, followers, sealer, store, tasks
from ledger.event import Refused
from ledger.followers import FollowerAlarm, Logged
from ledger.models import Cursor
from tests.databases import Database
from tests.ledger import laboratory

NAME = "notices"


class Reader:
    """A follower's handler that fails when it is told to."""

    def __init__(self) -> None:
        self.seen: list[int] = []
        self.fails_at: int | None = None
        self.error: Exception = FollowerAlarm("The label printer is off. Switch it on.")

    def __call__(self, entry: Logged) -> None:
        if entry.position == self.fails_at:
            raise self.error
        self.seen.append(entry.position)


@pytest.fixture
def reader() -> Iterator[Reader]:
    made = Reader()
    followers.follower(NAME)(made)
    yield made
    del followers.registry()[NAME]


def write(count: int, *, expected: int = 0) -> None:
    laboratory.append("CF-02", expected=expected, texts=[f"Entry {n}." for n in range(count)])
    sealer.run_once()


def place() -> Cursor:
    return Cursor.objects.get(name=NAME)


def test_a_follower_reads_every_entry_once_and_goes_on_from_its_place(
    database: Database, reader: Reader
) -> None:
    write(30)
    assert followers.run_follower(NAME, batch=7) == 31
    assert followers.run_follower(NAME) == 0
    write(5, expected=30)
    tasks.run_followers()
    assert reader.seen == list(range(36))
    assert place().position == 36


def test_a_follower_stops_at_an_error_keeps_what_went_before_and_says_so(
    database: Database, reader: Reader
) -> None:
    """Given a handler that fails at position 17, when it runs, then 0 to 16 are done, the stop is
    an event and a sentence, and nothing is skipped until a person resumes it."""
    write(30)
    reader.fails_at = 17
    followers.run_follower(NAME, batch=10)
    assert place().position == 17
    assert place().stopped == "The label printer is off. Switch it on."
    stopped = store.load("follower", NAME)[-1]
    assert stopped.type == "ledger.follower_stopped"
    assert (stopped.data.position, stopped.data.error) == (17, place().stopped)
    lag = next(one for one in followers.lag() if one.name == NAME)
    assert (lag.position, lag.behind) == (17, 14)
    reader.fails_at = None
    assert followers.run_follower(NAME) == 0
    with laboratory.by_roles_alone():
        commands.resume_follower(
            follower=NAME, actor=laboratory.SUPERVISOR, reason="The printer is on again."
        )
    followers.run_follower(NAME)
    assert reader.seen[-14:] == list(range(17, 31))
    assert sorted(set(reader.seen)) == list(range(31))
    assert [event.type for event in store.load("follower", NAME)] == [
        "ledger.follower_stopped",
        "ledger.follower_resumed",
    ]


def test_the_text_of_a_foreign_error_stays_off_the_trail(
    database: Database, reader: Reader
) -> None:
    """R21: an exception's text may hold anything, so the event names its kind alone."""
    write(2)
    reader.fails_at, reader.error = 1, KeyError("Maria Gonzalez")
    followers.run_follower(NAME)
    assert store.load("follower", NAME)[0].data.error == "KeyError."
    assert "Gonzalez" in place().stopped


def test_a_database_that_is_away_does_not_stop_a_follower(
    database: Database, reader: Reader
) -> None:
    write(2)
    reader.fails_at, reader.error = 1, OperationalError("the server closed the connection")
    with pytest.raises(OperationalError):
        followers.run_follower(NAME)
    assert place().stopped == ""
    reader.fails_at = None
    assert followers.run_follower(NAME) == 3


def test_what_a_handler_writes_and_its_place_stand_or_fall_together(database: Database) -> None:
    """Given a handler that writes rows, when it fails, then its rows of that entry are gone."""

    def handle(entry: Logged) -> None:
        Cursor.objects.create(name=f"row-{entry.position}")
        if entry.position == 3:
            raise FollowerAlarm("No.")

    followers.follower(NAME)(handle)
    try:
        write(5)
        followers.run_follower(NAME)
    finally:
        del followers.registry()[NAME]
    rows = Cursor.objects.filter(name__startswith="row-").values_list("name", flat=True)
    assert sorted(rows) == ["row-0", "row-1", "row-2"]
    assert place().position == 3


def test_only_a_stopped_follower_can_be_resumed(database: Database, reader: Reader) -> None:
    write(1)
    with laboratory.by_roles_alone():
        with pytest.raises(Refused, match="has not stopped"):
            commands.resume_follower(follower=NAME, actor=laboratory.SUPERVISOR, reason="Why not.")
        with pytest.raises(Refused, match="no follower named nobody"):
            commands.resume_follower(follower="nobody", actor=laboratory.SUPERVISOR, reason="Hm.")
        with pytest.raises(Refused):
            commands.resume_follower(follower=NAME, actor=laboratory.OPERATOR, reason="Hm.")


# The follower that audits the log as it grows.


@pytest.fixture
def attacked(sqlite_database: Database) -> Callable[[str], None]:
    """Run SQL on the file with the triggers removed, as its administrator could."""

    def attack(script: str) -> None:
        file = sqlite3.connect(sqlite_database.name)
        names = file.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (name,) in names:
            file.execute(f"DROP TRIGGER {name}")
        file.executescript(script)
        file.close()

    return attack


def test_the_self_audit_follows_a_sound_log_to_its_end(database: Database) -> None:
    write(20)
    followers.run_all()
    audit = Cursor.objects.get(name=followers.SELF_AUDIT)
    assert (audit.position, audit.stopped) == (21, "")


@pytest.mark.tampers
@pytest.mark.parametrize(
    ("script", "position"),
    [
        ("UPDATE ledger_event SET actor = 'p-00000' WHERE stream_id = 'CF-02' AND version = 4", 4),
        (
            "UPDATE ledger_event SET body = CAST(replace(CAST(body AS TEXT), 'Entry', 'Emtry')"
            " AS BLOB) WHERE stream_id = 'CF-02' AND version = 7",
            7,
        ),
        (
            "UPDATE ledger_event SET recorded_at = '2020-01-01 00:00:00.000000'"
            " WHERE stream_id = 'CF-02' AND version = 9",
            9,
        ),
        ("UPDATE ledger_log SET leaf = zeroblob(32) WHERE position = 11", 11),
        ("UPDATE ledger_log SET entry = zeroblob(32) WHERE position = 12", 12),
        ("DELETE FROM ledger_log WHERE position = 13", 13),
        ("DELETE FROM ledger_event WHERE stream_id = 'CF-02' AND version = 14", 14),
    ],
)
def test_r2_the_self_audit_stops_at_the_first_entry_that_was_altered(
    attacked: Callable[[str], None], script: str, position: int
) -> None:
    write(20)
    attacked(script)
    followers.run_follower(followers.SELF_AUDIT)
    audit: Any = Cursor.objects.get(name=followers.SELF_AUDIT)
    assert audit.position == position
    assert str(position) in audit.stopped
    assert "verify_ledger" in audit.stopped
