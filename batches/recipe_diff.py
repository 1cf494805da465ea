"""Two versions of a master batch record side by side: words, limits, order. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any

from batches.recipe_blockers import absolute_here
from batches.recipe_content import Content, Picture, Step, pictures_of, places
from batches.recipe_edit import LISTS
from batches.recipe_json import plain

SAME, ADDED, REMOVED, CHANGED = "same", "added", "removed", "changed"
_WORDS = re.compile(r"\s+|[\w.,]*\w|[^\w\s]")  # 37.5 is one word, a full stop its own
PICTURES = "pictures"
# A number follows from the order, a key is nobody's reading, pictures are looked at.
_UNSAID = ("number", "key", PICTURES)


@dataclass(frozen=True)
class Piece:
    """A run of words: it stays, or it stands on one side alone."""

    text: str
    changed: bool = False


@dataclass(frozen=True)
class FieldChange:
    """One field of a step, list line or header, before and after, as runs of words."""

    place: str
    old: tuple[Piece, ...]
    new: tuple[Piece, ...]
    old_pictures: tuple[str, ...] = ()  # blobs that stand on one side, where pictures differ
    new_pictures: tuple[str, ...] = ()


@dataclass
class StepRow:
    """One step of either version, beside the one it was or became."""

    standing: str
    old: Step | None
    new: Step | None
    phase: str
    moved: bool = False
    changes: list[FieldChange] = field(default_factory=list)

    @property
    def quiet(self) -> bool:
        return self.standing == SAME and not self.moved


@dataclass(frozen=True)
class Difference:
    header: list[FieldChange]
    lists: list[FieldChange]
    steps: list[StepRow]

    @property
    def counts(self) -> dict[str, int]:
        """How many steps were added, removed, changed and moved."""
        made = {name: sum(row.standing == name for row in self.steps)
                for name in (ADDED, REMOVED, CHANGED)}  # fmt: skip
        return made | {"moved": sum(row.moved for row in self.steps)}


def compare(old: Content, new: Content) -> Difference:
    """What a reader of the old version has to learn."""
    return Difference(
        header=_fields(plain(old.header), plain(new.header), ""),
        lists=[
            *(change for name in LISTS if name != PICTURES for change in _list(old, new, name)),
            *_titles(old, new),
        ],
        steps=_steps(old, new),
    )


def _steps(old: Content, new: Content) -> list[StepRow]:
    names_old = _names(old)
    names_new = _names(new)
    by_name = dict(zip(names_old, old.steps, strict=True))
    phases_old = dict(zip(names_old, (p.title for _u, _o, p, _s in places(old)), strict=True))
    rows: list[StepRow] = []
    stay = _longest(names_old, [name for name in names_new if name in by_name])
    for name, (_part, _operation, phase, step) in zip(names_new, places(new), strict=True):
        before = by_name.get(name)
        if before is None:
            rows.append(StepRow(ADDED, None, step, phase.title))
            continue
        changes = [
            *_fields(_said(before), _said(step), ""),
            *_shown(pictures_of(before, old), pictures_of(step, new)),
        ]
        moved = name not in stay or phases_old[name] != phase.title
        rows.append(
            StepRow(CHANGED if changes else SAME, before, step, phase.title, moved, changes)
        )
    known = set(names_new)
    for index, name in enumerate(names_old):
        if name not in known:
            gone = StepRow(REMOVED, old.steps[index], None, phases_old[name])
            rows.insert(_after(rows, names_old[:index], by_name), gone)
    return rows


def _after(rows: list[StepRow], before: list[str], by_name: dict[str, Step]) -> int:
    """Where a removed step is shown: after the step that it stood behind."""
    for name in reversed(before):
        for place, row in enumerate(rows):
            if row.old is by_name[name]:
                return place + 1
    return 0


def _names(content: Content) -> list[str]:
    """What each step is known by in both versions: its key, else its title; twins are counted."""
    seen: dict[str, int] = {}
    made = []
    for step in content.steps:
        name = step.key or step.title
        seen[name] = seen.get(name, 0) + 1
        made.append(name if seen[name] == 1 else f"{name} {seen[name]}")
    return made


def _longest(old: list[str], new: list[str]) -> set[str]:
    """The names that keep their order; the rest were moved."""
    matcher = SequenceMatcher(None, [one for one in old if one in new], new, autojunk=False)
    return {new[b + n] for _a, b, size in matcher.get_matching_blocks() for n in range(size)}


def _shown(old: list[Picture], new: list[Picture]) -> list[FieldChange]:
    """The pictures that stand beside a step in one version alone, to be looked at."""
    before, after = [one.blob for one in old], [one.blob for one in new]
    if before == after:
        return []
    gone = [one for one in old if one.blob not in after]
    come = [one for one in new if one.blob not in before]
    if not gone and not come:  # in another order
        gone, come = old, new
    sides = [", ".join(one.title for one in side) for side in (gone, come)]
    return [
        FieldChange(
            PICTURES,
            *words(*sides),
            tuple(one.blob for one in gone),
            tuple(one.blob for one in come),
        )
    ]


def _titles(old: Content, new: Content) -> list[FieldChange]:
    """What is said anew of a picture that stayed; which ones came and went, the steps tell."""
    before = {one.blob: one.title for one in old.pictures}
    return [
        FieldChange("picture, title", *words(before[one.blob], one.title), (one.blob,), (one.blob,))
        for one in new.pictures
        if before.get(one.blob, one.title) != one.title
    ]


def _said(step: Step) -> dict[str, Any]:
    """A step as it is compared: each parameter by its key."""
    made = {name: value for name, value in plain(step).items() if name not in _UNSAID}
    made["parameters"] = {one["key"]: one for one in made["parameters"]}
    if made.pop("blocks", None):
        made["nobody overrides"] = absolute_here(step)
    return made


def _list(old: Content, new: Content, name: str) -> list[FieldChange]:
    def known(lines: list[Any]) -> dict[str, Any]:
        made = [plain(line) for line in lines]
        return {f"{line.get('key') or line.get('role') or line.get('step')}"
                f"{'.' + line['parameter'] if name == 'yields' else ''}": line
                for line in made}  # fmt: skip

    title = name.replace("_", " ")
    return _fields(known(getattr(old, name)), known(getattr(new, name)), title)


def _fields(old: Any, new: Any, place: str) -> list[FieldChange]:
    if old == new:
        return []
    if isinstance(old, dict) and isinstance(new, dict):
        names = [*old, *(name for name in new if name not in old)]
        return [
            change
            for name in names
            for change in _fields(old.get(name), new.get(name), _below(place, name))
        ]
    return [FieldChange(place or "all", *words(_text(old), _text(new)))]


def _below(place: str, name: str) -> str:
    words_of = name.replace("_", " ")
    return f"{place}, {words_of}" if place else words_of


def _text(value: Any) -> str:
    """A value as people read it on the page."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(_text(one) for one in value)
    if isinstance(value, dict):
        if set(value) <= {"low", "high"}:
            return f"{value.get('low', '…')} to {value.get('high', '…')}"
        return ", ".join(f"{name.replace('_', ' ')} {_text(one)}" for name, one in value.items())
    return str(value)


def words(old: str, new: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Both texts as runs of words, the ones that differ marked."""
    before, after = _WORDS.findall(old), _WORDS.findall(new)
    left: list[Piece] = []
    right: list[Piece] = []
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        changed = tag != "equal"
        if b > a:
            left.append(Piece("".join(before[a:b]), changed))
        if d > c:
            right.append(Piece("".join(after[c:d]), changed))
    return tuple(left), tuple(right)
