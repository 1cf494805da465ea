"""Reading the trail: find its lines by any of its fields, fifty at a time, within a second.

Every condition has an index that ends in (recorded_at, event_id), so each alone is already in the
page's order. Of several, the rarest leads (counted up to a cap) and the rest only test its rows;
where all are common, the trail is walked by time, which soon meets fifty.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connections
from django.db.models import CharField, Exists, Func, OuterRef, Q, QuerySet, Subquery

from ledger.models import Trail, TrailWord

ROWS = 50
COUNTED = 1_000  # counts are shown up to this, then as "1,000+"
SAMPLE = 3_000  # the newest matches that facets are counted over
RARE = 60_000  # a condition with at most this many rows may lead

FIELDS = ("person", "role", "type", "stream_type", "stream_id")
ADMINISTRATORS = ("system_administrator", "console")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailFilter:
    """What to find. `until` is exclusive; several values of one field mean any of them."""

    person: tuple[str, ...] = ()
    role: tuple[str, ...] = ()
    type: tuple[str, ...] = ()
    stream_type: tuple[str, ...] = ()
    stream_id: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None

    def conditions(self) -> dict[str, tuple[str, ...]]:
        """The fields asked for, with their values."""
        return {name: values for name in FIELDS if (values := getattr(self, name))}


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the trail's order: where a page ends and the next begins."""

    recorded_at: datetime
    event_id: UUID


@dataclass(frozen=True, slots=True)
class TrailPage:
    """Up to fifty lines, and the places to go on from."""

    rows: list[Trail]
    earlier: Place | None  # the page before this one, in the order shown
    later: Place | None


@dataclass(frozen=True, slots=True)
class Facets:
    """How many lines match, and of what kind, counted over at most SAMPLE of the newest."""

    counted: int
    complete: bool
    values: dict[str, list[tuple[str, int]]]
    newest: list[UUID]  # the first page's lines, newest first, and one more


def find(
    asked: TrailFilter,
    *,
    newest: bool,
    after: Place | None = None,
    before: Place | None = None,
    facets: Facets | None = None,
) -> TrailPage:
    """One page after (or before) a place, newest or oldest first; counted facets spare a search."""
    backwards = before is not None
    if facets is not None and newest and not (after or before):
        ids = facets.newest
    else:
        led = _led(asked, newest=newest != backwards, place=before or after)
        ids = list(led.values_list("event_id", flat=True)[: ROWS + 1])
    more, ids = len(ids) > ROWS, ids[:ROWS]
    found = {row.event_id: row for row in Trail.objects.filter(event_id__in=ids)}
    rows = [found[event_id] for event_id in (reversed(ids) if backwards else ids)]
    if not rows:
        return TrailPage([], None, None)
    first, last = _place(rows[0]), _place(rows[-1])
    if backwards:
        return TrailPage(rows, first if more else None, last)
    return TrailPage(rows, first if after is not None else None, last if more else None)


def count_facets(asked: TrailFilter) -> Facets:
    """The capped count of the matches, and of each value that would narrow them further."""
    narrowing = [name for name in FIELDS[:4] if not getattr(asked, name)]
    led = _led(asked, newest=True)
    if led.model is TrailWord:
        ids = list(led.values_list("event_id", flat=True)[: SAMPLE + 1])
        led = Trail.objects.filter(event_id__in=ids).order_by("-recorded_at", "-event_id")
    rows = list(led.values_list("event_id", *FIELDS[:4])[: SAMPLE + 1])
    counts = {
        name: Counter(row[place] for row in rows[:SAMPLE])
        for place, name in enumerate(FIELDS[:4], start=1)
    }
    ordered = {
        name: sorted(counts[name].items(), key=lambda item: (-item[1], item[0]))
        for name in narrowing
    }
    newest = [row[0] for row in rows[: ROWS + 1]]
    return Facets(min(len(rows), SAMPLE), len(rows) <= SAMPLE, ordered, newest)


def values_of(field: str, *, limit: int = 200) -> list[str]:
    """The values a field has, by hopping through its index instead of reading it whole."""
    if field not in FIELDS:
        raise ValueError(f"{field} is not a field of the trail.")
    with connections["default"].cursor() as cursor:
        cursor.execute(
            f"WITH RECURSIVE hop(value) AS (SELECT min({field}) FROM ledger_trail UNION ALL"  # noqa: S608
            f" SELECT (SELECT min({field}) FROM ledger_trail WHERE {field} > hop.value) FROM hop"
            " WHERE hop.value IS NOT NULL) SELECT value FROM hop WHERE value IS NOT NULL"
            f" LIMIT {int(limit)}"
        )
        return [value for (value,) in cursor.fetchall()]


def _led(
    asked: TrailFilter, *, newest: bool, place: Place | None = None
) -> QuerySet[Trail] | QuerySet[TrailWord]:
    """The matches in order, led by the condition that leaves the fewest rows to test."""
    span = _span(asked, place, newest=newest)
    leader = _leader(asked, span)
    rest = [word for word in asked.words if word != leader]
    order = ("-recorded_at", "-event_id") if newest else ("recorded_at", "event_id")
    if leader in asked.words:
        led = TrailWord.objects.filter(span, word=leader)
        if fields := asked.conditions():
            tested = _tested(Trail.objects.filter(event_id=OuterRef("event_id")), fields)
            led = led.filter(Exists(tested))
        return _with_words(led, rest).order_by(*order)
    fields = asked.conditions()
    lines = Trail.objects.filter(span)
    if leader:
        lines = lines.filter(**{f"{leader}__in": fields.pop(leader)})
    return _with_words(_tested(lines, fields), rest).order_by(*order)


def _leader(asked: TrailFilter, span: Q) -> str:
    """A field or word to lead by; none where every condition is common."""
    fields = asked.conditions()
    names = [*fields, *asked.words]
    if len(names) < 2:
        return names[0] if names and len(fields.get(names[0], ())) < 2 else ""
    sizes = {
        name: Trail.objects.filter(span, **{f"{name}__in": values}).values(name)
        for name, values in fields.items()
    } | {word: TrailWord.objects.filter(span, word=word).values("word") for word in asked.words}
    counted = {name: rows[: RARE + 1].count() for name, rows in sizes.items()}
    rarest = min(counted, key=counted.__getitem__)
    return rarest if counted[rarest] <= RARE else ""


class _Unindexed(Func):
    """A field as a value no index knows."""

    template = "(%(expressions)s || '')"
    output_field = CharField()


def _tested(lines: QuerySet[Trail], fields: dict[str, tuple[str, ...]]) -> QuerySet[Trail]:
    """Rows tested for each field. SQLite would as soon follow a common field's index as the
    leader's; PostgreSQL knows how common each value is and is left to choose."""
    if connections[lines.db].vendor != "sqlite":
        return lines.filter(**{f"{name}__in": values for name, values in fields.items()})
    for name, values in fields.items():
        lines = lines.alias(**{f"the_{name}": _Unindexed(name)}).filter(
            **{f"the_{name}__in": values}
        )
    return lines


def _with_words(led: Any, words: Iterable[str]) -> Any:
    """Rows tested for each word, one look-up a row: a join would read every use of the word."""
    for word in words:
        same = TrailWord.objects.filter(
            word=word, recorded_at=OuterRef("recorded_at"), event_id=OuterRef("event_id")
        )
        led = led.alias(**{f"has_{word}": Subquery(same.values("word")[:1])}).filter(
            **{f"has_{word}__isnull": False}
        )
    return led


def _span(asked: TrailFilter, place: Place | None, *, newest: bool) -> Q:
    """The stretch of time that can match, ending or beginning beyond the place."""
    span = Q()
    if asked.since is not None:
        span &= Q(recorded_at__gte=asked.since)
    if asked.until is not None:
        span &= Q(recorded_at__lt=asked.until)
    if place is None:
        return span
    near, far, beyond = ("lte", "lt", "lt") if newest else ("gte", "gt", "gt")
    return (
        span
        & Q(**{f"recorded_at__{near}": place.recorded_at})
        & (
            Q(**{f"recorded_at__{far}": place.recorded_at})
            | Q(**{f"event_id__{beyond}": place.event_id})
        )
    )


def _place(row: Trail) -> Place:
    return Place(row.recorded_at, row.event_id)
