"""Events of training to rows. The only writer of those tables."""

from __future__ import annotations

from datetime import date

from ledger.event import Recorded
from ledger.projections import projects
from personnel.models.training import CurriculumLine, TrainingItem, TrainingRecord
from personnel.training import (
    CurriculumItemAdded,
    CurriculumItemRemoved,
    ItemIntroduced,
    TrainingRecorded,
    TrainingRevoked,
    VersionChanged,
)


@projects(ItemIntroduced)
def introduce(recorded: Recorded) -> None:
    data = recorded.data
    TrainingItem.objects.create(
        item=data.item,
        kind=data.kind,
        title=data.title,
        version=data.version,
        valid_months=data.valid_months,
        changed_at=recorded.recorded_at,
    )


@projects(VersionChanged)
def change_version(recorded: Recorded) -> None:
    TrainingItem.objects.filter(item=recorded.data.item).update(
        version=recorded.data.new, changed_at=recorded.recorded_at
    )


@projects(CurriculumItemAdded)
def add(recorded: Recorded) -> None:
    role, item = recorded.data.role, recorded.data.item
    CurriculumLine.objects.create(line=f"{role} {item}", role=role, item=item)


@projects(CurriculumItemRemoved)
def remove(recorded: Recorded) -> None:
    CurriculumLine.objects.filter(role=recorded.data.role, item=recorded.data.item).delete()


@projects(TrainingRecorded)
def record(recorded: Recorded) -> None:
    data = recorded.data
    TrainingRecord.objects.create(
        event_id=recorded.id,
        person=data.person,
        item=data.item,
        version=data.version,
        trained_on=date.fromisoformat(data.trained_on),
        valid_until=date.fromisoformat(data.valid_until) if data.valid_until else None,
        method=data.method,
        assessor=data.assessor,
        recorded_at=recorded.recorded_at,
    )


@projects(TrainingRevoked)
def revoke(recorded: Recorded) -> None:
    data = recorded.data
    standing = TrainingRecord.objects.filter(
        person=data.person, item=data.item, version=data.version, revoked_at=None
    )
    standing.update(
        revoked_at=recorded.recorded_at,
        revoked_by=recorded.actor.person,
        revoked_why=recorded.reason,
    )
