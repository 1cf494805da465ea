"""The batch record as it prints: everything the ledger holds of a batch, as one plain JSON record.

Every event of the batch becomes a row of its step and a line of the list at the end, whatever its
type: nothing that was recorded can be missing from the print.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from batches import beside_paper as others
from batches import recipe_pictures, record_queries
from batches.models import BatchLine
from batches.record_queries import RecordTold, StepTold
from batches.table_paper import Row, limits, number_of, table, when, words
from ledger import ports, store
from ledger.event import Recorded
from ledger.forms import in_words, type_label
from ledger.reading import amount
from personnel.queries import printed_names
from personnel.signing_standing import BROKEN, HOLDS, SUPERSEDED, Signature, missing, standing

FORMAT = "lotbook.record/v1"
# When a thing was done, where that is not when it was recorded.
CLAIMED_FIELDS = ("performed_at",)


@dataclass(frozen=True)
class Source:
    """What a print is made from: the record as it is told, its own events, who signed them."""

    told: RecordTold
    events: list[Recorded]
    beside: list[Recorded]  # what other records hold of the batch
    names: dict[str, str]
    signatures: dict[UUID, list[Signature]]


def source(line: BatchLine) -> Source:
    """The batch as it stands now. Every signature is checked anew."""
    told = record_queries.read(line, signatures=False)
    events, beside = store.load("batch", line.batch, upto=told.events), others.events(line.batch)
    every = [*events, *beside]
    people = {person for event in every for person in _people_of(event)}
    names = {**printed_names(people), **told.names}
    return Source(told, events, beside, names, standing([event.id for event in every]))


def _people_of(event: Recorded) -> set[str]:
    """Who acted, and whom the event names: by the fields that say who did something."""
    named = {str(getattr(event.data, f.name)) for f in fields(event.data) if f.name[-3:] == "_by"}
    return {event.actor.person, *named} - {""}


def record(
    made: Source, *, printed_by: str, printed_at: datetime, tables: Iterable[Row] = ()
) -> Row:
    """The whole record for the template: the same source, person and time give the same record."""
    told, last = made.told, made.events[-1]
    return {
        "format": FORMAT,
        "batch": told.line.batch,
        "lang": get_language() or "en",
        "title": _("Batch record %(batch)s") % {"batch": told.line.batch},
        "head": f"{told.line.product} · {told.line.recipe} v{told.line.version}",
        "generator": f"Lotbook {settings.VERSION}, {settings.LOTBOOK_ORIGIN}",
        "query": f"stream_type batch, stream_id {told.line.batch}, 1–{last.version}",  # noqa: RUF001
        "words": words(),
        "facts": [*_facts(made), *_printed(printed_by, printed_at)],
        "remarks": [
            _("A value that was replaced is struck through and stays legible."),
            _("Times are those of %(zone)s, each with its distance from UTC.")
            % {"zone": timezone.get_current_timezone_name()},
        ],
        "tables": [_exceptions(made), _holds(made), *tables],
        "parts": [
            {"title": title, "steps": [_step(made, step) for step in steps]}
            for title, steps in told.parts
        ],
        "annex": [_manifest(made), _people(made), _log(made), _beside(made)],
    }


def _facts(made: Source) -> list[list[str]]:
    line, told = made.told.line, made.told
    done = (
        f"{told.completed.who} · {when(told.completed.at)}"
        if told.completed
        else _("%(done)s of %(steps)s steps") % {"done": line.done, "steps": line.steps}
    )
    pairs = [
        [_("Product"), line.product],
        [_("Master batch record"), f"{line.recipe} v{line.version} · {told.recipe.title}"],
        [_("Its content, SHA-256"), told.recipe.content_sha256, "hash"],
        [_("Batch"), line.batch],
        *others.order_facts(line.batch),
        [_("Patient (pseudonym)"), line.subject],
        [_("Purpose"), in_words(line.purpose)],
        [_("Opened"), f"{told.opened.who} · {when(told.opened.at)}"],
        [_("Completed") if told.completed else _("Standing"), done],
    ]
    return [pair for pair in pairs if pair[1]]


def _printed(person: str, at: datetime) -> list[list[str]]:
    return [[_("Printed"), f"{person} · {when(at)}"]]


def _step(made: Source, step: StepTold) -> Row:
    number = number_of(step)
    events = [event for event in made.events if getattr(event.data, "step", None) == number]
    rows = [_row(made, event) for event in events]
    _strike(events, rows)
    return {
        "number": number,
        "title": step.step.title,
        "instruction": step.instruction,
        "pictures": recipe_pictures.on_paper(step.step, made.told.recipe.content),
        "standing": in_words(step.standing),
        "limits": [pair for one in step.parameters for pair in limits(one.parameter)],
        "rows": rows,
    }


def _row(made: Source, event: Recorded) -> Row:
    """One event as a line of its step: what, its value or sentence, who, when, why."""
    data = event.data
    unit = getattr(data, "unit", "")
    value, old = _value(data), str(getattr(data, "old", ""))
    return {
        "no": event.version,
        "kind": type_label(event.type).partition(": ")[2].capitalize(),
        "label": str(getattr(data, "label", "")),
        "value": amount(value, unit) if value else "",
        "old": amount(old, unit) if old else "",
        "note": _note(data) if value else _sentence(made, event),
        "struck": False,
        "who": _who(made, event),
        "role": "" if _scribed(event) else _role(event),
        "recorder": _recorder(made, event),
        "at": when(event.recorded_at),
        "claimed": _claimed(event),
        "why": event.reason,
    }


def _value(data: Any) -> str:
    """What an event says was read: an event that names a parameter and its value."""
    if not getattr(data, "parameter", ""):
        return ""
    for name in ("new", "words", "value", "typed", "minutes"):
        found = getattr(data, name, None)
        if found not in (None, ""):
            return str(found)
    return ""


def _note(data: Any) -> str:
    """What was said about the value in the same breath."""
    parts = [str(getattr(data, name, "")) for name in ("standing", "limit", "why")]
    return ", ".join(part for part in parts if part)


def _sentence(made: Source, event: Recorded) -> str:
    """The event's sentence without what stands above it, and with people's printed names."""
    data, text = event.data, event.sentence
    for part in (
        data.batch,
        f", step {getattr(data, 'step', '')}",
        f" ({getattr(data, 'title', '')})",
    ):
        text = text.removeprefix(part)
    text = _named(made, text.lstrip(" :,"))
    return text[:1].upper() + text[1:]


def _named(made: Source, text: str) -> str:
    """A sentence with people's printed names."""
    for person, name in made.names.items():
        text = text.replace(person, name)
    return text


def _scribed(event: Recorded) -> bool:
    """Whether another wrote down what somebody did."""
    return getattr(event.data, "performed_by", event.actor.person) != event.actor.person and (
        getattr(event.data, "recorded_by", "") == event.actor.person
    )


def _who(made: Source, event: Recorded) -> str:
    """Whoever did it; where a scribe recorded it, that is said beside."""
    person = event.data.performed_by if _scribed(event) else event.actor.person
    return made.names.get(person, person)


def _recorder(made: Source, event: Recorded) -> str:
    data = event.data
    scribe, by = getattr(data, "recorded_by", ""), getattr(data, "performed_by", "")
    if not scribe or scribe == by:
        return ""
    who = made.names.get(scribe, scribe)
    who = f"{who}, {_role(event)}" if _scribed(event) else who
    return _("recorded by %(who)s") % {"who": who}


def _role(event: Recorded) -> str:
    return str(_(ports.role_name(event.actor.role)))


def _claimed(event: Recorded) -> str:
    """When it was done, where it was recorded later."""
    told = next((getattr(event.data, name, "") for name in CLAIMED_FIELDS), "")
    moment = event.claimed_at or (datetime.fromisoformat(told) if told else None)
    return _("Late entry: done %(when)s") % {"when": when(moment)} if moment else ""


def _strike(events: list[Recorded], rows: list[Row]) -> None:
    """A value that a later event of the step replaced is struck through, and stays."""
    replaced: set[str] = set()
    for event, row in zip(reversed(events), reversed(rows), strict=True):
        key = getattr(event.data, "parameter", "")
        if key and row["value"] and key in replaced:
            row["struck"] = True
        if key and row["old"]:
            replaced.add(key)


def _exceptions(made: Source) -> Row:
    rows = [
        [
            str(row.number),
            str(row.step or ""),
            f"{in_words(row.severity)}: {_named(made, row.sentence)}",
            "; ".join(part for part in (row.reason, row.explanation) if part),
            f"{made.names.get(row.person, row.person)}, {when(row.raised_at)}",
            _assessed(made, row),
        ]
        for row in made.told.exceptions
    ]
    columns = [_("No."), _("Step"), _("What"), _("Why"), _("Raised"), _("Assessment")]
    return table(
        _("Exceptions"), columns, [0, 0, 3, 2, 2, 2.4], rows, empty=_("There is no exception.")
    )


def _assessed(made: Source, row: Any) -> str:
    if row.assessed_at is None:
        return _("Not assessed.")
    who = made.names.get(row.assessed_by, row.assessed_by)
    return f"{row.assessment} ({who}, {when(row.assessed_at)})"


def _holds(made: Source) -> Row:
    rows = [
        [
            str(hold.number),
            in_words(hold.kind),
            f"{hold.set.who}, {when(hold.set.at)}: {hold.set.reason}",
            f"{hold.lifted.who}, {when(hold.lifted.at)}: {hold.lifted.reason}"
            if hold.lifted
            else _("In force."),
        ]
        for hold in made.told.holds
    ]
    columns = [_("No."), _("Hold"), _("Set"), _("Lifted")]
    return table(_("Holds"), columns, [0, 0, 1, 1], rows, empty=_("There was no hold."))


def _manifest(made: Source) -> Row:
    """Each signature once, with everything it covers and its worst standing over any of it."""
    at = {event.id: event for event in (*made.events, *made.beside)}
    found: dict[UUID, list[Signature]] = {}
    for signed, ones in made.signatures.items():
        for one in ones:
            found.setdefault(one.event, []).append(one)
            assert one.signed == signed  # noqa: S101 - what the look-up promises
    for event in _needing(made):
        if event not in made.signatures:
            found[event] = [missing(event)]
    ordered = sorted(found.values(), key=lambda ones: min(_place(at[one.signed]) for one in ones))
    columns = [_("Printed name"), _("Role"), _("Meaning"), _("When"), _("Covers"), _("Checked")]
    return table(
        _("Signatures"),
        columns,
        [2, 1.4, 1.3, 2.4, 2, 2],
        [_signed(ones, at) for ones in ordered],
        empty=_("Nothing is signed."),
        remark=_("Each was checked from the stored bytes when this was printed."),
    )


def _needing(made: Source) -> list[UUID]:
    """Events that mean nothing without a signature over them."""
    told = made.told
    closed = [told.completed.event_id] if told.completed else []
    assessed = [row.assessed_event for row in told.exceptions if row.assessed_event]
    return [*(one for step in told.steps for one in step.signed_events), *closed, *assessed]


def _signed(ones: list[Signature], at: dict[UUID, Recorded]) -> list[str]:
    worst = min(ones, key=lambda one: (BROKEN, SUPERSEDED, HOLDS).index(one.standing))
    covered = sorted((at[one.signed] for one in ones), key=_place)
    steps = sorted({s for event in covered if (s := getattr(event.data, "step", 0))})
    covers = _("entries %(entries)s") % {"entries": ", ".join(_entry(event) for event in covered)}
    if steps:
        named = ", ".join(map(str, steps))
        covers = _("step %(steps)s; %(covers)s") % {"steps": named, "covers": covers}
    return [
        worst.printed_name,
        str(_(ports.role_name(worst.role))) if worst.role else "",
        in_words(worst.meaning),
        f"{when(worst.signed_at)} {worst.zone}".strip(),
        covers,
        _stands(worst),
    ]


def _place(event: Recorded) -> tuple[bool, datetime, int]:
    """The batch's own entries first, in their order."""
    return event.stream_type != "batch", event.recorded_at, event.version


def _entry(event: Recorded) -> str:
    """The entry's number; of another record, with that record's name."""
    if event.stream_type == "batch":
        return str(event.version)
    return f"{event.stream_type} {event.stream_id} {event.version}"


def _stands(one: Signature) -> str:
    if one.standing == HOLDS:
        return _("Verified.")
    if one.standing == SUPERSEDED:
        return _("Verified; superseded by entry %(entry)s.") % {"entry": one.by_version}
    return _("BROKEN: %(why)s") % {"why": one.why}


def _people(made: Source) -> Row:
    roles: dict[str, set[str]] = {}
    for event in (*made.events, *made.beside):
        roles.setdefault(event.actor.person, set()).add(_role(event))
    rows = [
        [made.names.get(person, person), person, ", ".join(sorted(roles.get(person, ())))]
        for person in sorted({*roles, *made.names})
    ]
    columns = [_("Printed name"), _("In the ledger"), _("Acted as")]
    return table(_("People"), columns, [1, 1, 1], rows)


def _log(made: Source) -> Row:
    remark = _("These entries, byte by byte, are attached as events.jsonl.")
    return _entries(made, made.events, _("Every entry, in order"), remark)


def _beside(made: Source) -> Row:
    remark = _("Identity, materials, labels, filling, containers, samples, paper and files.")
    return _entries(made, made.beside, _("What other records hold of this batch"), remark)


def _entries(made: Source, events: list[Recorded], title: str, remark: str) -> Row:
    rows = [
        [
            _entry(event),
            when(event.recorded_at) + (f" · {text}" if (text := _claimed(event)) else ""),
            f"{made.names.get(event.actor.person, event.actor.person)}, {_role(event)}",
            event.sentence,
            event.reason,
        ]
        for event in events
    ]
    columns = ["#", _("Recorded"), _("Who"), _("What"), _("Why")]
    widths = [0.4 if events is made.events else 1.1, 2.1, 2, 4, 2]
    return table(title, columns, widths, rows, empty=_("Nothing."), remark=remark)
