"""Reads about signing keys, for pages."""

from __future__ import annotations

from django.db.models import QuerySet

from personnel.models.signing import PolicyRead, SigningKey


def key_of(person: str) -> SigningKey | None:
    """The key a person signs with now, or waits to."""
    return SigningKey.objects.filter(person=person, withdrawn_at=None).first()


def keys_of(person: str) -> QuerySet[SigningKey]:
    """Every key a person ever had, newest first."""
    return SigningKey.objects.filter(person=person).order_by("-enrolled_at", "key")


def policy_read(person: str) -> PolicyRead | None:
    return PolicyRead.objects.filter(person=person).first()


def waiting_keys() -> QuerySet[SigningKey]:
    """Keys that wait for a second person, the longest waiting first."""
    rows = SigningKey.objects.filter(confirmed_at=None, withdrawn_at=None)
    return rows.order_by("enrolled_at", "key")


def standing_keys() -> QuerySet[SigningKey]:
    """Keys that sign."""
    rows = SigningKey.objects.filter(withdrawn_at=None).exclude(confirmed_at=None)
    return rows.order_by("person")


def ended_keys() -> QuerySet[SigningKey]:
    return SigningKey.objects.exclude(withdrawn_at=None).order_by("-withdrawn_at", "key")
