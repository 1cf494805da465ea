"""The dose: exact decimals, one rounding, a cap that holds, units that a slip of ten changes."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batches.container_dose import dose, viable_transduced, volume_for, within
from batches.limits import Range
from ledger.event import Refused

KG = st.decimals(min_value="0.1", max_value="300", places=2)
PER_KG = st.decimals(min_value="0.01", max_value="100", places=3)
CAP = st.decimals(min_value="1", max_value="2000", places=2)
COUNT = st.decimals(min_value="0.01", max_value="500", places=4)
PER_CENT = st.decimals(min_value="0.1", max_value="100", places=2)


def test_the_published_dose_of_a_man_of_80_kg_and_of_one_above_the_cap():
    """Given 2 million per kg and at most 200 million, then 80 kg get 160 and 120 kg get 200."""
    man = dose(target_per_kg=Decimal(2), weight_kg=Decimal("80.0"), cap=Decimal(200))
    assert (man.cells, man.capped, man.per_kg) == (Decimal(160), False, Decimal(2))
    heavy = dose(target_per_kg=Decimal(2), weight_kg=Decimal(120), cap=Decimal(200))
    assert (heavy.cells, heavy.capped) == (Decimal(200), True)


def test_a_weight_at_the_cap_is_not_capped():
    """Given exactly the weight at which the cap begins, then the cap takes nothing away."""
    made = dose(target_per_kg=Decimal(2), weight_kg=Decimal(100), cap=Decimal(200))
    assert (made.cells, made.capped) == (Decimal(200), False)
    over = dose(target_per_kg=Decimal(2), weight_kg=Decimal("100.01"), cap=Decimal(200))
    assert over.capped, "compared before rounding"


@given(PER_KG, KG, CAP)
def test_r12_a_dose_is_exact_and_never_above_its_cap(per_kg, weight, cap):
    made = dose(target_per_kg=per_kg, weight_kg=weight, cap=cap)
    exact = Fraction(per_kg) * Fraction(weight)
    assert Fraction(made.cells) == min(exact, Fraction(cap))
    assert made.capped == (exact > Fraction(cap))


@given(PER_KG, KG)
def test_r12_a_weight_ten_times_too_large_gives_ten_times_the_cells(per_kg, weight):
    """Given a slip of the decimal point, then nothing hides it but the cap."""
    if weight * 10 > 300:
        with pytest.raises(Refused, match="300 kg"):
            dose(target_per_kg=per_kg, weight_kg=weight * 10, cap=None)
        return
    one = dose(target_per_kg=per_kg, weight_kg=weight, cap=None)
    ten = dose(target_per_kg=per_kg, weight_kg=weight * 10, cap=None)
    assert Fraction(ten.cells) == 10 * Fraction(one.cells)


@given(COUNT, KG, PER_CENT, PER_CENT)
def test_r12_viable_transduced_cells_are_the_exact_product(count, volume, viability, transduced):
    found = viable_transduced(
        count=count, volume_ml=volume, viability=viability, transduced=transduced
    )
    exact = Fraction(count) * Fraction(volume) * Fraction(viability) * Fraction(transduced) / 10000
    assert Fraction(found) == exact


@given(CAP, COUNT, PER_CENT, PER_CENT)
def test_r12_the_volume_is_off_by_half_a_tenth_at_most(cells, count, viability, transduced):
    volume = volume_for(cells, count=count, viability=viability, transduced=transduced)
    each = viable_transduced(
        count=count, volume_ml=Decimal(1), viability=viability, transduced=transduced
    )
    exact = Fraction(cells) / Fraction(each)
    assert abs(Fraction(volume) - exact) <= Fraction(1, 20)
    assert volume == volume.quantize(Decimal("0.1"))


@pytest.mark.parametrize(("cells", "volume"), [("0.25", "0.2"), ("0.35", "0.4"), ("0.45", "0.4")])
def test_r12_a_tie_goes_to_the_even_tenth(cells, volume):
    whole = {"count": Decimal(1), "viability": Decimal(100), "transduced": Decimal(100)}
    assert volume_for(Decimal(cells), **whole) == Decimal(volume)


@given(KG, PER_KG)
def test_r12_a_dose_on_its_limit_is_inside(weight, per_kg):
    """Given a dose that lies exactly on the limit, then it is within; a hair above is not."""
    limits = Range(low=per_kg, high=per_kg)
    made = dose(target_per_kg=per_kg, weight_kg=weight, cap=None)
    assert within(made.cells, weight_kg=weight, limits=limits)
    hair = Decimal("0.0000000001")
    assert not within(made.cells + hair, weight_kg=weight, limits=limits)
    assert not within(made.cells - hair, weight_kg=weight, limits=limits)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"weight_kg": Decimal(0)}, "weight"),
        ({"weight_kg": Decimal("300.1")}, "weight"),
        ({"target_per_kg": Decimal(0)}, "target"),
        ({"target_per_kg": Decimal("NaN")}, "target"),
        ({"cap": Decimal(0)}, "cap"),
    ],
)
def test_what_is_no_dose_is_refused(change, code):
    asked = {"target_per_kg": Decimal(2), "weight_kg": Decimal(70), "cap": Decimal(200)}
    with pytest.raises(Refused) as no:
        dose(**(asked | change))
    assert no.value.code == code


def test_a_suspension_without_transduced_cells_holds_no_dose():
    with pytest.raises(Refused, match="No viable transduced cell"):
        volume_for(Decimal(1), count=Decimal(1), viability=Decimal(90), transduced=Decimal(0))
