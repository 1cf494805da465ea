"""What may be asked about recipes and batches, by whom, and with which signature."""

from __future__ import annotations

from dataclasses import replace

from batches import (
    contingency_commands,
    entering,
    label_commands,
    order_commands,
    order_queries,
    overseeing,
    performing,
    placing,
    recipe_queries,
    working,
)
from batches import recipe as recipes
from batches import record as records
from batches.recipe import Recipe
from batches.turns import all_seen, as_seen, find
from ledger.command import Act, command
from ledger.event import Refused, fold
from ledger.event import marked as _
from ledger.signature import Meaning
from personnel import vouching
from personnel.authority import holds
from personnel.roles import (
    OPERATOR,
    QA_REVIEWER,
    QC_ANALYST,
    SUPERVISOR,
    VERIFIER,
    label,
)
from personnel.vault_queries import knows_patient

RECORD = "batch/{batch}"
# Who performs or verifies a step is the recipe's to say, among these.
PERFORMERS = (OPERATOR, SUPERVISOR, QC_ANALYST)
VERIFIERS = (VERIFIER, SUPERVISOR, QC_ANALYST)
# Whoever sees something wrong may stop it; going on is for those who answer for the batch.
STOPPERS = (OPERATOR, VERIFIER, SUPERVISOR, QA_REVIEWER)
LIFTERS = (SUPERVISOR, QA_REVIEWER)


@command(
    "batches.open",
    role=(SUPERVISOR,),
    label=_("open batch {batch} on {recipe}, version {version}"),
    record=RECORD,
    private=("subject",),
)
def open_batch(
    act: Act,
    *,
    batch: str,
    recipe: str,
    version: int,
    purpose: str,
    subject: str = "",
    order: str = "",
) -> None:
    """Open a batch on an effective version of a recipe: for an order, or for no patient.

    It is made of what was accepted for the order. One that names a patient alone is bound to its
    order later.
    """
    subject = subject or order_queries.subject_of(order)
    opened = overseeing.open_batch(
        act.load("batch", batch, records.INITIAL, records.evolve),
        _recipe(act, recipe, version),
        batch=batch,
        purpose=purpose,
        subject=subject,
        is_kept=bool(subject) and knows_patient(subject),
    )
    recipe_queries.hold(recipe, version)
    chosen = _recipe(act, recipe, version)
    recipes.demand_effective(chosen, act.at)
    bound = order_commands.bind_opened(act, opened[0], chosen, order) if order else []
    act.record("batch", batch, [*opened, *bound])


@command(
    "batches.enter_values",
    role=PERFORMERS,
    label=_("enter values of step {step} of {batch}"),
    record=RECORD,
)
def enter_values(act: Act, *, batch: str, step: int, typed: dict[str, str]) -> None:
    """Keep what was read, whatever it is. Unsigned: it is signed with the step."""
    state, recipe = working.batch_of(act, batch)
    act.record("batch", batch, working.enter(act, state, recipe, step=step, typed=typed))


@command(
    "batches.explain_limit",
    role=(*PERFORMERS, QA_REVIEWER),
    label=_("explain {parameter} of step {step} of {batch}"),
    record=RECORD,
    needs_reason=True,
)
def explain_limit(act: Act, *, batch: str, step: int, parameter: str) -> None:
    """Go on with a value outside its limits, and say why. Unsigned: whose word counts beyond
    acceptance is surely there, as who lifts a hold."""
    if act.actor.role in entering.MAY_GO_ON_BEYOND_ACCEPTANCE:
        vouching.demand_known(act.actor.person)
    state, recipe = working.batch_of(act, batch)
    events = entering.explain_limit(
        state,
        recipe,
        batch=batch,
        step=step,
        parameter=parameter,
        person=act.actor.person,
        role=act.actor.role,
        reason=act.reason,
    )
    act.record("batch", batch, events)


@command(
    "batches.complete_step",
    role=PERFORMERS,
    label=_("complete step {step} of {batch}"),
    record=RECORD,
    signature=Meaning.PERFORMED,
)
def complete_step(
    act: Act,
    *,
    batch: str,
    step: int,
    typed: dict[str, str] | None = None,
    performed_at: str = "",
) -> None:
    """Sign that one has performed the step, with the values that stand on record.

    Values that are typed along are recorded and signed in the same breath, or nothing is: one that
    departs is refused here, and is kept by `enter_values` whatever it is. `performed_at`: of a late
    entry, with a reason.
    """
    me = act.actor.person
    _complete(act, batch=batch, step=step, performed_by=me, typed=typed, performed_at=performed_at)


@command(
    "batches.record_step",
    role=PERFORMERS,
    label=_("record step {step} of {batch} for {performed_by}"),
    record=RECORD,
    signature=Meaning.AUTHORED,
)
def record_step(
    act: Act, *, batch: str, step: int, performed_by: str, seen: int | None = None
) -> None:
    """Sign as the scribe of somebody whose hands are in the cabinet; they countersign later."""
    state, recipe = working.batch_of(act, batch)
    as_seen(state, step, seen)
    wanted = find(state, recipe, step)
    role = wanted.step.performs if wanted else OPERATOR
    if performed_by == act.actor.person:
        raise Refused(
            _("You perform this step yourself: sign it as performed."), code="same_person"
        )
    if not holds(performed_by, role):
        raise Refused(
            _("{person} has no open account as {role}, so cannot have performed this step."),
            person=performed_by,
            role=label(role),
            code="performer",
        )
    _complete(act, batch=batch, step=step, performed_by=performed_by)


@command(
    "batches.countersign_step",
    role=PERFORMERS,
    label=_("countersign step {step} of {batch}"),
    record=RECORD,
    signature=Meaning.PERFORMED,
)
def countersign_step(act: Act, *, batch: str, step: int, seen: int | None = None) -> None:
    """Sign what a colleague recorded while one's hands were in the cabinet."""
    state, recipe = working.batch_of(act, batch)
    as_seen(state, step, seen)
    events = performing.countersign_step(
        state, recipe, batch=batch, step=step, person=act.actor.person
    )
    act.record("batch", batch, events)


@command(
    "batches.verify_step",
    role=VERIFIERS,
    label=_("verify step {step} of {batch}"),
    record=RECORD,
    signature=Meaning.VERIFIED,
)
def verify_step(act: Act, *, batch: str, step: int, seen: int | None = None) -> None:
    """Sign as the second person that the step was done as it stands on record."""
    state, recipe = working.batch_of(act, batch)
    as_seen(state, step, seen)
    events: list[object] = []
    events += performing.verify_step(
        state, recipe, batch=batch, step=step, person=act.actor.person, role=act.actor.role
    )
    now = working.situation(act, state, recipe, step)
    working.demand_training(now)
    placing.check_line(act, now)
    act.record("batch", batch, events + working.follows(state, recipe, events))


@command(
    "batches.correct_value",
    role=PERFORMERS,
    label=_("correct {parameter} of step {step} of {batch}"),
    record=RECORD,
    signature=Meaning.PERFORMED,
    needs_reason=True,
)
def correct_value(
    act: Act, *, batch: str, step: int, parameter: str, typed: str, seen: int | None = None
) -> None:
    """Correct a value of a signed step: the old one stays legible beside the new one."""
    state, recipe = working.batch_of(act, batch)
    as_seen(state, step, seen)
    now = working.situation(act, state, recipe, step)
    events = entering.correct_value(
        state,
        recipe,
        batch=batch,
        step=step,
        parameter=parameter,
        typed=typed,
        answer=working.answered(now, {parameter: typed}).get(parameter),
        person=act.actor.person,
        role=act.actor.role,
        reason=act.reason,
    )
    working.not_overridden_by(now)
    working.demand_training(now)
    act.record("batch", batch, events + working.recalculated(state, recipe, events))


@command(
    "batches.set_hold",
    role=STOPPERS,
    label=_("set {batch} on {kind} hold"),
    record=RECORD,
    needs_reason=True,
)
def set_hold(act: Act, *, batch: str, kind: str) -> None:
    """Stop the work, or let it go on and block the release."""
    state, recipe = working.batch_of(act, batch)
    events = overseeing.set_hold(state, recipe, batch=batch, kind=kind, reason=act.reason)
    act.record("batch", batch, events)


@command(
    "batches.lift_hold",
    role=LIFTERS,
    label=_("lift hold {hold} of {batch}"),
    record=RECORD,
    needs_reason=True,
)
def lift_hold(act: Act, *, batch: str, hold: int) -> None:
    """End a hold, and say why it may end. Unsigned, so it takes somebody who is surely there."""
    vouching.demand_known(act.actor.person)
    state, _known = working.batch_of(act, batch)
    events = overseeing.lift_hold(
        state,
        batch=batch,
        hold=hold,
        person=act.actor.person,
        role=act.actor.role,
        reason=act.reason,
    )
    act.record("batch", batch, events)


@command(
    "batches.assess_exception",
    role=(QA_REVIEWER,),
    label=_("assess exception {exception} of {batch}"),
    record=RECORD,
    signature=Meaning.REVIEWED,
    needs_reason=True,
)
def assess_exception(act: Act, *, batch: str, exception: int) -> None:
    """Sign what a departure means for the product."""
    state, _known = working.batch_of(act, batch)
    contingency_commands.demand_third(act, batch, exception)
    events = overseeing.assess_exception(
        state, batch=batch, exception=exception, person=act.actor.person, reason=act.reason
    )
    act.record("batch", batch, events)


@command(
    "batches.complete",
    role=(SUPERVISOR,),
    label=_("complete batch {batch}"),
    record=RECORD,
    signature=Meaning.REVIEWED,
)
def complete(act: Act, *, batch: str, seen: int | None = None) -> None:
    """Close the record of a batch whose every step stands. `seen`: the departures on the page."""
    state, recipe = working.batch_of(act, batch)
    all_seen(state, seen)
    label_commands.demand_counted(batch)
    contingency_commands.close(act, batch)
    events: list[object] = []
    events += overseeing.complete(state, recipe, batch=batch, person=act.actor.person)
    events += placing.everything(act, state)
    act.record("batch", batch, events)


def _complete(
    act: Act,
    *,
    batch: str,
    step: int,
    performed_by: str,
    typed: dict[str, str] | None = None,
    performed_at: str = "",
) -> None:
    state, recipe = working.batch_of(act, batch)
    me, role = act.actor.person, act.actor.role
    performing.workable(state, recipe, batch=batch, step=step, role=role)
    now = working.situation(act, state, recipe, step, performed_by)
    entering.demand_scanned(now.planned.step, working.kept(now, typed or {}))
    if performed_by != me:
        working.demand_training(replace(now, person=me))
    events = working.touch(now)
    if typed or working.to_calculate(now):
        events += working.keep(replace(now, state=fold(state, records.evolve, events)), typed or {})
    events += performing.complete_step(
        fold(state, records.evolve, events),
        recipe,
        batch=batch,
        step=step,
        role=role,
        performed_by=performed_by,
        recorded_by=me,
    )
    events += working.after(act, state, recipe, now, events, performed_at)
    done = fold(state, records.evolve, events)
    act.record("batch", batch, events + placing.give_back(act, done, placing.brief(done)))


def _recipe(act: Act, recipe: str, version: int) -> Recipe:
    name = recipes.stream_id(recipe, version)
    return act.load("recipe", name, recipes.INITIAL, recipes.evolve)
