"""The trace both ways: all that a thing went into, all that went into it, and the recall list."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection

from batches.material_models import LotLine
from batches.models import BatchLine, TraceEdge

ONWARD, BACK = "onward", "back"
# A row is reached once, however many ways lead to it: UNION drops what is known, so a circle ends.
_REACHED = """
WITH RECURSIVE reached (node) AS (
    SELECT CAST(%s AS VARCHAR(90))
    UNION
    SELECT edge.{into} FROM batches_trace AS edge JOIN reached ON edge.{from_} = reached.node
)
SELECT node FROM reached WHERE node <> %s ORDER BY node
"""


@dataclass(frozen=True)
class Found:
    """One thing that the trace leads to."""

    kind: str
    number: str

    @property
    def node(self) -> str:
        return f"{self.kind}:{self.number}"


def reached(node: str, *, way: str) -> list[Found]:
    """Everything that the node went into (`onward`), or that went into it (`back`)."""
    columns = {ONWARD: ("source", "target"), BACK: ("target", "source")}[way]
    statement = _REACHED.format(from_=columns[0], into=columns[1])
    with connection.cursor() as cursor:
        cursor.execute(statement, [node, node])
        return [Found(*row[0].split(":", 1)) for row in cursor.fetchall()]


def by_kind(found: Iterable[Found]) -> dict[str, list[str]]:
    """The numbers of each kind, in order."""
    sorted_: dict[str, list[str]] = {}
    for one in found:
        sorted_.setdefault(one.kind, []).append(one.number)
    return sorted_


def is_traced(node: str) -> bool:
    """Whether anything was ever told of it."""
    edges = TraceEdge.objects
    return edges.filter(source=node).exists() or edges.filter(target=node).exists()


def nodes_like(number: str) -> list[str]:
    """What bears exactly this number: the kinds that the trace or the registers know it as."""
    from batches.trace_projections import KINDS

    found = {f"{kind}:{number}" for kind in KINDS if is_traced(f"{kind}:{number}")}
    if LotLine.objects.filter(lot=number).exists():
        found.add(f"lot:{number}")
    if BatchLine.objects.filter(batch=number).exists():
        found.add(f"batch:{number}")
    return sorted(found)
