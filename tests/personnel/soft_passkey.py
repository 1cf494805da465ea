"""A passkey without a device: what an authenticator and a browser send, byte by byte."""

import base64
import json
import os
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.hashes import SHA256

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40
ORIGIN = "http://localhost"


def text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@dataclass
class SoftPasskey:
    """An authenticator that does as it is told, also what no honest one would do."""

    kind: str = "es256"
    flags: int = PRESENT | VERIFIED
    origin: str = ORIGIN
    domain: str = "localhost"
    counter: int = 1
    credential: bytes = field(default_factory=lambda: os.urandom(32))

    def __post_init__(self) -> None:
        self.private: Any = (
            ec.generate_private_key(ec.SECP256R1())
            if self.kind == "es256"
            else ed25519.Ed25519PrivateKey.generate()
        )

    def enrol(self, options: str) -> str:
        """The answer to `navigator.credentials.create`."""
        from fido2 import cbor

        challenge = json.loads(options)["challenge"]
        known = bytes(16) + len(self.credential).to_bytes(2, "big") + self.credential
        data = self._device(ATTESTED) + known + cbor.encode(self._cose())
        made = {"fmt": "none", "attStmt": {}, "authData": data}
        response = {
            "clientDataJSON": text(self._client("webauthn.create", challenge)),
            "attestationObject": text(cbor.encode(made)),
        }
        return self._answer(response)

    def sign(self, challenge: str) -> str:
        """The answer to `navigator.credentials.get`."""
        self.counter += 1
        client, device = self._client("webauthn.get", challenge), self._device()
        message = device + sha256(client).digest()
        if self.kind == "es256":
            signature = self.private.sign(message, ec.ECDSA(SHA256()))
        else:
            signature = self.private.sign(message)
        response = {
            "clientDataJSON": text(client),
            "authenticatorData": text(device),
            "signature": text(signature),
        }
        return self._answer(response)

    def _answer(self, response: dict[str, str]) -> str:
        known = {"id": text(self.credential), "rawId": text(self.credential)}
        return json.dumps(known | {"type": "public-key", "response": response})

    def _client(self, kind: str, challenge: str) -> bytes:
        return json.dumps(
            {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        ).encode()

    def _device(self, more: int = 0) -> bytes:
        flags = (self.flags | more).to_bytes(1, "big")
        return sha256(self.domain.encode()).digest() + flags + self.counter.to_bytes(4, "big")

    def _cose(self) -> dict[int, Any]:
        if self.kind == "ed25519":
            return {1: 1, 3: -8, -1: 6, -2: self.private.public_key().public_bytes_raw()}
        point = self.private.public_key().public_numbers()
        x, y = point.x.to_bytes(32, "big"), point.y.to_bytes(32, "big")
        return {1: 2, 3: -7, -1: 1, -2: x, -3: y}
