"""Moments that people and instruments state: what no calendar holds is refused, and never kept."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from batches import container_issue_commands as issuing
from batches import custody_queries
from batches.limits import Parameter, read_moment
from ledger import store
from tests.batches import making, ordering
from tests.batches.conftest import signing
from tests.batches.engine import step
from tests.batches.test_container_commands import BAG, clock, decide, fill, issue, tank
from tests.batches.test_hostile_floor import enter, open_on, refused

__all__ = ["clock", "tank"]
NEVER = [
    "0001-01-01T00:00:00+14:00",
    "0001-01-01T00:00:00+00:00",
    "9999-12-31T23:59:59-12:00",
    "2026-03-02T08:00:00+23:59",
    "2026-03-02T08:00:00+01:00:30",
    "2026-03-02T08:00:00",
    "soon",
    "",
]


@pytest.mark.parametrize("typed", NEVER)
def test_what_no_calendar_holds_is_no_moment(typed: str) -> None:
    assert read_moment(typed) is None


def test_a_moment_keeps_the_zone_it_was_stated_in() -> None:
    east = timezone(timedelta(hours=5, minutes=30))
    stated = read_moment(" 2026-03-02T08:00:00+05:30 ")
    assert stated == datetime(2026, 3, 2, 8, 0, tzinfo=east)
    assert stated.utcoffset() == timedelta(hours=5, minutes=30)


@pytest.mark.parametrize("typed", NEVER[:5])
def test_a_logger_that_states_such_a_time_is_refused_and_the_bag_stays_issued(
    typed: str, clock: Any, tank: str
) -> None:
    fill()
    decide()
    for name in ("helena", "ingrid"):
        ordering.look(name, "issuing", BAG)
    issue(clock)
    asked = {"container": BAG, "document": "WS-2026-112", "logger": f"{typed},4.5"}
    assert refused(issuing.accept_container, **asked, **signing("ingrid")) == "logger"
    assert "accepted" not in store.load("container", BAG)[-1].type
    asked = {"container": BAG, "ward": "Ward 4B", "document": "IS-2026-031", "expires_at": typed}
    assert refused(issuing.issue_container, **asked, **signing("helena")) == "expires_at"
    assert [one.kind for one in custody_queries.links(BAG)][-1] == "handed_over"


@pytest.mark.parametrize("typed", NEVER[:5])
def test_an_answer_that_states_such_a_time_is_not_kept(typed: str, people: Any) -> None:
    """Given a step that asks for a time, when a year is typed that no page could show any more,
    then it is refused, and the step has no value."""
    open_on(step(1, Parameter(key="at", label="Begun at", kind="datetime")))
    assert refused(enter, 1, at=typed) == "datetime"
    assert [one.type for one in store.load("batch", making.BATCH)] == ["batches.opened"]
