"""What waits in the batches room for whoever looks at the home page."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from batches import queries
from batches.models import BatchLine
from batches.running_commands import RUNNERS
from batches.running_models import ClockLine
from ledger import clock
from ledger.event import Actor
from personnel.roles import PROCESS_ENGINEER, QA_REVIEWER, SUPERVISOR
from personnel.waiting import Row, waits

SHOWN = 20
HOLDERS = (SUPERVISOR, QA_REVIEWER)
RECIPE_STAGES = {
    PROCESS_ENGINEER: ("draft", "submitted"),
    SUPERVISOR: ("submitted",),
    QA_REVIEWER: ("reviewed",),
}


@waits
def batches_waiting(actor: Actor) -> Iterator[Row]:
    """Steps for this role, or beside it; countersignatures; holds and exceptions for QA."""
    wanted = Q(countersignatures__contains=actor.person) | Q(waits_for=actor.role)
    if actor.role in HOLDERS:
        wanted |= Q(process_hold=True) | Q(to_authorise__gt=0)
    if actor.role == QA_REVIEWER:
        wanted |= Q(overrides__gt=0)
    if actor.role in RUNNERS:
        wanted |= ~Q(handover="") & ~Q(handover=actor.person)
    for row in queries.batches(state="open").filter(wanted)[:SHOWN]:
        yield from _of(row, actor)
    yield from _beside(actor)
    if actor.role == QA_REVIEWER:
        yield from _for_quality()
    yield from _recipes(actor)


def _beside(actor: Actor) -> Iterator[Row]:
    """Steps that wait for somebody else, and that this role is called to before they begin."""
    rows = queries.batches(state="open").filter(second=actor.role, process_hold=False)
    for row in rows.exclude(waits_for=actor.role)[:SHOWN]:
        said = _("Step %(step)s, %(title)s, is due: you are its second person.")
        address = reverse("batches:step", args=[row.batch, row.step])
        yield Row(row.batch, said % {"step": row.step, "title": row.title}, address, "info")


def _of(row: BatchLine, actor: Actor) -> Iterator[Row]:
    record = reverse("batches:record", args=[row.batch])
    if actor.person in row.countersignatures.split():
        yield Row(row.batch, _("A step was recorded for you: countersign it."), record)
    if row.overrides and actor.role == QA_REVIEWER:
        step = reverse("batches:step", args=[row.batch, row.step])
        yield Row(
            row.batch, _("A supervisor asks to go on: agree, or remove the cause."), step, "bad"
        )
    if row.handover and row.handover != actor.person and actor.role in RUNNERS:
        yield Row(
            row.batch,
            _("The batch is handed over: read how it stands and take it."),
            reverse("batches:run", args=[row.batch, "take"]),
        )
    if row.to_authorise and actor.role in HOLDERS:
        step = reverse("batches:step", args=[row.batch, row.to_authorise])
        said = _("A value of step %(step)s, which is critical, was corrected: authorise it.")
        yield Row(row.batch, said % {"step": row.to_authorise}, step)
    yield from _clocks(row)
    if row.process_hold and actor.role in HOLDERS:
        yield Row(row.batch, _("The batch is on process hold."), record, "bad")
    elif row.waits_for == actor.role and not row.process_hold:
        yield Row(row.batch, *_turn(row, record), "info")


def _clocks(row: BatchLine) -> Iterator[Row]:
    """Hold times and timers that are near their end, or past it."""
    now = clock.now()
    running = ClockLine.objects.filter(batch=row.batch, ended_at=None, due_at__isnull=False)
    for one in running.order_by("due_at"):
        address = reverse("batches:step", args=[row.batch, row.step])
        named = {"title": one.title}
        if one.due_at and one.due_at < now:
            yield Row(row.batch, _("%(title)s: the time is over.") % named, address, "bad")
        elif one.warn_at and one.warn_at < now:
            yield Row(row.batch, _("%(title)s: the time runs out.") % named, address)


def _turn(row: BatchLine, record: str) -> tuple[str, str]:
    if not row.title:
        return _("All steps are done: close the record."), record
    said = {"step": row.step, "title": row.title}
    address = reverse("batches:step", args=[row.batch, row.step])
    performed = row.done >= row.step
    if performed:
        return _("Step %(step)s, %(title)s, waits for your verification.") % said, address
    return _("Step %(step)s, %(title)s, is due.") % said, address


def _for_quality() -> Iterator[Row]:
    waiting = queries.exceptions(waiting=True).count()
    if waiting:
        yield Row(
            _("Exceptions"),
            ngettext(
                "%(count)s exception waits for an assessment.",
                "%(count)s exceptions wait for an assessment.",
                waiting,
            )
            % {"count": waiting},
            reverse("batches:queue"),
        )


def _recipes(actor: Actor) -> Iterator[Row]:
    """What is returned to its author, waits for a review, or for quality's approval."""
    said = {
        "draft": _("This master batch record was returned to you."),
        "submitted": _("A master batch record waits for a review."),
        "reviewed": _("A master batch record waits for its approval."),
    }
    rows = queries.recipe_lines().filter(stage__in=RECIPE_STAGES.get(actor.role, ()))
    mine = Q(author=actor.person)
    for row in rows.filter(~mine & ~Q(stage="draft") | mine & ~Q(returned_because=""))[:SHOWN]:
        address = reverse("batches:recipe", args=[row.recipe, row.version])
        yield Row(f"{row.recipe} v{row.version}", said[row.stage], address, "info")
