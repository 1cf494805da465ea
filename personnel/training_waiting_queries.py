"""What waits in training: what somebody lacks for the role they act in, and what ends soon."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from ledger import clock
from ledger.event import Actor
from personnel import training_queries
from personnel.models import CurriculumLine, TrainingItem
from personnel.training_queries import EXPIRED, EXPIRING, MISSING, OLDER, Cell
from personnel.waiting import Row, waits

_SAYS = {
    EXPIRING: _("Your training on %(item)s, %(title)s, ends on %(until)s."),
    EXPIRED: _("Your training on %(item)s, %(title)s, ended on %(until)s."),
    OLDER: _("You are not yet trained on version %(version)s of %(item)s, %(title)s."),
    MISSING: _("You are not yet trained on %(item)s, %(title)s."),
}


@waits
def own_training(actor: Actor) -> Iterator[Row]:
    """For everybody, what their role's curriculum asks of them."""
    wanted = CurriculumLine.objects.filter(role=actor.role).values("item")
    items = list(TrainingItem.objects.filter(item__in=wanted).order_by("item"))
    if not items:
        return
    held = [row for row in training_queries.records(actor.person) if row.revoked_at is None]
    today = timezone.localdate(clock.now())
    for item in items:
        rows = [row for row in reversed(held) if row.item == item.item]
        cell = training_queries.cell(item, rows, True, today)
        if cell.standing in _SAYS:
            yield _row(item, cell, actor.person)


def _row(item: TrainingItem, cell: Cell, person: str) -> Row:
    until = cell.record.valid_until if cell.record else None
    said = {
        "item": item.item,
        "title": item.title,
        "version": item.version,
        "until": until and f"{until:%Y-%m-%d}",
    }
    return Row(
        gettext("Training"),
        gettext(_SAYS[cell.standing]) % said,
        reverse("personnel:training_person", args=[person]),
        cell.tag,
    )
