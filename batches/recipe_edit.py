"""Edits of a master batch record's text, node by node: made, told, applied again, undone. Pure.

A node is addressed by a path such as `unit_procedures/0/operations/0/phases/1/steps/3`. Four
operations are enough: set a field, add, remove and move a node. None stands for "not given".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from typing import Any, TypeGuard

from ledger.event import Refused
from ledger.event import marked as _

Document = dict[str, Any]
Change = dict[str, Any]
Path = tuple[str | int, ...]
SET, ADD, REMOVE, MOVE = "set", "add", "remove", "move"
# The levels of the procedure, each with the list that it holds.
LEVELS = ("unit_procedures", "operations", "phases", "steps")
LEVEL_NAMES = {
    "unit_procedures": "unit procedure",
    "operations": "operation",
    "phases": "phase",
    "steps": "step",
}
# The lists of the record, beside its procedure.
LISTS = (
    "materials", "equipment", "rooms", "staffing", "hold_times", "labels", "yields", "pictures",
)  # fmt: skip
# Lists whose lines are told one by one, each by what it is known by.
KNOWN_BY = {
    "materials": ("key",), "equipment": ("key",), "rooms": ("key",), "staffing": ("role",),
    "hold_times": ("key",), "labels": ("key",), "yields": ("step", "parameter"),
    "pictures": ("blob",), "parameters": ("key",), "blocks": ("code",),
}  # fmt: skip
_NOT_A_KEY = re.compile(r"[^a-z0-9]+")


def parse(at: str) -> Path:
    """The path as its parts, numbers as numbers."""
    return tuple(int(part) if part.isdigit() else part for part in at.split("/") if part)


def node_at(document: Document, at: str) -> Any:
    """What stands at a path, or a refusal where nothing does."""
    found: Any = document
    try:
        for part in parse(at):
            found = found[part]
    except (KeyError, IndexError, TypeError):
        raise Refused(
            _("What you edit stands no longer where it was. Look at the record anew."),
            code="changed",
        ) from None
    return found


def nodes(document: Document) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every node of the procedure as (level, path, node), in the order of the record."""

    def below(at: str, holder: dict[str, Any], depth: int) -> Iterator[tuple[str, str, Any]]:
        level = LEVELS[depth]
        for number, node in enumerate(holder.get(level, ())):
            path = f"{at}{level}/{number}"
            yield level, path, node
            if depth + 1 < len(LEVELS):
                yield from below(f"{path}/", node, depth + 1)

    yield from below("", document, 0)


def locate(document: Document, level: str, key: str) -> str:
    """The path of the node of this level with this key."""
    for its_level, path, node in nodes(document):
        if its_level == level and node.get("key") == key:
            return path
    raise Refused(
        _("What you edit is no longer in the record: somebody removed it."), code="changed"
    )


def keyed(document: Document) -> Document:
    """The record with a key for every node of the procedure that has none."""
    made = deepcopy(document)
    taken = {level: {n.get("key", "") for lv, _p, n in nodes(made) if lv == level}
             for level in LEVELS}  # fmt: skip
    for level, _path, node in nodes(made):
        if not node.get("key"):
            node["key"] = free_key(str(node.get("title", "")), taken[level])
            taken[level].add(node["key"])
    return made


def free_key(words: str, taken: set[str]) -> str:
    """A short key out of a title that nothing else bears."""
    stem = _NOT_A_KEY.sub("_", words.lower()).strip("_")[:24].strip("_")
    stem = stem if stem[:1].isalpha() else f"s_{stem}".strip("_")
    if stem not in taken:
        return stem
    number = 2
    while f"{stem}_{number}" in taken:
        number += 1
    return f"{stem}_{number}"


def numbered(document: Document) -> Document:
    """The record with its steps numbered from one on, in their order. Shares what it can."""
    count = 0

    def renumber(holder: dict[str, Any], depth: int) -> dict[str, Any]:
        nonlocal count
        level = LEVELS[depth]
        made = []
        for node in holder.get(level, ()):
            if level != "steps":
                made.append(renumber(node, depth + 1))
                continue
            count += 1
            made.append(node if node.get("number") == count else {**node, "number": count})
        same = all(a is b for a, b in zip(made, holder.get(level, ()), strict=True))
        return holder if same else {**holder, level: made}

    return renumber(document, 0)


def apply(document: Document, change: Change) -> Document:
    """The record after one change. What it does not touch is shared with the record before."""
    op, path = change["op"], parse(change["at"])
    made: Document
    if op == SET:
        made = _set(document, path, change.get("new"))
    elif op == ADD:
        made = _insert(document, path, change["new"])
    elif op == REMOVE:
        made = _take(document, path)
    else:
        node = node_at(document, change["at"])
        made = _insert(_take(document, path), parse(change["to"]), node)
    return made


def applied(document: Document, changes: list[Change]) -> Document:
    """The record after an edit, its steps numbered."""
    for change in changes:
        document = apply(document, change)
    return numbered(document)


def reverse(changes: list[Change]) -> list[Change]:
    """The changes that take these back."""
    return [_reversed(change) for change in reversed(changes)]


def _reversed(change: Change) -> Change:
    told = {"at": change["at"], "place": change["place"]}
    if change["op"] == SET:
        return {**told, "op": SET, "old": change.get("new"), "new": change.get("old")}
    if change["op"] == ADD:
        return {**told, "op": REMOVE, "old": change["new"]}
    if change["op"] == REMOVE:
        return {**told, "op": ADD, "new": change["old"]}
    return {**told, "op": MOVE, "at": change["to"], "to": change["at"]}


def differences(old: Document, new: Document, at: str = "") -> list[Change]:
    """What turns one node into another, field by field; lines of known lists one by one."""
    changes: list[Change] = []
    for name in sorted(old.keys() | new.keys()):
        before, after = old.get(name), new.get(name)
        if before == after or (at.rpartition("/")[0].endswith("steps") and name == "number"):
            continue
        path = f"{at}/{name}" if at else name
        if name in KNOWN_BY and _has_lines(before) and _has_lines(after):
            changes += _lines(name, before, after, path)
        elif name == "header" and isinstance(before, dict) and isinstance(after, dict):
            changes += differences(before, after, path)
        else:
            changes.append({"op": SET, "at": path, "place": "", "old": before, "new": after})
    return changes


def _has_lines(value: Any) -> TypeGuard[list[dict[str, Any]]]:
    """Whether it is a list of lines; a step names its pictures by their hash alone."""
    return isinstance(value, list) and all(isinstance(one, dict) for one in value)


def _lines(name: str, before: list[Any], after: list[Any], at: str) -> list[Change]:
    """Lines removed, added and changed; where their order changed, the list as a whole."""
    olds, news = ([_known_by(name, line) for line in lines] for lines in (before, after))
    stay = [one for one in olds if one in news]
    if (
        len(set(olds)) < len(olds)
        or len(set(news)) < len(news)
        or (stay != [one for one in news if one in olds])
    ):
        return [{"op": SET, "at": at, "place": "", "old": before, "new": after}]
    changes: list[Change] = [
        {"op": REMOVE, "at": f"{at}/{number}", "place": "", "old": before[number]}
        for number in reversed(range(len(before)))
        if olds[number] not in news
    ]
    for number, line in enumerate(after):
        here = f"{at}/{number}"
        if news[number] in olds:
            changes += differences(before[olds.index(news[number])], line, here)
        else:
            changes.append({"op": ADD, "at": here, "place": "", "new": line})
    return changes


def _known_by(name: str, line: dict[str, Any]) -> tuple[str, ...]:
    return tuple(str(line.get(field, "")) for field in KNOWN_BY[name])


def place(document: Document, at: str) -> str:
    """Where a path lies, in words a reader finds again: `step 12 (Thaw), parameter bath`."""
    parts, found, words = parse(at), document, ""
    below: list[str] = []
    for index, part in enumerate(parts):
        if not isinstance(found, dict | list):
            break
        try:
            found = found[part]  # type: ignore[index]
        except (KeyError, IndexError):
            break
        holder = parts[index - 1] if index else ""
        if isinstance(part, int) and isinstance(found, dict):
            title = str(found.get("title") or found.get("label") or found.get("role") or "")
            if holder in LEVEL_NAMES:
                number = found.get("number") if holder == "steps" else part + 1
                words, below = f"{LEVEL_NAMES[str(holder)]} {number} ({title})", []
            else:
                name = str(holder).replace("_", " ").removesuffix("s")
                below.append(f"{name} {title or found.get('key') or part + 1}")
    if parts and isinstance(parts[-1], str):
        below.append(parts[-1].replace("_", " "))
    return ", ".join([*([words] if words else []), *below]) or "the record"


def _set(holder: Any, path: Path, new: Any) -> Any:
    head, rest = path[0], path[1:]
    if isinstance(holder, list):
        assert isinstance(head, int)  # noqa: S101 - for the type checker
        return [*holder[:head], _set(holder[head], rest, new) if rest else new, *holder[head + 1 :]]
    if rest:
        return {**holder, head: _set(holder[head], rest, new)}
    if new is None:
        return {name: value for name, value in holder.items() if name != head}
    return {**holder, head: new}


def _insert(holder: Any, path: Path, node: Any) -> Any:
    head, rest = path[0], path[1:]
    if not rest:
        assert isinstance(head, int)  # noqa: S101 - for the type checker
        return [*holder[:head], node, *holder[head:]]
    if isinstance(holder, dict):
        below = holder.get(head, [])
        return {**holder, head: _insert(below, rest, node)}
    assert isinstance(head, int)  # noqa: S101 - for the type checker
    return [*holder[:head], _insert(holder[head], rest, node), *holder[head + 1 :]]


def _take(holder: Any, path: Path) -> Any:
    """Without the node at the path; an optional list that is left empty goes with it."""
    head, rest = path[0], path[1:]
    if not rest:
        assert isinstance(head, int)  # noqa: S101 - for the type checker
        return [*holder[:head], *holder[head + 1 :]]
    if isinstance(holder, dict):
        below = _take(holder[head], rest)
        if below == [] and head not in (*LEVELS, "parameters"):
            return {name: value for name, value in holder.items() if name != head}
        return {**holder, head: below}
    assert isinstance(head, int)  # noqa: S101 - for the type checker
    return [*holder[:head], _take(holder[head], rest), *holder[head + 1 :]]
