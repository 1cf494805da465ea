"""What a new master batch record may begin with: nothing, a shipped record, another version."""

from __future__ import annotations

from functools import cache
from types import ModuleType
from typing import Any

from django.utils.translation import gettext as _

from batches import car_t, queries
from batches.recipe_content import Content, Header
from batches.recipe_json import to_json
from batches.shipped import car_t as shipped_car_t
from batches.shipped import cartilage, til

SHIPPED: dict[str, ModuleType] = {
    "MBR-101": shipped_car_t,
    "MBR-102": til,
    "MBR-103": cartilage,
    car_t.RECIPE: car_t,
}


@cache
def shipped() -> dict[str, tuple[str, dict[str, Any]]]:
    """Number -> (title, content) of the records that come with Lotbook."""
    made = {number: to_json(module.content()) for number, module in SHIPPED.items()}
    return {number: (content["header"]["title"], content) for number, content in made.items()}


def choices() -> list[tuple[str, Any]]:
    """As a form offers them."""
    comes_with = [(f"shipped:{number}", f"{number} · {title}")
                  for number, (title, _content) in shipped().items()]  # fmt: skip
    here = [(f"version:{row.key}", f"{row.recipe} v{row.version} · {row.title}")
            for row in queries.recipe_lines()]  # fmt: skip
    groups: list[tuple[str, Any]] = [("", _("An empty record"))]
    if comes_with:
        groups.append((_("Comes with Lotbook"), comes_with))
    if here:
        groups.append((_("A record of this site"), here))
    return groups


def number_of(source: str) -> str:
    """The number that a record beginning with this source has, where none is typed."""
    kind, _colon, name = source.partition(":")
    return name if kind == "shipped" else name.rpartition(".")[0]


def begin(source: str, title: str, product: str) -> tuple[dict[str, Any], str]:
    """The content that a draft begins with, or why there is none."""
    kind, _colon, name = source.partition(":")
    if kind == "shipped" and name in shipped():
        content = shipped()[name][1]
    elif kind == "version":
        recipe, _dot, version = name.rpartition(".")
        content = queries.recipe_state(recipe, int(version or 0)).document
        if not content["header"]["title"]:
            return {}, _("There is no such version.")
    else:
        content = to_json(Content(header=Header(title="", product=""), unit_procedures=[]))
    header = content["header"]
    named = {"title": title.strip() or header["title"]}
    named["product"] = product.strip() or header["product"]
    return {**content, "header": {**header, **named}}, ""
