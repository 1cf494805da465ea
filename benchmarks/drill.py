"""The traceability drill among 100,000 units: from a donor, lot or recipient to everything else.

Half a million edges as their events would tell them; the lot that went into every batch is the
worst that a recall can ask for.
"""

import random
import time
from collections.abc import Iterator
from uuid import UUID

from benchmarks import site
from benchmarks.figures import Figure, percentile, say, show
from tests import databases

UNITS, PER_BATCH, LOTS, LOTS_PER_BATCH = 100_000, 4, 400, 12
LIMIT = 2.0  # seconds
EVERYWHERE = "L-000000"  # the lot that every batch took something of


def main(*, quick: bool = False) -> int:
    """Measure and print; 1 where a figure is short."""
    return show(_figures(UNITS // 20 if quick else UNITS))


def _figures(units: int) -> Iterator[Figure]:
    with site.sqlite_site() as small, databases.pointed_at(small):
        yield from _drills("sqlite", units)
    with site.postgres_site() as (made, _private), databases.pointed_at(made):
        yield from _drills("postgres", units)


def _drills(vendor: str, units: int) -> Iterator[Figure]:
    from batches import trace_queries as trace

    edges = fill(units)
    say(f"{vendor}: {units} units, {edges} edges")
    chosen = random.Random(20)
    batches = units // PER_BATCH
    numbers = [chosen.randrange(batches) for _ in range(25)]
    starts = {
        "recipient_to_everything": [f"recipient:s-{n:06d}" for n in numbers],
        "container_to_everything": [f"container:K-{n:06d}-1" for n in numbers],
        "donor_to_recipients": [f"donor:d-{n:06d}" for n in numbers],
        "lot_to_recipients": [f"lot:L-{n % (LOTS - 1) + 1:06d}" for n in numbers],
        "lot_of_every_batch_to_recipients": [f"lot:{EVERYWHERE}"] * 3,
    }
    for name, nodes in starts.items():
        times = [_timed(node, back=name.endswith("everything")) for node in nodes]
        yield Figure(f"{name}_{vendor}", percentile(times, 1.0), LIMIT, at_least=False, unit="s")
    reached = len(trace.recall_list("lot", EVERYWHERE))
    wanted = batches + units + batches
    yield Figure(f"nodes_of_the_widest_recall_{vendor}", float(reached), float(wanted))
    yield Figure(f"edges_{vendor}", float(edges))


def _timed(node: str, *, back: bool) -> float:
    from batches import trace_queries as trace

    begun = time.perf_counter()
    if back:
        trace.reached(node, way=trace.BACK)
    else:
        trace.recall_list(*node.split(":", 1))
    return time.perf_counter() - begun


def fill(units: int) -> int:
    """Rows as the events of these batches would leave them; how many."""
    from batches.models import TraceEdge
    from ledger import clock

    at, made = clock.now(), 0
    rows: list[TraceEdge] = []
    for number, (source, target) in enumerate(_edges(units)):
        rows.append(
            TraceEdge(
                key=str(number), source=source, target=target, event_id=UUID(int=number), at=at
            )
        )
        if len(rows) == 5000:
            TraceEdge.objects.bulk_create(rows)
            made += len(rows)
            rows.clear()
    TraceEdge.objects.bulk_create(rows)
    return made + len(rows)


def _edges(units: int) -> Iterator[tuple[str, str]]:
    chosen = random.Random(7)
    for n in range(units // PER_BATCH):
        batch = f"batch:CT-{n:06d}"
        yield f"donor:d-{n:06d}", f"donation:C-{n:06d}"
        yield f"donation:C-{n:06d}", batch
        lots = {0, *chosen.sample(range(1, LOTS), LOTS_PER_BATCH - 1)}
        yield from ((f"lot:L-{lot:06d}", batch) for lot in sorted(lots))
        for bag in range(1, PER_BATCH + 1):
            yield batch, f"container:K-{n:06d}-{bag}"
            yield f"container:K-{n:06d}-{bag}", f"recipient:s-{n:06d}"
