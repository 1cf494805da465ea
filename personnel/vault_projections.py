"""Events about subjects to rows. The only writer of the vault's read models."""

from __future__ import annotations

from datetime import date, datetime

from ledger.event import Recorded
from ledger.projections import projects
from personnel.models.vault import COPY, Subject, SubjectLook, Unmasking
from personnel.vault_events import (
    IdentifiersShown,
    RetentionExtended,
    SubjectCopied,
    SubjectCorrected,
    SubjectErased,
    SubjectLookedUp,
    SubjectRegistered,
    SubjectUnmasked,
    UnmaskingAsked,
    UnmaskingDeclined,
    UnmaskingGranted,
)

STREAM = "subject"


@projects(SubjectRegistered)
def register(recorded: Recorded) -> None:
    data = recorded.data
    Subject.objects.create(
        subject=data.subject,
        kind=data.kind,
        counted_from=date.fromisoformat(data.counted_from),
        keep_until=date.fromisoformat(data.keep_until),
        registered_at=recorded.recorded_at,
        registered_by=recorded.actor.person,
    )


@projects(SubjectCorrected)
def correct(recorded: Recorded) -> None:
    Subject.objects.filter(subject=recorded.data.subject).update(version=recorded.data.new)


@projects(RetentionExtended)
def extend(recorded: Recorded) -> None:
    data = recorded.data
    Subject.objects.filter(subject=data.subject).update(
        counted_from=date.fromisoformat(data.counted_from),
        keep_until=date.fromisoformat(data.new),
    )


@projects(IdentifiersShown)
def show(recorded: Recorded) -> None:
    _look(recorded, purpose=recorded.data.purpose, reference=recorded.data.reference)


@projects(SubjectUnmasked)
def unmask(recorded: Recorded) -> None:
    _look(recorded, request=recorded.data.request)


@projects(SubjectCopied)
def copy(recorded: Recorded) -> None:
    _look(recorded, request=recorded.data.request, purpose=COPY)


@projects(SubjectLookedUp)
def look_up(recorded: Recorded) -> None:
    data = recorded.data
    if recorded.stream_type == STREAM:  # it found somebody
        _look(recorded, data.found, purpose=data.purpose, reference=data.reference)


@projects(UnmaskingAsked)
def ask(recorded: Recorded) -> None:
    data = recorded.data
    Unmasking.objects.create(
        request=data.request,
        subject=data.subject,
        asked_by=data.asked_by,
        asked_at=recorded.recorded_at,
        reason=recorded.reason,
    )


@projects(UnmaskingGranted, UnmaskingDeclined)
def decide(recorded: Recorded) -> None:
    until = getattr(recorded.data, "until", "")
    Unmasking.objects.filter(request=recorded.data.request).update(
        decided_by=recorded.actor.person,
        decided_at=recorded.recorded_at,
        until=datetime.fromisoformat(until) if until else None,
    )


@projects(SubjectErased)
def erase(recorded: Recorded) -> None:
    Subject.objects.filter(subject=recorded.data.subject).update(
        erased_at=recorded.recorded_at, erased_ground=recorded.data.ground
    )


def _look(recorded: Recorded, subject: str = "", **what: str) -> None:
    SubjectLook.objects.create(
        event_id=recorded.id,
        subject=subject or recorded.data.subject,
        at=recorded.recorded_at,
        person=recorded.actor.person,
        role=recorded.actor.role,
        **what,
    )
