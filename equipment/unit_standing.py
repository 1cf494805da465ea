"""What a unit must have before it may be used, and the events that give and take it. Pure.

Days are days of the site ("2027-03-01"), moments are RFC 3339 in UTC.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from ledger.event import Refused, event_type
from ledger.event import marked as _

QUALIFIED, CALIBRATED, CLEAN = "qualified", "calibrated", "clean"
_MEASURES = (QUALIFIED, CALIBRATED)
_TOUCHES = (QUALIFIED, CLEAN)
_BOTH = (QUALIFIED, CALIBRATED, CLEAN)
# What a unit of each kind must have. What measures is calibrated, what is opened is cleaned.
DEMANDS = {
    "centrifuge": _BOTH,
    "isolator": _TOUCHES,
    "safety_cabinet": _TOUCHES,
    "incubator": _BOTH,
    "bioreactor": _BOTH,
    "closed_processing_device": _BOTH,
    "thawing_device": _BOTH,
    "tube_sealer": (QUALIFIED,),
    "microscope": (QUALIFIED,),
}
# Several batches stand in these side by side, closed; every other kind serves one at a time.
SHARED = frozenset({
    "balance", "cell_counter", "cryogenic_tank", "flow_cytometer", "freezer", "incubator",
    "microscope", "particle_counter", "refrigerator", "thermocycler", "tube_sealer",
})  # fmt: skip


@event_type(
    "equipment.qualified",
    1,
    sentence="{unit} was qualified on {done_on}, certificate {certificate}, until {until}.",
    owner="equipment",
    retention="equipment",
)
class Qualified:
    unit: str
    done_on: str
    until: str
    certificate: str


@event_type(
    "equipment.calibrated",
    1,
    sentence="{unit} was calibrated on {done_on}, certificate {certificate}, until {until}.",
    owner="equipment",
    retention="equipment",
)
class Calibrated:
    unit: str
    done_on: str
    until: str
    certificate: str


@event_type(
    "equipment.calibration_failed",
    1,
    sentence="{unit} was found out of tolerance on {done_on}, certificate {certificate}.",
    owner="equipment",
    retention="equipment",
)
class CalibrationFailed:
    unit: str
    done_on: str
    certificate: str


@event_type(
    "equipment.cleaned",
    1,
    sentence="{unit} was cleaned with {agent} and stays clean until {until}.",
    owner="equipment",
    retention="equipment",
)
class Cleaned:
    unit: str
    agent: str
    until: str


@event_type(
    "equipment.claimed",
    1,
    sentence="{unit} was claimed by batch {batch}.",
    owner="equipment",
    retention="traceability",
)
class Claimed:
    unit: str
    batch: str


@event_type(
    "equipment.released",
    1,
    sentence="{unit} was released from batch {batch}.",
    owner="equipment",
    retention="traceability",
)
class Released:
    unit: str
    batch: str


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What a unit has, as text; an empty one means that it has it not."""

    qualified_until: str = ""
    calibrated_until: str = ""
    clean_until: str = ""
    batches: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class UnitFacts:
    """A unit as a decision sees it at a moment; in a transaction it stays so to the commit."""

    unit: str
    known: bool = False
    label: str = ""
    unit_class: str = ""
    location: str = ""
    in_service: bool = False
    qualified_until: date | None = None
    calibrated_until: date | None = None
    clean_until: datetime | None = None
    batches: tuple[str, ...] = ()

    @property
    def is_shared(self) -> bool:
        return self.unit_class in SHARED

    def is_due(self, what: str, day: date, at: datetime) -> bool:
        """Whether a thing that is demanded of this kind is missing or has run out.

        `day` is the site's day of the moment `at`; the last day itself still counts.
        """
        if what not in demands(self.unit_class):
            return False
        if what == CLEAN:
            return self.clean_until is None or self.clean_until < at
        until = self.qualified_until if what == QUALIFIED else self.calibrated_until
        return until is None or until < day


def demands(unit_class: str) -> tuple[str, ...]:
    return DEMANDS.get(unit_class, _MEASURES)


def evolve_standing(state: Standing, event: Any, *, unit_class: str) -> Standing | None:
    """The standing after an event; None for an event that is not about it.

    What serves one batch at a time has to be cleaned before it serves the next.
    """
    match event:
        case Qualified(until=until):
            return replace(state, qualified_until=until)
        case Calibrated(until=until):
            return replace(state, calibrated_until=until)
        case CalibrationFailed():
            return replace(state, calibrated_until="")
        case Cleaned(until=until):
            return replace(state, clean_until=until)
        case Claimed(batch=batch):
            return replace(state, batches=state.batches | {batch})
        case Released(batch=batch):
            clean_until = state.clean_until if unit_class in SHARED else ""
            return replace(state, batches=state.batches - {batch}, clean_until=clean_until)
    return None


def hindrances(
    facts: UnitFacts, *, batch: str, day: date, at: datetime, but: Iterable[str] = ()
) -> list[Refused]:
    """Why this batch may not use the unit now: each a sentence of its own with the way out.

    `but` names other units of the kind that are free and fit. What a batch has in use stays clean
    for it: the hold time runs to the beginning of the use.
    """
    unit, found = facts.unit, []
    if not facts.known:
        return [Refused(_UNKNOWN, unit=unit, code="not_registered")]
    if not facts.in_service:
        found.append(Refused(_STOPPED, unit=unit, code="out_of_service"))
    if facts.is_due(QUALIFIED, day, at):
        found.append(Refused(_UNQUALIFIED, unit=unit, code="not_qualified"))
    if facts.is_due(CALIBRATED, day, at):
        found.append(Refused(_UNCALIBRATED, unit=unit, code="calibration_due"))
    if batch not in facts.batches and facts.is_due(CLEAN, day, at):
        found.append(Refused(_UNCLEAN, unit=unit, code="not_clean"))
    others = [one for one in facts.batches if one != batch]
    if others and not facts.is_shared:
        found.append(Refused(_TAKEN, unit=unit, batch=others[0], code="unit_in_use"))
    free = ", ".join(one for one in but if one != unit)
    return [_with_another(no, free) for no in found] if free else found


def _with_another(no: Refused, free: str) -> Refused:
    params: dict[str, Any] = {**no.params, "free": free}
    return Refused(_OTHERS[no.code], code=no.code, **params)


_UNKNOWN = _("{unit} is not in the register. Check the number, or have it registered first.")
_STOPPED = _("{unit} is out of service. Use another unit, or ask the supervisor to return it.")
_UNQUALIFIED = _("The qualification of {unit} does not hold today. Use another unit, or ask QA.")
_UNCALIBRATED = _(
    "The calibration of {unit} does not hold today. Use another unit, or call maintenance."
)
_UNCLEAN = _("{unit} is not clean. Clean it and record the cleaning on its page.")
_TAKEN = _("{unit} is in use by batch {batch}. Use another unit, or wait until it is released.")
_OTHERS = {
    "out_of_service": _("{unit} is out of service. Free and fit for use: {free}."),
    "not_qualified": _("The qualification of {unit} does not hold today. Free and fit: {free}."),
    "calibration_due": _("The calibration of {unit} does not hold today. Free and fit: {free}."),
    "not_clean": _("{unit} is not clean. Clean it and record the cleaning, or use {free}."),
    "unit_in_use": _("{unit} is in use by batch {batch}. Free and fit for use: {free}."),
}
