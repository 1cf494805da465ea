"""Which GS1 identifiers contradict one another on one thing. Pure.

From the GS1 Barcode Syntax Dictionary. What an identifier asks for besides itself is not judged
here: its companion may stand in another symbol of the same pack, and the dictionary says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

# An identifier, and those that cannot stand beside it.
_TABLE = """
01 02 03 255 37 8006
02 03 255 8026
03 235 37 7240 8006 8026
21 235
255 415 8006 8020 8026
37 8006
420 421
421 4307
426 422 423 424 425
4330 4331
4332 4333
7250 7251
7256 7253 7254 7255 7259
7259 7253 7254 7255
8006 8026
8017 8018
8111 3900 3901 3902 3903 3904 3905 3906 3907 3908 3909
"""
_APART = {
    frozenset((first, other))
    for first, *others in (line.split() for line in _TABLE.strip().splitlines())
    for other in others
}


def contradict(one: str, other: str) -> bool:
    """Whether both cannot be true of one thing; a measure has one number of decimals."""
    same_measure = len(one) == len(other) == 4 and one[0] == "3" and one[:3] == other[:3]
    return frozenset((one, other)) in _APART or (same_measure and one != other)


def contradiction(found: Sequence[str]) -> tuple[str, str] | None:
    return next((pair for pair in combinations(found, 2) if contradict(*pair)), None)
