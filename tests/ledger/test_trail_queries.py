"""R19: the trail answers who, what, when and why, by any field and any pair, in order."""

import itertools
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from ledger import commands as ledger_commands
from ledger import queries, reading, trail
from ledger.event import Actor, Refused
from ledger.models import Event, Trail, TrailLink, TrailWord
from ledger.queries import FIELDS, Place, TrailFilter
from tests.ledger import laboratory

ANNA = Actor(person="p-anna1", role="supervisor", terminal="t-1")
BEN = Actor(person="p-ben22", role="maintenance", terminal="t-2")


@pytest.fixture
def history(database: Any, fixed_clock: Any) -> Iterator[None]:
    """Forty events of three people on five units, many of them in the same microsecond."""
    with laboratory.by_roles_alone():
        for number in range(5):
            laboratory.register(f"CF-0{number}", actor=ANNA if number % 2 else BEN)
        for number in range(30):
            if number % 3 == 0:
                fixed_clock.advance(minutes=7)
            unit = f"CF-0{number % 5}"
            if number % 5 == 4:
                _move(unit, f"Room {number}", actor=ANNA if number % 2 else BEN, number=number)
            else:
                laboratory.make_entry(unit, f"Run {number}")
        for _time in range(5):
            with pytest.raises(Refused):
                laboratory.make_entry("CF-99", "A unit that is not there")
        yield


def _move(unit: str, room: str, *, actor: Actor, number: int) -> None:
    from equipment import commands

    reasons = ["Calibration overdue, moved", "Moved for the Überprüfung", "moved: calibration."]
    commands.move(unit=unit, location=room, reason=reasons[number % 3], actor=actor)


def everything() -> list[tuple[Trail, set[str]]]:
    """The trail and the words of each reason, found without any index."""
    rows = sorted(Trail.objects.all(), key=lambda row: (row.recorded_at, row.event_id))
    events = {event.id: event for event in reading.load(trail_all(), order="id")}
    return [(row, set(trail.words_of(events[row.event_id].reason))) for row in rows]


def trail_all() -> Any:
    from django.db.models import Q

    return Q()


def expected(asked: TrailFilter, known: list[tuple[Trail, set[str]]]) -> list[Any]:
    """What the filter should find, oldest first."""
    found = []
    for row, words in known:
        fits = all(getattr(row, name) in values for name, values in asked.conditions().items())
        fits = fits and words.issuperset(asked.words)
        fits = fits and (asked.since is None or row.recorded_at >= asked.since)
        fits = fits and (asked.until is None or row.recorded_at < asked.until)
        if fits:
            found.append(row.event_id)
    return found


def some_of_each(known: list[tuple[Trail, set[str]]]) -> list[list[dict[str, Any]]]:
    """For each dimension, values that are common, rare and absent."""
    dimensions: list[list[dict[str, Any]]] = []
    for field in FIELDS:
        values = sorted({getattr(row, field) for row, _words in known})
        asked = [{field: (value,)} for value in (values[0], "nobody")]
        dimensions.append([*asked, {field: tuple(values[-2:])}])
    dimensions.append([{"words": words} for words in (("moved",), ("uberprufung",), ("zebra",))])
    middle, end = known[len(known) // 2][0].recorded_at, known[-1][0].recorded_at
    dimensions.append([{"since": middle}, {"until": middle}, {"since": end + timedelta(1)}])
    return dimensions


@pytest.mark.parametrize("rare", [3, 60_000])
def test_r19_every_dimension_and_every_pair_finds_exactly_its_lines(
    history: None, monkeypatch: pytest.MonkeyPatch, rare: int
) -> None:
    """Whichever condition leads, the lines are the same as without any index."""
    monkeypatch.setattr(queries, "RARE", rare)
    known = everything()
    dimensions = some_of_each(known)
    asks = [one for dimension in dimensions for one in dimension]
    for left, right in itertools.combinations(dimensions, 2):
        asks += [one | other for one in left for other in right]
    for one in asks:
        asked = TrailFilter(**one)
        right = expected(asked, known)
        oldest = queries.find(asked, newest=False)
        facets = queries.count_facets(asked)
        assert [row.event_id for row in oldest.rows] == right, one
        assert facets.newest == right[::-1], one
        assert facets.counted == len(right), one


def test_r19_two_words_must_both_stand_in_the_reason(history: None) -> None:
    known = everything()
    asked = TrailFilter(words=("calibration", "overdue"))
    assert queries.count_facets(asked).counted == len(expected(asked, known)) > 0
    assert queries.count_facets(TrailFilter(words=("overdue", "uberprufung"))).counted == 0


@pytest.mark.parametrize("newest", [True, False])
@pytest.mark.parametrize("by", [{}, {"role": ("operator",)}, {"words": ("moved",)}])
def test_r19_pages_follow_each_other_without_gap_or_repeat(
    history: None, monkeypatch: pytest.MonkeyPatch, newest: bool, by: dict[str, Any]
) -> None:
    """Given many events of the same moment, when paging there and back, then each comes once."""
    monkeypatch.setattr(queries, "ROWS", 4)
    asked = TrailFilter(**by)
    right = expected(asked, everything())[:: -1 if newest else 1]
    there, place, pages = [], None, []
    while True:
        page = queries.find(asked, newest=newest, after=place)
        pages.append([row.event_id for row in page.rows])
        there += pages[-1]
        if page.later is None:
            break
        place = page.later
    assert there == right
    back: list[Any] = []
    while page.earlier is not None:
        page = queries.find(asked, newest=newest, before=page.earlier)
        back = [row.event_id for row in page.rows] + back
    assert back == right[: len(right) - len(pages[-1])]


def test_facets_count_what_would_narrow_further(history: None) -> None:
    facets = queries.count_facets(TrailFilter(stream_type=("equipment",)))
    assert "stream_type" not in facets.values
    roles = dict(facets.values["role"])
    assert (
        roles["operator"] == Trail.objects.filter(role="operator", stream_type="equipment").count()
    )
    assert sum(roles.values()) == facets.counted


def test_counts_are_capped_and_say_so(history: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "SAMPLE", 10)
    facets = queries.count_facets(TrailFilter())
    assert (facets.counted, facets.complete) == (10, False)
    assert queries.count_facets(TrailFilter(role=("maintenance",))).complete


def test_the_values_to_choose_from_are_those_that_occur(history: None) -> None:
    for field in ("person", "role", "stream_type"):
        occur = sorted(set(Trail.objects.values_list(field, flat=True)))
        assert queries.values_of(field) == occur
    assert len(queries.values_of("person", limit=2)) == 2
    with pytest.raises(ValueError, match="not a field"):
        queries.values_of("body")


def test_an_empty_trail_answers(database: Any) -> None:
    Trail.objects.all()
    found = queries.find(TrailFilter(words=("moved",), role=("operator",)), newest=True)
    assert (found.rows, found.earlier, found.later) == ([], None, None)
    assert queries.values_of("stream_id") in ([], ["1"])


def test_each_event_has_one_line_and_its_reason_its_words(history: None) -> None:
    assert set(Trail.objects.values_list("event_id", flat=True)) == set(
        Event.objects.values_list("id", flat=True)
    )
    row = Trail.objects.filter(type="equipment.moved").order_by("recorded_at", "event_id").first()
    words = TrailWord.objects.filter(event_id=row.event_id).values_list("word", flat=True)
    assert set(words) in ({"calibration", "overdue", "moved"}, {"moved", "calibration"}, {
        "moved", "for", "the", "uberprufung"
    })  # fmt: skip


def test_an_event_points_back_to_its_cause(database: Any) -> None:
    """Given a command that an event caused, then the cause's page can find it."""
    with laboratory.by_roles_alone():
        (first,) = laboratory.register("CF-01").events
        with pytest.raises(Refused):
            ledger_commands.explain_clock(
                actor=laboratory.SUPERVISOR, reason="No jump at all", cause=first.id
            )
    link = TrailLink.objects.get(target=first.id)
    assert link.kind == trail.CAUSE
    assert Trail.objects.get(event_id=link.source).type == "ledger.refused"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Door seal TORN, seal replaced", ["door", "seal", "torn", "replaced"]),
        ("Überprüfung größer", ["uberprufung", "grosser"]),
        ("37.0 °C, CF-02; see SOP-12/3", ["37.0", "c", "cf-02", "see", "sop-12", "3"]),
        ("", []),
        (" ... ", []),
        ("x" * 50, ["x" * 40]),
        ("日本 заметка", ["日本", "заметка"]),
    ],
)
def test_the_words_of_a_reason(text: str, words: list[str]) -> None:
    assert trail.words_of(text) == words


def test_a_place_is_a_moment_and_an_event(history: None) -> None:
    """A page that begins at a place in the middle of one moment goes on within that moment."""
    moment = Trail.objects.order_by("-recorded_at").values_list("recorded_at", flat=True)[0]
    same = sorted(Trail.objects.filter(recorded_at=moment).values_list("event_id", flat=True))
    assert len(same) > 2
    page = queries.find(TrailFilter(), newest=False, after=Place(moment, same[0]))
    assert [row.event_id for row in page.rows] == same[1:]
