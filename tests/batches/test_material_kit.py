"""What a batch still needs before it begins: each line says what is the case and where to go."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from batches import (
    board_queries,
    material_kit_queries,
    material_queries,
    queries,
)
from batches import material_commands as materials
from batches import material_stock_commands as stock
from ledger import clock
from tests.batches import stocking
from tests.batches.conftest import actor, signing
from tests.batches.making import BATCH
from tests.batches.test_r10_material_steps import MEDIUM


@pytest.fixture
def kitchen(people: Any) -> str:
    return stocking.cook()


def medium() -> tuple[str, str, str, str]:
    """The line of the T cell medium: its standing, word, sentence and address."""
    row = queries.batch(BATCH)
    need = next(n for n in material_kit_queries.needs(row) if n.material.key == "medium")
    parts = {part.title: part.checks for part in board_queries.readiness(row)}
    (check,) = (one for one in parts["Materials"] if one.title == "T cell medium")
    assert check.ready == (need.standing in ("ready", "pick"))
    word, said = material_kit_queries.told(need)
    assert check.said == said and check.word == ("" if check.ready else word)
    return need.standing, word, said, check.address


def test_what_is_in_stock_is_not_missing_but_not_reserved(kitchen: str) -> None:
    """Given a lot on the shelf, then the line says so, with the lot, and leads to the kit, whose
    scan reserves it; then it is ready."""
    standing, word, said, address = medium()
    assert (standing, word, address) == (
        "choose",
        "Not reserved",
        f"/batches/materials/kits/{BATCH}/",
    )
    assert said == "in stock as L-000001 (Cold room, shelf 2), not reserved: scan it into the kit"
    stock.pick_lot(lot=MEDIUM, batch=BATCH, actor=actor("marta"))
    assert medium()[0] == "ready"


def spoil(how: str, later: Any) -> None:
    if how in ("quarantine", "bad"):
        if how == "bad":
            reserve(BATCH, "250")
        materials.quarantine_lot(lot=MEDIUM, reason="Label is torn", actor=actor("ingrid"))
    elif how == "reserved":
        reserve("CT-0999", "1000")
    elif how == "opened":
        stock.open_lot(lot=MEDIUM, actor=actor("marta"))
        later(days=2)
    elif how == "expired":
        later(days=365 * 80)
    else:
        materials.reject_lot(lot=MEDIUM, reason="Endotoxin found", **signing("helena"))


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Time passes for whoever reads the shelf."""

    def pass_(days: int) -> None:
        at = clock.now() + timedelta(days=days)
        monkeypatch.setattr(material_queries, "clock", SimpleNamespace(now=lambda: at))

    return pass_


def reserve(holder: str, quantity: str) -> None:
    asked = {"lot": MEDIUM, "holder": holder, "quantity": quantity, "unit": "mL"}
    stock.reserve_lot(**asked, actor=actor("dario"))


@pytest.mark.parametrize(
    ("how", "word", "address"),
    [
        ("quarantine", "In quarantine", "lots/L-000001/"),
        ("reserved", "Reserved for others", "lots/L-000001/"),
        ("opened", "Open for too long", "receive/"),
        ("expired", "Expired", "receive/"),
        ("short", "Not in stock", "receive/"),
        ("bad", "Not usable", "lots/L-000001/"),
    ],
)
def test_each_hindrance_has_its_own_word_sentence_and_way_out(
    kitchen: str, later: Any, how: str, word: str, address: str
) -> None:
    """Given the only lot of the medium may not be taken, then the line says why, with the lot, and
    leads to where that is put right; a second lot that is fit is offered before it."""
    spoil(how, later)
    standing, said_word, said, led = medium()
    assert (standing, said_word) == (how, word)
    assert led == f"/batches/materials/{address}"
    assert how == "short" or "L-000001 (Cold room, shelf 2)" in said
    if how not in ("bad", "expired"):
        stocking.release(stocking.receive("L-000009", quantity="500"))
        assert medium()[0] == "choose"


def test_a_part_that_is_reserved_leaves_the_rest_to_be_taken_from_the_shelf(kitchen: str) -> None:
    """Given 100 mL of the 250 mL are reserved, then the rest is offered from the shelf, and the
    line does not say that nothing is left."""
    reserve(BATCH, "100")
    assert medium()[0] == "choose"
    reserve("CT-0999", "900")
    assert medium()[0] == "reserved"
