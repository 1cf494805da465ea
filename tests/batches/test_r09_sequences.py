"""R9: no order of asking leads a batch to an illegal record, or loses a value."""

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from batches.record_events import (
    ExceptionAssessed,
    StepCompleted,
    ValueCorrected,
    ValueEntered,
    ValueRemeasured,
)
from ledger.event import Refused
from tests.batches.making import DARIO, HELENA, INGRID, MARTA, TOMAS, Making

VALUES = st.sampled_from(["37.0", "37.8", "39.2", "36", "x", ""])
PEOPLE = st.sampled_from([MARTA, TOMAS, INGRID, DARIO, HELENA])
REASONS = st.sampled_from(["", "Read it again"])
STEPS = st.integers(0, 4)
ASKED = st.one_of(
    st.tuples(
        st.just("enter"),
        st.tuples(STEPS),
        st.fixed_dictionaries({"bath": VALUES, "by": PEOPLE, "reason": REASONS}),
    ),
    st.tuples(
        st.just("enter"),
        st.just((3,)),
        st.fixed_dictionaries({"bath": VALUES, "count": VALUES, "by": PEOPLE, "reason": REASONS}),
    ),
    st.tuples(
        st.just("explain"),
        st.tuples(STEPS, st.sampled_from(["bath", "count"])),
        st.fixed_dictionaries(
            {"role": st.sampled_from(["operator", "supervisor"]), "reason": REASONS}
        ),
    ),
    st.tuples(
        st.just("done"),
        st.tuples(STEPS),
        st.fixed_dictionaries({"by": PEOPLE, "recorded_by": PEOPLE}),
    ),
    st.tuples(st.just("verify"), st.tuples(STEPS), st.fixed_dictionaries({"by": PEOPLE})),
    st.tuples(st.just("countersign"), st.tuples(STEPS), st.fixed_dictionaries({"by": PEOPLE})),
    st.tuples(
        st.just("correct"),
        st.tuples(STEPS, st.just("bath"), VALUES),
        st.fixed_dictionaries({"by": PEOPLE, "reason": REASONS}),
    ),
    st.tuples(st.just("hold"), st.tuples(st.sampled_from(["process", "quality"])), st.just({})),
    st.tuples(
        st.just("lift"),
        st.tuples(st.integers(1, 3)),
        st.fixed_dictionaries({"role": st.sampled_from(["supervisor", "qa_reviewer"])}),
    ),
    st.tuples(
        st.just("assess"), st.tuples(st.integers(1, 4)), st.fixed_dictionaries({"by": PEOPLE})
    ),
    st.tuples(st.just("close"), st.just(()), st.fixed_dictionaries({"by": PEOPLE})),
)


BEGUN = st.integers(1, 4)
ORDERS = st.lists(ASKED, max_size=40)


@settings(max_examples=1000, deadline=None)
@given(BEGUN, ORDERS)
def test_r9_no_order_of_asking_leads_to_an_illegal_record(begun, asked):
    """Steps stand in order, verified by others; no value vanishes; numbers are gapless.

    `manage.py bench sequences` tries ten times as many.
    """
    try_order(begun, asked)


def try_order(begun, asked) -> None:
    """Ask in this order, and look at the record after each answer."""
    making = Making().open().up_to(begun)
    for name, args, request in asked:
        try:
            getattr(making, name)(*args, **request)
        except (Refused, AssertionError):
            continue  # a no, or nothing to record
        _legal(making)


def _legal(making: Making) -> None:
    state, events = making.state, making.events
    performed = [n for n in (1, 2, 3) if state.step(n).performed_by]
    assert performed == list(range(1, len(performed) + 1))
    for number in performed:
        step = state.step(number)
        assert step.verified_by not in {step.performed_by, step.recorded_by, *step.hands}
    done = [event.step for event in events if isinstance(event, StepCompleted)]
    assert len(set(done)) == len(done)
    raised = [
        event.exception
        for event in events
        if hasattr(event, "exception") and not isinstance(event, ExceptionAssessed)
    ]
    assert raised == list(range(1, len(raised) + 1)), "every departure has its number"
    _no_value_vanished(events)
    if state.completed:
        assert performed == [1, 2, 3]
        assert not any(state.step(n).awaits_countersignature for n in performed)


def _no_value_vanished(events) -> None:
    """Every change starts from the value before it, so the chain leads back to the first."""
    last: dict[tuple[int, str], Decimal] = {}
    for event in events:
        if isinstance(event, ValueEntered):
            assert (event.step, event.parameter) not in last
            last[event.step, event.parameter] = event.value
        elif isinstance(event, ValueRemeasured | ValueCorrected):
            assert last[event.step, event.parameter] == event.old != event.new
            last[event.step, event.parameter] = event.new
