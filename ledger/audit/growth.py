"""The log's trees grown again, epoch by epoch; tiles, checkpoints, outside leaves meet them."""

from collections.abc import Iterator
from typing import Any

from ledger.audit.facts import Epoch, previous_tree_fault, signed_tree_fault
from ledger.audit.marks import Mark, Marks, marks_in_database, marks_outside
from ledger.audit.report import Report
from ledger.audit.snapshot import Snapshot
from ledger.audit.tree import HEIGHT, Tree
from ledger.outside import HASH, Held, Outside

WINDOW = 8192  # outside leaf hashes read at a time


class Tiles:
    """The stored tiles of one epoch, met as the tree fills them."""

    def __init__(self, report: Report, snapshot: Snapshot, epoch: int, sealed: int) -> None:
        self._report = report
        self._snapshot = snapshot
        self._epoch = epoch
        self._sealed = sealed
        self._levels: dict[int, Iterator[tuple[Any, ...]]] = {}
        self._next: dict[int, tuple[Any, ...] | None] = {}

    def meet(self, level: int, index: int, hashes: bytes) -> None:
        """A tile is full."""
        stored = self._take(level, index)
        if stored is None:
            if (index + 1) << (HEIGHT * (level + 1)) <= self._sealed:
                self._found(level, index, "This tile is missing.")
        elif stored[0] != f"{self._epoch}/{level}/{index}":
            self._found(level, index, "The row's id is not its epoch, level and index.")
        elif stored[2] != hashes:
            self._found(level, index, "Its hashes are not those of the entries.")

    def _take(self, level: int, index: int) -> tuple[Any, ...] | None:
        if level not in self._levels:
            self._levels[level] = self._snapshot.rows(
                'SELECT id, "index", hashes FROM ledger_tile WHERE epoch = %s AND level = %s'
                ' ORDER BY "index"',
                [self._epoch, level],
            )
            self._next[level] = next(self._levels[level], None)
        while (found := self._next[level]) is not None and found[1] <= index:
            self._next[level] = next(self._levels[level], None)
            if found[1] == index:
                return found
            self._found(level, found[1], "There should be no such tile.")
        return None

    def finish(self) -> None:
        """Tiles that no entries fill."""
        rows = self._snapshot.rows(
            'SELECT level, "index" FROM ledger_tile WHERE epoch = %s', [self._epoch]
        )
        for level, index in rows:
            ahead = self._next.get(level)
            if level not in self._levels or (ahead is not None and index >= ahead[1]):
                self._found(level, index, "No entries fill this tile.")

    def _found(self, level: int, index: int, sentence: str) -> None:
        self._report.found(f"ledger_tile {self._epoch}/{level}/{index}", sentence)


class Growth:
    """Takes the leaves in order and grows one tree per epoch."""

    def __init__(
        self, report: Report, snapshot: Snapshot, epochs: list[Epoch], outside: Outside | None
    ) -> None:
        self._report, self._snapshot, self._outside = report, snapshot, outside
        # Asked before the snapshot's checkpoints are read: what is sealed later is not missed.
        self._newest: Held | None = outside.latest() if outside else None
        self._epochs, self._waiting = epochs, list(epochs)
        self._epoch: Epoch | None = None
        self._tree = Tree()
        self._differing = 0
        self._unknown: list[tuple[Epoch, list[Mark]]] = []

    def take(self, position: int, leaf: bytes) -> None:
        """The next leaf, hashed from the entry."""
        while self._waiting and self._waiting[0].start <= position:
            self._open(self._waiting.pop(0))
        if self._epoch is None:
            self._report.found("ledger_log", "It belongs to no epoch.", position=position)
            return
        tree = self._tree
        if self._outside is not None:
            self._compare_outside(position, leaf)
        tree.push(leaf)
        if tree.full:
            for full in tree.full:
                self._tiles.meet(*full)
            tree.full.clear()
        if tree.size == self._marks.next_size:
            self._marks.meet(tree.size, tree.root(), position)

    def _open(self, epoch: Epoch) -> None:
        before, size = self._epoch, self._tree.size
        if before is not None:
            self._close(next_epoch=True)
            # What its first entry must say of the old tree; judged when all is read.
            epoch.follows = (before, size, self._tree.root())
        self._epoch, self._tree = epoch, Tree()
        self._chunk, self._chunk_first = b"", 0
        self._differing = 0
        inside = marks_in_database(self._snapshot, epoch.number, epoch.origin)
        outside = None
        if self._outside is not None and self._newest is not None:
            outside = marks_outside(self._outside.history(epoch=epoch.number), self._newest)
        elif self._outside is not None:
            outside = iter(())
        self._marks = Marks(self._report, inside=inside, outside=outside, keys=epoch.keys)
        sealed = self._snapshot.rows(
            "SELECT coalesce(max(size), 0) FROM ledger_checkpoint WHERE epoch = %s", [epoch.number]
        )
        self._tiles = Tiles(self._report, self._snapshot, epoch.number, next(sealed)[0])

    def _compare_outside(self, position: int, leaf: bytes) -> None:
        """Name the very entry that is not the one that was sealed."""
        assert self._outside is not None and self._epoch is not None  # noqa: S101
        index = position - self._epoch.start
        if index >= self._chunk_first + len(self._chunk) // HASH:
            if self._chunk_first and not self._chunk:
                return  # beyond what is sealed
            self._chunk_first = index
            self._chunk = self._outside.leaves(
                epoch=self._epoch.number, first=index, last=index + WINDOW
            )
            if not self._chunk:
                self._chunk_first = max(index, 1)
                return
        at = (index - self._chunk_first) * HASH
        sealed = self._chunk[at : at + HASH]
        if sealed and sealed != leaf:
            self._differing += 1
            if self._differing <= 20:
                self._report.found(
                    f"ledger_log {position}",
                    "This is not the entry that was sealed at this position.",
                    position=position,
                )

    def _close(self, *, next_epoch: bool) -> None:
        assert self._epoch is not None  # noqa: S101
        self._marks.finish(size=self._tree.size, start=self._epoch.start, next_epoch=next_epoch)
        self._tiles.finish()
        self._unknown.append((self._epoch, self._marks.unknown))
        self._report.sealed += self._tree.size if next_epoch else self._marks.sealed

    def finish(self) -> None:
        """The log has ended: what is still expected is missing."""
        for epoch in self._waiting:
            self._report.found(f"ledger_epoch {epoch.number}", "The log holds no entry of it.")
        if self._epoch is not None:
            self._close(next_epoch=False)
        if self._newest is not None:
            self._newest_epoch(self._newest)
            for number in range(1, self._newest.epoch):
                self._account_for(number)
        for epoch, marks in self._unknown:
            self._not_outside(epoch, marks)

    def _not_outside(self, epoch: Epoch, marks: list[Mark]) -> None:
        """Checkpoints that the database alone holds. They are genuine, or were found already."""
        begun = [e for e in self._epochs if e.number > epoch.number and _nothing_lost(e)]
        if marks and begun:
            self._report.notes.append(
                f"{len(marks)} checkpoints of epoch {epoch.number} are in the database alone: the"
                f" outside store was lost, and epoch {begun[0].number} was begun after it."
            )
            return
        for mark in marks:
            self._report.found(mark.row, "The outside store does not know this checkpoint.")

    def _newest_epoch(self, newest: Held) -> None:
        """The log's newest epoch is the one sealed last: its seals vouch for all before it."""
        last = self._epoch
        if last is None or newest.epoch > last.number:
            self._report.found(
                f"outside checkpoint {newest.epoch}/{newest.size}",
                f"Epoch {newest.epoch} was sealed with {newest.size} entries, and the database"
                " knows nothing of it: it was restored from a backup, or emptied.",
                position=self._report.entries,
            )
        elif last.number > newest.epoch:
            self._report.found(
                f"ledger_epoch {last.number}",
                f"Epoch {last.number} was begun here and never sealed; outside, epoch"
                f" {newest.epoch} with {newest.size} entries is the newest. If nobody restored a"
                " backup and began it, the log was rewritten from here on.",
                position=last.start,
            )

    def _account_for(self, number: int) -> None:
        """A tree that was sealed before the newest: a later epoch must say the same of it."""
        assert self._outside is not None  # noqa: S101
        held = self._outside.latest(epoch=number)
        if held is None:
            return
        fault = signed_tree_fault(held, self._epochs)
        if fault:
            later = next((e.start for e in self._epochs if e.number > number), -1)
            self._report.found(f"outside checkpoint {number}/{held.size}", fault, position=later)


def _nothing_lost(epoch: Epoch) -> bool:
    """Whether a person began it after a loss outside the database: nothing in here was lost."""
    return epoch.previous is not None and epoch.previous.get("lost") == 0


def follow_faults(report: Report, epochs: list[Epoch]) -> None:
    """Each later epoch must answer for the tree before it."""
    for epoch in epochs:
        if not epoch.told:
            report.found(
                f"ledger_epoch {epoch.number}",
                "No entry of the log begins it.",
                position=epoch.start,
            )
        else:
            try:
                fault = previous_tree_fault(epoch)
            except (KeyError, TypeError, ValueError) as error:
                fault = f"What it says of the tree before cannot be read: {error!r}."
            if fault:
                report.found(f"ledger_epoch {epoch.number}", fault, position=epoch.start)
