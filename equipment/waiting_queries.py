"""What waits in the equipment room: units out of service, for those who bring them back."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from equipment import queries
from equipment.commands import RELEASERS
from ledger.event import Actor
from personnel.roles import MAINTENANCE
from personnel.waiting import Row, waits

MANY = 5  # on the home page; the register shows them all


@waits
def units_out_of_service(actor: Actor) -> Iterator[Row]:
    """Maintenance mends them, and whoever releases them returns them to service."""
    if actor.role not in (MAINTENANCE, *RELEASERS):
        return
    for unit in queries.register(service="out")[:MANY]:
        sentence = _("%(label)s in %(room)s is out of service.")
        yield Row(
            unit.unit,
            sentence % {"label": unit.label, "room": unit.location},
            reverse("equipment:unit", args=[unit.unit]),
        )
