"""The Merkle tree grown again leaf by leaf, with the full tiles that fall out on the way. Pure."""

from hashlib import sha256

from ledger.verify import EMPTY_ROOT

HEIGHT = 8  # levels of the tree in one tile
WIDTH = 1 << HEIGHT


class Tree:
    """One epoch's tree: its size, the roots of its perfect subtrees, its unfinished tiles."""

    def __init__(self) -> None:
        self.size = 0
        self.peaks: list[bytes] = []
        self._open: list[list[bytes]] = [[]]
        self.full: list[tuple[int, int, bytes]] = []  # (level, index, hashes), to be taken away

    def push(self, leaf: bytes) -> None:
        """Add a leaf hash."""
        size, peaks, node, height = self.size, self.peaks, leaf, 0
        self._open[0].append(leaf)
        while size & 1:
            node = sha256(b"\x01" + peaks.pop() + node).digest()
            size >>= 1
            height += 1
            if height & 7 == 0:
                self._rise(height >> 3, node)
        peaks.append(node)
        self.size += 1

    def _rise(self, level: int, node: bytes) -> None:
        """The tile below `level` is full; its root is the next hash of this level."""
        below = self._open[level - 1]
        self.full.append((level - 1, self.size >> (HEIGHT * level), b"".join(below)))
        below.clear()
        if level == len(self._open):
            self._open.append([])
        self._open[level].append(node)

    def root(self) -> bytes:
        """The RFC 6962 root of all leaves so far."""
        if not self.peaks:
            return EMPTY_ROOT
        root = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            root = sha256(b"\x01" + peak + root).digest()
        return root
