"""R14, R12: the master batch records that come with Lotbook, and one run of the first."""

import re
from decimal import Decimal

import pytest

from batches import formula, recipe_check
from batches.limits import NUMERIC, ParameterKind, Standing, judge, read_number
from batches.recipe_content import StepKind
from batches.recipe_json import content_sha256, from_json, to_json
from batches.replicates import summarise
from batches.shipped import car_t, cartilage, til
from batches.shipped.supplies import BY_ITEM, SUPPLIES
from equipment.room import GRADES
from equipment.unit import UNIT_CLASSES
from tests.batches import car_t_day as day
from tests.batches.making import drafted

SHIPPED = {"car_t": car_t, "til": til, "cartilage": cartilage}
every = pytest.mark.parametrize("record", SHIPPED.values(), ids=SHIPPED)


def of_kind(content, kind):
    return [(s, p) for s in content.steps for p in s.parameters if p.kind == kind]


@every
def test_r14_a_shipped_record_has_60_to_150_steps_and_nothing_wrong_with_it(record):
    content = record.content()
    assert 60 <= len(content.steps) <= 150
    assert [str(one.english) for one in recipe_check.findings(content)] == []
    assert drafted(recipe=record.RECIPE, content=content).content_sha256


@every
def test_r14_a_shipped_record_is_the_same_after_export_and_import(record):
    content = record.content()
    assert from_json(to_json(content)) == content
    assert content_sha256(record.content()) == content_sha256(content)


@every
def test_a_shipped_record_names_its_sources_and_says_whose_choice_a_figure_is(record):
    header = record.content().header
    named = [source for source in header.sources if "doi:10." in source]
    assert len(named) >= 4
    assert all(re.search(r"\b(19|20)\d\d[;:]", source) for source in named)
    assert "own" in header.sources[-1] and "alidated for no site" in header.sources[-1].replace(
        "\n", " "
    )
    first_authors = {source.split()[0] for source in named}
    cited = {
        name
        for step in record.content().steps
        for name in re.findall(r"([A-ZÄÖÜ][\w-]+) (?:19|20)\d\d", step.instruction)
        if name not in {"Published"}
    }
    assert cited and cited <= first_authors


@every
def test_a_shipped_record_uses_what_it_lists_and_lists_what_it_uses(record):
    content = record.content()
    for kind, lines in (
        (ParameterKind.MATERIAL, content.materials),
        (ParameterKind.LABEL, [one for one in content.labels if one.kind != "sample"]),
        (ParameterKind.SAMPLE, [one for one in content.labels if one.kind == "sample"]),
        (ParameterKind.ROOM, content.rooms),
    ):
        needed = {p.needs for _step, p in of_kind(content, kind)}
        assert needed == {one.key for one in lines}, kind
    scanned = {p.needs for _step, p in of_kind(content, ParameterKind.EQUIPMENT)}
    assert {one.key for one in content.equipment} - scanned <= {"cabinet"}  # by its workstation
    for line in content.materials:
        assert line.unit == BY_ITEM[line.item].unit, line.key


@every
def test_the_bill_of_materials_adds_up_to_what_the_steps_take(record):
    content = record.content()
    for line in content.materials:
        if not line.quantity:
            continue
        taken = sum(
            Decimal(p.quantity)
            for _step, p in of_kind(content, ParameterKind.MATERIAL)
            if p.needs == line.key
        )
        assert taken == Decimal(line.quantity), line.key


@every
def test_a_room_is_entered_by_its_line_clearance_before_anything_is_done_in_it(record):
    content, entered = record.content(), set()
    for part in content.unit_procedures:
        for operation in part.operations:
            for step in (step for phase in operation.phases for step in phase.steps):
                entered |= {p.needs for p in step.parameters if p.kind == "room"}
                assert operation.room in entered, step.key
                if any(p.kind == "room" for p in step.parameters):
                    assert step.kind == StepKind.LINE_CLEARANCE and step.verifies


@every
def test_r11_the_patients_material_is_scanned_and_open_handling_is_in_the_aseptic_room(record):
    content = record.content()
    for part in content.unit_procedures:
        for operation in part.operations:
            for step in (step for phase in operation.phases for step in phase.steps):
                assert not step.open_handling or operation.room == "aseptic", step.key
                if step.patient_material:
                    assert step.parameters[0].kind == ParameterKind.IDENTITY, step.key
                if step.kind == StepKind.IDENTITY:
                    assert step.patient_material, step.key


@every
def test_the_shipped_records_leave_no_feature_unused(record):
    content = record.content()
    assert {phase.after is not None for phase in content.phases} == {True, False}
    assert any(phase.after == [] for phase in content.phases)
    assert any(phase.repeats and not phase.rework for phase in content.phases)
    assert any(phase.rework for phase in content.phases)
    steps = content.steps
    assert any(s.only_if for s in steps) and any(s.may_skip for s in steps)
    assert any(s.witness for s in steps) and any(s.verifies for s in steps)
    assert any(s.blocks for s in steps)
    asked = {p.kind for s in steps for p in s.parameters}
    assert asked == set(ParameterKind)
    assert any(p.check == "second_entry" for s in steps for p in s.parameters)
    assert any(p.proven.low is not None for s in steps for p in s.parameters)
    assert content.hold_times and content.yields and content.staffing


def test_who_works_on_a_step_does_not_close_the_batch_so_the_supervisor_has_no_step():
    """One supervisor is enough: whoever performed, verified or watched a step closes no batch."""
    for record in SHIPPED.values():
        content = record.content()
        for step in content.steps:
            assert "supervisor" not in (step.performs, step.verifies, step.witness), step.key
        (staff,) = (one.people for one in content.staffing if one.role == "supervisor")
        assert staff == 1


def test_every_supply_and_place_is_one_that_the_registers_know():
    assert len(BY_ITEM) == len(SUPPLIES)
    for record in SHIPPED.values():
        content = record.content()
        assert {one.unit_class for one in content.equipment} <= set(UNIT_CLASSES)
        assert {one.grade for one in content.rooms} <= set(GRADES)


def middle(parameter):
    """Its target, or the middle of the tightest range that it has."""
    if parameter.target is not None:
        return parameter.target
    for ends in (parameter.normal, parameter.proven, parameter.acceptance):
        if ends.low is not None and ends.high is not None:
            return (ends.low + ends.high) / 2
    return Decimal(1)


def read(parameter, text):
    """What the record keeps of what was typed."""
    if parameter.kind == ParameterKind.REPLICATE:
        counts = [Decimal(part) for part in text.split(";")]
        mean, cv = summarise(counts)
        assert len(counts) == parameter.replicates and cv <= parameter.cv_limit
        return mean * parameter.dilution
    return read_number(text)


def played(content, answers, skipped=frozenset(), values=None):
    """Every value of one run, each inside its limits, formulas worked out on the way."""
    values, skip = dict(values or {}), set()
    for step in content.steps:
        if step.only_if and not formula.holds(step.only_if, values):
            skip.add(step.key)
            continue
        for asked in step.parameters:
            name = f"{step.key}.{asked.key}"
            if asked.kind == ParameterKind.CALCULATION:
                value = formula.number(asked.formula, values, asked.unit)
            elif asked.kind in NUMERIC:
                text = answers.get(step.key, {}).get(asked.key)
                value = middle(asked) if text is None else read(asked, text)
            else:
                text = answers.get(step.key, {}).get(asked.key)
                first = (asked.accepted or asked.choices or [""])[0]
                values[name] = (text if isinstance(text, str) else first, "")
                continue
            assert judge(asked, value) is Standing.WITHIN, (name, value)
            assert asked.plausible.holds(value), (name, value)
            values[name] = (value, asked.unit)
    assert skip == set(skipped)
    return values


@pytest.mark.parametrize(
    ("record", "answers", "skipped"),
    [
        (til, {"feed": {"day": "9"}},
         {"feed_control"}),
        (cartilage, {"mature_change": {"day": "4"}, "first_look": {"cover": "50"},
                     "second_look": {"cover": "50"}}, {"mature_sample"}),
    ],
    ids=["til", "cartilage"],
)  # fmt: skip
def test_r12_at_the_targets_every_formula_comes_out_within_its_limits(record, answers, skipped):
    values = played(record.content(), answers, skipped)
    assert any(unit == "%" for _value, unit in values.values())


def test_r12_the_good_run_is_within_limits_and_its_calculations_are_those_that_are_told():
    content = car_t.content()
    values = played(content, day.ANSWERS, day.SKIPPED)
    cents = Decimal("0.01")
    found = {
        f"{step.key}.{p.key}": values[f"{step.key}.{p.key}"][0].quantize(cents)
        for step, p in of_kind(content, ParameterKind.CALCULATION)
    }
    assert found == {name: Decimal(text).quantize(cents) for name, text in day.CALCULATED.items()}
    again = played(content, {**day.ANSWERS, **day.AGAIN}, day.SKIPPED)
    for name, text in day.CALCULATED_AGAIN.items():
        assert again[name][0].quantize(cents) == Decimal(text)


def test_the_good_run_answers_every_parameter_that_is_asked_and_no_other():
    content = car_t.content()
    for step in content.steps:
        if step.key in day.SKIPPED:
            continue
        asked = {p.key for p in step.parameters if p.kind != ParameterKind.CALCULATION}
        assert set(day.ANSWERS[step.key]) == asked, step.key
        for asked_for in step.parameters:
            answer = day.ANSWERS[step.key].get(asked_for.key)
            if asked_for.kind == ParameterKind.CHOICE:
                assert answer in (asked_for.accepted or asked_for.choices), step.key
            if asked_for.kind == ParameterKind.LABEL:
                assert answer.needs == asked_for.needs, step.key
    assert set(day.TYPED) | set(day.AGAIN) <= {step.key for step in content.steps}
    assert {step.performs for step in content.steps} == {"operator"}
    (phase,) = (one for one in content.phases if one.key == day.REPEATED_PHASE)
    assert set(day.AGAIN) <= {step.key for step in phase.steps} and phase.repeats


def test_each_mark_of_the_run_suits_the_step_that_it_names():
    steps = {step.key: step for step in car_t.content().steps}

    def standing(mark):
        (asked,) = (p for p in steps[mark.step].parameters if p.key == mark.parameter)
        value = Decimal(mark.typed)
        return judge(asked, value), asked.plausible.holds(value)

    found = [standing(mark) for mark in day.OUT_OF_LIMIT]
    assert found == [(Standing.OUTSIDE_NORMAL, True), (Standing.OUTSIDE_ACCEPTANCE, True)]
    assert standing(day.TYPO) == (Standing.WITHIN, True)
    assert standing(day.IMPLAUSIBLE)[1] is False
    assert standing(day.CORRECTION) == (Standing.WITHIN, True)
    assert not steps[day.CORRECTION.step].critical
    assert steps[day.NOT_APPLICABLE.step].may_skip
    assert all(steps[key].scribe and steps[key].open_handling for key in day.SCRIBED)
    (unit,) = (
        p for p in steps[day.OVERRIDDEN.step].parameters if p.key == day.OVERRIDDEN.parameter
    )
    assert (unit.kind, unit.needs) == (ParameterKind.EQUIPMENT, "balance")
    assert steps[day.SECOND_PERSON_REFUSED.step].verifies == "verifier"
    assert {day.LATE.step, day.HANDOVER.step} <= set(steps)
