"""The editor in a real browser: outline, drag and keys, the card as one types, undo."""

from typing import Any

import pytest

from tests.batches.test_recipe_pictures import drawn
from tests.e2e.test_walk import assert_fits

NUMBER = "MBR-E2E"


@pytest.fixture
def editor(page: Any, sign_in: Any, request: pytest.FixtureRequest) -> Any:
    """A process engineer before a draft of their own, begun with a record that is shipped."""
    sign_in("Pavel Horasek")
    size = page.viewport_size["width"]
    number = (
        f"{NUMBER}-{size}-{request.node.originalname[-6:].upper().replace('_', '-').strip('-')}"
    )
    page.goto("/batches/recipes/draft/")
    page.get_by_label("Begin with").select_option("shipped:MBR-101")
    page.get_by_label("Number").fill(number[:20].strip("-"))
    page.get_by_role("button", name="Begin the draft").click()
    page.get_by_text("The draft is begun.").wait_for()
    page.get_by_role("link", name="Edit", exact=True).click()
    page.wait_for_url("**/edit/")
    return page


def outline(page: Any) -> list[str]:
    found: list[str] = page.locator("[data-outline] a.steps").all_inner_texts()
    return found


def to_step(page: Any, number: int) -> None:
    page.locator("[data-outline] a.steps").nth(number - 1).click()
    page.wait_for_url("**node=steps**")


def drag(page: Any, one: Any, behind: Any, *, between: Any) -> None:
    """With the mouse, to the lower half of another; all three in view before it begins."""
    between.evaluate("one => one.scrollIntoView({block: 'center'})")
    begin, end = one.bounding_box(), behind.bounding_box()
    page.mouse.move(begin["x"] + 20, begin["y"] + begin["height"] / 2)
    page.mouse.down()
    page.mouse.move(end["x"] + 20, end["y"] + end["height"] / 2, steps=5)
    page.mouse.move(end["x"] + 24, end["y"] + end["height"] - 4, steps=5)
    page.mouse.up()


def test_what_is_typed_shows_on_the_card_at_once_and_is_kept_when_saved(editor: Any) -> None:
    to_step(editor, 3)
    title = editor.locator("#id_title")
    title.fill("Look at the room again")
    card = editor.get_by_role("region", name="As the operator will see it")
    card.get_by_text("3. Look at the room again").wait_for()
    editor.locator("#id_instruction").fill("")
    editor.get_by_text("Give the step a title and an instruction.").first.wait_for()
    editor.locator("#id_instruction").fill("Read the display at the door.")
    editor.get_by_role("button", name="Save", exact=True).click()
    editor.get_by_text("Saved.").wait_for()
    assert outline(editor)[2] == "3. Look at the room again"
    editor.get_by_role("button", name="Undo the last edit").click()
    editor.get_by_text("Done. Undo takes it back.").wait_for()
    assert outline(editor)[2] != "3. Look at the room again"
    assert_fits(editor)


def test_a_step_is_dragged_and_moved_by_keys_alone(editor: Any) -> None:
    before = [one.partition(". ")[2] for one in outline(editor)]
    steps = editor.locator("[data-outline] a.steps")
    drag(editor, steps.nth(0), steps.nth(2), between=steps.nth(1))
    editor.get_by_text("Done. Undo takes it back.").wait_for()
    after = [one.partition(". ")[2] for one in outline(editor)]
    assert after[:3] == [before[1], before[2], before[0]]
    assert [one.partition(".")[0] for one in outline(editor)][:3] == ["1", "2", "3"]
    to_step(editor, 3)
    for _ in range(2):
        button = editor.get_by_role("button", name="Move up")
        button.focus()
        editor.keyboard.press("Enter")
        editor.get_by_text("Done. Undo takes it back.").wait_for()
    assert [one.partition(". ")[2] for one in outline(editor)] == before


def test_a_wrong_number_stays_and_the_keyboard_stands_at_it(editor: Any) -> None:
    names = outline(editor)
    to_step(editor, names.index(next(one for one in names if "Read the room" in one)) + 1)
    target = editor.locator("input[name$='-target']").first
    target.fill("warm")
    editor.get_by_role("button", name="Save", exact=True).click()
    editor.get_by_text("Write a number, as 37.5.").first.wait_for()
    focus = editor.evaluate("() => document.activeElement.value")
    assert focus == "warm"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_of_a_draft_fits(editor: Any, scheme: str) -> None:
    editor.emulate_media(color_scheme=scheme)
    base = editor.url.partition("edit/")[0]
    for address in ("", "edit/?node=header", "edit/?node=materials", "edit/?node=hold_times",
                    "edit/library/?node=header&source=MBR-019.1", "dry-run/1/"):  # fmt: skip
        editor.goto(base + address)
        assert editor.get_by_role("heading", level=1).count() == 1
        assert_fits(editor)


def test_what_is_typed_at_one_step_stays_at_that_step(editor: Any) -> None:
    """Given a title that is typed and not saved, when its author looks at another step, then that
    one stands there as it is recorded; back at the first, what was typed is put back."""
    to_step(editor, 3)
    editor.locator("#id_title").fill("Not saved yet")
    at_three = editor.url
    editor.locator("[data-outline] a.steps").nth(3).click()
    editor.wait_for_url(lambda url: url != at_three)
    assert editor.locator("#id_title").input_value() != "Not saved yet"
    editor.goto(at_three)
    assert editor.locator("#id_title").input_value() == "Not saved yet"
    editor.get_by_text("what you typed before was put back").wait_for()


def test_a_picture_is_chosen_and_stands_on_the_card_to_come(editor: Any) -> None:
    to_step(editor, 3)
    picture = {"name": "clamp.png", "mimeType": "image/png", "buffer": drawn()}
    editor.locator("#id_picture").set_input_files(picture)
    with editor.expect_request("**/attempt/") as tried:
        editor.locator("#id_picture_title").fill("The clamp is closed")
    sent = tried.value.post_data or ""
    assert 'name="picture_title"' in sent, "what is typed is tried"
    assert 'name="picture"' not in sent, "the picture is sent once, when it is saved"
    editor.get_by_role("button", name="Save and add the picture").click()
    editor.get_by_text("Saved.").wait_for()
    card = editor.get_by_role("region", name="As the operator will see it")
    card.get_by_role("img", name="The clamp is closed").wait_for()
    editor.wait_for_function(
        """() => {
            const one = document.querySelector(".preview img");
            if (one) one.scrollIntoView();
            return one && one.naturalWidth === 64;
        }"""
    )
    assert_fits(editor)
