"""The two boxes of a lot whose quantity is left open, as the operator fills and gets them back."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from batches import material_queries
from batches.codes import LOT, own_code
from tests.batches import stocking
from tests.batches.test_r10_material_steps import ALBUMIN, MEDIUM, done, enter, scan


@pytest.fixture
def marta(people: Any) -> Client:
    """Marta before step 2, which leaves open how much albumin goes in."""
    from personnel.models import Account

    stocking.cook()
    enter(1, medium=scan(MEDIUM))
    done(1)
    browser = Client()
    browser.force_login(Account.objects.get(username="marta"))
    return browser


def boxes(page: str) -> list[tuple[str, str]]:
    """Names and values of the albumin's boxes on the page."""
    found = re.findall(r'<input[^>]*name="value_albumin[^>]*>', page)
    return [
        (re.search(r'name="([^"]+)"', one)[1], (re.search(r' value="([^"]*)"', one) or ["", ""])[1])
        for one in found
    ]


def send(browser: Client, code: str, much: str) -> Any:
    typed = {"value_albumin": code, "value_albumin.much": much, "then": "keep"}
    return browser.post("/batches/CT-0421/steps/2/perform/", typed)


def test_an_open_quantity_has_a_box_of_its_own_with_its_unit(marta: Client) -> None:
    page = marta.get("/batches/CT-0421/steps/2/").content.decode()
    assert boxes(page) == [("value_albumin", ""), ("value_albumin.much", "")]
    assert 'aria-label="Quantity in mL"' in page and 'for="id_value_albumin_0"' in page


@pytest.mark.parametrize(
    ("code", "much", "said"),
    [
        ("LBL-L-999999-3", "12.5", ""),
        ("", "12.5", "Scan the lot that it was taken of."),
        ("two words", "", ""),
        (own_code(LOT, ALBUMIN), "", "write how much went in, in mL"),
        (own_code(LOT, ALBUMIN), "a lot", ""),
        (own_code(LOT, ALBUMIN), "1000", ""),
    ],
)
def test_what_was_typed_survives_every_refusal_each_in_its_box(
    marta: Client, code: str, much: str, said: str
) -> None:
    """Given a wrong lot, no lot, no quantity, one that is no number or more than there is, then
    nothing is taken, and both boxes hold what they held."""
    no = send(marta, code, much)
    page = no.content.decode()
    assert no.status_code == 422
    assert boxes(page) == [("value_albumin", code), ("value_albumin.much", much)]
    assert said in page
    assert material_queries.lot(ALBUMIN).left == "50"


def test_both_boxes_make_one_answer(marta: Client) -> None:
    assert send(marta, own_code(LOT, ALBUMIN), "12,5").status_code == 302
    assert material_queries.lot(ALBUMIN).left == "37.5"
