"""A batch's decisions: given what is on record, when somebody asks, then events or a no."""

from dataclasses import fields
from decimal import Decimal
from string import Formatter

import pytest

from batches import entering, overseeing, record
from batches.record_events import (
    Completed,
    EntryUnreadable,
    ExceptionAssessed,
    HoldLifted,
    HoldSet,
    LimitExceeded,
    LimitExplained,
    StepCompleted,
    StepCountersigned,
    StepVerified,
    ValueCorrected,
    ValueEntered,
    ValueRemeasured,
)
from ledger.event import Refused, event_types
from tests.batches.making import (
    BATCH,
    DARIO,
    HELENA,
    INGRID,
    MARTA,
    RECIPE,
    TOMAS,
    Making,
    refused,
)

WHY = "Thermometer was not settled"


@pytest.fixture
def making() -> Making:
    return Making().open()


def kinds(events) -> list[type]:
    return [type(event) for event in events]


def test_r14_a_batch_is_opened_on_an_approved_version_and_names_its_hash(making):
    (opened,) = making.events
    assert (opened.recipe, opened.version, opened.steps) == ("MBR-019", 1, 3)
    assert opened.content_sha256 == RECIPE.content_sha256


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"batch": "ct 1"}, "batch_number"),
        ({"purpose": "fun"}, "purpose"),
        ({"subject": ""}, "subject"),
        ({"subject": "John Smith", "is_kept": False}, "subject"),
        ({"purpose": "training"}, "subject"),
    ],
)
def test_a_batch_that_says_too_little_is_not_opened(change, code):
    asked = {"batch": BATCH, "purpose": "patient", "subject": "s-7Q2M9X4K", "is_kept": True}
    refused(code, overseeing.open_batch, record.INITIAL, RECIPE, **(asked | change))


def test_r14_no_batch_on_a_recipe_that_is_not_approved(making):
    from dataclasses import replace

    asked = {"batch": BATCH, "purpose": "training", "subject": "", "is_kept": False}
    draft = replace(RECIPE, approved=False)
    refused("recipe_not_approved", overseeing.open_batch, record.INITIAL, draft, **asked)
    refused("batch_number", overseeing.open_batch, making.state, RECIPE, **asked)


def test_r9_steps_come_in_their_order(making):
    no = refused("not_its_turn", making.done, 2)
    assert "The next step is 1 (Clear)" in str(no)
    making.done(1)
    no = refused("not_its_turn", making.done, 2)
    assert "Step 1 (Clear) must be verified before" in str(no)
    making.verify(1)
    refused("value_missing", making.done, 2)
    refused("already_completed", making.done, 1)
    refused("no_step", making.done, 4)


def test_a_value_within_limits_needs_no_words(making):
    making.up_to(2)
    assert kinds(making.enter(2, bath="37,10")) == [ValueEntered]
    (done,) = making.done(2)
    assert isinstance(done, StepCompleted)
    (entry,) = done.entries
    assert (str(entry.value), entry.unit, entry.attempt) == ("37.10", "°C", 1)


def test_r4_last_value_only_the_first_value_is_an_event_before_anything_is_asked(making):
    """Given 39.2 °C read first, when 37.1 is entered over it, then both stand, with the reason."""
    making.up_to(2)
    entered, exceeded = making.enter(2, bath="39.2")
    assert (entered.value, exceeded.value) == (Decimal("39.2"), Decimal("39.2"))
    assert exceeded.standing == "outside the acceptance criterion"
    assert exceeded.limit == "36.0 to 38.0 °C"
    no = refused("reason_missing", making.enter, 2, bath="37.1")
    assert "39.2 °C" in str(no) and "37.1 °C" in str(no), "even this attempt names both"
    (again,) = making.enter(2, bath="37.1", reason=WHY)
    assert isinstance(again, ValueRemeasured)
    assert (again.old, again.new, again.attempt) == (Decimal("39.2"), Decimal("37.1"), 2)
    assert kinds(making.done(2)) == [StepCompleted]
    assert sorted(making.state.exceptions) == [1, 2]


def test_r4_what_was_typed_and_is_no_number_is_kept(making):
    making.up_to(2)
    (unreadable,) = making.enter(2, bath="thirty-nine")
    assert isinstance(unreadable, EntryUnreadable)
    assert unreadable.typed == "thirty-nine"
    refused("value_missing", making.done, 2)


def test_r4_one_unreadable_value_does_not_lose_the_other(making):
    making.up_to(3)
    events = making.enter(3, bath="39.2", count="many")
    assert kinds(events) == [ValueEntered, LimitExceeded, EntryUnreadable]
    assert [e.exception for e in events[1:]] == [1, 2]


def test_r12_what_was_exceeded_is_kept_as_numbers_not_only_in_words(making):
    """Given a value beyond its limit, then the entry itself says which numbers bounded it: a rule
    that judges the record years later reads no sentence."""
    making.up_to(3)
    _bath, hot, _count, few = making.enter(3, bath="39.2", count="0.20")
    assert (hot.low, hot.high, hot.unit) == (Decimal("36.0"), Decimal("38.0"), "°C")
    assert (few.low, few.high) == (Decimal("1.00"), None)


def test_the_same_value_sent_again_changes_nothing(making):
    making.up_to(2)
    making.enter(2, bath="37.0")
    asked = {"batch": BATCH, "step": 2, "person": MARTA, "role": "operator", "reason": ""}
    assert entering.enter_values(making.state, RECIPE, typed={"bath": "37.00"}, **asked) == []
    with pytest.raises(Refused, match="does not ask for"):
        entering.enter_values(making.state, RECIPE, typed={"colour": "1"}, **asked)


@pytest.mark.parametrize("reason", ["", "again", ". .", "- again", "\u2026 !"])
def test_r4_dots_and_dashes_are_no_reason_to_replace_a_value(making, reason):
    making.up_to(2)
    making.enter(2, bath="38.4")
    refused("reason_missing", making.enter, 2, bath="37.0", reason=reason)
    assert making.state.step(2).readings["bath"].value == Decimal("38.4")


def test_r12_outside_the_normal_range_the_operator_says_why(making):
    making.up_to(2)
    making.enter(2, bath="37.8")
    no = refused("limit_unexplained", making.done, 2)
    assert "outside the normal operating range" in str(no)
    refused("reason_missing", making.explain, 2, "bath", role="operator", reason="fine")
    assert kinds(making.explain(2, "bath", role="operator", reason=WHY)) == [LimitExplained]
    refused("nothing_to_explain", making.explain, 2, "bath", role="operator", reason=WHY)
    making.done(2)


def test_r12_beyond_acceptance_the_supervisor_decides_and_quality_holds_the_batch(making):
    making.up_to(2)
    making.enter(2, bath="38.4")
    refused("supervisor_needed", making.explain, 2, "bath", role="operator", reason=WHY)
    explained, hold = making.explain(2, "bath", role="supervisor", reason=WHY)
    assert isinstance(explained, LimitExplained)
    assert (hold.kind, hold.step, hold.exception) == ("quality", 2, 2)
    making.done(2)
    making.verify(2)
    making.enter(3, bath="37.0", count="5"), making.done(3)
    assert kinds(making.close()) == [Completed], "a quality hold lets the cells move on"
    assert making.state.on_hold("quality")


def test_r8_the_second_person_is_another_human(making):
    making.done(1, by=MARTA)
    refused("same_person", making.verify, 1, by=MARTA)
    refused("wrong_role", making.verify, 1, by=MARTA, role="operator")
    assert kinds(making.verify(1, by=INGRID)) == [StepVerified]
    refused("not_waiting", making.verify, 1, by=TOMAS)
    refused("not_waiting", making.verify, 2, by=INGRID)


def test_r8_who_entered_a_value_does_not_verify_it(making):
    making.up_to(2)
    making.enter(2, bath="37.0", by=INGRID)
    making.done(2, by=MARTA)
    refused("same_person", making.verify, 2, by=INGRID)
    making.verify(2, by=TOMAS)


def test_performed_by_one_recorded_by_another_and_countersigned_later(making):
    """Given hands in the cabinet, when a colleague records, then the work goes on and the
    performer signs before the batch is closed."""
    (done,) = making.done(1, by=MARTA, recorded_by=TOMAS)
    assert (done.performed_by, done.recorded_by) == (MARTA, TOMAS)
    refused("same_person", making.verify, 1, by=TOMAS)
    making.verify(1, by=INGRID)
    for step, values in ((2, {"bath": "37"}), (3, {"bath": "37", "count": "5"})):
        making.enter(step, **values)
        making.done(step)
        if step == 2:
            making.verify(2)
    no = refused("countersignature", making.close)
    assert MARTA in str(no)
    refused("other_person", making.countersign, 1, by=TOMAS)
    assert kinds(making.countersign(1, by=MARTA)) == [StepCountersigned]
    refused("not_waiting", making.countersign, 1, by=MARTA)
    refused("not_waiting", making.countersign, 2, by=MARTA)
    making.close()


def test_r4_a_correction_keeps_old_and_new_and_is_verified_again(making):
    making.up_to(3)
    (corrected,) = making.correct(2, "bath", "37.3", reason="Read the printout instead")
    assert isinstance(corrected, ValueCorrected)
    assert (corrected.old, corrected.new) == (Decimal("37.0"), Decimal("37.3"))
    no = refused("not_its_turn", making.enter, 3, bath="37")
    assert "must be verified" in str(no)
    making.verify(2)
    making.enter(3, bath="37")


def test_r4_a_correction_out_of_limits_is_explained_before_the_batch_is_closed(making):
    making.up_to(4)
    assert kinds(making.correct(2, "bath", "37.9", reason="Misread the scale")) == [
        ValueCorrected,
        LimitExceeded,
    ]
    making.verify(2)
    refused("limit_unexplained", making.close)
    making.explain(2, "bath", role="operator", reason=WHY)
    making.close()


@pytest.mark.parametrize(
    ("step", "typed", "reason", "code"),
    [
        (2, "37.3", "typo", "reason_missing"),
        (2, "37.3", ". .", "reason_missing"),
        (2, "37.3", "typo -", "reason_missing"),
        (2, "37.00", "Read it again", "no_change"),
        (2, "warm", "Read it again", "no_change"),
        (3, "37.3", "Read it again", "not_performed"),
    ],
)
def test_r4_a_correction_that_says_nothing_is_refused(making, step, typed, reason, code):
    making.up_to(3)
    refused(code, making.correct, step, "bath", typed, reason=reason)


def test_a_process_hold_stops_the_work_and_a_quality_hold_does_not(making):
    assert kinds(making.hold("process")) == [HoldSet]
    refused("on_hold", making.done, 1)
    refused("no_change", making.hold, "process")
    refused("hold_kind", making.hold, "coffee")
    refused("reason_missing", making.hold, "quality", "why")
    refused("wrong_role", making.lift, 1, role="operator")
    assert kinds(making.lift(1, role="supervisor")) == [HoldLifted]
    making.hold("quality")
    making.done(1)
    refused("wrong_role", making.lift, 2, role="supervisor")
    making.lift(2, role="qa_reviewer")
    refused("no_hold", making.lift, 2, role="qa_reviewer")


def test_r15_every_departure_is_assessed_by_somebody_who_had_no_hand_in_it(making):
    making.up_to(2)
    making.enter(2, bath="39.2")
    making.enter(2, bath="37.1", reason=WHY)
    refused("same_person", making.assess, 1, by=MARTA)
    refused("reason_missing", making.assess, 1, reason="ok")
    refused("no_exception", making.assess, 9)
    assert kinds(making.assess(1)) == [ExceptionAssessed]
    refused("no_exception", making.assess, 1)
    assert not making.state.exceptions[2].assessed


def test_r8_who_worked_on_a_step_does_not_close_the_batch(making):
    refused("steps_left", making.close)
    making.up_to(4)
    for person in (MARTA, INGRID):
        refused("same_person", making.close, by=person)
    (closed,) = making.close(by=DARIO)
    assert (closed.steps, closed.exceptions) == (3, 0)
    refused("batch_completed", making.close, by=DARIO)
    refused("batch_completed", making.enter, 3, bath="37")
    refused("batch_completed", making.correct, 2, "bath", "36.9", reason="Read it again")


def test_a_batch_that_is_not_there_is_refused():
    making = Making()
    refused("no_batch", making.done, 1)
    refused("no_batch", making.assess, 1, by=HELENA)
    refused("no_batch", making.lift, 1, role="supervisor")
    with pytest.raises(ValueError, match="does not know"):
        record.evolve(record.INITIAL, object())


def test_every_sentence_of_the_room_can_be_filled(making):
    making.up_to(2)
    making.enter(2, bath="x")
    making.enter(2, bath="39.2")
    making.enter(2, bath="38.5", reason=WHY)
    making.explain(2, "bath", role="supervisor", reason=WHY)
    making.done(2, by=MARTA, recorded_by=TOMAS)
    making.verify(2)
    making.correct(2, "bath", "37.0", by=TOMAS, reason=WHY)
    making.countersign(2, by=MARTA)
    making.verify(2)
    making.lift(1, role="qa_reviewer")
    making.assess(1)
    making.enter(3, bath="37", count="5"), making.done(3)
    making.close()
    by_class = {kind.cls: kind for kind in event_types().values()}
    for kind in event_types().values():
        asked = {name for _text, name, *_rest in Formatter().parse(kind.sentence) if name}
        assert asked <= {field.name for field in fields(kind.cls)}, kind.name
    for event in making.events:
        sentence = by_class[type(event)].sentence_of(event)
        assert BATCH in sentence and "{" not in sentence
