"""R12: limits are compared in decimals, as read, before any rounding."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batches.limits import Range, Standing, judge, limit_of, read_number
from tests.batches.making import BATH, COUNT


@pytest.mark.parametrize(
    ("typed", "standing"),
    [
        ("37.0", Standing.WITHIN),
        ("36.5", Standing.WITHIN),
        ("37.5", Standing.WITHIN),
        ("37.500000001", Standing.OUTSIDE_NORMAL),
        ("36.49", Standing.OUTSIDE_NORMAL),
        ("38.0", Standing.OUTSIDE_NORMAL),
        ("38.04", Standing.OUTSIDE_ACCEPTANCE),
        ("35.999999999", Standing.OUTSIDE_ACCEPTANCE),
        ("-37", Standing.OUTSIDE_ACCEPTANCE),
    ],
)
def test_r12_a_value_is_judged_as_it_was_read(typed, standing):
    value = read_number(typed)
    assert value is not None
    assert judge(BATH, value) is standing


@pytest.mark.parametrize(
    ("typed", "read"),
    [("7.40", "7.40"), (" 37,4 ", "37.4"), ("+5", "5"), ("-0.50", "-0.50"), ("0012", "12")],
)
def test_r12_a_number_is_kept_as_it_was_written(typed, read):
    assert str(read_number(typed)) == read


@pytest.mark.parametrize(
    "typed", ["", "abc", "1e3", "NaN", "Infinity", "1,000.5", "37.", ".5", "3 7", "1" * 13, "٣"]
)
def test_r4_what_is_no_number_is_not_guessed_at(typed):
    assert read_number(typed) is None


def test_a_limit_is_said_in_words_with_its_unit():
    assert limit_of(BATH, Standing.OUTSIDE_NORMAL).words(BATH.unit) == "36.5 to 37.5 °C"
    assert limit_of(BATH, Standing.OUTSIDE_ACCEPTANCE).words(BATH.unit) == "36.0 to 38.0 °C"
    few = limit_of(COUNT, Standing.OUTSIDE_NORMAL)
    assert few.words(COUNT.unit) == "at least 3.00 10⁶ cells/mL"
    assert Range(high=Decimal(5)).words("min") == "at most 5 min"


@given(st.decimals(min_value=-1000, max_value=1000, places=6))
def test_r12_no_value_is_within_and_beyond_at_once(value):
    standing = judge(BATH, value)
    assert (standing is Standing.WITHIN) == (Decimal("36.5") <= value <= Decimal("37.5"))
    beyond = not Decimal("36.0") <= value <= Decimal("38.0")
    assert (standing is Standing.OUTSIDE_ACCEPTANCE) == beyond
