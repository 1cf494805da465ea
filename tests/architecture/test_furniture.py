"""Every room has the same furniture, and no room is a drawer for what has no place."""

import ast
import re

from tests.architecture import tree

DRAWERS = {"core", "common", "utils", "util", "apps", "helpers", "base", "misc", "lib"}
DEMANDED_BY_DJANGO = {"ledger/sqlite/base.py"}  # a database backend's file must be called that


def test_there_is_no_drawer_for_everything() -> None:
    for path in tree.source_files():
        place = tree.name(path)
        folders = set(path.relative_to(tree.ROOT).parts[:-1])
        assert not folders & DRAWERS, place
        is_drawer = path.stem in DRAWERS - {"apps"}
        assert not is_drawer or place in DEMANDED_BY_DJANGO, place


def test_every_file_says_what_it_is_for() -> None:
    silent = [
        tree.name(path)
        for path in tree.source_files()
        if path.read_text("utf-8").strip() and not ast.get_docstring(tree.parsed(path))
    ]
    assert not silent


ELSEWHERE = re.compile(r"\bR\d{1,2}\b|\bIV-\d|requirements\.md|house\.md|design/")


def test_no_comment_cites_a_page_that_is_not_in_the_repository() -> None:
    """Given a reader who has this checkout alone, then every rule is said where it is kept."""
    cited = {
        tree.name(path): found.group()
        for path in [*tree.room_files(), *(tree.ROOT / "benchmarks").glob("*.py")]
        if (found := ELSEWHERE.search(path.read_text("utf-8")))
    }
    assert not cited


def test_there_are_no_signals() -> None:
    """What happens after a write is a projection, a reaction or a follower."""
    for path in tree.room_files():
        used = [n for n in tree.imports(path) if ".signals" in n or n.endswith("dispatch.receiver")]
        assert not used, f"{tree.name(path)} uses signals: {used}"


def test_there_is_no_metaclass() -> None:
    for path in tree.room_files():
        classes = [n for n in ast.walk(tree.parsed(path)) if isinstance(n, ast.ClassDef)]
        made = [c.name for c in classes if any(k.arg == "metaclass" for k in c.keywords)]
        assert not made, f"{tree.name(path)}: {made}"
