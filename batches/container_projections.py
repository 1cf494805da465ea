"""Events of containers to rows. The only writer of those tables."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from batches import container_events as told
from batches.container import QUARANTINED, RETURNED
from batches.container_models import ContainerLine, ExcursionLine, FillLine, StorageLine
from batches.order_projections import link
from ledger.codec import plain
from ledger.event import Recorded
from ledger.projections import projects


@projects(told.ContainerFilled)
def fill(recorded: Recorded) -> None:
    data = recorded.data
    ContainerLine.objects.create(
        container=data.container,
        batch=data.batch,
        kind=data.kind,
        volume_ml=str(data.volume_ml),
        cells=str(data.cells),
        coi=data.coi,
        dmso_at=datetime.fromisoformat(data.dmso_at) if data.dmso_at else None,
        filled_at=datetime.fromisoformat(data.filled_at),
        decision=QUARANTINED,
    )
    link(recorded, item=data.container, kind="begun")


@projects(told.PositionTaken)
def take(recorded: Recorded) -> None:
    data = recorded.data
    StorageLine.objects.create(
        event_id=recorded.id,
        tank=data.position.split(".")[0],
        position=data.position,
        container=data.container,
        taken_at=recorded.recorded_at,
    )


@projects(told.PositionLeft)
def leave(recorded: Recorded) -> None:
    data = recorded.data
    StorageLine.objects.filter(
        position=data.position, container=data.container, left_at=None
    ).update(left_at=recorded.recorded_at)


@projects(told.ContainerStored)
def store(recorded: Recorded) -> None:
    data = recorded.data
    _change(data.container, tank=data.tank, position=data.position)
    link(recorded, item=data.container, kind="stored", place=data.position)


@projects(told.ContainerDispositioned)
def disposition(recorded: Recorded) -> None:
    _change(
        recorded.data.container,
        decision=recorded.data.decision,
        decided_by=recorded.actor.person,
    )


@projects(told.ContainerIssued)
def issue(recorded: Recorded) -> None:
    data = recorded.data
    _change(
        data.container,
        ward=data.ward,
        issued_by=recorded.actor.person,
        issued_at=recorded.recorded_at,
        expires_at=data.expires_at,
        zone=data.zone,
        accepted_by="",
        tank="",
        position="",
    )
    link(
        recorded,
        item=data.container,
        kind="handed_over",
        to_place=data.ward,
        document=data.document,
    )


@projects(told.ContainerAccepted)
def accept(recorded: Recorded) -> None:
    data = recorded.data
    _change(data.container, accepted_by=recorded.actor.person)
    link(recorded, item=data.container, kind="taken_over", place=data.ward, document=data.document)


@projects(told.ShipperJudged)
def judge_shipper(recorded: Recorded) -> None:
    data = recorded.data
    warm = data.highest if data.highest == data.lowest else f"{data.lowest} … {data.highest}"
    link(
        recorded,
        item=data.container,
        kind="shipped",
        place=data.standing,
        temperature=str(warm),
        at=datetime.fromisoformat(data.ended_at),
    )


@projects(told.ContainerThawed)
def thaw(recorded: Recorded) -> None:
    data = recorded.data
    _change(
        data.container,
        thawed_at=datetime.fromisoformat(data.thawed_at),
        infuse_by=datetime.fromisoformat(data.infuse_by),
    )
    link(recorded, item=data.container, kind="thawed")


@projects(told.ContainerEnded)
def end(recorded: Recorded) -> None:
    data = recorded.data
    changes: dict[str, Any] = {"minutes": data.minutes, "late": data.late}
    if data.how == RETURNED:
        changes |= {"ward": "", "decision": QUARANTINED, "accepted_by": ""}
    else:
        changes |= {"ended": data.how, "ended_at": datetime.fromisoformat(data.ended_at)}
    _change(data.container, **changes)
    link(recorded, item=data.container, kind="returned" if data.how == RETURNED else "ended")


@projects(told.DestructionAsked)
def ask_destruction(recorded: Recorded) -> None:
    _change(recorded.data.container, destroying=True)


@projects(told.ContainerDestroyed)
def destroy(recorded: Recorded) -> None:
    data = recorded.data
    _change(
        data.container,
        destroying=False,
        ended="destroyed",
        ended_at=recorded.recorded_at,
        tank="",
        position="",
    )
    link(recorded, item=data.container, kind="ended")


@projects(told.DoseSet)
def set_dose(recorded: Recorded) -> None:
    _fill(recorded, "dose", good=True)


@projects(told.ContainersFrozen)
def freeze(recorded: Recorded) -> None:
    data = recorded.data
    _fill(recorded, "freezing", good=not data.departures)
    for number in data.containers:
        _change(number, frozen=data.standing)


@projects(told.WasteRecorded)
def waste(recorded: Recorded) -> None:
    _fill(recorded, "waste", good=recorded.data.difference == 0)


@projects(told.TankExcursion)
def excursion(recorded: Recorded) -> None:
    data = recorded.data
    ExcursionLine.objects.create(
        excursion=data.excursion,
        tank=data.tank,
        began_at=datetime.fromisoformat(data.began_at),
        ended_at=datetime.fromisoformat(data.ended_at),
        highest=str(data.highest),
        limit=str(data.limit),
        containers=" ".join(data.containers),
        person=recorded.actor.person,
        at=recorded.recorded_at,
    )
    for row in ContainerLine.objects.filter(container__in=data.containers):
        numbers = sorted({*row.excursions.split(), data.excursion})
        _change(row.container, excursions=" ".join(numbers))


def _fill(recorded: Recorded, kind: str, *, good: bool) -> None:
    FillLine.objects.create(
        event_id=recorded.id,
        batch=recorded.data.batch,
        kind=kind,
        told=json.dumps(plain(recorded.data), sort_keys=True),
        good=good,
        person=recorded.actor.person,
        at=recorded.recorded_at,
    )


def _change(container: str, **values: object) -> None:
    ContainerLine.objects.filter(container=container).update(**values)
