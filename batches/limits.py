"""Process parameters and their limits, in decimals with a unit, compared before rounding. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

_NUMBER = re.compile(r"[+-]?[0-9]{1,12}(?:[.,][0-9]{1,9})?")
TYPED_LIMIT = 80


class Standing(StrEnum):
    """Where a value lies: as usual, unusual but acceptable, or beyond what may be accepted.

    These words stand in events that were recorded: a page may put it otherwise, they stay.
    """

    WITHIN = "within limits"
    OUTSIDE_NORMAL = "outside the normal operating range"
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


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """What is read in a step: target, normal operating range, in-process acceptance criterion."""

    key: str
    label: str
    unit: str
    target: Decimal
    normal: Range
    acceptance: Range


def read_number(typed: str) -> Decimal | None:
    """The number as it was written down (7.40 stays 7.40; a decimal comma is read), or None."""
    typed = typed.strip()
    return Decimal(typed.replace(",", ".")) if _NUMBER.fullmatch(typed) else None


def judge(parameter: Parameter, value: Decimal) -> Standing:
    """Compare the value as it was read, never a rounded one."""
    if not parameter.acceptance.holds(value):
        return Standing.OUTSIDE_ACCEPTANCE
    if not parameter.normal.holds(value):
        return Standing.OUTSIDE_NORMAL
    return Standing.WITHIN


def limit_of(parameter: Parameter, standing: Standing) -> Range:
    """The limit that a value of this standing is measured against."""
    if standing is Standing.OUTSIDE_ACCEPTANCE:
        return parameter.acceptance
    return parameter.normal
