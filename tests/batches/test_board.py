"""The room board and the readiness checks, as the floor sees them."""

from typing import Any

import pytest

from batches import board_queries, queries
from batches import material_kit_queries as kits
from tests.batches import floor, flooring, ordering
from tests.batches.conftest import actor
from tests.batches.making import BATCH
from tests.batches.test_step_pages import text_of
from tests.pages.document import faults
from tests.personnel import signers

BOARD = "/batches/board/"


@pytest.fixture
def desk(sqlite_database: Any) -> Any:
    return floor.furnished()


def test_the_board_says_where_each_batch_is_and_who_is_waited_for(desk):
    page = text_of(desk.at("marta").get(BOARD))
    assert BATCH in page and "In no room yet" in page
    assert "waits for the operator" in page and "1. Look" in page
    assert not faults(page)
    assert BATCH in text_of(desk.at("marta").get(f"{BOARD}?mine=1"))
    page = text_of(desk.at("helena").get(f"{BOARD}?mine=1"))
    assert BATCH not in page and "Nothing waits for you on the floor" in page


def test_the_board_says_who_keeps_a_room_that_no_batch_is_at_work_in(desk):
    """Given a room that a batch has entered and whose step is elsewhere, then it is not free."""
    from equipment import claim_commands, room_commands
    from personnel.signing import with_secret

    asked = {"room": "C-12", "batch": BATCH}

    def signing(name: str) -> dict[str, Any]:
        by = actor(name)
        return {"actor": by, "signature": with_secret(by, name=name, secret=signers.SECRET)}

    room_commands.register(
        room="C-12", name="Clean room", grade="C", one_batch=True, actor=actor("dario")
    )
    assert "No batch is in here" in text_of(desk.at("marta").get(BOARD))
    room_commands.clean(room="C-12", agent="Sporicide", actor=actor("marta"))
    room_commands.clear_line(**asked, **signing("marta"))
    room_commands.check_line_clearance(**asked, **signing("dario"))
    claim_commands.enter_room(**asked, actor=actor("marta"))
    page = text_of(desk.at("marta").get(BOARD))
    assert f"Kept by {BATCH}, at work elsewhere." in page and "No batch is in here" not in page


def test_the_board_sends_nothing_where_nothing_changed(desk):
    floor.at_step(desk, 3)
    browser = desk.at("marta")
    first = browser.get(BOARD, HTTP_HX_REQUEST="true")
    assert "Out of the cold" in text_of(first) and "<html" not in text_of(first)
    again = browser.get(BOARD, HTTP_HX_REQUEST="true", HTTP_IF_NONE_MATCH=first["ETag"])
    assert again.status_code == 304 and not again.content
    desk.post("marta", "hold/", kind="process", reason="The alarm sounded")
    third = browser.get(BOARD, HTTP_HX_REQUEST="true", HTTP_IF_NONE_MATCH=first["ETag"])
    assert third.status_code == 200 and "Process hold" in text_of(third)


def test_an_aborted_batch_is_on_no_pick_list(desk):
    """Given an open batch; when it is aborted; then nobody picks for it or counts it as open."""
    from config.templatetags.home import open_batches

    assert [row.batch for row in kits.open_batches()] == [BATCH] and open_batches() == 1
    desk.post("dario", "run/abort/", sign=True, reason="The bag was torn")
    assert kits.open_batches() == [] and open_batches() == 0


def test_readiness_is_green_and_red_with_the_way_out(desk):
    page = desk.page("dario", "ready/")
    assert "no order stands behind the batch" in page and "/batches/orders/" in page
    assert not faults(page)
    assert desk.at("dario").get("/batches/CT-9999/ready/").status_code == 404


def test_material_that_was_rejected_is_not_ready(sqlite_database, monkeypatch):
    """Given a batch of accepted material; when quality rejects that after all; then the batch is
    not ready any more, and its page says why."""
    with flooring.open_floor(monkeypatch):
        flooring.open_batch()

        def material():
            row = queries.batch(BATCH)
            checks = [one for part in board_queries.readiness(row) for one in part.checks]
            (made_of,) = (one for one in checks if one.title == ordering.COLLECTION)
            return made_of.ready, made_of.said

        assert material() == (True, "received, and accepted by quality assurance")
        ordering.judge("rejected", reason="Serology was read again: positive")
        assert material() == (False, "rejected: put it aside and call quality assurance")
