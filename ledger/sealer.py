"""The sealer: signs the log's growth, and only its growth, and keeps the seals outside.

The order of the steps is what makes a crash between any two of them harmless: positions are
committed, then the checkpoint is signed, then it is stored outside by compare-and-swap (from there
on it exists), then its tiles and its row go into the database. What is missing there after a
crash is made again when the sealer opens.
"""

import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from typing import NoReturn
from uuid import UUID

from django.conf import settings
from django.db import transaction

from ledger import epochs, log, sequencer, store
from ledger.keyring import Keyring
from ledger.log import EpochRow, Line
from ledger.models import Checkpoint, Tile
from ledger.note import sign_checkpoint
from ledger.outside import Held, Outside
from ledger.reading import Unreadable
from ledger.tiles import HASH, FullTile, Growing
from ledger.verify import key_change_holds

KEY_CHANGED = b"ledger.checkpoint_key_changed/"
MOST_AT_ONCE = 20_000  # entries under one checkpoint, so that a long queue is sealed step by step


class SealingRefused(Exception):
    """Why the sealer does not sign, as a sentence that says what to do."""


class LogRolledBack(SealingRefused):
    """The database holds less than was signed: it was restored from a backup, or cut."""


class LogForked(SealingRefused):
    """The database holds something else than what was signed."""


class KeyChangeRefused(SealingRefused):
    """The database names a next key that nobody prepared beside the key that signs."""


class OutsideRolledBack(SealingRefused):
    """The outside store holds less than was signed: it was restored or replaced."""


@dataclass(frozen=True, slots=True)
class _Owed:
    """What is stored outside and still has to go into the database."""

    held: Held
    full: list[FullTile]


class Sealer:
    """Holds the tree of the current epoch. One per process; two at once are harmless."""

    def __init__(self, outside: Outside, keyring: Keyring, *, using: str = "sealer") -> None:
        self.outside = outside
        self.keyring = keyring
        self.using = using
        self.held: Held | None = None
        self._epoch: EpochRow | None = None
        self._tree = Growing()
        self._last_leaf = b""
        self._second_key: str | None = None
        self._owed: list[_Owed] = []

    def forget(self) -> None:
        """Read everything again before the next signature."""
        self._epoch = None

    def open(self, *, new_epoch: bool = False) -> None:
        """Hash the epoch again from its entries and compare it with what is held outside.

        `new_epoch` says that a person has just begun one, which is then not yet held outside.
        """
        self._owed = []
        self.held = self.outside.latest()
        self._refuse_newer_seals()
        epoch = self._find_epoch(new_epoch)
        self._tree, self._last_leaf = Growing(), b""
        held = self.held if self.held and self.held.epoch == epoch.number else None
        full = self._read(epoch, held.size if held else 0)
        if held:
            self._compare(epoch, held)
            self._repair(held, full)
        self._epoch = epoch

    def seal(self) -> Held | None:
        """Give positions, sign what has grown, store it outside, then here. None: nothing new."""
        if self._epoch is None:
            self.open()
        assert self._epoch is not None  # noqa: S101 - open() has set it, for the type checker
        self._pay()
        sequencer.sequence_all(at_most=MOST_AT_ONCE, using=self.using)
        lines = self._new_lines(self._epoch)
        if not lines:
            return None
        next_key = self._next_key(lines[-1])
        held, tree, full = self._sign(self._epoch, lines)
        leaves = b"".join(line.leaf for line in lines)
        self.outside.store(held, after=self.held, leaves=leaves)
        # From here on the checkpoint exists, whatever becomes of the database.
        self.held, self._tree, self._last_leaf = held, tree, lines[-1].leaf
        self._owed.append(_Owed(held, full))
        self._pay()
        if next_key is not None:
            self.keyring.follow(next_key, second=self._second_key)
        return held

    def _find_epoch(self, new_epoch: bool) -> EpochRow:
        """The database's newest epoch, if it is the one held outside."""
        present = log.epochs(using=self.using)
        held = self.held
        if held is None:
            if not log.end(using=self.using):
                epochs.begin_first(
                    name=self.outside.name, keys=self.keyring.signers(), using=self.using
                )
                present = log.epochs(using=self.using)
            return present[-1]
        if not present or present[-1].number < held.epoch:
            raise LogRolledBack(
                f"{held.size} entries of epoch {held.epoch} were signed, and the database knows"
                " nothing of that epoch: it was restored from a backup or emptied. If you restored"
                " it on purpose, run: manage.py begin_epoch --reason '...'"
            )
        if present[-1].number > held.epoch and not new_epoch:
            self._begun_and_not_sealed(present[-1])
        if present[-1].number == held.epoch and present[-1].origin != held.origin:
            raise LogForked(
                f"The database calls epoch {held.epoch} {present[-1].origin}, but it was signed"
                f" as {held.origin}."
            )
        return present[-1]

    def _begun_and_not_sealed(self, begun: EpochRow) -> NoReturn:
        """Only what agrees with the outside store may be finished, and only by a person."""
        try:
            found = epochs.confirm(
                self.outside, begun, keys=self.keyring.signers(), using=self.using
            )
        except epochs.EpochRefused as error:
            raise LogForked(str(error)) from error
        raise LogForked(
            f"The database has begun epoch {begun.number}, which nobody has sealed: it says that"
            f" {found.lost} signed entries are lost. If you began it, run manage.py begin_epoch"
            " again to finish; if nobody did, the log was rewritten: keep the database as it is"
            " and have it examined."
        )

    def _read(self, epoch: EpochRow, size: int) -> list[FullTile]:
        """Grow the tree over the signed entries, hashed again, and learn which key signs next."""
        full: list[FullTile] = []
        first = next(self._checked(epoch, first=0, limit=1), None)
        if first is None:
            raise _rolled_back(epoch, 0, self.held)
        began = self._key_event(first).data
        key, self._second_key = began.key, began.second_key
        for line in self._checked(epoch, first=0, limit=size):
            full += self._tree.extend([line.leaf])
            self._last_leaf = line.leaf
            if _changes_key(line):
                key = self._key_event(line).data.new
        self.keyring.follow(key, second=self._second_key)
        return full

    def _checked(self, epoch: EpochRow, *, first: int, limit: int) -> Iterator[Line]:
        """The epoch's entries from a tree index on: contiguous, their leaves hashed again."""
        expected = epoch.start + first
        for line in log.lines(expected, limit=limit, using=self.using):
            leaf = sha256(b"\0" + line.entry).digest()
            if line.position != expected or leaf != line.leaf:
                raise LogForked(
                    f"The log is damaged at position {expected}: the entry there is missing or"
                    " does not match its leaf hash. Nothing is signed. Run manage.py"
                    " verify_ledger, then restore the last good backup."
                )
            expected += 1
            yield line

    def _key_event(self, line: Line) -> store.Recorded:
        with suppress(*Unreadable):
            found = store.event(line.event_id, using=self.using)
            if found is not None:
                return found
        raise LogForked(
            f"The event of position {line.position} is missing or cannot be read. Nothing is"
            " signed. Restore the last good backup."
        )

    def _next_key(self, line: Line) -> str | None:
        """The key that signs after this entry, if the entry changes it: a key prepared here.

        Whoever can write to the database must not be able to hand the log to a key of his own.
        """
        if not _changes_key(line):
            return None
        event, ring = self._key_event(line), self.keyring
        old, new = event.data.old, event.data.new
        proved = key_change_holds({"old": old, "new": new, "proof": event.data.proof})
        if old == ring.vkey and new != old and proved and ring.is_ready(new):
            return str(new)
        raise KeyChangeRefused(
            f"The event at position {line.position} passes the log from the key {old} to {new},"
            " and these are not the keys here. Nothing is signed. If you changed the key, put"
            f" the first at {ring.path} and the second at {ring.next_path}. If nobody did, somebody"
            " wrote into the database: keep a copy of it to be examined, restore the last backup"
            f" from before {event.recorded_at:%Y-%m-%d %H:%M:%S} UTC and, if the sealer then says"
            " so, run: manage.py begin_epoch --reason '...'"
        )

    def _compare(self, epoch: EpochRow, held: Held) -> None:
        if self._tree.size < held.size:
            raise _rolled_back(epoch, self._tree.size, held)
        if self._tree.root() != held.root:
            raise LogForked(
                f"The entry at position {epoch.start + self._first_difference(epoch, held)} is not"
                " the one that was signed: the log was rewritten. Nothing is signed. Keep this"
                " database for examination, restore the last good backup and run manage.py"
                " begin_epoch --reason '...'"
            )

    def _first_difference(self, epoch: EpochRow, held: Held) -> int:
        signed = self.outside.leaves(epoch=held.epoch)
        for index, line in enumerate(self._checked(epoch, first=0, limit=held.size)):
            if line.leaf != signed[index * HASH : (index + 1) * HASH]:
                return index
        return held.size

    def _refuse_newer_seals(self) -> None:
        """A checkpoint in the database beyond the outside store: that store went back in time."""
        newest = (
            Checkpoint.objects.using(self.using).order_by("-epoch", "-size").only("epoch", "size")
        ).first()
        held = self.held
        if newest is None or (
            held is not None and (newest.epoch, newest.size) <= (held.epoch, held.size)
        ):
            return
        holds = "nothing" if held is None else f"checkpoint {held.epoch}/{held.size}"
        raise OutsideRolledBack(
            f"The database has a checkpoint {newest.epoch}/{newest.size}, but the outside store"
            f" {self.outside.path} holds {holds}: it was replaced or restored from a backup."
            " Nothing is signed. Put the newest outside store back; it must never be restored. If"
            " it is lost for good: manage.py begin_epoch --outside-lost --reason '...'"
        )

    def _repair(self, held: Held, full: list[FullTile]) -> None:
        """Write what a crash kept out of the database; a stored tile must match the entries."""
        stored = Tile.objects.using(self.using).filter(epoch=held.epoch)
        standing = {(t.level, t.index): bytes(t.hashes) for t in stored.iterator(chunk_size=200)}
        missing = []
        for tile in full:
            hashes = standing.get((tile.level, tile.index))
            if hashes is None:
                missing.append(tile)
            elif hashes != tile.hashes:
                raise LogForked(
                    f"Tile {tile.level}/{tile.index} of epoch {held.epoch} does not match the"
                    " log's entries: it was altered. Nothing is signed. Restore the last good"
                    " backup."
                )
        self._owed.append(_Owed(held, missing))
        self._pay()

    def _new_lines(self, epoch: EpochRow) -> list[Line]:
        """What has grown since the last seal; the last sealed entry must still be there."""
        size = self._tree.size
        found = self._checked(epoch, first=max(0, size - 1), limit=MOST_AT_ONCE)
        if size:
            last = next(found, None)
            if last is None or last.leaf != self._last_leaf:
                self._lost_its_end(epoch)
        lines: list[Line] = []
        for line in found:
            lines.append(line)
            if _changes_key(line):
                break  # the old key's last checkpoint ends here
        return lines

    def _lost_its_end(self, epoch: EpochRow) -> NoReturn:
        raise LogRolledBack(
            f"The entry at position {epoch.start + self._tree.size - 1}, the last one signed, is"
            " no longer in the database: it was restored or rewritten while the sealer ran."
            " Nothing is signed."
        )

    def _sign(self, epoch: EpochRow, lines: list[Line]) -> tuple[Held, Growing, list[FullTile]]:
        tree = self._tree.copy()
        full = tree.extend(line.leaf for line in lines)
        root = tree.root()
        note = sign_checkpoint(
            epoch.origin,
            size=tree.size,
            root=root,
            keys=self.keyring.signers(),
            time=int(time.time()),
        )
        held = Held(epoch.number, epoch.origin, tree.size, root, note.decode())
        return held, tree, full

    def _pay(self) -> None:
        """Put what is stored outside into the database too; what fails is tried again."""
        while self._owed:
            owed = self._owed[0]
            _write(owed.held, owed.full, using=self.using)
            self._owed.pop(0)


def _changes_key(line: Line) -> bool:
    return any(kind.startswith(KEY_CHANGED) for kind in line.entry.split(b"\n")[4:5])


def _rolled_back(epoch: EpochRow, size: int, held: Held | None) -> LogRolledBack:
    signed = held.size if held else 1
    return LogRolledBack(
        f"The database holds {size} entries of epoch {epoch.number}, but {signed} were signed: it"
        " was restored from a backup, or its end was cut off. Nothing is signed. If you restored"
        " it on purpose, run: manage.py begin_epoch --reason '...'"
    )


def _write(held: Held, full: list[FullTile], *, using: str) -> None:
    """The checkpoint and its new tiles, in one transaction; again is harmless."""
    number = held.epoch
    tiles = [
        Tile(
            id=f"{number}/{tile.level}/{tile.index}",
            epoch=number,
            level=tile.level,
            index=tile.index,
            hashes=tile.hashes,
        )
        for tile in full
    ]
    row = Checkpoint(
        id=f"{number}/{held.size}", epoch=number, size=held.size, root=held.root, note=held.note
    )
    with transaction.atomic(using=using):
        Tile.objects.using(using).bulk_create(tiles, batch_size=200, ignore_conflicts=True)
        Checkpoint.objects.using(using).bulk_create([row], ignore_conflicts=True)


def from_settings(*, key_lost: bool = False, using: str = "sealer") -> Sealer:
    """The sealer of this installation; with a new key if the log's was lost and none is there."""
    outside = Outside(settings.LOTBOOK_OUTSIDE, name=settings.LOTBOOK_ORIGIN)
    never = outside.latest() is None and not Checkpoint.objects.using(using).exists()
    return Sealer(outside, Keyring.from_settings(fresh=never or key_lost), using=using)


def run_once() -> Held | None:
    """Seal everything that is committed now, in this process; the newest checkpoint."""
    sealer = from_settings()
    try:
        while sealer.seal() is not None:
            pass
        return sealer.held
    finally:
        sealer.outside.close()


def is_sealed(event_id: UUID, *, using: str = "default") -> bool:
    """Whether a signed checkpoint covers the event."""
    key = event_id if _is_postgres(using) else event_id.hex
    found = log.rows(using, "SELECT position FROM ledger_log WHERE event_id = %s", [key])
    if not found:
        return False
    epoch = log.epoch_of(found[0][0], using=using)
    if epoch is None:
        return False
    sealed = Checkpoint.objects.using(using).filter(
        epoch=epoch.number, size__gt=found[0][0] - epoch.start
    )
    return sealed.exists()


def wait_sealed(event_id: UUID, *, timeout: float = 5.0, using: str = "default") -> bool:
    """Wait for the sealer to cover the event; False when it has not within the time."""
    deadline = time.monotonic() + timeout
    while not is_sealed(event_id, using=using):
        if time.monotonic() >= deadline:
            return False
        time.sleep(0.02)
    return True


def _is_postgres(using: str) -> bool:
    from django.db import connections

    return connections[using].vendor == "postgresql"
