"""Events of labels to rows. The only writer of those tables."""

from __future__ import annotations

from batches import label as labels
from batches.label_models import LabelCountLine, LabelJobLine, LabelLine
from ledger.event import Recorded
from ledger.projections import projects


@projects(labels.LabelsPrinted)
def print_job(recorded: Recorded) -> None:
    data = recorded.data
    copied = ("roll", "batch", "job", "kind", "title", "use", "count", "first", "last")
    shown = ("identified", "route", "expires", "zone", "gtin")
    LabelJobLine.objects.create(
        key=f"{data.roll}-{data.job}",
        **{name: getattr(data, name) for name in (*copied, *shown)},
        reason=recorded.reason,
        printed_by=recorded.actor.person,
        printed_at=recorded.recorded_at,
    )
    LabelLine.objects.bulk_create(
        LabelLine(
            label=labels.number(data.roll, data.job, position),
            roll=data.roll,
            batch=data.batch,
            job=data.job,
            kind=data.kind,
            state=labels.PRINTED,
            by=recorded.actor.person,
            at=recorded.recorded_at,
        )
        for position in range(1, data.count + 1)
    )
    _uncounted(data.roll)


@projects(labels.LabelUsed)
def use(recorded: Recorded) -> None:
    data = recorded.data
    LabelLine.objects.filter(label=data.label).update(
        state=labels.USED, batch=data.batch, step=data.step, **_told(recorded)
    )
    _uncounted(recorded.stream_id)


@projects(labels.LabelsDestroyed)
def destroy(recorded: Recorded) -> None:
    _became(recorded, labels.DESTROYED)


@projects(labels.LabelsRetained)
def retain(recorded: Recorded) -> None:
    _became(recorded, labels.RETAINED)


@projects(labels.LabelsReconciled)
def reconcile(recorded: Recorded) -> None:
    LabelCountLine.objects.filter(roll=recorded.data.roll).update(
        reconciled_by=recorded.actor.person, reconciled_at=recorded.recorded_at
    )


def _became(recorded: Recorded, state: str) -> None:
    rows = LabelLine.objects.filter(label__in=recorded.data.labels.split())
    rows.update(state=state, **_told(recorded))
    _uncounted(recorded.data.roll)


def _told(recorded: Recorded) -> dict[str, object]:
    return {
        "reason": recorded.reason,
        "by": recorded.actor.person,
        "at": recorded.recorded_at,
    }


def _uncounted(roll: str) -> None:
    LabelCountLine.objects.update_or_create(
        roll=roll, defaults={"reconciled_by": "", "reconciled_at": None}
    )
