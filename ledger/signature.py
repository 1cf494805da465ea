"""Electronic signatures: what is stated, the bytes a person's own key signs, the events."""

import base64
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

from ledger import body
from ledger.codec import plain
from ledger.event import Recorded, event_type, upcasts
from ledger.ports import SignatureValue

FORMAT = "lotbook.signature/v2"


class Meaning(StrEnum):
    """What a signature stands for (21 CFR 11.50)."""

    PERFORMED = "performed"
    VERIFIED = "verified"
    REVIEWED = "reviewed"
    APPROVED = "approved"
    CERTIFIED = "certified"
    REJECTED = "rejected"
    ACKNOWLEDGED = "acknowledged"
    AUTHORED = "authored"
    WITNESSED = "witnessed"


@event_type(
    "ledger.signing_key_enrolled",
    1,
    sentence="The signing key {key} ({algorithm}) was enrolled for {person}.",
    owner="ledger",
    retention="system",
)
class SigningKeyEnrolled:
    """A person's public key; the private one never leaves the person."""

    person: str
    key: str
    algorithm: str
    public_key: str


@event_type(
    "ledger.signature_applied",
    2,
    sentence="{printed_name} signed as {role}: {meaning}.",
    owner="ledger",
    retention="system",
)
class SignatureApplied:
    """A signature over exactly these events: who, meaning, when, and the hashes of their bodies."""

    signer: str
    printed_name: str
    role: str
    meaning: str
    signed_at: str
    zone: str | None
    signed: list[dict[str, str]]
    key: str
    algorithm: str
    value: str
    authenticator_data: str | None = None
    client_data: str | None = None


@event_type(
    "ledger.signature_superseded",
    1,
    sentence="The signature of {signer}, {meaning}, is superseded: a later entry changed what it"
    " signed.",
    owner="ledger",
    retention="system",
)
class SignatureSuperseded:
    """A later entry changed what a signature covers; for what was signed it is worth what it was.

    `signature`, `signed` and `by` are the ids of events.
    """

    signature: str
    signer: str
    meaning: str
    signed: str
    by: str


@upcasts("ledger.signature_applied", 1)
def without_zone(data: dict[str, Any]) -> dict[str, Any]:
    """The first version named the offset from UTC alone, and its statement was of that format."""
    return {**data, "zone": None}


def statement(
    events: list[Recorded],
    *,
    meaning: str,
    printed_name: str,
    role: str,
    signed_at: datetime,
    zone: str,
    key: str = "",
) -> dict[str, object]:
    """What is stated: who signs what, when, and what the signature means."""
    return {
        "format": FORMAT,
        "key": key,
        "meaning": meaning,
        "printed_name": printed_name,
        "role": role,
        "signed": [
            {"body_sha256": sha256(event.body).hexdigest(), "event": str(event.id)}
            for event in events
        ],
        "signed_at": signed_at.isoformat(timespec="microseconds"),
        "signer": events[0].actor.person,
        "zone": zone,
    }


def statement_bytes(stated: dict[str, object]) -> bytes:
    """The canonical bytes that the key signs (WebAuthn: whose hash is the challenge)."""
    return body.encode(plain(stated))


def applied(stated: dict[str, object], made: SignatureValue) -> SignatureApplied:
    """The event that binds the signature to what it signs."""
    fields = {name: value for name, value in stated.items() if name != "format"}
    return SignatureApplied(
        **fields,  # type: ignore[arg-type]
        algorithm=made.algorithm,
        value=_text(made.value) or "",
        authenticator_data=_text(made.authenticator_data),
        client_data=_text(made.client_data),
    )


def _text(data: bytes | None) -> str | None:
    return None if data is None else base64.b64encode(data).decode("ascii")
