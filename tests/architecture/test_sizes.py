"""Files that can be read at one sitting, functions that fit on a screen."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.architecture import tree

LONGEST_FILE, LONGEST_FUNCTION = 400, 60
LONGER_FILES = {"ledger/verify.py": 1500}  # one file on purpose: it runs alone at an inspector's


def test_no_file_is_longer_than_400_lines() -> None:
    lengths = {tree.name(p): len(p.read_text("utf-8").splitlines()) for p in tree.source_files()}
    long = {
        n: length for n, length in lengths.items() if length > LONGER_FILES.get(n, LONGEST_FILE)
    }
    assert not long


def test_no_function_is_longer_than_60_lines() -> None:
    long = {
        f"{tree.name(path)}:{function.name}": length
        for path in tree.source_files()
        for function, length in functions(path)
        if length > LONGEST_FUNCTION
    }
    assert not long


def test_every_function_of_the_rooms_says_what_it_returns() -> None:
    silent = [
        f"{tree.name(path)}:{function.name}"
        for path in tree.room_files()
        for function, _length in functions(path)
        if function.returns is None
    ]
    assert not silent


def functions(path: Path) -> Iterator[tuple[ast.FunctionDef | ast.AsyncFunctionDef, int]]:
    """Each function of a file and how many lines it has."""
    for node in ast.walk(tree.parsed(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node, (node.end_lineno or node.lineno) - node.lineno + 1
