"""A freezing curve, and a shipper's way: read from a logger's file and judged by limits. Pure.

Between the start and `until` the rate over each step of at least a minute is compared as it is,
but for the rise at the heat of fusion, which has a limit of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from batches.collection import TRANSPORT
from batches.collection_log import Log, not_seen, on_the_way
from batches.container_events import ShipperJudged
from batches.limits import Range

MINUTE = 60


_START = Range(low=Decimal("-5"), high=Decimal("10"))
_RATE = Range(low=Decimal("-2.0"), high=Decimal("-0.5"))


@dataclass(frozen=True, kw_only=True)
class CurveLimits:
    """A controlled-rate programme: rates in °C per minute (cooling is negative), °C otherwise."""

    start: Range = _START
    rate: Range = _RATE
    until: Decimal = Decimal("-40")
    overshoot: Decimal = Decimal("8.0")  # the most it may rise when the ice forms
    end: Decimal = Decimal("-80")  # at most, when it is taken out


LIMITS = CurveLimits()
# °C, the warmest in a vapour shipper: what authorised CAR-T products' summaries of product
# characteristics ask of storage and transport in the vapour of liquid nitrogen.
FROZEN = Range(high=Decimal("-120"))


def judge(log: Log, limits: CurveLimits = LIMITS) -> list[str]:
    """What departs from the limits, each as a sentence; nothing means that the curve is good."""
    temperatures = [temperature for _at, temperature in log.readings]
    found = []
    if not limits.start.holds(temperatures[0]):
        found.append(
            f"It began at {temperatures[0]} °C, not at {limits.start.low} to"
            f" {limits.start.high} °C."
        )
    rise = _rise(temperatures)
    if rise > limits.overshoot:
        found.append(f"It rose by {rise} °C, more than {limits.overshoot} °C.")
    mean = _mean_rate(log, limits.until)
    if mean is None:
        found.append(f"It never came to {limits.until} °C.")
    elif not _holds(limits.rate, mean):
        found.append(
            f"Down to {limits.until} °C it cooled by {_words(mean)} °C a minute, not by"
            f" {limits.rate.low} to {limits.rate.high}."
        )
    if temperatures[-1] > limits.end:
        found.append(f"It ended at {temperatures[-1]} °C, above {limits.end} °C.")
    if log.longest_silence > 5 * MINUTE:
        found.append(f"Nothing was read for {log.longest_silence // MINUTE} minutes.")
    return found


def judge_shipper(
    log: Log, *, container: str, logger: str, frozen: bool, left: datetime | None, at: datetime
) -> ShipperJudged:
    """A shipper's record is judged as that of a collection's transport. `logger`: its file.

    On arrival, `at`, it has to be of this very way: `left` says when the bag was issued.
    """
    limits = FROZEN if frozen else TRANSPORT
    outside, silence = log.outside(limits), log.longest_silence
    departures = on_the_way(limits, outside=outside, silence=silence)
    if left is not None:
        departures += not_seen(log, left=left, arrived=at)
    return ShipperJudged(
        container=container,
        logger=logger,
        began_at=log.first.isoformat(timespec="seconds"),
        ended_at=log.last.isoformat(timespec="seconds"),
        lowest=log.lowest,
        highest=log.highest,
        low=limits.low,
        high=limits.high,
        outside=outside,
        silence=silence,
        standing="outside limits" if departures else "within limits",
        departures=departures,
    )


def _rise(temperatures: list[Decimal]) -> Decimal:
    """The most that it rose above the lowest temperature before."""
    lowest, most = temperatures[0], Decimal(0)
    for temperature in temperatures:
        lowest = min(lowest, temperature)
        most = max(most, temperature - lowest)
    return most


def _mean_rate(log: Log, until: Decimal) -> Fraction | None:
    """The mean rate in °C per minute from the start until it first came to `until`, exactly."""
    began, warm = log.readings[0]
    for at, temperature in log.readings:
        seconds = Fraction((at - began).total_seconds())
        if temperature <= until and seconds:
            return Fraction(temperature - warm) * MINUTE / seconds
    return None


def _holds(limits: Range, value: Fraction) -> bool:
    low, high = limits.low, limits.high
    return (low is None or value >= Fraction(low)) and (high is None or value <= Fraction(high))


def _words(value: Fraction) -> Decimal:
    return (Decimal(value.numerator) / Decimal(value.denominator)).quantize(Decimal("0.01"))
