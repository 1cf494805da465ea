"""The labels that a step asks for: scanned one by one, each of this batch, of the kind, unused."""

from __future__ import annotations

from batches import label as labels
from batches.answers import Answer, Asked, answers
from batches.codes import LABEL, PLAIN, read_code
from ledger.event import Refused
from ledger.event import marked as _


@answers("label")
def answer_label(asked: Asked) -> Answer:
    """Use the labels that were scanned, one or several with a space between: all, or none."""
    situation = asked.situation
    chosen = list(dict.fromkeys(_number(text) for text in asked.typed.split()))
    for roll in sorted({labels.roll_of(one) for one in chosen}):
        state = asked.standing("label", roll, labels.INITIAL, labels.evolve)
        for number in chosen:
            if labels.roll_of(number) == roll:
                used = labels.use(
                    state,
                    label=number,
                    batch=situation.state.batch,
                    kind=asked.parameter.needs,
                    step=situation.planned.number,
                    parameter=asked.parameter.key,
                )
                asked.act.record("label", roll, used)
    return Answer(value=" ".join(chosen), words=", ".join(chosen))


def _number(text: str) -> str:
    """The number of the label that a scan, or what was typed from it, names."""
    code = read_code(text)
    if code.refused is not None:
        raise code.refused
    number = code.get(LABEL) or (code.text.upper() if code.kind == PLAIN else "")
    if not labels.roll_of(number):
        raise Refused(
            _("This is no label of ours. Scan the label that was printed for this batch."),
            code="no_label",
        )
    return number
