"""Events about signing keys to the rows that pages and signatures read."""

from __future__ import annotations

from ledger.event import Recorded
from ledger.projections import projects
from ledger.signature import SigningKeyEnrolled
from personnel.models.signing import PolicyRead, SigningKey
from personnel.signing_key import (
    SignaturePolicyAcknowledged,
    SigningKeyConfirmed,
    SigningKeyWithdrawn,
)


@projects(SignaturePolicyAcknowledged)
def acknowledge(recorded: Recorded) -> None:
    data = recorded.data
    PolicyRead.objects.update_or_create(
        person=data.person,
        defaults={
            "policy": data.policy,
            "policy_sha256": data.policy_sha256,
            "read_at": recorded.recorded_at,
        },
    )


@projects(SigningKeyEnrolled)
def enrol(recorded: Recorded) -> None:
    data = recorded.data
    SigningKey.objects.create(
        key=data.key,
        person=data.person,
        algorithm=data.algorithm,
        public_key=data.public_key,
        enrolled_at=recorded.recorded_at,
        enrolled_event=recorded.id,
    )


@projects(SigningKeyConfirmed)
def confirm(recorded: Recorded) -> None:
    SigningKey.objects.filter(key=recorded.data.key).update(
        confirmed_at=recorded.recorded_at, confirmed_by=recorded.actor.person
    )


@projects(SigningKeyWithdrawn)
def withdraw(recorded: Recorded) -> None:
    SigningKey.objects.filter(key=recorded.data.key).update(
        withdrawn_at=recorded.recorded_at,
        withdrawn_by=recorded.actor.person,
        withdrawn_why=recorded.reason,
    )
