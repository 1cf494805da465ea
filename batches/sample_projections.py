"""Events of samples to rows. The only writer of that table."""

from __future__ import annotations

from batches.container_models import SampleLine
from batches.custody import CustodyHandedOver, CustodyTakenOver
from batches.order_projections import link
from batches.sample import SampleTaken
from ledger.event import Recorded
from ledger.projections import projects


@projects(SampleTaken)
def take(recorded: Recorded) -> None:
    data = recorded.data
    SampleLine.objects.create(
        sample=data.sample,
        batch=data.batch,
        step=data.step,
        purpose=data.purpose,
        volume_ml="" if data.volume_ml is None else str(data.volume_ml),
        taken_by=data.taken_by,
        taken_at=recorded.recorded_at,
    )
    link(recorded, item=data.sample, kind="begun")


@projects(CustodyHandedOver)
def hand_over(recorded: Recorded) -> None:
    SampleLine.objects.filter(sample=recorded.data.item).update(
        handed_at=recorded.recorded_at, place=recorded.data.place
    )


@projects(CustodyTakenOver)
def take_over(recorded: Recorded) -> None:
    SampleLine.objects.filter(sample=recorded.data.item).update(
        received_at=recorded.recorded_at,
        received_by=recorded.actor.person,
        place=recorded.data.place,
    )
