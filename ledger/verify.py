#!/usr/bin/env python3
"""The offline verifier: recomputes a Lotbook bundle from its bytes, with nothing but Python.

Use: python3 verify.py BUNDLE [--key VKEY ...] [--all] [--json]
BUNDLE is the zip or the folder it was unpacked to. Exit code: 0 verified, 1 failed, 2 unusable.
The formats are described in docs/formats.md. The rest of the ledger imports its checks from here.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import csv
import hashlib
import io
import json
import os
import re
import stat
import sys
import time
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from hashlib import sha256
from typing import IO, Any, NamedTuple

# ---------------------------------------------------------------- Ed25519 (RFC 8032, strict)

_P = 2**255 - 19
_L = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, -1, _P) % _P
_SQRT_M1 = pow(2, (_P - 1) // 4, _P)


Point = tuple[int, ...]
Table = Sequence[Point]
Fields = tuple[bytes, ...]  # of an entry
Curve = tuple[Callable[[Point], Point], Callable[[Point, Point], Point], Callable[[Point], Point]]


def ed25519_verify(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the signature holds. S must be below the group order, the key in its one encoding
    and not of small order: such a key's signature would hold for several messages."""
    if len(public_key) != 32 or len(signature) != 64:
        return False
    key, s = _ed_decode(public_key), int.from_bytes(signature[32:], "little")
    if key is None or s >= _L or _ed_double(_ed_double(_ed_double((*key, 1, 0))))[0] == 0:
        return False
    digest = hashlib.sha512(signature[:32] + public_key + message).digest()
    k = int.from_bytes(digest, "little") % _L
    terms = (_wnaf(s, 8), _ed_base()), (_wnaf(k, 5), _ed_table((_P - key[0], key[1]), 8))
    x, y, z, _ = _straus(terms, (0, 1, 1, 0), (_ed_double, _ed_add, _ed_negate))
    x, y = x * pow(z, -1, _P) % _P, y * pow(z, -1, _P) % _P
    return (y | (x & 1) << 255).to_bytes(32, "little") == signature[:32]


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


def _ed_add(p: Point, q: Point) -> Point:
    """A point (X, Y, Z, T) plus a prepared one (Y-X, Y+X, 2dT, 2Z)."""
    x, y, z, t = p
    a, b, c, d = (y - x) * q[0] % _P, (y + x) * q[1] % _P, t * q[2] % _P, z * q[3] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _ed_prepared(p: Point) -> Point:
    x, y, z, t = p
    return (y - x) % _P, (y + x) % _P, 2 * _D * t % _P, 2 * z % _P


def _ed_table(affine: tuple[int, int], count: int) -> list[Point]:
    """The odd multiples 1, 3, 5, ... of a point, prepared."""
    point: Point = (affine[0], affine[1], 1, affine[0] * affine[1] % _P)
    twice = _ed_prepared(_ed_add(point, _ed_prepared(point)))
    table = []
    for _ in range(count):
        table.append(_ed_prepared(point))
        point = _ed_add(point, twice)
    return table


@lru_cache(maxsize=1)
def _ed_base() -> list[Point]:
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


def _straus(terms: Sequence[tuple[list[int], Table]], point: Point, curve: Curve) -> Point:
    """The sum of the terms (digits, table of odd multiples), the doublings shared."""
    double, add, negate = curve
    for at in range(max(len(digits) for digits, _ in terms) - 1, -1, -1):
        point = double(point)
        for digits, table in terms:
            digit = digits[at] if at < len(digits) else 0
            if digit:
                point = add(point, table[digit >> 1] if digit > 0 else negate(table[-digit >> 1]))
    return point


def _ed_double(p: Point) -> Point:
    x, y, z, _ = p
    xx, yy, both = x * x % _P, y * y % _P, x + y
    g, h = yy - xx, yy + xx
    e, f = both * both - h, g - 2 * z * z
    return e * f % _P, -g * h % _P, f * g % _P, -e * h % _P


def _ed_negate(p: Point) -> Point:
    return p[1], p[0], -p[2], p[3]


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
    terms = (_wnaf(u1, 7), _ec_base()), (_wnaf(u2, 5), _ec_table((x, y, 1), 8))
    px, _, pz = _straus(terms, (1, 1, 0), (_ec_double, _ec_add, _ec_negate))
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


def _ec_double(p: Point) -> Point:
    x, y, z = p
    zz, yy = z * z % _Q, y * y % _Q
    beta, alpha = x * yy % _Q, 3 * (x - zz) * (x + zz) % _Q
    x3 = (alpha * alpha - 8 * beta) % _Q
    return x3, (alpha * (4 * beta - x3) - 8 * yy * yy) % _Q, 2 * y * z % _Q


def _ec_add(p: Point, q: Point) -> Point:
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


def _ec_table(point: Point, count: int) -> list[Point]:
    """The odd multiples 1, 3, 5, ... of a point."""
    table, twice = [point], _ec_double(point)
    while len(table) < count:
        table.append(_ec_add(table[-1], twice))
    return table


@lru_cache(maxsize=1)
def _ec_base() -> list[Point]:
    return _ec_table((*_G, 1), 32)


def _ec_negate(p: Point) -> Point:
    return p[0], -p[1], p[2]


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
    if size1 == size2 > 0:
        return not proof and root1 == root2
    if not 0 < size1 < size2 or any(len(node) != 32 for node in (root1, root2, *proof)):
        return False
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
    lines = [(known.get((line.name, line.id)), line.value) for line in note.signatures]
    found = [_check_signature(note.text, key, value) for key, value in lines if key]
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
    if holds is False or (time or 0) >= 2**63:
        raise BadNote(f"The signature of {key.name}+{key.id.hex()} is wrong.")
    return Signed(key, time, holds is True)


def key_change_holds(data: dict[str, Any]) -> bool:
    """Whether the old key of a log has signed the change to the new one."""
    old, name = parse_vkey(data["old"]), parse_vkey(data["new"]).name
    text = f"lotbook.key-change/v1\n{name}\n{data['old']}\n{data['new']}\n".encode()
    return name == old.name and ed25519_verify(old.key, text, strict_base64(data["proof"]))


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

    leaf_index: int
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
    rb"([a-z][a-z_]{0,39})/([A-Za-z0-9][A-Za-z0-9._:-]{0,79})\n"
    rb"([1-9][0-9]{0,17})\n"
    rb"([a-z][a-z_]*(?:\.[a-z][a-z_]*)+)/([1-9][0-9]{0,8})\n"
    rb"([0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]\.[0-9]{6}Z)\n"
    rb"([A-Za-z0-9][A-Za-z0-9._:-]{0,79})\n"
    rb"([0-9a-f]{64})\n"
).fullmatch
_STREAM_AT = 54  # where the third line begins
NOT_AN_ENTRY = "The entry is not the eight lines of lotbook.event/v1."


def _fraction(text: str) -> None:
    raise ValueError(f"the number {text[:30]} is not an integer")


def _integer(text: str) -> int:
    if len(text) > 17 or abs(int(text)) >= 2**53:
        raise ValueError(f"the number {text[:30]} is beyond 2^53")
    return int(text)


canonical_text = json.JSONEncoder(
    sort_keys=True, ensure_ascii=False, separators=(",", ":"), check_circular=False
).encode
_decode = json.JSONDecoder(
    parse_float=_fraction, parse_constant=_fraction, parse_int=_integer
).decode
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]").search
MAX_BODY, MAX_DEPTH = 1024 * 1024, 32


def parse_body(body: bytes) -> dict[str, Any]:
    """Read a body; ValueError unless it is canonical and within the profile."""
    text = body.decode("utf-8")
    found = _decode(text)
    if len(body) > MAX_BODY or not isinstance(found, dict) or canonical_text(found) != text:
        raise ValueError("it is not a canonical JSON object of at most 1 MiB")
    plain = text.isascii() and text.isprintable() and "\\" not in text
    if not plain or text.count("{") + text.count("[") > MAX_DEPTH:
        _within_profile(found, 1)
    return found


def _within_profile(value: object, depth: int) -> None:
    if isinstance(value, (dict, list)) and depth > MAX_DEPTH:
        raise ValueError("it is nested more than 32 deep")
    if isinstance(value, dict):
        if not all(key.isascii() and not _CONTROL(key) for key in value):
            raise ValueError("a key is not plain ASCII text")
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            _within_profile(item, depth + 1)
    elif isinstance(value, str) and not _is_clean(value):
        raise ValueError("a text holds control characters or is not in normal form C")


def _is_clean(text: str) -> bool:
    return not _CONTROL(text) and unicodedata.is_normalized("NFC", text)


class Finding(NamedTuple):
    """The first thing found wrong: at which position of the log (None: not at one), and what."""

    position: int | None
    what: str


class Failed(Exception):
    """Something does not hold."""

    def __init__(self, position: int | None, what: str) -> None:
        super().__init__(what)
        self.finding = Finding(position, what)


class Unusable(Exception):
    """This is not a bundle that could be checked."""


def need(holds: object, position: int | None, what: str) -> None:
    """Raise Failed unless it holds."""
    if not holds:
        raise Failed(position, what)


class LogChecker:
    """Takes entries in the order of positions and checks their form, that positions and stream
    versions have no gaps, the body hashes, and the signed roots that it was told to expect."""

    def __init__(self, *, start: int = 0, first: int = 0, left: Iterable[bytes] = ()) -> None:
        self.from_the_beginning = start + first == 0
        self.versions: dict[bytes, int] = {}
        self.finding: Finding | None = None
        self.open_tree(start, first=first, left=left)

    def open_tree(self, start: int, *, first: int = 0, left: Iterable[bytes] = ()) -> None:
        """Go on with the tree of an epoch whose first entry has the position `start`."""
        self.start, self.good, self.tree = start, first, CompactRange(first, left)
        self.expected: dict[int, list[tuple[bytes, str]]] = {}

    def expect_root(self, size: int, root: bytes, where: str) -> None:
        """What the root must be when the tree has `size` leaves, and who says so."""
        self.expected.setdefault(size, []).append((root, where))
        if size == self.tree.size:
            self._meet()

    def feed(self, position: int, entry: bytes, body: bytes | None = None) -> Finding | None:
        """Take the next entry, with its body where it is at hand; what is wrong, if anything."""
        try:
            fields = self.take(position, entry)
            if body is not None:
                check_body_hash(position, fields[8], body)
        except Failed as failed:
            self.finding = self.finding or failed.finding
            return failed.finding
        return None

    def take(self, position: int, entry: bytes) -> Fields:
        """Take the next entry; give its fields in the order of `_ENTRY`, or raise Failed."""
        match = _ENTRY(entry)
        if match is None or len(entry) > 65535:
            raise Failed(position, NOT_AN_ENTRY)
        if position != self.start + self.tree.size:
            wanted = self.start + self.tree.size
            raise Failed(wanted, f"Position {wanted} is missing: {position} comes next.")
        stream, version = entry[_STREAM_AT : match.end(3)], int(match[4])
        before = self.versions.get(stream, 0 if self.from_the_beginning else version - 1)
        if version != before + 1:
            what = f"The stream {stream.decode()} goes from version {before} to {version}."
            raise Failed(position, what)
        self.versions[stream] = version
        self.tree.append(sha256(b"\0" + entry).digest())
        if self.tree.size in self.expected:
            self._meet()
        return match.groups()

    def _meet(self) -> None:
        """Compare the root with those expected at this size."""
        root, first, size = self.tree.root(), self.start + self.good, self.tree.size
        for expected, where in self.expected[size]:
            need(
                root == expected,
                min(first, max(self.start + size - 1, 0)),
                f"The entries {first} to {self.start + size - 1} do not give the root that {where}"
                " signs: one of them, or the tree before them, was altered.",
            )
        self.good = size


def check_body_hash(position: int, expected: bytes, body: bytes) -> None:
    """Raise Failed unless the body is the one whose hash stands in the entry."""
    if sha256(body).hexdigest().encode() != expected:
        raise Failed(position, "The body is not the one whose hash stands in the entry.")


# ---------------------------------------------------------------------- people's signatures

KEY_ENROLLED, SIGNED = b"ledger.signing_key_enrolled", b"ledger.signature_applied"
KEY_WITHDRAWN, SUPERSEDED = b"personnel.signing_key_withdrawn", b"ledger.signature_superseded"
EPOCH_BEGAN, KEY_CHANGED = b"ledger.epoch_began", b"ledger.checkpoint_key_changed"
PEOPLES = frozenset((KEY_ENROLLED, KEY_WITHDRAWN, SIGNED, SUPERSEDED))
SUPPORTING = PEOPLES | {EPOCH_BEGAN, KEY_CHANGED}
_STATED = ("key", "meaning", "printed_name", "role", "signed", "signed_at", "signer")
_ALGORITHMS: dict[str, Callable[[bytes, bytes, bytes], bool]] = {
    "ed25519": ed25519_verify,
    "webauthn-ed25519": ed25519_verify,
    "webauthn-es256": p256_verify,
}


class PersonSignatures:
    """Checks signature events as they come, in the order of positions, against people's keys."""

    def __init__(self, algorithms: dict[str, Any] | None = None) -> None:
        self.algorithms = algorithms or _ALGORITHMS
        self.keys: dict[str, dict[str, Any]] = {}
        self.ended: dict[str, int] = {}  # key -> where it was withdrawn
        self.signed: dict[str, list[tuple[int, str]]] = {}  # event -> by whom, which body
        self.events: dict[str, int] = {}  # the signature's own event -> where it stands
        self.superseded: dict[int, tuple[str, int]] = {}  # where -> by which event; where told
        self.count, self.seconds = 0, 0.0

    def take(self, at: int, fields: Fields, data: dict[str, Any]) -> str | None:
        """Take the data of an event of `PEOPLES` at a position; what is wrong with it, if any."""
        kind, key, actor = fields[4], data.get("key", ""), fields[7].decode()
        if kind == KEY_ENROLLED:
            known = self.keys.setdefault(key, data)
            same = all(known[part] == data[part] for part in ("person", "algorithm", "public_key"))
            return None if same else f"The signing key {key} was enrolled twice, differently."
        if kind == KEY_WITHDRAWN:
            self.ended.setdefault(key, at)
        elif kind == SUPERSEDED and data["signature"] in self.events:
            self.superseded.setdefault(self.events[data["signature"]], (data["by"], at))
        elif kind == SIGNED:
            self.events[fields[0].decode()] = at
            if key in self.ended:
                return f"It is signed with the key {key}, withdrawn before at {self.ended[key]}."
            alien = f"{actor} recorded a signature in the name of {data['signer']}."
            return self.check(at, data) or (alien if data["signer"] != actor else None)
        return None

    def check(self, position: int, data: dict[str, Any]) -> str | None:
        """Take the data of ledger.signature_applied; what is wrong with it, if anything."""
        began, enrolled = time.perf_counter(), self.keys.get(data["key"])
        if enrolled is None:
            return f"It is signed with the key {data['key']}, whose enrolment is not at hand."
        fault = signature_fault(data, enrolled, self.algorithms)
        for item in data["signed"]:
            self.signed.setdefault(item["event"], []).append((position, item["body_sha256"]))
        self.count, self.seconds = self.count + 1, self.seconds + time.perf_counter() - began
        return fault

    def standings(self, places: dict[str, int]) -> dict[int, str]:
        """What trail.csv says of each signature, if all are good; `places`: where events stand."""
        later = self.superseded.items()
        told = {at: f"superseded by {places.get(by, place)}" for at, (by, place) in later}
        return dict.fromkeys(self.events.values(), "holds") | told


def signed_statement(data: dict[str, Any]) -> bytes:
    """The bytes that a person's key signs; for a passkey their hash is the challenge."""
    parts = (*_STATED, "zone") if "zone" in data else _STATED  # since version 2
    stated = {part: data[part] for part in parts}
    version = "v2" if "zone" in data else "v1"
    return canonical_text({"format": f"lotbook.signature/{version}", **stated}).encode()


def signature_fault(
    data: dict[str, Any], enrolled: dict[str, Any], checks: dict[str, Any] = _ALGORITHMS
) -> str | None:
    """What is wrong with a signature, given the data of its key's enrolment; None: it holds."""
    if data["signer"] != enrolled["person"]:
        return f"{data['signer']} signed with the key of {enrolled['person']}."
    if data["algorithm"] != enrolled["algorithm"] or data["algorithm"] not in _ALGORITHMS:
        return f"The algorithm {data['algorithm']} is unknown or not the enrolled one."
    message = signed_statement(data)
    if data["algorithm"].startswith("webauthn-"):
        client = strict_base64(data["client_data"])
        device, answer = strict_base64(data["authenticator_data"]), json.loads(client)
        challenge = base64.urlsafe_b64encode(sha256(message).digest()).rstrip(b"=").decode()
        if answer.get("type") != "webauthn.get" or answer.get("challenge") != challenge:
            return "The passkey answered another challenge than this statement."
        if len(device) < 37 or device[32] & 5 != 5:
            return "The passkey did not verify its user (presence and verification)."
        message = device + sha256(client).digest()
    key, value = strict_base64(enrolled["public_key"]), strict_base64(data["value"])
    holds = checks[data["algorithm"]](key, message, value)
    return None if holds else "The signature of the person is wrong."


# --------------------------------------------------------------------------- reading a bundle

_NAME = re.compile(
    r"README\.txt|manifest\.json|verify\.py|trail\.(csv|jsonl)|keys\.txt"
    r"|schemas/[a-z_.]{1,120}-[0-9]{1,9}\.json|supporting/[0-9]{1,19}\.json"
    r"|epochs/[1-9][0-9]{0,8}/(checkpoint|checkpoints\.txt|timestamp\.tsr|proof\.json"
    r"|entries/[0-9]{1,19})|bodies/[0-9]{1,19}\.jsonl|blobs/[0-9a-f]{64}"
).fullmatch
_LITTER = (".DS_Store", "Thumbs.db", "desktop.ini")  # what file managers leave in a folder
MAX_FILES, MAX_TOTAL, MAX_LINE = 2_000_000, 32 << 30, 8 << 20
SMALL, CHUNK = 1 << 20, 256 * 65537  # limits of a small file and of a file of entries
_SHAPE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, csv.Error)
_READING = (OSError, EOFError, MemoryError, RuntimeError, zipfile.BadZipFile, zlib.error)


class Source:
    """The files of a bundle, from a zip (never unpacked to the disk) or from a folder."""

    def __init__(self, path: str, *, max_total: int = MAX_TOTAL) -> None:
        self.path, self.zip = path, None if os.path.isdir(path) else zipfile.ZipFile(path)
        self.sizes: dict[str, int] = {}
        self.reading = ""
        for name, size, plain in self._in_zip(self.zip) if self.zip else self._in_folder():
            if not plain or name in self.sizes or not _NAME(name):
                raise Unusable(f"The file {name[:120]!r} is no part of the format, or there twice.")
            self.sizes[name] = size
        if len(self.sizes) > MAX_FILES or sum(self.sizes.values()) > max_total:
            raise Unusable(f"The bundle unpacks to more than {max_total} bytes.")

    def _in_zip(self, archive: zipfile.ZipFile) -> Iterator[tuple[str, int, bool]]:
        at, file = 0, archive.fp
        for info in sorted(archive.infolist(), key=lambda info: info.header_offset):
            plain = not info.flag_bits & 1 and not stat.S_ISLNK(info.external_attr >> 16)
            plain &= info.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
            if file is None or not at <= info.header_offset <= at + 24:  # after it, a descriptor
                raise Unusable("The zip holds bytes that its directory does not list.")
            file.seek(info.header_offset + 26)
            lengths = sum(int.from_bytes(file.read(2), "little") for _ in range(2))
            at = info.header_offset + 30 + lengths + info.compress_size
            yield info.orig_filename, info.file_size, plain
        if archive.comment or not at <= archive.start_dir <= at + 24:
            raise Unusable("The zip holds bytes that its directory does not list.")

    def _in_folder(self) -> Iterator[tuple[str, int, bool]]:
        for folder, inner, names in os.walk(self.path):
            for name in [*names, *(name for name in inner if os.path.islink(f"{folder}/{name}"))]:
                full = os.path.join(folder, name)
                mode = os.lstat(full)
                if name not in _LITTER:
                    shown = os.path.relpath(full, self.path).replace(os.sep, "/")
                    yield shown, mode.st_size, stat.S_ISREG(mode.st_mode)

    def open(self, name: str) -> IO[bytes]:
        """One file, to be read in pieces."""
        need(name in self.sizes, None, f"The file {name} is missing.")
        self.reading = name
        if self.zip is None:
            return open(os.path.join(self.path, name), "rb")
        return io.BufferedReader(self.zip.open(name), 1 << 16)  # type: ignore[type-var]

    def read(self, name: str, limit: int = SMALL) -> bytes:
        """One file as a whole."""
        with self.open(name) as file:
            data = file.read(limit + 1)
        need(len(data) <= limit, None, f"The file {name} is longer than {limit} bytes.")
        return data

    def json(self, name: str, limit: int = SMALL) -> dict[str, Any]:
        """One file that holds a JSON object."""
        found = json.loads(self.read(name, limit), object_pairs_hook=_once)
        need(isinstance(found, dict), None, f"The file {name} does not hold a JSON object.")
        return dict(found)

    def under(self, folder: str) -> list[str]:
        """The files of one folder, by number."""
        names = [name for name in self.sizes if name.startswith(folder)]
        return sorted(names, key=lambda name: int(name[len(folder) :].partition(".")[0]))


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) != len(pairs):
        raise ValueError("a key stands twice in one JSON object")
    return dict(pairs)


def _nodes(texts: Sequence[str]) -> list[bytes]:
    nodes = [bytes.fromhex(text) for text in texts]
    if [node.hex() for node in nodes] != list(texts):
        raise ValueError("a hash is not in lower-case hex")
    return nodes


def split_notes(data: bytes) -> list[tuple[Checkpoint, Note]]:
    """The checkpoints of a file that holds one note after another, an empty line between them."""
    parts = data.split(b"\n\n") if data else []
    notes = [
        parse_note(b"\n\n".join(parts[at : at + 2]).rstrip(b"\n") + b"\n")
        for at in range(0, len(parts), 2)
    ]
    return [(parse_checkpoint(note.text), note) for note in notes]


class Epoch:
    """One epoch of the log, as far as the bundle shows it."""

    def __init__(self, source: Source, number: int, log: str, start: int) -> None:
        self.number, self.origin, self.start = number, f"{log}/{number}", start
        self.folder = f"epochs/{number}/"
        proof, cited = source.json(f"{self.folder}proof.json"), f"{self.folder}checkpoints.txt"
        self.first, self.last = proof["first"], proof["last"]
        self.left, self.path = _nodes(proof["left"]), _nodes(proof["consistency"])
        note = parse_note(source.read(f"{self.folder}checkpoint"))
        self.head = parse_checkpoint(note.text)
        self.seals = split_notes(source.read(cited, 64 << 20)) if cited in source.sizes else []
        self.seals = [*sorted(self.seals, key=lambda seal: seal[0].size), (self.head, note)]
        self.announced: list[tuple[int, list[VerifierKey]]] = []
        self.second: list[VerifierKey] = []
        self.previous: dict[str, Any] | None = None
        self.began = self.trusted = False
        sizes = 0 <= self.first <= self.last <= proof["size"] == self.head.size
        need(sizes, start, f"The sizes in {self.folder}proof.json and checkpoint disagree.")
        known = all(head.origin == self.origin for head, _ in self.seals)
        need(known, start, f"A checkpoint in {self.folder} is not of {self.origin}.")

    def expect(self, checker: LogChecker) -> None:
        """Tell the checker which roots were signed at which sizes."""
        checker.open_tree(self.start, first=self.first, left=self.left)
        for head, _ in self.seals:
            where = f"the checkpoint of size {head.size} in epoch {self.number}"
            forked = head.size == self.head.size and head.root != self.head.root
            need(not forked, self.start, f"{where} contradicts another: the log was forked.")
            if self.first <= head.size <= self.last:
                checker.expect_root(head.size, head.root, where)

    def finish(self, tree: CompactRange, good: int) -> None:
        """Check that the entries were as many as stated, and that the signed tree extends them."""
        end, last = self.start + tree.size - 1, self.start + self.last - 1
        need(tree.size == self.last, end + 1, f"The entries end at {end}, not at {last}.")
        extends = self.last in (0, self.head.size) or verify_consistency(
            self.last, self.head.size, self.path, tree.root(), self.head.root
        )
        what = f"The entries up to {last} do not begin the signed tree of size {self.head.size}."
        need(extends, self.start + good, what)

    def learn(self, index: int, data: dict[str, Any]) -> str | None:
        """Take the data of ledger.epoch_began or ledger.checkpoint_key_changed; what is wrong."""
        since = index + 1 if "epoch" in data else index + 2  # the old key seals the new one
        if "epoch" in data:
            self.previous, self.began = data.get("previous"), True
            if index or (data["epoch"], data["origin"]) != (self.number, self.origin):
                return f"This is not how epoch {self.number} begins."
        elif parse_vkey(data["old"]) not in self.keys_at(since - 1) or not key_change_holds(data):
            return "The log's key has not signed the change to the next one."
        keys = [parse_vkey(data[at]) for at in ("key", "second_key", "new") if data.get(at)]
        self.announced.append((since, keys))
        self.second = [*self.second, *(key for key in keys if key.kind == ML_DSA_44)]
        return None

    def keys_at(self, size: int) -> list[VerifierKey]:
        """The log's keys that sign at this size: those announced last, and the second key."""
        last = next((keys for since, keys in self.announced[::-1] if since <= size), [])
        return list({*last, *self.second})

    def check_link(self, before: Epoch | None) -> None:
        """Check how the epoch follows the tree before it."""
        need(self.began, self.start, f"The first entry of epoch {self.number} is not shown.")
        if self.previous is None:
            need(self.start == 0, self.start, f"Epoch {self.number} does not say what it follows.")
            return
        kept, size, lost = (self.previous[part] for part in ("kept", "size", "lost"))
        root, kept_root = _nodes((self.previous["root"], self.previous["kept_root"]))
        proof = _nodes(self.previous["proof"])
        holds = kept == 0 or verify_consistency(kept, size, proof, kept_root, root)
        what = f"Epoch {self.number} does not prove what it kept of the tree before it."
        need(holds and lost == size - kept, self.start, what)
        if before is None:
            what = f"What epoch {self.number} follows is not shown, so its start is not proved."
            need(self.start == kept == 0, self.start, what)
        else:
            head, at = before.head, before.start + kept
            same = head.root == {size: root, kept: kept_root}.get(head.size, head.root)
            follows = at == self.start and size >= min(head.size, kept) and same
            need(follows, self.start, f"Epoch {self.number} does not follow {before.origin}.")

    def is_vouched_by(self, after: Epoch) -> bool:
        """Whether a later, trusted epoch names the root of this one's checkpoint."""
        told = after.previous or {}
        roots = {told.get("size"): told.get("root"), told.get("kept"): told.get("kept_root")}
        named = told.get("origin") == self.origin and roots.get(self.head.size)
        return after.trusted and bool(named == self.head.root.hex())


# ------------------------------------------------------------------------- checking a bundle

FORMAT = "lotbook.bundle/v1"
_FIELDS = {"stream_type": 1, "stream_id": 2, "type": 4, "actor": 7}  # filter key -> entry field
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\.[0-9]{6}Z").fullmatch
_BLOB = re.compile(rb'"blob":"sha256:([0-9a-f]{64})"').findall  # a text cannot hold these quotes


class Filter:
    """Which entries the bundle promises to hold with their bodies."""

    def __init__(self, stated: dict[str, Any]) -> None:
        rest = dict(stated)
        self.words = ", ".join(f"{key} {value}" for key, value in stated.items()) or "everything"
        self.first, self.last = rest.pop("first", None), rest.pop("last", None)
        times = rest.pop("from", "0000-00-00T00:00:00.000000Z"), rest.pop("to", None)
        known = all(moment is None or _MOMENT(moment) for moment in times)
        need(known, None, "A time of the filter is not in the form of the entries.")
        self.since, self.until = times[0].encode(), times[1].encode() if times[1] else b"~"
        self.equal = [(_FIELDS[key], value.encode()) for key, value in rest.items()]

    def matches(self, fields: Fields) -> bool:
        """Whether the entry is one of those asked for."""
        equal = all(fields[at] == value for at, value in self.equal)
        return equal and self.since <= fields[6] and fields[6] < self.until


class Bundle:
    """One verification, step by step. A step that finds something wrong raises Failed."""

    def __init__(self, source: Source, keys: Sequence[str], *, everything: bool) -> None:
        self.source, self.everything = source, everything
        self.given = [parse_vkey(key) for key in keys]
        self.people, self.checker = PersonSignatures(), LogChecker()
        self.done: list[str] = []
        self.remarks: list[str] = []
        self.facts: dict[str, Any] = {}
        self.blobs: set[str] = set()
        self.supporting: list[int] = []
        self.matches = 0

    def run(self) -> None:
        """All steps, in the order in which trust grows."""
        began = time.perf_counter()
        self.read_manifest()
        self.check_files()
        self.read_epochs()
        self.read_supporting(before=True)
        self.check_entries()
        self.read_supporting(before=False)
        self.check_counts()
        spent = time.perf_counter() - began - self.people.seconds
        self.facts["seconds, people's signatures"] = round(self.people.seconds, 3)
        self.facts["seconds, everything else"] = round(spent, 3)
        self.check_signed_events()
        self.check_seals()

    def read_manifest(self) -> None:
        """What the bundle says of itself."""
        if "manifest.json" not in self.source.sizes:
            raise Unusable("There is no manifest.json: this is not a Lotbook bundle.")
        self.manifest = stated = self.source.json(
            "manifest.json", SMALL + 512 * len(self.source.sizes)
        )
        if stated.get("format") != FORMAT:
            raise Unusable(f"The format {str(stated.get('format'))[:60]!r} is not {FORMAT}.")
        self.log, self.filter = stated["origin"], Filter(stated["filter"])
        self.first, self.last = stated["range"]["first"], stated["range"]["last"]
        lines = self.source.read("keys.txt").decode().split("\n")
        self.listed = [parse_vkey(line) for line in lines if line]
        self.facts |= {"log": self.log, "asked for": self.filter.words}
        self.facts |= {"positions": f"{self.first} to {self.last}", "matches": stated["matches"]}
        made = ", ".join(str(stated.get(key))[:80] for key in ("created_at", "software"))
        self.facts["said by the exporter, not proved"] = made

    def check_files(self) -> None:
        """Each file against the hash in the manifest."""
        files = self.manifest["files"]
        for name in sorted({*files, "manifest.json"} ^ set(self.source.sizes)):
            raise Failed(None, f"The manifest and the files disagree about {name[:120]!r}.")
        for name, expected in sorted(files.items()):
            digest = sha256()
            with self.source.open(name) as file:
                while block := file.read(1 << 20):
                    digest.update(block)
            need(digest.hexdigest() == expected, None, f"The file {name} has another hash.")
        self.done.append(f"{len(files)} files are those the manifest names")

    def read_epochs(self) -> None:
        """The frame of each epoch: sizes, starts, checkpoints; and that the range is as asked."""
        stated = [(item["epoch"], item["start"]) for item in self.manifest["epochs"]]
        self.epochs = [Epoch(self.source, number, self.log, start) for number, start in stated]
        folders = {int(name.split("/")[1]) for name in self.source.sizes if name[:7] == "epochs/"}
        named = [(item["epoch"], item["origin"]) for item in self.manifest["epochs"]]
        known = named and named == [(number, f"{self.log}/{number}") for number in sorted(folders)]
        need(known, None, "The manifest's epochs are not those of the files.")
        at = self.first
        for epoch in self.epochs:
            if epoch.first < epoch.last:
                begins = epoch.start + epoch.first == at
                need(begins, at, f"The entries of epoch {epoch.number} do not begin at {at}.")
                at = epoch.start + epoch.last
        end = self.epochs[-1].start + self.epochs[-1].head.size - 1
        first = 0 if self.filter.first is None else self.filter.first
        last = end if self.filter.last is None else min(self.filter.last, end)
        right = (self.first, self.last, at) == (first, max(last, first - 1), self.last + 1)
        what = f"The entries are {self.first} to {at - 1}; asked for were {first} to {last}."
        need(right, first if self.first != first else min(at, last), what)

    def read_supporting(self, *, before: bool) -> None:
        """The ledger's own entries from outside the range, each with its inclusion proof."""
        numbers = {epoch.number: epoch for epoch in self.epochs}
        for name in self.source.under("supporting/"):
            position = int(name[11:-5])
            if (position < self.first) != before:
                continue
            item = self.source.json(name, MAX_LINE)
            entry, epoch = item["entry"].encode(), numbers[item["epoch"]]
            index, fields = position - epoch.start, self.fields_of(entry)
            proved = verify_inclusion(
                index, epoch.head.size, leaf_hash(entry), _nodes(item["proof"]), epoch.head.root
            )
            need(proved and item["position"] == position, position, f"{name} is not proved.")
            outside = not self.first <= position <= self.last and fields[4] in SUPPORTING
            need(outside, position, f"{name} has no place in this bundle.")
            self.supporting.append(position)
            self.take_body(epoch, position, fields, item["body"].encode())

    def fields_of(self, entry: bytes) -> Fields:
        """The fields of one entry."""
        match = _ENTRY(entry)
        need(match, None, NOT_AN_ENTRY)
        return match.groups() if match else ()

    def check_entries(self) -> None:
        """Every entry of the range, the bodies that belong to it, and the trail made from them."""
        bodies, trail = self.read_bodies(), Trail(self.source)
        at, body = next(bodies, (-1, b""))
        self.checker.from_the_beginning = self.first == 0
        for epoch in self.epochs:
            epoch.expect(self.checker)
            for position, entry in self.read_entries(epoch):
                fields = self.checker.take(position, entry)
                matching = self.filter.matches(fields)
                wanted = matching or fields[4] in SUPPORTING
                if wanted != (at == position):
                    why = "is missing" if wanted else "was not asked for, or out of order"
                    raise Failed(position, f"The body at position {position} {why}.")
                if wanted:
                    found = self.take_body(epoch, position, fields, body)
                    if matching:
                        self.matches += 1
                        trail.take(position, fields, body, found)
                    else:
                        self.supporting.append(position)
                    at, body = next(bodies, (-1, b""))
            epoch.finish(self.checker.tree, self.checker.good)
        need(at == -1, at, f"There is a body for position {at} but no entry.")
        self.said = trail.finish()

    def read_entries(self, epoch: Epoch) -> Iterator[tuple[int, bytes]]:
        """The entries of an epoch, with their positions."""
        position = epoch.start + epoch.first
        for name in self.source.under(f"{epoch.folder}entries/"):
            data, at = self.source.read(name, CHUNK), 0
            while at < len(data):
                end = at + 2 + int.from_bytes(data[at : at + 2], "big")
                need(end <= len(data), position, f"The file {name} breaks off.")
                yield position, data[at + 2 : end]
                position, at = position + 1, end

    def read_bodies(self) -> Iterator[tuple[int, bytes]]:
        """The shipped bodies, with their positions."""
        at = self.first - 1
        for name in self.source.under("bodies/"):
            with self.source.open(name) as file:
                while line := file.readline(MAX_LINE):
                    try:
                        item = _decode(line.decode())
                        ended, at, body = line[-2:], item["position"], item["body"].encode()
                    except _SHAPE as error:
                        what = f"After position {at}, {name} is malformed: {error!s:.200}"
                        raise Failed(at + 1, what) from error
                    need(ended == b"}\n", at, f"The line of position {at} in {name} breaks off.")
                    yield at, body

    def take_body(self, epoch: Epoch, position: int, fields: Fields, body: bytes) -> dict[str, Any]:
        """Check one body, and learn from it what the ledger says about keys and epochs."""
        check_body_hash(position, fields[8], body)
        try:
            found = parse_body(body)
        except (ValueError, RecursionError) as error:
            raise Failed(position, f"The body is outside the profile: {error}.") from error
        if b'"blob":"sha256:' in body:
            self.blobs.update(name.decode() for name in _BLOB(body))
        if fields[4] in SUPPORTING:
            try:
                fault = self.learn(epoch, position, fields, found["data"])
            except _SHAPE as error:
                fault = f"The body does not say what such an event must say: {error!s:.200}"
            need(fault is None, position, fault or "")
        return found

    def learn(self, epoch: Epoch, at: int, fields: Fields, data: dict[str, Any]) -> str | None:
        """Take one of the ledger's own events; what is wrong with it, if anything."""
        people = fields[4] in PEOPLES
        return self.people.take(at, fields, data) if people else epoch.learn(at - epoch.start, data)

    def check_counts(self) -> None:
        """What the manifest says was found; and the attachments that the bodies name."""
        stated = self.manifest["matches"], sorted(self.manifest["supporting"])
        told = stated == (self.matches, sorted(self.supporting))
        need(told, None, "The manifest counts other matches or supporting bodies.")
        held = {name[6:] for name in self.source.sizes if name.startswith("blobs/")}
        for name in sorted(held ^ self.blobs):
            raise Failed(None, f"The attachment {name} is missing, or no body names it.")
        for name in held:
            right = self.manifest["files"][f"blobs/{name}"] == name
            need(right, None, f"The attachment {name} is not the one that was named.")
        self.done += [
            f"{self.last - self.first + 1} entries lead to the signed roots",
            f"{self.matches} matching and {len(self.supporting)} supporting bodies are those that"
            " the entries name; none is missing",
            "trail.csv (but its sentences) and trail.jsonl say what the bodies say",
            f"{len(held)} attachments are those the bodies name",
        ]

    def check_signed_events(self) -> None:
        """That what a person signed is what the log holds, and trail.csv's word on signatures."""
        people, wanted = self.people, dict(self.people.signed)
        places, signed = dict(people.superseded.values()), {}
        for epoch in self.epochs if wanted else ():
            for position, entry in self.read_entries(epoch):
                event = entry[17:53].decode()
                over = wanted.pop(event, ())
                for at, body in over:
                    same = body == entry[-65:-1].decode()
                    need(same, at, "The signature names another body of its event.")
                if over and self.filter.matches(self.fields_of(entry)):
                    signed[position] = [at for at, _ in over]
                if event in places:
                    places[event] = position
        told, said = people.standings(places), self.said
        right = {at: signed_cell(over, told) for at, over in signed.items()}
        right |= {at: told[at] for at in said or () if at in told}
        for at in sorted({*right, *said}) if said is not None else ():
            same = right.get(at, "") == (said or {}).get(at, "")
            need(same, at, "trail.csv says something else of a signature than the log.")
        if wanted:
            self.remarks.append(f"{len(wanted)} signed events lie outside these positions")
        self.remarks += [f"signature at position {at}: {told[at]}" for at in people.superseded]
        self.done.append(f"{people.count} signatures of people hold")

    def check_seals(self) -> None:
        """Who sealed the roots: the log's own keys, as announced in it, and the witnesses."""
        own = {key for key in self.given if key.kind == ED25519}
        trusted = own or {key for key in self.listed if key.kind == ED25519}
        used = {key for epoch in self.epochs for _, keys in epoch.announced for key in keys}
        origins = {epoch.origin: epoch for epoch in self.epochs}
        for epoch in self.epochs:
            epoch.check_link(origins.get((epoch.previous or {}).get("origin", "")))
            used |= self.check_seals_of(epoch, trusted)
        for epoch in reversed(self.epochs):
            vouched = any(epoch.is_vouched_by(after) for after in self.epochs)
            epoch.trusted = epoch.trusted or vouched
            what = f"No key you trust signed the checkpoint of epoch {epoch.number}."
            need(epoch.trusted, epoch.start + epoch.first, what)
        for said, keys in (("keys.txt lists", self.listed), ("You gave", self.given)):
            for key in keys:
                what = f"{said} {format_vkey(key)[:120]}, which signs nothing here."
                need(key in used, None, what)
        signers = [format_vkey(key) for key in used if (key.kind, key.name) == (ED25519, self.log)]
        self.facts["signed by"] = ", ".join(sorted(signers))
        if not own:
            self.remarks.append("the log's key came with the bundle: compare it, and give --key")

    def check_seals_of(self, epoch: Epoch, trusted: set[VerifierKey]) -> set[VerifierKey]:
        """The signatures on one epoch's checkpoints; the keys that signed. `trusted` grows."""
        others = [k for k in self.given + self.listed if (k.kind, k.name) != (ED25519, self.log)]
        skipped = 0 if self.everything else max(0, len(epoch.seals) - 200)
        used: set[VerifierKey] = set()
        for head, note in epoch.seals[skipped:]:
            at, must = epoch.start + max(0, head.size - 1), epoch.keys_at(head.size)
            where = f"The checkpoint of size {head.size} in epoch {epoch.number}"
            try:
                found = verify_note(note, [*must, *others])
            except BadNote as error:
                raise Failed(at, f"{where}: {error}") from error
            signers = {item.key for item in found}
            need(must and signers.issuperset(must), at, f"{where}: a key of the log did not sign.")
            epoch.trusted = any(key.kind == ED25519 and key in trusted for key in must)
            if epoch.trusted and (epoch.first <= head.size <= epoch.last or head == epoch.head):
                trusted.update(*(keys for since, keys in epoch.announced if since - 2 < head.size))
            used |= signers
        if skipped:
            self.remarks.append(f"{skipped} cited checkpoints were not checked; --all checks them")
        self.tell_seals(epoch, found)
        return used

    def tell_seals(self, epoch: Epoch, found: list[Signed]) -> None:
        """What the report says about one epoch's newest checkpoint."""
        kinds = {ED25519: "", COSIGNATURE: " (witness)", ML_DSA_44: " (ML-DSA-44)"}
        names = ", ".join(item.key.name + kinds[item.key.kind] for item in found if item.checked)
        what = f"epoch {epoch.number}: the checkpoint of size {epoch.head.size}"
        self.done.append(f"{what} is signed by {names}; {len(epoch.seals) - 1} more are cited")
        for item in found:
            if not item.checked:
                self.remarks.append(f"ML-DSA-44 signature of {item.key.name}: present, not checked")
        if len(found) < len(epoch.seals[-1][1].signatures):
            self.remarks.append(f"epoch {epoch.number}: signatures of unknown keys were ignored")
        if f"{epoch.folder}timestamp.tsr" in self.source.sizes:
            token = self.source.read(f"{epoch.folder}timestamp.tsr")
            self.remarks.append(timestamp_words(token, epoch.seals[-1][1].text))


def timestamp_words(token: bytes, text: bytes) -> str:
    """What an RFC 3161 token says about a checkpoint. Its authority's certificate is not judged."""
    try:
        from rfc3161_client import decode_timestamp_response
    except ImportError:
        return "RFC 3161 time-stamp: present, not checked"
    info = decode_timestamp_response(token).tst_info
    hashes = sha256(text).digest(), hashlib.sha512(text).digest()
    right = info.message_imprint.message in hashes
    need(right, None, "The time-stamp (RFC 3161) is not of this checkpoint.")
    return f"RFC 3161 time-stamp of {info.gen_time}: for its authority ask that authority"


# ---------------------------------------------------------- the trail, made again from the bodies

COLUMNS = [
    *("position", "recorded_at_utc", "person", "role", "terminal", "type", "schema_version"),
    *("stream", "version", "sentence", "old", "new", "reason", "claimed_at", "command"),
    *("command_id", "cause", "event_id", "body_sha256", "data"),
]
SENTENCE = COLUMNS.index("sentence")
_START = re.compile("^[\\s\ufeff]*[=+\\-@\t\r\uff1d\uff0b\uff0d\uff20]").match
_INNER = re.compile("([;\t\r\n]\\s*)([=+\\-@\uff1d\uff0b\uff0d\uff20]?)")  # linear: takes all
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
_LINE = (
    b'{"position":%d,"id":"%b","stream":"%b/%b","version":%b,"type":"%b","schema_version":%b,'
    b'"recorded_at":"%b","actor":"%b","body_sha256":"%b","body":%b}\n'
)


class Trail:
    """Compares trail.jsonl and trail.csv, line by line, with what the bodies give."""

    def __init__(self, source: Source) -> None:
        csv.field_size_limit(16 << 20)
        self.lines = source.open("trail.jsonl")
        table = io.TextIOWrapper(source.open("trail.csv"), encoding="utf-8", newline="")
        self.rows = csv.reader(table, strict=True)
        head = (table.read(1) == "\ufeff" and self._row()) or []
        self.said: dict[int, str] | None = {} if "signatures" in head else None
        head = [column for column in head if column != "signatures"]  # old ones have it not
        need(head == COLUMNS, None, "trail.csv does not begin with its columns.")

    def take(self, position: int, fields: Fields, raw: bytes, body: dict[str, Any]) -> None:
        """Compare the next line of both files."""
        line = _LINE % (position, *fields, raw)
        if self.lines.read(len(line)) != line:
            raise Failed(position, "trail.jsonl says something else than the log.")
        row = self._row() or []
        if self.said is not None:
            cell, row[SENTENCE + 1 : SENTENCE + 2] = "".join(row[SENTENCE + 1 : SENTENCE + 2]), []
            if cell or fields[4] == SIGNED:
                self.said[position] = cell
        said = "".join(row[SENTENCE : SENTENCE + 1])
        need(said == _cell(said, False), position, "trail.csv's sentence would run as a formula.")
        row[SENTENCE : SENTENCE + 1] = [""]  # a translation; nothing proves it
        if row != trail_cells(position, fields, body, simple=_is_simple(raw)):
            raise Failed(position, "trail.csv says something else than the log.")

    def _row(self) -> list[str] | None:
        try:
            return next(self.rows, None)
        except (csv.Error, ValueError):  # not in the form of a table: not what is wanted
            return ["?"]

    def finish(self) -> dict[int, str] | None:
        """Nothing may follow the last line. What it said of signatures, where it does."""
        over = not self.lines.read(1) and self._row() is None
        need(over, None, "trail.csv or trail.jsonl has more lines than there are matches.")
        return self.said


def signed_cell(signatures: list[int], told: dict[int, str]) -> str:
    """What trail.csv says beside an entry that people signed: each signature, and its standing."""
    return "; ".join(f"signed at {at}: {told[at]}" for at in signatures)


def _is_simple(raw: bytes) -> bool:
    """Whether no text in a body can need more than an apostrophe at the start of a cell."""
    return raw.isascii() and b";" not in raw and b"\\" not in raw


def trail_cells(
    position: int, fields: Fields, body: dict[str, Any], *, simple: bool = False
) -> list[str]:
    """The cells of one line of trail.csv, the sentence left empty."""
    part = [field.decode() for field in fields]
    data, actor, command = body.get("data", {}), body.get("actor", {}), body.get("command", {})
    free = [actor.get("role"), actor.get("terminal"), data.get("old"), data.get("new")]
    free += [body.get("reason"), body.get("claimed_at"), command.get("name"), command.get("id")]
    cells = [_cell(value, simple) for value in (*free, body.get("cause"), data)]
    who = [str(position), part[6], part[7], *cells[:2]]
    what = [part[4], part[5], f"{part[1]}/{part[2]}", part[3], ""]
    return [*who, *what, *cells[2:9], part[0], part[8], cells[9]]


def _defused(found: re.Match[str]) -> str:
    return f"{found[1]}'{found[2]}" if found[2] else found[1]


def _cell(value: object, simple: bool) -> str:
    """One value as text that no spreadsheet runs as a formula."""
    text = "" if value is None else value if isinstance(value, str) else canonical_text(value)
    if not text or (simple and text[0] not in " =+-@"):
        return text
    text = _INNER.sub(_defused, _UNSEEN.sub("\ufffd", text))
    return f"'{text}" if _START(text) else text


# ------------------------------------------------------------------------------- the report


def _shown(line: str) -> str:
    """A line in which nothing begins another line, colours, hides or turns round the text."""
    return "".join(char if char.isprintable() else "\ufffd" for char in line)


class Report(NamedTuple):
    """What came of a verification: verified, failed or unusable, and why."""

    verdict: str
    finding: Finding | None
    done: list[str]
    remarks: list[str]
    facts: dict[str, Any]

    @property
    def exit_code(self) -> int:
        """For a shell: 0 verified, 1 failed, 2 unusable."""
        return ("verified", "failed", "unusable").index(self.verdict)

    def text(self) -> str:
        """For a person."""
        lines = [f"{key}: {value}" for key, value in self.facts.items()]
        lines += [f"[ok] {line}" for line in self.done]
        lines += [f"[note] {line}" for line in self.remarks]
        last = "VERIFIED: the bundle is whole and as it was sealed."
        if self.finding is not None:
            at, what = self.finding
            where = "" if at is None else f" First bad position: {at}."
            last = f"{'NOT VERIFIED' if self.verdict == 'failed' else 'UNUSABLE'}.{where} {what}"
        return "".join(_shown(line) + "\n" for line in [*lines, last])

    def as_json(self) -> dict[str, Any]:
        """For another program."""
        at, what = self.finding or (None, None)
        found = {"verdict": self.verdict, "first_bad_position": at, "what": what}
        return {**found, "done": self.done, "remarks": self.remarks, "facts": self.facts}


def verify_bundle(
    path: str, keys: Sequence[str] = (), *, everything: bool = False, max_total: int = MAX_TOTAL
) -> Report:
    """Check a bundle, a zip or a folder, against verifier keys given as text."""
    bundle, verdict, finding = None, "unusable", None
    try:
        bundle = Bundle(Source(path, max_total=max_total), keys, everything=everything)
        bundle.run()
        verdict = "verified"
    except Failed as failed:
        verdict, finding = "failed", failed.finding
    except Unusable as error:
        finding = Finding(None, str(error))
    except _READING as error:
        finding = Finding(None, f"It cannot be read as a bundle: {error!r:.300}")
    except _SHAPE as error:
        file = bundle.source.reading if bundle else "what was given"
        said = f"{file} is malformed: {type(error).__name__}, {error!s:.200}"
        verdict, finding = "failed" if bundle else "unusable", Finding(None, said)
    if bundle is None:
        return Report(verdict, finding, [], [], {})
    return Report(verdict, finding, bundle.done, bundle.remarks, bundle.facts)


def main(arguments: Sequence[str]) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="verify.py", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("bundle", help="the zip, or the folder it was unpacked to")
    parser.add_argument("--key", action="append", default=[], help="a verifier key you trust")
    parser.add_argument("--all", action="store_true", help="check every cited checkpoint")
    parser.add_argument("--json", action="store_true", help="report as JSON")
    chosen = parser.parse_args(arguments)
    report = verify_bundle(chosen.bundle, chosen.key, everything=chosen.all)
    text = json.dumps(report.as_json(), indent=1) + "\n" if chosen.json else report.text()
    sys.stdout.write(text)
    return report.exit_code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
