"""A signer of the tests' own: a real Ed25519 key for each person, opened by that person's word."""

from __future__ import annotations

import base64

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger import ids, store
from ledger.codec import CommandRef
from ledger.event import Actor, Refused
from ledger.ports import SignatureValue
from ledger.signature import SigningKeyEnrolled


def word_of(person: str) -> str:
    """What opens this person's key, and nobody else's."""
    return f"the secret of {person}"


class TestSigner:
    """Keeps keys in memory; their public halves are enrolled on the ledger."""

    __test__ = False

    def __init__(self) -> None:
        self.keys: dict[str, Ed25519PrivateKey] = {}

    def make(self, person: str) -> Ed25519PrivateKey:
        """A key that the ledger does not know."""
        self.keys[person] = Ed25519PrivateKey.generate()
        return self.keys[person]

    def enrol(self, person: str) -> None:
        private = self.make(person)
        public = base64.b64encode(private.public_key().public_bytes_raw()).decode()
        enrolled = SigningKeyEnrolled(
            person=person, key=self.key_of(person), algorithm="ed25519", public_key=public
        )
        store.append(
            command=CommandRef(ids.new_id(), "test.enrol", b"\7" * 32),
            actor=Actor(person=person, role="operator", terminal="t-test2"),
            changes=[store.Change("signing_key", self.key_of(person), 0, [enrolled])],
        )

    def printed_name(self, person: str) -> str:
        return f"Printed {person}"

    def key_of(self, person: str) -> str:
        return f"k-{person}"

    def sign(self, actor: Actor, statement: bytes, secret: object) -> SignatureValue:
        if secret != word_of(actor.person):
            raise Refused("That secret does not open your signing key.", code="signature")
        return SignatureValue(algorithm="ed25519", value=self.keys[actor.person].sign(statement))
