"""Loggers' files and freezing curves: read as they are, judged before any rounding."""

from datetime import UTC, datetime, timedelta

import pytest

from batches import collection_log
from batches.container_curve import judge
from batches.limits import Range
from ledger.event import Refused

BEGIN = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def curve(*temperatures, every=60):
    lines = ["time,temperature"]
    for position, temperature in enumerate(temperatures):
        at = BEGIN + timedelta(seconds=every * position)
        lines.append(f"{at.isoformat()},{temperature}")
    return "\n".join(lines)


def good(rate=-1):
    return [4 + rate * minute for minute in range(45)] + [-60, -80, -100, -120]


def judged(*temperatures, **more):
    return judge(collection_log.read(curve(*temperatures, **more)))


def test_a_curve_of_one_degree_a_minute_is_good():
    assert judged(*good()) == []


@pytest.mark.parametrize(
    ("temperatures", "said"),
    [
        ([20, *good()[1:]], "It began at 20 °C"),
        ([4, -3, *good()[3:15], 9, *good()[16:]], "It rose by"),
        ([4 - 4 * minute for minute in range(32)], "it cooled by -4.00"),
        ([4 - minute * 0.25 for minute in range(400)], "it cooled by -0.25"),
        (good()[:30], "It never came to -40 °C."),
        (good()[:46], "above -80 °C"),
    ],
)
def test_each_departure_has_its_own_sentence(temperatures, said):
    assert any(said in one for one in judged(*temperatures)), judged(*temperatures)


def test_a_silent_logger_is_seen():
    lines = curve(*good()).splitlines()
    assert any(
        "Nothing was read" in one
        for one in judge(collection_log.read("\n".join(lines[:20] + lines[30:])))
    )


def test_a_log_tells_its_extremes_and_what_lies_outside():
    log = collection_log.read(curve("1.0", "10.0", "10.01", "0.99"))
    assert (str(log.lowest), str(log.highest)) == ("0.99", "10.01")
    assert log.outside(collections_range()) == 2, "the limits themselves are inside"
    assert log.longest_silence == 60


def collections_range():
    from batches.collection import TRANSPORT

    assert Range(low=TRANSPORT.low, high=TRANSPORT.high) == TRANSPORT
    return TRANSPORT


@pytest.mark.parametrize(
    "text",
    [
        "",
        "time,temperature",
        "2026-03-02T08:00:00,4.2",
        "2026-03-02T08:00:00Z,warm\n2026-03-02T08:01:00Z,x",
        "2026-03-02T08:01:00Z,4\n2026-03-02T08:00:00Z,4",
        "2026-03-02T08:00:00Z,4\n2026-03-02T08:01:00Z,1e3",
        "2026-03-02T08:00:00Z,4\n\n2026-03-02T08:01:00Z",
    ],
)
def test_a_file_that_is_no_log_is_not_guessed_at(text):
    with pytest.raises(Refused) as no:
        collection_log.read(text)
    assert no.value.code == "logger"
