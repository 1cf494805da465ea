"""What may be asked of the trace: a recall list on file, which the trail tells of."""

from __future__ import annotations

from hashlib import sha256

from batches import trace_queries as trace
from batches import trace_recall as recall
from ledger.command import Act, command
from ledger.event import marked as _
from personnel.roles import INSPECTOR, QA_REVIEWER, QUALIFIED_PERSON, SUPERVISOR


@command(
    "batches.export_recall_list",
    role=(SUPERVISOR, QA_REVIEWER, QUALIFIED_PERSON, INSPECTOR),
    label=_("export the recall list of {kind} {number}"),
    record="recall/{kind}-{number}",
)
def export_recall_list(act: Act, *, kind: str, number: str) -> None:
    """The list as it stands now; its hash goes on record, so that a copy can be held against it."""
    content = trace.recall_csv(kind, number)
    stream = f"{kind}-{number}"
    act.load("recall", stream, 0, recall.evolve)
    events = recall.export(
        kind=kind,
        number=number,
        lines=content.count(b"\r\n") - 1,
        sha256=sha256(content).hexdigest(),
    )
    act.record("recall", stream, events)
