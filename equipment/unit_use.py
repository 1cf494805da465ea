"""Decisions about a unit's use: qualify, calibrate, clean, claim, release. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta

from equipment.unit import Unit, line, standing
from equipment.unit_standing import (
    CALIBRATED,
    CLEAN,
    SHARED,
    Calibrated,
    CalibrationFailed,
    Claimed,
    Cleaned,
    Qualified,
    Released,
    UnitFacts,
    demands,
    hindrances,
)
from ledger.event import Refused
from ledger.event import marked as _

# Hours that a cleaned unit stays clean, from the cleaning to the beginning of its use.
HOLD_HOURS = {"incubator": 168, "bioreactor": 72, "closed_processing_device": 72}
USUAL_HOLD = 24
_BATCH = re.compile(r"[A-Z]{1,6}-[0-9]{3,8}").fullmatch


def qualify(
    state: Unit, *, unit: str, done_on: str, until: str, certificate: str, today: date
) -> list[Qualified]:
    certificate = _certificate(state, unit=unit, certificate=certificate)
    done, end = period(done_on, until, today=today)
    return [Qualified(unit=unit, done_on=done, until=end, certificate=certificate)]


def calibrate(
    state: Unit,
    *,
    unit: str,
    done_on: str,
    until: str,
    certificate: str,
    passed: bool,
    today: date,
) -> list[Calibrated | CalibrationFailed]:
    """A unit that was found out of tolerance is calibrated no more, whatever was said before."""
    certificate = _certificate(state, unit=unit, certificate=certificate)
    if CALIBRATED not in demands(state.unit_class):
        raise Refused(_("{unit} is of a kind that is not calibrated."), unit=unit, code="no_need")
    if not passed:
        done = _past(done_on, today=today).isoformat()
        return [CalibrationFailed(unit=unit, done_on=done, certificate=certificate)]
    done, end = period(done_on, until, today=today)
    return [Calibrated(unit=unit, done_on=done, until=end, certificate=certificate)]


def clean(state: Unit, *, unit: str, agent: str, at: datetime) -> list[Cleaned]:
    """Cleaned at `at`; how long that holds is the kind's, not the cleaner's to say."""
    standing(state, unit=unit)
    if CLEAN not in demands(state.unit_class):
        raise Refused(
            _("{unit} is of a kind whose cleaning is not recorded here: make a logbook entry."),
            unit=unit,
            code="no_need",
        )
    if state.standing.batches and state.unit_class not in SHARED:
        raise Refused(
            _("{unit} is in use by batch {batch}. Clean it after it is released."),
            unit=unit,
            batch=min(state.standing.batches),
            code="unit_in_use",
        )
    agent = line(agent, _("Say with what {unit} was cleaned."), unit=unit)
    hours = HOLD_HOURS.get(state.unit_class, USUAL_HOLD)
    return [Cleaned(unit=unit, agent=agent, until=moment(at + timedelta(hours=hours)))]


def claim(
    state: Unit,
    *,
    unit: str,
    batch: str,
    day: date,
    at: datetime,
    despite: Collection[str] = (),
) -> list[Claimed]:
    """Take a unit for a batch; nothing where the batch has it already.

    `despite`: the codes of what was overridden for the step that uses it.
    """
    found = hindrances(facts_of(state, unit), batch=batch, day=day, at=at)
    stopping = [one for one in found if one.code not in despite]
    if stopping:
        raise stopping[0]
    return [] if batch in state.standing.batches else [Claimed(unit=unit, batch=batch)]


def facts_of(state: Unit, unit: str) -> UnitFacts:
    """The facts as the unit's own events tell them."""
    has = state.standing
    return UnitFacts(
        unit=unit,
        known=state.registered,
        label=state.label,
        unit_class=state.unit_class,
        location=state.location,
        in_service=state.in_service,
        qualified_until=_read_day(has.qualified_until),
        calibrated_until=_read_day(has.calibrated_until),
        clean_until=read_moment(has.clean_until),
        batches=tuple(sorted(has.batches)),
    )


def release(state: Unit, *, unit: str, batch: str) -> list[Released]:
    standing(state, unit=unit)
    if batch not in state.standing.batches:
        raise Refused(
            _("{unit} is not in use by batch {batch}."), unit=unit, batch=batch, code="not_in_use"
        )
    return [Released(unit=unit, batch=batch)]


def batch_number(batch: str) -> None:
    """A number that a batch could have; whether there is one is not known in this room."""
    if not _BATCH(batch):
        raise Refused(
            _("Write the batch's number as it stands on its record, as CT-0421."), code="batch"
        )


def period(done_on: str, until: str, *, today: date) -> tuple[str, str]:
    """The day it was done, not in the future, and a last day that is not before today."""
    done, end = _past(done_on, today=today), _day(until, _("Say until which day it holds."))
    if end < max(done, today):
        raise Refused(
            _("It would hold until {until}, which has passed already. Look at the certificate."),
            until=end.isoformat(),
            code="until_passed",
        )
    return done.isoformat(), end.isoformat()


def moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def read_moment(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _read_day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _past(done_on: str, *, today: date) -> date:
    done = _day(done_on, _("Say on which day it was done."))
    if done > today:
        raise Refused(
            _("It cannot have been done on {done_on}: that day is still to come."),
            done_on=done.isoformat(),
            code="done_in_future",
        )
    return done


def _day(text: str, missing: str) -> date:
    if not text.strip():
        raise Refused(missing, code="day_missing")
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise Refused(
            _("“{text}” is no day. Write it as 2027-03-01."), text=text[:40], code="day"
        ) from None


def _certificate(state: Unit, *, unit: str, certificate: str) -> str:
    standing(state, unit=unit)
    return line(certificate, _("Give the number of the certificate or report."), unit=unit)
