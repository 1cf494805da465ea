"""A person's standing as a signer: the policy acknowledged, the key, its check, its end. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from ledger.event import Refused, demand_reason, event_type
from ledger.event import marked as _

PIN, SECRET = "PIN", "signing secret"


@event_type(
    "personnel.signature_policy_acknowledged",
    1,
    sentence="{person} acknowledged version {policy} of the signature policy.",
    owner="personnel",
    retention="system",
)
class SignaturePolicyAcknowledged:
    person: str
    policy: str
    policy_sha256: str


@event_type(
    "personnel.signing_key_confirmed",
    1,
    sentence="The signing key {key} was confirmed as that of {person}, who was present.",
    owner="personnel",
    retention="system",
)
class SigningKeyConfirmed:
    """By a second person, so that nobody can enrol a key for somebody else alone."""

    person: str
    key: str


@event_type(
    "personnel.signing_key_withdrawn",
    1,
    sentence="The signing key {key} of {person} was withdrawn.",
    owner="personnel",
    retention="system",
)
class SigningKeyWithdrawn:
    person: str
    key: str


@event_type(
    "personnel.signing_alert_raised",
    1,
    sentence="{tries} wrong tries of the {component} of {person} stopped the signing.",
    owner="personnel",
    retention="system",
)
class SigningAlertRaised:
    """Somebody tries to sign as this person and cannot: security reads it at once."""

    person: str
    component: str
    tries: int


@dataclass(frozen=True, kw_only=True)
class Signing:
    policy: str = ""
    policy_sha256: str = ""
    key: str = ""
    algorithm: str = ""
    confirmed: bool = False
    alerts: int = 0


INITIAL = Signing()


def evolve(state: Signing, event: Any) -> Signing:
    match event:
        case SignaturePolicyAcknowledged(policy=policy, policy_sha256=digest):
            return replace(state, policy=policy, policy_sha256=digest)
        case SigningKeyConfirmed():
            return replace(state, confirmed=True)
        case SigningKeyWithdrawn():
            return replace(state, key="", algorithm="", confirmed=False)
        case SigningAlertRaised():
            return replace(state, alerts=state.alerts + 1)
        case object(key=key, algorithm=algorithm, public_key=_):  # the ledger's SigningKeyEnrolled
            return replace(state, key=key, algorithm=algorithm, confirmed=False)
    raise ValueError(f"A signer does not know the event {type(event).__name__}.")


def acknowledge(
    state: Signing, *, person: str, policy: str, policy_sha256: str, current: str
) -> list[SignaturePolicyAcknowledged]:
    """Acknowledge the policy as it was shown: it must be the one in force."""
    if policy_sha256 != current:
        raise Refused(
            _("The signature policy has changed since this page was opened. Read it again."),
            code="policy_changed",
        )
    if state.policy_sha256 == policy_sha256:
        return []
    return [SignaturePolicyAcknowledged(person=person, policy=policy, policy_sha256=policy_sha256)]


def demand_no_key(state: Signing) -> None:
    if state.key:
        raise Refused(
            _("You have the signing key {key}. Withdraw it before you enrol another."),
            key=state.key,
            code="key_there",
        )


def confirm(state: Signing, *, person: str, key: str, by: str) -> list[SigningKeyConfirmed]:
    """A second person has seen the owner enrol this very key."""
    if by == person:
        raise Refused(
            _("A second person confirms your key. You cannot do it yourself."), code="same_person"
        )
    if not key:
        raise Refused(
            _("Type the number of the key, as its owner's page shows it."), code="other_key"
        )
    if not state.key or state.key != key:
        raise Refused(
            _("{key} is not the signing key of {person} now. Read its number again on their page."),
            key=key,
            person=person,
            code="other_key",
        )
    if state.confirmed:
        raise Refused(_("The key {key} is confirmed already."), key=key, code="no_change")
    return [SigningKeyConfirmed(person=person, key=key)]


def withdraw(state: Signing, *, person: str, reason: str) -> list[SigningKeyWithdrawn]:
    if not state.key:
        raise Refused(_("{person} has no signing key now."), person=person, code="no_key")
    demand_reason(reason)
    return [SigningKeyWithdrawn(person=person, key=state.key)]


def raise_alert(*, person: str, component: str, tries: int) -> list[SigningAlertRaised]:
    return [SigningAlertRaised(person=person, component=component, tries=tries)]
