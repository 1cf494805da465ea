"""The outside store: what it keeps it keeps, and only the next checkpoint may be added (R2)."""

import sqlite3
import threading
from pathlib import Path

import pytest

from ledger.outside import Held, Outside, OutsideMoved, OutsideWrong

NAME = "lab.example"


def held(size: int, *, epoch: int = 1, root: int = 1) -> Held:
    return Held(epoch, f"{NAME}/{epoch}", size, bytes([root]) * 32, f"note {epoch}/{size}\n")


def leaves(first: int, last: int) -> bytes:
    return b"".join(index.to_bytes(32, "big") for index in range(first, last))


@pytest.fixture
def outside(tmp_path: Path) -> Outside:
    return Outside(tmp_path / "safe" / "seals.sqlite3", name=NAME)


def test_a_new_store_holds_nothing(outside: Outside) -> None:
    assert outside.latest() is None
    assert outside.leaves(epoch=1) == b""


def test_checkpoints_and_leaves_come_back_as_stored(outside: Outside) -> None:
    first, second = held(3), held(10)
    outside.store(first, after=None, leaves=leaves(0, 3))
    outside.store(second, after=first, leaves=leaves(3, 10))
    assert outside.latest() == second
    assert list(outside.history(epoch=1)) == [first, second]
    assert outside.at(epoch=1, size=3) == first
    assert outside.leaves(epoch=1) == leaves(0, 10)
    assert outside.leaves(epoch=1, first=2, last=5) == leaves(2, 5)
    assert outside.leaves(epoch=1, first=4, last=5) == leaves(4, 5)


def test_a_swap_from_an_old_state_is_refused_and_stores_nothing(outside: Outside) -> None:
    first, second = held(3), held(10)
    outside.store(first, after=None, leaves=leaves(0, 3))
    outside.store(second, after=first, leaves=leaves(3, 10))
    with pytest.raises(OutsideMoved, match="another sealer"):
        outside.store(held(12), after=first, leaves=leaves(3, 12))
    with pytest.raises(OutsideMoved):
        outside.store(held(12), after=held(10, root=2), leaves=leaves(10, 12))
    assert outside.latest() == second
    assert outside.leaves(epoch=1) == leaves(0, 10)


def test_the_log_may_not_shrink_and_leaves_must_fit(outside: Outside) -> None:
    first = held(3)
    outside.store(first, after=None, leaves=leaves(0, 3))
    with pytest.raises(OutsideWrong):
        outside.store(held(3, root=2), after=first, leaves=b"")
    with pytest.raises(OutsideWrong):
        outside.store(held(5), after=first, leaves=leaves(3, 4))
    assert outside.latest() == first


def test_a_new_epoch_starts_its_leaves_anew(outside: Outside) -> None:
    old, new = held(3), held(2, epoch=2)
    outside.store(old, after=None, leaves=leaves(0, 3))
    outside.store(new, after=old, leaves=leaves(7, 9))
    assert outside.latest() == new
    assert outside.latest(epoch=1) == old
    assert outside.leaves(epoch=2) == leaves(7, 9)


def test_two_sealers_on_one_store_exactly_one_wins(tmp_path: Path) -> None:
    outcomes: list[str] = []
    start = threading.Barrier(4)

    def seal(number: int) -> None:
        store = Outside(tmp_path / "seals.sqlite3", name=NAME)
        start.wait()
        try:
            store.store(held(number + 1), after=None, leaves=leaves(0, number + 1))
            outcomes.append("stored")
        except OutsideMoved:
            outcomes.append("moved")

    threads = [threading.Thread(target=seal, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["moved", "moved", "moved", "stored"]


@pytest.mark.parametrize("table", ["log", "checkpoint", "leaves"])
def test_r1_the_store_itself_refuses_update_and_delete(outside: Outside, table: str) -> None:
    outside.store(held(1), after=None, leaves=leaves(0, 1))
    other = sqlite3.connect(outside.path)
    column = "name" if table == "log" else "epoch"
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        other.execute(f"UPDATE {table} SET {column} = 9")
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        other.execute(f"DELETE FROM {table}")


def test_the_store_of_another_log_is_not_used(outside: Outside) -> None:
    with pytest.raises(OutsideWrong, match=r"belongs to the log lab\.example"):
        Outside(outside.path, name="other.example")


def test_a_reader_reads_and_writes_nothing(outside: Outside) -> None:
    outside.store(held(1), after=None, leaves=leaves(0, 1))
    reader = Outside(outside.path, name=NAME, read_only=True)
    assert reader.latest() == held(1)
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        reader.store(held(2), after=held(1), leaves=leaves(1, 2))
    assert outside.latest() == held(1)


def test_a_reader_makes_no_store(tmp_path: Path) -> None:
    with pytest.raises(OutsideWrong, match=r"cannot be opened .*Check that it is there"):
        Outside(tmp_path / "safe" / "seals.sqlite3", name=NAME, read_only=True)
    assert not (tmp_path / "safe").exists()


def test_a_file_that_is_no_store_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "seals.sqlite3").write_bytes(b"not a database" * 100)
    with pytest.raises(OutsideWrong, match="not a readable outside store"):
        Outside(tmp_path / "seals.sqlite3", name=NAME, read_only=True)
