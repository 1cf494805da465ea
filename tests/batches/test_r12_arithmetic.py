"""R12: limits and formulas in honest arithmetic: decimals, units, rounding, tenfold slips."""

from decimal import Decimal, localcontext
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batches import formula
from batches.limits import Parameter, Range, Standing, judge, read_number
from batches.replicates import summarise
from tests.batches.engine import Engine, content, phase, step

UNHURRIED = settings(deadline=None)  # the first formula loads two libraries
NUMBERS = st.decimals(min_value="-999999", max_value="999999", places=4, allow_nan=False)
POSITIVE = st.decimals(min_value="0.0001", max_value="999999", places=4)
LENGTHS = ("µL", "mL", "L")
COUNTS = ("cells", "10³ cells", "10⁶ cells", "10⁹ cells")


def exact(value: Decimal) -> Fraction:
    return Fraction(value)


@UNHURRIED
@given(POSITIVE, st.sampled_from(LENGTHS), st.sampled_from(LENGTHS))
def test_r12_a_unit_there_and_back_is_the_same_decimal(value, one, other):
    assert formula.convert(formula.convert(value, one, other), other, one) == value


@UNHURRIED
@given(NUMBERS, NUMBERS, POSITIVE)
def test_r12_a_formula_is_exact_where_decimals_are(a, b, c):
    """Sums and products of what people type have no rounding at all; never a binary float."""
    values = {"x.a": (a, "mL"), "x.b": (b, "mL"), "x.c": (c, "")}
    found = formula.number("(x.a - x.b) * x.c + 0.1 * x.a", values, "mL")
    assert exact(found) == (exact(a) - exact(b)) * exact(c) + exact(a) / 10


@UNHURRIED
@given(POSITIVE, POSITIVE)
def test_r12_a_quotient_is_right_to_twenty_eight_digits(a, b):
    found = formula.number("x.a / x.b", {"x.a": (a, "cells"), "x.b": (b, "mL")}, "cells/mL")
    with localcontext(formula.ARITHMETIC):
        assert found == a / b


@UNHURRIED
@given(POSITIVE, st.sampled_from(COUNTS), st.sampled_from(LENGTHS))
def test_r12_density_times_volume_is_the_same_count_in_every_unit(value, count, length):
    """Given a density in any unit, then the total is what the sum by hand in whole numbers is."""
    power = {"cells": 0, "10³ cells": 3, "10⁶ cells": 6, "10⁹ cells": 9}[count]
    volume = {"µL": Fraction(1, 1000), "mL": Fraction(1), "L": Fraction(1000)}[length]
    values = {"d.v": (value, f"{count}/mL"), "d.w": (Decimal(3), length)}
    found = formula.number("d.v * d.w", values, "cells")
    assert exact(found) == exact(value) * 10**power * 3 * volume


@pytest.mark.parametrize(
    "asked", ["x.ml + x.cells", "x.ml > x.cells", "x.ml * x.cells", "x.ml / 0.0", "x.ml + 1.0"]
)
def test_r12_what_does_not_fit_is_refused_and_never_guessed(asked):
    values = {"x.ml": (Decimal(2), "mL"), "x.cells": (Decimal(5), "cells")}
    with pytest.raises(formula.FormulaError):
        formula.number(asked, values, "mL")


def test_r12_tenths_add_up():
    assert formula.number("0.1 + 0.2", {}, "") == Decimal("0.3")
    assert formula.holds("0.1 + 0.2 == 0.3", {})


BOUNDS = st.tuples(NUMBERS, NUMBERS).map(sorted)


@UNHURRIED
@given(BOUNDS, NUMBERS)
def test_r12_a_value_is_judged_as_it_was_read(bounds, value):
    """Compared before rounding: the bound itself is inside, a hair beyond it is not."""
    low, high = bounds
    wanted = Parameter(key="v", label="V", unit="mL", acceptance=Range(low=low, high=high))
    inside = exact(low) <= exact(value) <= exact(high)
    assert (judge(wanted, value) is Standing.WITHIN) is inside
    assert judge(wanted, high) is Standing.WITHIN
    beyond = high + Decimal("1E-12")
    assert judge(wanted, beyond) is Standing.OUTSIDE_ACCEPTANCE


@UNHURRIED
@given(BOUNDS, BOUNDS, BOUNDS, NUMBERS)
def test_r12_the_gravest_limit_that_is_passed_is_named(normal, proven, accepted, value):
    ranges = [Range(low=low, high=high) for low, high in (normal, proven, accepted)]
    wanted = Parameter(key="v", label="V", unit="mL", normal=ranges[0], proven=ranges[1],
                       acceptance=ranges[2])  # fmt: skip
    expected = Standing.WITHIN
    for limit, standing in zip(ranges, (Standing.OUTSIDE_NORMAL, Standing.OUTSIDE_PROVEN,
                                        Standing.OUTSIDE_ACCEPTANCE), strict=True):  # fmt: skip
        if not limit.holds(value):
            expected = standing
    assert judge(wanted, value) is expected


@UNHURRIED
@given(st.decimals(min_value="1", max_value="9.99", places=2), st.sampled_from(["10", "0.1"]))
def test_r12_a_tenfold_slip_is_kept_and_does_not_count(value, slip):
    """Given a plausible band of less than ten to one, then a slip of the point is caught."""
    wanted = Parameter(key="v", label="V", unit="mL",
                       plausible=Range(low=value / 2, high=value * 4))  # fmt: skip
    batch = Engine(content(phase("A", step(1, wanted))))
    typed = format(value * Decimal(slip), "f")
    (kept,) = batch.enter(1, v=typed)
    assert type(kept).__name__ == "ValueImplausible" and str(kept.value) == typed
    assert "v" not in batch.state.step(1).readings
    batch.enter(1, v=str(value))
    assert batch.value(1, "v") == value


@UNHURRIED
@given(st.lists(POSITIVE, min_size=2, max_size=9))
def test_r12_mean_and_spread_of_counts_are_those_of_whole_numbers(counts):
    """Against the sums in fractions: the mean to nine decimals, the variance to nine digits."""
    mean, cv = summarise(counts)
    true = sum(map(exact, counts), Fraction(0)) / len(counts)
    assert abs(exact(mean) - true) <= Fraction(1, 10**9)
    variance = sum(((exact(c) - true) ** 2 for c in counts), Fraction(0)) / (len(counts) - 1)
    assert abs((exact(cv) * true / 100) ** 2 - variance) <= Fraction(1, 10**6) * (variance + 1)


@UNHURRIED
@given(NUMBERS)
def test_r12_what_was_typed_is_what_is_kept(value):
    assert read_number(str(value)) == value
    assert str(read_number(format(value, "f"))) == format(value, "f")
    assert read_number(format(value, "f").replace(".", ",")) == value


NESTED = "['1','1','1','1','1','1','1','1','1','1']"
for _deep in range(5):
    NESTED = f"['1','1','1','1','1','1','1','1','1','1'].map(a, {NESTED})"


def test_r12_a_formula_is_no_program():
    """Given a formula that wants more than arithmetic, then it is refused, and quickly."""
    huge = ("1e9999", "1e99999999", NESTED, "(" * 200 + "1" + ")" * 200)
    for wild in ("__import__('os')", "[1,2].map(x, x)", "x" * 600, "size('a' * 3)", "(((", "",
                 *huge):  # fmt: skip
        with pytest.raises(formula.FormulaError):
            formula.number(wild, {}, "mL")


def test_r12_random_text_never_breaks_the_reader():
    dice = Random(7)
    letters = "s1.ab+-*/()<>=&|?: 0123456789\"'[]{}é\n"
    for _try in range(400):
        text = "".join(dice.choice(letters) for _letter in range(dice.randint(1, 30)))
        try:
            formula.number(text, {"s1.a": (Decimal(1), "mL")}, "mL")
        except formula.FormulaError:
            continue
