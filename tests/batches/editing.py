"""A draft in its editor: what a page's form holds, and what comes of saving it."""

from __future__ import annotations

from typing import Any

from django.test import Client

from batches import queries

EDIT = "/batches/recipes/MBR-031/1/edit/"


def state() -> Any:
    return queries.recipe_state("MBR-031", 1)


def typed(page: Any) -> dict[str, Any]:
    """The fields of the node's form as the page holds them."""
    form = page.context["form"]
    made: dict[str, Any] = {}
    for name in form.fields:
        value = form[name].value()
        if value is True:
            made[name] = "on"
        elif isinstance(value, list):
            made[name] = value
        elif value not in (None, False):
            made[name] = str(value)
    return made | {"node": page.context["ref"]}


def save(browser: Client, node: str, **change: Any) -> Any:
    page = browser.get(f"{EDIT}?node={node}")
    return browser.post(EDIT, typed(page) | change)


def act(browser: Client, node: str, do: str, **more: str) -> Any:
    asked = {"node": node, "act": do, "seen": state().content_sha256, **more}
    return browser.post(f"{EDIT}act/", asked)
