"""What the ledger holds of a batch outside its own record: identity, labels, fill, containers,
samples, materials taken, paper copies, kept files. Each with its own events, as they were recorded.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from batches import order_queries
from batches.container_models import ContainerLine, SampleLine
from batches.contingency_queries import files
from batches.label_models import LabelJobLine
from batches.material_models import TakenLine
from ledger import blobs, store
from ledger.event import Recorded
from ledger.paper import Attachment

OF_THE_BATCH = ("identity", "fill", "files", "contingency")
SMALL, ALTOGETHER = 1024 * 1024, 8 * 1024 * 1024  # bytes of a file, and of all, inside the print


def events(batch: str) -> list[Recorded]:
    """Every event of the streams beside, and of a lot those that name the batch, as they came."""
    found = [event for kind in OF_THE_BATCH for event in store.load(kind, batch)]
    for kind, stream in _streams(batch):
        found += store.load(kind, stream)
    for lot in sorted(set(TakenLine.objects.filter(batch=batch).values_list("lot", flat=True))):
        found += [one for one in store.load("lot", lot) if getattr(one.data, "batch", "") == batch]
    return sorted(found, key=lambda event: (event.recorded_at, str(event.id)))


def _streams(batch: str) -> Iterator[tuple[str, str]]:
    containers = ContainerLine.objects.filter(batch=batch).values_list("container", flat=True)
    samples = SampleLine.objects.filter(batch=batch).values_list("sample", flat=True)
    rolls = LabelJobLine.objects.filter(batch=batch).values_list("roll", flat=True)
    for kind, names in (("label", rolls), ("container", containers), ("sample", samples)):
        for name in sorted(set(names)):
            yield kind, name


def order_facts(batch: str) -> list[list[str]]:
    """The order behind a batch and the regulatory context that it brings; by pseudonym."""
    bound = order_queries.identity(batch)
    if bound is None:
        return []
    facts = [[_("Order"), bound.order], [_("Chain of identity"), bound.coi]]
    order = order_queries.order(bound.order)
    if order is None:
        return facts
    trial = " · ".join(part for part in (order.trial, order.trial_subject, order.sponsor) if part)
    return [
        *facts,
        [_("Pathway"), order.pathway.replace("_", " ")],
        [_("Trial, subject, sponsor"), trial],
        [_("Specification"), order.specification],
    ]


def attachments(batch: str) -> list[Attachment]:
    """The kept files that are small enough to go along; the rest are named by their hash."""
    found, size = [], 0
    for one in files(batch).files.values():
        if one.size > SMALL or size + one.size > ALTOGETHER:
            continue
        size += one.size
        about = _("%(about)s (file %(number)s)") % {"about": one.about, "number": one.number}
        content = blobs.get(one.blob)
        found.append(Attachment(one.name, content, one.media_type, "supplement", about))
    return found
