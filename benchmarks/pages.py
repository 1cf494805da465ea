"""The pages' figures: a step signed on the floor, and the trail with a million entries.

Requests go through every middleware to the real views, on SQLite and on PostgreSQL with fsync on,
with the sealer at work beside them.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count
from typing import Any
from urllib.parse import urlencode

from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from benchmarks import floor, million, reads, site
from benchmarks.figures import Figure, percentile, say, show
from ledger import queries
from ledger.clock import rfc3339
from ledger.queries import TrailFilter
from ledger.views import token_of
from tests import databases
from tests.personnel import signers

QUERIES, SERVER, TOTAL, TRAIL = 25, 60, 400, 300  # statements, and milliseconds
PASSES = 2  # over the trail's pages


def main(*, quick: bool = False, only: str = "") -> int:
    """Measure and print; 1 where a figure is short."""
    size = 50_000 if quick else 1_000_000
    return show(figure for figure in _figures(size, quick=quick) if only in figure.name)


def _figures(size: int, *, quick: bool) -> Iterator[Figure]:
    with site.sqlite_site() as small, databases.pointed_at(small):
        small.manage("collectstatic", "--no-input", "--verbosity", "0")
        with site.sealer(small):
            yield from _floor("sqlite", quick=quick)
        yield from _trail("sqlite", size)
    with site.postgres_site() as (made, _private), databases.pointed_at(made):
        made.manage("collectstatic", "--no-input", "--verbosity", "0")
        with site.sealer(made):
            yield from _floor("postgres", quick=quick)
        yield from _trail("postgres", size)


def _floor(vendor: str, *, quick: bool) -> Iterator[Figure]:
    """Steps with their values, signed by PIN, one batch after the other."""
    floor.furnish()
    room = Room()
    room.make("BENCH-000")  # the first one warms up
    room.completions.clear()
    room.derived.clear()
    room.cards.clear()
    batches = 4 if quick else 20
    for number in range(1, batches + 1):
        room.make(f"BENCH-{number:03d}")
    served = [took - inside for took, inside in zip(room.completions, room.derived, strict=True)]
    yield _ms(f"completion_p95_{vendor}", percentile(served, 0.95), SERVER)
    yield _ms(f"completion_median_{vendor}", percentile(served, 0.5))
    yield _ms(f"completion_total_p95_{vendor}", percentile(room.completions, 0.95), TOTAL)
    yield _ms(f"key_derivation_p95_{vendor}", percentile(room.derived, 0.95))
    yield _ms(f"card_p95_{vendor}", percentile(room.cards, 0.95), SERVER)
    yield Figure(f"completions_{vendor}", float(len(served)))
    signed, shown = room.statements("BENCH-999")
    yield Figure(f"completion_queries_{vendor}", signed, QUERIES, at_least=False)
    yield Figure(f"card_queries_{vendor}", shown, QUERIES, at_least=False)


def _ms(name: str, seconds: float, target: float | None = None) -> Figure:
    return Figure(name, seconds * 1000, target, at_least=False, unit="ms")


class Room:
    """Marta performs and Ingrid verifies, each in a browser of her own."""

    def __init__(self) -> None:
        self.marta, self.ingrid = floor.browser("marta"), floor.browser("ingrid")
        self.begun: set[Client] = set()
        self.completions: list[float] = []
        self.derived: list[float] = []
        self.cards: list[float] = []

    def make(self, batch: str) -> None:
        """A whole batch; each card and each completion is timed."""
        floor.open_batch(batch)
        for step in floor.steps():
            address = f"/batches/{batch}/steps/{step.number}/"
            self._begin_series()
            floor.untouched(self.marta)
            self.cards.append(floor.timed(lambda at=address: self.marta.get(at), status=200))
            floor.untouched(self.marta)
            typed = floor.values_of(step) | {"then": "sign"} | signers.PIN_FIELDS
            sent = {"path": f"{address}perform/", "data": typed}
            with floor.derivations() as derived:
                took = floor.timed(lambda asked=sent: self.marta.post(**asked), status=302)
            self.completions.append(took)
            self.derived.append(derived())
            self._verify(step, address)

    def statements(self, batch: str) -> tuple[int, int]:
        """The most statements that a completion and a card of one batch took, on any connection."""
        floor.open_batch(batch)
        completion = card = 0
        for step in floor.steps():
            address = f"/batches/{batch}/steps/{step.number}/"
            floor.untouched(self.marta)
            card = max(card, _statements(lambda at=address: self.marta.get(at)))
            floor.untouched(self.marta)
            typed = floor.values_of(step) | {"then": "sign"} | signers.PIN_FIELDS
            sent = {"path": f"{address}perform/", "data": typed}
            completion = max(completion, _statements(lambda asked=sent: self.marta.post(**asked)))
            self._verify(step, address)
        return completion, card

    def _begin_series(self) -> None:
        """The first signature takes all components; those measured are the ones that follow."""
        if self.marta in self.begun:
            return
        number = next(_series)
        batch = f"BEGIN-{number:03d}"
        floor.open_batch(batch)
        typed = {"then": "sign", "signing_name": "marta", "signing_secret": signers.SECRET}
        first = next(floor.steps())
        sent = floor.values_of(first) | typed
        address = f"/batches/{batch}/steps/1/perform/"
        floor.timed(lambda: self.marta.post(address, sent), status=302)
        self.begun.add(self.marta)

    def _verify(self, step: Any, address: str) -> None:
        if not step.verifies:
            return
        typed = dict(signers.PIN_FIELDS)
        if self.ingrid not in self.begun:
            typed = {"signing_name": "ingrid", "signing_secret": signers.SECRET}
            self.begun.add(self.ingrid)
        floor.timed(lambda: self.ingrid.post(f"{address}verify/", typed), status=302)


_series = count(1)


def _statements(ask: Any) -> int:
    with ExitStack() as stack:
        seen = [stack.enter_context(CaptureQueriesContext(connections[a])) for a in connections]
        ask()
        return sum(len(one) for one in seen)


def _trail(vendor: str, size: int) -> Iterator[Figure]:
    """The trail's page: plain, turned over, filtered by each field and each pair of fields."""
    say(f"building {size} entries on {vendor}")
    million.build(size=size)
    reader = floor.browser("helena")
    times: list[tuple[float, str]] = []
    for _again in range(PASSES):
        for address in _addresses():
            times.append((floor.timed(lambda at=address: reader.get(at), status=200), address))
    times.sort()
    for seconds, address in times[-3:]:
        say(f"slowest on {vendor}: {seconds:.3f} s {address}")
    values = [seconds for seconds, _address in times]
    yield _ms(f"trail_page_p95_{vendor}", percentile(values, 0.95), TRAIL)
    yield _ms(f"trail_page_median_{vendor}", percentile(values, 0.5))
    yield _ms(f"trail_page_slowest_{vendor}", values[-1])
    yield Figure(f"trail_pages_{vendor}", float(len(values)))


def _addresses() -> Iterator[str]:
    yield from ("/trail/", "/trail/?sort=oldest")
    before = None
    for _turn in range(5):
        before = queries.find(TrailFilter(), newest=True, before=before).earlier
        if before:
            yield f"/trail/?{urlencode({'before': token_of(before)})}"
    for asked in reads._questions():
        yield f"/trail/?{urlencode(_fields(asked))}"


def _fields(asked: TrailFilter) -> dict[str, str]:
    """What the form would put into the address for this filter."""
    given = {
        "person": asked.person[:1],
        "role": asked.role[:1],
        "type": asked.type[:1],
        "stream": asked.stream_id[:1],
        "q": (" ".join(asked.words),),
        "since": (rfc3339(asked.since),) if asked.since else (),
        "until": (rfc3339(asked.until),) if asked.until else (),
    }
    return {name: values[0] for name, values in given.items() if values and values[0]}
