"""Who is trained on what: facts for commands (held to the commit), rows for pages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar

from django.db import connection
from django.db.models import Model, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from ledger import clock
from personnel import queries
from personnel.models import CurriculumLine, TrainingItem, TrainingRecord

Row = TypeVar("Row", bound=Model)
SOON = timedelta(days=30)
VALID, EXPIRING, EXPIRED, OLDER, MISSING, FREE = (
    "valid", "expiring", "expired", "older", "missing", "free",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cell:
    """How one person stands to one item: the standing, and the record it rests on."""

    standing: str
    record: TrainingRecord | None = None

    @property
    def tag(self) -> str:
        """The colour; the word stands beside it."""
        return {VALID: "ok", EXPIRING: "warn", FREE: "plain"}.get(self.standing, "bad")


@dataclass(frozen=True, slots=True)
class Line:
    """One person's line of the matrix."""

    person: str
    name: str
    roles: tuple[str, ...]
    cells: list[Cell]


def trained_on(person: str, item: str, version: str, at: datetime | None = None) -> bool:
    """Whether a training of this person on this version of an item or recipe holds at a moment.

    Inside a transaction the row is held to the end, so that it is not revoked before the commit of
    what it allows.
    """
    day = timezone.localdate(at or clock.now())
    rows = TrainingRecord.objects.filter(
        Q(valid_until=None) | Q(valid_until__gte=day),
        person=person,
        item=item,
        version=version,
        trained_on__lte=day,
        revoked_at=None,
    )
    return bool(_held(rows.order_by("event_id")))


def gaps(person: str, subject: str, at: datetime | None = None) -> list[str]:
    """What a person lacks for a role, or for one item at its version now: sentences, or none."""
    wanted = _held(CurriculumLine.objects.filter(role=subject).order_by("line"))
    items = [line.item for line in wanted] or [subject]
    found = []
    for row in _held(TrainingItem.objects.filter(item__in=items).order_by("item")):
        if not trained_on(person, row.item, row.version, at):
            found.append(
                _("Not trained on %(item)s (%(title)s), version %(version)s.")
                % {"item": row.item, "title": row.title, "version": row.version}
            )
    return found


def _held(rows: QuerySet[Row]) -> list[Row]:
    """The rows, shared and unchangeable to the commit where a decision is being made on them."""
    if connection.vendor != "postgresql" or not connection.in_atomic_block:
        return list(rows)
    statement, values = rows.query.sql_with_params()
    return list(rows.model._default_manager.raw(f"{statement} FOR SHARE", values))


def items() -> list[TrainingItem]:
    return list(TrainingItem.objects.order_by("item"))


def curricula() -> dict[str, set[str]]:
    """role -> the items its holders must be trained on."""
    found: dict[str, set[str]] = {}
    for line in CurriculumLine.objects.order_by("line"):
        found.setdefault(line.role, set()).add(line.item)
    return found


def records(person: str) -> list[TrainingRecord]:
    """Every training of a person, newest first."""
    rows = TrainingRecord.objects.filter(person=person)
    return list(rows.order_by("-trained_on", "-recorded_at", "-event_id"))


def matrix(at: datetime | None = None) -> tuple[list[TrainingItem], list[Line]]:
    """Everybody who holds a role, against every item: the training matrix of a day."""
    moment = at or clock.now()
    columns = items()
    wanted, held = curricula(), queries.held_by_all(moment)
    names = queries.printed_names(held)
    rows: dict[tuple[str, str], list[TrainingRecord]] = {}
    standing = TrainingRecord.objects.filter(revoked_at=None).order_by("trained_on", "recorded_at")
    for row in standing:
        rows.setdefault((row.person, row.item), []).append(row)
    day, lines = timezone.localdate(moment), []
    for person, roles in held.items():
        demanded = {item for role in roles for item in wanted.get(role, ())}
        cells = [
            cell(item, rows.get((person, item.item), []), item.item in demanded, day)
            for item in columns
        ]
        lines.append(Line(person, names.get(person, person), roles, cells))
    return columns, sorted(lines, key=lambda line: line.name)


def cell(item: TrainingItem, rows: Iterable[TrainingRecord], demanded: bool, day: date) -> Cell:
    """How somebody stands to an item on a day."""
    found = list(rows)
    now = [row for row in found if row.version == item.version]
    if now:
        best = max(now, key=lambda row: row.valid_until or date.max)
        until = best.valid_until
        if until is not None and until < day:
            return Cell(EXPIRED if demanded else FREE, best)
        soon = until is not None and until - day <= SOON
        return Cell(EXPIRING if soon else VALID, best)
    if not demanded:
        return Cell(FREE)
    return Cell(OLDER, found[-1]) if found else Cell(MISSING)
