"""How an event reads: its sentence, old and new, who, why, and whether it is sealed yet."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any
from uuid import UUID

import msgspec
from django.db.models import OuterRef, Subquery
from django.utils.html import format_html
from django.utils.translation import gettext as _

from ledger import body, ports, store
from ledger.event import Quantity, Recorded, UnknownEvent, event_types
from ledger.models import Checkpoint, Epoch, Event, LogEntry

COLUMNS = (
    "id", "stream_type", "stream_id", "version", "type", "schema_version", "recorded_at", "body"
)  # fmt: skip
PSEUDONYM = re.compile(r"p-[a-z0-9]{3,}")
MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(?::\d\d)?(?:\.\d+)?Z")
Unreadable = (UnknownEvent, msgspec.MsgspecError, body.BodyRefused, ValueError, LookupError)


@dataclass(frozen=True, slots=True)
class Change:
    """What a field was and what it became; the name is empty where the event changes one thing."""

    name: str
    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One event as a line of the trail."""

    event_id: UUID
    recorded_at: datetime
    stream_type: str
    stream_id: str
    version: int
    type: str
    person: str
    name: str
    role: str
    terminal: str
    sentence: str
    marked: str  # the sentence as HTML, with what was struck through and what stands now
    changes: list[Change]
    reason: str
    claimed_at: datetime | None
    position: int | None
    sealed: bool
    readable: bool = True


def lines(ids: Sequence[UUID]) -> list[Line]:
    """The lines of these events, in the order asked for, read from the events' own bytes."""
    rows = {row[0]: row for row in Event.objects.filter(id__in=ids).values_list(*COLUMNS)}
    events = [read(rows[event_id]) for event_id in ids if event_id in rows]
    return lines_of(events)


def lines_of(events: Iterable[Recorded | Event]) -> list[Line]:
    """The lines of events that are loaded already."""
    found = list(events)
    places = positions([event.id for event in found])
    bounds = sealed_bounds()
    names = ports.printed_names({person for event in found for person in _people(event)})
    return [_line(event, places.get(event.id), bounds, names) for event in found]


def load(where: Any, *, order: str, limit: int | None = None) -> list[Recorded | Event]:
    """Events by a condition; one that cannot be read stays a bare row and is shown as such."""
    rows = Event.objects.filter(where).order_by(order).values_list(*COLUMNS)[:limit]
    return [read(row) for row in rows]


def read(row: Sequence[Any]) -> Recorded | Event:
    """The event of a row of COLUMNS; the bare row where it cannot be read."""
    try:
        return store.recorded(row)
    except Unreadable:
        return Event.objects.get(pk=row[0])


def positions(ids: Sequence[UUID]) -> dict[UUID, int]:
    """The positions of those events that have one."""
    found = LogEntry.objects.filter(event_id__in=ids).values_list("event_id", "position")
    return dict(found)


def sealed_bounds() -> list[tuple[int, int]]:
    """For each epoch the positions [first, end) that its newest checkpoint covers."""
    newest = Checkpoint.objects.filter(epoch=OuterRef("number")).order_by("-size").values("size")
    sized = Epoch.objects.order_by("number").annotate(sealed=Subquery(newest[:1]))
    epochs = list(sized.values_list("start", "sealed"))
    ends = [later for (_start, _sealed), (later, _s) in pairwise(epochs)]
    return [
        (start, min(start + (sealed or 0), end) if end is not None else start + (sealed or 0))
        for (start, sealed), end in zip(epochs, [*ends, None], strict=True)
    ]


def _people(event: Recorded | Event) -> set[str]:
    """Whoever a line names: the actor, and those whom the event itself is about."""
    if not isinstance(event, Recorded):
        return {str(event.actor)}
    values = (getattr(event.data, field.name) for field in fields(event.data))
    told = {one for one in values if isinstance(one, str) and PSEUDONYM.fullmatch(one)}
    return {event.actor.person} | told


def _is_sealed(position: int | None, bounds: list[tuple[int, int]]) -> bool:
    return position is not None and any(first <= position < end for first, end in bounds)


def _line(
    event: Recorded | Event,
    position: int | None,
    bounds: list[tuple[int, int]],
    names: dict[str, str],
) -> Line:
    known = event if isinstance(event, Recorded) else None
    person = known.actor.person if known else str(event.actor)
    return Line(
        event_id=event.id,
        recorded_at=event.recorded_at,
        stream_type=event.stream_type,
        stream_id=event.stream_id,
        version=event.version,
        type=event.type,
        person=person,
        name=names.get(person, ""),
        role=known.actor.role if known else "",
        terminal=known.actor.terminal if known else "",
        sentence=sentence_of(known, names) if known else _unreadable(event),
        marked=marked_sentence_of(known, names) if known else "",
        changes=changes_of(known.data) if known else [],
        reason=known.reason if known else "",
        claimed_at=known.claimed_at if known else None,
        position=position,
        sealed=_is_sealed(position, bounds),
        readable=known is not None,
    )


def _unreadable(event: Recorded | Event) -> str:
    return _(
        "This software cannot read %(type)s version %(version)s, or its bytes were damaged."
        " The bytes are shown on the entry's own page."
    ) % {"type": event.type, "version": event.schema_version}


def sentence_of(event: Recorded, names: dict[str, str]) -> str:
    """What happened, in the reader's language, with the names that stand for pseudonyms."""
    return _(event_types()[event.type].sentence).format(**_values(event, names))


def marked_sentence_of(event: Recorded, names: dict[str, str]) -> str:
    """The same as HTML, old struck through; empty where the sentence does not tell old and new."""
    sentence = _(event_types()[event.type].sentence)
    if "{old}" not in sentence or "{new}" not in sentence:
        return ""
    values = _values(event, names)
    values["old"] = format_html("<del>{}</del>", values["old"])
    values["new"] = format_html("<ins>{}</ins>", values["new"])
    return format_html(sentence, **values)


def _values(event: Recorded, names: dict[str, str]) -> dict[str, str]:
    values = {field.name: shown(getattr(event.data, field.name)) for field in fields(event.data)}
    values = {
        name: names.get(value) or MOMENT.sub(r"\1 \2 UTC", value) for name, value in values.items()
    }
    if "role" in values:
        values["role"] = ports.role_name(values["role"])
    return values


def changes_of(data: Any) -> list[Change]:
    """What an event changed, where its payload carries `old` and `new`."""
    if not (hasattr(data, "old") and hasattr(data, "new")):
        return []
    old, new = _parts(data.old), _parts(data.new)
    if old is None or new is None:
        return [Change("", shown(data.old), shown(data.new))]
    names = dict.fromkeys([*old, *new])
    return [
        Change(name, shown(old.get(name)), shown(new.get(name)))
        for name in names
        if old.get(name) != new.get(name)
    ]


def _parts(value: Any) -> dict[str, Any] | None:
    if isinstance(value, dict):
        return value
    if is_dataclass(value) and not isinstance(value, Quantity | type):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    return None


def shown(value: Any) -> str:
    """A value as people write it."""
    if value is None or value == "":
        return "–"  # noqa: RUF001 - a dash stands for nothing
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, Quantity):
        return amount(value.value, value.unit)
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(shown(item) for item in value) or "–"  # noqa: RUF001
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    parts = _parts(value)
    if parts is not None:
        return ", ".join(f"{name}: {shown(part)}" for name, part in parts.items())
    return str(value) if isinstance(value, str | int | Decimal | UUID) else repr(value)


def amount(value: Any, unit: str) -> str:
    """A value with its unit as people write it; a times sign goes before a power of ten."""
    times = "× " if unit[:1].isdigit() else ""  # noqa: RUF001 - the sign, not a letter
    return f"{value} {times}{unit}".strip()


def data_rows(value: Any, *, prefix: str = "") -> list[tuple[str, str]]:
    """A body as a table: one row a value, nested names joined by dots."""
    if isinstance(value, dict) and value:
        pairs = [(f"{prefix}{name}", part) for name, part in value.items()]
    elif isinstance(value, list) and value:
        pairs = [(f"{prefix}{number}", part) for number, part in enumerate(value, start=1)]
    else:
        return [(prefix.rstrip("."), shown(value))]
    return [row for name, part in pairs for row in data_rows(part, prefix=f"{name}.")]
