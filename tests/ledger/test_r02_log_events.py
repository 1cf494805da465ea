"""R2: what the log says of itself (its key, its epochs) cannot be said by whoever can write events.

Whoever could would hand the log to a key of his own, signed over by the old one.
"""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connections

from ledger import ids, keys, models, roles, sealer, sequencer, store
from ledger.codec import CommandRef
from ledger.event import Actor, Recorded
from ledger.keyring import Keyring
from ledger.log_events import CheckpointKeyChanged, EpochBegan
from ledger.models import Checkpoint, Event, Pending, Trail
from ledger.note import sign_key_change
from ledger.outside import Outside, OutsideMoved
from ledger.sealer import KeyChangeRefused, LogForked
from tests.databases import Database
from tests.ledger import laboratory
from tests.ledger.attacks.attacker import Attacker

MALLORY = Actor(person="mallory", role="console", terminal="server")


@pytest.fixture(autouse=True)
def begun(request: pytest.FixtureRequest) -> Iterator[None]:
    """A sealed log with something in it."""
    vendors = ("database", "sqlite_database", "postgres_database")
    request.getfixturevalue(next(name for name in vendors if name in request.fixturenames))
    laboratory.append("CF-02", expected=0, texts=["Rotor cleaned."])
    sealer.run_once()
    yield
    connections.close_all()


def record(stream: tuple[str, str], payload: object, *, using: str) -> Recorded:
    return store.append(
        command=CommandRef(ids.new_id(), "ledger.rotate_checkpoint_key", b"\0" * 32),
        actor=MALLORY,
        changes=[store.Change(*stream, len(store.load(*stream)), [payload])],
        using=using,
    ).events[0]


def own_key() -> str:
    return keys.generate(settings.LOTBOOK_ORIGIN).vkey


def key_change(*, old: keys.SigningKey | None = None, new: str) -> CheckpointKeyChanged:
    """With the old key's own signature: it was stolen, or the change was once begun in earnest."""
    old = old or Keyring.from_settings().signers()[0]
    return CheckpointKeyChanged(old=old.vkey, new=new, proof=sign_key_change(old, new=new))


def forge_key(
    using: str | None = None, *, old: keys.SigningKey | None = None, new: str = ""
) -> Recorded:
    """The change of key that a thief of the writer's password would record."""
    change = key_change(old=old, new=new or own_key())
    return record(("checkpoint_key", "log"), change, using=using or roles.log_writer())


def forged_epoch() -> EpochBegan:
    return EpochBegan(
        epoch=2, origin=f"{settings.LOTBOOK_ORIGIN}/2", key=own_key(), previous=None, skipped=None
    )


def prepare_next() -> str:
    path = Keyring.from_settings().next_path
    keys.write_keys(path, [keys.generate(settings.LOTBOOK_ORIGIN)])
    return Keyring(path).vkey


def newest() -> int:
    held = Outside(settings.LOTBOOK_OUTSIDE, name=settings.LOTBOOK_ORIGIN).latest()
    assert held is not None
    return held.size


def test_r2_the_web_role_cannot_hand_the_log_to_another_key(postgres_database: Database) -> None:
    """Given the web process's password, when a change of the key or a new epoch is recorded with
    it, then the database refuses; sealing, and a change of the key by its keeper, go on."""
    forgeries: list[Callable[[], object]] = [
        lambda: forge_key(using="default"),
        lambda: record(("checkpoint_key", "x"), key_change(new=own_key()), using="default"),
        lambda: record(("epoch", "2"), forged_epoch(), using="default"),
        lambda: record(("epoch", "x"), forged_epoch(), using="default"),
        lambda: record(("epoch", "2"), laboratory.note("CF-02", "x", version=1), using="default"),
    ]
    for forge in forgeries:
        with pytest.raises(ProgrammingError, match="the sealer's to record"):
            forge()
    assert Event.objects.count() == 2
    old = Keyring.from_settings().vkey
    call_command("rotate_checkpoint_key", reason="Yearly change.", no_wait=True)
    assert sealer.run_once() is not None
    assert Keyring.from_settings().vkey != old


def test_r2_the_sealers_own_events_are_on_the_trail_like_any_other(database: Database) -> None:
    call_command("rotate_checkpoint_key", reason="Yearly change.", no_wait=True)
    told = Trail.objects.filter(type__in=("ledger.epoch_began", "ledger.checkpoint_key_changed"))
    assert told.count() == 2
    assert models.TrailWord.objects.filter(word="yearly").count() == 1


def test_r2_a_key_that_nobody_prepared_here_is_never_signed_over(database: Database) -> None:
    """Given a change to a stranger's key, recorded by whoever could (on SQLite anybody, on
    PostgreSQL the sealer's role), then nothing is signed, and the refusal says what to do."""
    before = newest()
    forge_key()
    with pytest.raises(KeyChangeRefused, match=r"If nobody did, .* restore the last backup") as no:
        sealer.run_once()
    assert str(settings.LOTBOOK_CHECKPOINT_KEY) + ".next" in str(no.value)
    assert newest() == before
    assert Checkpoint.objects.count() == 1


@pytest.mark.parametrize("wrong", ["nothing", "another key", "another log", "for another key"])
def test_r2_a_change_that_the_old_key_has_not_signed_gets_no_position(
    database: Database, wrong: str
) -> None:
    """Given a change of the key without the old key's own signature on it, when what follows is
    recorded, then that is sealed under the old key and the change waits, whoever recorded it."""
    held, name = Keyring.from_settings().signers()[0], settings.LOTBOOK_ORIGIN
    stranger, new = keys.generate(name), prepare_next()
    proof = {
        "nothing": "",
        "another key": sign_key_change(stranger, new=new),
        "another log": sign_key_change(keys.SigningKey("x", held.kind, held.private), new=new),
        "for another key": sign_key_change(held, new=stranger.vkey),
    }[wrong]
    change = CheckpointKeyChanged(old=held.vkey, new=new, proof=proof)
    made = record(("checkpoint_key", "log"), change, using=roles.log_writer())
    laboratory.append("CF-02", expected=1, texts=["Lid cleaned."])
    sealed = sealer.run_once()
    assert sealed is not None and sealed.size == 3
    assert Keyring.from_settings().vkey == held.vkey
    assert [row.event_id for row in Pending.objects.all()] == [made.id]


@pytest.mark.parametrize("wrong", ["old", "same"])
def test_r2_a_change_that_does_not_start_from_the_key_in_use_is_refused(
    database: Database, wrong: str
) -> None:
    ready, here = prepare_next(), Keyring.from_settings().vkey
    if wrong == "old":
        forge_key(old=keys.generate(settings.LOTBOOK_ORIGIN), new=ready)
    else:
        forge_key(new=here)
    with pytest.raises(KeyChangeRefused):
        sealer.run_once()


def test_r2_after_a_forged_key_the_backup_before_it_goes_on(sqlite_database: Database) -> None:
    """Given a trial on SQLite where somebody forged a change of the key, when the backup from
    before it is restored, as the sealer says, then sealing goes on."""
    connections.close_all()
    backup = Path(settings.STATE_DIR) / "backup.sqlite3"
    shutil.copyfile(sqlite_database.name, backup)
    forge_key()
    with pytest.raises(KeyChangeRefused):
        sealer.run_once()
    connections.close_all()
    for leftover in ("-wal", "-shm"):
        Path(sqlite_database.name + leftover).unlink(missing_ok=True)
    shutil.copyfile(backup, sqlite_database.name)
    laboratory.append("CF-02", expected=1, texts=["Lid cleaned."])
    held = sealer.run_once()
    assert held is not None and held.size == 3


@pytest.mark.tampers
def test_r2_a_change_of_the_key_that_was_altered_is_told(database: Database) -> None:
    """Given a change of the key that has its position, when its body is altered before it is
    sealed, then nothing is signed."""
    changed = forge_key(new=prepare_next())
    sequencer.sequence_all()
    attacker = Attacker(database)
    with attacker.guards_down():
        attacker.change("ledger_event", {"id": attacker.id(changed.id)}, body=b"{}")
    attacker.close()
    with pytest.raises(LogForked, match="cannot be read"):
        sealer.run_once()


def test_r2_a_sealer_that_missed_the_change_of_the_key_stands_back(database: Database) -> None:
    """Given two sealers, when one has signed the change and taken the new key, then the other finds
    that it was overtaken, and goes on with the new key."""
    first, second = sealer.from_settings(), sealer.from_settings()
    first.open()
    second.open()
    call_command("rotate_checkpoint_key", reason="Yearly change.", no_wait=True)
    first.seal()
    with pytest.raises(OutsideMoved):
        second.seal()
    assert not Keyring.from_settings().next_path.exists()
    laboratory.append("CF-03", expected=0, texts=["Rotor cleaned."])
    third = sealer.from_settings()
    assert third.seal() is not None


def test_r2_a_forged_epoch_is_told_with_what_to_do(sqlite_database: Database) -> None:
    """Given a restored backup on SQLite that holds another beginning of the next epoch, when a
    person begins it, then he reads that somebody forged it and which backup to take."""
    record(("epoch", "2"), forged_epoch(), using="default")
    connections.close_all()
    backup = Path(settings.STATE_DIR) / "backup.sqlite3"
    shutil.copyfile(sqlite_database.name, backup)
    laboratory.append("CF-02", expected=1, texts=["Lid cleaned."])
    sealer.run_once()
    connections.close_all()
    for leftover in ("-wal", "-shm"):
        Path(sqlite_database.name + leftover).unlink(missing_ok=True)
    shutil.copyfile(backup, sqlite_database.name)
    with pytest.raises(CommandError, match="restore the last backup from before that"):
        call_command("begin_epoch", reason="The disk failed.", yes=True)
