"""Reads of orders, collections and whom a batch is made for."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from batches.collection import USABLE
from batches.models import BatchLine
from batches.order_models import CollectionLine, IdentityLine, OrderLine


def orders(*, words: str = "", state: str = "") -> QuerySet[OrderLine]:
    """The orders whose number, product, pseudonym or code holds the words, latest first."""
    rows = OrderLine.objects.order_by("-placed_at", "order")
    for word in words.split():
        rows = rows.filter(
            Q(order__icontains=word)
            | Q(product__icontains=word)
            | Q(subject__icontains=word)
            | Q(coi__icontains=word)
        )
    if state in ("open", "ended"):
        rows = rows.filter(ended="") if state == "open" else rows.exclude(ended="")
    return rows


def order(number: str) -> OrderLine | None:
    return OrderLine.objects.filter(order=number).first()


def held_order(number: str) -> OrderLine | None:
    """An order as a fact for a command: its row is held to the commit."""
    return OrderLine.objects.select_for_update(no_key=True).filter(order=number).first()


def subject_of(order: str) -> str:
    """The pseudonym of whom an order is for; nothing where there is no such order."""
    row = OrderLine.objects.filter(order=order).first()
    return row.subject if row else ""


def held_batch(number: str) -> BatchLine | None:
    """A batch as a fact for a command."""
    return BatchLine.objects.select_for_update(no_key=True).filter(batch=number).first()


def collections(order: str) -> list[CollectionLine]:
    return list(CollectionLine.objects.filter(order=order).order_by("collection"))


def collection_numbers(order: str) -> list[str]:
    rows = CollectionLine.objects.filter(order=order)
    return sorted(rows.values_list("collection", flat=True))


def held_collections(numbers: Iterable[str]) -> list[CollectionLine]:
    """Collections as facts for a command: no decision about them changes before the commit.

    Hold their order before them, always, so that two batches of one order wait in turn.
    """
    rows = CollectionLine.objects.select_for_update(no_key=True)
    return list(rows.filter(collection__in=numbers).order_by("collection"))


def some_collections(numbers: Iterable[str]) -> list[CollectionLine]:
    return list(CollectionLine.objects.filter(collection__in=numbers).order_by("collection"))


def collection(number: str) -> CollectionLine | None:
    return CollectionLine.objects.filter(collection=number).first()


def received_by(collection: str) -> str:
    row = CollectionLine.objects.filter(collection=collection).first()
    return row.received_by if row else ""


def identity(batch: str) -> IdentityLine | None:
    return IdentityLine.objects.filter(batch=batch).first()


def identities(order: str) -> list[IdentityLine]:
    """The batches that are made for an order."""
    return list(IdentityLine.objects.filter(order=order).order_by("batch"))


def for_next_batch(orders: Iterable[str]) -> dict[str, list[str]]:
    """Of what the next batch of each order is made: what QA has accepted and no batch was made of;
    where there is none, what an aborted batch alone was made of; or else all that was accepted."""
    accepted: dict[str, list[str]] = {order: [] for order in orders}
    rows = CollectionLine.objects.filter(order__in=accepted, decision__in=USABLE)
    for row in rows.order_by("collection"):
        accepted[row.order].append(row.collection)
    batches = BatchLine.objects.filter(order__in=accepted).exclude(aborted_at=None)
    aborted, used, spent = set(batches.values_list("batch", flat=True)), set[str](), set[str]()
    for line in IdentityLine.objects.filter(order__in=accepted):
        (spent if line.batch in aborted else used).update(line.collections.split())
    chosen = {}
    for order, numbers in accepted.items():
        left = [one for one in numbers if one not in used]
        chosen[order] = [one for one in left if one not in spent] or left or numbers
    return chosen


def at_work(order: str) -> list[str]:
    """The batches of an order that are in the making."""
    rows = BatchLine.objects.filter(order=order, completed_at=None, aborted_at=None)
    return list(rows.order_by("batch").values_list("batch", flat=True))


def waiting_for_batch(order: str = "") -> list[tuple[OrderLine, list[str]]]:
    """The open orders, or this one, with accepted material of which no batch is in the making, and
    of what the next one is made."""
    at_work = BatchLine.objects.filter(completed_at=None, aborted_at=None).exclude(order="")
    rows = OrderLine.objects.filter(ended="").exclude(order__in=at_work.values("order"))
    rows = rows.filter(order=order) if order else rows
    found = {row.order: row for row in rows.order_by("requested_on", "order")}
    chosen = for_next_batch(found)
    return [(row, chosen[number]) for number, row in found.items() if chosen[number]]


def made_of(collection: str) -> list[str]:
    """The batches that are made of a collection."""
    order = CollectionLine.objects.filter(collection=collection).values("order")
    rows = IdentityLine.objects.filter(order__in=order).order_by("batch")
    return [row.batch for row in rows if collection in row.collections.split()]


def unbound_batches(subject: str) -> list[BatchLine]:
    """The open batches for a patient that no order stands behind yet."""
    bound = IdentityLine.objects.values("batch")
    rows = BatchLine.objects.filter(
        subject=subject, purpose="patient", completed_at=None, aborted_at=None
    )
    return list(rows.exclude(batch__in=bound).order_by("batch"))
