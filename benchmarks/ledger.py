"""The ledger's figures: writing, sealing, verifying, loading and finding.

All on one PostgreSQL with fsync on, rivals and we by turns in the same run; finding also on SQLite.
"""

from collections.abc import Iterator

from benchmarks import appends, million, pgbench, reads, site, verification
from benchmarks.figures import Figure, say, show
from tests import databases


def main(*, quick: bool = False, only: str = "") -> int:
    """Measure and print; 1 where a figure is short."""
    size = 100_000 if quick else 1_000_000
    return show(figure for figure in _figures(size, quick=quick) if only in figure.name)


def _figures(size: int, *, quick: bool) -> Iterator[Figure]:
    with site.postgres_site() as (made, private):
        with databases.pointed_at(made), site.sealer(made):
            yield from pgbench.compare(made, private, quick=quick)
            yield from appends.compare(made, private, quick=quick)
            yield from appends.sealing_delay(made, quick=quick)
        say(f"building {size} events on PostgreSQL")
        state = made.state / "large"
        large = databases.prepare(private.cluster, "large", origin=site.ORIGIN, state=state)
        with databases.pointed_at(large):
            yield from _large("postgres", size)
    say(f"building {size} events on SQLite")
    with site.sqlite_site() as small, databases.pointed_at(small):
        yield from _large("sqlite", size)


def _large(vendor: str, size: int) -> Iterator[Figure]:
    million.build(size=size)
    yield from reads.one_stream(vendor)
    yield from reads.trail_queries(vendor)
    yield from verification.figures(vendor)
