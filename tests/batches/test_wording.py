"""Nothing is retyped: an instruction shows what an earlier step gave."""

from decimal import Decimal

from batches import wording
from batches.limits import Parameter
from batches.recipe_check import errors
from batches.shipped import car_t
from tests.batches.engine import content, phase, step

ML = Parameter(key="first", label="Bag 1", unit="mL", decimals=2)
RECIPE = content(phase("A", step(1, ML), step(2, instruction="Draw up {s1.first} slowly.")))


def test_an_instruction_shows_the_value_that_stands_on_record_rounded_as_it_is_shown():
    told = wording.fill(RECIPE.steps[1].instruction, {"s1.first": (Decimal("4.125"), "mL")}, RECIPE)
    assert told == "Draw up 4.12 mL slowly."


def test_what_is_not_on_record_yet_reads_as_what_will_stand_there():
    told = wording.fill(RECIPE.steps[1].instruction, {}, RECIPE)
    assert told == "Draw up [Bag 1, step 1] slowly."


def test_a_name_that_no_step_asks_for_is_found_before_the_record_is_submitted():
    wrong = content(phase("A", step(1, ML), step(2, instruction="Draw up {s1.second}.")))
    assert [one for one in errors(wrong) if "s1.second" in one.english]


def test_the_shipped_record_tells_the_volumes_where_they_are_drawn_up():
    filling = next(s for s in car_t.content().steps if s.key == "fill_cells")
    assert wording.PLACE.findall(filling.instruction)[0] == ("dose_volumes", "first")
    assert not list(errors(car_t.content()))
