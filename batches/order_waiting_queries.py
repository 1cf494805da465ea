"""What waits about orders and starting material; which of them name a subject."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from batches.container_models import ContainerLine, SampleLine
from batches.order_models import CollectionLine, CustodyLine, OrderLine
from ledger.event import Actor
from personnel.roles import OPERATOR, QA_REVIEWER, QC_ANALYST, SUPERVISOR, VERIFIER
from personnel.vault_commands import needed
from personnel.vault_request_commands import mentions
from personnel.waiting import Row, waits

SHOWN = 20
HANDS = (OPERATOR, VERIFIER, SUPERVISOR)


@waits
def orders_waiting(actor: Actor) -> Iterator[Row]:
    """Receipts to confirm, collections to decide about, samples under way, witnesses wanted."""
    undecided = CollectionLine.objects.filter(decision="").exclude(received_at=None)
    for row in undecided.order_by("collection")[:SHOWN]:
        address = reverse("batches:collection", args=[row.collection])
        confirmed = CustodyLine.objects.filter(item=row.collection, kind="confirmed").exists()
        if confirmed and actor.role == QA_REVIEWER:
            yield Row(row.collection, _("Decide whether it may be used."), address)
        elif not confirmed and actor.role in HANDS and actor.person != row.received_by:
            yield Row(row.collection, _("Confirm its receipt as the second person."), address)
    if actor.role == QC_ANALYST:
        under_way = SampleLine.objects.filter(received_at=None).exclude(handed_at=None)
        for sample in under_way.order_by("sample")[:SHOWN]:
            address = reverse("batches:custody", args=[sample.sample])
            yield Row(sample.sample, _("A sample is under way to you: take it over."), address)
    if actor.role in HANDS:
        for box in ContainerLine.objects.filter(destroying=True).order_by("container")[:SHOWN]:
            address = reverse("batches:container", args=[box.container])
            yield Row(box.container, _("Its destruction wants a witness."), address, "info")


@mentions
def orders_of(subject: str) -> list[dict[str, str]]:
    """The orders for a subject and the collections from one, oldest first."""
    orders = OrderLine.objects.filter(subject=subject).order_by("order")
    collections = CollectionLine.objects.filter(donor=subject).order_by("collection")
    return [
        {"record": f"order {row.order}", "product": row.product, "purpose": row.pathway}
        for row in orders
    ] + [{"record": f"collection {row.collection}", "purpose": row.site} for row in collections]


@needed
def open_orders_of(subject: str) -> str:
    """The orders for a subject that have not ended."""
    rows = OrderLine.objects.filter(subject=subject, ended="").order_by("order")
    return ", ".join(f"order {name}" for name in rows.values_list("order", flat=True))
