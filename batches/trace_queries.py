"""The trace both ways: all that a thing went into, all that went into it, and the recall list."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db import connection

from batches.container_models import ContainerLine
from batches.material_models import LotLine
from batches.models import BatchLine, TraceEdge
from ledger.export.trail_csv import safe

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
    """One thing that the trace leads to, and what is known of it."""

    kind: str
    number: str
    about: str = ""
    standing: str = ""

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


Told = dict[str, tuple[str, str]]  # number: what it is, how it stands
_describers: dict[str, Callable[[list[str]], Told]] = {}
SLICE = 500  # numbers that one question to the database holds


def describes(kind: str) -> Callable[[Callable[[list[str]], Told]], Callable[[list[str]], Told]]:
    """Let this function say what things of a kind are and how they stand, for the recall list."""

    def register(function: Callable[[list[str]], Told]) -> Callable[[list[str]], Told]:
        _describers[kind] = function
        return function

    return register


@describes("lot")
def of_lots(numbers: list[str]) -> Told:
    rows = LotLine.objects.filter(lot__in=numbers)
    return {row.lot: (row.title, f"{row.status}, {row.left} {row.unit} left") for row in rows}


@describes("batch")
def of_batches(numbers: list[str]) -> Told:
    rows = BatchLine.objects.filter(batch__in=numbers)
    return {
        row.batch: (row.product, "completed" if row.completed_at else "at work") for row in rows
    }


@describes("container")
def of_containers(numbers: list[str]) -> Told:
    rows = ContainerLine.objects.filter(container__in=numbers)
    return {row.container: (f"{row.kind}, {row.volume_ml} mL", _where(row)) for row in rows}


def _where(row: ContainerLine) -> str:
    """Where it is to be called back from, if anything is left of it."""
    if row.ended:
        return row.ended
    if row.issued_at is not None:
        return f"issued to {row.ward}"
    return f"{row.decision}, {row.tank} {row.position}".rstrip(", ")


def recall_list(kind: str, number: str) -> list[Found]:
    """Everything that a thing went into, with what is known of each: what has to be called back."""
    found = reached(f"{kind}:{number}", way=ONWARD)
    told: dict[str, Told] = {}
    for one, numbers in by_kind(found).items():
        describe = _describers.get(one)
        known = told.setdefault(one, {})
        for first in range(0, len(numbers) if describe else 0, SLICE):
            known.update(describe(numbers[first : first + SLICE]))  # type: ignore[misc]
    return [Found(one.kind, one.number, *told[one.kind].get(one.number, ("", ""))) for one in found]


def recall_csv(kind: str, number: str) -> bytes:
    """The recall list as a spreadsheet reads it: UTF-8 with a byte order mark, nothing that runs.

    Only the heading where nothing was reached.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(("kind", "number", "what", "standing"))
    for one in recall_list(kind, number):
        writer.writerow([safe(cell) for cell in (one.kind, one.number, one.about, one.standing)])
    return b"\xef\xbb\xbf" + buffer.getvalue().encode()


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
