"""A batch made in a real browser, by keyboard alone, by three people with keys of their own."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from batches import car_t
from config.demo_signing import PIN, SIGNING_SECRET
from tests.e2e.conftest import DESKTOP, TABLET
from tests.e2e.test_walk import assert_fits

SMALLEST = 48  # pixels, for a gloved finger
STEPS = list(car_t.content().steps)
NAMES = {"marta": "Marta Solvedo", "ingrid": "Ingrid Halvand", "dario": "Dario Contavalle",
         "helena": "Helena Pratorio", "tomas": "Tomás Aldrany"}  # fmt: skip


# Whatever has the focus: what it is, and whether a person sees that it has it.
FOCUS = """() => {
  const one = document.activeElement, style = getComputedStyle(one);
  const box = one.getBoundingClientRect();
  return {
    tag: one.tagName, classes: [...one.classList], wrong: one.getAttribute('aria-invalid'),
    said: (one.innerText || one.value || '').trim(),
    ring: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
    seen: box.width > 1 && box.height > 1 && box.bottom > 0 && box.top < innerHeight,
  };
}"""
# And whether a mouse, a finger or a pen has touched the page.
POINTED = """['pointerdown', 'mousedown', 'touchstart'].forEach(
  kind => addEventListener(kind, () => { window.pointed = true; }, true));"""


class Keyboard:
    """One person at one window, with hands on the keyboard alone."""

    def __init__(self, browser: Any, site: str, name: str, size: dict[str, int]) -> None:
        self.name = name
        self.signed = False
        self.context = browser.new_context(base_url=site, viewport=size, locale="en-GB")
        self.page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.add_init_script(POINTED)
        self.page.goto("/sign-in/")
        self.tab_to(f"button[aria-label^='Sign in as {NAMES[name]}']")
        self.press("Enter")

    def press(self, key: str) -> None:
        """Press a key that leads to another page, and wait for it."""
        with self.page.expect_navigation():
            self.page.keyboard.press(key)
        assert not self.page.evaluate("window.pointed === true")

    def focus(self) -> dict[str, Any]:
        """What has the focus now; a person must see that it has it."""
        found: dict[str, Any] = self.page.evaluate(FOCUS)
        assert found["tag"] != "BODY", f"Nothing has the focus on {self.page.url}"
        assert found["ring"], f"The focus on {found} does not show"
        assert found["seen"], f"The focus on {found} is out of sight"
        return found

    def follow(self, selector: str) -> None:
        self.tab_to(selector)
        self.focus()
        self.press("Enter")

    def to_what_waits(self, address: str) -> None:
        """Home, and from there to the work that waits."""
        self.follow(".brand")
        self.follow(f"main a[href='{address}']")

    def tab_to(self, selector: str) -> None:
        focused = "selector => document.activeElement.matches(selector)"
        for _press in range(150):
            if self.page.evaluate(focused, selector):
                return
            self.page.keyboard.press("Tab")
        pytest.fail(f"The keyboard does not reach {selector} on {self.page.url}")

    def type_in(self, selector: str, text: str) -> None:
        self.tab_to(selector)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)

    def sign(self, pin: str = PIN) -> None:
        """All components first, the PIN from then on; then the button behind them."""
        if self.signed:
            self.type_in("input[name=signing_pin]", pin)
        else:
            self.type_in("input[name=signing_name]", self.name)
            self.type_in("input[name=signing_secret]", SIGNING_SECRET)
        self.tab_to("button.primary")
        self.press("Enter")
        self.signed = True

    def told(self, text: str) -> None:
        """The page says it, and the keyboard stands where it says so."""
        self.says(text)
        focus = self.focus()
        assert text in focus["said"], focus

    def says(self, text: str) -> None:
        self.page.locator("main").get_by_text(text).first.wait_for(timeout=10_000)


@pytest.fixture
def people(browser: Any, site: str) -> Iterator[Any]:
    """`people("marta")` is Marta at a tablet, signed in."""
    made: dict[str, Keyboard] = {}

    def at(name: str, size: dict[str, int] = TABLET) -> Keyboard:
        if name not in made:
            made[name] = Keyboard(browser, site, name, size)
        return made[name]

    yield at
    for one in made.values():
        one.context.close()
        assert not one.complaints


def open_batch(dario: Keyboard, batch: str) -> None:
    dario.follow("nav a[href='/batches/']")
    dario.follow("main a[href='/batches/open/']")
    dario.type_in("input[name=batch]", batch)
    dario.tab_to("select[name=purpose]")
    dario.page.keyboard.type("Engi")
    dario.tab_to("button.primary")
    dario.press("Enter")
    dario.told(f"{batch} is open.")


def perform(marta: Keyboard, batch: str, step: Any) -> None:
    marta.to_what_waits(f"/batches/{batch}/steps/{step.number}/")
    for parameter in step.parameters:
        marta.type_in(f"input[name=value_{parameter.key}]", str(parameter.target))
    marta.sign()
    marta.told(f"Step {step.number} is signed.")


def verify(ingrid: Keyboard, batch: str, step: int) -> None:
    ingrid.to_what_waits(f"/batches/{batch}/steps/{step}/")
    ingrid.sign()
    ingrid.told(f"Step {step} is verified.")


def test_the_whole_batch_is_made_by_keyboard_alone(people: Any) -> None:
    """Given an approved recipe, when a supervisor opens a batch and operator and verifier work
    through its twelve steps with nothing but keys, then the record is closed and complete."""
    marta, ingrid, dario = people("marta"), people("ingrid"), people("dario")
    batch = "CT-9001"
    open_batch(dario, batch)
    for step in STEPS:
        perform(marta, batch, step)
        if step.verifies:
            verify(ingrid, batch, step.number)
    dario.to_what_waits(f"/batches/{batch}/")
    dario.follow(f"main a[href='/batches/{batch}/complete/']")
    dario.sign()
    dario.told("The record of CT-9001 is closed.")
    assert dario.page.get_by_text("signature holds").count() == 12 + 8 + 1
    assert dario.page.get_by_text("signature broken").count() == 0


def test_a_refusal_leaves_the_keyboard_where_one_goes_on(people: Any) -> None:
    """Given a value left out, one that is no number and a wrong PIN, then each time the focus shows
    at what is wrong, what was typed stands there still, and the keys alone put it right."""
    marta, batch = people("marta"), "CT-9002"
    open_batch(people("dario"), batch)
    perform(marta, batch, STEPS[0])
    verify(people("ingrid"), batch, 1)
    marta.to_what_waits(f"/batches/{batch}/steps/2/")
    marta.type_in("input[name=value_bath]", "37.0")
    marta.sign()
    marta.told("Enter Time to the last ice first.")
    assert marta.page.locator("input[name=value_bath]").input_value() == "37.0"
    marta.type_in("input[name=value_time]", "soon")
    marta.sign()
    wrong = marta.focus()
    assert (wrong["said"], wrong["wrong"]) == ("soon", "true")
    marta.type_in("input[name=value_time]", "3.0")
    marta.sign(pin="000000")
    assert re.search("PIN", marta.focus()["said"])
    assert marta.page.locator("input[name=value_bath]").input_value() == "37.0"
    assert marta.page.locator("input[name=value_time]").input_value() == "3.0"
    marta.sign()
    marta.told("Step 2 is signed.")


@pytest.mark.parametrize("size", [TABLET, DESKTOP], ids=["tablet", "desktop"])
def test_r4_last_value_only_in_the_browser(people: Any, size: dict[str, int]) -> None:
    """Given a first reading beyond its limit, then it is on record before anything is asked; the
    second one stands beside it, and quality sees both."""
    batch = f"CT-90{size['width'] % 100:02}1"
    open_batch(people("dario"), batch)
    marta = people("marta", size)
    perform(marta, batch, STEPS[0])
    verify(people("ingrid"), batch, 1)
    marta.to_what_waits(f"/batches/{batch}/steps/2/")
    marta.type_in("input[name=value_bath]", "39.4")
    marta.type_in("input[name=value_time]", "3.0")
    marta.sign()
    marta.says("Outside the limits")
    assert "limit-open" in marta.focus()["classes"]
    marta.says("39.4 °C")
    assert_fits(marta.page)
    marta.type_in("input[name=value_bath]", "37.1")
    marta.tab_to("button.primary")
    marta.press("Enter")
    marta.says("stands on record as 39.4 °C")
    assert marta.page.locator("input[name=value_bath]").input_value() == "37.1"
    marta.type_in("input[name=reason]", "Probe touched the heater")
    marta.tab_to("button.primary")
    marta.press("Enter")
    marta.sign()
    marta.says("Step 2 is signed.")
    helena = people("helena", size)
    for address in ("", "print/"):
        helena.page.goto(f"/batches/{batch}/{address}")
        assert helena.page.locator("del", has_text="39.4 °C").count() == 1
        assert helena.page.locator("ins", has_text="37.1 °C").count() == 1
        helena.says("Probe touched the heater")
        assert_fits(helena.page)
    helena.page.emulate_media(media="print")
    assert helena.page.get_by_text("Entry and proof").first.is_hidden(), "paper has no links"
    assert helena.page.locator("del", has_text="39.4 °C").is_visible()
    helena.page.emulate_media(media="screen")


def test_the_first_page_invites_to_run_the_batch_and_leads_to_its_step(page: Any) -> None:
    page.goto("/")
    invitation = page.locator(".invitation")
    assert invitation.get_by_text(SIGNING_SECRET).count() == 1
    assert invitation.get_by_text(PIN).count() == 1
    invitation.get_by_role("button", name="Begin as Marta Solvedo").click()
    page.wait_for_url("**/batches/CT-0422/steps/*/")
    assert page.get_by_role("heading", level=1).count() == 1
    page.goto("/")
    waiting = page.get_by_role("region", name="What waits for you")
    assert waiting.get_by_text("CT-0422").count() >= 1
    assert_fits(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_step_card_is_made_for_gloves(page: Any, sign_in: Any, scheme: str) -> None:
    """Every control of the card is 48 px high on a tablet, and nothing is wider than it."""
    sign_in("Tomás Aldrany")
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": 768, "height": 1024})
    for address in ("/batches/", "/batches/CT-0422/steps/7/", "/batches/CT-0421/", "/batches/open/",
                    "/batches/exceptions/", "/batches/CT-0421/print/"):  # fmt: skip
        page.goto(address)
        assert_fits(page)
        controls = page.locator("main .button, main input:not([type=hidden]), main select")
        for control in controls.all():
            box = control.bounding_box()
            if box and control.is_visible():
                assert box["height"] >= SMALLEST, control.evaluate("one => one.outerHTML")
