"""What has a chain of custody: collections, containers and samples, by their numbers."""

from __future__ import annotations

from batches import order_queries
from batches.container_models import ContainerLine, SampleLine
from batches.models import BatchLine
from batches.order_models import CollectionLine
from ledger.event import Refused
from ledger.event import marked as _


def subject_and_reference(item: str) -> tuple[str, str]:
    """Whose an item is, and the number by which the vault's looks name it; refused if unknown."""
    collection = CollectionLine.objects.filter(collection=item).first()
    if collection is not None:
        return collection.donor, item
    container = ContainerLine.objects.filter(container=item).first()
    sample = SampleLine.objects.filter(sample=item).first()
    found = container or sample
    if found is None:
        raise Refused(
            _("There is no collection, container or sample {item}."), item=item, code="item"
        )
    batch = BatchLine.objects.filter(batch=found.batch).first()
    return (batch.subject if batch else ""), item


def batches_of(item: str) -> list[str]:
    """The batches that an item is of: the one that it came from, or those made of it."""
    for model, number in ((ContainerLine, "container"), (SampleLine, "sample")):
        row = model.objects.filter(**{number: item}).first()
        if row is not None:
            return [row.batch]
    return order_queries.made_of(item)


def batch_subject(batch: str) -> str:
    """The pseudonym of whom a batch is for, or nothing."""
    row = BatchLine.objects.filter(batch=batch).first()
    return row.subject if row else ""
