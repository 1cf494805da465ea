"""Epochs: a restored backup shows itself, and goes on under a new origin alone (R2, R22)."""

import io
import shutil
import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connections

from ledger import epochs, followers, keys, log, sealer, sequencer, store
from ledger.keyring import Keyring
from ledger.log_events import EpochBegan, Skipped
from ledger.models import Cursor
from ledger.outside import Outside
from ledger.sealer import LogForked, LogRolledBack
from ledger.verify import parse_checkpoint, parse_note, parse_vkey, verify_consistency, verify_note
from tests.databases import Database
from tests.ledger import laboratory

NAME = "demo.test.lotbook.example"


def write(count: int, *, unit: str, expected: int = 0) -> None:
    texts = [f"Entry {n}." for n in range(expected, expected + count)]
    laboratory.append(unit, expected=expected, texts=texts)


class Backup:
    """A copy of the database, taken now, put back later. The outside store is no part of it."""

    def __init__(self, database: Database) -> None:
        self.database = database
        connections.close_all()
        if database.vendor == "sqlite":
            self.copy = Path(settings.STATE_DIR) / "backup.sqlite3"
            with sqlite3.connect(database.name) as source, sqlite3.connect(self.copy) as target:
                source.backup(target)
            return
        assert database.cluster is not None
        with database.cluster.admin() as admin:
            self._alone(admin)
            admin.execute(f'CREATE DATABASE "{database.name}_backup" TEMPLATE "{database.name}"')

    def restore(self) -> None:
        connections.close_all()
        if self.database.vendor == "sqlite":
            for end in ("", "-wal", "-shm"):
                Path(self.database.name + end).unlink(missing_ok=True)
            shutil.copyfile(self.copy, self.database.name)
            return
        name, cluster = self.database.name, self.database.cluster
        assert cluster is not None
        from ledger import roles

        with cluster.admin() as admin:
            self._alone(admin)
            admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
            admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{name}_backup"')
            for statement in roles.database_statements(roles.roles(), database=name):
                admin.execute(statement)

    def _alone(self, admin: object) -> None:
        admin.execute(  # type: ignore[attr-defined]
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
            [self.database.name],
        )


def outside() -> Outside:
    return Outside(settings.LOTBOOK_OUTSIDE, name=settings.LOTBOOK_ORIGIN)


def began(number: int) -> EpochBegan:
    found: EpochBegan = store.load("epoch", str(number))[0].data
    return found


def assert_follows(number: int, *, kept: int, lost: int) -> None:
    """The epoch's first entry proves what survives of the tree before it."""
    previous = began(number).previous
    assert previous is not None
    assert (previous.kept, previous.lost) == (kept, lost)
    proof = [bytes.fromhex(part) for part in previous.proof]
    root, kept_root = bytes.fromhex(previous.root), bytes.fromhex(previous.kept_root)
    if kept:
        assert verify_consistency(kept, previous.size, proof, kept_root, root)
    signed = next(h for h in map(_latest, range(1, number)) if h and h.origin == previous.origin)
    assert (signed.size, signed.root) == (previous.size, root)


def _latest(number: int):  # type: ignore[no-untyped-def]
    return outside().latest(epoch=number)


def test_r22_a_restored_backup_is_refused_then_goes_on_in_a_new_epoch(database: Database) -> None:
    """Given a backup of yesterday, when it is restored over a log that had grown, then nothing is
    signed; and when a person begins an epoch, then it proves what was kept and counts the loss."""
    write(300, unit="CF-02")
    sealer.run_once()
    backup = Backup(database)
    write(20, unit="CF-03")
    sealer.run_once()
    backup.restore()
    with pytest.raises(LogRolledBack, match=r"holds 301 entries of epoch 1, but 321 were signed"):
        sealer.run_once()
    write(2, unit="CF-04")  # work goes on: it is committed, though not signed
    call_command(
        "begin_epoch", yes=True, reason="The disk failed; last night's backup was restored."
    )
    assert_follows(2, kept=301, lost=20)
    assert began(2).origin == f"{NAME}/2"
    assert [(e.number, e.start) for e in log.epochs()] == [(1, 0), (2, 301)]
    lines = list(log.lines(301))
    assert [line.position for line in lines] == [301, 302, 303]
    assert b"ledger.epoch_began" in lines[0].entry
    held = outside().latest()
    assert held is not None and (held.epoch, held.size) == (2, 3)
    note = parse_note(held.note.encode())
    assert parse_checkpoint(note.text).origin == f"{NAME}/2"
    verify_note(note, [parse_vkey(began(2).key)])
    write(5, unit="CF-05")
    assert sealer.run_once().size == 8  # type: ignore[union-attr]


def test_r22_two_restores_to_the_same_backup_skip_the_epoch_between(database: Database) -> None:
    write(10, unit="CF-02")
    sealer.run_once()
    backup = Backup(database)
    write(5, unit="CF-03")
    sealer.run_once()
    backup.restore()
    call_command("begin_epoch", yes=True, reason="First restore.")
    write(3, unit="CF-04")
    sealer.run_once()
    backup.restore()
    with pytest.raises(LogRolledBack, match="knows nothing of that epoch"):
        sealer.run_once()
    call_command("begin_epoch", yes=True, reason="Second restore.")
    assert_follows(3, kept=11, lost=5)
    skipped = began(3).skipped
    assert skipped is not None
    assert [(one.origin, one.size) for one in skipped] == [(f"{NAME}/2", 4)]
    assert [(e.number, e.start) for e in log.epochs()] == [(1, 0), (3, 11)]


def test_r22_an_emptied_database_goes_on_with_everything_lost(database: Database) -> None:
    backup = Backup(database)
    write(10, unit="CF-02")
    sealer.run_once()
    backup.restore()
    with pytest.raises(LogRolledBack):
        sealer.run_once()
    call_command("begin_epoch", yes=True, reason="There was no backup.")
    assert_follows(2, kept=0, lost=11)
    assert next(log.lines(0)).position == 0
    assert log.epoch_of(0).number == 2  # type: ignore[union-attr]
    write(1, unit="CF-02")
    assert sealer.run_once().size == 2  # type: ignore[union-attr]


def test_no_epoch_is_begun_on_a_whole_log(database: Database) -> None:
    write(3, unit="CF-02")
    sealer.run_once()
    with pytest.raises(CommandError, match="no epoch is needed"):
        call_command("begin_epoch", yes=True, reason="Just so.")
    with pytest.raises(CommandError, match="must not be empty"):
        call_command("begin_epoch", yes=True, reason=" ")


@pytest.mark.tampers
def test_r2_an_altered_log_is_not_taken_for_a_restored_one(sqlite_database: Database) -> None:
    write(10, unit="CF-02")
    sealer.run_once()
    with sqlite3.connect(sqlite_database.name) as file:
        for (name,) in file.execute(
            "SELECT name FROM sqlite_master WHERE type='trigger'"
        ).fetchall():
            file.execute(f"DROP TRIGGER {name}")
        file.execute(
            "UPDATE ledger_log SET entry = CAST(replace(CAST(entry AS TEXT), 'p-7', 'p-8') AS BLOB)"
            " WHERE position = 4"
        )
        file.execute("DELETE FROM ledger_log WHERE position > 6")
    with pytest.raises(CommandError, match="position 4 is not the one that was signed"):
        call_command("begin_epoch", yes=True, reason="Trying to hide it.")


def test_an_epoch_that_nobody_sealed_is_not_signed_by_the_running_sealer(
    database: Database,
) -> None:
    """Given an epoch begun in the database behind the outside store's back, when the sealer looks,
    then it refuses; the person who began it finishes by running begin_epoch again."""
    write(10, unit="CF-02")
    sealer.run_once()
    backup = Backup(database)
    write(5, unit="CF-03")
    sealer.run_once()
    backup.restore()
    epochs.begin_next(
        outside(),
        keys=Keyring.from_settings().signers(),
        actor=replace(laboratory.SUPERVISOR, role="console"),
        reason="The machine failed before it was sealed.",
        ask=lambda found: None,
    )
    with pytest.raises(LogForked, match="nobody has sealed"):
        sealer.run_once()
    call_command("begin_epoch", yes=True, reason="Again.")
    assert outside().latest().epoch == 2  # type: ignore[union-attr]
    assert_follows(2, kept=11, lost=5)


BEGUN: dict[str, Any] = {
    "kept": 10,
    "kept_root": "00" * 32,
    "proof": [],
    "lost": 6,
    "root": "00" * 32,
    "origin": "another.example/1",
    "size": 17,
}


@pytest.mark.tampers
@pytest.mark.parametrize("field", [*BEGUN, "key", "skipped", "role", "start"])
def test_r2_an_epoch_that_says_something_else_than_the_outside_store_is_not_finished(
    database: Database, field: str
) -> None:
    """Given an epoch begun behind the outside store's back whose first entry is wrong in one thing
    only, when a person is led to finish it, then it is refused and nobody is invited to."""
    write(10, unit="CF-02")
    sealer.run_once()
    backup = Backup(database)
    write(5, unit="CF-03")
    sealer.run_once()
    backup.restore()
    if field == "start":
        write(1, unit="CF-04")
        sequencer.sequence_all()
    begin_wrongly(field)
    for attempt in (sealer.run_once, finish):
        with pytest.raises(
            (LogForked, CommandError), match=r"log was rewritten|not the one that was sig"
        ):
            attempt()
    assert outside().latest().epoch == 1  # type: ignore[union-attr]


def begin_wrongly(field: str) -> None:
    """An epoch that differs in this field from the one that follows the log."""
    other = keys.generate(NAME).vkey
    held = outside().latest()
    assert held is not None
    previous, signers = epochs._previous(outside(), held, 11), Keyring.from_settings().signers()
    payload = epochs._payload(NAME, 2, signers, previous=previous, skipped=[])
    if field in BEGUN:
        payload = replace(payload, previous=replace(previous, **{field: BEGUN[field]}))
    elif field == "key":
        payload = replace(payload, key=other)
    elif field == "skipped":
        payload = replace(payload, skipped=[Skipped(origin=f"{NAME}/0", size=1, root="00" * 32)])
    actor = replace(laboratory.SUPERVISOR, role="console" if field != "role" else "supervisor")
    epochs._open(payload, actor=actor, reason="", using="sealer")


def finish() -> None:
    call_command("begin_epoch", yes=True, reason="Somebody said so.")


def test_whoever_begins_an_epoch_is_asked_whether_the_loss_is_right(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given a restored backup, when nobody is there to be asked, or a person types another number
    of lost entries, then nothing is begun; the right number begins it."""
    write(10, unit="CF-02")
    sealer.run_once()
    backup = Backup(database)
    write(5, unit="CF-03")
    sealer.run_once()
    backup.restore()
    with pytest.raises(CommandError, match="Nobody is there to be asked"):
        call_command("begin_epoch", reason="Restored.")
    terminal = type("Terminal", (io.StringIO,), {"isatty": lambda self: True})
    monkeypatch.setattr("sys.stdin", terminal("3\n5\n"))
    with pytest.raises(CommandError, match="Nothing was begun"):
        call_command("begin_epoch", reason="Restored.")
    assert [epoch.number for epoch in log.epochs()] == [1]
    call_command("begin_epoch", reason="Restored.")
    assert_follows(2, kept=11, lost=5)


def test_a_follower_ahead_of_the_restored_log_is_set_back(database: Database) -> None:
    write(10, unit="CF-02")
    sealer.run_once()
    backup = Backup(database)
    write(5, unit="CF-03")
    sealer.run_once()
    backup.restore()
    Cursor.objects.create(name=followers.SELF_AUDIT, position=16)
    followers.run_all()
    assert "restored from a backup" in Cursor.objects.get().stopped
    call_command("begin_epoch", yes=True, reason="Restored.")
    place = Cursor.objects.get()
    assert (place.position, place.stopped) == (11, "")
    resumed = store.load("follower", followers.SELF_AUDIT)[-1].data
    assert (resumed.old, resumed.new) == (16, 11)
    followers.run_all()
    assert Cursor.objects.get().position == log.end()
