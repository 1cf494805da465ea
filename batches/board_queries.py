"""The floor at one glance: rooms with their batches and clocks, and whether a batch can begin."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from batches import label_queries, order_queries, queries
from batches import material_kit_queries as kits
from batches.collection import REJECTED, USABLE
from batches.models import BatchLine
from batches.recipe import Recipe
from batches.running_models import ClockLine
from equipment import room_queries
from equipment.room_queries import RoomTold
from equipment.status_queries import free_and_qualified, in_the_way
from ledger import clock
from ledger.event import Actor
from personnel.queries import printed_names
from personnel.training_queries import trained_on


@dataclass(frozen=True)
class BatchTold:
    """A batch on the board: its row, the clocks that run, and whether it waits for who looks."""

    row: BatchLine
    clocks: list[ClockLine]
    mine: bool
    handed_by: str


@dataclass(frozen=True)
class Place:
    """A room with the batches in it; without a room: those that have entered none yet."""

    room: RoomTold | None
    batches: list[BatchTold]


def board(actor: Actor, *, mine: bool = False) -> list[Place]:
    """Every room, and the batches at work that are in none."""
    rows = list(BatchLine.objects.filter(completed_at=None, aborted_at=None).order_by("batch"))
    running: dict[str, list[ClockLine]] = {}
    for one in ClockLine.objects.filter(ended_at=None).order_by("due_at", "started_at"):
        running.setdefault(one.batch, []).append(one)
    names = printed_names({row.handover for row in rows if row.handover})
    told = [
        BatchTold(
            row=row,
            clocks=running.get(row.batch, []),
            mine=_waits_for(row, actor),
            handed_by=names.get(row.handover, row.handover),
        )
        for row in rows
    ]
    shown = [one for one in told if one.mine] if mine else told
    rooms = room_queries.rooms()
    places = [Place(room, [b for b in shown if b.row.room == room.row.room]) for room in rooms]
    known = {room.row.room for room in rooms}
    outside = [one for one in shown if one.row.room not in known]
    if mine:
        places = [place for place in places if place.batches]
    return [*([Place(None, outside)] if outside else []), *places]


def _waits_for(row: BatchLine, actor: Actor) -> bool:
    own = actor.person in row.countersignatures.split()
    return own or actor.role in (row.waits_for, row.second)


@dataclass(frozen=True)
class Check:
    """One line of the readiness list: what is asked, whether it holds, and the way out."""

    title: str
    ready: bool
    said: str
    address: str = ""
    word: str = ""  # for what is not ready, where "missing" would say too much or too little


@dataclass(frozen=True)
class Part:
    """The checks of one matter."""

    title: str
    checks: list[Check]

    @property
    def ready(self) -> int:
        """How many of the checks hold."""
        return sum(one.ready for one in self.checks)

    @property
    def way_out(self) -> str:
        """The one address at which all that lacks is put right; nothing where there are several."""
        lacking = [one.address for one in self.checks if not one.ready]
        return lacking[0] if len(lacking) > 1 and len(set(lacking)) == 1 else ""


def readiness(row: BatchLine) -> list[Part]:
    """Whether the batch can begin: order, material, units, rooms, people, labels."""
    recipe = queries.recipe_of(queries.batch_state(row.batch))
    at = clock.now()
    parts = [
        Part(_("Order and starting material"), list(_order(row))),
        Part(_("Materials"), list(_materials(row))),
        Part(_("Equipment"), list(_units(row, recipe, at))),
        Part(_("Rooms"), list(_rooms(row, recipe, at))),
        Part(_("People"), list(_people(recipe, at))),
        Part(_("Labels"), list(_labels(row, recipe))),
    ]
    return [part for part in parts if part.checks]


def _materials(row: BatchLine) -> Iterator[Check]:
    for need in kits.needs(row):
        ready = need.standing in ("ready", "pick", "own")
        word, said = kits.told(need)
        address = kits.way_out(need, row.batch)
        yield Check(need.material.title, ready, said, address, "" if ready else word)


def _units(row: BatchLine, recipe: Recipe, at: datetime) -> Iterator[Check]:
    for need in recipe.content.equipment:
        free = free_and_qualified(need.unit_class, batch=row.batch, at=at)
        unfit = {} if free else in_the_way(need.unit_class, batch=row.batch, at=at)
        said = ", ".join(free) or " ".join(unfit.values())
        nearest = min(unfit, key=lambda unit: len(unfit[unit]), default="")
        address = reverse("equipment:home")
        if nearest:
            address = reverse("equipment:unit", args=[nearest])
        yield Check(need.title, bool(free), said or _("no unit of this kind is in use"), address)


def _rooms(row: BatchLine, recipe: Recipe, at: datetime) -> Iterator[Check]:
    known = room_queries.rooms()
    for need in recipe.content.rooms:
        fit = [one for one in known if one.row.grade == need.grade]
        ready = [
            one.row.room
            for one in fit
            if one.is_clean and not one.row.em_hold and not set(one.row.batches) - {row.batch}
        ]
        said = ", ".join(ready) or _("no room of grade %(grade)s is clean and free") % {
            "grade": need.grade
        }
        address = reverse("equipment:rooms")
        if len(fit) == 1:
            address = reverse("equipment:room", args=[fit[0].row.room])
        yield Check(need.title, bool(ready), said, address)


def _people(recipe: Recipe, at: datetime) -> Iterator[Check]:
    for need in recipe.content.staffing:
        fit = [
            name
            for person, name in queries.performers(need.role)
            if trained_on(person, recipe.recipe, str(recipe.version), at)
        ]
        said = ", ".join(fit) or _("nobody is trained on this version")
        title = f"{need.people} x {need.role.replace('_', ' ')}"
        yield Check(title, len(fit) >= need.people, said, reverse("personnel:training"))


def _order(row: BatchLine) -> Iterator[Check]:
    if row.purpose != "patient":
        return
    bound = order_queries.identity(row.batch)
    if bound is None:
        said = _("no order stands behind the batch: bind it on the order's page")
        yield Check(_("Order"), False, said, reverse("batches:orders"))
        return
    placed = order_queries.order(bound.order)
    live = placed is not None and not placed.ended
    said = bound.order if live else _("the order has ended")
    yield Check(_("Order"), live, said, reverse("batches:order", args=[bound.order]))
    for line in order_queries.some_collections(bound.collections.split()):
        address = reverse("batches:collection", args=[line.collection])
        usable = line.received_at is not None and line.decision in USABLE
        told = _("not received, or quality has not decided")
        if usable:
            told = _("received, and accepted by quality assurance")
        elif line.decision == REJECTED:
            told = _("rejected: put it aside and call quality assurance")
        yield Check(line.collection, usable, told, address)


def _labels(row: BatchLine, recipe: Recipe) -> Iterator[Check]:
    if not recipe.content.labels:
        return
    printed = bool(label_queries.jobs(row.batch))
    said = _("printed") if printed else _("none is printed yet")
    yield Check(_("Labels"), printed, said, reverse("batches:labels", args=[row.batch]))
