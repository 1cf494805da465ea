"""Decisions about the whole batch: open, hold, lift, assess what departed, close. Pure."""

from __future__ import annotations

import re

from batches.performing import overriders, read_once
from batches.plan import Planned
from batches.recipe import Recipe
from batches.record import PROCESS, QUALITY, Batch
from batches.record_events import Completed, ExceptionAssessed, HoldLifted, HoldSet, Opened
from batches.turns import next_step, opened, plan_of, standing_at
from ledger.event import Refused, demand_reason
from ledger.event import marked as _

PURPOSES = ("patient", "engineering", "validation", "media_fill", "training")
LIFTERS = {QUALITY: ("qa_reviewer",), PROCESS: ("supervisor", "qa_reviewer")}
_BATCH = re.compile(r"[A-Z]{1,6}-[0-9]{3,8}")


def open_batch(
    state: Batch, recipe: Recipe, *, batch: str, purpose: str, subject: str, is_kept: bool
) -> list[Opened]:
    """Open a batch on an approved version of a recipe, which stays its version to the end.

    `is_kept`: the vault knows the subject as a patient and can still say who it is.
    """
    if state.batch:
        raise Refused(
            _("Batch number {batch} is in use. A number is given once."),
            batch=batch,
            code="batch_number",
        )
    if not _BATCH.fullmatch(batch):
        raise Refused(
            _("Write the batch number as letters, a hyphen and digits, as CT-0421."),
            code="batch_number",
        )
    if not recipe.approved:
        raise Refused(
            _("This version of the recipe is not approved. Choose one that is."),
            code="recipe_not_approved",
        )
    if purpose not in PURPOSES:
        raise Refused(_("Say what the batch is for."), code="purpose")
    if (purpose == "patient") != bool(subject):
        raise Refused(
            _(
                "A batch for a patient is made for an order, and any other for none. Choose the"
                " order, or say that it is for no patient."
            ),
            code="subject",
        )
    if subject and not is_kept:
        raise Refused(
            _(
                "The vault knows no patient by this pseudonym, or the patient was erased. Register"
                " the patient first, or correct the pseudonym."
            ),
            code="subject",
        )
    return [
        Opened(
            batch=batch,
            recipe=recipe.recipe,
            version=recipe.version,
            content_sha256=recipe.content_sha256,
            product=recipe.product,
            purpose=purpose,
            subject=subject,
            steps=len(recipe.steps),
        )
    ]


def set_hold(state: Batch, recipe: Recipe, *, batch: str, kind: str, reason: str) -> list[HoldSet]:
    """A process hold stops the work; a quality hold lets the cells move on, and blocks release."""
    opened(state, batch)
    if kind not in LIFTERS:
        raise Refused(_("Choose a process hold or a quality hold."), code="hold_kind")
    if state.on_hold(kind):
        raise Refused(
            _("Batch {batch} is on {kind} hold already."), batch=batch, kind=kind, code="no_change"
        )
    demand_reason(reason)
    return [
        HoldSet(
            batch=batch,
            hold=len(state.holds) + 1,
            kind=kind,
            step=standing_at(state, recipe),
            exception=state.next_exception,
        )
    ]


def lift_hold(
    state: Batch, *, batch: str, hold: int, person: str, role: str, reason: str
) -> list[HoldLifted]:
    """End a hold. Quality's is ended by somebody who had no hand in what it was set for."""
    if not state.batch:
        opened(state, batch)
    known = state.holds.get(hold)
    if known is None or known.lifted:
        raise Refused(_("Hold {hold} is not in force."), hold=hold, code="no_hold")
    if role not in LIFTERS[known.kind]:
        raise Refused(
            _("A {kind} hold is lifted by: {roles}."),
            kind=known.kind,
            roles=", ".join(name.replace("_", " ") for name in LIFTERS[known.kind]),
            code="wrong_role",
        )
    if known.kind == QUALITY and person in _concerned(state, known.step):
        raise Refused(
            _("You worked or decided on step {step}, so somebody else has to lift this hold."),
            step=known.step,
            code="same_person",
        )
    demand_reason(reason)
    return [HoldLifted(batch=batch, hold=hold, kind=known.kind)]


def assess_exception(
    state: Batch, *, batch: str, exception: int, person: str, reason: str
) -> list[ExceptionAssessed]:
    """Quality assurance has looked at it; whoever worked on the step cannot be the one to look."""
    if not state.batch:
        opened(state, batch)
    known = state.exceptions.get(exception)
    if known is None or known.assessed:
        raise Refused(
            _("Exception {exception} of {batch} waits for no assessment."),
            exception=exception,
            batch=batch,
            code="no_exception",
        )
    if person in _concerned(state, known.step):
        raise Refused(
            _("You worked or decided on step {step}, so somebody else has to assess this."),
            step=known.step,
            code="same_person",
        )
    demand_reason(reason)
    return [ExceptionAssessed(batch=batch, exception=exception)]


def complete(state: Batch, recipe: Recipe, *, batch: str, person: str) -> list[Completed]:
    """Close the record: every step done, verified, countersigned, every departure explained."""
    opened(state, batch)
    left = next_step(state, recipe)
    if left is not None:
        raise Refused(
            _("Step {step} ({title}) is not finished."),
            step=left.number,
            title=left.step.title,
            code="steps_left",
        )
    for planned in plan_of(state, recipe):
        _closable(state, planned, person)
    if state.on_hold(PROCESS):
        raise Refused(
            _("Batch {batch} is on process hold. Ask the supervisor to lift it."),
            batch=batch,
            code="on_hold",
        )
    return [
        Completed(batch=batch, steps=len(plan_of(state, recipe)), exceptions=len(state.exceptions))
    ]


def _closable(state: Batch, planned: Planned, person: str) -> None:
    """Nothing of the step is left open, and who closes the batch had no hand in it."""
    record = state.step(planned.number)
    if record.awaits_countersignature:
        raise Refused(
            _("Step {step} ({title}) waits for the countersignature of {person}."),
            step=planned.number,
            title=planned.step.title,
            person=record.performed_by,
            code="countersignature",
        )
    if any(one.exceeded and not one.explained for one in record.readings.values()):
        raise Refused(
            _("Step {step} ({title}) has a value outside its limits without an explanation."),
            step=planned.number,
            title=planned.step.title,
            code="limit_unexplained",
        )
    once = [one for one in planned.step.parameters if read_once(record, one)]
    if once and record.performed_by:
        raise Refused(
            _("Step {step} ({title}): {label} was corrected. Read it a second time, on its card."),
            step=planned.number,
            title=planned.step.title,
            label=once[0].label,
            code="second_entry",
        )
    if planned.step.critical and record.unauthorised:
        raise Refused(
            _("Step {step} ({title}) is critical: a supervisor authorises its correction first."),
            step=planned.number,
            title=planned.step.title,
            code="correction_unauthorised",
        )
    if person in _people(state, planned.number):
        raise Refused(
            _("You worked on step {step}, so somebody else has to close the batch."),
            step=planned.number,
            code="same_person",
        )


def _people(state: Batch, step: int) -> set[str]:
    record = state.step(step)
    return {record.performed_by, record.recorded_by, record.verified_by, *record.hands} - {""}


def _concerned(state: Batch, step: int) -> set[str]:
    """Who worked on a step, and who let the work go on outside its limits."""
    return _people(state, step) | state.step(step).let_on | overriders(state, step)
