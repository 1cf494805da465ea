#!/usr/bin/env python3
"""The offline verifier: recomputes a Lotbook bundle from its bytes, with nothing but Python.

Use: python3 verify.py BUNDLE [--key VKEY ...] [--all] [--json]
BUNDLE is the zip or the folder it was unpacked to. Exit code: 0 verified, 1 failed, 2 unusable.
The formats are described in docs/formats.md. The rest of the ledger imports its checks from here.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple

# ---------------------------------------------------------------- Ed25519 (RFC 8032, strict)

_P = 2**255 - 19
_L = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, -1, _P) % _P
_SQRT_M1 = pow(2, (_P - 1) // 4, _P)


def ed25519_verify(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the signature holds. S must be below the group order, the key in its one encoding."""
    if len(public_key) != 32 or len(signature) != 64:
        return False
    key, s = _ed_decode(public_key), int.from_bytes(signature[32:], "little")
    if key is None or s >= _L:
        return False
    digest = hashlib.sha512(signature[:32] + public_key + message).digest()
    k = int.from_bytes(digest, "little") % _L
    minus_key = _ed_table((_P - key[0], key[1]), 8)
    return _ed_sum(_wnaf(s, 8), _ed_base(), _wnaf(k, 5), minus_key) == signature[:32]


def _ed_decode(data: bytes) -> tuple[int, int] | None:
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    if y >= _P:
        return None
    u, v = (y * y - 1) % _P, (_D * y * y + 1) % _P
    x = u * v**3 * pow(u * v**7 % _P, (_P - 5) // 8, _P) % _P
    if (v * x * x - u) % _P:
        x = x * _SQRT_M1 % _P
    if (v * x * x - u) % _P or (x == 0 and sign):
        return None
    return (x if x & 1 == sign else _P - x), y


def _ed_add(p: tuple[int, ...], q: tuple[int, ...]) -> tuple[int, ...]:
    """A point (X, Y, Z, T) plus a prepared one (Y-X, Y+X, 2dT, 2Z)."""
    x, y, z, t = p
    a, b, c, d = (y - x) * q[0] % _P, (y + x) * q[1] % _P, t * q[2] % _P, z * q[3] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _ed_prepared(p: tuple[int, ...]) -> tuple[int, ...]:
    x, y, z, t = p
    return (y - x) % _P, (y + x) % _P, 2 * _D * t % _P, 2 * z % _P


def _ed_table(affine: tuple[int, int], count: int) -> list[tuple[int, ...]]:
    """The odd multiples 1, 3, 5, ... of a point, prepared."""
    point: tuple[int, ...] = (affine[0], affine[1], 1, affine[0] * affine[1] % _P)
    twice = _ed_prepared(_ed_add(point, _ed_prepared(point)))
    table = []
    for _ in range(count):
        table.append(_ed_prepared(point))
        point = _ed_add(point, twice)
    return table


@lru_cache(maxsize=1)
def _ed_base() -> list[tuple[int, ...]]:
    y = 4 * pow(5, -1, _P) % _P
    return _ed_table(_ed_decode(y.to_bytes(32, "little")) or (0, 1), 64)


def _wnaf(scalar: int, width: int) -> list[int]:
    """Signed digits, lowest first: zero or odd, below 2**(width-1) in size."""
    digits = []
    modulus = 1 << width
    while scalar:
        digit = scalar & (modulus - 1) if scalar & 1 else 0
        if digit >= modulus >> 1:
            digit -= modulus
        digits.append(digit)
        scalar = (scalar - digit) >> 1
    return digits


def _ed_sum(a: list[int], table_a: list, b: list[int], table_b: list) -> bytes:
    """The encoding of a times one point plus b times another, the doublings shared."""
    point: tuple[int, ...] = (0, 1, 1, 0)
    for at in range(max(len(a), len(b)) - 1, -1, -1):
        x, y, z, _ = point
        xx, yy, both = x * x % _P, y * y % _P, x + y
        g, h = yy - xx, yy + xx
        e, f = both * both - h, g - 2 * z * z
        point = e * f % _P, -g * h % _P, f * g % _P, -e * h % _P
        for digits, table in ((a, table_a), (b, table_b)):
            digit = digits[at] if at < len(digits) else 0
            if digit > 0:
                point = _ed_add(point, table[digit >> 1])
            elif digit:
                less, more, t, z2 = table[-digit >> 1]
                point = _ed_add(point, (more, less, -t, z2))
    inverse = pow(point[2], -1, _P)
    x, y = point[0] * inverse % _P, point[1] * inverse % _P
    return (y | (x & 1) << 255).to_bytes(32, "little")


# ------------------------------------------------- ECDSA over P-256 with SHA-256 (FIPS 186-5)

_Q = 2**256 - 2**224 + 2**192 + 2**96 - 1
_N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
_G = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)


def p256_verify(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the DER signature holds; the key is an uncompressed point of 65 bytes."""
    numbers = _der_pair(signature)
    if len(public_key) != 65 or public_key[0] != 4 or numbers is None:
        return False
    x, y = int.from_bytes(public_key[1:33], "big"), int.from_bytes(public_key[33:], "big")
    r, s = numbers
    if x >= _Q or y >= _Q or (y * y - x * x * x + 3 * x - _B) % _Q:
        return False
    if not (0 < r < _N and 0 < s < _N):
        return False
    w = pow(s, -1, _N)
    u1, u2 = int.from_bytes(sha256(message).digest(), "big") * w % _N, r * w % _N
    px, _, pz = _ec_sum(_wnaf(u1, 7), _ec_base(), _wnaf(u2, 5), _ec_table((x, y, 1), 8))
    return pz != 0 and px * pow(pz * pz, -1, _Q) % _Q % _N == r


def _der_pair(data: bytes) -> tuple[int, int] | None:
    """Two positive integers in their one DER form, nothing before, between or after."""
    numbers, rest = [], data[2:]
    if len(data) < 8 or data[0] != 0x30 or data[1] != len(rest) or data[1] > 127:
        return None
    for _ in range(2):
        if len(rest) < 3 or rest[0] != 2 or not 0 < rest[1] <= min(33, len(rest) - 2):
            return None
        number, rest = rest[2 : 2 + rest[1]], rest[2 + rest[1] :]
        if number[0] & 0x80 or (number[0] == 0 and len(number) > 1 and not number[1] & 0x80):
            return None
        numbers.append(int.from_bytes(number, "big"))
    return None if rest else (numbers[0], numbers[1])


def _ec_double(p: tuple[int, int, int]) -> tuple[int, int, int]:
    x, y, z = p
    zz, yy = z * z % _Q, y * y % _Q
    beta, alpha = x * yy % _Q, 3 * (x - zz) * (x + zz) % _Q
    x3 = (alpha * alpha - 8 * beta) % _Q
    return x3, (alpha * (4 * beta - x3) - 8 * yy * yy) % _Q, 2 * y * z % _Q


def _ec_add(p: tuple[int, int, int], q: tuple[int, int, int]) -> tuple[int, int, int]:
    """Jacobian addition; Z = 0 is the point at infinity."""
    if p[2] == 0 or q[2] == 0:
        return q if p[2] == 0 else p
    z1, z2 = p[2] * p[2] % _Q, q[2] * q[2] % _Q
    u1, s1 = p[0] * z2 % _Q, p[1] * z2 * q[2] % _Q
    h, r = (q[0] * z1 - u1) % _Q, (q[1] * z1 * p[2] - s1) % _Q
    if h == 0:
        return _ec_double(p) if r == 0 else (1, 1, 0)
    hh = h * h % _Q
    hhh, v = h * hh % _Q, u1 * hh % _Q
    x3 = (r * r - hhh - 2 * v) % _Q
    return x3, (r * (v - x3) - s1 * hhh) % _Q, h * p[2] * q[2] % _Q


def _ec_table(point: tuple[int, int, int], count: int) -> list[tuple[int, int, int]]:
    """The odd multiples 1, 3, 5, ... of a point."""
    table, twice = [point], _ec_double(point)
    while len(table) < count:
        table.append(_ec_add(table[-1], twice))
    return table


@lru_cache(maxsize=1)
def _ec_base() -> list[tuple[int, int, int]]:
    return _ec_table((*_G, 1), 32)


def _ec_sum(a: list[int], table_a: list, b: list[int], table_b: list) -> tuple[int, int, int]:
    """a times one point plus b times another, the doublings shared."""
    point = (1, 1, 0)
    for at in range(max(len(a), len(b)) - 1, -1, -1):
        point = _ec_double(point)
        for digits, table in ((a, table_a), (b, table_b)):
            digit = digits[at] if at < len(digits) else 0
            if digit > 0:
                point = _ec_add(point, table[digit >> 1])
            elif digit:
                x, y, z = table[-digit >> 1]
                point = _ec_add(point, (x, -y, z))
    return point


# -------------------------------------------------------------- the Merkle tree of RFC 6962

EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(entry: bytes) -> bytes:
    """The hash of one entry as a leaf."""
    return sha256(b"\0" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two neighbours."""
    return sha256(b"\1" + left + right).digest()


class CompactRange:
    """What is needed of the tree over leaves [0, size): one hash per set bit, left to right."""

    def __init__(self, size: int = 0, nodes: Iterable[bytes] = ()) -> None:
        self.size, self.nodes = size, list(nodes)
        if len(self.nodes) != bin(size).count("1") or any(len(n) != 32 for n in self.nodes):
            raise ValueError(f"{len(self.nodes)} hashes cannot stand for {size} leaves.")

    def append(self, leaf: bytes) -> None:
        """Take the next leaf's hash."""
        size, nodes = self.size, self.nodes
        self.size = size + 1
        while size & 1:
            leaf = sha256(b"\1" + nodes.pop() + leaf).digest()
            size >>= 1
        nodes.append(leaf)

    def root(self) -> bytes:
        """The root over everything taken so far."""
        if not self.nodes:
            return EMPTY_ROOT
        root = self.nodes[-1]
        for node in reversed(self.nodes[:-1]):
            root = node_hash(node, root)
        return root


def verify_inclusion(
    index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes
) -> bool:
    """Whether the leaf stands at the index of the tree with this size and root (RFC 9162)."""
    if not 0 <= index < size or any(len(node) != 32 for node in (leaf, root, *proof)):
        return False
    at, last, running = index, size - 1, leaf
    for node in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            running = node_hash(node, running)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            running = node_hash(running, node)
        at, last = at >> 1, last >> 1
    return last == 0 and running == root


def verify_consistency(
    size1: int, size2: int, proof: Sequence[bytes], root1: bytes, root2: bytes
) -> bool:
    """Whether the tree of size2 begins with the whole tree of size1 (RFC 9162). size1 > 0."""
    if not 0 < size1 <= size2 or any(len(node) != 32 for node in (root1, root2, *proof)):
        return False
    if size1 == size2:
        return not proof and root1 == root2
    path = list(proof) if size1 & (size1 - 1) else [root1, *proof]
    at, last = size1 - 1, size2 - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    if not path:
        return False
    old = new = path[0]
    for node in path[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            old, new = node_hash(node, old), node_hash(node, new)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            new = node_hash(new, node)
        at, last = at >> 1, last >> 1
    return last == 0 and old == root1 and new == root2


# ------------------------------- signed notes, checkpoints, cosignatures, receipts (c2sp.org)

ED25519, COSIGNATURE, ML_DSA_44 = 0x01, 0x04, 0x06
_KEY_BYTES = {ED25519: 32, COSIGNATURE: 32, ML_DSA_44: 1312}
_SIGNATURE_BYTES = {ED25519: 64, COSIGNATURE: 72, ML_DSA_44: 2428}


class BadNote(ValueError):
    """A key, note, checkpoint or receipt that is malformed or whose signature is wrong."""


class VerifierKey(NamedTuple):
    """A public key under a name; `kind` is the signature type byte."""

    name: str
    id: bytes
    kind: int
    key: bytes


class NoteSignature(NamedTuple):
    """One signature line."""

    name: str
    id: bytes
    value: bytes


class Note(NamedTuple):
    """A signed text and its signature lines, none checked yet."""

    text: bytes
    signatures: tuple[NoteSignature, ...]


class Checkpoint(NamedTuple):
    """The head of a log: how many entries it holds and the root over them."""

    origin: str
    size: int
    root: bytes


class Signed(NamedTuple):
    """A known key's signature on a note; not checked: a library is missing for its algorithm."""

    key: VerifierKey
    time: int | None
    checked: bool


def strict_base64(text: str) -> bytes:
    """Decode base64 in its one canonical form."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadNote(f"{text[:60]!r} is not base64.") from error
    if base64.b64encode(data).decode() != text:
        raise BadNote(f"{text[:60]!r} is not canonical base64.")
    return data


def key_id(name: str, kind: int, key: bytes) -> bytes:
    """The four bytes that name a key on a signature line."""
    return sha256(name.encode() + b"\n" + bytes([kind]) + key).digest()[:4]


def good_key_name(name: str) -> bool:
    """Not empty, no blank, no control character, no plus."""
    return bool(name) and not re.search(r"[\s+\x00-\x20]", name)


def parse_vkey(text: str) -> VerifierKey:
    """Read a verifier key: name+hexid+base64(kind, key)."""
    parts = text.strip().split("+", 2)
    if len(parts) != 3 or not good_key_name(parts[0]):
        raise BadNote(f"{text[:80]!r} is not a verifier key (name+id+key).")
    data = strict_base64(parts[2])
    kind, key = data[0] if data else -1, data[1:]
    if _KEY_BYTES.get(kind) != len(key):
        raise BadNote(f"The key {parts[0]} is of a kind or length this verifier does not know.")
    if parts[1] != key_id(parts[0], kind, key).hex():
        raise BadNote(f"The key {parts[0]}+{parts[1][:8]} does not match its own id.")
    return VerifierKey(parts[0], bytes.fromhex(parts[1]), kind, key)


def format_vkey(key: VerifierKey) -> str:
    """The text form of a verifier key."""
    data = base64.b64encode(bytes([key.kind]) + key.key).decode()
    return f"{key.name}+{key.id.hex()}+{data}"


def parse_note(data: bytes) -> Note:
    """Split a signed note into its text and its signature lines."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadNote("The note is not UTF-8 text.") from error
    if re.search(r"[\x00-\x09\x0b-\x1f]", text):
        raise BadNote("The note holds a control character.")
    cut = text.rfind("\n\n")
    if cut < 0 or not text.endswith("\n") or len(text) == cut + 2:
        raise BadNote("The note has no signature lines.")
    lines = text[cut + 2 : -1].split("\n")
    if len(lines) > 100:
        raise BadNote("The note has more than 100 signature lines.")
    return Note(text[: cut + 1].encode(), tuple(_signature_line(line) for line in lines))


def _signature_line(line: str) -> NoteSignature:
    name, _, value = line[2:].partition(" ")
    if not line.startswith("\u2014 ") or not good_key_name(name):
        raise BadNote(f"{line[:60]!r} is not a signature line.")
    data = strict_base64(value)
    if len(data) < 5:
        raise BadNote(f"The signature of {name} is too short.")
    return NoteSignature(name, data[:4], data[4:])


def parse_checkpoint(text: bytes) -> Checkpoint:
    """Read the text of a checkpoint: origin, size, root, perhaps extension lines."""
    lines = text.decode("utf-8").split("\n")
    if len(lines) < 4 or lines[-1] or not all(lines[:-1]):
        raise BadNote("A checkpoint has at least three lines and no empty one.")
    if not re.fullmatch("0|[1-9][0-9]{0,18}", lines[1]):
        raise BadNote(f"{lines[1][:30]!r} is not the size of a log.")
    root = strict_base64(lines[2])
    if len(root) != 32:
        raise BadNote("The root hash of a checkpoint has 32 bytes.")
    return Checkpoint(lines[0], int(lines[1]), root)


def verify_note(note: Note | bytes, keys: Iterable[VerifierKey]) -> list[Signed]:
    """The known keys that signed. A known key's wrong signature, or none that holds: BadNote."""
    note = parse_note(note) if isinstance(note, bytes) else note
    known = {(key.name, key.id): key for key in keys}
    found = []
    for line in note.signatures:
        key = known.get((line.name, line.id))
        if key is not None:
            found.append(_check_signature(note.text, key, line.value))
    if not any(signed.checked for signed in found):
        raise BadNote("No known key signed this note.")
    return found


def _check_signature(text: bytes, key: VerifierKey, value: bytes) -> Signed:
    if len(value) != _SIGNATURE_BYTES[key.kind]:
        raise BadNote(f"The signature of {key.name} has the wrong length.")
    time = None if key.kind == ED25519 else int.from_bytes(value[:8], "big")
    if key.kind == ED25519:
        holds: bool | None = ed25519_verify(key.key, text, value)
    elif key.kind == COSIGNATURE:
        holds = ed25519_verify(key.key, cosigned_text(text, time or 0), value[8:])
    else:
        message = cosigned_message(key.name, time or 0, parse_checkpoint(text))
        holds = ml_dsa_44_verify(key.key, message, value[8:])
    if holds is False:
        raise BadNote(f"The signature of {key.name}+{key.id.hex()} is wrong.")
    return Signed(key, time, holds is True)


def cosigned_text(text: bytes, time: int) -> bytes:
    """What a cosignature/v1 (type 0x04) signs."""
    return b"cosignature/v1\ntime %d\n" % time + text


def cosigned_message(cosigner: str, time: int, checkpoint: Checkpoint) -> bytes:
    """What an ML-DSA-44 cosignature (type 0x06) of a whole checkpoint signs."""
    name, origin = cosigner.encode(), checkpoint.origin.encode()
    if len(name) > 255 or len(origin) > 255:
        raise BadNote("A cosigner's name and an origin have at most 255 bytes.")
    return (
        b"subtree/v1\n\0"
        + (bytes([len(name)]) + name + time.to_bytes(8, "big"))
        + (bytes([len(origin)]) + origin + bytes(8) + checkpoint.size.to_bytes(8, "big"))
        + checkpoint.root
    )


def ml_dsa_44_verify(public_key: bytes, message: bytes, signature: bytes) -> bool | None:
    """Whether the signature holds; None where the library `cryptography` is not at hand."""
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey
    except ImportError:
        return None
    try:
        MLDSA44PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


class Receipt(NamedTuple):
    """What a receipt proved: the entry's index in the log, the checkpoint, and who signed it."""

    index: int
    checkpoint: Checkpoint
    signed: list[Signed]


def verify_tlog_proof(text: bytes, entry: bytes, keys: Sequence[VerifierKey]) -> Receipt:
    """Check a .tlog-proof for an entry. The log's own key must be among the keys."""
    head, _, rest = text.partition(b"\n\n")
    lines = head.decode("utf-8", "replace").split("\n")
    if lines and len(lines) > 1 and re.fullmatch("extra [A-Za-z0-9+/]+=*", lines[1]):
        del lines[1]
    if len(lines) < 2 or lines[0] != "c2sp.org/tlog-proof@v1":
        raise BadNote("This is not a receipt (c2sp.org/tlog-proof@v1).")
    if not re.fullmatch("index (0|[1-9][0-9]{0,18})", lines[1]):
        raise BadNote("The receipt does not say the entry's index.")
    index, proof = int(lines[1][6:]), [strict_base64(line) for line in lines[2:]]
    note = parse_note(rest)
    checkpoint, signed = parse_checkpoint(note.text), verify_note(note, keys)
    if not any(is_log_key(item.key, checkpoint.origin) and item.checked for item in signed):
        raise BadNote(f"The log {checkpoint.origin} itself did not sign this receipt.")
    if not verify_inclusion(index, checkpoint.size, leaf_hash(entry), proof, checkpoint.root):
        raise BadNote(f"The entry does not stand at index {index} of the log.")
    return Receipt(index, checkpoint, signed)


def is_log_key(key: VerifierKey, origin: str) -> bool:
    """Whether the key signs as the log of this origin: its name, with or without an epoch."""
    return key.kind != COSIGNATURE and key.name in (origin, origin.rpartition("/")[0])


# ------------------------------------------------------------------- entries and their bodies

_ENTRY = re.compile(
    rb"lotbook\.event/v1\n"
    rb"([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\n"
    rb"(([a-z][a-z_]{0,39})/([A-Za-z0-9][A-Za-z0-9._:-]{0,79}))\n"
    rb"([1-9][0-9]{0,17})\n"
    rb"(([a-z][a-z_]*(?:\.[a-z][a-z_]*)+)/([1-9][0-9]{0,8}))\n"
    rb"([0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]\.[0-9]{6}Z)\n"
    rb"([A-Za-z0-9][A-Za-z0-9._:-]{0,79})\n"
    rb"([0-9a-f]{64})\n"
).fullmatch


class Entry(NamedTuple):
    """The eight lines of an entry, read."""

    id: str
    stream_type: str
    stream_id: str
    version: int
    type: str
    schema_version: int
    recorded_at: str
    actor: str
    body_sha256: str


def parse_entry(data: bytes) -> Entry:
    """Read an entry; ValueError unless it is exactly in form."""
    match = _ENTRY(data)
    if match is None:
        raise ValueError("The entry is not the eight lines of lotbook.event/v1.")
    event, _, stream_type, stream, version, _, kind, schema, *rest = match.groups()
    names = (part.decode() for part in (kind, *rest))
    kind_text, recorded_at, actor, body = names
    return Entry(
        event.decode(),
        stream_type.decode(),
        stream.decode(),
        int(version),
        kind_text,
        int(schema),
        recorded_at,
        actor,
        body,
    )
