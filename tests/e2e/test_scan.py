"""Scan boxes in a real browser: the keys of a wedge and of a hand, the picture of a camera."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.batches import drawing

STATIC = Path(__file__).parents[2] / "static"
PAGE = """<!doctype html><html lang="en"><body>
<button id="outside" type="button">Somewhere else</button>
<form id="form" action="/sent" method="post">
<input type="hidden" name="csrfmiddlewaretoken" value="token">%s%s
<input id="note" name="note"><button id="send">Record</button></form></body></html>"""


def box(name: str, many: str = "") -> str:
    """The component as a page has it."""
    from django import forms
    from django.template.loader import render_to_string

    class Form(forms.Form):
        code = forms.CharField(label=f"Scan {name}", required=False)

    form = Form(auto_id=f"{name}_%s", prefix=name)
    text = render_to_string("components/scan.html", {"field": form["code"], "many": many})
    return text.replace('<script src="/static/js/scan.js" defer></script>', "")


@pytest.fixture
def window(browser: Any) -> Iterator[Any]:
    """A page with two scan boxes, a field and a button; it counts how often the form was sent."""
    context = browser.new_context(viewport={"width": 768, "height": 1024})
    page = context.new_page()
    sent: list[str] = []
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    html = PAGE % (box("lot"), box("unit"))
    assert "data-many" in box("lot", "1") and "data-many" not in html

    def answer(route: Any) -> None:
        if route.request.method == "POST" and route.request.url.endswith("/sent"):
            sent.append(route.request.url)
        route.fulfill(status=200, content_type="text/html", body=html)

    page.route("https://scan.test/**", answer)
    page.goto("https://scan.test/page")
    page.add_script_tag(path=str(STATIC / "js" / "scan.js"))
    page.sent = sent
    yield page
    context.close()
    assert faults == []


def lot(page: Any) -> Any:
    return page.locator("#lot_lot-code")


def unit(page: Any) -> Any:
    return page.locator("#unit_unit-code")


WEDGE = """([text, ending]) => {
  const press = (key) => {
    const at = document.activeElement;
    const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
    const let_through = at.dispatchEvent(event);
    if (let_through && key.length === 1 && at.setRangeText) {
      at.setRangeText(key, at.selectionStart, at.selectionEnd, "end");
    }
  };
  [...text].forEach(press);
  press(ending);
}"""


def wedge(page: Any, text: str, ending: str = "Enter") -> None:
    """A scan as a wedge sends it: all keys at once, however busy the machine is."""
    page.evaluate(WEDGE, [text, ending])


def focused(page: Any) -> str:
    return str(page.evaluate("document.activeElement.id"))


@pytest.mark.parametrize("ending", ["Enter", "Tab"])
def test_r11_a_wedge_fills_box_after_box_and_sends_no_half_form(window: Any, ending: str) -> None:
    """Given the cursor in the first box, when a wedge types and ends in Enter or Tab, then the next
    box waits, and nothing was sent.
    """
    lot(window).focus()
    window.keyboard.type("LBL-AB-7-X", delay=3)
    window.keyboard.press(ending)
    if ending == "Enter":
        assert focused(window) == "unit_unit-code"
    else:
        unit(window).focus()
    window.keyboard.type("LBU-CF-01-L", delay=3)
    window.keyboard.press("Enter")
    assert (lot(window).input_value(), unit(window).input_value()) == ("LBL-AB-7-X", "LBU-CF-01-L")
    assert focused(window) == "note" and window.sent == []


def test_r11_a_hands_enter_in_a_scan_box_sends_nothing(window: Any) -> None:
    """Given somebody who types slowly, when they press Enter, then the form is not sent either; the
    button sends it.
    """
    lot(window).focus()
    window.keyboard.press("Enter")
    assert focused(window) == "lot_lot-code"  # an empty box keeps the cursor
    window.keyboard.type("CF-01", delay=80)
    window.keyboard.press("Enter")
    assert window.sent == []
    window.locator("#send").click()
    window.wait_for_timeout(100)
    assert len(window.sent) == 1


def test_r11_a_wedges_separator_is_kept(window: Any) -> None:
    """Given a wedge that sends the separator as Ctrl and a bracket, then it is in the text."""
    lot(window).focus()
    window.keyboard.type("0109506000134352", delay=2)
    window.keyboard.type("10AB-7", delay=2)
    window.keyboard.press("Control+]")
    window.keyboard.type("21XYZ", delay=2)
    assert lot(window).input_value() == "010950600013435210AB-7\x1d21XYZ"


def test_r11_a_scan_with_no_cursor_anywhere_goes_to_the_first_empty_box(window: Any) -> None:
    """Given nothing in the cursor, when a wedge types, then the first empty box has it; what a hand
    types slowly goes nowhere.
    """
    window.locator("#outside").focus()
    window.keyboard.type("CF-01", delay=90)
    window.keyboard.press("Enter")
    assert lot(window).input_value() == ""
    window.locator("#outside").focus()
    wedge(window, "LBL-AB-7-X")
    assert lot(window).input_value() == "LBL-AB-7-X"
    assert focused(window) == "unit_unit-code" and window.sent == []


@pytest.mark.parametrize("cursor", ["#outside", "#lot_lot-code"])
def test_r11_the_next_scan_takes_the_place_of_what_was_refused(window: Any, cursor: str) -> None:
    """Given a scan was refused and stands in its box; when the next one comes, whether the cursor
    is in the box or nowhere; then it replaces the refused one, and is not added to it.
    """
    unit(window).fill("CF-01")
    window.evaluate("""() => {
      const field = document.querySelector("#lot_lot-code");
      field.value = "L-000050";
      field.closest("[data-scan]").classList.add("bad");
    }""")
    window.locator(cursor).focus()
    if cursor == "#outside":
        wedge(window, "L-000016")
    else:
        window.keyboard.type("L-000016", delay=3)
    assert lot(window).input_value() == "L-000016"
    assert unit(window).input_value() == "CF-01" and window.sent == []


@pytest.mark.parametrize("ending", ["Enter", "Tab"])
def test_r20_a_box_for_several_codes_keeps_the_cursor(window: Any, ending: str) -> None:
    """Given a box that takes several codes, when a wedge types three, then all stand there with a
    space between; an Enter that adds nothing goes on.
    """
    window.evaluate("document.querySelector('[data-scan]').setAttribute('data-many', '')")
    lot(window).focus()
    for n in range(1, 4):
        wedge(window, f"CT-0421-1-00{n}", ending)
    assert lot(window).input_value() == "CT-0421-1-001 CT-0421-1-002 CT-0421-1-003 "
    assert focused(window) == "lot_lot-code"
    window.keyboard.press("Enter")
    assert focused(window) == "unit_unit-code" and window.sent == []


def test_r11_the_cameras_picture_is_read_by_the_server(window: Any, tmp_path: Path) -> None:
    """Given a picture of a label, when it is chosen, then it is sent as a picture with the form's
    token, the text stands in the box, and a no stands under it.
    """
    from batches import symbols

    picture = tmp_path / "label.png"
    picture.write_bytes(drawing.png("LBU-CF-01-L", scale=8))
    asked: list[Any] = []

    def read(route: Any) -> None:
        asked.append(route.request)
        seen = symbols.read_picture(_uploaded(route.request.post_data_buffer))
        said = {"text": seen[0].text} if len(asked) == 1 else {"wrong": "Go closer."}
        route.fulfill(status=200 if len(asked) == 1 else 422, body=json.dumps(said))

    window.route("https://scan.test/batches/scan/picture/", read)
    chooser = window.locator("[data-scan] input[type=file]").first
    chooser.set_input_files(str(picture))
    window.wait_for_function("document.querySelector('#lot_lot-code').value !== ''")
    assert lot(window).input_value() == "LBU-CF-01-L"
    assert asked[0].headers["x-csrftoken"] == "token"
    chooser.set_input_files([])
    chooser.set_input_files(str(picture))
    window.wait_for_selector("text=Go closer.")
    assert lot(window).input_value() == "LBU-CF-01-L" and window.sent == []


def _uploaded(body: bytes) -> bytes:
    """The picture in a form that a browser sent."""
    head, _blank, rest = body.partition(b"\r\n\r\n")
    boundary = body.split(b"\r\n", 1)[0]
    assert b'name="picture"' in head
    return rest.split(b"\r\n" + boundary)[0]
