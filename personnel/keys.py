"""A person's own signing key: made, wrapped under their secret, opened again. No row, no page.

At rest a key is AES-256-GCM under Argon2id of the signing secret. A series keeps a copy under the
PIN and a random secret of the terminal, which the server hands out and does not keep.
"""

from __future__ import annotations

import base64
import os
import unicodedata
from dataclasses import dataclass, field
from hashlib import sha256

from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

ED25519 = "ed25519"
FORM = "lotbook.key/v1"
SEED, SALT, NONCE, TERMINAL = 32, 16, 12, 32  # bytes


class WrongSecret(Exception):
    """What was typed does not open the key."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What Argon2id costs whoever derives, and whoever guesses: KiB of memory, passes, lanes."""

    memory: int
    passes: int
    lanes: int

    def __str__(self) -> str:
        return f"argon2id,m={self.memory},t={self.passes},p={self.lanes}"


# The secret's cost guards a stolen database. The PIN's may be lower: its copy needs the terminal's
# 256 random bits as well, which the database does not hold.
SECRET_COST = Cost(65536, 2, 2)
PIN_COST = Cost(19456, 2, 1)


@dataclass(frozen=True, slots=True)
class Opened:
    """A key that its owner's secret opened, in memory alone, for one signature."""

    key: str
    person: str
    pin_cost: Cost
    seed: bytes = field(repr=False)
    pin_salt: bytes = field(repr=False)
    pin_key: bytes = field(repr=False)

    def sign(self, message: bytes) -> bytes:
        return Ed25519PrivateKey.from_private_bytes(self.seed).sign(message)


@dataclass(frozen=True, slots=True)
class Made:
    """A new key: its id and public half for the ledger, its wrapped half for the key table."""

    key: str
    public_key: str
    wrapped: str = field(repr=False)


def make(
    *, person: str, secret: str, pin: str, cost: Cost = SECRET_COST, pin_cost: Cost = PIN_COST
) -> Made:
    """A new key of the person's own, wrapped under the secret; it holds the PIN's derived key.

    The costs are written down with it, so that dearer ones can come later.
    """
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes_raw()
    key = key_id(public)
    pin_salt = os.urandom(SALT)
    inside = private.private_bytes_raw() + pin_salt + derive(pin, pin_salt, pin_cost)
    salt, nonce = os.urandom(SALT), os.urandom(NONCE)
    head = f"{FORM}${cost}${pin_cost}"
    wrapping = AESGCM(derive(secret, salt, cost))
    sealed = wrapping.encrypt(nonce, inside, _bound(head, key, person))
    wrapped = "$".join((head, _text(salt), _text(nonce), _text(sealed)))
    return Made(key, base64.b64encode(public).decode("ascii"), wrapped)


def unwrap(wrapped: str, *, key: str, person: str, secret: str) -> Opened:
    """Open a wrapped key with its owner's secret."""
    form, cost, pin_cost, salt, nonce, sealed = wrapped.split("$")
    derived = derive(secret, _data(salt), _cost(cost))
    bound = _bound(f"{form}${cost}${pin_cost}", key, person)
    try:
        inside = AESGCM(derived).decrypt(_data(nonce), _data(sealed), bound)
    except InvalidTag:
        raise WrongSecret from None
    seed, pin_salt, pin_key = inside[:SEED], inside[SEED : SEED + SALT], inside[SEED + SALT :]
    return Opened(key, person, _cost(pin_cost), seed, pin_salt, pin_key)


def copy_for_series(opened: Opened, *, terminal: bytes, bound_to: str) -> bytes:
    """The copy a series keeps: opened by PIN and the terminal's secret together, bound to both."""
    nonce = os.urandom(NONCE)
    wrapping = AESGCM(_series_key(opened.pin_key, terminal, bound_to))
    inside = opened.seed + opened.pin_key
    sealed = wrapping.encrypt(nonce, inside, _bound(bound_to, opened.key, opened.person))
    return str(opened.pin_cost).encode() + b"$" + opened.pin_salt + nonce + sealed


def open_copy(
    copy: bytes, *, key: str, person: str, pin: str, terminal: bytes, bound_to: str
) -> Opened:
    """Open a series' copy with the PIN, where the terminal's secret is the right one."""
    head, _dollar, rest = copy.partition(b"$")
    cost = _cost(head.decode())
    pin_salt, nonce, sealed = rest[:SALT], rest[SALT : SALT + NONCE], rest[SALT + NONCE :]
    wrapping = AESGCM(_series_key(derive(pin, pin_salt, cost), terminal, bound_to))
    try:
        inside = wrapping.decrypt(nonce, sealed, _bound(bound_to, key, person))
    except InvalidTag:
        raise WrongSecret from None
    return Opened(key, person, cost, inside[:SEED], pin_salt, inside[SEED:])


def key_id(public_key: bytes) -> str:
    """A key's id is made of the key, so that no two keys bear one id."""
    return "k-" + sha256(public_key).hexdigest()[:12]


def derive(typed: str, salt: bytes, cost: Cost) -> bytes:
    """Argon2id of what was typed."""
    text = unicodedata.normalize("NFKC", typed).encode()
    return hash_secret_raw(text, salt, cost.passes, cost.memory, cost.lanes, 32, Type.ID)


def _series_key(pin_key: bytes, terminal: bytes, bound_to: str) -> bytes:
    info = b"lotbook.series/v1 " + bound_to.encode()
    return HKDF(SHA256(), length=32, salt=terminal, info=info).derive(pin_key + terminal)


def _bound(head: str, key: str, person: str) -> bytes:
    return "\n".join((head, key, person)).encode()


def _cost(text: str) -> Cost:
    name, *parts = text.split(",")
    if name != "argon2id":
        raise ValueError(f"{name} is no derivation that this software knows.")
    memory, passes, lanes = (int(part.partition("=")[2]) for part in parts)
    return Cost(memory, passes, lanes)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _data(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
