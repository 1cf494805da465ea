"""R4, R9 to R11, R17, R18: a whole CAR-T batch in Chromium, from order to printed record."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.batches import car_t_day as day
from tests.batches.test_paper import text_of
from tests.demo_process import Running
from tests.e2e.car_t_making import Day, told_by_site
from tests.e2e.car_t_order import ordered
from tests.e2e.car_t_people import Person
from tests.e2e.car_t_plays import PLAYS, closed, countersigned
from tests.e2e.car_t_site import BATCH

# It takes minutes: a worker of its own makes it, with a demo of its own.
pytestmark = pytest.mark.xdist_group("car_t")
ON_RECORD = (
    "10.6", "0.92", day.OUT_OF_LIMIT[0].reason, day.OUT_OF_LIMIT[1].reason,  # out of limits
    day.TYPO.typed, day.CORRECTION.typed, day.CORRECTION.reason, day.IMPLAUSIBLE.typed,
    day.NOT_APPLICABLE.reason, day.LATE.reason, day.OVERRIDDEN.reason,
    "Culture runs, vector tomorrow",
    "Marta Solvedo", "Tomás Aldrany", "Ingrid Halvand", "Dario Contavalle", "Helena Pratorio",
)  # fmt: skip


@pytest.fixture
def album() -> Path | None:
    """Where pictures of the pages are kept; nowhere, but for whoever makes them again."""
    return None


@pytest.fixture
def made(
    browser: Any, site: str, running_demo: Running, tmp_path: Path, album: Path | None
) -> Iterator[Day]:
    """Recipe in force, rooms, units and lots ready; five people at their tablets."""
    state = str(running_demo.output.parent / "state")
    ready = told_by_site(state, "ready")
    made = Day(browser, site, tmp_path, album)
    ordered(made.people, tmp_path)
    made.ready = ready | {"code": told_by_site(state, "code")}
    yield made
    for one in made.people.values():
        one.context.close()


def test_r9_people_make_a_whole_car_t_batch_through_the_pages(made: Day) -> None:
    """Given the shipped record and a clinic's order, when operators, verifier, supervisor and
    quality work through it on pages with all that goes astray on such a day, then the printed
    record shows all of it."""
    whole_day(made)


def whole_day(made: Day) -> bytes:
    """From readiness to the sealed print, which is returned."""
    dario = made.people["dario"]
    dario.go(f"/batches/{BATCH}/ready/")
    dario.picture("car-t-ready")
    while made.play(PLAYS):
        pass
    assert len(made.played) >= 100
    countersigned(made)
    closed(made)

    on_page(made.people["helena"])
    printed = on_paper(dario)
    assert [fault for one in made.people.values() for fault in one.complaints] == []
    return printed


def on_page(helena: Person) -> None:
    """The record that a reviewer reads shows each departure by its kind."""
    helena.go(f"/batches/{BATCH}/print/")
    said = helena.page.locator("main").inner_text()
    kinds = ("Typing slip put right", "Corrected", "Not applicable", "Late entry", "Countersigned",
             "Override", "took the batch over", "Verified", "Witnessed")  # fmt: skip
    missing = [words for words in (*ON_RECORD, *kinds) if words.lower() not in said.lower()]
    assert missing == []
    assert "signature broken" not in said
    helena.picture("car-t-print")


def on_paper(dario: Person) -> bytes:
    """The sealed print holds the same, as a reader's eyes and a machine's find it."""
    dario.go(f"/batches/{BATCH}/paper/")
    dario.press("Make the sealed print")
    dario.says("The print is ready")
    with dario.page.expect_download() as sent:
        dario.page.get_by_role("link", name="Download").click()
    content = Path(sent.value.path()).read_bytes()
    flat = "".join(text_of(content).split()).replace("\u200b", "")
    missing = [words for words in ON_RECORD if "".join(words.split()) not in flat]
    assert missing == []
    # As the entries say it: "..., recorded by p-..., was countersigned", "... and entered later".
    assert "wascountersigned" in flat and "andenteredlater" in flat and "BROKEN" not in flat
    return content
