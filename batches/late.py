"""A step that is entered after it was done: both times stand on record. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from batches.flow_events import LateEntryMade, StepsRepeated
from batches.limits import read_moment
from batches.plan import Planned, all_before
from batches.recipe import Recipe
from batches.record import Batch
from batches.record_events import StepCompleted
from batches.turns import plan_of
from ledger.event import Refused, demand_reason
from ledger.event import marked as _

LATEST = timedelta(days=7)  # what is older is a matter for quality assurance, not for the step
Happened = Iterable[tuple[object, datetime]]  # the batch's events, and when each was recorded


@dataclass(frozen=True, kw_only=True)
class Done:
    """When a step was done: as it was signed, or as it was stated where it was entered late."""

    at: datetime
    stated: bool = False


def moment(performed_at: str, now: datetime, *, since: datetime) -> datetime:
    """When it was done, as whoever enters it says: with a zone, in the past.

    `since`: when what had to come before it had happened.
    """
    at = read_moment(performed_at)
    if at is None:
        raise Refused(
            _("Say when it was done as a date and a time, such as 2026-11-23 14:05."),
            code="performed_at",
        )
    if not now - LATEST <= at <= now:
        raise Refused(
            _(
                "It was done before now, and at most seven days ago. Mend the time; what is older,"
                " raise as a deviation."
            ),
            code="performed_at",
        )
    if at < since:
        raise Refused(
            _(
                "The batch was not that far at {at}: what comes before this step was done at"
                " {since}. Mend the time."
            ),
            at=at.isoformat(" ", "minutes"),
            since=since.isoformat(" ", "minutes"),
            code="performed_at",
        )
    return at


def demand_order(
    at: datetime, state: Batch, recipe: Recipe, *, planned: Planned, happened: Happened
) -> None:
    """No step is done before one that it follows, whatever time was stated for either.

    Whatever follows this step is asked the same when its own turn comes.
    """
    done = _done(happened)
    earlier = [one for one in _before(state, recipe, planned) if one.number in done]
    last = max(earlier, key=lambda one: done[one.number].at, default=None)
    if last is None or at >= to_the_minute(done[last.number].at):
        return
    told = _(
        "Step {before} ({title}) comes before this one and was signed at {since}. Mend the time;"
        " where the other one came late itself, raise a deviation."
    )
    if done[last.number].stated:
        told = _(
            "Step {before} ({title}) comes before this one and is stated as done at {since}. Mend"
            " the time; where the other one is wrong, raise a deviation."
        )
    raise Refused(
        told,
        before=last.number,
        title=last.step.title,
        since=done[last.number].at.astimezone(at.tzinfo).isoformat(" ", "minutes"),
        code="performed_at",
    )


def asked_again(number: int, happened: Happened) -> list[datetime]:
    """When it was decided that a step is done again: it was not done again before that."""
    return [
        at for event, at in happened if isinstance(event, StepsRepeated) and number in event.becomes
    ]


def to_the_minute(at: datetime) -> datetime:
    """A person states the minute, and no second."""
    return at.replace(second=0, microsecond=0)


def _done(happened: Happened) -> Mapping[int, Done]:
    found: dict[int, Done] = {}
    for event, at in happened:
        match event:
            case StepCompleted(step=number):
                found[number] = Done(at=at)
            case LateEntryMade(step=number, performed_at=said):
                found[number] = Done(at=datetime.fromisoformat(said), stated=True)
    return found


def _before(state: Batch, recipe: Recipe, planned: Planned) -> list[Planned]:
    """What comes before a step: in its own phase, and in every phase that precedes it. The one
    that it waits for itself may have been left out as a whole, and tells no time."""
    plan, phases = plan_of(state, recipe), all_before(recipe.content, planned.phase)
    same = [one for one in plan[: plan.index(planned)] if one.phase == planned.phase]
    return same + [one for one in plan if one.phase in phases]


def entered(state: Batch, *, step: int, at: datetime, person: str, why: str) -> list[LateEntryMade]:
    """The reviewer sees that it was entered late, and why."""
    demand_reason(why)
    return [
        LateEntryMade(
            batch=state.batch,
            step=step,
            performed_at=at.isoformat(),
            entered_by=person,
            exception=state.next_exception,
        )
    ]
