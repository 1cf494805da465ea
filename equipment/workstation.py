"""One workstation of a room: a cabinet, an isolator or a place for a closed device. Pure.

In open handling one batch, so one patient, is at a workstation; closed devices stand side by side.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from equipment.unit import line
from ledger.event import Refused, event_type
from ledger.event import marked as _

OPEN, CLOSED = "open", "closed"
HANDLINGS = (OPEN, CLOSED)
_NUMBER = re.compile(r"[A-Z0-9][A-Z0-9-]{1,19}").fullmatch
_TRACED: dict[str, Any] = {"owner": "equipment", "retention": "traceability"}


@event_type(
    "equipment.workstation_set_up",
    1,
    sentence="Workstation {workstation} ({label}) for {handling} handling was set up in {room}.",
    owner="equipment",
    retention="equipment",
)
class WorkstationSetUp:
    workstation: str
    label: str
    room: str
    handling: str
    unit: str  # the cabinet or isolator that it is; empty where it is a bench


@event_type(
    "equipment.workstation_claimed",
    1,
    sentence="Workstation {workstation} was claimed by batch {batch}.",
    **_TRACED,
)
class WorkstationClaimed:
    workstation: str
    batch: str


@event_type(
    "equipment.workstation_released",
    1,
    sentence="Workstation {workstation} was released from batch {batch}.",
    **_TRACED,
)
class WorkstationReleased:
    workstation: str
    batch: str


@dataclass(frozen=True, kw_only=True)
class Workstation:
    label: str = ""
    room: str = ""
    handling: str = ""
    unit: str = ""
    batches: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class WorkstationFacts:
    """A workstation as a decision sees it; in a transaction it stays so to the commit."""

    workstation: str
    known: bool = False
    label: str = ""
    room: str = ""
    handling: str = ""
    unit: str = ""
    batches: tuple[str, ...] = ()


INITIAL = Workstation()


def evolve(state: Workstation, event: Any) -> Workstation:
    match event:
        case WorkstationSetUp(label=label, room=room, handling=handling, unit=unit):
            return replace(state, label=label, room=room, handling=handling, unit=unit)
        case WorkstationClaimed(batch=batch):
            return replace(state, batches=state.batches | {batch})
        case WorkstationReleased(batch=batch):
            return replace(state, batches=state.batches - {batch})
    raise ValueError(f"A workstation does not know the event {type(event).__name__}.")


def hindrances(facts: WorkstationFacts, *, batch: str) -> list[Refused]:
    """Why this batch may not be worked on here now, each with the way out."""
    if not facts.known:
        return [Refused(_UNKNOWN, workstation=facts.workstation, code="no_workstation")]
    others = [one for one in facts.batches if one != batch]
    if others and facts.handling == OPEN:
        taken = {"workstation": facts.workstation, "batch": others[0]}
        return [Refused(_TAKEN, code="workstation_in_use", **taken)]
    return []


_UNKNOWN = _("There is no workstation {workstation}. Scan the sign at the workstation.")
_TAKEN = _(
    "{workstation} is open and in use by batch {batch}. Use another workstation, or wait until"
    " that batch is put away."
)


def set_up(
    state: Workstation, *, workstation: str, label: str, room: str, handling: str, unit: str
) -> list[WorkstationSetUp]:
    if not _NUMBER(workstation):
        raise Refused(
            _("Write its number in 2 to 20 capital letters, digits and hyphens, as WS-1."),
            code="workstation_number",
        )
    if state.label:
        raise Refused(
            _("{workstation} is already set up as “{label}”. Choose another number."),
            workstation=workstation,
            label=state.label,
            code="already_registered",
        )
    if handling not in HANDLINGS:
        raise Refused(_("Say whether it is for open or closed handling."), code="handling")
    label = line(label, _("Give {unit} a name people will recognise."), unit=workstation)
    return [
        WorkstationSetUp(
            workstation=workstation, label=label, room=room, handling=handling, unit=unit
        )
    ]


def claim(state: Workstation, *, workstation: str, batch: str) -> list[WorkstationClaimed]:
    """Take a place at it for a batch; nothing where the batch has it already."""
    known(state, workstation=workstation)
    others = state.batches - {batch}
    if others and state.handling == OPEN:
        taken = {"workstation": workstation, "batch": min(others)}
        raise Refused(_TAKEN, code="workstation_in_use", **taken)
    if batch in state.batches:
        return []
    return [WorkstationClaimed(workstation=workstation, batch=batch)]


def release(state: Workstation, *, workstation: str, batch: str) -> list[WorkstationReleased]:
    known(state, workstation=workstation)
    if batch not in state.batches:
        raise Refused(
            _("{workstation} is not in use by batch {batch}."),
            workstation=workstation,
            batch=batch,
            code="not_in_use",
        )
    return [WorkstationReleased(workstation=workstation, batch=batch)]


def known(state: Workstation, *, workstation: str) -> None:
    if not state.label:
        raise Refused(_UNKNOWN, workstation=workstation, code="no_workstation")
