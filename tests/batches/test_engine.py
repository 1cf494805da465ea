"""P11-10f, R9: whose turn it is, what is skipped, done again, timed; parallel phases."""

from decimal import Decimal

import pytest

from batches import course, timing
from batches.limits import Parameter, Range
from batches.recipe_content import HoldTime
from tests.batches.engine import BATCH, DARIO, HELENA, INGRID, MARTA, Engine, content, phase, step
from tests.batches.making import refused

COUNT = Parameter(key="count", label="Count", unit="10⁶ cells/mL", target=Decimal("2.0"),
                  normal=Range(low=Decimal("1.0")), acceptance=Range(low=Decimal("0.5")),
                  plausible=Range(low=Decimal("0"), high=Decimal("50")))  # fmt: skip
VOLUME = Parameter(key="ml", label="Volume", unit="mL")
TOTAL = Parameter(key="total", label="Total", unit="10⁶ cells", kind="calculation",
                  formula="s1.count * s1.ml", formula_version=3,
                  acceptance=Range(low=Decimal("50")))  # fmt: skip


def kinds(events):
    return [type(event).__name__ for event in events]


def test_p11_10f_two_phases_run_side_by_side_and_a_third_waits_for_both():
    batch = Engine(content(
        phase("A", step(1), step(2)), phase("B", step(3), after=[]),
        phase("C", step(4), after=["a", "b"]),
    ))  # fmt: skip
    assert batch.due == [1, 3]
    batch.done(3)
    refused("not_its_turn", batch.done, 4)
    batch.done(1), batch.done(2)
    assert batch.due == [4]


def test_p11_10f_a_step_waits_for_the_verification_of_the_one_before_it_in_its_phase():
    batch = Engine(content(phase("A", step(1, verifies="verifier"), step(2))))
    batch.done(1)
    refused("not_its_turn", batch.done, 2)
    batch.verify(1)
    assert batch.due == [2]


def test_a_calculated_value_follows_its_inputs_with_units_and_its_formulas_version():
    batch = Engine(content(phase("A", step(1, COUNT, VOLUME), step(2, TOTAL))))
    batch.enter(1, count="2.0", ml="100")
    batch.done(1)
    (calculated,) = batch.enter(2)
    assert (calculated.value, calculated.formula_version) == (Decimal("200"), 3)
    assert batch.done(2)[0].entries[0].value == Decimal("200")


def test_a_calculated_value_outside_its_acceptance_is_judged():
    batch = Engine(content(phase("A", step(1, COUNT, VOLUME), step(2, TOTAL))))
    batch.enter(1, count="1.0", ml="10")
    batch.done(1)
    assert kinds(batch.enter(2)) == ["ValueCalculated", "LimitExceeded"]
    refused("limit_unexplained", batch.done, 2)


def test_a_correction_calculates_anew_what_rested_on_the_value():
    from batches import entering, working

    batch = Engine(content(phase("A", step(1, COUNT, VOLUME), step(2, TOTAL))))
    batch.enter(1, count="2.0", ml="100")
    batch.done(1), batch.enter(2), batch.done(2)
    batch.keep(entering.correct_value(
        batch.state, batch.recipe, batch=BATCH, step=1, parameter="count", typed="2.5",
        person=MARTA, role="operator", reason="Read off the wrong line",
    ))  # fmt: skip
    made = batch.keep(course.recalculate(batch.state, batch.recipe, works=working.works))
    assert kinds(made) == ["ValueRecalculated"] and batch.value(2, "total") == Decimal("250")
    assert made[0].old == Decimal("200")


def test_r4_an_absurd_value_is_kept_and_does_not_count_until_it_is_typed_again():
    batch = Engine(content(phase("A", step(1, COUNT))))
    (kept,) = batch.enter(1, count="200")
    assert type(kept).__name__ == "ValueImplausible" and kept.value == 200
    refused("value_missing", batch.done, 1)
    assert kinds(batch.enter(1, count="20.0")) == ["ValueEntered"]


def test_r4_an_absurd_value_that_is_really_so_is_typed_a_second_time():
    batch = Engine(content(phase("A", step(1, COUNT))))
    batch.enter(1, count="200")
    assert kinds(batch.enter(1, count="200")) == ["ValueEntered"]


def test_a11_6_a_critical_entry_is_read_by_a_second_person():
    wanted = Parameter(key="kg", label="Weight", unit="kg", check="second_person")
    batch = Engine(content(phase("A", step(1, wanted))))
    batch.enter(1, kg="71.5")
    refused("second_entry", batch.done, 1)
    refused("same_person", batch.enter, 1, kg="71.5")
    batch.enter(1, kg="71.5", by=DARIO)
    assert kinds(batch.done(1)) == ["StepCompleted"]


def test_a_typo_is_put_right_in_one_go_and_kept_as_an_observation():
    from batches import entering

    batch = Engine(content(phase("A", step(1, COUNT))))
    batch.enter(1, count="2.2")
    asked = {"batch": BATCH, "step": 1, "parameter": "count", "person": MARTA, "role": "operator"}
    (slip,) = batch.keep(entering.correct_typo(batch.state, batch.recipe, typed="2.3", **asked))
    assert (slip.old, slip.new) == ("2.2", "2.3") and batch.value(1, "count") == Decimal("2.3")
    other = asked | {"person": DARIO}
    refused("not_own_entry", entering.correct_typo, batch.state, batch.recipe, typed="2.4", **other)


def test_r4_what_is_beyond_acceptance_is_no_typo():
    from batches import entering

    batch = Engine(content(phase("A", step(1, COUNT))))
    batch.enter(1, count="0.2")
    asked = {"batch": BATCH, "step": 1, "parameter": "count", "person": MARTA, "role": "operator"}
    refused("too_grave", entering.correct_typo, batch.state, batch.recipe, typed="2.0", **asked)


def test_a_step_whose_condition_fails_is_skipped_by_the_recipes_own_rule():
    batch = Engine(content(phase(
        "A", step(1, COUNT), step(2, only_if="s1.count < 1.5"), step(3)
    )))  # fmt: skip
    batch.enter(1, count="2.0")
    assert kinds(batch.done(1)) == ["StepCompleted"], "units do not fit: the step stands"
    batch = Engine(content(phase(
        "A", step(1, COUNT, VOLUME), step(2, only_if="s1.ml < s1.ml / 2.0"), step(3)
    )))  # fmt: skip
    batch.enter(1, count="2.0", ml="10")
    assert kinds(batch.done(1)) == ["StepCompleted", "StepSkipped"] and batch.due == [3]


def test_not_applicable_is_for_steps_the_recipe_lets_go():
    batch = Engine(content(phase("A", step(1, may_skip=True), step(2))))
    assert kinds(batch.skip(1)) == ["StepNotApplicable"] and batch.due == [2]
    refused("not_optional", batch.skip, 2)


def test_a_repeated_step_gets_a_number_of_its_own_and_no_more_than_allowed():
    batch = Engine(content(phase("A", step(1, COUNT, repeats=1), step(2))))
    batch.enter(1, count="2.0"), batch.done(1)
    (again,) = batch.repeat(1)
    assert again.becomes == [3] and batch.due == [3], "it comes before step 2"
    batch.enter(3, count="3.0"), batch.done(3)
    assert batch.due == [2]
    assert course.values(batch.state, batch.recipe)["s1.count"][0] == Decimal("3.0")
    refused("no_more_repeats", batch.repeat, 1)


def test_a_rework_of_a_phase_is_started_by_quality_assurance():
    batch = Engine(
        content(phase("A", step(1), step(2), repeats=1, rework=True), phase("B", step(3)))
    )
    batch.done(1), batch.done(2)
    refused("rework", batch.repeat, 1)
    batch.repeat(1, role="qa_reviewer")
    assert batch.due == [4]
    batch.done(4), batch.done(5)
    assert batch.due == [3]


@pytest.mark.parametrize(
    ("minutes", "made"), [(29, ["HoldTimeEnded"]), (31, ["HoldTimeEnded", "HoldTimeExceeded"])]
)
def test_a_hold_time_runs_from_step_to_step_on_the_servers_clock(minutes, made):
    hold = HoldTime(key="dmso", title="DMSO", from_step="s1", to_step="s2", limit="30", warn="20")
    batch = Engine(content(phase("A", step(1), step(2)), hold_times=[hold]))
    (_done, started) = batch.done(1)
    assert started.due_at > started.warn_at > started.at
    batch.later(minutes)
    assert kinds(batch.done(2))[1:] == made


def test_a_hold_time_that_passed_is_on_record_before_anybody_comes_back():
    hold = HoldTime(key="dmso", title="DMSO", from_step="s1", to_step="s2", limit="30")
    batch = Engine(content(phase("A", step(1), step(2)), hold_times=[hold]))
    batch.done(1)
    assert not course.passed(batch.state, batch.recipe, at=batch.later(29).now)
    (passed,) = course.passed(batch.state, batch.recipe, at=batch.later(2).now)
    batch.keep([course.exceeded(batch.state, passed, step=1)])
    assert not course.passed(batch.state, batch.recipe, at=batch.now), "noted once"
    assert "HoldTimeExceeded" not in kinds(batch.done(2)), "and not again at its end"


@pytest.mark.parametrize("minutes", [20, 40])
def test_a_hold_time_whose_first_step_is_done_again_begins_anew_and_says_so(minutes):
    """Given a hold time runs, when the step that it began with is repeated, then what it had come
    to stands, passed or not; the new clock is told as an exception, and has its own end."""
    hold = HoldTime(key="dmso", title="DMSO", from_step="s1", to_step="s2", limit="30")
    batch = Engine(content(phase("A", step(1, repeats=2), step(2)), hold_times=[hold]))
    batch.done(1)
    batch.later(5).repeat(1)
    made = batch.later(minutes).done(3)[1:]
    passed = ["HoldTimeExceeded"] if minutes > 30 else []
    assert kinds(made) == ["HoldTimeEnded", *passed, "HoldTimeRestarted", "HoldTimeStarted"]
    assert made[0].minutes == made[-2].minutes == minutes + 5
    assert made[-2].exception == len(batch.state.exceptions)
    batch.later(29).done(2)
    assert kinds(batch.events)[-1] == "HoldTimeEnded", "the second one did not pass"


def test_two_hold_times_that_pass_at_one_step_are_two_exceptions():
    holds = [HoldTime(key=key, title=key, from_step="s1", to_step="s2", limit="5") for key in "ab"]
    batch = Engine(content(phase("A", step(1), step(2)), hold_times=holds))
    batch.done(1)
    passed = [one for one in batch.later(9).done(2) if type(one).__name__ == "HoldTimeExceeded"]
    assert [one.exception for one in passed] == [1, 2]


def test_a_hold_time_of_a_phase_that_is_done_again_ended_and_runs_once_more():
    """Given it had ended, then a second doing is no restart."""
    hold = HoldTime(key="dmso", title="DMSO", from_step="s1", to_step="s2", limit="30")
    batch = Engine(content(phase("A", step(1), step(2), repeats=1), hold_times=[hold]))
    batch.done(1), batch.done(2)
    batch.repeat(1)
    assert kinds(batch.done(3))[1:] == ["HoldTimeStarted"]


@pytest.mark.parametrize(("minutes", "exceeded"), [(1, True), (3, False), (9, True)])
def test_a_timer_is_judged_by_the_minutes_of_the_servers_clock(minutes, exceeded):
    timer = Parameter(
        key="spin", label="Spin", kind="timer", minimum=Decimal(2), maximum=Decimal(5)
    )
    batch = Engine(content(phase("A", step(1, timer))))
    asked = {"step": 1, "parameter": "spin", "person": MARTA}
    batch.keep(timing.start(batch.state, batch.recipe, at=batch.now, **asked))
    refused("timer_runs", batch.done, 1)
    batch.later(minutes)
    made = batch.keep(timing.stop(batch.state, batch.recipe, at=batch.now, **asked))
    assert ("LimitExceeded" in kinds(made)) is exceeded
    assert batch.value(1, "spin") == Decimal(minutes)


def test_r8_who_started_the_timer_worked_on_the_step_though_another_stopped_it():
    """Given one person starts a timer and another stops it, then neither verifies the step."""
    timer = Parameter(key="spin", label="Spin", kind="timer", maximum=Decimal(5))
    batch = Engine(content(phase("A", step(1, timer, verifies="verifier"))))
    asked = {"step": 1, "parameter": "spin"}
    start = timing.start(batch.state, batch.recipe, at=batch.now, person=INGRID, **asked)
    batch.keep(start)
    stop = timing.stop(batch.state, batch.recipe, at=batch.now, person=MARTA, **asked)
    batch.keep(stop)
    batch.done(1)
    refused("same_person", batch.verify, 1, by=INGRID)
    batch.verify(1, by=HELENA)


def test_replicates_are_averaged_and_counts_that_lie_apart_are_beyond_acceptance():
    wanted = Parameter(key="n", label="Cells", unit="cells/mL", kind="replicate", replicates=3,
                       dilution=Decimal(10), cv_limit=Decimal(10))  # fmt: skip
    batch = Engine(content(phase("A", step(1, wanted))))
    few = refused("replicates", batch.enter, 1, n="1; 2")
    assert "3 counts, each a number by itself" in str(few)
    assert kinds(batch.enter(1, n="1; 2; 3")) == [
        "ReplicatesCounted", "ValueEntered", "LimitExceeded"]  # fmt: skip
    refused("limit_unexplained", batch.done, 1)
    batch.enter(1, n="2.0; 2.1; 1.9", reason="Mixed and counted anew")
    assert batch.value(1, "n") == Decimal("20") and kinds(batch.done(1)) == ["StepCompleted"]


def test_a_choice_that_is_not_accepted_is_a_departure_of_its_step():
    wanted = Parameter(key="look", label="Look", kind="choice", choices=["clear", "turbid"],
                       accepted=["clear"])  # fmt: skip
    batch = Engine(content(phase("A", step(1, wanted, exception_class="critical"))))
    refused("choice", batch.enter, 1, look="blue")
    _entered, departed = batch.enter(1, look="turbid")
    assert (departed.severity, departed.words) == ("critical", "turbid")
    assert batch.done(1)[0].answers[0].value == "turbid"
