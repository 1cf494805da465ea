"""The shipper's logger: read on arrival, judged by limits; what departs goes to the reviewer."""

import pytest

from batches import container_issue_commands as issuing
from batches import custody_queries
from ledger import store
from ledger.event import Refused
from tests.batches import ordering
from tests.batches.conftest import signing
from tests.batches.test_container_commands import BAG, clock, decide, fill, issue, keep, tank

__all__ = ["clock", "tank"]


def log(*temperatures: str, apart: int = 10) -> str:
    """A logger's file with a reading each `apart` minutes."""
    minutes = [number * apart for number in range(len(temperatures))]
    return "\n".join(
        f"2026-03-02T{8 + at // 60:02}:{at % 60:02}:00+00:00,{warm}"
        for at, warm in zip(minutes, temperatures, strict=True)
    )


def arrive(clock, logger: str, *, frozen: bool = True) -> None:
    """A bag goes out and is accepted with what the shipper's logger says."""
    fill()
    if frozen:
        keep()
    decide()
    for name in ("helena", "ingrid"):
        ordering.look(name, "issuing", BAG)
    issue(clock)
    issuing.accept_container(
        container=BAG, document="WS-2026-112", logger=logger, **signing("ingrid")
    )


def test_a_shipper_that_was_cold_all_the_way_is_on_the_timeline_and_no_departure(clock, tank):
    arrive(clock, log("-178", "-176.5", "-177"))
    (judged,) = (one.data for one in store.load("container", BAG) if "judged" in one.type)
    assert (judged.standing, judged.departures) == ("within limits", [])
    assert (str(judged.high), judged.low) == ("-120", None)
    (row,) = (one for one in custody_queries.links(BAG) if one.kind == "shipped")
    assert (row.place, row.temperature) == ("within limits", "-178 … -176.5")
    assert ordering.departures() == []


def test_r10_each_way_in_which_the_shipper_departed_is_an_exception_of_the_batch(clock, tank):
    """Given a logger that was warm once and silent for an hour, when the ward accepts the bag, then
    the reviewer reads both, each once."""
    arrive(clock, log("-178", "-119.9", "-150", apart=60))
    assert ordering.departures() == [
        f"{BAG}: Transport: 1 reading above -120 °C.",
        f"{BAG}: Transport: 60 minutes without a reading.",
    ]
    (row,) = (one for one in custody_queries.links(BAG) if one.kind == "shipped")
    assert (row.place, row.temperature) == ("outside limits", "-178 … -119.9")


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        (1, "its record ends 40 minutes before it arrived."),
        (-2, "its record begins 120 minutes after it left."),
    ],
)
def test_r10_a_logger_that_saw_another_way_is_a_departure(clock, tank, hours, said):
    """Given a file that is cold throughout, when it ends long before the bag came, or begins long
    after it left, then the reviewer hears that it is not of this way, or not of all of it."""
    clock.advance(minutes=60 * hours)
    arrive(clock, log("-178", "-176.5", "-177"))
    assert ordering.departures() == [f"{BAG}: Transport: {said}"]


def test_a_bag_that_was_never_frozen_is_judged_as_fresh_material(clock, tank):
    arrive(clock, log("4.5", "10.1", "4.5"), frozen=False)
    assert ordering.departures() == [f"{BAG}: Transport: 1 reading outside 1 to 10 °C."]


def test_a_file_that_cannot_be_read_is_refused_and_the_bag_stays_issued(clock, tank):
    with pytest.raises(Refused) as no:
        arrive(clock, "not a logger's file")
    assert no.value.code == "logger"
    assert not [one for one in store.load("container", BAG) if "accepted" in one.type]
