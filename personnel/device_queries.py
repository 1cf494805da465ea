"""Reads of the devices that act over the API, and what of them waits for somebody."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

from django.urls import reverse
from django.utils.translation import gettext as _

from ledger.event import Actor
from personnel.models import DeviceRow
from personnel.roles import SYSTEM_ADMINISTRATOR
from personnel.waiting import Row, waits


def seen_by(person: str, role: str) -> list[DeviceRow]:
    """One's own devices; for the administrator, all."""
    rows = DeviceRow.objects.order_by("-permitted_at", "device")
    if role != SYSTEM_ADMINISTRATOR:
        rows = rows.filter(person=person)
    return list(rows)


def of_token(token: str) -> DeviceRow | None:
    """The device that bears this token and may still act."""
    if not token:
        return None
    digest = digest_of(token)
    return DeviceRow.objects.filter(token_sha256=digest, revoked_at=None).first()


def is_device(terminal: str) -> bool:
    """Whether what acts is a device that was permitted, and no person at a terminal."""
    return DeviceRow.objects.filter(device=terminal, revoked_at=None).exists()


def digest_of(token: str) -> str:
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


@waits
def devices_without_token(actor: Actor) -> Iterator[Row]:
    """Whom a device was permitted for draws its token."""
    rows = DeviceRow.objects.filter(person=actor.person, drawn_at=None, revoked_at=None)
    for row in rows.order_by("device"):
        said = _("The device %(name)s may act for you: draw its token, or revoke it.")
        yield Row(row.name, said % {"name": row.name}, reverse("personnel:devices"))
