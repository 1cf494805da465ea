"""The tree: grown leaf by leaf or in tiles, proofs for any two sizes, against RFC 6962 itself."""

import random
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import tiles
from ledger.tiles import FULL, Growing
from ledger.verify import CompactRange, verify_consistency, verify_inclusion
from tests.ledger import log_kit

LEAVES = [sha256(bytes([n & 255, n >> 8])).digest() for n in range(700)]


def node(height: int, index: int) -> bytes:
    return tiles.perfect_root(LEAVES[index << height : (index + 1) << height])


def test_compact_range_and_tiles_have_the_roots_of_the_definition() -> None:
    """Given a tree that grows leaf by leaf over two tile borders; then at each size both ways have
    the root of RFC 6962's recursive definition."""
    compact, growing = CompactRange(), Growing()
    for size in range(len(LEAVES)):
        if size % 13 == 0 or size in (255, 256, 257, 511, 512, 513):
            expected = log_kit.mth(LEAVES[:size])
            assert (compact.root(), growing.root()) == (expected, expected)
        compact.append(LEAVES[size])
        growing.extend([LEAVES[size]])


def test_full_tiles_fall_out_at_every_level() -> None:
    """Given 131,400 leaves; then the full tiles are 513 of level 0 and two of level 1, in order,
    each the hashes it stands for, and the rest is held as partial tiles."""
    leaves = [sha256(n.to_bytes(4, "big")).digest() for n in range(131_400)]
    growing = Growing()
    full = [
        tile for at in range(0, 131_400, 5_000) for tile in growing.extend(leaves[at : at + 5_000])
    ]
    low = [tile for tile in full if tile.level == 0]
    high = [tile for tile in full if tile.level == 1]
    assert ([tile.index for tile in low], [tile.index for tile in high]) == (
        list(range(513)),
        [0, 1],
    )
    assert len(full) == 515
    assert b"".join(tile.hashes for tile in low) == b"".join(leaves[: 513 * 256])
    roots = [tiles.perfect_root(tiles.split(tile.hashes)) for tile in low]
    assert b"".join(tile.hashes for tile in high) == b"".join(roots[:512])
    assert all(len(tile.hashes) == FULL for tile in full)
    compact = CompactRange()
    for leaf in leaves:
        compact.append(leaf)
    assert growing.root() == compact.root()


@given(st.data())
def test_inclusion_proofs_for_any_leaf_of_any_size_r9(data: st.DataObject) -> None:
    """Given any size and leaf; then the path is the definition's, and it proves that leaf alone."""
    size = data.draw(st.integers(1, len(LEAVES)))
    index = data.draw(st.integers(0, size - 1))
    root, path = log_kit.mth(LEAVES[:size]), tiles.inclusion_path(index, size, node)
    assert path == log_kit.path(index, LEAVES[:size])
    assert verify_inclusion(index, size, LEAVES[index], path, root)
    other = (index + 1) % (size + 1)
    assert not verify_inclusion(other, size, LEAVES[index], path, root)
    assert not verify_inclusion(index, size, sha256(b"?").digest(), path, root)
    assert not verify_inclusion(index, size, LEAVES[index], [*path, root], root)
    assert not path or not verify_inclusion(index, size, LEAVES[index], path[:-1], root)


@given(st.data())
def test_consistency_proofs_for_any_two_sizes_r9(data: st.DataObject) -> None:
    """Given any two sizes; then the proof is the definition's, and it proves these roots alone."""
    new = data.draw(st.integers(1, len(LEAVES)))
    old = data.draw(st.integers(1, new))
    before, after = log_kit.mth(LEAVES[:old]), log_kit.mth(LEAVES[:new])
    path = tiles.consistency_path(old, new, node)
    assert path == log_kit.consistency(old, LEAVES[:new])
    assert verify_consistency(old, new, path, before, after)
    if old < new:
        assert not verify_consistency(old, new, path, after, after)
        assert not verify_consistency(old, new, path, before, before)
        assert not verify_consistency(old, new, [*path, before], before, after)
        assert not verify_consistency(old, new, path[1:], before, after)


@given(st.integers(0, len(LEAVES)), st.integers(0, 300))
def test_a_compact_range_goes_on_from_its_hashes(first: int, more: int) -> None:
    """Given the few hashes that stand for the leaves before; then the tree goes on from there."""
    nodes = tiles.compact_range(first, node)
    assert nodes == log_kit.left_of(first, LEAVES)
    going_on = CompactRange(first, nodes)
    for leaf in LEAVES[first : first + more]:
        going_on.append(leaf)
    assert going_on.root() == log_kit.mth(LEAVES[: first + more])


@pytest.mark.parametrize(("size", "nodes"), [(3, 1), (4, 2), (0, 1), (1, 0)])
def test_a_compact_range_of_another_count_of_hashes_is_refused(size: int, nodes: int) -> None:
    with pytest.raises(ValueError, match="cannot stand for"):
        CompactRange(size, [LEAVES[0]] * nodes)


def test_random_proofs_never_hold_r18() -> None:
    """Given proofs with one random bit turned; then none holds."""
    chance = random.Random(6962)
    for _ in range(300):
        size = chance.randrange(2, len(LEAVES))
        index = chance.randrange(size)
        path, root = tiles.inclusion_path(index, size, node), log_kit.mth(LEAVES[:size])
        at, bit = chance.randrange(len(path)), chance.randrange(256)
        turned = (int.from_bytes(path[at], "big") ^ 1 << bit).to_bytes(32, "big")
        path[at] = turned
        assert not verify_inclusion(index, size, LEAVES[index], path, root)
