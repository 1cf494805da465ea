"""Checkpoints against the tree grown again: those in the database and those kept outside it."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from ledger.audit.report import Report
from ledger.audit.snapshot import Snapshot
from ledger.outside import Held
from ledger.verify import (
    COSIGNATURE,
    ED25519,
    ML_DSA_44,
    BadNote,
    VerifierKey,
    cosigned_message,
    cosigned_text,
    ml_dsa_44_verify,
    parse_checkpoint,
    parse_note,
    parse_vkey,
)


@dataclass(frozen=True, slots=True)
class Mark:
    """A checkpoint: what it says, where it stands."""

    epoch: int
    origin: str
    size: int
    root: bytes
    note: str
    row: str


@dataclass(slots=True)
class LogKeys:
    """Which key signs an epoch's checkpoints: the first, and each later one from a size on."""

    ed25519: list[tuple[int, str]] = field(default_factory=list)  # (signs sizes above, vkey)
    second: str | None = None
    newest: int = 0  # the size of the newest checkpoint that these keys have signed
    last: set[int] = field(
        default_factory=set
    )  # sizes at which the key given up signed a last time

    def signed(self, size: int) -> None:
        """The checkpoint of this size is signed by its keys, and the entries lead to its root."""
        self.newest = max(self.newest, size)
        if any(above == size for above, _ in self.ed25519):
            self.last.add(size)

    def follow(self, known: set[str]) -> bool:
        """Whether a known key vouches for the newest checkpoint; `known` grows on the way.

        A key vouches for the next one only by signing the checkpoint that ends with the change.
        """
        for (_, old), (above, new) in pairwise(self.ed25519):
            if old in known and above in self.last:
                known.add(new)
        return self.newest > 0 and not known.isdisjoint(self.at(self.newest)[:1])

    def at(self, size: int) -> list[str]:
        """The keys that must have signed the checkpoint of a size."""
        named = [vkey for above, vkey in self.ed25519 if size > above]
        return [*named[-1:], *([self.second] if self.second else [])]


def marks_in_database(snapshot: Snapshot, epoch: int, origin: str) -> Iterator[Mark]:
    """The rows of ledger_checkpoint of one epoch, smallest first."""
    rows = snapshot.rows(
        "SELECT id, epoch, size, root, note FROM ledger_checkpoint WHERE epoch = %s ORDER BY size",
        [epoch],
    )
    for name, number, size, root, note in rows:
        yield Mark(number, origin, size, root, note, f"ledger_checkpoint {name}")


def marks_outside(history: Iterator[Held], upto: Held) -> Iterator[Mark]:
    """The checkpoints of one epoch in the outside store, up to the newest when we began."""
    for held in history:
        if (held.epoch, held.size) <= (upto.epoch, upto.size):
            row = f"outside checkpoint {held.epoch}/{held.size}"
            yield Mark(held.epoch, held.origin, held.size, held.root, held.note, row)


class Marks:
    """The checkpoints of one epoch, met one after the other as the tree grows."""

    def __init__(
        self,
        report: Report,
        *,
        inside: Iterator[Mark],
        outside: Iterator[Mark] | None,
        keys: LogKeys,
    ) -> None:
        self._report = report
        self._inside, self._outside = inside, outside
        self._keys = keys
        self._here = next(inside, None)
        self._there = None if outside is None else next(outside, None)
        self._broken = False
        self.unknown: list[Mark] = []  # genuine, and not in the outside store
        self.next_size = -1
        self.sealed = 0
        self._look_ahead()

    def _look_ahead(self) -> None:
        sizes = [mark.size for mark in (self._here, self._there) if mark is not None]
        self.next_size = min(sizes, default=-1)

    def meet(self, size: int, root: bytes, position: int) -> None:
        """The tree has reached the size of the next checkpoint; it ends at this position."""
        here, there = self._here, self._there
        if here is not None and here.size == size:
            self._check(here, root, position)
            self._here = next(self._inside, None)
        else:
            here = None
        if there is not None and there.size == size:
            self._root(there, root, position)
            self._there = next(self._outside, None) if self._outside is not None else None
        else:
            there = None
        self._pair(here, there)
        self.sealed = size
        self._look_ahead()

    def _check(self, mark: Mark, root: bytes, position: int) -> None:
        self._report.checkpoints += 1
        if f"ledger_checkpoint {mark.epoch}/{mark.size}" != mark.row:
            self._wrong(mark, "The row's id is not its epoch and size.")
        began = time.process_time()
        try:
            check_log_note(mark, self._keys.at(mark.size))
            if mark.root == root:
                self._keys.signed(mark.size)
        except (BadNote, ValueError, TypeError, AttributeError) as error:
            self._wrong(mark, str(error))
        self._report.signature_seconds += time.process_time() - began
        self._root(mark, root, position)

    def _root(self, mark: Mark, root: bytes, position: int) -> None:
        if mark.root != root and not self._broken:
            self._broken = True
            self._report.found(
                mark.row,
                f"The entries up to position {position} do not lead to its root: something at or"
                " before that position was changed.",
            )

    def _pair(self, here: Mark | None, there: Mark | None) -> None:
        if self._outside is None:
            return
        if here is not None and there is not None:
            if (here.note, here.root) != (there.note, there.root):
                self._wrong(here, "It is not the checkpoint that was stored outside.")
        elif here is not None:
            self.unknown.append(here)
        elif there is not None:
            self._wrong(there, "The database has lost this checkpoint.")

    def finish(self, *, size: int, start: int, next_epoch: bool) -> None:
        """The log has ended at `size`. What was signed beyond that is missing here.

        Outside checkpoints beyond it are left to a new epoch, which must account for them.
        """
        for mark in self._rest(self._here, self._inside):
            self._beyond(mark, size, start)
        if not next_epoch:
            for mark in list(self._rest(self._there, self._outside or iter(())))[-1:]:
                self._beyond(mark, size, start)

    def _rest(self, first: Mark | None, rest: Iterator[Mark]) -> Iterator[Mark]:
        if first is not None:
            yield first
            yield from rest

    def _beyond(self, mark: Mark, size: int, start: int) -> None:
        self._report.found(
            mark.row,
            f"It was signed over {mark.size} entries; the database holds {size} of this epoch:"
            " its end was cut off, or it was restored from a backup.",
            position=start + size,
        )

    def _wrong(self, mark: Mark, sentence: str) -> None:
        self._report.found(mark.row, sentence)


def check_log_note(mark: Mark, vkeys: list[str]) -> None:
    """Raise BadNote unless the note says what the row says, signed by exactly the log's keys."""
    note = parse_note(mark.note.encode("utf-8"))
    said = parse_checkpoint(note.text)
    if (said.origin, said.size, said.root) != (mark.origin, mark.size, mark.root):
        raise BadNote("The note says another origin, size or root than its row.")
    if note.text.count(b"\n") != 3:
        raise BadNote("The note has lines beyond origin, size and root.")
    expected = [parse_vkey(vkey) for vkey in vkeys]
    signers = [(line.name, line.id) for line in note.signatures]
    if not expected or signers != [(key.name, key.id) for key in expected]:
        raise BadNote("The note is not signed by exactly the keys that the log names.")
    for key, line in zip(expected, note.signatures, strict=True):
        if signature_holds(key, note.text, line.value) is False:
            raise BadNote(f"The signature of {key.name}+{key.id.hex()} is wrong.")


def signature_holds(key: VerifierKey, text: bytes, value: bytes) -> bool:
    """Whether a key's signature on a note's text holds (quick: with `cryptography`)."""
    if key.kind == ML_DSA_44:
        message = cosigned_message(
            key.name, int.from_bytes(value[:8], "big"), parse_checkpoint(text)
        )
        return ml_dsa_44_verify(key.key, message, value[8:]) is True
    if key.kind == COSIGNATURE:
        text, value = cosigned_text(text, int.from_bytes(value[:8], "big")), value[8:]
    elif key.kind != ED25519:
        return False
    try:
        _public(key.key).verify(value, text)
    except InvalidSignature:
        return False
    return True


@lru_cache(maxsize=64)
def _public(raw: bytes) -> Any:
    return Ed25519PublicKey.from_public_bytes(raw)
