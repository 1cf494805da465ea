"""Reads of containers and of what is where."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from batches import order_queries
from batches.collection import REJECTED
from batches.container_models import ContainerLine, ExcursionLine, FillLine, StorageLine
from batches.models import BatchLine
from batches.order_models import IdentityLine, OrderLine
from equipment.models import Register

TANK = "cryogenic_tank"


def containers(batch: str) -> list[ContainerLine]:
    return list(ContainerLine.objects.filter(batch=batch).order_by("container"))


def of_batch(batch: str, chosen: list[str]) -> list[ContainerLine]:
    rows = ContainerLine.objects.filter(batch=batch, container__in=chosen, ended="")
    return list(rows.order_by("container"))


def container(number: str) -> ContainerLine | None:
    return ContainerLine.objects.filter(container=number).first()


def was_frozen(container: str) -> bool:
    """Whether it was frozen, or has ever been in a tank."""
    rows = ContainerLine.objects.filter(container=container).exclude(frozen="")
    return rows.exists() or StorageLine.objects.filter(container=container).exists()


def pieces(batch: str, kind: str) -> int:
    """How many of a kind are numbered so far."""
    return ContainerLine.objects.filter(batch=batch, kind=kind).count()


def coi_of(batch: str) -> str:
    row = IdentityLine.objects.filter(batch=batch).first()
    return row.coi if row else ""


def purpose_of(batch: str) -> str:
    row = BatchLine.objects.filter(batch=batch).first()
    return row.purpose if row else ""


def issued_by(container: str) -> str:
    row = ContainerLine.objects.filter(container=container).first()
    return row.issued_by if row else ""


def order_ended(batch: str) -> str:
    """How the order behind a batch ended, or nothing; the row is held to the commit."""
    identity = IdentityLine.objects.filter(batch=batch).first()
    if identity is None:
        return ""
    orders = OrderLine.objects.select_for_update(no_key=True).filter(order=identity.order)
    row = orders.first()
    return row.ended if row else ""


def rejected_material(batch: str) -> list[str]:
    """Of what a batch is made that was rejected as starting material; held to the commit."""
    identity = IdentityLine.objects.filter(batch=batch).first()
    if identity is None:
        return []
    order_queries.held_order(identity.order)
    made_of = order_queries.held_collections(identity.collections.split())
    return [one.collection for one in made_of if one.decision == REJECTED]


def fills(batch: str, kind: str) -> list[FillLine]:
    return list(FillLine.objects.filter(batch=batch, kind=kind).order_by("at", "event_id"))


def tanks() -> list[Register]:
    return list(Register.objects.filter(unit_class=TANK).order_by("unit"))


def is_tank(unit: str, *, in_service: bool = True) -> bool:
    rows = Register.objects.filter(unit=unit, unit_class=TANK)
    return (rows.filter(in_service=True) if in_service else rows).exists()


def stored(tank: str) -> list[StorageLine]:
    """What is in a tank now, place by place."""
    return list(StorageLine.objects.filter(tank=tank, left_at=None).order_by("position"))


def in_tank(tank: str, began: datetime, ended: datetime) -> list[str]:
    """What was in a tank at any moment between two times, both included."""
    rows = StorageLine.objects.filter(
        Q(left_at=None) | Q(left_at__gte=began), tank=tank, taken_at__lte=ended
    )
    return sorted(set(rows.values_list("container", flat=True)))


def excursions(tank: str = "") -> list[ExcursionLine]:
    rows = ExcursionLine.objects.order_by("-began_at", "excursion")
    return list(rows.filter(tank=tank) if tank else rows)


def accounted(batch: str) -> dict[str, int]:
    """What became of a batch's containers: by its word, how many."""
    found: dict[str, int] = {}
    for row in containers(batch):
        what = row.ended or (f"on {row.ward}" if row.ward else row.decision)
        found[what] = found.get(what, 0) + 1
    return found
