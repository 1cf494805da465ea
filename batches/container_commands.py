"""What may be asked about containers: dose, fill, store, freeze, disposition."""

from __future__ import annotations

from decimal import Decimal

from batches import collection_log, container_curve, container_dose, container_queries
from batches import container as containers
from batches.collection_commands import moment
from batches.container_events import (
    ContainerFilled,
    ContainersFrozen,
    DoseSet,
    PositionLeft,
)
from batches.limits import read_number
from batches.order import day, line
from batches.order_queries import held_batch
from ledger import blobs
from ledger.clock import rfc3339
from ledger.command import Act, command
from ledger.event import Refused
from ledger.event import marked as _
from ledger.signature import Meaning
from personnel.roles import OPERATOR, QA_REVIEWER, QC_ANALYST, QUALIFIED_PERSON, SUPERVISOR

RECORD = "container/{container}"
BATCH = "fill/{batch}"
HANDS = (OPERATOR, SUPERVISOR)
DMSO_LIMIT = 30  # minutes from the first touch to the start of the programme


@command(
    "batches.set_dose",
    role=(SUPERVISOR, QC_ANALYST),
    label=_("set the dose of {batch}"),
    record=BATCH,
    signature=Meaning.PERFORMED,
)
def set_dose(
    act: Act,
    *,
    batch: str,
    weight: str,
    weighed_on: str,
    weight_source: str,
    target: str,
    cap: str,
    count: str,
    viability: str,
    transduced: str,
) -> None:
    """Work the dose out from a dated weight with its source, target and cap."""
    _patient_batch(batch)
    if day(weighed_on, code="weighed_on") > act.at.date():
        raise Refused(_("The day of weighing lies ahead. Correct it."), code="weighed_on")
    weight_kg, per_kg = _number(weight, "weight"), _number(target, "target")
    most = _number(cap, "cap") if cap else None
    made = container_dose.dose(target_per_kg=per_kg, weight_kg=weight_kg, cap=most)
    measured = {
        "count": _number(count, "count"),
        "viability": _number(viability, "viability"),
        "transduced": _number(transduced, "transduced"),
    }
    act.load("fill", batch, 0, _counted)
    act.record(
        "fill",
        batch,
        [
            DoseSet(
                batch=batch,
                weight_kg=weight_kg,
                weighed_on=weighed_on,
                weight_source=line(
                    weight_source, _("Say where the weight stands."), code="weight_source"
                ),
                target_per_kg=per_kg,
                cap=most,
                capped=made.capped,
                cells=made.cells,
                volume_ml=container_dose.volume_for(made.cells, **measured),
                **measured,
            )
        ],
    )


@command("batches.fill_containers", role=HANDS, label=_("fill containers of {batch}"), record=BATCH)
def fill_containers(
    act: Act,
    *,
    batch: str,
    kind: str,
    pieces: int,
    volume_ml: str,
    cells: str,
    dmso_at: str,
) -> None:
    """Number what was filled, one by one; each is a record of its own from now on."""
    row = held_batch(batch)
    if row is None:
        raise Refused(_("There is no batch {batch}."), batch=batch, code="batch")
    if kind not in containers.KINDS:
        raise Refused(_("Say what was filled."), code="kind")
    if not 1 <= pieces <= 50:
        raise Refused(_("Say how many were filled, 1 to 50."), code="pieces")
    dmso = moment(dmso_at, code="dmso_at") if dmso_at else None
    if dmso is not None and dmso > act.at:
        raise Refused(_("That time lies ahead. Correct it."), code="dmso_at")
    begin = container_queries.pieces(batch, kind)
    coi = container_queries.coi_of(batch)
    for position in range(begin + 1, begin + pieces + 1):
        number = containers.numbered(batch, kind, position)
        filled = ContainerFilled(
            container=number,
            batch=batch,
            kind=kind,
            volume_ml=_number(volume_ml, "volume_ml"),
            cells=_number(cells, "cells", least=Decimal(0)),
            coi=coi,
            dmso_at=rfc3339(dmso) if dmso else "",
            filled_at=rfc3339(act.at),
        )
        act.record("container", number, [filled])


@command(
    "batches.store_container", role=HANDS, label=_("store {container} in {tank}"), record=RECORD
)
def store_container(
    act: Act, *, container: str, tank: str, rack: str, box: str, place: str
) -> None:
    """Put a container into a place of a tank that no other has."""
    state = load(act, container)
    position = containers.position_of(tank, rack, box, place)
    if not container_queries.is_tank(tank):
        raise Refused(
            _("{tank} is no storage tank in service. Choose one of the register."),
            tank=tank,
            code="tank",
        )
    stored = containers.store(state, container=container, tank=tank, position=position)
    held_by = act.load("position", position, "", containers.occupant)
    taken = containers.take_position(held_by, position=position, container=container)
    act.record("position", position, taken)
    leave_position(act, state)
    act.record("container", container, stored)


@command(
    "batches.record_freezing",
    role=HANDS,
    label=_("record the freezing of {batch}"),
    record=BATCH,
    signature=Meaning.PERFORMED,
    private=("curve",),
)
def record_freezing(act: Act, *, batch: str, freezer: str, curve: str, chosen: list[str]) -> None:
    """Keep the freezer's curve, and judge it and the time in DMSO. What departs is kept too."""
    log = collection_log.read(curve)
    rows = container_queries.of_batch(batch, chosen)
    if not rows:
        raise Refused(_("Choose the containers that were frozen."), code="chosen")
    touched = [row.dmso_at for row in rows if row.dmso_at]
    minutes = int((log.first - min(touched)).total_seconds()) // 60 if touched else 0
    if minutes < 0:
        raise Refused(
            _("The curve begins before DMSO was added. Choose the file of this run."), code="logger"
        )
    departures = container_curve.judge(log)
    if minutes > DMSO_LIMIT:
        departures.append(f"{minutes} minutes in DMSO, more than {DMSO_LIMIT}.")
    act.load("fill", batch, 0, _counted)
    frozen = ContainersFrozen(
        batch=batch,
        freezer=line(freezer, _("Say which freezer it was."), code="freezer"),
        pieces=len(rows),
        containers=[row.container for row in rows],
        curve=blobs.put(curve.encode()),
        began_at=rfc3339(log.first),
        dmso_minutes=minutes,
        dmso_limit=DMSO_LIMIT,
        standing="outside limits" if departures else "within limits",
        departures=departures,
    )
    act.record("fill", batch, [frozen])


@command(
    "batches.disposition_container",
    role=(QA_REVIEWER, QUALIFIED_PERSON),
    label=_("decide about {container}"),
    record=RECORD,
    signature=Meaning.APPROVED,
)
def disposition_container(act: Act, *, container: str, decision: str) -> None:
    """Release or reject one container, by itself."""
    state = load(act, container)
    if decision == containers.RELEASED:
        demand_material(state.batch)
    decided = containers.disposition(
        state,
        container=container,
        decision=decision,
        purpose=container_queries.purpose_of(state.batch),
        reason=act.reason,
    )
    act.record("container", container, decided)


def load(act: Act, container: str) -> containers.Container:
    return act.load("container", container, containers.INITIAL, containers.evolve)


def demand_material(batch: str) -> None:
    """Nothing leaves that is made of rejected starting material; nobody overrides that."""
    for collection in container_queries.rejected_material(batch):
        raise Refused(
            _(
                "{batch} is made of {collection}, which was rejected as starting material, so"
                " nothing of it is released or issued. QA alone decides about it again."
            ),
            batch=batch,
            collection=collection,
            code="collection_rejected",
        )


def leave_position(act: Act, state: containers.Container) -> None:
    """Free the place that a container was in."""
    if state.position:
        act.load("position", state.position, "", containers.occupant)
        left = PositionLeft(position=state.position, container=state.container)
        act.record("position", state.position, [left])


def _counted(state: int, _event: object) -> int:
    return state + 1


def _patient_batch(batch: str) -> None:
    row = held_batch(batch)
    if row is None or row.purpose != "patient":
        raise Refused(
            _("{batch} is for no patient, so there is no dose to set."), batch=batch, code="batch"
        )


def _number(typed: str, name: str, *, least: Decimal | None = None) -> Decimal:
    value = read_number(typed)
    if value is None or (value <= 0 if least is None else value < least):
        raise Refused(_("Write a number above 0, as 12.5."), code=name)
    return value
