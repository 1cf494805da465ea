"""What may be asked about a unit's qualification, calibration and cleaning."""

from __future__ import annotations

from django.utils import timezone

from equipment import unit as units
from equipment import unit_use
from ledger.command import Act, command
from ledger.event import marked as _
from ledger.signature import Meaning
from personnel.roles import (
    MAINTENANCE,
    OPERATOR,
    QA_REVIEWER,
    QC_ANALYST,
    SUPERVISOR,
    VERIFIER,
)

RECORD = "equipment/{unit}"


@command(
    "equipment.qualify",
    role=(QA_REVIEWER,),
    label=_("qualify {unit} until {until}"),
    record=RECORD,
    signature=Meaning.APPROVED,
)
def qualify(act: Act, *, unit: str, done_on: str, until: str, certificate: str) -> None:
    """Sign that a unit is qualified, on the report of its qualification."""
    events = unit_use.qualify(
        _load(act, unit),
        unit=unit,
        done_on=done_on,
        until=until,
        certificate=certificate,
        today=timezone.localdate(act.at),
    )
    act.record("equipment", unit, events)


@command(
    "equipment.calibrate",
    role=(MAINTENANCE, QC_ANALYST),
    label=_("record the calibration of {unit}"),
    record=RECORD,
    signature=Meaning.PERFORMED,
)
def calibrate(
    act: Act, *, unit: str, done_on: str, until: str, certificate: str, passed: bool
) -> None:
    """Sign a calibration as it was found: within tolerance, or not."""
    events = unit_use.calibrate(
        _load(act, unit),
        unit=unit,
        done_on=done_on,
        until=until,
        certificate=certificate,
        passed=passed,
        today=timezone.localdate(act.at),
    )
    act.record("equipment", unit, events)


@command(
    "equipment.clean",
    role=(OPERATOR, VERIFIER, SUPERVISOR, MAINTENANCE, QC_ANALYST),
    label=_("record the cleaning of {unit}"),
    record=RECORD,
)
def clean(act: Act, *, unit: str, agent: str) -> None:
    """Record that a unit was cleaned just now; its kind says how long that holds."""
    act.record(
        "equipment", unit, unit_use.clean(_load(act, unit), unit=unit, agent=agent, at=act.at)
    )


def _load(act: Act, unit: str) -> units.Unit:
    return act.load("equipment", unit, units.INITIAL, units.evolve)
