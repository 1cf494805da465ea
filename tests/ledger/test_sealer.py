"""The sealer: it signs growth alone, survives a crash between any two steps, refuses the rest."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError

from ledger import epochs, log, sealer, sealing, sequencer
from ledger.keyring import Keyring
from ledger.models import Checkpoint, LogEntry, Tile
from ledger.outside import Outside, OutsideMoved
from ledger.proofs import Tree
from ledger.sealer import LogForked, LogRolledBack, OutsideRolledBack
from ledger.tiles import Growing
from ledger.verify import parse_checkpoint, parse_note, parse_vkey, verify_note
from tests.databases import Database
from tests.ledger import laboratory


class Crash(BaseException):
    """The process dies here."""


def write(count: int, *, unit: str = "CF-02", expected: int = 0) -> None:
    laboratory.append(unit, expected=expected, texts=[f"Entry {n}." for n in range(count)])


def outside() -> Outside:
    return Outside(settings.LOTBOOK_OUTSIDE, name=settings.LOTBOOK_ORIGIN)


def assert_sealed_and_whole() -> None:
    """Outside and inside agree, every checkpoint is a prefix, every full tile is there."""
    leaves = [line.leaf for line in log.lines(0)]
    store = outside()
    history = list(store.history(epoch=1))
    assert history and history[-1].size == len(leaves)
    assert store.leaves(epoch=1) == b"".join(leaves)
    key = parse_vkey(Keyring.from_settings().vkey)
    for held in history:
        tree = Growing()
        tree.extend(leaves[: held.size])
        assert tree.root() == held.root
        note = parse_note(held.note.encode())
        verify_note(note, [key])
        assert parse_checkpoint(note.text) == (held.origin, held.size, held.root)
    inside = Checkpoint.objects.order_by("size").values_list("size", "note")
    assert dict(inside).items() <= {held.size: held.note for held in history}.items()
    assert Checkpoint.objects.order_by("-size").values_list("size", flat=True)[0] == len(leaves)
    assert Tile.objects.filter(level=0).count() == len(leaves) // 256
    assert Tree(log.epochs()[0]).root(len(leaves)) == history[-1].root


def test_the_first_seal_begins_epoch_1_and_signs_everything(database: Database) -> None:
    write(3)
    held = sealer.run_once()
    assert held is not None
    assert held.origin == f"{settings.LOTBOOK_ORIGIN}/1"
    assert held.size == 4
    assert next(log.lines(0)).entry.split(b"\n")[4] == b"ledger.epoch_began/1"
    assert_sealed_and_whole()


def test_nothing_new_means_no_new_checkpoint(database: Database) -> None:
    write(3)
    sealer.run_once()
    sealer.run_once()
    assert Checkpoint.objects.count() == 1


def test_the_log_grows_over_full_tiles_and_a_restart(database: Database) -> None:
    write(255)
    sealer.run_once()
    write(1, expected=255)
    one = sealer.from_settings()
    one.seal()
    write(300, expected=256)
    one.seal()
    assert_sealed_and_whole()


def test_an_ml_dsa_signature_stands_beside_where_there_is_such_a_key(
    sqlite_database: Database, settings: Any
) -> None:
    from ledger import keys
    from ledger.verify import ML_DSA_44

    second = Path(settings.STATE_DIR) / "second.key"
    keys.write_keys(second, [keys.generate(settings.LOTBOOK_ORIGIN, kind=ML_DSA_44)])
    settings.LOTBOOK_CHECKPOINT_KEY_MLDSA = str(second)
    write(1)
    held = sealer.run_once()
    assert held is not None
    ring = Keyring.from_settings()
    signed = verify_note(held.note.encode(), [key.verifier for key in ring.signers()])
    assert [one.key.kind for one in signed] == [1, 6]
    assert all(one.checked for one in signed)


def test_a_second_key_that_the_epoch_does_not_name_signs_nothing(
    sqlite_database: Database, settings: Any
) -> None:
    from ledger import keys
    from ledger.verify import ML_DSA_44

    write(1)
    assert sealer.run_once() is not None
    second = Path(settings.STATE_DIR) / "second.key"
    keys.write_keys(second, [keys.generate(settings.LOTBOOK_ORIGIN, kind=ML_DSA_44)])
    settings.LOTBOOK_CHECKPOINT_KEY_MLDSA = str(second)
    write(1, expected=1)
    with pytest.raises(keys.KeyFileRefused, match="names no second key"):
        sealer.run_once()
    settings.LOTBOOK_CHECKPOINT_KEY_MLDSA = ""
    assert sealer.run_once() is not None
    assert_sealed_and_whole()


def test_a_second_key_that_the_epoch_names_is_missed(
    sqlite_database: Database, settings: Any
) -> None:
    from ledger import keys
    from ledger.verify import ML_DSA_44

    second = Path(settings.STATE_DIR) / "second.key"
    keys.write_keys(second, [keys.generate(settings.LOTBOOK_ORIGIN, kind=ML_DSA_44)])
    settings.LOTBOOK_CHECKPOINT_KEY_MLDSA = str(second)
    write(1)
    assert sealer.run_once() is not None
    settings.LOTBOOK_CHECKPOINT_KEY_MLDSA = ""
    write(1, expected=1)
    with pytest.raises(keys.KeyFileRefused, match="is also signed by"):
        sealer.run_once()


# Sunlight's fault matrix: each step fails before and after its effect, then the sealer starts anew.

STEPS = [
    (epochs.store, "append"),
    (sequencer, "open_epoch"),
    (sequencer, "sequence"),
    (sequencer, "_place"),
    (sealer, "sign_checkpoint"),
    (Outside, "store"),
    (sealer, "_write"),
]


@contextmanager
def crashing(owner: Any, name: str, *, after: bool, on_call: int) -> Iterator[list[int]]:
    """The process dies before or after the effect of a step, at its n-th call."""
    real, calls = getattr(owner, name), [0]

    def step(*args: Any, **kwargs: Any) -> Any:
        calls[0] += 1
        if calls[0] != on_call:
            return real(*args, **kwargs)
        if after:
            real(*args, **kwargs)
        raise Crash(name)

    setattr(owner, name, step)
    try:
        yield calls
    finally:
        setattr(owner, name, real)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("step", STEPS, ids=[name for _, name in STEPS])
def test_r3_a_crash_before_or_after_any_step_is_repaired(
    database: Database, step: tuple[Any, str], after: bool
) -> None:
    """Given a log that is begun, and one that has grown over a tile, when the sealer dies before
    or after the effect of a step, then the next one goes on and every checkpoint is a prefix."""
    owner, name = step
    write(5)
    with crashing(owner, name, after=after, on_call=1), pytest.raises(Crash):
        sealer.run_once()
    sealer.run_once()
    assert_sealed_and_whole()
    write(600, expected=5)
    if name not in ("append", "open_epoch"):  # these belong to the beginning alone
        with crashing(owner, name, after=after, on_call=1), pytest.raises(Crash):
            sealer.run_once()
    write(3, unit="CF-03")
    sealer.run_once()
    assert_sealed_and_whole()


def test_r3_the_database_fails_after_the_outside_store_and_the_same_sealer_goes_on(
    database: Database,
) -> None:
    """Given a checkpoint that is stored outside, when its row cannot be written, then it is
    written with the next one, by the same process."""
    one = sealer.from_settings()
    write(300)

    def fails(*args: Any, **kwargs: Any) -> None:
        raise OperationalError("the server closed the connection")

    real, sealer._write = sealer._write, fails
    try:
        with pytest.raises(OperationalError):
            one.seal()
    finally:
        sealer._write = real
    write(300, expected=300)
    one.seal()
    assert Checkpoint.objects.count() == 2
    assert_sealed_and_whole()


def test_two_sealers_on_one_log_are_harmless(database: Database) -> None:
    """Given two sealers, when the second comes with an old state, then nothing of it is stored."""
    write(3)
    first, second = sealer.from_settings(), sealer.from_settings()
    first.seal()
    second.open()
    write(2, expected=3)
    first.seal()
    write(2, expected=5)
    with pytest.raises(OutsideMoved):
        second.seal()
    second.forget()
    second.seal()
    assert_sealed_and_whole()


# What the sealer must not sign. These tests attack with full rights over the database.


@pytest.fixture
def attacked(sqlite_database: Database) -> Callable[[str], None]:
    """Run SQL on the file with the triggers removed, as its administrator could."""

    def attack(script: str) -> None:
        with sqlite3.connect(sqlite_database.name) as file:
            names = file.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            for (name,) in names.fetchall():
                file.execute(f"DROP TRIGGER {name}")
            file.executescript(script)
        file.close()

    return attack


@pytest.mark.tampers
def test_r2_a_cut_tail_is_not_signed(attacked: Callable[[str], None]) -> None:
    write(20)
    sealer.run_once()
    attacked("DELETE FROM ledger_log WHERE position >= 15")
    with pytest.raises(LogRolledBack, match=r"holds 15 entries of epoch 1, but 21 were signed"):
        sealer.run_once()
    assert outside().latest().size == 21  # type: ignore[union-attr]


@pytest.mark.tampers
def test_r2_a_rewritten_entry_is_named_even_with_all_hashes_recomputed(
    attacked: Callable[[str], None],
) -> None:
    write(20)
    sealer.run_once()
    line = list(log.lines(0))[9]
    forged = line.entry.replace(b"p-7f3k2", b"p-00000")
    from hashlib import sha256

    leaf = sha256(b"\0" + forged).hexdigest()
    attacked(
        f"UPDATE ledger_log SET entry = x'{forged.hex()}', leaf = x'{leaf}' WHERE position = 9;"
        "DELETE FROM ledger_checkpoint; DELETE FROM ledger_tile;"
    )
    with pytest.raises(LogForked, match="The entry at position 9 is not the one that was signed"):
        sealer.run_once()


@pytest.mark.tampers
def test_r2_an_entry_that_does_not_match_its_leaf_is_named(
    attacked: Callable[[str], None],
) -> None:
    write(20)
    sealer.run_once()
    attacked("UPDATE ledger_log SET leaf = zeroblob(32) WHERE position = 12")
    with pytest.raises(LogForked, match="damaged at position 12"):
        sealer.run_once()


@pytest.mark.tampers
def test_r2_a_cut_tail_under_a_running_sealer_is_not_signed(
    attacked: Callable[[str], None],
) -> None:
    write(20)
    one = sealer.from_settings()
    one.seal()
    attacked("DELETE FROM ledger_log WHERE position >= 15")
    write(1, unit="CF-09")
    with pytest.raises((LogRolledBack, LogForked)):
        one.seal()


@pytest.mark.tampers
def test_r2_an_altered_tile_is_named(attacked: Callable[[str], None]) -> None:
    write(300)
    sealer.run_once()
    attacked("UPDATE ledger_tile SET hashes = zeroblob(8192)")
    with pytest.raises(LogForked, match="Tile 0/0 of epoch 1"):
        sealer.run_once()


def test_r2_an_outside_store_that_went_back_in_time_is_noticed(database: Database) -> None:
    """Given a copy of the outside store, when the old copy is put back, then nothing is signed."""
    write(3)
    sealer.run_once()
    path = Path(settings.LOTBOOK_OUTSIDE)
    old = path.read_bytes()
    write(3, expected=3)
    sealer.run_once()
    path.write_bytes(old)
    with pytest.raises(OutsideRolledBack, match="must never be restored"):
        sealer.run_once()
    path.unlink()
    with pytest.raises(OutsideRolledBack, match="holds nothing"):
        sealer.run_once()


# The process around it.


def test_the_loop_says_why_it_does_not_sign_and_goes_on_when_it_may(database: Database) -> None:
    import threading

    loop = sealing.Loop(threading.Event())
    write(3)
    loop.turn()
    assert (loop.held.size if loop.held else 0) == 4
    path = Path(settings.LOTBOOK_OUTSIDE)
    aside = path.with_name("aside")
    path.rename(aside)
    loop._forget()
    loop.turn()
    loop.beat(state="refusing", always=True)
    beat = sealing.heartbeat()
    assert beat["state"] == "refusing"
    assert "must never be restored" in beat["sentence"]
    aside.rename(path)
    write(1, expected=3)
    loop.turn()
    loop.beat(state="sealing", always=True)
    assert sealing.heartbeat()["sentence"] == ""
    assert sealing.heartbeat()["size"] == 5


def test_a_caller_can_wait_until_its_event_is_sealed(database: Database) -> None:
    event = laboratory.append("CF-02", expected=0, texts=["Released."]).events[0]
    assert not sealer.wait_sealed(event.id, timeout=0.05)
    sealer.run_once()
    assert sealer.wait_sealed(event.id, timeout=0.05)


def test_r3_sigterm_ends_run_sealer_with_everything_sealed(database: Database) -> None:
    import signal
    import time

    process = database.start("run_sealer")
    try:
        event = laboratory.append("CF-02", expected=0, texts=["Released."]).events[0]
        assert sealer.wait_sealed(event.id, timeout=30)
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) == 0
        assert time.monotonic() - began < 10
    finally:
        process.kill()
    assert sealing.heartbeat()["state"] == "stopped"
    assert_sealed_and_whole()


def test_a_queue_longer_than_one_checkpoint_is_sealed_step_by_step(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealer, "MOST_AT_ONCE", 100)
    write(350)
    sealer.run_once()
    assert Checkpoint.objects.count() >= 4
    assert LogEntry.objects.count() == 351
    assert_sealed_and_whole()
