"""RFC 6962 proofs and trees made by others: transparency-dev, Tessera, Sunlight (R18, R19)."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger import tiles
from ledger.verify import (
    CompactRange,
    VerifierKey,
    leaf_hash,
    node_hash,
    parse_checkpoint,
    parse_note,
    parse_vkey,
    verify_consistency,
    verify_inclusion,
    verify_note,
)

# The public half of the key pair that stands in Tessera's build_log.sh.
TESSERA_KEY = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"


def cases(shared: Path, kind: str) -> list[dict[str, Any]]:
    folder = shared / "vectors/transparency-dev-merkle/testdata" / kind
    return [json.loads(file.read_text()) for file in sorted(folder.rglob("*.json"))]


def raw(text: str | None) -> bytes:
    return base64.b64decode(text or "")


def path(case: dict[str, Any]) -> list[bytes]:
    return [raw(node) for node in case["proof"] or []]


def test_inclusion_proofs_of_others_r18(shared: Path) -> None:
    """Given 98 inclusion proofs, most of them spoilt; then exactly the sound ones hold."""
    found = cases(shared, "inclusion")
    accepted = 0
    for case in found:
        holds = verify_inclusion(
            case["leafIdx"],
            case["treeSize"],
            raw(case["leafHash"]),
            path(case),
            raw(case["root"]),
        )
        assert holds is not case["wantErr"], case["desc"]
        accepted += holds
    assert len(found) == 98
    assert 0 < accepted < 20


def test_consistency_proofs_of_others_r18(shared: Path) -> None:
    """Given 98 consistency proofs, most of them spoilt; then exactly the sound ones hold."""
    found = cases(shared, "consistency")
    accepted = 0
    for case in found:
        holds = verify_consistency(
            case["size1"], case["size2"], path(case), raw(case["root1"]), raw(case["root2"])
        )
        assert holds is not case["wantErr"], case["desc"]
        accepted += holds
    assert len(found) == 98
    assert 0 < accepted < 20


def is_subtree(start: int, end: int) -> bool:
    """The draft's rule: start is a multiple of the power of two that holds the width."""
    return 0 <= start < end < 2**63 and start % (1 << (end - start - 1).bit_length()) == 0


def test_subtree_inclusion_proofs_of_others(shared: Path) -> None:
    """Given proofs that a leaf is in a subtree; then it is an inclusion proof in a shifted tree."""
    found = cases(shared, "subtreeinclusion")
    for case in found:
        start, end = case["start"], case["end"]
        holds = is_subtree(start, end) and verify_inclusion(
            case["leafIdx"] - start,
            end - start,
            raw(case["leafHash"]),
            path(case),
            raw(case["root"]),
        )
        assert holds is not case["wantErr"], case["desc"]
    assert len(found) == 204


def test_subtree_consistency_proofs_from_the_first_leaf(shared: Path) -> None:
    """Given subtrees that begin at leaf 0 (not the empty one, which the draft allows and we do not
    have); then the proof is an ordinary consistency proof."""
    found = [c for c in cases(shared, "subtreeconsistency") if c["start"] == 0 < c["end"]]
    for case in found:
        holds = verify_consistency(
            case["end"], case["size"], path(case), raw(case["root1"]), raw(case["root2"])
        )
        assert holds is not case["wantErr"], case["desc"]
    assert len(found) == 91


def test_roots_of_one_to_eight_leaves(shared: Path) -> None:
    """Given RFC 6962's reference leaves; then both trees of ours have the reference roots."""
    known = json.loads((shared / "vectors/rfc6962_roots.json").read_text())
    leaves = [leaf_hash(bytes.fromhex(text)) for text in known["leaf_inputs"]]
    assert [leaf.hex() for leaf in leaves] == known["node_hashes_by_level"][0]
    assert len(leaves) == 8
    for size, root in enumerate(known["roots_by_size"]):
        compact, growing = CompactRange(), tiles.Growing()
        growing.extend(leaves[:size])
        for leaf in leaves[:size]:
            compact.append(leaf)
        assert compact.root().hex() == root == growing.root().hex()
    pairs = zip(leaves[::2], leaves[1::2], strict=True)
    assert [node_hash(*pair).hex() for pair in pairs] == known["node_hashes_by_level"][1]


def entries_of(data: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(data):
        end = at + 2 + int.from_bytes(data[at : at + 2], "big")
        yield data[at + 2 : end]
        at = end


def test_tessera_log_leads_to_each_of_its_checkpoints_r19(shared: Path) -> None:
    """Given Tessera's whole log; when it is rebuilt from its entries; then every checkpoint that
    Tessera signed has our root, our signature check, and Tessera's tile."""
    log, key = shared / "vectors/tessera/testdata/log", parse_vkey(TESSERA_KEY)
    sizes = []
    for file in sorted(log.glob("checkpoint*")):
        note = parse_note(file.read_bytes())
        [signed] = verify_note(note, [key])
        head = parse_checkpoint(note.text)
        assert signed.checked and head.origin == "example.com/log/testdata"
        bundle = log / f"tile/entries/000.p/{head.size}"
        entries = list(entries_of(bundle.read_bytes())) if head.size else []
        compact = CompactRange()
        for entry in entries:
            compact.append(leaf_hash(entry))
        assert (len(entries), compact.root()) == (head.size, head.root)
        if head.size:
            tile = (log / f"tile/0/000.p/{head.size}").read_bytes()
            assert tile == b"".join(map(leaf_hash, entries))
        sizes.append(head.size)
    assert sorted(set(sizes)) == list(range(16))


def test_tessera_checkpoints_are_consistent_with_each_other_r19(shared: Path) -> None:
    """Given all pairs of Tessera's checkpoints; then our proof leads from one to the other."""
    log = shared / "vectors/tessera/testdata/log"
    leaves = tiles.split((log / "tile/0/000.p/15").read_bytes())
    heads = [
        parse_checkpoint(parse_note(file.read_bytes()).text) for file in log.glob("checkpoint.*")
    ]
    pairs = 0

    def node(height: int, index: int) -> bytes:
        return tiles.perfect_root(leaves[index << height : (index + 1) << height])

    for old in heads:
        for new in heads:
            if 0 < old.size <= new.size:
                proof = tiles.consistency_path(old.size, new.size, node)
                assert verify_consistency(old.size, new.size, proof, old.root, new.root)
                assert old.size == new.size or not verify_consistency(
                    old.size, new.size, proof, new.root, new.root
                )
                pairs += 1
    assert pairs == 120


@pytest.mark.parametrize("name", ["witness", "witness2"])
def test_sunlight_witnesses_cosigned_r18(shared: Path, name: str) -> None:
    """Given a checkpoint that a witness cosigned; then its line holds, and only for this text."""
    folder = shared / "vectors/sunlight/cmd/skylight/testdata" / name
    published = json.loads((folder / "witness.v0.json").read_text())["verifier_keys"]
    [key] = [parse_vkey(text) for text in published]
    [file] = [file for file in folder.glob("*/checkpoint") if len(file.parent.name) == 64]
    note = parse_note(file.read_bytes())
    [signed] = verify_note(note, [key])
    assert signed.checked and signed.time == 1767139200
    with pytest.raises(ValueError, match="wrong"):
        verify_note(note._replace(text=note.text.replace(b"300", b"301")), [key])
    with pytest.raises(ValueError, match="No known key"):
        verify_note(note, [VerifierKey("another.example", key.id, key.kind, key.key)])


@pytest.mark.parametrize(("last", "count"), [("003.p/10", 778), ("003", 1024)])
def test_sunlight_tiles_r19(shared: Path, last: str, count: int) -> None:
    """Given the leaf tiles of a CT log; when our tree takes their hashes; then the same full tiles
    fall out of it, and both ways of growing give one root."""
    folder = shared / "vectors/sunlight/testdata/navigli2025h2/tile/0"
    hashes = [(folder / name).read_bytes() for name in ("000", "001", "002", last)]
    leaves = tiles.split(b"".join(hashes))
    growing, compact = tiles.Growing(), CompactRange()
    full = growing.extend(leaves)
    for leaf in leaves:
        compact.append(leaf)
    assert len(leaves) == count
    assert [tile.hashes for tile in full] == [part for part in hashes if len(part) == tiles.FULL]
    assert growing.root() == compact.root()
