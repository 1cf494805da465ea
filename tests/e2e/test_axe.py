"""axe finds no fault on any page, in light and in dark (WCAG 2.2 AA and its own best practice)."""

from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.contrib.auth.models import AnonymousUser
from django.template.loader import render_to_string
from django.test import RequestFactory

from tests.e2e.screens import ENGINEER, NOBODY, OPERATOR, SCREENS, Screen, drafted

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# The two schemes differ in colours alone: the rest is judged once, in light.
COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
# Pages that a well demo never shows: they are made here and shown at an address of the site.
FAULTS = {"400.html": 400, "413.html": 413, "500.html": 500, "personnel/locked.html": 423}


def faults(page: Any) -> list[str]:
    """What axe objects to on the page as it stands, in light and in dark."""
    page.evaluate(AXE_SCRIPT)
    found = []
    for scheme, rules in (("light", RULES), ("dark", COLOURS)):
        page.emulate_media(color_scheme=scheme)
        options = {"runOnly": rules, "resultTypes": ["violations"]}
        answer = page.evaluate("options => axe.run(document, options)", options)
        for rule in answer["violations"]:
            places = [f"{node['html'][:160]}: {node['failureSummary']}" for node in rule["nodes"]]
            found.append(f"{scheme}: {rule['id']}: {rule['help']}: {places}")
    return found


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.name)
def test_axe_finds_nothing_in_light_and_dark(windows: Any, screen: Screen) -> None:
    page = windows(screen.who)
    assert screen.open(page).status == screen.status
    assert faults(page) == []


def test_axe_finds_nothing_on_the_pages_of_a_draft(windows: Any) -> None:
    """The outline and its forms, the library, the dry run, and the draft beside what is in use."""
    page = windows(ENGINEER)
    base = drafted(page, "MBR-101")
    version = base.rstrip("/").rpartition("/")[2]
    assert int(version) > 1
    for address in ("", "edit/?node=header", "edit/?node=materials", "edit/?node=hold_times",
                    "edit/library/?node=header&source=MBR-019.1", "dry-run/1/",
                    "beside/1/"):  # fmt: skip
        assert page.goto(base + address).status == 200
        assert faults(page) == [], address


def test_axe_sees_what_is_wrong(windows: Any) -> None:
    """The guard of the guard: a grey text, a picture and a field without names are found."""
    page = windows(NOBODY)
    page.goto("/sign-in/")
    page.evaluate(
        """() => { document.querySelector('main').insertAdjacentHTML('beforeend',
        '<p id="pale">Pale</p><img src="/static/img/mark.svg"><input>');
        document.getElementById('pale').style.color = '#777'; }"""
    )
    rules = {fault.split(": ")[1] for fault in faults(page)}
    schemes = {fault.split(": ")[0] for fault in faults(page)}
    assert {"image-alt", "label", "color-contrast"} <= rules
    assert schemes == {"light", "dark"}


@pytest.mark.parametrize("template", FAULTS)
def test_axe_finds_nothing_on_a_page_of_trouble(windows: Any, template: str) -> None:
    page, address = windows(NOBODY), f"/shown/{template}"
    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    context = {"minutes": 15, "address": "/", "locked": True, "carried": "[]", "error": "No."}
    body = render_to_string(template, context, request=request)
    page.route(
        f"**{address}",
        lambda route: route.fulfill(
            status=FAULTS[template], content_type="text/html; charset=utf-8", body=body
        ),
    )
    assert page.goto(address).status == FAULTS[template]
    assert page.get_by_role("heading", level=1).count() == 1
    assert faults(page) == []


def test_axe_finds_nothing_on_a_form_from_elsewhere(windows: Any) -> None:
    """Given a form whose sign-in is over, when it is sent, then its refusal is a page of ours."""
    page = windows(NOBODY)
    page.goto("/sign-in/")
    page.context.clear_cookies()
    with page.expect_navigation():
        page.get_by_role("button", name=f"Sign in as {OPERATOR}").click()
    assert page.get_by_role("heading", level=1).count() == 1
    assert "Sign in" not in page.title()
    assert faults(page) == []


def test_axe_finds_nothing_on_the_lock(windows: Any) -> None:
    page = windows(OPERATOR)
    page.goto("/")
    page.evaluate("document.getElementById('lock').showModal()")
    assert page.get_by_role("heading", name="This session is locked").is_visible()
    assert faults(page) == []
