"""What waits in the stores for whoever looks at the home page."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from batches import material_queries as queries
from batches.material_models import LotLine
from batches.material_stock_commands import WITNESSES
from ledger.event import Actor
from personnel.roles import QA_REVIEWER, SUPERVISOR
from personnel.waiting import Row, waits

SHOWN = 5


@waits
def materials_waiting(actor: Actor) -> Iterator[Row]:
    """Lots and suppliers for quality assurance, low stock for the supervisor, witnesses for all."""
    if actor.role == QA_REVIEWER:
        yield from _for_quality()
    if actor.role == SUPERVISOR:
        yield from _low()
    if actor.role in WITNESSES:
        for row in LotLine.objects.filter(unwitnessed__gt=0).order_by("lot")[:SHOWN]:
            yield Row(
                row.lot,
                _("Something of it was destroyed; whoever saw it signs as the witness."),
                reverse("batches:lot", args=[row.lot]),
            )


def _for_quality() -> Iterator[Row]:
    count = LotLine.objects.filter(status=queries.QUARANTINE, is_empty=False).count()
    if count:
        said = ngettext(
            "%(count)s lot waits for its release.", "%(count)s lots wait for their release.", count
        )
        yield Row(_("Materials"), said % {"count": count}, reverse("batches:material_queue"))
    for row in queries.suppliers_known().filter(status="registered")[:SHOWN]:
        said = _("%(title)s waits for its approval.") % {"title": row.title}
        yield Row(row.supplier, said, reverse("batches:suppliers"), "info")


def _low() -> Iterator[Row]:
    for level in queries.levels():
        if level.is_low:
            said = _("%(title)s is below its minimum stock.") % {"title": level.item.title}
            yield Row(level.item.item, said, reverse("batches:item", args=[level.item.item]))
