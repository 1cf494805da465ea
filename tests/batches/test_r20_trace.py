"""R20: the trace both ways is exactly what a brute-force search over the same events finds."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from batches import material_stock_commands as stock
from batches import trace_commands
from batches import trace_queries as trace
from batches.models import TraceEdge
from ledger import clock
from ledger.models import Event
from tests.batches import ordering, stocking
from tests.batches import test_container_commands as containers
from tests.batches.conftest import actor
from tests.batches.making import PATIENT, refused

NODES = st.tuples(
    st.sampled_from(["lot", "batch", "donation", "container"]), st.integers(0, 9)
).map(lambda pair: f"{pair[0]}:{pair[1]}")
GRAPHS = st.lists(st.tuples(NODES, NODES), max_size=40)


def told(edges: list[tuple[str, str]]) -> None:
    """These edges and no others."""
    TraceEdge.objects.all().delete()
    TraceEdge.objects.bulk_create(
        TraceEdge(key=str(n), source=a, target=b, event_id=UUID(int=n), at=clock.now())
        for n, (a, b) in enumerate(edges)
    )


def brute_force(edges: list[tuple[str, str]], start: str) -> set[str]:
    """Everything that can be walked to: pass over all edges until nothing is new."""
    found = {start}
    while True:
        more = {b for a, b in edges if a in found} - found
        if not more:
            return found - {start}
        found |= more


@pytest.mark.tampers
def test_r20_the_recall_list_is_what_brute_force_finds(database: Any) -> None:
    """Given any graph of edges, circles and parallels included, then what is reached onward and
    back from any node is exactly what the oracle walks to, each once."""

    @settings(
        max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )
    @given(GRAPHS, NODES)
    def holds(edges: list[tuple[str, str]], start: str) -> None:
        told(edges)
        onward = [one.node for one in trace.reached(start, way=trace.ONWARD)]
        assert len(onward) == len(set(onward))
        assert set(onward) == brute_force(edges, start)
        back = {one.node for one in trace.reached(start, way=trace.BACK)}
        assert back == brute_force([(b, a) for a, b in edges], start)
        kind, number = start.split(":")
        assert [one.node for one in trace.recall_list(kind, number)] == onward
        assert trace.recall_csv(kind, number).count(b"\r\n") == len(onward) + 1

    holds()


def test_r20_a_lot_and_its_containers_are_traced_from_the_delivery_to_the_batch(batch) -> None:
    """Given a lot was split and one container went into a batch, then the delivery leads to the
    batch and the batch back to both."""
    stocking.on_the_shelf(containers=4)
    asked = {"unit": "mL", "actor": actor("marta")}
    stock.split_lot(lot="L-000001", quantity="250", parts=2, **asked)
    stock.dispense_lot(lot="L-000001-2", batch=batch, quantity="10", **asked)
    onward = trace.by_kind(trace.reached("lot:L-000001", way=trace.ONWARD))
    assert onward == {"batch": [batch], "lot": ["L-000001-1", "L-000001-2"]}
    back = trace.by_kind(trace.reached(f"batch:{batch}", way=trace.BACK))
    assert back == {"lot": ["L-000001", "L-000001-2"]}
    listed = trace.recall_list("lot", "L-000001")
    assert [one.number for one in listed if one.standing == "at work"] == [batch]


def test_r20_donor_lot_and_recipient_find_each_other(fixed_clock, batch) -> None:
    """Given a collection and a lot went into a batch, and one of its two bags was issued, then each
    of donor, lot and recipient leads to the others, and the other bag is on the recall list."""
    ordering.let_in()
    ordering.bind()
    stocking.on_the_shelf()
    stock.dispense_lot(lot="L-000001", batch=batch, quantity="10", unit="mL", actor=actor("marta"))
    containers.out(fixed_clock)
    donor, recipient, bag = f"donor:{PATIENT}", f"recipient:{PATIENT}", containers.BAG
    other = bag.replace("P01", "P02")
    onward = trace.by_kind(trace.reached(donor, way=trace.ONWARD))
    assert onward == {
        "batch": [batch],
        "container": [bag, other],
        "donation": [ordering.COLLECTION],
        "recipient": [PATIENT],
    }
    back = trace.by_kind(trace.reached(recipient, way=trace.BACK))
    assert back == {
        "batch": [batch],
        "container": [bag],
        "donation": [ordering.COLLECTION],
        "donor": [PATIENT],
        "lot": ["L-000001"],
    }
    listed = {one.number: one.standing for one in trace.recall_list("lot", "L-000001")}
    assert set(listed) == {batch, bag, other, PATIENT}
    assert listed[bag] != listed[other], "the one is out, the other is not"


def test_r20_an_exported_recall_list_is_on_the_trail_with_its_hash(batch) -> None:
    stocking.on_the_shelf()
    refused(
        "nothing_reached", trace_commands.export_recall_list, kind="lot", number="L-000001",
        actor=actor("helena"),
    )  # fmt: skip
    stock.dispense_lot(lot="L-000001", batch=batch, quantity="10", unit="mL", actor=actor("marta"))
    done = trace_commands.export_recall_list(kind="lot", number="L-000001", actor=actor("helena"))
    from hashlib import sha256

    content = trace.recall_csv("lot", "L-000001")
    assert done.events[0].data.sha256 == sha256(content).hexdigest()
    assert done.events[0].data.lines == 1
    assert Event.objects.filter(type="batches.recall_list_exported").count() == 1
