"""Events of a unit's standing and claims to its row and its logbook."""

from __future__ import annotations

from datetime import date

from equipment.models import Register
from equipment.projections import change, write_line
from equipment.unit_standing import (
    SHARED,
    Calibrated,
    CalibrationFailed,
    Claimed,
    Cleaned,
    Qualified,
    Released,
)
from equipment.unit_use import read_moment
from ledger.event import Recorded
from ledger.projections import projects


@projects(Qualified)
def qualify(recorded: Recorded) -> None:
    data = recorded.data
    change(recorded, qualified_until=date.fromisoformat(data.until))
    write_line(recorded, kind="qualified", new=data.until, old=data.certificate)


@projects(Calibrated)
def calibrate(recorded: Recorded) -> None:
    data = recorded.data
    change(recorded, calibrated_until=date.fromisoformat(data.until))
    write_line(recorded, kind="calibrated", new=data.until, old=data.certificate)


@projects(CalibrationFailed)
def fail_calibration(recorded: Recorded) -> None:
    change(recorded, calibrated_until=None)
    write_line(recorded, kind="calibration_failed", old=recorded.data.certificate)


@projects(Cleaned)
def clean(recorded: Recorded) -> None:
    change(recorded, clean_until=read_moment(recorded.data.until))
    write_line(recorded, kind="cleaned", new=recorded.data.agent)


@projects(Claimed)
def claim(recorded: Recorded) -> None:
    row = Register.objects.get(unit=recorded.data.unit)
    change(recorded, used_by=with_batch(row.batches, recorded.data.batch))
    write_line(recorded, kind="claimed", new=recorded.data.batch)


@projects(Released)
def release(recorded: Recorded) -> None:
    row = Register.objects.get(unit=recorded.data.unit)
    left = without_batch(row.batches, recorded.data.batch)
    clean_until = row.clean_until if row.unit_class in SHARED else None
    change(recorded, used_by=left, clean_until=clean_until)
    write_line(recorded, kind="released", new=recorded.data.batch)


def with_batch(batches: list[str], batch: str) -> str:
    return " ".join(sorted({*batches, batch}))


def without_batch(batches: list[str], batch: str) -> str:
    return " ".join(sorted({*batches} - {batch}))
