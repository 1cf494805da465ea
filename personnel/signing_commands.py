"""What may be asked about signing keys: enrol one's own, confirm another's, withdraw."""

from __future__ import annotations

from functools import cache

from django.conf import settings

from ledger.command import Act, command
from ledger.event import Refused
from ledger.event import marked as _
from ledger.signature import SigningKeyEnrolled
from personnel import keys, signing_key, signing_policy, vouching
from personnel.models.signing import Passkey, SigningKey, SigningSeries, WrappedKey
from personnel.roles import (
    DOOR,
    INSPECTOR,
    QA_REVIEWER,
    QUALIFIED_PERSON,
    ROLES,
    SUPERVISOR,
    SYSTEM_ADMINISTRATOR,
)

STREAM = "signing"
RECORD = "signing/{person}"
SIGNERS = tuple(role for role in ROLES if role != INSPECTOR)
# Who answers for others in the clean room or the office. An administrator is none of them, so
# whoever resets an account cannot give its key the second person's word.
CONFIRMERS = (SUPERVISOR, QA_REVIEWER, QUALIFIED_PERSON)


@cache
def policy() -> signing_policy.Policy:
    """The signature policy in force."""
    return signing_policy.read((settings.BASE_DIR / "docs" / "signature-policy.md").read_bytes())


@command(
    "personnel.acknowledge_signature_policy",
    role=SIGNERS,
    label=_("acknowledge the signature policy"),
)
def acknowledge_policy(act: Act, *, policy_sha256: str) -> None:
    """Acknowledge a new version of the signature policy; one's key stays."""
    act.record(STREAM, act.actor.person, _acknowledged(act, _load(act), policy_sha256))


@command(
    "personnel.enrol_signing_key",
    role=SIGNERS,
    label=_("enrol a signing key"),
    private=("wrapped",),
    made=("public_key",),
)
def enrol_key(act: Act, *, key: str, public_key: str, wrapped: str, policy_sha256: str) -> None:
    """Enrol a key of one's own. Its private half goes wrapped into its row, not into the event."""
    person, state = act.actor.person, _load(act)
    signing_key.demand_no_key(state)
    acknowledged = _acknowledged(act, state, policy_sha256)
    enrolled = SigningKeyEnrolled(
        person=person, key=key, algorithm=keys.ED25519, public_key=public_key
    )
    act.record(STREAM, person, [*acknowledged, enrolled])
    WrappedKey.objects.create(key=key, person=person, wrapped=wrapped)


@command(
    "personnel.enrol_passkey",
    role=SIGNERS,
    label=_("enrol a passkey"),
    private=("credential",),
    made=("public_key",),
)
def enrol_passkey(
    act: Act,
    *,
    key: str,
    algorithm: str,
    public_key: str,
    credential: str,
    counter: int,
    policy_sha256: str,
) -> None:
    """Enrol a passkey as one's own key. Its private half never leaves the authenticator."""
    person, state = act.actor.person, _load(act)
    signing_key.demand_no_key(state)
    acknowledged = _acknowledged(act, state, policy_sha256)
    enrolled = SigningKeyEnrolled(
        person=person, key=key, algorithm=algorithm, public_key=public_key
    )
    act.record(STREAM, person, [*acknowledged, enrolled])
    Passkey.objects.create(key=key, person=person, credential=credential, counter=counter)


@command(
    "personnel.confirm_signing_key",
    role=CONFIRMERS,
    label=_("confirm the signing key of {person}"),
    record=RECORD,
)
def confirm_key(act: Act, *, person: str, key: str) -> None:
    """Say that this key is that person's: they were there and showed its number."""
    vouching.demand_known(act.actor.person)
    state = act.load(STREAM, person, signing_key.INITIAL, signing_key.evolve)
    act.record(
        STREAM, person, signing_key.confirm(state, person=person, key=key, by=act.actor.person)
    )


@command(
    "personnel.withdraw_own_signing_key",
    role=SIGNERS,
    label=_("withdraw the own signing key"),
    needs_reason=True,
)
def withdraw_own_key(act: Act) -> None:
    """End one's own key, for example when somebody may know the secret."""
    _withdraw(act, act.actor.person)


@command(
    "personnel.withdraw_signing_key",
    role=(SYSTEM_ADMINISTRATOR,),
    label=_("withdraw the signing key of {person}"),
    record=RECORD,
    needs_reason=True,
)
def withdraw_key(act: Act, *, person: str) -> None:
    """End somebody's key: it is lost, or they have left. Only they can enrol another."""
    _withdraw(act, person)


@command(
    "personnel.raise_signing_alert",
    role=(DOOR,),
    label=_("raise an alert over the signing of {person}"),
    record=RECORD,
)
def raise_alert(act: Act, *, person: str, component: str, tries: int) -> None:
    """Keep that somebody tried to sign as this person and could not."""
    act.load(STREAM, person, signing_key.INITIAL, signing_key.evolve)
    act.record(
        STREAM, person, signing_key.raise_alert(person=person, component=component, tries=tries)
    )


def _withdraw(act: Act, person: str) -> None:
    # Held before anything is written: no signature under way gets a later place than this.
    SigningKey.objects.select_for_update().filter(person=person, withdrawn_at=None).first()
    state = act.load(STREAM, person, signing_key.INITIAL, signing_key.evolve)
    act.record(STREAM, person, signing_key.withdraw(state, person=person, reason=act.reason))
    WrappedKey.objects.filter(person=person).delete()
    Passkey.objects.filter(person=person).delete()
    SigningSeries.objects.filter(person=person).delete()


def _load(act: Act) -> signing_key.Signing:
    return act.load(STREAM, act.actor.person, signing_key.INITIAL, signing_key.evolve)


def _acknowledged(
    act: Act, state: signing_key.Signing, policy_sha256: str
) -> list[signing_key.SignaturePolicyAcknowledged]:
    if not policy_sha256:
        raise Refused(
            _("Read the signature policy and say that you acknowledge it."), code="policy_unread"
        )
    return signing_key.acknowledge(
        state,
        person=act.actor.person,
        policy=policy().version,
        policy_sha256=policy_sha256,
        current=policy().sha256,
    )
