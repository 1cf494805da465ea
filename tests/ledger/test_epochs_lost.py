"""Epochs where the outside store or the log's key was lost; changes of that key (R2, R22)."""

import sqlite3
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connections

from ledger import ids, keys, log, sealer, sequencer, store
from ledger.audit import audit
from ledger.codec import CommandRef
from ledger.export import export_bundle
from ledger.keyring import Keyring
from ledger.log_events import CheckpointKeyChanged
from ledger.note import sign_checkpoint, sign_key_change
from ledger.sealer import OutsideRolledBack
from ledger.verify import parse_vkey, verify_bundle, verify_note
from tests.databases import Database
from tests.ledger import laboratory
from tests.ledger.test_epochs import NAME, assert_follows, began, outside, write

# The outside store is lost.


@pytest.mark.parametrize("left", ["nothing", "an old copy"])
def test_a_lost_outside_store_is_filled_anew_and_a_new_epoch_says_so(
    database: Database, left: str
) -> None:
    """Given a log whose outside store's disk died, when a person says so, then the database's
    newest signed checkpoint is proved again from its entries, and a new epoch follows it."""
    path = Path(settings.LOTBOOK_OUTSIDE)
    write(10, unit="CF-02")
    sealer.run_once()
    copy = path.read_bytes()
    write(290, unit="CF-03")
    sealer.run_once()
    path.unlink()
    if left == "an old copy":
        path.write_bytes(copy)
    write(2, unit="CF-04")
    with pytest.raises(OutsideRolledBack, match="--outside-lost"):
        sealer.run_once()
    call_command("begin_epoch", yes=True, outside_lost=True, reason="The disk of the store died.")
    assert_follows(2, kept=303, lost=0)
    assert [(e.number, e.start) for e in log.epochs()] == [(1, 0), (2, 303)]
    assert outside().latest(epoch=1).size == 303  # type: ignore[union-attr]
    write(1, unit="CF-05")
    assert sealer.run_once().size == 2  # type: ignore[union-attr]
    report = audit(read_models=True)
    assert report.verified, report.in_words()
    missing = "are in the database alone: the outside store was lost" in report.in_words()
    assert missing == (left == "nothing")


@pytest.mark.tampers
def test_r2_a_checkpoint_that_the_outside_store_does_not_know_is_found(
    sqlite_database: Database,
) -> None:
    """Given a store that was not lost, when it lacks a checkpoint that the database holds, then
    that is found: nobody said that anything was lost."""
    write(10, unit="CF-02")
    sealer.run_once()
    write(10, unit="CF-03")
    sealer.run_once()
    with sqlite3.connect(settings.LOTBOOK_OUTSIDE) as store_file:
        names = store_file.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for (name,) in names.fetchall():
            store_file.execute(f"DROP TRIGGER {name}")
        store_file.execute("DELETE FROM checkpoint WHERE size = (SELECT min(size) FROM checkpoint)")
    report = audit()
    assert not report.verified
    assert "The outside store does not know this checkpoint." in report.in_words()


def test_a_store_that_is_not_lost_is_not_filled_anew(database: Database) -> None:
    write(10, unit="CF-02")
    sealer.run_once()
    with pytest.raises(CommandError, match="nothing was lost"):
        call_command("begin_epoch", yes=True, outside_lost=True, reason="Just so.")


@pytest.mark.tampers
@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        ("UPDATE ledger_log SET entry = zeroblob(400) WHERE position = 4", "were altered"),
        ("UPDATE ledger_checkpoint SET size = 9", "does not say what its row says"),
        (
            "UPDATE ledger_checkpoint SET note = replace(note, '\n11\n', '\n9\n'), size = 9",
            "was not signed by this log",
        ),
    ],
)
def test_r2_nothing_is_adopted_from_an_altered_database(
    sqlite_database: Database, script: str, sentence: str
) -> None:
    write(10, unit="CF-02")
    sealer.run_once()
    Path(settings.LOTBOOK_OUTSIDE).unlink()
    with sqlite3.connect(sqlite_database.name) as file:
        names = file.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (name,) in names:
            file.execute(f"DROP TRIGGER {name}")
        file.execute(script)
    with pytest.raises(CommandError, match=sentence):
        call_command(
            "begin_epoch", yes=True, outside_lost=True, reason="The disk of the store died."
        )
    assert outside().latest() is None


@pytest.mark.tampers
def test_r2_a_former_key_that_only_the_database_knows_vouches_for_nothing(
    sqlite_database: Database,
) -> None:
    """Given a lost outside store, when the database says that a stranger's key was the log's before
    this one, and holds a checkpoint signed with it, then nothing is adopted."""
    write(10, unit="CF-02")
    held = sealer.run_once()
    assert held is not None
    Path(settings.LOTBOOK_OUTSIDE).unlink()
    stranger, vkey = keys.generate(NAME), Keyring.from_settings().vkey
    change = CheckpointKeyChanged(
        old=stranger.vkey, new=vkey, proof=sign_key_change(stranger, new=vkey)
    )
    store.append(
        command=CommandRef(ids.new_id(), "ledger.rotate_checkpoint_key", b"\0" * 32),
        actor=laboratory.SUPERVISOR,
        changes=[store.Change("checkpoint_key", "log", 0, [change])],
    )
    note = sign_checkpoint(held.origin, size=held.size, root=held.root, keys=[stranger], time=0)
    connections.close_all()
    with sqlite3.connect(sqlite_database.name) as file:
        names = file.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (name,) in names:
            file.execute(f"DROP TRIGGER {name}")
        file.execute("UPDATE ledger_checkpoint SET note = ?", [note.decode()])
    with pytest.raises(CommandError, match="was not signed by this log"):
        call_command("begin_epoch", yes=True, outside_lost=True, reason="The disk died.")
    assert outside().latest() is None


# The key of the log.


def test_the_old_key_signs_the_change_and_the_new_one_what_follows(database: Database) -> None:
    write(3, unit="CF-02")
    sealer.run_once()
    old = Keyring.from_settings().vkey
    call_command("rotate_checkpoint_key", reason="Yearly change.", no_wait=True)
    write(2, unit="CF-03")
    sealer.run_once()
    new = Keyring.from_settings().vkey
    change: CheckpointKeyChanged = store.load("checkpoint_key", "log")[0].data
    assert (change.old, change.new) == (old, new)
    history = list(outside().history(epoch=1))
    for held, vkey in zip(history, [old, old, new], strict=True):
        verify_note(held.note.encode(), [parse_vkey(vkey)])
    line = list(log.lines(0))[history[1].size - 1]
    assert b"ledger.checkpoint_key_changed/1" in line.entry
    write(1, unit="CF-04")
    verify_note(sealer.run_once().note.encode(), [parse_vkey(new)])  # type: ignore[union-attr]
    connections.close_all()
    for vkey in (old, new):
        assert audit(keys=[vkey]).findings == []


def test_the_sealer_does_not_sign_with_a_key_the_log_does_not_name(database: Database) -> None:
    from ledger.keys import KeyFileRefused

    write(3, unit="CF-02")
    sealer.run_once()
    path = Path(settings.LOTBOOK_CHECKPOINT_KEY)
    path.unlink()
    with pytest.raises(KeyFileRefused, match="cannot be read"):
        sealer.run_once()
    keys.write_keys(path, [keys.generate(NAME)])
    with pytest.raises(KeyFileRefused, match="Put the right key file there"):
        sealer.run_once()


def test_a_lost_key_ends_with_an_epoch_under_a_new_one(database: Database, tmp_path: Path) -> None:
    """Given a log whose key is gone from the server and from the safe, when a person says so, then
    a new epoch keeps all that was sealed; who knows the old key alone is told for ever."""
    write(10, unit="CF-02")
    sealer.run_once()
    ring = Keyring.from_settings()
    with pytest.raises(CommandError, match="it is not lost"):
        call_command("begin_epoch", yes=True, key_lost=True, reason="Just so.")
    ring.path.unlink()
    write(2, unit="CF-03")
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("begin_epoch", yes=True, reason="The key is lost.")
    call_command("begin_epoch", yes=True, key_lost=True, reason="The key is lost.")
    assert_follows(2, kept=11, lost=0)
    new = Keyring.from_settings().vkey
    assert began(2).key == new != ring.vkey
    write(1, unit="CF-04")
    assert sealer.run_once().size == 4  # type: ignore[union-attr]
    connections.close_all()
    report = audit(keys=[new])
    assert report.findings == []
    assert any("nothing vouches" in note for note in report.notes)
    assert [found.row for found in audit(keys=[ring.vkey]).findings] == ["ledger_epoch 2"]
    export_bundle(tmp_path / "bundle.zip")
    for vkey, verdict in ((new, "verified"), (ring.vkey, "failed")):
        assert verify_bundle(str(tmp_path / "bundle.zip"), [vkey]).verdict == verdict


def test_a_lost_key_leaves_no_entry_between_two_epochs(database: Database) -> None:
    """Given entries that got positions and no seal before the key was lost, when a new epoch is to
    begin, then it is refused: they would belong to no signed tree."""
    write(10, unit="CF-02")
    sealer.run_once()
    write(2, unit="CF-03")
    sequencer.sequence_all()
    Keyring.from_settings().path.unlink()
    with pytest.raises(CommandError, match="The 2 entries from position 11 on have positions"):
        call_command("begin_epoch", yes=True, key_lost=True, reason="The key is lost.")
