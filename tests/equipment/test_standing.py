"""A unit's standing: qualified, calibrated, clean, claimed, and what stops its use."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipment import unit as units
from equipment import unit_use
from equipment.unit import Registered, TakenOutOfService
from equipment.unit_standing import (
    SHARED,
    Calibrated,
    CalibrationFailed,
    Claimed,
    Cleaned,
    Qualified,
    Released,
    demands,
    hindrances,
)
from ledger.event import Refused, fold

AT = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)
REGISTERED = Registered(
    unit="CF-02", label="Cell centrifuge", unit_class="centrifuge", location="R"
)
QUALIFIED = Qualified(unit="CF-02", done_on="2026-01-02", until="2027-01-01", certificate="QR-1")
CALIBRATED = Calibrated(unit="CF-02", done_on="2026-05-02", until="2026-11-23", certificate="C-1")
CLEANED = Cleaned(unit="CF-02", agent="ethanol", until="2026-11-23T10:00:00Z")
READY = (REGISTERED, QUALIFIED, CALIBRATED, CLEANED)
CLAIMED = Claimed(unit="CF-02", batch="CT-0421")


def centrifuge(*events: object) -> units.Unit:
    return fold(units.INITIAL, units.evolve, events)


def codes(state: units.Unit, *, batch: str = "CT-0421", at: datetime = AT) -> list[str]:
    facts = unit_use.facts_of(state, "CF-02")
    return [no.code for no in hindrances(facts, batch=batch, day=at.date(), at=at)]


def test_a_unit_that_has_everything_is_claimed_on_its_last_day_and_last_minute():
    claimed = unit_use.claim(centrifuge(*READY), unit="CF-02", batch="CT-0421", day=TODAY, at=AT)
    assert claimed == [CLAIMED]


@pytest.mark.parametrize(
    ("events", "code"),
    [
        ((), "not_registered"),
        ((*READY, TakenOutOfService(unit="CF-02")), "out_of_service"),
        ((REGISTERED, CALIBRATED, CLEANED), "not_qualified"),
        ((REGISTERED, QUALIFIED, CLEANED), "calibration_due"),
        ((REGISTERED, QUALIFIED, CALIBRATED), "not_clean"),
        ((*READY, Claimed(unit="CF-02", batch="CT-0007")), "unit_in_use"),
        (
            (*READY, CalibrationFailed(unit="CF-02", done_on="2026-11-20", certificate="C-2")),
            "calibration_due",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_r10_each_thing_that_lacks_stops_a_claim_alone_and_in_its_own_sentence(events, code):
    state = centrifuge(*events)
    assert codes(state) == [code]
    with pytest.raises(Refused) as no:
        unit_use.claim(state, unit="CF-02", batch="CT-0421", day=TODAY, at=AT)
    assert no.value.code == code
    assert "CF-02" in str(no.value)


def test_a_due_date_passes_by_a_day_and_a_hold_time_by_a_second():
    state = centrifuge(*READY)
    assert codes(state, at=AT + timedelta(seconds=1)) == ["not_clean"]
    assert codes(state, at=AT + timedelta(days=1)) == ["calibration_due", "not_clean"]


def test_what_a_batch_has_in_use_stays_clean_for_it_and_is_dirty_after_it():
    """Given a claimed unit, then its hold time does not end in the middle of the use; released, it
    has to be cleaned before the next batch."""
    used = centrifuge(*READY, CLAIMED)
    assert codes(used, at=AT + timedelta(hours=3)) == []
    assert unit_use.claim(used, unit="CF-02", batch="CT-0421", day=TODAY, at=AT) == []
    released = unit_use.release(used, unit="CF-02", batch="CT-0421")
    assert released == [Released(unit="CF-02", batch="CT-0421")]
    assert codes(centrifuge(*READY, CLAIMED, *released)) == ["not_clean"]


def test_a_shared_unit_serves_batches_side_by_side_and_stays_clean():
    shared = Registered(unit="CF-02", label="Incubator", unit_class="incubator", location="R")
    state = centrifuge(shared, *READY[1:], CLAIMED)
    assert codes(state, batch="CT-0007") == []
    both = centrifuge(shared, *READY[1:], CLAIMED, Released(unit="CF-02", batch="CT-0421"))
    assert codes(both, batch="CT-0007") == []


def test_another_unit_that_is_free_is_offered():
    facts = unit_use.facts_of(centrifuge(REGISTERED, QUALIFIED, CALIBRATED), "CF-02")
    (no,) = hindrances(facts, batch="CT-0421", day=TODAY, at=AT, but=["CF-02", "CF-03"])
    assert "use CF-03" in str(no)
    assert no.code == "not_clean"


@pytest.mark.parametrize(
    ("done_on", "until", "code"),
    [
        ("", "2027-01-01", "day_missing"),
        ("2026-11-24", "2027-01-01", "done_in_future"),
        ("2026-11-01", "2026-11-22", "until_passed"),
        ("23.11.2026", "2027-01-01", "day"),
        ("2026-11-23", "0", "day"),
    ],
)
def test_a_calibration_has_a_day_that_was_and_an_end_that_is_to_come(done_on, until, code):
    with pytest.raises(Refused) as no:
        unit_use.calibrate(
            centrifuge(REGISTERED),
            unit="CF-02",
            done_on=done_on,
            until=until,
            certificate="C-1",
            passed=True,
            today=TODAY,
        )
    assert no.value.code == code


def test_a_unit_in_use_is_not_cleaned_and_a_kind_that_needs_it_not_is_not_asked():
    with pytest.raises(Refused, match="in use by batch CT-0421"):
        unit_use.clean(centrifuge(*READY, CLAIMED), unit="CF-02", agent="ethanol", at=AT)
    freezer = Registered(unit="CF-02", label="Freezer", unit_class="freezer", location="R")
    with pytest.raises(Refused) as no:
        unit_use.clean(centrifuge(freezer), unit="CF-02", agent="ethanol", at=AT)
    assert no.value.code == "no_need"


BATCHES = st.sampled_from(["CT-0001", "CT-0002", "CT-0003"])


@given(
    st.sampled_from(units.UNIT_CLASSES),
    st.lists(st.tuples(st.booleans(), BATCHES), max_size=30),
)
def test_no_order_of_claims_puts_two_batches_on_a_unit_that_serves_one(unit_class, asked):
    """Given any claims and releases, then whoever is let in was let in alone."""
    begin = Registered(unit="CF-02", label="Unit", unit_class=unit_class, location="R")
    state = centrifuge(begin, *READY[1:])
    for claims, batch in asked:
        try:
            if claims:
                events = unit_use.claim(state, unit="CF-02", batch=batch, day=TODAY, at=AT)
            else:
                events = unit_use.release(state, unit="CF-02", batch=batch)
                events.append(CLEANED)
        except Refused:
            continue
        state = fold(state, units.evolve, events)
        assert unit_class in SHARED or len(state.standing.batches) <= 1
    assert "qualified" in demands(unit_class)
