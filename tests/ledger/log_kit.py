"""Makes synthetic logs by docs/formats.md, without Django or a database.

The Merkle tree is computed from RFC 6962's definitions, slowly, so that it shares no code with
what it tests.
"""

import base64
import json
import uuid
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger import verify
from ledger.keys import SigningKey, from_seed
from ledger.note import cosign, sign_checkpoint, sign_key_change, with_signatures

SUPPORTING = {kind.decode() for kind in verify.SUPPORTING}
VERIFIER = Path(verify.__file__)


def canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


# -------------------------------------------------- RFC 6962, section 2.1, as it is written there


def mth(leaves: list[bytes]) -> bytes:
    if len(leaves) < 2:
        return leaves[0] if leaves else sha256(b"").digest()
    k = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\1" + mth(leaves[:k]) + mth(leaves[k:])).digest()


def path(index: int, leaves: list[bytes]) -> list[bytes]:
    if len(leaves) < 2:
        return []
    k = 1 << (len(leaves) - 1).bit_length() - 1
    if index < k:
        return [*path(index, leaves[:k]), mth(leaves[k:])]
    return [*path(index - k, leaves[k:]), mth(leaves[:k])]


def consistency(size: int, leaves: list[bytes], whole: bool = True) -> list[bytes]:
    if size in (0, len(leaves)):
        return [] if whole or size == 0 else [mth(leaves)]
    k = 1 << (len(leaves) - 1).bit_length() - 1
    if size <= k:
        return [*consistency(size, leaves[:k], whole), mth(leaves[k:])]
    return [*consistency(size - k, leaves[k:], False), mth(leaves[:k])]


def left_of(size: int, leaves: list[bytes]) -> list[bytes]:
    found, at = [], 0
    for bit in reversed(range(size.bit_length())):
        if size >> bit & 1:
            found.append(mth(leaves[at : at + (1 << bit)]))
            at += 1 << bit
    return found


# ------------------------------------------------------------------------------ people's keys


@dataclass
class Person:
    """Somebody with a signing key of one of the three algorithms."""

    id: str
    name: str
    algorithm: str
    private: Any
    public: bytes

    @property
    def key(self) -> str:
        return f"key-{self.id}"

    def sign(self, statement: bytes) -> dict[str, str]:
        if self.algorithm == "ed25519":
            return {"value": b64(self.private.sign(statement))}
        challenge = base64.urlsafe_b64encode(sha256(statement).digest()).rstrip(b"=").decode()
        client = json.dumps(
            {"type": "webauthn.get", "challenge": challenge, "origin": "https://lotbook.example"}
        ).encode()
        device = sha256(b"lotbook.example").digest() + b"\x05" + bytes(4)
        message = device + sha256(client).digest()
        if self.algorithm == "webauthn-es256":
            value = self.private.sign(message, ec.ECDSA(hashes.SHA256()))
        else:
            value = self.private.sign(message)
        return {
            "value": b64(value),
            "authenticator_data": b64(device),
            "client_data": b64(client),
        }


def person(name: str, algorithm: str, seed: int) -> Person:
    if algorithm == "webauthn-es256":
        private = ec.derive_private_key(seed + 1000, ec.SECP256R1())
        public = private.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
        return Person(f"p-{name.lower()}", name, algorithm, private, public)
    made = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
    return Person(f"p-{name.lower()}", name, algorithm, made, made.public_key().public_bytes_raw())


# ------------------------------------------------------------------------------------ the log


@dataclass
class Tree:
    """One epoch: where it starts, its entries and bodies, the checkpoints signed so far."""

    number: int
    start: int
    entries: list[bytes] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    notes: dict[int, bytes] = field(default_factory=dict)
    kept: int | None = None

    @property
    def leaves(self) -> list[bytes]:
        return [sha256(b"\0" + entry).digest() for entry in self.entries]


class Log:
    """A log that grows as a laboratory's would, with signatures, key changes, a lost backup."""

    def __init__(self, origin: str = "demo.lotbook.example", *, second: bool = True) -> None:
        self.origin = origin
        self.versions: dict[str, int] = {}
        self.clock = 0
        self.key = from_seed(origin, seed=b"\1" * 32)
        self.old_keys: list[SigningKey] = []
        self.second = from_seed(origin, kind=verify.ML_DSA_44, seed=b"\2" * 32) if second else None
        self.witness = from_seed("witness.example", kind=verify.COSIGNATURE, seed=b"\3" * 32)
        self.trees: list[Tree] = []
        self.blobs: dict[str, bytes] = {}
        self._begin(None)

    @property
    def tree(self) -> Tree:
        return self.trees[-1]

    def _begin(self, previous: dict[str, Any] | None) -> None:
        number = len(self.trees) + 1
        start = self.tree.start + (self.tree.kept or 0) if self.trees else 0
        self.trees.append(Tree(number, start))
        data = {"epoch": number, "origin": f"{self.origin}/{number}", "key": self.key.vkey}
        if self.second:
            data["second_key"] = self.second.vkey
        if previous:
            data["previous"] = previous
        self.record(f"epoch/{number}", "ledger.epoch_began/1", data, actor="sealer")

    def record(
        self,
        stream: str,
        kind: str,
        data: dict[str, Any],
        *,
        actor: str = "p-ana",
        reason: str = "",
    ) -> dict[str, str]:
        """Append an event; gives what a signature names it by."""
        self.clock += 1
        body: dict[str, Any] = {
            "actor": {"person": actor, "role": "operator", "terminal": "t-1"},
            "command": {"id": str(uuid.UUID(int=self.clock)), "name": "x.y", "request_sha256": "0"},
            "data": data,
            "software": "lotbook 0.1.0",
        }
        if reason:
            body["reason"] = reason
        raw = canonical(body)
        version = self.versions[stream] = self.versions.get(stream, 0) + 1
        event = str(uuid.UUID(int=(7 << 76) + self.clock))
        moment = f"2026-03-01T08:{self.clock // 60 % 60:02}:{self.clock % 60:02}.000000Z"
        digest = sha256(raw).hexdigest()
        entry = (
            f"lotbook.event/v1\n{event}\n{stream}\n{version}\n{kind}\n{moment}\n{actor}\n{digest}\n"
        )
        self.tree.entries.append(entry.encode())
        self.tree.bodies.append(raw)
        return {"event": event, "body_sha256": digest}

    def attach(self, content: bytes) -> str:
        name = sha256(content).hexdigest()
        self.blobs[name] = content
        return f"sha256:{name}"

    def enrol(self, who: Person) -> None:
        data = {
            "person": who.id,
            "key": who.key,
            "algorithm": who.algorithm,
            "public_key": b64(who.public),
        }
        self.record(f"signing_key/{who.key}", "ledger.signing_key_enrolled/1", data, actor=who.id)

    def sign(self, who: Person, signed: list[dict[str, str]], meaning: str = "verified") -> None:
        data: dict[str, Any] = {
            "signer": who.id,
            "printed_name": who.name,
            "role": "supervisor",
            "meaning": meaning,
            "signed_at": "2026-03-01T09:00:00.000000+01:00",
            "signed": signed,
            "key": who.key,
        }
        statement = canonical({"format": "lotbook.signature/v1", **data})
        data |= {"algorithm": who.algorithm, **who.sign(statement)}
        stream = f"signature/{uuid.UUID(int=self.clock)}"
        self.record(stream, "ledger.signature_applied/1", data, actor=who.id)

    def checkpoint(self) -> bytes:
        """Seal what there is."""
        tree, size = self.tree, len(self.tree.entries)
        keys = [self.key, self.second] if self.second else [self.key]
        note = sign_checkpoint(
            f"{self.origin}/{tree.number}",
            size=size,
            root=mth(tree.leaves),
            keys=keys,
            time=1772352000 + size,
        )
        line = cosign(note, key=self.witness, time=1772352001 + size)
        tree.notes[size] = with_signatures(note, [line])
        return tree.notes[size]

    def change_key(self, **instead: str) -> None:
        """The old key seals the change; afterwards the new key signs. `instead`: of the data."""
        new = from_seed(self.origin, seed=bytes([10 + len(self.old_keys)]) * 32)
        proof = sign_key_change(self.key, new=new.vkey)
        data = {"old": self.key.vkey, "new": new.vkey, "proof": proof} | instead
        self.record("log/key", "ledger.checkpoint_key_changed/1", data, actor="sealer")
        self.checkpoint()
        self.old_keys.append(self.key)
        self.key = new

    def restore_backup(self, kept: int) -> None:
        """Everything after the first `kept` entries of the epoch is lost; a new epoch begins."""
        old = self.tree
        self.checkpoint()
        size = max(old.notes)
        previous = {
            "origin": f"{self.origin}/{old.number}",
            "size": size,
            "root": mth(old.leaves[:size]).hex(),
            "kept": kept,
            "kept_root": mth(old.leaves[:kept]).hex(),
            "proof": [node.hex() for node in consistency(kept, old.leaves[:size])],
            "lost": size - kept,
        }
        old.kept = kept
        self.versions = {}
        for tree in self.trees:
            for entry in tree.entries[: tree.kept]:
                lines = entry.decode().split("\n")
                self.versions[lines[2]] = int(lines[3])
        self._begin(previous)

    def end(self) -> int:
        """The position after the last sealed entry."""
        return self.tree.start + max(self.tree.notes)


def laboratory_log(events: int = 60) -> tuple[Log, list[Person]]:
    """Three people, signed work, key changes, a restored backup and so a second epoch."""
    log = Log()
    people = [
        person("Ana", "ed25519", 21),
        person("Ben", "webauthn-es256", 22),
        person("Cleo", "webauthn-ed25519", 23),
    ]
    for who in people:
        log.enrol(who)
    work(log, people, events)
    log.change_key()
    work(log, people, events)
    log.checkpoint()
    log.restore_backup(len(log.tree.entries) - 7)
    work(log, people, events // 2)
    log.change_key()
    work(log, people, events // 2)
    log.checkpoint()
    return log, people


def work(log: Log, people: list[Person], events: int) -> None:
    """A few incubators, cleaned, moved and signed for."""
    for number in range(events):
        unit = f"INC-{number % 5}"
        data: dict[str, Any] = {"unit": unit, "old": "idle", "new": "café 37,0 °C\n“ok”"}
        if number % 11 == 3:
            data["blob"] = log.attach(f"photo {log.clock}".encode())
        who = people[number % 3]
        reason = "=1+1 is what the operator typed" if number % 7 == 0 else ""
        done = log.record(
            f"equipment/{unit}", "equipment.cleaned/1", data, actor=who.id, reason=reason
        )
        if number % 4 == 0:
            log.sign(people[(number // 4) % 3], [done])
        if number % 13 == 5:
            log.checkpoint()
