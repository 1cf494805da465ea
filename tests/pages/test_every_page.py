"""What every page owes its readers: names, labels, headings, one language, a strict policy."""

from typing import Any

import pytest
from django.test import Client, override_settings

from tests.pages.document import Document, faults

PAGES = [
    "/",
    "/trail/",
    "/trail/?role=operator&q=display",
    "/trail/?q=zebra",
    "/trail/export/",
    "/ledger/",
    "/ledger/verify/",
    "/streams/equipment/CF-02/",
    "/equipment/",
    "/equipment/CF-02/",
    "/nothing/here/",
    "ENTRY",
]


def asked(client: Client, address: str, history: dict[str, Any]) -> Any:
    return client.get(address.replace("ENTRY", f"/entries/{history['corrected'].id}/"))


@pytest.mark.parametrize("address", PAGES)
def test_a_page_can_be_read_by_everybody(history, as_role, seal, address):
    seal()
    response = asked(as_role("supervisor"), address, history)
    assert faults(response.content.decode()) == []


@pytest.mark.parametrize("address", PAGES)
def test_a_page_runs_under_a_strict_policy(history, as_role, address):
    policy = asked(as_role("supervisor"), address, history)["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'self'" in policy


def test_the_keyboard_finds_the_content_first(history, as_role):
    root = Document(as_role("inspector").get("/trail/").content.decode()).root
    first = next(root.every("a", "button", "input"))
    assert first.attrs["href"] == "#content"
    (main,) = root.every("main")
    assert (main.attrs["id"], main.attrs["tabindex"]) == ("content", "-1")


def test_the_menu_says_where_one_is(history, as_role):
    root = Document(as_role("inspector").get("/ledger/").content.decode()).root
    assert [a.text for a in root.every("a") if "aria-current" in a.attrs] == ["Ledger"]


def test_a_fault_of_ours_is_a_page_of_the_house(history, as_role, monkeypatch):
    """Given a view that fails, then the page says what is safe and what to do."""
    from ledger import health

    def fail() -> None:
        raise RuntimeError("for the test")

    monkeypatch.setattr(health, "summary", fail)
    client = as_role("inspector")
    client.raise_request_exception = False
    response = client.get("/")
    assert response.status_code == 500
    page = response.content.decode()
    assert "What was acknowledged before is safe" in page
    assert "for the test" not in page
    assert faults(page) == []


@override_settings(DEMO=True)
def test_a_demo_says_that_it_is_one(history, as_role):
    assert "Not for GMP." in as_role("inspector").get("/").content.decode()
