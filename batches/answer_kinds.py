"""How plain parameters are answered: confirm, choice, text, date-time, replicates. Pure."""

from __future__ import annotations

from decimal import Decimal

from batches.answer_events import ReplicatesCounted
from batches.answers import Answer, Asked, answers
from batches.limits import TYPED_LIMIT, Parameter, read_moment, read_number
from batches.replicates import summarise
from ledger.event import Refused
from ledger.event import marked as _

YES = ("yes", "on", "true", "1")
TEXT_LIMIT = 1000


@answers("confirm")
def confirm(asked: Asked) -> Answer:
    """It was done or seen. What was not is no confirmation: a deviation, or not applicable."""
    if asked.typed.lower() in YES:
        return Answer(value="yes", words="confirmed")
    raise Refused(
        _("{label}: confirm it, or say on this card what is otherwise (deviation, comment)."),
        label=asked.parameter.label,
        code="not_confirmed",
    )


@answers("choice")
def choice(asked: Asked) -> Answer:
    """One of the recipe's choices; one that it does not accept is a departure."""
    parameter = asked.parameter
    if asked.typed not in parameter.choices:
        raise Refused(
            _("{label}: choose one of: {choices}."),
            label=parameter.label,
            choices=", ".join(parameter.choices),
            code="choice",
        )
    if not parameter.accepted or asked.typed in parameter.accepted:
        return Answer(value=asked.typed)
    return Answer(
        value=asked.typed,
        departure=asked.situation.planned.step.exception_class,
        why=f"expected was: {', '.join(parameter.accepted)}.",
    )


@answers("text")
def text(asked: Asked) -> Answer:
    """Words as they were typed; nobody's name and no patient's data belong here."""
    if len(asked.typed) > TEXT_LIMIT:
        raise Refused(
            _("{label} has {length} characters; it holds {limit}. Say it shorter."),
            label=asked.parameter.label,
            length=len(asked.typed),
            limit=TEXT_LIMIT,
            code="too_long",
        )
    return Answer(value=asked.typed)


@answers("datetime")
def moment(asked: Asked) -> Answer:
    """A date and time with its zone; it need not be now, but not in the future."""
    at = read_moment(asked.typed)
    if at is None:
        raise Refused(
            _("{label}: give a date and a time, such as 2026-11-23 14:05."),
            label=asked.parameter.label,
            code="datetime",
        )
    if at > asked.situation.at:
        raise Refused(
            _("{label}: {typed} has not come yet. Mend the date or the time."),
            label=asked.parameter.label,
            typed=asked.typed[:TYPED_LIMIT],
            code="future",
        )
    return Answer(value=at.isoformat(), words=at.isoformat(" ", "minutes"))


def counts_of(parameter: Parameter, typed: str) -> list[Decimal]:
    """The counts of one sample, each a number and as many as are asked for. Raises Refused."""
    counts = [read_number(part) for part in typed.replace("\n", ";").split(";") if part.strip()]
    known = [one for one in counts if one is not None]
    if len(known) != len(counts) or len(known) != parameter.replicates:
        raise Refused(
            _("{label}: enter {replicates} counts, each a number by itself, as 1.21."),
            label=parameter.label,
            replicates=parameter.replicates,
            code="replicates",
        )
    return known


@answers("replicate")
def replicate(asked: Asked) -> Answer:
    """Several counts of one sample, divided by semicolons: their mean times the dilution counts."""
    parameter = asked.parameter
    known = counts_of(parameter, asked.typed)
    dilution = parameter.dilution or Decimal(1)
    mean, cv = summarise(known)
    limit = parameter.cv_limit
    apart = (cv, limit) if limit is not None and cv > limit else None
    before = asked.situation.state.step(asked.situation.planned.number).readings.get(parameter.key)
    counted = ReplicatesCounted(
        batch=asked.situation.state.batch,
        step=asked.situation.planned.number,
        parameter=parameter.key,
        label=parameter.label,
        attempt=before.attempt + 1 if before else 1,
        counts=known,
        dilution=dilution,
        mean=mean,
        cv=cv,
        cv_limit=parameter.cv_limit,
        unit=parameter.unit,
    )
    return Answer(number=mean * dilution, events=[counted], spread=apart)
