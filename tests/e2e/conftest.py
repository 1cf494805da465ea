"""A real browser before the real demo: what a person in the clean room sees and clicks."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import absent
from tests.demo_process import Running, free_port, start

# Chromium's own choice of names, by distribution.
NAMES = ("chromium", "chromium-browser", "google-chrome")
TABLET, DESKTOP = {"width": 820, "height": 1180}, {"width": 1366, "height": 900}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One worker drives them all, so that one demo is started for all who ask for no other."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here) and not item.get_closest_marker("xdist_group"):
            item.add_marker(pytest.mark.xdist_group("demo"))


@pytest.fixture(scope="package")
def running_demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The demo with its told history, answering. Tests share it: they add, and never count."""
    folder = tmp_path_factory.mktemp("e2e")
    running = start(folder / "state", folder / "output", free_port())
    try:
        running.wait_for("ok")
        yield running
    finally:
        running.kill()


@pytest.fixture(scope="package")
def site(running_demo: Running) -> str:
    """The demo's address. It says localhost, which browsers hold for secure (passkeys)."""
    return f"http://localhost:{running_demo.port}"


@pytest.fixture(scope="package")
def browser() -> Iterator[Any]:
    """Debian's Chromium, driven by Playwright.

    It ends with this package: Playwright keeps an event loop running in the worker's thread, and
    while one runs Django refuses every connection to a database.
    """
    binary = next(filter(None, map(shutil.which, NAMES)), None)
    if binary is None:
        absent("chromium", "Chromium is not installed: apt install chromium.")
    from playwright.sync_api import sync_playwright

    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=binary, args=arguments)
        yield started
        started.close()


@pytest.fixture(params=["tablet", "desktop"])
def page(request: pytest.FixtureRequest, browser: Any, site: str) -> Iterator[Any]:
    """A fresh browser window, once as wide as a tablet and once as a desktop.

    A script error or a request that the content policy refuses fails the test.
    """
    size = TABLET if request.param == "tablet" else DESKTOP
    context = browser.new_context(base_url=site, viewport=size, locale="en-GB")
    window = context.new_page()
    complaints: list[str] = []
    window.on("pageerror", lambda error: complaints.append(str(error)))
    window.on("console", lambda line: _note(line, complaints))
    yield window
    context.close()
    assert not complaints


def _note(line: Any, complaints: list[str]) -> None:
    if line.type == "error" and "status of 4" not in line.text:
        complaints.append(line.text)


@pytest.fixture
def sign_in(page: Any) -> Any:
    """`sign_in("Marta Solvedo")`: through the demo's button for that person."""

    def enter(printed_name: str) -> Any:
        page.goto("/sign-in/")
        page.get_by_role("button", name=f"Sign in as {printed_name}").click()
        page.wait_for_load_state()
        return page

    return enter


@pytest.fixture(scope="module")
def windows(browser: Any, site: str) -> Iterator[Any]:
    """`windows("Marta Solvedo")`: her window, signed in, one for all her pages; "" is nobody's."""
    made: dict[str, Any] = {}

    def window(who: str) -> Any:
        if who not in made:
            size = {"width": 768, "height": 1024}
            made[who] = browser.new_context(base_url=site, viewport=size, locale="en-GB").new_page()
            if who:
                made[who].goto("/sign-in/")
                made[who].get_by_role("button", name=f"Sign in as {who}").click()
                made[who].wait_for_load_state()
        return made[who]

    yield window
    for page in made.values():
        page.context.close()
