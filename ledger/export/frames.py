"""The frame of a bundle: each epoch's checkpoint, and the proofs that tie the entries to it."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.db import connections

from ledger import log, proofs, tiles
from ledger.event import Refused
from ledger.export.selection import Range
from ledger.log import EpochRow
from ledger.models import Checkpoint, TimestampToken
from ledger.outside import Held, Outside, OutsideWrong
from ledger.verify import EMPTY_ROOT

KEY_CHANGED = "ledger.checkpoint_key_changed"
KEYS_OF_PEOPLE = ("ledger.signing_key_enrolled", "personnel.signing_key_withdrawn")


class Proofs(Protocol):
    """What gives the hashes of one epoch's tree."""

    def inclusion(self, index: int, *, size: int) -> list[bytes]: ...

    def consistency(self, old: int, *, size: int) -> list[bytes]: ...

    def compact_range(self, size: int) -> list[bytes]: ...


@dataclass(frozen=True, slots=True)
class Frame:
    """One epoch in a bundle: tree indexes [first, last) are shipped under the checkpoint."""

    epoch: EpochRow
    first: int
    last: int
    size: int
    note: bytes
    proofs: Proofs
    cited: list[bytes]
    token: bytes | None

    def proof_json(self) -> dict[str, object]:
        """How the shipped entries lead to the checkpoint."""
        shown = self.last > self.first
        left = self.proofs.compact_range(self.first) if shown else []
        path = self.proofs.consistency(self.last, size=self.size) if shown else []
        return {
            "first": self.first,
            "last": self.last,
            "left": [node.hex() for node in left],
            "size": self.size,
            "consistency": [node.hex() for node in path],
        }


def sealed_end(*, using: str) -> int:
    """The position after the last one that a checkpoint of the newest epoch covers."""
    epochs = log.epochs(using=using)
    newest = _newest(epochs[-1], using) if epochs else None
    if newest is None:
        raise Refused("Nothing is sealed yet, so there is nothing to prove. Start the sealer.")
    return epochs[-1].start + newest.size


def frames(positions: Range, *, using: str) -> list[Frame]:
    """One frame per epoch of the log; an epoch that the range does not touch shows no entries."""
    epochs = log.epochs(using=using)
    ends = [epoch.start for epoch in epochs[1:]] + [sealed_end(using=using)]
    changes = positions_of((KEY_CHANGED,), using=using)
    peoples = positions_of(KEYS_OF_PEOPLE, using=using)
    found = []
    for epoch, end in zip(epochs, ends, strict=True):
        first = max(positions.first, epoch.start) - epoch.start
        last = min(positions.last + 1, end) - epoch.start
        if last <= first:
            first = last = 0
        inside = [at - epoch.start for at in (*changes, *peoples) if epoch.start <= at < end]
        needed = max([last, 1, *(index + 1 for index in inside)])
        indexes = [at - epoch.start for at in changes if epoch.start <= at < end]
        found.append(_frame(epoch, first, last, needed, indexes, using))
    return found


def _frame(
    epoch: EpochRow, first: int, last: int, needed: int, changes: list[int], using: str
) -> Frame:
    """The frame under the epoch's newest checkpoint; it must cover `needed` entries."""
    newest = _newest(epoch, using)
    tree: Proofs
    if newest is not None and newest.size >= needed:
        note, _names = proofs.note_with_cosignatures(newest, using=using)
        tree, size = proofs.Tree(epoch, using=using), newest.size
        token = _token(epoch, size, using)
    else:
        held, leaves = _outside(epoch)
        note, tree, size, token = held.note.encode(), _SignedTree(leaves), held.size, None
    cited = _cited(epoch, first, last, size, changes, using)
    return Frame(epoch, first, last, size, note, tree, cited, token)


def _token(epoch: EpochRow, size: int, using: str) -> bytes | None:
    found = TimestampToken.objects.using(using).filter(epoch=epoch.number, size=size).first()
    return bytes(found.token) if found else None


def _newest(epoch: EpochRow, using: str) -> Checkpoint | None:
    sealed = Checkpoint.objects.using(using).filter(epoch=epoch.number)
    return sealed.order_by("-size").first()


def _cited(
    epoch: EpochRow, first: int, last: int, size: int, changes: list[int], using: str
) -> list[bytes]:
    """The checkpoints by which old keys sealed their successors, and the newest cosigned one."""
    wanted = {index + 1 for index in changes if first < index + 1 <= last}
    cosigned = proofs.checkpoint_over(epoch, max(first - 1, 0), using=using)
    if cosigned is not None and first < cosigned.size <= last:
        wanted.add(cosigned.size)
    stored = Checkpoint.objects.using(using).filter(epoch=epoch.number, size__in=wanted - {size})
    return [proofs.note_with_cosignatures(one, using=using)[0] for one in stored.order_by("size")]


def positions_of(types: tuple[str, ...], *, using: str) -> list[int]:
    """Where the events of some types stand, by the trail's index (a gap there fails the bundle)."""
    with connections[using].cursor() as cursor:
        cursor.execute(
            "SELECT l.position FROM ledger_trail t JOIN ledger_log l ON l.event_id = t.event_id"  # noqa: S608
            f" WHERE t.type IN ({', '.join(['%s'] * len(types))}) ORDER BY l.position",
            list(types),
        )
        return [row[0] for row in cursor.fetchall()]


def _outside(epoch: EpochRow) -> tuple[Held, bytes]:
    """The last checkpoint of an epoch cut short by a restored backup: whole only outside."""
    try:
        found = _held_outside(epoch)
    except (OutsideWrong, sqlite3.Error, OSError):
        found = None  # often not there, or not readable by the user that serves the pages
    if found is None:
        raise Refused(
            "Epoch {epoch} ended with a restored backup, and its last checkpoint is only in the"
            " outside store, which cannot be read from here. Export where the sealer runs.",
            epoch=epoch.number,
        )
    return found


def _held_outside(epoch: EpochRow) -> tuple[Held, bytes] | None:
    path = Path(settings.LOTBOOK_OUTSIDE)
    with closing(Outside(path, name=settings.LOTBOOK_ORIGIN, read_only=True)) as outside:
        held = outside.latest(epoch=epoch.number)
        return None if held is None else (held, outside.leaves(epoch=epoch.number))


class _SignedTree:
    """The tree of an ended epoch, from the leaf hashes kept outside."""

    def __init__(self, leaves: bytes) -> None:
        self._leaves = leaves

    def inclusion(self, index: int, *, size: int) -> list[bytes]:
        return tiles.inclusion_path(index, size, self._node)

    def consistency(self, old: int, *, size: int) -> list[bytes]:
        return tiles.consistency_path(old, size, self._node)

    def compact_range(self, size: int) -> list[bytes]:
        return tiles.compact_range(size, self._node)

    def _node(self, height: int, index: int) -> bytes:
        width = tiles.HASH << height
        part = self._leaves[index * width : (index + 1) * width]
        return tiles.perfect_root(tiles.split(part)) if part else EMPTY_ROOT
