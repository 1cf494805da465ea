"""Reads of the register and the logbook, for pages and commands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Max, Q, QuerySet

from equipment.models import LogbookLine, Register

PAGE = 50


@dataclass
class Line:
    """A logbook line as the page shows it: an entry carries its corrections, oldest first."""

    row: LogbookLine
    corrections: list[LogbookLine] = field(default_factory=list)

    @property
    def text(self) -> str:
        return self.corrections[-1].new if self.corrections else self.row.new


def register(*, words: str = "", service: str = "") -> QuerySet[Register]:
    """The units whose number, name, kind or room holds the words."""
    rows = Register.objects.order_by("unit")
    for word in words.split():
        rows = rows.filter(
            Q(unit__icontains=word)
            | Q(label__icontains=word)
            | Q(unit_class__icontains=word.replace(" ", "_"))
            | Q(location__icontains=word)
        )
    if service in ("in", "out"):
        rows = rows.filter(in_service=service == "in")
    return rows


def unit(number: str) -> Register | None:
    return Register.objects.filter(unit=number).first()


def version(number: str) -> int:
    """How many lines the unit's logbook has: the version that a page shows."""
    newest = LogbookLine.objects.filter(unit=number).aggregate(Max("version"))["version__max"]
    return newest or 0


def changed_by(
    number: str, kinds: Iterable[str], *, seen: int | None, entry: int | None = None
) -> str | None:
    """Who last changed this after the version that was seen; None if nobody did."""
    if seen is None:
        return None
    rows = LogbookLine.objects.filter(unit=number, version__gt=seen, kind__in=kinds, entry=entry)
    return rows.order_by("-version").values_list("person", flat=True).first()


def timeline(number: str, *, before: int | None = None) -> tuple[list[Line], int | None]:
    """A page of the logbook, newest first, and the version below which the older ones begin.

    A correction stands with the entry it corrects, whenever it was made.
    """
    rows = LogbookLine.objects.filter(unit=number).exclude(kind="correction").order_by("-version")
    if before is not None:
        rows = rows.filter(version__lt=before)
    found = list(rows[: PAGE + 1])
    lines = [Line(row) for row in found[:PAGE]]
    entries = {line.row.entry: line for line in lines if line.row.entry is not None}
    corrections = LogbookLine.objects.filter(unit=number, kind="correction", entry__in=entries)
    for row in corrections.order_by("version"):
        if row.entry is not None:
            entries[row.entry].corrections.append(row)
    return lines, found[PAGE - 1].version if len(found) > PAGE else None
