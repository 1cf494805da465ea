"""Reads about signing keys, for pages; what about them waits for whom."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from ledger import clock
from ledger.event import Actor
from ledger.models import Trail
from personnel.models.signing import PolicyRead, SigningKey
from personnel.roles import GMP_ROLES, QA_REVIEWER, SYSTEM_ADMINISTRATOR
from personnel.signing import hindrance
from personnel.signing_commands import CONFIRMERS
from personnel.waiting import Row, waits

ALERT = "personnel.signing_alert_raised"
ALERTS_SHOWN = timedelta(days=7)


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


@waits
def signing(actor: Actor) -> list[Row]:
    """What stands between a person and their signature, and the keys that wait for their word."""
    rows = []
    if actor.role in GMP_ROLES:
        hindered = hindrance(actor.person)
        if hindered is not None:
            sentence = gettext(hindered.template).format(**hindered.params)
            rows.append(
                Row(gettext("My signature"), sentence, reverse("personnel:signing"), "info")
            )
    if actor.role in CONFIRMERS:
        waiting = waiting_keys().exclude(person=actor.person).count()
        if waiting:
            sentence = ngettext(
                "%(count)s signing key waits for a second person.",
                "%(count)s signing keys wait for a second person.",
                waiting,
            ) % {"count": waiting}
            address = reverse("personnel:signing_keys")
            rows.append(Row(gettext("Signing keys"), sentence, address))
    return rows


@waits
def signing_alerts(actor: Actor) -> list[Row]:
    """Wrong secrets and PINs that stopped a signing: security and QA read them at once."""
    if actor.role not in (SYSTEM_ADMINISTRATOR, QA_REVIEWER):
        return []
    told = Trail.objects.filter(type=ALERT, recorded_at__gt=clock.now() - ALERTS_SHOWN).count()
    if not told:
        return []
    sentence = ngettext(
        "%(count)s alert in seven days: somebody tried to sign as another and could not.",
        "%(count)s alerts in seven days: somebody tried to sign as another and could not.",
        told,
    ) % {"count": told}
    address = f"{reverse('ledger:trail')}?type={ALERT}"
    return [Row(gettext("Signing alerts"), sentence, address, "bad")]
