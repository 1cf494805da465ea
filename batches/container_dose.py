"""The dose of viable transduced cells, in exact decimals, compared before it is rounded. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from fractions import Fraction

from batches.limits import Range
from ledger.event import Refused
from ledger.event import marked as _

_TENTH = Decimal("0.1")


@dataclass(frozen=True, kw_only=True)
class Dose:
    """What a patient is to be given: cells in 10⁶ viable transduced cells, volume in mL."""

    cells: Decimal
    capped: bool
    per_kg: Decimal  # what the given cells come to, in 10⁶ per kg


def dose(*, target_per_kg: Decimal, weight_kg: Decimal, cap: Decimal | None) -> Dose:
    """The cells to give: target times body weight, never above the cap.

    `target_per_kg`: 10⁶ viable transduced cells per kg. `weight_kg`: kg, above 0 and at most 300.
    `cap`: 10⁶ viable transduced cells, or None where the product has no cap. The product is exact;
    nothing is rounded but `per_kg`, to 28 significant digits. Refused where a value is not above 0.
    Source: dosing by weight with a cap, as in the product information of axicabtagene ciloleucel
    (2 x 10⁶ per kg, at most 2 x 10⁸).
    """
    _positive(target_per_kg, "target")
    if not 0 < weight_kg <= 300:
        raise Refused(_("A weight lies above 0 and at most at 300 kg. Correct it."), code="weight")
    if cap is not None:
        _positive(cap, "cap")
    with localcontext() as context:
        context.prec = 60
        wanted = target_per_kg * weight_kg
    capped = cap is not None and wanted > cap
    given = cap if capped and cap is not None else wanted
    return Dose(cells=given, capped=capped, per_kg=given / weight_kg)


def viable_transduced(
    *, count: Decimal, volume_ml: Decimal, viability: Decimal, transduced: Decimal
) -> Decimal:
    """Viable transduced cells in a volume, in 10⁶.

    `count`: all nucleated cells, 10⁶ per mL. `viability`, `transduced`: per cent of all cells and
    of viable cells. Exact: count x volume x viability / 100 x transduced / 100.
    """
    for value, name in ((count, "count"), (volume_ml, "volume_ml")):
        _positive(value, name)
    _per_cent(viability, "viability")
    _per_cent(transduced, "transduced")
    with localcontext() as context:
        context.prec = 60
        return (count * volume_ml * viability * transduced).scaleb(-4)


def volume_for(
    cells: Decimal, *, count: Decimal, viability: Decimal, transduced: Decimal
) -> Decimal:
    """The volume that holds so many viable transduced cells, in mL to a tenth, half to even.

    Units as in `viable_transduced`. Divided exactly and rounded once. Refused where the suspension
    holds no such cell.
    """
    _positive(cells, "cells")
    each = viable_transduced(
        count=count, volume_ml=Decimal(1), viability=viability, transduced=transduced
    )
    if not each:
        raise Refused(
            _("No viable transduced cell was found, so there is no dose in it."), code="transduced"
        )
    exact = Fraction(cells) / Fraction(each)
    tenths = exact * 10
    whole = tenths.numerator // tenths.denominator
    rest = tenths - whole
    if rest > Fraction(1, 2) or (rest == Fraction(1, 2) and whole % 2):
        whole += 1
    return Decimal(whole).scaleb(-1).quantize(_TENTH, rounding=ROUND_HALF_EVEN)


def within(cells: Decimal, *, weight_kg: Decimal, limits: Range) -> bool:
    """Whether a dose lies in the range per kg (10⁶ per kg), compared exactly, never rounded."""
    low, high = limits.low, limits.high
    with localcontext() as context:
        context.prec = 60
        above = low is None or cells >= low * weight_kg
        below = high is None or cells <= high * weight_kg
    return above and below


def _positive(value: Decimal, name: str) -> None:
    if not value.is_finite() or value <= 0:
        raise Refused(_("Write a number above 0."), code=name)


def _per_cent(value: Decimal, name: str) -> None:
    if not value.is_finite() or not 0 <= value <= 100:
        raise Refused(_("Write per cent, 0 to 100."), code=name)
