"""Reads about the vault's subjects: pseudonyms alone. Who they are is shown by commands."""

from __future__ import annotations

from datetime import date, datetime

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ledger import clock
from ledger.event import Actor
from personnel.models import Subject, SubjectLook, Unmasking
from personnel.roles import DATA_PROTECTION_OFFICER, QA_REVIEWER, QUALIFIED_PERSON
from personnel.waiting import Row, waits

DECIDERS = (QA_REVIEWER, QUALIFIED_PERSON, DATA_PROTECTION_OFFICER)


def subjects(*, kind: str = "", standing: str = "", today: date | None = None) -> QuerySet[Subject]:
    """The subjects, newest first; `standing` is kept, due (may be erased) or erased.

    Those that are kept come by the end of their time, the soonest first.
    """
    rows = Subject.objects.order_by("-registered_at", "subject")
    if kind:
        rows = rows.filter(kind=kind)
    if standing == "erased":
        return rows.exclude(erased_at=None)
    if standing in ("kept", "due"):
        rows = rows.filter(erased_at=None)
    if standing == "due":
        rows = rows.filter(keep_until__lt=today)
    if standing in ("kept", "due"):
        return rows.order_by("keep_until", "subject")
    return rows


def subject(pseudonym: str) -> Subject | None:
    return Subject.objects.filter(subject=pseudonym).first()


def knows_patient(pseudonym: str) -> bool:
    """Whether the vault keeps this patient. A fact for commands: the row is held to the commit, so
    that nobody is erased while something is decided for them.
    """
    rows = Subject.objects.select_for_update(no_key=True)
    return rows.filter(subject=pseudonym, kind="patient", erased_at=None).first() is not None


def looks(pseudonym: str) -> list[SubjectLook]:
    """Who saw something of this subject, newest first."""
    rows = SubjectLook.objects.filter(subject=pseudonym)
    return list(rows.order_by("-at", "-event_id")[:100])


def unmaskings(pseudonym: str) -> list[Unmasking]:
    """Who asked to see this subject, newest first."""
    rows = Unmasking.objects.filter(subject=pseudonym)
    return list(rows.order_by("-asked_at", "-request")[:100])


def undecided(*, without: str = "") -> QuerySet[Unmasking]:
    """The wishes that wait for a second person; one's own are others' business."""
    readable = Subject.objects.filter(erased_at=None).values("subject")
    rows = Unmasking.objects.filter(Q(decided_at=None), subject__in=readable)
    return rows.exclude(asked_by=without).order_by("asked_at", "request")


def to_be_seen(person: str, at: datetime) -> QuerySet[Unmasking]:
    """What somebody asked for, was granted, and may look at now."""
    return Unmasking.objects.filter(asked_by=person, until__gt=at).order_by("until", "request")


@waits
def waiting(actor: Actor) -> list[Row]:
    """Wishes that this person may decide or look at, and records whose time is over."""
    at = clock.now()
    rows = [
        Row(
            wish.subject,
            _("You may see who this is until %(until)s.") % {"until": f"{wish.until:%H:%M} UTC"},
            reverse("personnel:vault_subject", args=[wish.subject]),
            "info",
        )
        for wish in to_be_seen(actor.person, at)
    ]
    if actor.role in DECIDERS:
        rows += [
            Row(
                wish.subject,
                _("Somebody asks to see who this is: %(reason)s") % {"reason": wish.reason},
                reverse("personnel:vault_subject", args=[wish.subject]),
            )
            for wish in undecided(without=actor.person)[:20]
        ]
    return rows + (_due(at.date()) if actor.role == DATA_PROTECTION_OFFICER else [])


def _due(today: date) -> list[Row]:
    count = subjects(standing="due", today=today).count()
    if not count:
        return []
    sentence = ngettext(
        "%(count)s identity may be erased: its time is over.",
        "%(count)s identities may be erased: their time is over.",
        count,
    )
    address = reverse("personnel:vault") + "?standing=due"
    return [Row(_("Identity vault"), sentence % {"count": count}, address, "info")]
