"""Ten thousand generated batches, replayed from their stored bytes: how many read otherwise."""

from collections.abc import Iterator

from benchmarks.figures import Figure, show
from tests.batches import generated_batches as generated


def main(*, quick: bool = False, only: str = "") -> int:
    """Make, store, replay and compare; 1 where a single record differs."""
    wanted = 1_000 if quick else 10_000
    return show(figure for figure in _figures(wanted) if only in figure.name)


def _figures(wanted: int) -> Iterator[Figure]:
    different = 0
    for seed in range(wanted):
        batch = generated.made(seed)
        stored = generated.stored(batch)
        again = generated.made(seed)
        same = generated.stored(again) == stored and generated.record_bytes(
            generated.replayed(stored)
        ) == generated.record_bytes(batch.state)
        different += not same
    yield Figure("records_that_differ", float(different), 0, at_least=False)
    yield Figure("batches_replayed", float(wanted), float(wanted))
