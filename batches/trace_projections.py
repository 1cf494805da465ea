"""Events to the edges of the trace: what went into what. A matter declares its own by
`@trace_edge(Event)`; here are those of lots, collections, batches and containers.

A node is `kind:number`; the kinds are donor, donation, lot, batch, container and recipient.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice

from batches.collection_events import CollectionRecorded
from batches.container_events import ContainerFilled, ContainerIssued
from batches.material_events import LotDispensed, LotReceived, LotSplit, LotUsed
from batches.models import TraceEdge
from batches.order_identity import IdentityBound
from ledger import store
from ledger.event import Recorded
from ledger.projections import projects

KINDS = ("donor", "donation", "lot", "batch", "container", "recipient")
Node = tuple[str, str]  # kind, number
Edges = Iterable[tuple[Node, Node]]
Told = Callable[[Recorded], Edges]
MOST = 1000  # edges that one event may tell


def trace_edge(*payloads: type) -> Callable[[Told], Told]:
    """Let this function tell what an event of these types put into what, as (from, into) pairs."""

    def register(function: Told) -> Told:
        def write(recorded: Recorded) -> None:
            told = list(islice(function(recorded), MOST + 1))
            if len(told) > MOST:
                raise ValueError(f"{recorded.type} tells more than {MOST} edges.")
            for number, (source, target) in enumerate(told):
                TraceEdge.objects.create(
                    key=f"{function.__name__}|{recorded.id}|{number}",
                    source=node(*source),
                    target=node(*target),
                    event_id=recorded.id,
                    at=recorded.recorded_at,
                )

        projects(*payloads)(write)
        return function

    return register


def node(kind: str, number: str) -> str:
    """How a thing is written in the table of edges."""
    if kind not in KINDS or not number:
        raise ValueError(f"{kind}:{number} is nothing that is traced.")
    return f"{kind}:{number}"


@trace_edge(LotReceived)
def of_a_patient(recorded: Recorded) -> Edges:
    """A patient's own material begins with its donor."""
    data = recorded.data
    return [(("donor", data.subject), ("lot", data.lot))] if data.subject else []


@trace_edge(LotSplit)
def split_off(recorded: Recorded) -> Edges:
    data = recorded.data
    return [(("lot", data.lot), ("lot", part.lot)) for part in data.parts]


@trace_edge(LotUsed, LotDispensed)
def into_a_batch(recorded: Recorded) -> Edges:
    data = recorded.data
    return [(("lot", data.lot), ("batch", data.batch))]


@trace_edge(CollectionRecorded)
def of_a_donor(recorded: Recorded) -> Edges:
    data = recorded.data
    return [(("donor", data.donor), ("donation", data.collection))]


@trace_edge(IdentityBound)
def begun_from(recorded: Recorded) -> Edges:
    """A batch is made from the collections of its order."""
    data = recorded.data
    return [(("donation", one), ("batch", data.batch)) for one in data.collections]


@trace_edge(ContainerFilled)
def out_of_a_batch(recorded: Recorded) -> Edges:
    data = recorded.data
    return [(("batch", data.batch), ("container", data.container))]


@trace_edge(ContainerIssued)
def to_a_recipient(recorded: Recorded) -> Edges:
    """Whom it was issued for is whom its batch was opened for."""
    container = recorded.data.container
    filled = store.load("container", container, upto=1)
    opened = store.load("batch", filled[0].data.batch, upto=1) if filled else []
    subject = opened[0].data.subject if opened else ""
    return [(("container", container), ("recipient", subject))] if subject else []
