"""Process parameters and their limits, in decimals with a unit, compared before rounding. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

_NUMBER = re.compile(r"[+-]?[0-9]{1,12}(?:[.,][0-9]{1,9})?")
TYPED_LIMIT = 80
YEARS = range(1970, 2200)  # of a moment that somebody or an instrument states
FARTHEST = timedelta(hours=14)  # of a time zone from UTC
READ_TWICE = ("second_entry", "second_person")


class Standing(StrEnum):
    """Where a value lies: as usual, unusual but acceptable, or beyond what may be accepted.

    These words stand in events that were recorded: a page may put it otherwise, they stay.
    """

    WITHIN = "within limits"
    OUTSIDE_NORMAL = "outside the normal operating range"
    OUTSIDE_PROVEN = "outside the proven acceptable range"
    OUTSIDE_ACCEPTANCE = "outside the acceptance criterion"


@dataclass(frozen=True, kw_only=True)
class Range:
    """From `low` to `high`, both included; one that is not given does not bound."""

    low: Decimal | None = None
    high: Decimal | None = None

    def holds(self, value: Decimal) -> bool:
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)

    def words(self, unit: str) -> str:
        """The range as the record states it, such as `36.5 to 37.5 °C`."""
        if self.low is not None and self.high is not None:
            return f"{self.low} to {self.high} {unit}"
        if self.low is not None:
            return f"at least {self.low} {unit}"
        return f"at most {self.high} {unit}"


class ParameterKind(StrEnum):
    """What a parameter asks for, and so how its answer is read and judged."""

    NUMBER = "number"
    REPLICATE = "replicate"  # several counts of one sample, their mean and spread
    CHOICE = "choice"
    TEXT = "text"
    DATETIME = "datetime"
    CONFIRM = "confirm"
    CALCULATION = "calculation"
    TIMER = "timer"
    MATERIAL = "material"
    WEIGH = "weigh"
    EQUIPMENT = "equipment"
    ROOM = "room"
    IDENTITY = "identity"
    SAMPLE = "sample"
    LABEL = "label"
    ATTACHMENT = "attachment"
    INSTRUMENT = "instrument"


# These come out as a number with a unit and are measured against limits.
NUMERIC = frozenset(
    {
        ParameterKind.NUMBER,
        ParameterKind.REPLICATE,
        ParameterKind.CALCULATION,
        ParameterKind.WEIGH,
        ParameterKind.INSTRUMENT,
    }
)


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """What a step asks for. Process values have a target, a normal operating range, a proven
    acceptable range and an in-process acceptance criterion; beyond `plausible` it is a typing slip.
    """

    key: str
    label: str
    unit: str = ""
    target: Decimal | None = None
    normal: Range = Range()
    acceptance: Range = Range()
    kind: str = ParameterKind.NUMBER.value
    proven: Range = Range()
    plausible: Range = Range()
    decimals: int | None = None
    choices: list[str] = field(default_factory=list)
    accepted: list[str] = field(default_factory=list)  # choices without an exception; none: all
    replicates: int = 0
    dilution: Decimal | None = None  # the factor by which each count is multiplied
    cv_limit: Decimal | None = None  # per cent
    formula: str = ""
    formula_version: int = 0
    needs: str = ""  # key of the material, equipment class, room, label or sample it asks for
    quantity: str = ""  # how much of a material, where it is not asked
    check: str = ""  # of a critical entry: second_entry, second_person, device
    required: bool = True
    minimum: Decimal | None = None  # of a timer, in minutes
    maximum: Decimal | None = None

    @property
    def numeric(self) -> bool:
        return self.kind in NUMERIC

    @property
    def read_twice(self) -> bool:
        """Whether it is so critical that the same value is entered a second time."""
        return self.check in READ_TWICE

    @property
    def limited(self) -> bool:
        return self.normal != Range() or self.acceptance != Range() or self.proven != Range()


def read_number(typed: str) -> Decimal | None:
    """The number as it was written down (7.40 stays 7.40; a decimal comma is read), or None."""
    typed = typed.strip()
    return Decimal(typed.replace(",", ".")) if _NUMBER.fullmatch(typed) else None


def read_moment(typed: str) -> datetime | None:
    """A date and a time with its zone, of a year that any calendar and database holds, or None."""
    try:
        at = datetime.fromisoformat(typed.strip())
    except ValueError:
        return None
    offset = at.utcoffset()
    if offset is None or abs(offset) > FARTHEST or offset % timedelta(minutes=1):
        return None
    return at if at.year in YEARS else None


def judge(parameter: Parameter, value: Decimal) -> Standing:
    """Compare the value as it was read, never a rounded one."""
    if not parameter.acceptance.holds(value):
        return Standing.OUTSIDE_ACCEPTANCE
    if not parameter.proven.holds(value):
        return Standing.OUTSIDE_PROVEN
    if not parameter.normal.holds(value):
        return Standing.OUTSIDE_NORMAL
    return Standing.WITHIN


def limit_of(parameter: Parameter, standing: Standing) -> Range:
    """The limit that a value of this standing is measured against."""
    if standing is Standing.OUTSIDE_ACCEPTANCE:
        return parameter.acceptance
    if standing is Standing.OUTSIDE_PROVEN:
        return parameter.proven
    return parameter.normal
