"""The signature policy as a document under control: its text, its version, its hash. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256

_VERSION = re.compile(r"^Version (\S+)", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A piece of the policy to show: a heading, a paragraph or the items of a list."""

    kind: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Policy:
    version: str
    sha256: str
    blocks: tuple[Block, ...]


def read(data: bytes) -> Policy:
    """The policy from its file's bytes, which its hash is of."""
    text = data.decode("utf-8")
    found = _VERSION.search(text)
    if found is None:
        raise ValueError("The signature policy has no line “Version …”.")
    parts = (part.strip() for part in re.split(r"\n\s*\n", text))
    blocks = tuple(_block(part) for part in parts if part)
    return Policy(found[1], sha256(data).hexdigest(), blocks)


def _block(part: str) -> Block:
    if part.startswith("#"):
        return Block("heading", (part.lstrip("# "),))
    items = re.split(r"(?:^|\n)[0-9-]+\.? +", part)
    if len(items) > 1 and not items[0]:
        return Block("list", tuple(" ".join(item.split()) for item in items[1:]))
    return Block("paragraph", (" ".join(part.split()),))
