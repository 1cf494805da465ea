"""Nodes of a draft as its editor names them: found, moved, added, copied with what they need. Pure.

A reference such as `steps:thaw` stays with its node when others are moved; a path does not.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from batches.recipe_edit import (
    KNOWN_BY,
    LEVELS,
    LISTS,
    Change,
    Document,
    free_key,
    locate,
    node_at,
    nodes,
    parse,
)
from ledger.event import Refused
from ledger.event import marked as _

ROOTS = ("header", *LISTS)
# What a new node of each level begins with.
EMPTY: dict[str, dict[str, Any]] = {
    "unit_procedures": {"title": "New unit procedure", "operations": []},
    "operations": {"title": "New operation", "phases": []},
    "phases": {"title": "New phase", "steps": []},
    "steps": {
        "number": 1, "title": "New step", "instruction": "", "performs": "operator",
        "parameters": [], "kind": "instruction",
    },
}  # fmt: skip


@dataclass
class Branch:
    """One line of the outline, with what lies below it."""

    level: str
    ref: str
    title: str
    number: int = 0
    current: bool = False
    holds_current: bool = False
    critical: bool = False
    below: list[Branch] = field(default_factory=list)


def reference(level: str, path: str, node: dict[str, Any]) -> str:
    """How the editor names a node; one of an old draft has no key and goes by its path."""
    return f"{level}:{node.get('key') or '@' + path}"


def path_of(document: Document, ref: str) -> str:
    """Where a referenced node stands now."""
    if ref in ROOTS:
        return ref
    level, _colon, key = ref.partition(":")
    if level not in LEVELS:
        raise Refused(_("What you edit is not in this record."), code="changed")
    if key.startswith("@"):
        node_at(document, key[1:])
        return key[1:]
    return locate(document, level, key)


def reference_at(document: Document, at: str) -> str:
    """The node that a path lies in: a finding's place, say."""
    parts = parse(at)
    if not parts or parts[0] in ROOTS:
        return str(parts[0]) if parts else "header"
    depth = sum(part in LEVELS for part in parts)
    path = "/".join(str(part) for part in parts[: depth * 2])
    try:
        return reference(LEVELS[depth - 1], path, node_at(document, path))
    except Refused:
        return "header"


def outline(document: Document, current: str) -> list[Branch]:
    """The procedure as a tree, with the node one works on marked."""

    def below(at: str, holder: dict[str, Any], depth: int) -> list[Branch]:
        level, made = LEVELS[depth], []
        for number, node in enumerate(holder.get(level, ())):
            path = f"{at}{level}/{number}"
            ref = reference(level, path, node)
            branch = Branch(
                level, ref, str(node.get("title", "")), node.get("number", 0), ref == current
            )
            branch.critical = bool(node.get("critical"))
            if depth + 1 < len(LEVELS):
                branch.below = below(f"{path}/", node, depth + 1)
            branch.holds_current = branch.current or any(b.holds_current for b in branch.below)
            made.append(branch)
        return made

    return below("", document, 0)


def move(document: Document, ref: str, *, to: str, after: bool) -> Change:
    """Move a node before or after another of its level, or to the end of one a level above."""
    at = path_of(document, ref)
    level = parse(at)[-2]
    target = path_of(document, to)
    if target == at or target.startswith(f"{at}/"):
        raise Refused(_("A part is not moved into itself."), code="edit")
    if parse(target)[-2] == level:
        holder, _slash, number = target.rpartition("/")
        index = int(number) + after
    else:
        holder = f"{target}/{level}"
        depth = LEVELS.index(str(level))
        if depth == 0 or parse(target)[-2] != LEVELS[depth - 1]:
            raise Refused(_("It does not go there: a step goes into a phase."), code="edit")
        index = len(node_at(document, target).get(str(level), ()))
    return {"op": "move", "at": at, "to": _without(at, f"{holder}/{index}")}


def shift(document: Document, ref: str, by: int) -> Change:
    """Move a node one place up or down; the first or last of its parent goes to the next one."""
    at = path_of(document, ref)
    holder, _slash, number = at.rpartition("/")
    index = int(number) + by
    if 0 <= index < len(node_at(document, holder)):
        return {"op": "move", "at": at, "to": f"{holder}/{index}"}
    level = str(parse(at)[-2])
    depth = LEVELS.index(level)
    parents = [path for lv, path, _n in nodes(document) if depth and lv == LEVELS[depth - 1]]
    here = holder.rpartition("/")[0]
    place = parents.index(here) + by if here in parents else -1
    if not 0 <= place < len(parents):
        raise Refused(_("It stands at the end already."), code="nothing")
    parent = parents[place]
    last = len(node_at(document, parent).get(level, ())) if by < 0 else 0
    return {"op": "move", "at": at, "to": f"{parent}/{level}/{last}"}


def add(document: Document, ref: str, level: str, node: dict[str, Any] | None = None) -> Change:
    """Add a node after the one referred to, or as the last below it. A new key, if it needs one."""
    made = deepcopy(node or EMPTY[level])
    taken = {lv: {n.get("key", "") for other, _p, n in nodes(document) if other == lv}
             for lv in LEVELS}  # fmt: skip
    made["key"] = free_key(str(made.get("key") or made["title"]), taken[level])
    for lower, inner in _inner(made):
        inner["key"] = free_key(str(inner.get("key") or inner["title"]), taken[lower])
        taken[lower].add(inner["key"])
    return {"op": "add", "at": _place_for(document, ref, level), "new": made}


def _inner(node: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every node below one, with its level."""
    for level in LEVELS[1:]:
        for inner in node.get(level, ()):
            yield level, inner
            yield from _inner(inner)


def _place_for(document: Document, ref: str, level: str) -> str:
    depth = LEVELS.index(level)
    at = "" if ref in ROOTS else path_of(document, ref)
    parts = parse(at)
    here = len(parts) // 2 - 1
    if here >= depth:
        holder = "/".join(str(part) for part in parts[: depth * 2 + 1])
        return f"{holder}/{int(parts[depth * 2 + 1]) + 1}"
    while here < depth - 1:  # down to the last part that can hold it
        here += 1
        below = node_at(document, at).get(LEVELS[here], ()) if at else document[LEVELS[here]]
        if not below:
            raise Refused(
                _("There is nothing yet that could hold it: add the part above it first."),
                code="edit",
            )
        at = f"{at}/{LEVELS[here]}/{len(below) - 1}".lstrip("/")
    count = len((node_at(document, at) if at else document).get(level, ()))
    return f"{at}/{level}/{count}".lstrip("/")


def copied(
    document: Document, ref: str, level: str, node: dict[str, Any], lines: Document
) -> list[Change]:
    """Add a copy of a node of another record, with the lines of its lists that this one lacks.

    `lines`: the lists of the record that it comes from.
    """
    changes: list[Change] = []
    for name in ("materials", "equipment", "rooms", "labels", "pictures"):
        (known_by,) = KNOWN_BY[name]
        have = {line[known_by] for line in document.get(name, ())}
        wanted = [line for line in lines.get(name, ()) if line[known_by] in _needed(node) - have]
        if wanted:
            both = [*document.get(name, ()), *wanted]
            changes.append({"op": "set", "at": "", "values": {name: both}})
    return [*changes, add(document, ref, level, node)]


def _needed(node: dict[str, Any]) -> set[str]:
    """The keys and pictures that a node and what lies below it refer to."""
    found = {str(node.get("room", ""))} if "phases" in node else set()
    found |= set(node.get("pictures", ()))
    found |= {str(one.get("needs", "")) for one in node.get("parameters", ())}
    for name in LEVELS[1:]:
        for inner in node.get(name, ()):
            found |= _needed(inner)
    return found - {""}


def _without(at: str, to: str) -> str:
    """The path `to` as it reads once the node at `at` is taken out."""
    gone, wanted = parse(at), list(parse(to))
    last = len(gone) - 1
    if len(wanted) > last and list(gone[:last]) == wanted[:last]:
        index = wanted[last]
        if isinstance(index, int) and index > int(gone[last]):
            wanted[last] = index - 1
    return "/".join(str(part) for part in wanted)
