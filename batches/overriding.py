"""Decisions to go on although something objects: a supervisor asks, QA agrees. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from batches.blockers import Blocker
from batches.flow_events import DeviationRaised, OverrideAgreed, OverrideAsked
from batches.record import QUALITY, Batch
from batches.record_events import HoldSet
from batches.turns import opened
from ledger.event import Refused, demand_reason
from ledger.event import marked as _


def ask(
    state: Batch,
    standing: Iterable[Blocker],
    *,
    batch: str,
    step: int,
    code: str,
    subject: str,
    person: str,
    reason: str,
) -> list[OverrideAsked]:
    """A supervisor answers for going on, for a reason; nothing goes on before QA agrees."""
    opened(state, batch)
    blocker = _standing(standing, code, subject)
    _no_hand(state, step, person)
    demand_reason(reason)
    if (step, code, subject) in state.asked:
        raise Refused(
            _("That is asked for already: quality assurance agrees, or the cause is removed."),
            code="no_change",
        )
    return [
        OverrideAsked(
            batch=batch,
            step=step,
            code=code,
            subject=subject,
            objection=blocker.sentence,
            asked_by=person,
        )
    ]


def agree(
    state: Batch,
    standing: Iterable[Blocker],
    *,
    batch: str,
    step: int,
    code: str,
    subject: str,
    person: str,
    reason: str,
) -> list[object]:
    """QA agrees: a deviation is raised and the batch goes on under a quality hold."""
    opened(state, batch)
    blocker = _standing(standing, code, subject)
    asker = state.asked.get((step, code, subject))
    if asker is None:
        raise Refused(
            _("A supervisor asks for this first, with a reason."), code="supervisor_needed"
        )
    if asker == person:
        raise Refused(
            _("You asked for it yourself, so somebody else has to agree."), code="same_person"
        )
    _no_hand(state, step, person)
    demand_reason(reason)
    number = state.next_exception
    events: list[object] = [
        OverrideAgreed(
            batch=batch,
            step=step,
            code=code,
            subject=subject,
            objection=blocker.sentence,
            asked_by=asker,
            agreed_by=person,
            exception=number,
        ),
        DeviationRaised(
            batch=batch,
            step=step,
            title=f"Went on although: {blocker.sentence}".rstrip(".")[:500],
            raised_by=person,
            automatic=True,
            exception=number + 1,
        ),
    ]
    if not state.on_hold(QUALITY):
        events.append(
            HoldSet(
                batch=batch,
                hold=len(state.holds) + 1,
                kind=QUALITY,
                step=step,
                exception=number + 2,
            )
        )
    return events


def _standing(standing: Iterable[Blocker], code: str, subject: str) -> Blocker:
    """The objection as it stands at this moment; one that is absolute yields to nobody."""
    for blocker in standing:
        if blocker.code == code and blocker.subject == subject:
            if blocker.absolute:
                raise Refused(
                    _("Nobody can override this: {objection}"),
                    objection=blocker.sentence,
                    code="absolute",
                )
            return blocker
    raise Refused(_("Nothing of that kind blocks the step any more. Go on."), code="nothing_blocks")


def _no_hand(state: Batch, step: int, person: str) -> None:
    record = state.step(step)
    if person in {record.performed_by, record.recorded_by, *record.hands}:
        raise Refused(
            _("You work on step {step} yourself, so somebody else decides about it."),
            step=step,
            code="same_person",
        )
