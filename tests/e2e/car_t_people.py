"""Those who make the CAR-T batch in Chromium: each at a tablet, with the fingers of one hand."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from config.demo_signing import PIN, SIGNING_SECRET
from tests.e2e.pictures import SIZES, small
from tests.e2e.test_batch import NAMES
from tests.e2e.test_walk import assert_fits

HERE = ZoneInfo("Europe/Madrid")
CREW = ("marta", "tomas", "ingrid", "dario", "helena")
TABLET = {"width": 768, "height": 1024}
# What a picture is about stands where it is seen; a page from its top, where that is enough.
SHOW = """one => {
  scrollTo(0, 0);
  if (one.getBoundingClientRect().bottom > innerHeight * 0.8) one.scrollIntoView({block: 'center'});
}"""


class Person:
    """Somebody in a window of their own; `album` is where pictures of the pages are kept."""

    def __init__(self, browser: Any, site: str, name: str, album: Path | None = None) -> None:
        self.name, self.album = name, album
        self.context = browser.new_context(
            base_url=site, viewport=TABLET, locale="en-GB", timezone_id="Europe/Madrid",
            reduced_motion="reduce",
        )  # fmt: skip
        self.page = self.context.new_page()
        self.page.set_default_timeout(15_000)
        self.complaints: list[str] = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.go("/sign-in/")
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=f"Sign in as {NAMES[name]}").click()

    def go(self, address: str) -> None:
        self.page.goto(address, wait_until="domcontentloaded")

    def press(self, name: str, *, signs: bool = False) -> None:
        """Touch a button that leads to another page; sign before, where it asks for it."""
        if signs:
            self.sign()
        with self.page.expect_navigation(wait_until="domcontentloaded"):
            self.page.get_by_role("button", name=name, exact=True).first.click()

    def sign(self) -> None:
        """The PIN where the series of signatures has begun, all components where it has not."""
        main = self.page.locator("main")
        if main.locator("input[name=signing_pin]").count():
            main.locator("input[name=signing_pin]").fill(PIN)
        else:
            main.locator("input[name=signing_name]").fill(self.name)
            main.locator("input[name=signing_secret]").fill(SIGNING_SECRET)

    def fill(self, **typed: str) -> None:
        """Type and choose in a form, field by field."""
        for name, text in typed.items():
            field = self.page.locator(f"main [name='{name}']").first
            if field.evaluate("one => one.tagName") == "SELECT":
                field.select_option(text)
            else:
                field.fill(text)

    def faults(self) -> str:
        shown = self.page.locator("main .notice.bad, main .error")
        return " | ".join(shown.all_inner_texts())

    def says(self, text: str | re.Pattern[str]) -> None:
        found = self.page.locator("main").get_by_text(text).first
        try:
            found.wait_for(state="attached", timeout=5_000)
        except Exception as missing:
            said = f"{self.page.url} does not say “{text}”; it says: {self.faults()}"
            raise AssertionError(said) from missing

    def picture(self, name: str, at: str = "h1") -> None:
        """The page fits a tablet and a desktop; with an album, it is kept there at both widths."""
        assert "NaN" not in self.page.locator("main").inner_text()
        for width, height in SIZES.items():
            self.page.set_viewport_size({"width": width, "height": height})
            assert_fits(self.page)
            if self.album:
                self.page.wait_for_load_state()
                self.page.locator(at).first.evaluate(SHOW)
                picture = small(self.page.screenshot())
                (self.album / f"{name}-{width}.png").write_bytes(picture)
        self.page.set_viewport_size(TABLET)

    def act_as(self, role: str) -> None:
        self.go("/session/role/")
        with self.page.expect_navigation():
            self.page.locator(f"form:has(input[name=role][value={role}]) button").click()


def ago(minutes: int) -> str:
    """So many minutes before now, as a person types it here."""
    return (datetime.now(HERE) - timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M")
