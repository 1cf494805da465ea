"""The trail in a real browser: an inspector finds a correction, reads its proof, takes it along."""

import re
from pathlib import Path
from typing import Any

from ledger import verify

SMALLEST = 48  # pixels, for a gloved finger


def test_r19_an_inspector_finds_a_correction_and_downloads_its_proof(
    page: Any, sign_in: Any, tmp_path: Path
) -> None:
    """Given the demo's week, when the corrections are asked for, then one leads to its proof."""
    sign_in("Emeka Okaforde")
    page.goto("/trail/")
    page.get_by_role("link", name="Corrections").click()
    page.wait_for_url("**/trail/?quick=corrections")
    assert page.locator("[data-row]").count() >= 1
    page.locator("[data-row]").first.click()
    page.get_by_text("This page checked it just now: it holds.").wait_for()
    entry = page.locator("pre").filter(has_text="lotbook.event/v1").first.inner_text()
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Download the proof").click()
    proof = tmp_path / "one.tlog-proof"
    waiting.value.save_as(proof)
    text = proof.read_bytes()
    page.goto("/trail/?type=ledger.epoch_began")
    page.locator("[data-row]").first.click()
    key = re.search(r"[\w.-]+\+[0-9a-f]{8}\+[A-Za-z0-9+/=]+", page.content())
    assert key is not None, "the log's first entry names its key"
    whole = f"{entry.rstrip()}\n".encode()
    proved = verify.verify_tlog_proof(text, whole, [verify.parse_vkey(key[0])])
    assert proved.checkpoint.size > proved.leaf_index


def test_r19_the_filter_is_typed_kept_in_the_address_and_taken_away(
    page: Any, sign_in: Any
) -> None:
    sign_in("Emeka Okaforde")
    page.goto("/trail/")
    page.keyboard.press("/")
    page.keyboard.type("record")
    page.get_by_role("combobox", name="Person").fill("Marta Solvedo")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/trail/\?q=record&person="))
    assert "quick=" not in page.url, "what is empty stays out of the address"
    chips = page.locator(".chip")
    assert chips.count() == 2
    chips.first.click()
    page.wait_for_url(re.compile(r"/trail/\?person="))
    assert page.locator(".chip").count() == 1


def test_rows_are_stepped_through_by_keyboard(page: Any, sign_in: Any) -> None:
    sign_in("Emeka Okaforde")
    page.goto("/trail/")
    page.locator("main").focus()
    page.keyboard.press("j")
    page.keyboard.press("j")
    second = page.locator("[data-row]").nth(1)
    assert second.evaluate("row => row === document.activeElement")
    page.keyboard.press("Enter")
    page.wait_for_url("**/entries/**")


def test_the_chosen_colours_are_remembered(page: Any, sign_in: Any) -> None:
    sign_in("Emeka Okaforde")
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    page.emulate_media(color_scheme="light")
    light = page.evaluate(ground)
    page.locator("#theme").click()
    page.locator("#theme").click()
    assert page.evaluate(ground) != light
    page.goto("/ledger/")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_the_health_page_reads_itself_again_and_leaves_the_focus_alone(
    page: Any, sign_in: Any
) -> None:
    sign_in("Emeka Okaforde")
    page.goto("/ledger/")
    with page.expect_response(lambda answer: answer.url.endswith("/ledger/")) as again:
        page.wait_for_timeout(100)
    assert again.value.request.headers["hx-request"] == "true"
    copy = page.get_by_role("button", name="Copy the root")
    copy.focus()
    page.wait_for_timeout(3500)
    assert copy.evaluate("button => button === document.activeElement")


def test_a_long_text_shows_its_beginning_on_the_trail(page: Any, sign_in: Any) -> None:
    """Given an entry of 2000 characters, then its line is short and its own page has all of it."""
    sign_in("Marta Solvedo")
    page.goto("/equipment/CF-02/")
    page.get_by_label("What was done or seen").fill("long lines of work " * 105)
    page.get_by_role("button", name="Make the entry").click()
    page.goto("/trail/")
    line = page.locator(".timeline .sentence").filter(has_text="long lines of work").first
    line.wait_for()
    assert line.bounding_box()["height"] < 160
    page.locator("[data-row]").first.click()
    assert page.locator("h1").bounding_box()["height"] > 160


def test_links_to_units_are_large_enough_for_gloves(page: Any, sign_in: Any) -> None:
    sign_in("Marta Solvedo")
    page.set_viewport_size({"width": 768, "height": 1024})
    page.goto("/equipment/")
    for link in page.locator("main td > a[data-row]").all():
        assert link.bounding_box()["height"] >= SMALLEST
    page.goto("/trail/")
    page.get_by_text("Narrow down").click()
    for fold in page.locator(".facet > summary").all():
        assert fold.bounding_box()["height"] >= SMALLEST


def test_controls_are_large_enough_for_gloves_on_a_tablet(page: Any, sign_in: Any) -> None:
    sign_in("Emeka Okaforde")
    page.set_viewport_size({"width": 768, "height": 1024})
    for address in ("/trail/", "/ledger/verify/", "/trail/export/"):
        page.goto(address)
        controls = page.locator("main .button, main input:not([type=hidden]), main select")
        for control in controls.all():
            box = control.bounding_box()
            if box and control.is_visible():
                assert box["height"] >= SMALLEST, control.evaluate("one => one.outerHTML")
