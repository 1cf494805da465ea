"""Events of units to rows of the register and the logbook. The only writer of those tables."""

from __future__ import annotations

from equipment.models import LogbookLine, Register
from equipment.unit import (
    LogbookEntryCorrected,
    LogbookEntryMade,
    Moved,
    Registered,
    ReturnedToService,
    TakenOutOfService,
)
from ledger.event import Recorded
from ledger.projections import projects


@projects(Registered)
def register(recorded: Recorded) -> None:
    data = recorded.data
    Register.objects.create(
        unit=data.unit,
        label=data.label,
        unit_class=data.unit_class,
        location=data.location,
        registered_at=recorded.recorded_at,
        changed_at=recorded.recorded_at,
    )
    write_line(recorded, kind="registered", new=data.location)


@projects(LogbookEntryMade)
def make_entry(recorded: Recorded) -> None:
    data = recorded.data
    change(recorded, entries=data.entry)
    write_line(recorded, kind="entry", entry=data.entry, new=data.text)


@projects(LogbookEntryCorrected)
def correct_entry(recorded: Recorded) -> None:
    data = recorded.data
    change(recorded)
    write_line(recorded, kind="correction", entry=data.entry, old=data.old, new=data.new)


@projects(Moved)
def move(recorded: Recorded) -> None:
    data = recorded.data
    change(recorded, location=data.new)
    write_line(recorded, kind="moved", old=data.old, new=data.new)


@projects(TakenOutOfService)
def take_out_of_service(recorded: Recorded) -> None:
    change(recorded, in_service=False)
    write_line(recorded, kind="out_of_service")


@projects(ReturnedToService)
def return_to_service(recorded: Recorded) -> None:
    change(recorded, in_service=True)
    write_line(recorded, kind="in_service")


def change(recorded: Recorded, **values: object) -> None:
    Register.objects.filter(unit=recorded.data.unit).update(
        changed_at=recorded.recorded_at, **values
    )


def write_line(
    recorded: Recorded, *, kind: str, entry: int | None = None, old: str = "", new: str = ""
) -> None:
    LogbookLine.objects.create(
        event_id=recorded.id,
        unit=recorded.data.unit,
        version=recorded.version,
        kind=kind,
        entry=entry,
        old=old,
        new=new,
        reason=recorded.reason,
        person=recorded.actor.person,
        role=recorded.actor.role,
        terminal=recorded.actor.terminal,
        recorded_at=recorded.recorded_at,
    )
