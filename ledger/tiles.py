"""The Merkle tree as C2SP tlog-tiles: grown by the sealer, read by the proofs. Pure."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

WIDTH = 256
HASH = 32
FULL = WIDTH * HASH
EMPTY_ROOT = sha256(b"").digest()


@dataclass(frozen=True, slots=True)
class FullTile:
    """256 hashes of one level of the tree; complete, so it never changes again."""

    level: int
    index: int
    hashes: bytes


def split(hashes: bytes) -> list[bytes]:
    """The hashes of a tile, one by one."""
    return [hashes[at : at + HASH] for at in range(0, len(hashes), HASH)]


def perfect_root(hashes: Sequence[bytes]) -> bytes:
    """The root over a power of two of subtrees of equal height."""
    row = list(hashes)
    while len(row) > 1:
        row = [
            sha256(b"\x01" + left + right).digest()
            for left, right in zip(row[::2], row[1::2], strict=True)
        ]
    return row[0]


class Growing:
    """A tree that grows: of each level only the last, partial tile is held."""

    def __init__(self) -> None:
        self.size = 0
        self._levels: list[bytearray] = [bytearray()]

    def copy(self) -> "Growing":
        """The same tree, to grow on trial."""
        other = Growing()
        other.size = self.size
        other._levels = [bytearray(level) for level in self._levels]
        return other

    def extend(self, leaves: Iterable[bytes]) -> list[FullTile]:
        """Add leaf hashes; the tiles that became full by it, lower levels first in each step."""
        full: list[FullTile] = []
        bottom = self._levels[0]
        for leaf in leaves:
            bottom += leaf
            self.size += 1
            if len(bottom) == FULL:
                self._close(0, full)
        return full

    def _close(self, level: int, full: list[FullTile]) -> None:
        """Take a full tile off its level and put its root on the level above."""
        hashes = bytes(self._levels[level])
        self._levels[level].clear()
        above = self.size // WIDTH ** (level + 1)
        full.append(FullTile(level, above - 1, hashes))
        if level + 1 == len(self._levels):
            self._levels.append(bytearray())
        self._levels[level + 1] += perfect_root(split(hashes))
        if len(self._levels[level + 1]) == FULL:
            self._close(level + 1, full)

    def root(self) -> bytes:
        """The RFC 6962 root of all leaves so far."""
        peaks = [peak for level in reversed(self._levels) for peak in _peaks(split(bytes(level)))]
        if not peaks:
            return EMPTY_ROOT
        root = peaks.pop()
        while peaks:
            root = sha256(b"\x01" + peaks.pop() + root).digest()
        return root


def _peaks(hashes: Sequence[bytes]) -> list[bytes]:
    """The roots of the perfect subtrees of a partial tile, left to right."""
    found, at = [], 0
    for bit in reversed(range(len(hashes).bit_length())):
        if len(hashes) >> bit & 1:
            found.append(perfect_root(hashes[at : at + (1 << bit)]))
            at += 1 << bit
    return found


Node = Callable[[int, int], bytes]  # (height, index) -> root of that perfect subtree


def inclusion_path(index: int, size: int, node: Node) -> list[bytes]:
    """RFC 6962 2.1.1: the audit path of a leaf, its sibling first."""
    if not 0 <= index < size:
        raise ValueError(f"There is no leaf {index} in a tree of {size}.")
    return _path(index, 0, size, node)


def _path(index: int, first: int, last: int, node: Node) -> list[bytes]:
    if last - first == 1:
        return []
    middle = first + _split_at(last - first)
    if index < middle:
        return [*_path(index, first, middle, node), subtree(middle, last, node)]
    return [*_path(index, middle, last, node), subtree(first, middle, node)]


def consistency_path(old: int, size: int, node: Node) -> list[bytes]:
    """RFC 6962 2.1.2: the proof that the tree of `size` extends that of `old` leaves."""
    if not 0 <= old <= size:
        raise ValueError(f"A tree of {size} cannot extend one of {old}.")
    if old in (0, size):
        return []
    return _subproof(old, 0, size, True, node)


def _subproof(old: int, first: int, last: int, whole: bool, node: Node) -> list[bytes]:
    if old == last:
        return [] if whole else [subtree(first, last, node)]
    middle = first + _split_at(last - first)
    if old <= middle:
        return [*_subproof(old, first, middle, whole, node), subtree(middle, last, node)]
    return [*_subproof(old, middle, last, False, node), subtree(first, middle, node)]


def compact_range(size: int, node: Node) -> list[bytes]:
    """The roots of the perfect subtrees that make up the first `size` leaves, left to right."""
    found, first = [], 0
    for height in reversed(range(size.bit_length())):
        if size >> height & 1:
            found.append(node(height, first >> height))
            first += 1 << height
    return found


def subtree(first: int, last: int, node: Node) -> bytes:
    """The root of the leaves [first, last), where first is aligned as RFC 6962 aligns it."""
    count = last - first
    if count == 0:
        return EMPTY_ROOT
    if count & (count - 1) == 0:
        height = count.bit_length() - 1
        return node(height, first >> height)
    middle = first + _split_at(count)
    left, right = subtree(first, middle, node), subtree(middle, last, node)
    return sha256(b"\x01" + left + right).digest()


def _split_at(count: int) -> int:
    """The largest power of two below the count."""
    return 1 << (count - 1).bit_length() - 1
