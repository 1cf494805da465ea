"""Reading a large log: one stream, every query of the trail, full verification."""

import time
from collections.abc import Callable
from datetime import timedelta
from itertools import combinations

from benchmarks import million
from benchmarks.figures import Figure, percentile, say
from ledger import queries, store
from ledger.models import Event
from ledger.queries import TrailFilter


def one_stream(vendor: str) -> list[Figure]:
    """One stream of 1,000 events among all: loaded and decoded."""
    times = [_timed(lambda: store.load("equipment", million.LONG_STREAM)) for _ in range(21)]
    found = len(store.load("equipment", million.LONG_STREAM))
    if found != million.LONG:
        raise RuntimeError(f"The long stream has {found} events.")
    milliseconds = percentile(times, 0.5) * 1000
    return [Figure(f"load_stream_of_1000_{vendor}", milliseconds, 40, at_least=False, unit="ms")]


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def trail_queries(vendor: str) -> list[Figure]:
    """Fifty rows and capped counts, by each field and each pair of fields, common and rare."""
    times: list[tuple[float, str]] = []
    for asked in _questions():
        start = time.perf_counter()
        queries.find(asked, newest=True)
        queries.count_facets(asked)
        times.append((time.perf_counter() - start, str(asked)))
    times.sort()
    for seconds, asked in times[-3:]:
        say(f"slowest on {vendor}: {seconds:.3f} s {asked}")
    values = [seconds for seconds, _ in times]
    p95 = percentile(values, 0.95)
    return [
        Figure(f"trail_query_p95_{vendor}", p95, 1.0, at_least=False, unit="s"),
        Figure(f"trail_query_median_{vendor}", percentile(values, 0.5), unit="s"),
        Figure(f"trail_query_slowest_{vendor}", values[-1], unit="s"),
        Figure(f"trail_queries_{vendor}", float(len(values))),
    ]


def _questions() -> list[TrailFilter]:
    """Each dimension with common, rare and absent values, alone and in pairs."""
    first, last = _first_and_last()
    width = last - first
    dimensions: dict[str, list[dict[str, object]]] = {
        "person": [{"person": (p,)} for p in ("p-000", "p-030", "p-059", "p-none")],
        "role": [{"role": (r,)} for r in ("operator", "maintenance", "qualified_person")],
        "type": [
            {"type": (t,)}
            for t in (
                "equipment.logbook_entry_made",
                "equipment.moved",
                "equipment.taken_out_of_service",
            )
        ],
        "stream": [
            {"stream_type": ("equipment",), "stream_id": (s,)}
            for s in (million.LONG_STREAM, "EQ-00007", "EQ-none")
        ],
        "time": [
            {"since": first + width * 0.5, "until": first + width * 0.9},
            {"since": first + width * 0.2, "until": first + width * 0.2 + timedelta(hours=8)},
        ],
        "words": [
            {"words": w}
            for w in (("typing",), ("mycoplasma",), ("rotor", "vibration"), ("absent",))
        ],
    }
    asked = [TrailFilter(**one) for values in dimensions.values() for one in values]  # type: ignore[arg-type]
    for left, right in combinations(dimensions, 2):
        asked += [
            TrailFilter(**a, **b)  # type: ignore[arg-type]
            for a in dimensions[left]
            for b in dimensions[right]
        ]
    return asked


def _first_and_last() -> tuple:  # type: ignore[type-arg]
    moments = Event.objects.filter(stream_type="equipment").values_list("recorded_at", flat=True)
    first, last = moments.order_by("recorded_at").first(), moments.order_by("-recorded_at").first()
    return first, last
