"""A temperature logger's file: read as it is, its extremes judged as read, never rounded. Pure."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from batches.limits import Range, read_moment
from ledger.event import Refused
from ledger.event import marked as _

LONGEST = 500_000  # characters
SILENCE = 1800  # seconds without a reading
_MINUTE = timedelta(minutes=1)
_NUMBER = re.compile(r"[+-]?[0-9]{1,6}(?:\.[0-9]{1,9})?").fullmatch


@dataclass(frozen=True, kw_only=True)
class Log:
    """What a logger saw: times in order, temperatures in °C."""

    readings: tuple[tuple[datetime, Decimal], ...]

    @property
    def lowest(self) -> Decimal:
        return min(temperature for _at, temperature in self.readings)

    @property
    def highest(self) -> Decimal:
        return max(temperature for _at, temperature in self.readings)

    @property
    def first(self) -> datetime:
        return self.readings[0][0]

    @property
    def last(self) -> datetime:
        return self.readings[-1][0]

    @property
    def longest_silence(self) -> int:
        """The longest time between two readings, in whole seconds."""
        times = [at for at, _temperature in self.readings]
        steps = [int((b - a).total_seconds()) for a, b in pairwise(times)]
        return max(steps, default=0)

    def outside(self, limits: Range) -> int:
        """How many readings lie outside the limits; the limits themselves are inside."""
        return sum(not limits.holds(temperature) for _at, temperature in self.readings)


def on_the_way(limits: Range, *, outside: int, silence: int) -> list[str]:
    """What departs in a transport's record, each as a sentence.

    `outside`: how many of its readings; `silence`: the longest, in seconds.
    """
    found = []
    if outside:
        low, high = limits.low, limits.high
        where = f"above {high} °C" if low is None else f"outside {low} to {high} °C"
        found.append(f"Transport: {outside} reading{'s' if outside > 1 else ''} {where}.")
    if silence > SILENCE:
        found.append(f"Transport: {silence // 60} minutes without a reading.")
    return found


def not_seen(log: Log, *, left: datetime, arrived: datetime) -> list[str]:
    """What of a transport the logger did not see, each as a sentence: it began late, or ended."""
    late, short = log.first - left, arrived - log.last
    found = []
    if late.total_seconds() > SILENCE:
        found.append(f"Transport: its record begins {late // _MINUTE} minutes after it left.")
    if short.total_seconds() > SILENCE:
        found.append(f"Transport: its record ends {short // _MINUTE} minutes before it arrived.")
    return found


def read(text: str) -> Log:
    """Read lines of time and temperature in °C: `2026-03-02T08:00:00+01:00,4.2`.

    A first line of headings is passed over. A time without a zone, a time before the one above it
    or anything that is no number is refused with its line: a logger's file is not guessed at.
    """
    if len(text) > LONGEST:
        raise Refused(_("The logger's file is too long. Export it with fewer readings."), code=CODE)
    rows = [row for row in csv.reader(text.lstrip("\ufeff").splitlines()) if row]
    readings: list[tuple[datetime, Decimal]] = []
    for number, row in enumerate(rows, start=1):
        reading = _reading(row)
        if reading is None and number == 1:
            continue
        if reading is None or (readings and reading[0] < readings[-1][0]):
            raise Refused(
                _(
                    "Line {line} of the file is no time with zone and temperature in °C, in order."
                    " Export it as 2026-03-02T08:00:00+01:00,4.2 a line."
                ),
                line=number,
                code=CODE,
            )
        readings.append(reading)
    if not readings:
        raise Refused(_("The file holds no reading. Choose the logger's own file."), code=CODE)
    return Log(readings=tuple(readings))


CODE = "logger"


def _reading(row: list[str]) -> tuple[datetime, Decimal] | None:
    if len(row) < 2 or not _NUMBER(row[1].strip()):
        return None
    at = read_moment(row[0])
    return None if at is None else (at, Decimal(row[1].strip()))
