"""Signing keys of the log and of witnesses: their text form (C2SP signed-note) and their files.

A private key: PRIVATE+KEY+<name>+<id>+<base64 of kind and seed>, in a file its owner alone reads.
"""

import base64
import os
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from ledger.verify import (
    COSIGNATURE,
    ED25519,
    ML_DSA_44,
    BadNote,
    VerifierKey,
    format_vkey,
    good_key_name,
    key_id,
    strict_base64,
)

PREFIX = "PRIVATE+KEY+"
KINDS = {ED25519: "Ed25519", COSIGNATURE: "Ed25519 cosignature", ML_DSA_44: "ML-DSA-44"}
SEED_BYTES = 32


class KeyFileRefused(Exception):
    """A key file that is missing, malformed or open to others."""


@dataclass(frozen=True, slots=True, repr=False)
class SigningKey:
    """A private key under a name; `kind` is the signature type byte of its notes."""

    name: str
    kind: int
    private: Ed25519PrivateKey | MLDSA44PrivateKey

    def __repr__(self) -> str:
        return f"<SigningKey {self.name} ({KINDS[self.kind]})>"

    @property
    def verifier(self) -> VerifierKey:
        """The public half."""
        public = self.private.public_key().public_bytes_raw()
        return VerifierKey(self.name, key_id(self.name, self.kind, public), self.kind, public)

    @property
    def vkey(self) -> str:
        """The public half as text."""
        return format_vkey(self.verifier)

    @property
    def skey(self) -> str:
        """The private half as text. Keep it out of logs and databases."""
        data = bytes([self.kind]) + self.private.private_bytes_raw()
        return f"{PREFIX}{self.name}+{self.verifier.id.hex()}+{base64.b64encode(data).decode()}"


def generate(name: str, *, kind: int = ED25519) -> SigningKey:
    """Make a new key."""
    return from_seed(name, kind=kind, seed=os.urandom(SEED_BYTES))


def from_seed(name: str, *, kind: int = ED25519, seed: bytes) -> SigningKey:
    """The key that belongs to 32 secret bytes."""
    if not good_key_name(name):
        raise BadNote(f"{name!r} cannot name a key: no blanks, no plus.")
    if len(seed) != SEED_BYTES or kind not in KINDS:
        raise BadNote(f"The key {name} is of a kind or length this software does not know.")
    if kind == ML_DSA_44:
        return SigningKey(name, kind, MLDSA44PrivateKey.from_seed_bytes(seed))
    return SigningKey(name, kind, Ed25519PrivateKey.from_private_bytes(seed))


def parse_skey(text: str) -> SigningKey:
    """Read a private key; what is wrong is said without repeating the secret."""
    parts = text.strip().removeprefix(PREFIX).split("+", 2)
    if not text.startswith(PREFIX) or len(parts) != 3:
        raise BadNote("This is not a private key (PRIVATE+KEY+name+id+secret).")
    try:
        data = strict_base64(parts[2])
    except BadNote:
        raise BadNote(f"The private key {parts[0]} is not canonical base64.") from None
    key = from_seed(parts[0], kind=data[0] if data else -1, seed=data[1:])
    if key.verifier.id.hex() != parts[1]:
        raise BadNote(f"The private key {parts[0]}+{parts[1][:8]} does not match its own id.")
    return key


def write_keys(path: Path, keys: list[SigningKey]) -> None:
    """Write a new key file, one key a line, mode 0600. A file that is there is never replaced."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # Written beside it and linked when complete: a crash cannot leave half a key under this name.
    handle, beside = tempfile.mkstemp(prefix=f"{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            os.fchmod(handle, 0o600)
            file.writelines(f"{key.skey}\n" for key in keys)
            file.flush()
            os.fsync(handle)
        os.link(beside, path)
    except FileExistsError:
        raise KeyFileRefused(f"The key file {path} exists; it is not overwritten.") from None
    finally:
        os.unlink(beside)


def read_keys(path: Path) -> list[SigningKey]:
    """Read a key file. It must belong to its owner alone."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise KeyFileRefused(f"The key file {path} cannot be read: {error}.") from error
    if mode & 0o077:
        raise KeyFileRefused(f"Others can read the key file {path}. Run: chmod 600 {path}")
    try:
        keys = [parse_skey(line) for line in lines if line.strip()]
    except BadNote as error:
        raise KeyFileRefused(f"The key file {path} is malformed: {error}") from error
    if not keys:
        raise KeyFileRefused(f"The key file {path} holds no key.")
    return keys
