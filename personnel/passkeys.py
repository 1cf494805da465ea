"""Passkeys: enrolment, and signatures in two phases. The exact bytes wait, are signed, or lapse.

First the command is carried out up to its statement and rolled back; what it would record waits in
a row for two minutes. The passkey answers with the statement's hash as its challenge, and the
command is asked again: it records those very bytes under those ids and versions, or is refused.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, JsonResponse

from ledger import clock, ids, ports
from ledger.event import Actor, Refused
from ledger.event import marked as _
from ledger.ports import Prepared, SignatureValue
from personnel import keys, signing_series
from personnel.models.signing import Passkey, PreparedSignature, SigningKey

ES256, EDDSA = "webauthn-es256", "webauthn-ed25519"
COSE = {-7: ES256, -8: EDDSA}
ENROLLING = "lotbook_passkey"  # the session's challenge for an enrolment
PATIENCE = timedelta(minutes=2)
CHALLENGE, HANDLE = 32, 16  # bytes


@dataclass(frozen=True, slots=True)
class NewPasskey:
    """What an authenticator enrolled: the raw public key for the ledger, how to ask for it."""

    key: str
    algorithm: str
    public_key: str
    credential: str
    counter: int


@dataclass(frozen=True, slots=True)
class Answer:
    """A passkey's answer to a prepared statement; checked when it came in."""

    statement: bytes
    prepared: Prepared
    made: SignatureValue = field(repr=False)


class Unusable(Exception):
    """What the browser sent is no passkey that may sign here; the sentence says why."""


def domain_fits(request: HttpRequest) -> bool:
    """Whether this address is the one that passkeys are bound to (the relying party's id)."""
    host = request.get_host().rpartition(":")[0] or request.get_host()
    return bool(settings.LOTBOOK_PASSKEY_DOMAIN) and host == settings.LOTBOOK_PASSKEY_DOMAIN


def creation_options(request: HttpRequest, actor: Actor, *, name: str, printed: str) -> str:
    """What the browser asks a new passkey for; the challenge waits in the session."""
    challenge = _text(os.urandom(CHALLENGE))
    request.session[ENROLLING] = {"challenge": challenge, "user_verification": "required"}
    handle = sha256(f"lotbook.passkey {actor.person}".encode()).digest()[:HANDLE]
    return json.dumps(
        {
            "challenge": challenge,
            "rp": {"id": settings.LOTBOOK_PASSKEY_DOMAIN, "name": "Lotbook"},
            "user": {"id": _text(handle), "name": name, "displayName": printed or name},
            "pubKeyCredParams": [{"type": "public-key", "alg": number} for number in COSE],
            "authenticatorSelection": {
                "userVerification": "required",
                "residentKey": "discouraged",
            },
            "attestation": "none",
            "timeout": 120_000,
        }
    )


def enrolled(request: HttpRequest, text: str) -> NewPasskey:
    """The passkey that an authenticator made for this session's challenge."""
    state = request.session.pop(ENROLLING, None)
    if state is None:
        raise Unusable(_("This page is too old for a new passkey. Open it again."))
    try:
        made = _server(request).register_complete(state, _object(text))
    except (ValueError, TypeError, KeyError, AttributeError) as odd:
        raise Unusable(_("The passkey's answer does not fit. Begin again.")) from odd
    credential = made.credential_data
    algorithm = COSE.get(credential.public_key[3]) if credential else None
    if credential is None or algorithm is None:
        raise Unusable(_("This passkey signs in a way that cannot be checked here."))
    public = _raw(credential.public_key)
    return NewPasskey(
        key=keys.key_id(public),
        algorithm=algorithm,
        public_key=base64.b64encode(public).decode("ascii"),
        credential=_text(credential.credential_id),
        counter=made.counter,
    )


def prepare(request: HttpRequest, actor: Actor, wanted: ports.SignatureWanted) -> JsonResponse:
    """Let the bytes wait, and tell the browser what to ask the passkey."""
    now, prepared = clock.now(), wanted.prepared
    passkey = Passkey.objects.get(person=actor.person)
    PreparedSignature.objects.filter(expires_at__lte=now).delete()
    row = PreparedSignature.objects.create(
        id=ids.new_id(),
        person=actor.person,
        session=signing_series.place_of(request, actor).session,
        command=prepared.command,
        statement=wanted.statement,
        events=json.dumps([[str(one), *place] for one, *place in prepared.events]),
        acted_at=prepared.acted_at,
        signed_at=prepared.signed_at.isoformat(),
        expires_at=now + PATIENCE,
    )
    return JsonResponse(
        {
            "prepared": str(row.pk),
            "challenge": _text(sha256(wanted.statement).digest()),
            "credential": passkey.credential,
            "domain": settings.LOTBOOK_PASSKEY_DOMAIN,
        }
    )


def answer(request: HttpRequest, actor: Actor, *, prepared: str, assertion: str) -> Answer:
    """The passkey's answer for a prepared statement, each used once; Refused where it is none."""
    row = _waiting(request, actor, prepared)
    key = SigningKey.objects.filter(person=actor.person, withdrawn_at=None).first()
    passkey = Passkey.objects.filter(person=actor.person).first()
    if key is None or passkey is None or key.key != passkey.key:
        raise Refused(_("You have no passkey that signs here."), code="no_key")
    try:
        made, counter = _asserted(request, key, passkey, bytes(row.statement), assertion)
    except (ValueError, TypeError, KeyError, AttributeError):
        raise Refused(
            _("Your passkey did not sign this. Look at it again and sign anew."), code="secret"
        ) from None
    if (counter or passkey.counter) and counter <= passkey.counter:
        raise Refused(
            _("This passkey seems to have a twin: its counter stands still. Withdraw it."),
            code="passkey_twin",
        )
    Passkey.objects.filter(key=passkey.key).update(counter=counter)
    return Answer(bytes(row.statement), _prepared(row), made)


def _waiting(request: HttpRequest, actor: Actor, prepared: str) -> PreparedSignature:
    """The row, taken out: whoever comes second finds nothing."""
    session = signing_series.place_of(request, actor).session
    try:
        mine = PreparedSignature.objects.filter(
            pk=UUID(prepared), person=actor.person, session=session, expires_at__gt=clock.now()
        )
    except ValueError:
        mine = PreparedSignature.objects.none()
    row = mine.first()
    if row is None or not mine.delete()[0]:
        raise Refused(
            _("Too much time has passed, or this was signed before. Look at it and sign anew."),
            code="lapsed",
        )
    return row


def _prepared(row: PreparedSignature) -> Prepared:
    events = tuple(
        (UUID(event), stream_type, stream_id, version)
        for event, stream_type, stream_id, version in json.loads(row.events)
    )
    return Prepared(
        command=row.command,
        acted_at=row.acted_at,
        signed_at=datetime.fromisoformat(row.signed_at),
        events=events,
    )


def _asserted(
    request: HttpRequest, key: SigningKey, passkey: Passkey, statement: bytes, assertion: str
) -> tuple[SignatureValue, int]:
    from fido2.webauthn import Aaguid, AttestedCredentialData, AuthenticationResponse

    state = {
        "challenge": _text(sha256(statement).digest()),
        "user_verification": "required",
    }
    credential = AttestedCredentialData.create(
        Aaguid.NONE, _bytes(passkey.credential), _cose(key.algorithm, key.public_key)
    )
    given = _object(assertion)
    _server(request).authenticate_complete(state, [credential], given)
    response = AuthenticationResponse.from_dict(given).response
    made = SignatureValue(
        algorithm=key.algorithm,
        value=response.signature,
        authenticator_data=bytes(response.authenticator_data),
        client_data=bytes(response.client_data),
    )
    return made, response.authenticator_data.counter


def _server(request: HttpRequest) -> Any:
    from fido2.server import Fido2Server
    from fido2.webauthn import PublicKeyCredentialRpEntity

    origin = f"{request.scheme}://{request.get_host()}"
    rp = PublicKeyCredentialRpEntity(name="Lotbook", id=settings.LOTBOOK_PASSKEY_DOMAIN)
    return Fido2Server(rp, verify_origin=lambda given: given == origin)


def _raw(cose: Mapping[int, Any]) -> bytes:
    """The key as the verifier reads it: 32 bytes of Ed25519, an uncompressed point of P-256."""
    if cose[3] == -8:
        if cose[-1] != 6:
            raise Unusable(_("This passkey signs in a way that cannot be checked here."))
        return bytes(cose[-2])
    return b"\x04" + bytes(cose[-2]) + bytes(cose[-3])


def _cose(algorithm: str, public_key: str) -> Any:
    from fido2.cose import ES256 as Es256
    from fido2.cose import EdDSA

    raw = base64.b64decode(public_key)
    if algorithm == EDDSA:
        return EdDSA({1: 1, 3: -8, -1: 6, -2: raw})
    return Es256({1: 2, 3: -7, -1: 1, -2: raw[1:33], -3: raw[33:]})


def _object(text: str) -> dict[str, Any]:
    found = json.loads(text)
    if not isinstance(found, dict):
        raise TypeError("not an object")
    return found


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _bytes(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error as bad:
        raise ValueError(text) from bad
