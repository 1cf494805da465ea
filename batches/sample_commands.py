"""What may be asked about samples: taken beside the steps, or in one."""

from __future__ import annotations

from batches import sample as samples
from batches import sample_queries
from batches.answers import Answer, Asked, answers
from batches.order_queries import held_batch
from ledger.command import Act, command
from ledger.event import Refused
from ledger.event import marked as _
from personnel.roles import OPERATOR, QC_ANALYST, SUPERVISOR


@command(
    "batches.take_sample",
    role=(OPERATOR, SUPERVISOR, QC_ANALYST),
    label=_("take a sample of {batch}"),
    record="batch/{batch}",
)
def take_sample(act: Act, *, batch: str, purpose: str, volume: str) -> None:
    """Take a sample that no step asks for."""
    if not batch:
        raise Refused(_("Write the batch's number, as CT-0421."), code="batch")
    if held_batch(batch) is None:
        raise Refused(_("There is no batch {batch}."), batch=batch, code="batch")
    _take(act, batch=batch, step=0, parameter="", purpose=purpose, volume=volume)


@answers("sample")
def answer_sample(asked: Asked) -> Answer:
    """A sample taken in a step gets its number with the step's own entry."""
    situation, parameter = asked.situation, asked.parameter
    taken = _take(
        asked.act,
        batch=situation.state.batch,
        step=situation.planned.number,
        parameter=parameter.key,
        purpose=parameter.label,
        volume=asked.typed,
    )
    words = taken.sample if taken.volume_ml is None else f"{taken.sample}, {taken.volume_ml} mL"
    return Answer(value=taken.sample, words=words)


def _take(
    act: Act, *, batch: str, step: int, parameter: str, purpose: str, volume: str
) -> samples.SampleTaken:
    number = samples.numbered(batch, sample_queries.taken(batch) + 1)
    taken = samples.take(
        act.load("sample", number, samples.INITIAL, samples.evolve),
        sample=number,
        batch=batch,
        step=step,
        parameter=parameter,
        purpose=purpose,
        volume=volume,
        person=act.actor.person,
    )
    act.record("sample", number, taken)
    return taken[0]
