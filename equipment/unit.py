"""One unit of equipment: its registration, place, service status and logbook. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from equipment.unit_standing import Standing, evolve_standing
from ledger.event import Refused, demand_reason, event_type
from ledger.event import marked as _

UNIT_CLASSES = (
    "centrifuge",
    "isolator",
    "safety_cabinet",
    "incubator",
    "cryogenic_tank",
    "controlled_rate_freezer",
    "freezer",
    "particle_counter",
    "cell_counter",
    "flow_cytometer",
    "thermocycler",
    "bioreactor",
    "closed_processing_device",
    "thawing_device",
    "tube_sealer",
    "balance",
    "refrigerator",
    "microscope",
)
_UNIT_ID = re.compile(r"[A-Z0-9][A-Z0-9-]{1,19}")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
TEXT_LIMIT = 2000
LINE_LIMIT = 120


@event_type(
    "equipment.registered",
    1,
    sentence="{unit} ({label}, {unit_class}) was registered in {location}.",
    owner="equipment",
    retention="equipment",
)
class Registered:
    unit: str
    label: str
    unit_class: str
    location: str


@event_type(
    "equipment.logbook_entry_made",
    1,
    sentence="Entry {entry} was made in the logbook of {unit}: {text}",
    owner="equipment",
    retention="equipment",
)
class LogbookEntryMade:
    unit: str
    entry: int
    text: str


@event_type(
    "equipment.logbook_entry_corrected",
    1,
    sentence="Entry {entry} in the logbook of {unit} was corrected from “{old}” to “{new}”.",
    owner="equipment",
    retention="equipment",
)
class LogbookEntryCorrected:
    unit: str
    entry: int
    old: str
    new: str


@event_type(
    "equipment.moved",
    1,
    sentence="{unit} was moved from {old} to {new}.",
    owner="equipment",
    retention="equipment",
)
class Moved:
    unit: str
    old: str
    new: str


@event_type(
    "equipment.taken_out_of_service",
    1,
    sentence="{unit} was taken out of service.",
    owner="equipment",
    retention="equipment",
)
class TakenOutOfService:
    unit: str


@event_type(
    "equipment.returned_to_service",
    1,
    sentence="{unit} was returned to service.",
    owner="equipment",
    retention="equipment",
)
class ReturnedToService:
    unit: str


@dataclass(frozen=True, kw_only=True)
class Unit:
    registered: bool = False
    label: str = ""
    unit_class: str = ""
    location: str = ""
    in_service: bool = True
    entries: int = 0
    standing: Standing = field(default_factory=Standing)


INITIAL = Unit()


def evolve(state: Unit, event: Any) -> Unit:
    match event:
        case Registered(label=label, unit_class=unit_class, location=location):
            return replace(
                state, registered=True, label=label, unit_class=unit_class, location=location
            )
        case LogbookEntryMade():
            return replace(state, entries=state.entries + 1)
        case LogbookEntryCorrected():
            return state
        case Moved(new=new):
            return replace(state, location=new)
        case TakenOutOfService():
            return replace(state, in_service=False)
        case ReturnedToService():
            return replace(state, in_service=True)
    standing = evolve_standing(state.standing, event, unit_class=state.unit_class)
    if standing is not None:
        return replace(state, standing=standing)
    raise ValueError(f"A unit does not know the event {type(event).__name__}.")


def with_text_of(entry: int) -> Callable[[tuple[Unit, str], Any], tuple[Unit, str]]:
    """Evolve a unit together with the text of one of its entries, as it reads by then.

    The state holds no texts: a logbook of years would be copied with every entry.
    """

    def evolve_both(seen: tuple[Unit, str], event: Any) -> tuple[Unit, str]:
        state, text = evolve(seen[0], event), seen[1]
        match event:
            case LogbookEntryMade(text=made) if state.entries == entry:
                text = made
            case LogbookEntryCorrected(entry=number, new=new) if number == entry:
                text = new
        return state, text

    return evolve_both


def register(
    state: Unit, *, unit: str, label: str, unit_class: str, location: str
) -> list[Registered]:
    if not _UNIT_ID.fullmatch(unit):
        raise Refused(
            _("Write the unit's number in 2 to 20 capital letters, digits and hyphens, as CF-02."),
            code="unit_number",
        )
    if state.registered:
        raise Refused(
            _("{unit} is already registered as “{label}”. Choose another number."),
            unit=unit,
            label=state.label,
            code="already_registered",
        )
    if unit_class not in UNIT_CLASSES:
        raise Refused(_("Choose what kind of unit {unit} is."), unit=unit, code="unit_class")
    label = line(label, _("Give {unit} a name people will recognise."), unit=unit)
    location = line(location, _("Say in which room {unit} stands."), unit=unit)
    return [Registered(unit=unit, label=label, unit_class=unit_class, location=location)]


def make_entry(state: Unit, *, unit: str, text: str) -> list[LogbookEntryMade]:
    standing(state, unit=unit)
    text = _text(text, unit=unit)
    return [LogbookEntryMade(unit=unit, entry=state.entries + 1, text=text)]


def correct_entry(
    state: Unit, *, unit: str, entry: int, old: str, new: str, reason: str
) -> list[LogbookEntryCorrected]:
    """`old` is the entry's text as it reads now."""
    standing(state, unit=unit)
    if not 1 <= entry <= state.entries:
        raise Refused(
            _("The logbook of {unit} has no entry {entry}. Its last entry is {last}."),
            unit=unit,
            entry=entry,
            last=state.entries,
            code="no_such_entry",
        )
    new = _text(new, unit=unit)
    if new == old:
        raise Refused(
            _("Entry {entry} of {unit} already reads so. Change the text, or leave it as it is."),
            entry=entry,
            unit=unit,
            code="no_change",
        )
    why(reason)
    return [LogbookEntryCorrected(unit=unit, entry=entry, old=old, new=new)]


def move(state: Unit, *, unit: str, location: str, reason: str) -> list[Moved]:
    standing(state, unit=unit)
    location = line(location, _("Say to which room {unit} goes."), unit=unit)
    if location == state.location:
        raise Refused(
            _("{unit} already stands in {location}. Choose another room."),
            unit=unit,
            location=location,
            code="no_change",
        )
    why(reason)
    return [Moved(unit=unit, old=state.location, new=location)]


def take_out_of_service(state: Unit, *, unit: str, reason: str) -> list[TakenOutOfService]:
    standing(state, unit=unit)
    if not state.in_service:
        raise Refused(_("{unit} is already out of service."), unit=unit, code="no_change")
    why(reason)
    return [TakenOutOfService(unit=unit)]


def return_to_service(state: Unit, *, unit: str, reason: str) -> list[ReturnedToService]:
    standing(state, unit=unit)
    if state.in_service:
        raise Refused(_("{unit} is in service already."), unit=unit, code="no_change")
    why(reason)
    return [ReturnedToService(unit=unit)]


def unchanged(changed_by: str | None) -> None:
    """Refuse what was decided over a page that somebody else has made old since."""
    if changed_by is not None:
        raise Refused(
            _("{person} changed this after you opened the page. Read it, then send again."),
            person=changed_by,
            code="changed_meanwhile",
        )


def standing(state: Unit, *, unit: str) -> None:
    if not state.registered:
        raise Refused(
            _("{unit} is not in the register. Check the number, or have it registered first."),
            unit=unit,
            code="not_registered",
        )


def why(reason: str) -> None:
    """A change of a record says why, in words somebody else can follow."""
    demand_reason(reason)
    _storable(reason)


def line(value: str, missing: str, *, unit: str) -> str:
    value = " ".join(value.split())
    if not value:
        raise Refused(missing, unit=unit, code="missing")
    if len(value) > LINE_LIMIT:
        raise Refused(
            _("Keep names and places under {limit} characters."), limit=LINE_LIMIT, code="too_long"
        )
    _storable(value)
    return value


def _text(value: str, *, unit: str) -> str:
    value = value.strip()
    if not value:
        raise Refused(
            _("Write what was done or seen on {unit}; an empty entry says nothing."),
            unit=unit,
            code="missing",
        )
    if len(value) > TEXT_LIMIT:
        raise Refused(
            _("The text has {length} characters; an entry holds {limit}. Make two entries of it."),
            length=len(value),
            limit=TEXT_LIMIT,
            code="too_long",
        )
    _storable(value)
    return value


def _storable(value: str) -> None:
    if _CONTROL.search(value):
        raise Refused(
            _("The text holds a character that cannot be kept. Type it again without pasting."),
            code="control_character",
        )
