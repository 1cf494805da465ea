"""The mean and the spread of replicate counts, in decimals. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext

ARITHMETIC = Context(prec=28, rounding=ROUND_HALF_EVEN)
KEPT = Decimal("0.000000001")


def summarise(counts: Sequence[Decimal]) -> tuple[Decimal, Decimal]:
    """Mean, in the counts' unit, and coefficient of variation in per cent, of n >= 1 counts.

    CV = 100 * s / mean with the sample standard deviation s (n - 1 in the divisor); 0 for a single
    count or where all are equal; of counts whose mean is 0 but which differ, 100. Both are kept to
    nine decimals. Source: ISO 20391-2 (cell counting), section on replicate measurements.
    """
    if not counts:
        raise ValueError("There is no mean of no counts.")
    with localcontext(ARITHMETIC):
        mean = sum(counts, Decimal(0)) / len(counts)
        if len(counts) < 2 or len(set(counts)) == 1:
            return _tidy(mean), Decimal(0)
        squares = sum(((one - mean) ** 2 for one in counts), Decimal(0))
        spread = (squares / (len(counts) - 1)).sqrt()
        cv = Decimal(100) if mean == 0 else abs(100 * spread / mean)
        return _tidy(mean), _tidy(cv)


def _tidy(value: Decimal) -> Decimal:
    text = format(value.quantize(KEPT), "f")
    return Decimal(text.rstrip("0").rstrip(".") if "." in text else text)
