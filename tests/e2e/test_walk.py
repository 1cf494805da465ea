"""A walk through the demo in a real browser, at tablet and at desktop width."""

from itertools import pairwise
from typing import Any

import pytest

PAGES = ("/", "/equipment/", "/trail/", "/trail/export/", "/ledger/", "/ledger/verify/")


def assert_fits(page: Any) -> None:
    """Nothing is wider than the window, so nobody has to scroll sideways."""
    wide = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    assert wide <= 0, f"{page.url} is {wide} px too wide"


def test_a_person_signs_in_with_one_click_and_out_again(page: Any, sign_in: Any) -> None:
    sign_in("Marta Solvedo")
    assert page.get_by_text("Marta Solvedo").first.is_visible()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in/**")


def test_the_way_back_shows_nobodys_page_after_signing_out(page: Any, sign_in: Any) -> None:
    """Given a terminal that others use too, when somebody signs out and the next one goes back,
    then there is the door, and not what was read before."""
    sign_in("Marta Solvedo")
    page.goto("/trail/")
    page.goto("/batches/CT-0422/")
    with page.expect_response("**/sign-out/") as left:
        page.get_by_role("button", name="Sign out").click()
    assert (
        left.value.all_headers()["clear-site-data"] == '"cache"'
    )  # pages kept whole for the way back
    page.wait_for_url("**/sign-in/**")
    page.go_back()
    page.wait_for_load_state()
    assert page.get_by_label("Password").is_visible()
    assert page.get_by_text("Record of CT-0422").count() == 0


@pytest.mark.parametrize("path", PAGES)
def test_a_page_opens_whole_and_fits(page: Any, sign_in: Any, path: str) -> None:
    """Given the quality reviewer, then each page opens, has one heading, and fits the window."""
    sign_in("Helena Pratorio")
    answer = page.goto(path)
    assert answer.status == 200
    assert page.get_by_role("heading", level=1).count() == 1
    assert_fits(page)


def test_an_operator_makes_an_entry_and_finds_it_on_the_trail(page: Any, sign_in: Any) -> None:
    """R3: what is written in a unit's logbook stands on the trail, with who wrote it."""
    words = f"Wiped down before the run at {page.viewport_size['width']} px"
    sign_in("Marta Solvedo")
    page.goto("/equipment/")
    page.locator("main table a[href^='/equipment/']").first.click()
    assert_fits(page)
    page.get_by_label("What was done or seen").fill(words)
    page.get_by_role("button", name="Make the entry").click()
    assert page.locator("main").get_by_text(words).first.is_visible()
    page.get_by_role("link", name="On the trail").click()
    assert page.locator("main").get_by_text(words).first.is_visible()
    assert page.locator("main").get_by_text("Marta Solvedo").first.is_visible()
    assert_fits(page)


def test_at_a_tablet_s_width_the_bar_keeps_off_the_edge_and_in_line(
    page: Any, sign_in: Any
) -> None:
    sign_in("Helena Pratorio")
    page.set_viewport_size({"width": 768, "height": 1024})
    page.goto("/batches/")
    out = page.get_by_role("button", name="Sign out").bounding_box()
    assert out["y"] >= 8
    left = page.get_by_role("heading", level=1).bounding_box()["x"]
    assert page.locator(".brand").bounding_box()["x"] == left
    right = page.locator("#theme").bounding_box()
    assert right["x"] + right["width"] == 768 - left


def test_in_gloves_one_decision_of_the_review_is_not_taken_for_the_next(
    page: Any, sign_in: Any
) -> None:
    """Given the review's rows on a tablet, then targets are 48 px and none reaches into another."""
    sign_in("Helena Pratorio")
    page.set_viewport_size({"width": 768, "height": 1024})
    page.goto("/people/review/")
    rows = [one.bounding_box() for one in page.locator("label.check").all()]
    assert len(rows) >= 8
    confirm = [row for row in rows if row["x"] == rows[0]["x"]]
    for above, below in pairwise(confirm):
        assert above["height"] >= 48
        assert above["y"] + above["height"] <= below["y"]


def test_a_finger_that_comes_to_a_reading_replaces_it(page: Any, sign_in: Any) -> None:
    sign_in("Marta Solvedo")
    page.goto("/batches/CT-0422/steps/7/")
    field = page.locator("[name=value_co2]")
    field.fill("5.1")
    page.locator("h1").click()
    field.click()
    page.keyboard.type("4.9")
    assert field.input_value() == "4.9"
    page.get_by_role("button", name="Sign out").click()
