"""A GS1 Digital Link: the elements of a symbol written as a web address. Pure, and never fetched.

The key and what narrows it stand in the path, what else is told in the query (GS1 Digital Link
Standard: URI Syntax). Names for identifiers and shortened keys of its first edition are not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from batches.gs1_elements import ELEMENTS
from ledger.event import Refused
from ledger.event import marked as _

_ADDRESS = re.compile(r"(?:https?|HTTPS?)://[^/?#]+/([^?#]*)(?:\?([^#]*))?(?:#.*)?")
_LETTERS = re.compile(r"(?:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*")
_ESCAPED = re.compile(r"%(..)")
_WEB = re.compile(r"https?://", re.IGNORECASE)
# The keys, each with what may narrow it, in this order; "|" between ways that do not mix.
KEYS = {
    "00": "", "01": "22,10,21|235", "253": "", "255": "", "401": "", "402": "",
    "414": "254|7040", "415": "8020", "417": "7040", "8003": "", "8004": "7040",
    "8006": "22,10,21", "8010": "8011", "8013": "", "8017": "8019", "8018": "8019",
}  # fmt: skip
# What stands in the path alone.
NEVER_ASKED = frozenset(
    ("03", "21", "22", "235", "254", "7040", "8011", "8014", "8019", "8020", "8200")
)


def is_address(text: str) -> bool:
    return _WEB.match(text) is not None


def elements(text: str) -> list[tuple[str, str]]:
    """The identifiers of an address with their values, as they stand in it."""
    found = _ADDRESS.fullmatch(text)
    if found is None or not _LETTERS.fullmatch(text):
        raise _none()
    path = _path(found[1].split("/"))
    asked = list(_query(found[2] or "", [ai for ai, _value in path]))
    every = [ai for ai, _value in (*path, *asked)]
    if len(every) != len(set(every)):
        raise _none()
    return [*path, *asked]


def _path(parts: list[str]) -> list[tuple[str, str]]:
    """The pairs from the last key on: what stands before it is the address's own."""
    for at in range(len(parts) - 2, -1, -2):
        if parts[at] in KEYS:
            pairs = [
                (ai, _unescaped(v)) for ai, v in zip(parts[at::2], parts[at + 1 :: 2], strict=True)
            ]
            key, *narrower = (ai for ai, _value in pairs)
            if any(_in_order(narrower, way) for way in _ways(key)):
                return pairs
        if parts[at] not in ELEMENTS:
            break
    raise _none()


def _query(text: str, path: list[str]) -> Iterator[tuple[str, str]]:
    """What is told beside; words that are no identifier are the address's own."""
    for part in re.split("[&;]", text):
        name, equals, value = part.partition("=")
        if not equals or not name.isascii() or not name.isdigit():
            continue
        belongs_above = any({*path[1:], name} <= {*way} for way in _ways(path[0]))
        if name not in ELEMENTS or name in NEVER_ASKED or belongs_above:
            raise _none()
        yield name, _unescaped(value.replace("+", " "))


def _unescaped(text: str) -> str:
    """What stands there for what an address cannot carry; identifiers hold ASCII alone."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)


def _ways(key: str) -> list[list[str]]:
    return [way.split(",") for way in KEYS[key].split("|")]


def _in_order(narrower: list[str], way: list[str]) -> bool:
    return narrower == [ai for ai in way if ai in narrower]


def _none() -> Refused:
    return Refused(
        _(
            "This is a web address, and no GS1 Digital Link that is read here. Scan the code"
            " beside it, or type what the label says."
        ),
        code="gs1_link",
    )
