"""A sheet that cannot come back: one says so, a second agrees, a third assesses it; then the
record closes, and nothing is entered from the sheet any more."""

from __future__ import annotations

from typing import Any

import pytest

from batches import attachment_commands as keeping
from batches import (
    commands,
    contingency,
    contingency_lost,
    contingency_queries,
    contingency_views,
    paper,
    queries,
)
from batches import contingency_commands as asking
from ledger import store
from ledger.event import Refused
from tests.batches.conftest import PEOPLE, Desk, actor, signing, work_up_to
from tests.batches.making import refused
from tests.batches.test_contingency import PNG, WHY, copied, counted, told
from tests.batches.test_paper import AT, own_seal

__all__ = ["own_seal"]
BURNT = "It fell into the sink, and the ink ran"
LOOKED = "Looked in the bin, the sink and the airlock"


def said(*sheets: int, **more: Any) -> tuple[Any, dict[str, Any]]:
    return contingency_lost.missed, {
        "copy": 1, "sheets": list(sheets), "fate": "lost", "certified": [], "deviation": 4,
        "person": "p-marta2", "reason": BURNT, **more,
    }  # fmt: skip


def agreed(*sheets: int, **more: Any) -> tuple[Any, dict[str, Any]]:
    return contingency_lost.give_up, {
        "copy": 1, "sheets": list(sheets), "certified": [], "person": "p-dario", "reason": LOOKED,
        **more,
    }  # fmt: skip


def lacking(state: contingency.Contingency) -> list[tuple[int, str]]:
    return [(one.sheet, one.lacks) for one in contingency.open_sheets(state, [])]


def test_a_sheet_that_is_gone_counts_when_a_second_person_agrees() -> None:
    """Given a copy of which one sheet is void, one used and one nowhere, when the last two are
    said to be gone, then both stay open until another agrees, and then nothing is."""
    state = told(copied(), counted([1], [2]), said(1, 3))
    assert lacking(state) == [(1, "not_agreed"), (3, "not_agreed")]
    no = refused("open_sheets", contingency.close, state, batch="CT-0421", certified=[])
    assert "A second person agrees, or it is found." in str(no)

    state = told(copied(), counted([1], [2]), said(1, 3), agreed(1, 3))
    assert lacking(state) == []
    assert contingency.close(state, batch="CT-0421", certified=[])[0].copies == 1


def test_nothing_is_entered_from_a_sheet_that_was_given_up() -> None:
    """Given a sheet that two people gave up, then it is neither used, void, scanned nor given up
    again, and the refusal says what to do where it turns up."""
    state = told(copied(), counted([1], []), said(1), agreed(1))
    ask, more = counted([1], [])
    no = refused("given_up", ask, state, batch="CT-0421", **more)
    assert "raise a deviation and keep it as a file" in str(no)
    scan = {"copy": 1, "sheets": [1], "file": 1, "person": "p-marta2"}
    refused("given_up", contingency.scanned, state, batch="CT-0421", **scan)
    for code, (ask, more) in (("accounted", said(1)), ("not_declared", agreed(1))):
        refused(code, ask, state, batch="CT-0421", **more)


def test_a_sheet_that_turns_up_before_is_accounted_for_as_any() -> None:
    """Given sheets said to be lost, when one is found unused and the scan of a used one is kept,
    then they lack what any other lacks, and nobody can agree any more that they are gone."""
    state = told(copied(), counted([1], []), said(1, 2), counted([], [2]))
    assert lacking(state) == [(1, "not_agreed"), (3, "unaccounted")]
    scan = (contingency.scanned, {"copy": 1, "sheets": [1], "file": 1, "person": "p-marta2"})
    state = told(copied(), counted([1], []), said(1, 2), counted([], [2]), scan)
    assert lacking(state) == [(1, "not_certified"), (3, "unaccounted")]
    ask, more = agreed(1)
    refused("not_declared", ask, state, batch="CT-0421", **more)


@pytest.mark.parametrize(
    ("code", "asked"),
    [
        ("fate", said(1, fate="eaten")),
        ("no_sheet", said()),
        ("no_sheet", said(4)),
        ("no_copy", said(1, copy=2)),
        ("declared", said(3)),
        ("accounted", said(2)),
        ("accounted", said(1, certified=[1])),
        ("reason_missing", said(1, reason=" ")),
        ("no_sheet", agreed()),
        ("no_sheet", agreed(4)),
        ("not_declared", agreed(1)),
        ("same_person", agreed(3, person="p-marta2")),
        ("reason_missing", agreed(3, reason="")),
    ],
)
def test_who_gives_a_sheet_up_says_which_how_and_why(
    code: str, asked: tuple[Any, dict[str, Any]]
) -> None:
    """Given sheet 1 used and scanned, 2 void and 3 declared lost, then each of these is refused."""
    scan = (contingency.scanned, {"copy": 1, "sheets": [1], "file": 1, "person": "p-marta2"})
    state = told(copied(), counted([1], [2]), scan, said(3))
    ask, more = asked
    refused(code, ask, state, batch="CT-0421", **more)


def test_a_scan_that_is_certified_stands_for_a_sheet_that_was_declared_lost() -> None:
    scan = (contingency.scanned, {"copy": 1, "sheets": [1], "file": 1, "person": "p-marta2"})
    state = told(copied(), counted([1], [2, 3]), scan, said(1))
    assert contingency.open_sheets(state, [1]) == []
    ask, more = agreed(1, certified=[1])
    refused("not_declared", ask, state, batch="CT-0421", **more)


@pytest.fixture
def printed(batch: str, own_seal: Any, database: Any) -> int:
    """A paper copy of the rest of the batch; how many sheets it has."""
    place = database.state / "exports" / "x.pdf"
    asking.hand_out(place, queries.batch(batch), actor=actor("marta"), reason=WHY)
    return int(contingency_queries.contingency_of(batch).copies[1].sheets)


def declare(name: str, sheets: list[int], **more: Any) -> None:
    asked = {"batch": "CT-0421", "copy": 1, "sheets": sheets, "fate": "destroyed", **more}
    asking.declare_sheets_missing(**asked, reason=BURNT, **signing(name))


def test_r8_a_lost_sheet_closes_the_record_under_a_deviation_that_a_third_person_assesses(
    batch: str, printed: int
) -> None:
    """Given every step done and no sheet back, when one declares them and another agrees, then
    the deviation stands with the reason, a hand in it never assesses it, the batch completes,
    and the printed record says all of it."""
    work_up_to(4)
    every = list(range(1, printed + 1))
    declare("helena", every)
    with pytest.raises(Refused, match="somebody else agrees"):
        asking.give_up_sheets(batch=batch, copy=1, sheets=every, reason=LOOKED, **signing("helena"))
    with pytest.raises(Refused) as no:
        commands.complete(batch=batch, **signing("dario"))
    assert no.value.code == "open_sheets"

    asking.give_up_sheets(batch=batch, copy=1, sheets=every, reason=LOOKED, **signing("ingrid"))
    (row,) = queries.exceptions(batch=batch).filter(kind="deviation")
    assert row.reason == BURNT and row.person == PEOPLE["helena"][0]
    assert "Paper copy 1, destroyed: sheets 1" in row.sentence
    with pytest.raises(Refused, match="giving up these sheets"):
        asked = {"batch": batch, "exception": row.number, "reason": "Values are on record"}
        commands.assess_exception(**asked, **signing("helena"))

    with pytest.raises(Refused, match="nothing is entered from it"):
        asking.account_for_sheets(batch=batch, copy=1, used=[1], void=[], actor=actor("marta"))
    commands.complete(batch=batch, **signing("dario"))
    assert contingency_queries.contingency_of(batch).closed
    made = paper.source(queries.batch(batch))
    print_ = str(paper.record(made, printed_by="Dario", printed_at=AT))
    assert BURNT in print_ and LOOKED in print_ and "declared as destroyed: sheets 1" in print_


def test_r8_who_assesses_before_the_second_person_agrees_cannot_be_that_person(
    batch: str, printed: int
) -> None:
    """Given sheets that one declared lost, then nobody assesses that before another agreed: else
    who assessed it could agree as well, and two would have done what three have to."""
    declare("marta", [1])
    (row,) = queries.exceptions(batch=batch).filter(kind="deviation")
    asked = {"batch": batch, "exception": row.number, "reason": "Values are on record"}
    with pytest.raises(Refused, match="A second person agrees, or it is found: then") as no:
        commands.assess_exception(**asked, **signing("helena"))
    assert no.value.code == "not_agreed"
    given = {"batch": batch, "copy": 1, "sheets": [1], "reason": LOOKED}
    asking.give_up_sheets(**given, **signing("ingrid"))
    commands.assess_exception(**asked, **signing("helena"))


def test_a_lost_sheet_that_is_found_is_assessed_without_a_second_word(
    batch: str, printed: int
) -> None:
    declare("marta", [1])
    asking.account_for_sheets(
        batch=batch, copy=1, used=[], void=[1], reason="Found unused", actor=actor("marta")
    )
    (row,) = queries.exceptions(batch=batch).filter(kind="deviation")
    commands.assess_exception(
        batch=batch, exception=row.number, reason="It is back", **signing("helena")
    )


def test_a_lost_sheet_is_declared_and_agreed_on_the_pages(
    desks: Desk, own_seal: Any, settings: Any, database: Any
) -> None:
    """Given a sheet that nobody finds, when it is declared on the page without a reason, then what
    was ticked stays; when a second person agrees on theirs, then it says so, and to whom."""
    settings.STATE_DIR = database.state
    place = database.state / "exports" / "x.pdf"
    asking.hand_out(place, queries.batch("CT-0421"), actor=actor("marta"), reason=WHY)
    assert "contingency/1/missing/" in desks.page("marta", "contingency/")
    typed = {"sheets": ["1"], "fate": "lost"}
    no = desks.post("marta", "contingency/1/missing/", **typed, reason="", sign=True)
    assert no.status_code == 422 and 'value="1" id="id_sheets_0" checked' in no.content.decode()
    made = desks.post("marta", "contingency/1/missing/", **typed, reason=BURNT, sign=True)
    assert made.status_code == 302
    assert "a second person has not agreed" in desks.page("marta", "contingency/")

    page = desks.page("ingrid", "contingency/1/given-up/")
    assert BURNT in page and "lost, says Marta" in page
    assert 'id="id_sheets_0"' in page and "checked" not in page, "whoever agrees ticks each"
    sent = {"sheets": ["1"], "reason": LOOKED}
    assert desks.post("ingrid", "contingency/1/given-up/", **sent, sign=True).status_code == 302
    assert "given up as lost, two people say" in desks.page("ingrid", "contingency/")
    assert "Nobody says of a sheet" in desks.page("ingrid", "contingency/1/given-up/")
    assert [event.type for event in store.load("contingency", "CT-0421")][1:] == [
        "batches.contingency_missed", "batches.contingency_given_up",
    ]  # fmt: skip


def test_a_scan_of_a_sheet_that_was_given_up_is_not_kept(batch: str, printed: int) -> None:
    asking.account_for_sheets(batch=batch, copy=1, used=[1], void=[], actor=actor("marta"))
    declare("marta", [1])
    asking.give_up_sheets(batch=batch, copy=1, sheets=[1], reason=LOOKED, **signing("dario"))
    with pytest.raises(Refused, match="given up as destroyed"):
        keeping.upload(
            PNG, keeping.keep_scan, batch=batch, copy=1, sheets=[1], actor=actor("marta")
        )
    assert contingency_queries.files(batch).files == {}


def test_the_sheets_of_a_copy_are_told_in_their_order() -> None:
    """Given a copy of which the second sheet was given up, when its page tells of the sheets, then
    they stand in their order, and not those first that are done with."""
    state = told(copied(), said(2), agreed(2))
    rows = contingency_views.said_of_sheets(state.copies[1], contingency.open_sheets(state, []))
    assert [(row["sheet"], "gone" in row) for row in rows] == [(1, False), (2, True), (3, False)]
