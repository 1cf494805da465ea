"""A unit's decisions: given what is in its logbook, when somebody asks, then events or a no."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipment import unit as units
from equipment.unit import (
    LogbookEntryCorrected,
    LogbookEntryMade,
    Moved,
    Registered,
    ReturnedToService,
    TakenOutOfService,
)
from ledger.event import Refused, event_types, fold

CENTRIFUGE = Registered(
    unit="CF-02", label="Cell centrifuge", unit_class="centrifuge", location="Room 2"
)
SPUN = LogbookEntryMade(unit="CF-02", entry=1, text="Spun 300 g, 10 min.")


def unit(*events: object) -> units.Unit:
    return fold(units.INITIAL, units.evolve, events)


def with_text_of(entry: int, *events: object) -> dict[str, object]:
    """The unit and the text of one entry, as a correction is decided over them."""
    state, old = fold((units.INITIAL, ""), units.with_text_of(entry), events)
    return {"state": state, "old": old}


def refused(code: str, decide, *args, **request) -> Refused:
    with pytest.raises(Refused) as caught:
        decide(*args, **request)
    assert caught.value.code == code
    return caught.value


def test_a_new_unit_is_registered():
    when = units.register(
        unit(), unit="CF-02", label="Cell centrifuge", unit_class="centrifuge", location="Room 2"
    )
    assert when == [CENTRIFUGE]


def test_a_number_is_given_once():
    no = refused(
        "already_registered",
        units.register,
        unit(CENTRIFUGE),
        unit="CF-02",
        label="Another",
        unit_class="centrifuge",
        location="Room 3",
    )
    assert "CF-02" in str(no)
    assert "Cell centrifuge" in str(no)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"unit": "cf 02"}, "unit_number"),
        ({"unit": ""}, "unit_number"),
        ({"unit": "C" * 21}, "unit_number"),
        ({"unit_class": "spaceship"}, "unit_class"),
        ({"label": "  "}, "missing"),
        ({"location": ""}, "missing"),
        ({"label": "x" * 121}, "too_long"),
        ({"label": "a\x07b"}, "control_character"),
    ],
)
def test_a_registration_that_says_too_little_is_refused(change, code):
    asked = {"unit": "CF-02", "label": "C", "unit_class": "centrifuge", "location": "Room 2"}
    refused(code, units.register, unit(), **(asked | change))


def test_entries_are_numbered_from_one():
    second = units.make_entry(unit(CENTRIFUGE, SPUN), unit="CF-02", text=" Rotor wiped. ")
    assert second == [LogbookEntryMade(unit="CF-02", entry=2, text="Rotor wiped.")]


def test_a_unit_out_of_the_register_has_no_logbook():
    refused("not_registered", units.make_entry, unit(), unit="CF-09", text="Spun.")


def test_an_empty_entry_is_refused_and_a_long_one_says_how_long():
    refused("missing", units.make_entry, unit(CENTRIFUGE), unit="CF-02", text=" \n ")
    no = refused("too_long", units.make_entry, unit(CENTRIFUGE), unit="CF-02", text="x" * 2001)
    assert "2001" in str(no)


def test_r4_a_correction_keeps_old_and_new():
    when = units.correct_entry(
        **with_text_of(1, CENTRIFUGE, SPUN),
        unit="CF-02",
        entry=1,
        new="Spun 400 g, 10 min.",
        reason="Misread the display",
    )
    assert when == [
        LogbookEntryCorrected(
            unit="CF-02", entry=1, old="Spun 300 g, 10 min.", new="Spun 400 g, 10 min."
        )
    ]


def test_r4_a_second_correction_starts_from_the_first():
    first = LogbookEntryCorrected(unit="CF-02", entry=1, old=SPUN.text, new="Spun 400 g.")
    when = units.correct_entry(
        **with_text_of(
            1, CENTRIFUGE, SPUN, first, LogbookEntryMade(unit="CF-02", entry=2, text="Wiped.")
        ),
        unit="CF-02",
        entry=1,
        new="Spun 450 g.",
        reason="Printout says 450",
    )
    assert when[0].old == "Spun 400 g."


@pytest.mark.parametrize("reason", ["", "   ", "typo"])
def test_r4_a_correction_without_a_reason_is_refused(reason):
    given_ = with_text_of(1, CENTRIFUGE, SPUN)
    asked = {"unit": "CF-02", "entry": 1, "new": "Spun 400 g.", "reason": reason}
    refused("reason_missing", units.correct_entry, **given_, **asked)


def test_a_correction_that_changes_nothing_is_refused():
    asked = {"unit": "CF-02", "entry": 1, "new": SPUN.text, "reason": "No reason at all"}
    refused("no_change", units.correct_entry, **with_text_of(1, CENTRIFUGE, SPUN), **asked)


@pytest.mark.parametrize("entry", [0, 2, -1])
def test_only_an_entry_that_exists_is_corrected(entry):
    asked = {"unit": "CF-02", "entry": entry, "new": "Spun.", "reason": "Wrong line read"}
    given_ = with_text_of(entry, CENTRIFUGE, SPUN)
    refused("no_such_entry", units.correct_entry, **given_, **asked)


def test_a_move_says_from_where_to_where():
    when = units.move(unit(CENTRIFUGE), unit="CF-02", location="Room 3", reason="Room 2 repainted")
    assert when == [Moved(unit="CF-02", old="Room 2", new="Room 3")]
    assert unit(CENTRIFUGE, *when).location == "Room 3"


def test_a_move_to_the_same_room_or_without_reason_is_refused():
    given_ = unit(CENTRIFUGE)
    refused("no_change", units.move, given_, unit="CF-02", location="Room 2", reason="Just because")
    refused("reason_missing", units.move, given_, unit="CF-02", location="Room 3", reason="")


def test_out_of_service_and_back_each_with_a_reason():
    out = units.take_out_of_service(unit(CENTRIFUGE), unit="CF-02", reason="Imbalance alarm")
    assert out == [TakenOutOfService(unit="CF-02")]
    stopped = unit(CENTRIFUGE, *out)
    assert not stopped.in_service
    back = units.return_to_service(stopped, unit="CF-02", reason="Rotor seated, test run passed")
    assert back == [ReturnedToService(unit="CF-02")]
    assert unit(CENTRIFUGE, *out, *back).in_service


def test_a_unit_is_not_stopped_or_returned_twice():
    again = {"unit": "CF-02", "reason": "Imbalance alarm"}
    stopped = unit(CENTRIFUGE, TakenOutOfService(unit="CF-02"))
    refused("no_change", units.take_out_of_service, stopped, **again)
    refused("no_change", units.return_to_service, unit(CENTRIFUGE), **again)


def test_an_event_of_another_kind_stops_the_reader():
    with pytest.raises(ValueError, match="does not know"):
        units.evolve(units.INITIAL, object())


def test_every_sentence_of_the_room_can_be_filled():
    payloads = [
        CENTRIFUGE,
        SPUN,
        LogbookEntryCorrected(unit="CF-02", entry=1, old="a", new="b"),
        Moved(unit="CF-02", old="Room 2", new="Room 3"),
        TakenOutOfService(unit="CF-02"),
        ReturnedToService(unit="CF-02"),
    ]
    told = {type(payload) for payload in payloads}
    ours = {kind.cls for kind in event_types().values() if kind.cls.__module__ == units.__name__}
    assert ours == told
    for payload in payloads:
        kind = next(k for k in event_types().values() if k.cls is type(payload))
        assert "CF-02" in kind.sentence_of(payload)


WORDS = st.text(st.sampled_from("ab c.\n"), max_size=12)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("make_entry"), st.fixed_dictionaries({"text": WORDS})),
        st.tuples(
            st.just("correct_entry"),
            st.fixed_dictionaries({"entry": st.integers(-1, 6), "new": WORDS, "reason": WORDS}),
        ),
        st.tuples(
            st.just("move"),
            st.fixed_dictionaries(
                {"location": st.sampled_from(["Room 2", "Room 3"]), "reason": WORDS}
            ),
        ),
        st.tuples(st.just("take_out_of_service"), st.fixed_dictionaries({"reason": WORDS})),
        st.tuples(st.just("return_to_service"), st.fixed_dictionaries({"reason": WORDS})),
    ),
    max_size=30,
)


@given(STEPS)
def test_r9_whatever_is_asked_the_logbook_stays_whole(steps):
    """Numbers are gapless, every change starts from what stood there, no text is ever empty."""
    state, told, texts = unit(CENTRIFUGE), [CENTRIFUGE], []
    for name, asked in steps:
        before = state
        if name == "correct_entry":
            asked = asked | {"old": with_text_of(asked["entry"], *told)["old"]}
        try:
            events = getattr(units, name)(state, unit="CF-02", **asked)
        except Refused:
            continue
        state = fold(state, units.evolve, events)
        told += events
        for event in events:
            if isinstance(event, LogbookEntryMade):
                assert event.entry == before.entries + 1 == len(texts) + 1
                texts.append(event.text)
            if isinstance(event, LogbookEntryCorrected):
                assert event.old == texts[event.entry - 1] != event.new
                texts[event.entry - 1] = event.new
            if isinstance(event, Moved):
                assert event.old == before.location != event.new
        assert state.entries == len(texts)
        assert all(text.strip() for text in texts)


def test_a_logbook_of_years_is_read_in_a_time_that_grows_with_it_and_no_faster():
    """Given 20,000 entries, then the unit is folded without copying what stands there already: ten
    times the entries take about ten times as long, where copying took a hundred."""
    made = [LogbookEntryMade(unit="CF-02", entry=n, text=f"Run {n}.") for n in range(1, 20_001)]

    def seconds(count: int) -> float:
        began = time.process_time()
        state, text = fold((units.INITIAL, ""), units.with_text_of(3), made[:count])
        assert (state.entries, text) == (count, "Run 3.")
        return time.process_time() - began

    short = min(seconds(2_000) for _attempt in range(5))
    assert min(seconds(20_000) for _attempt in range(3)) < 30 * short
