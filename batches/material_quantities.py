"""Quantities of material from one unit to another: exact decimals, by pint, which loads lazily."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache
from typing import Any

from batches.material_item import UNITS
from ledger.event import Refused
from ledger.event import marked as _

_NUMBER = re.compile(r"[0-9]{1,9}(?:[.,][0-9]{1,9})?")
# Only what material is counted in: a unit that is not here is refused, not guessed.
_DEFINITIONS = """
micro- = 1e-6 = µ-
milli- = 1e-3 = m-
kilo- = 1e3 = k-
gram = [mass] = g
litre = [volume] = L
each = [piece]
international_unit = [activity] = IU
cells = [cell_count]
"""


@cache
def _registry() -> Any:
    import pint

    return pint.UnitRegistry(_DEFINITIONS.strip().splitlines(), non_int_type=Decimal)


def read(typed: str) -> Decimal:
    """A quantity as people type it, with a point or a comma, no sign and no exponent."""
    text = typed.strip().replace("\N{NO-BREAK SPACE}", "")
    if not _NUMBER.fullmatch(text):
        raise Refused(_("Write the quantity as a number, as 12.5."), code="quantity")
    return Decimal(text.replace(",", "."))


def convert(quantity: Decimal, unit: str, *, to: str) -> Decimal:
    """The same amount in another unit, exactly: nothing is rounded.

    Raises `Refused` where one of the two is unknown or they measure different things.
    """
    if unit == to and unit in UNITS:
        return quantity
    if unit not in UNITS or to not in UNITS:
        raise Refused(
            _("There is no unit {unit}. Choose one of: {units}."),
            unit=unit or "-",
            units=", ".join(UNITS),
            code="unit",
        )
    import pint

    registry = _registry()
    try:
        made = registry.Quantity(quantity, unit).to(to)
    except pint.DimensionalityError:
        raise Refused(
            _("{unit} cannot be told in {to}: they measure different things."),
            unit=unit,
            to=to,
            code="unit",
        ) from None
    return Decimal(format(made.magnitude.normalize(), "f"))
