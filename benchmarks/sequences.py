"""Ten thousand random orders of asking never lead a batch to an illegal record.

The suite tries a thousand with the same property; here the figure is how many were illegal.
"""

from collections.abc import Iterator
from typing import Any

from hypothesis import given, settings

from benchmarks.figures import Figure, show
from tests.batches import test_r09_sequences as cases


def main(*, quick: bool = False, only: str = "") -> int:
    """Try and print; 1 where one order led to an illegal record."""
    wanted = 1_000 if quick else 10_000
    return show(figure for figure in _figures(wanted) if only in figure.name)


def _figures(wanted: int) -> Iterator[Figure]:
    tried = [0]

    @settings(max_examples=wanted, deadline=None, database=None)
    @given(cases.BEGUN, cases.ORDERS)
    def legal(begun: int, asked: list[Any]) -> None:
        tried[0] += 1
        cases.try_order(begun, asked)

    illegal = 0
    try:
        legal()
    except AssertionError:
        illegal = 1
    yield Figure("illegal_records", float(illegal), 0, at_least=False)
    yield Figure("orders_tried", float(tried[0]), float(wanted))
