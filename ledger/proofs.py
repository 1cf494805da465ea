"""Proofs out of the database: tiles and the log's tail give paths, receipts and consistency."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connections

from ledger import log, note, tiles
from ledger.event import Refused
from ledger.log import EpochRow, Line
from ledger.models import Checkpoint, Cosignature
from ledger.tiles import FULL, HASH, WIDTH
from ledger.verify import leaf_hash, verify_inclusion

_TILES = (
    'SELECT "index", hashes FROM ledger_tile WHERE epoch = %s AND level = %s'
    ' AND "index" >= %s AND "index" < %s ORDER BY "index"'
)
_roots: OrderedDict[tuple[Any, ...], bytes] = OrderedDict()  # of full tiles, which never change
_ROOTS_KEPT = 70_000  # of a log of 16 million entries


# What Python raises over bytes, notes and rows that are not as they were written.
NOT_AS_WRITTEN = (ValueError, LookupError, TypeError, AttributeError)


class ProofBroken(Exception):
    """The database's tiles or entries do not give the root that was signed."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """A .tlog-proof for one event, and what it is about."""

    position: int
    index: int
    entry: bytes
    epoch: EpochRow
    size: int
    text: bytes
    cosigned_by: list[str]


class Tree:
    """One epoch's tree as it is stored. Reads what a path needs and keeps it for the next."""

    def __init__(self, epoch: EpochRow, *, using: str = "default", fresh: bool = False) -> None:
        self.epoch = epoch
        self.using = using
        self._fresh = fresh
        self._tiles: dict[tuple[int, int], bytes] = {}
        name = connections[using].settings_dict["NAME"]
        self._where = (str(name), epoch.origin, epoch.start)

    def inclusion(self, index: int, *, size: int) -> list[bytes]:
        """RFC 6962 2.1.1: the path from a leaf to the root of the first `size` leaves."""
        self._fetch_tail(size)
        return tiles.inclusion_path(index, size, self.node)

    def consistency(self, old: int, *, size: int) -> list[bytes]:
        """RFC 6962 2.1.2: that the tree of `size` leaves begins with the tree of `old`."""
        self._fetch_tail(size)
        return tiles.consistency_path(old, size, self.node)

    def compact_range(self, size: int) -> list[bytes]:
        """The roots of the perfect subtrees over the first `size` leaves, left to right."""
        self._fetch_tail(size)
        return tiles.compact_range(size, self.node)

    def root(self, size: int) -> bytes:
        """The root over the first `size` leaves."""
        self._fetch_tail(size)
        return tiles.subtree(0, size, self.node)

    def node(self, height: int, index: int) -> bytes:
        """The root of one perfect subtree."""
        level, inside = divmod(height, 8)
        first = index << inside
        tile = self._tile(level, first // WIDTH)
        at = first % WIDTH * HASH
        return tiles.perfect_root(tiles.split(tile[at : at + (HASH << inside)]))

    def _fetch_tail(self, size: int) -> None:
        """The last, partial tile of each level: leaves from the log, roots from full tiles."""
        level, width = 0, size
        while width:
            whole, rest = divmod(width, WIDTH)
            place = (level, whole)
            if rest and len(self._tiles.get(place, b"")) < rest * HASH:
                self._tiles[place] = self._partial(level, whole * WIDTH, whole * WIDTH + rest)
            level, width = level + 1, whole

    def _partial(self, level: int, first: int, last: int) -> bytes:
        if level == 0:
            start = self.epoch.start
            try:
                return log.leaves(start + first, start + last, using=self.using)
            except ValueError as gap:
                raise ProofBroken(str(gap)) from gap
        return b"".join(self._tile_roots(level - 1, first, last))

    def _tile_roots(self, level: int, first: int, last: int) -> list[bytes]:
        """The roots of the full tiles [first, last) of a level."""
        known = {} if self._fresh else self._known_roots(level, first, last)
        missing = [index for index in range(first, last) if index not in known]
        if missing:
            for index, hashes in self._stored(level, missing[0], missing[-1] + 1):
                root = tiles.perfect_root(tiles.split(hashes))
                known[index] = _remember((*self._where, level, index), root)
        try:
            return [known[index] for index in range(first, last)]
        except KeyError as gap:
            raise ProofBroken(f"Tile {level}/{gap} of {self.epoch.origin} is missing.") from gap

    def _known_roots(self, level: int, first: int, last: int) -> dict[int, bytes]:
        places = ((index, _roots.get((*self._where, level, index))) for index in range(first, last))
        return {index: root for index, root in places if root is not None}

    def _tile(self, level: int, index: int) -> bytes:
        found = self._tiles.get((level, index))
        if found is None:
            stored = self._stored(level, index, index + 1)
            if not stored:
                raise ProofBroken(f"Tile {level}/{index} of {self.epoch.origin} is missing.")
            found = self._tiles[level, index] = stored[0][1]
        return found

    def _stored(self, level: int, first: int, last: int) -> list[tuple[int, bytes]]:
        found = log.rows(self.using, _TILES, [self.epoch.number, level, first, last])
        for index, hashes in found:
            if len(hashes) != FULL:
                raise ProofBroken(
                    f"Tile {level}/{index} of {self.epoch.origin} holds {len(hashes)} bytes instead"
                    f" of {FULL}."
                )
        return [(row[0], bytes(row[1])) for row in found]


def _remember(place: tuple[Any, ...], root: bytes) -> bytes:
    _roots[place] = root
    if len(_roots) > _ROOTS_KEPT:
        _roots.popitem(last=False)
    return root


def line_of(event_id: UUID, *, using: str = "default") -> Line | None:
    """The event's row of the log, once it has a position."""
    key = event_id if connections[using].vendor == "postgresql" else event_id.hex
    found = log.rows(
        using, "SELECT position, entry, leaf FROM ledger_log WHERE event_id = %s", [key]
    )
    if not found:
        return None
    return Line(found[0][0], event_id, bytes(found[0][1]), bytes(found[0][2]))


def checkpoint_over(epoch: EpochRow, index: int, *, using: str = "default") -> Checkpoint | None:
    """The newest checkpoint that covers a tree index; a cosigned one where there is one."""
    sealed = Checkpoint.objects.using(using).filter(epoch=epoch.number, size__gt=index)
    cosigned = Cosignature.objects.using(using).filter(epoch=epoch.number, size__gt=index)
    newest = cosigned.order_by("-size").values_list("size", flat=True).first()
    if newest is not None:
        return sealed.filter(size=newest).first()
    return sealed.order_by("-size").first()


def note_with_cosignatures(
    checkpoint: Checkpoint, *, using: str = "default"
) -> tuple[bytes, list[str]]:
    """The signed note with every witness's line, and the witnesses' names."""
    lines = Cosignature.objects.using(using).filter(epoch=checkpoint.epoch, size=checkpoint.size)
    found = list(lines.order_by("name"))
    text = note.with_signatures(checkpoint.note.encode(), [one.line for one in found])
    return text, [one.name for one in found]


def receipt(event_id: UUID, *, using: str = "default") -> Receipt:
    """The .tlog-proof of an event; `extra` carries the entry, so that it can be hashed again."""
    try:
        return _receipt(event_id, using)
    except NOT_AS_WRITTEN as error:
        raise ProofBroken(
            f"What proves this event is not stored as it was written ({error!s:.200}): the log was"
            " altered. Run manage.py verify_ledger."
        ) from error


def _receipt(event_id: UUID, using: str) -> Receipt:
    line = line_of(event_id, using=using)
    epoch = log.epoch_of(line.position, using=using) if line else None
    if line is None or epoch is None:
        raise Refused("This event has no position in the log yet. Try again in a second.")
    index = line.position - epoch.start
    checkpoint = checkpoint_over(epoch, index, using=using)
    if checkpoint is None:
        raise Refused("This event is not sealed yet. Try again in a second.")
    proof = proved(epoch, index, line.entry, checkpoint, using=using)
    signed, cosigned_by = note_with_cosignatures(checkpoint, using=using)
    text = note.tlog_proof(index, proof=proof, checkpoint=signed, extra=line.entry)
    return Receipt(line.position, index, line.entry, epoch, checkpoint.size, text, cosigned_by)


def proved(
    epoch: EpochRow, index: int, entry: bytes, checkpoint: Checkpoint, *, using: str = "default"
) -> list[bytes]:
    """The path of an entry, checked against the signed root before anybody sees it."""
    root, leaf = bytes(checkpoint.root), leaf_hash(entry)
    for fresh in (False, True):
        path = Tree(epoch, using=using, fresh=fresh).inclusion(index, size=checkpoint.size)
        if verify_inclusion(index, checkpoint.size, leaf, path, root):
            return path
    raise ProofBroken(
        f"The entry at position {epoch.start + index} cannot be proved against the signed"
        f" checkpoint {checkpoint.id}: the log was altered. Run manage.py verify_ledger."
    )
