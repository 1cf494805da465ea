"""What may be asked about units of equipment, and by whom.

`seen` is the unit's version on the page that was decided over: who changed the same thing since
has to be read first.
"""

from __future__ import annotations

from equipment import queries
from equipment import unit as units
from ledger.command import Act, command
from ledger.event import marked as _
from personnel.roles import (
    MAINTENANCE,
    OPERATOR,
    PROCESS_ENGINEER,
    QA_REVIEWER,
    QC_ANALYST,
    SUPERVISOR,
    VERIFIER,
)

RECORD = "equipment/{unit}"
KEEPERS = (SUPERVISOR, MAINTENANCE)
WRITERS = (OPERATOR, VERIFIER, SUPERVISOR, MAINTENANCE, QC_ANALYST, PROCESS_ENGINEER, QA_REVIEWER)
# Anybody who works with a unit may stop its use; giving it back is for those who answer for it.
STOPPERS = (OPERATOR, VERIFIER, SUPERVISOR, MAINTENANCE, QC_ANALYST, QA_REVIEWER)
RELEASERS = (SUPERVISOR, QA_REVIEWER)
# The kinds of logbook line that change whether a unit may be used.
SERVICE = ("out_of_service", "in_service")


@command("equipment.register", role=KEEPERS, label=_("register {unit}"), record=RECORD)
def register(act: Act, *, unit: str, label: str, unit_class: str, location: str) -> None:
    """Enter a unit in the register."""
    state = _load(act, unit)
    act.record(
        "equipment",
        unit,
        units.register(state, unit=unit, label=label, unit_class=unit_class, location=location),
    )


@command("equipment.make_entry", role=WRITERS, label=_("make an entry for {unit}"), record=RECORD)
def make_entry(act: Act, *, unit: str, text: str) -> None:
    """Write the next entry in a unit's logbook."""
    act.record("equipment", unit, units.make_entry(_load(act, unit), unit=unit, text=text))


@command(
    "equipment.correct_entry",
    role=WRITERS,
    label=_("correct entry {entry} of {unit}"),
    record=RECORD,
    needs_reason=True,
)
def correct_entry(act: Act, *, unit: str, entry: int, text: str, seen: int | None = None) -> None:
    """Correct an entry: the old text stays legible beside the new one and the reason."""
    state, old = act.load("equipment", unit, (units.INITIAL, ""), units.with_text_of(entry))
    units.unchanged(queries.changed_by(unit, ("correction",), entry=entry, seen=seen))
    act.record(
        "equipment",
        unit,
        units.correct_entry(state, unit=unit, entry=entry, old=old, new=text, reason=act.reason),
    )


@command(
    "equipment.move",
    role=KEEPERS,
    label=_("move {unit} to {location}"),
    record=RECORD,
    needs_reason=True,
)
def move(act: Act, *, unit: str, location: str, seen: int | None = None) -> None:
    """Move a unit to another room."""
    state = _load(act, unit)
    units.unchanged(queries.changed_by(unit, ("moved",), seen=seen))
    act.record(
        "equipment", unit, units.move(state, unit=unit, location=location, reason=act.reason)
    )


@command(
    "equipment.take_out_of_service",
    role=STOPPERS,
    label=_("take {unit} out of service"),
    record=RECORD,
    needs_reason=True,
)
def take_out_of_service(act: Act, *, unit: str, seen: int | None = None) -> None:
    """Stop the use of a unit."""
    state = _load(act, unit)
    units.unchanged(queries.changed_by(unit, SERVICE, seen=seen))
    act.record("equipment", unit, units.take_out_of_service(state, unit=unit, reason=act.reason))


@command(
    "equipment.return_to_service",
    role=RELEASERS,
    label=_("return {unit} to service"),
    record=RECORD,
    needs_reason=True,
)
def return_to_service(act: Act, *, unit: str, seen: int | None = None) -> None:
    """Give a unit back for use."""
    state = _load(act, unit)
    units.unchanged(queries.changed_by(unit, SERVICE, seen=seen))
    act.record("equipment", unit, units.return_to_service(state, unit=unit, reason=act.reason))


def _load(act: Act, unit: str) -> units.Unit:
    return act.load("equipment", unit, units.INITIAL, units.evolve)
