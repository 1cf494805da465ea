"""What may be asked about recipes and batches, by whom, and with which signature."""

from __future__ import annotations

from typing import Any

from batches import entering, overseeing, performing, queries
from batches import recipe as recipes
from batches import record as records
from batches.recipe import Recipe
from batches.recipe_json import from_json
from batches.record import Batch
from ledger.command import Act, command
from ledger.event import Refused, fold
from ledger.event import marked as _
from ledger.signature import Meaning
from personnel import vouching
from personnel.authority import holds
from personnel.roles import (
    OPERATOR,
    PROCESS_ENGINEER,
    QA_REVIEWER,
    QC_ANALYST,
    SUPERVISOR,
    VERIFIER,
    label,
)
from personnel.training_queries import trained_on
from personnel.vault_queries import knows_patient

RECORD = "batch/{batch}"
RECIPE = "recipe/{recipe}.{version}"
# Who performs or verifies a step is the recipe's to say, among these.
PERFORMERS = (OPERATOR, SUPERVISOR, QC_ANALYST)
VERIFIERS = (VERIFIER, SUPERVISOR, QC_ANALYST)
# Whoever sees something wrong may stop it; going on is for those who answer for the batch.
STOPPERS = (OPERATOR, VERIFIER, SUPERVISOR, QA_REVIEWER)
LIFTERS = (SUPERVISOR, QA_REVIEWER)


@command(
    "batches.draft_recipe",
    role=(PROCESS_ENGINEER,),
    label=_("draft {recipe}, version {version}"),
    record=RECIPE,
    signature=Meaning.AUTHORED,
)
def draft_recipe(
    act: Act,
    *,
    recipe: str,
    version: int,
    content: dict[str, Any],
) -> None:
    """Write a version of a master batch record down, for somebody else to approve."""
    events = recipes.draft(
        _recipe(act, recipe, version),
        recipe=recipe,
        version=version,
        content=from_json(content),
        author=act.actor.person,
    )
    act.record("recipe", recipes.stream_id(recipe, version), events)


@command(
    "batches.approve_recipe",
    role=(QA_REVIEWER,),
    label=_("approve {recipe}, version {version}"),
    record=RECIPE,
    signature=Meaning.APPROVED,
)
def approve_recipe(act: Act, *, recipe: str, version: int) -> None:
    """Approve a version for use; from then on it never changes."""
    state = _recipe(act, recipe, version)
    events = recipes.approve(state, recipe=recipe, version=version, person=act.actor.person)
    act.record("recipe", recipes.stream_id(recipe, version), events)


@command(
    "batches.open",
    role=(SUPERVISOR,),
    label=_("open batch {batch} on {recipe}, version {version}"),
    record=RECORD,
    private=("subject",),
)
def open_batch(
    act: Act, *, batch: str, recipe: str, version: int, purpose: str, subject: str = ""
) -> None:
    """Open a batch on an approved version of a recipe, for a patient whom the vault keeps."""
    events = overseeing.open_batch(
        act.load("batch", batch, records.INITIAL, records.evolve),
        _recipe(act, recipe, version),
        batch=batch,
        purpose=purpose,
        subject=subject,
        is_kept=bool(subject) and knows_patient(subject),
    )
    act.record("batch", batch, events)


@command(
    "batches.enter_values",
    role=PERFORMERS,
    label=_("enter values of step {step} of {batch}"),
    record=RECORD,
)
def enter_values(act: Act, *, batch: str, step: int, typed: dict[str, str]) -> None:
    """Keep what was read, whatever it is. Unsigned: it is signed with the step."""
    state, recipe = _batch(act, batch)
    events = _entered(act, state, recipe, batch=batch, step=step, typed=typed)
    _demand_training(act, recipe, act.actor.person)
    act.record("batch", batch, events)


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
    state, recipe = _batch(act, batch)
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
def complete_step(act: Act, *, batch: str, step: int, typed: dict[str, str] | None = None) -> None:
    """Sign that one has performed the step, with the values that stand on record.

    Values that are typed along are recorded and signed in the same breath, or nothing is: one that
    departs is refused here, and is kept by `enter_values` whatever it is.
    """
    _complete(act, batch=batch, step=step, performed_by=act.actor.person, typed=typed)


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
    state, recipe = _batch(act, batch)
    records.as_seen(state, step, seen)
    wanted = recipe.step(step)
    role = wanted.performs if wanted else OPERATOR
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
    state, recipe = _batch(act, batch)
    records.as_seen(state, step, seen)
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
    state, recipe = _batch(act, batch)
    records.as_seen(state, step, seen)
    events = performing.verify_step(
        state, recipe, batch=batch, step=step, person=act.actor.person, role=act.actor.role
    )
    _demand_training(act, recipe, act.actor.person)
    act.record("batch", batch, events)


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
    state, recipe = _batch(act, batch)
    records.as_seen(state, step, seen)
    events = entering.correct_value(
        state,
        recipe,
        batch=batch,
        step=step,
        parameter=parameter,
        typed=typed,
        person=act.actor.person,
        role=act.actor.role,
        reason=act.reason,
    )
    _demand_training(act, recipe, act.actor.person)
    act.record("batch", batch, events)


@command(
    "batches.set_hold",
    role=STOPPERS,
    label=_("set {batch} on {kind} hold"),
    record=RECORD,
    needs_reason=True,
)
def set_hold(act: Act, *, batch: str, kind: str) -> None:
    """Stop the work, or let it go on and block the release."""
    state, recipe = _batch(act, batch)
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
    state, _recipe = _batch(act, batch)
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
    state, _recipe = _batch(act, batch)
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
    state, recipe = _batch(act, batch)
    records.all_seen(state, seen)
    events = overseeing.complete(state, recipe, batch=batch, person=act.actor.person)
    act.record("batch", batch, events)


def _complete(
    act: Act, *, batch: str, step: int, performed_by: str, typed: dict[str, str] | None = None
) -> None:
    state, recipe = _batch(act, batch)
    entered: list[object] = []
    if typed:
        entered = _entered(act, state, recipe, batch=batch, step=step, typed=typed)
        state = fold(state, records.evolve, entered)
    completed = performing.complete_step(
        state,
        recipe,
        batch=batch,
        step=step,
        role=act.actor.role,
        performed_by=performed_by,
        recorded_by=act.actor.person,
    )
    _demand_training(act, recipe, performed_by)
    act.record("batch", batch, [*entered, *completed])


def _entered(
    act: Act, state: Batch, recipe: Recipe, *, batch: str, step: int, typed: dict[str, str]
) -> list[object]:
    """What was read, as whoever acts typed it."""
    return entering.enter_values(
        state,
        recipe,
        batch=batch,
        step=step,
        typed=typed,
        person=act.actor.person,
        role=act.actor.role,
        reason=act.reason,
    )


def _demand_training(act: Act, recipe: Recipe, person: str) -> None:
    """Held to the commit: a training that is revoked meanwhile lets nothing pass."""
    known = trained_on(person, recipe.recipe, str(recipe.version), act.at)
    own = person == act.actor.person
    performing.trained(recipe, person=person, own=own, is_trained=known)


def _batch(act: Act, batch: str) -> tuple[Batch, Recipe]:
    """The batch and the version of the recipe that it was opened on."""
    state = act.load("batch", batch, records.INITIAL, records.evolve)
    if not state.batch:
        records.opened(state, batch)
    return state, queries.recipe_of(state)


def _recipe(act: Act, recipe: str, version: int) -> Recipe:
    name = recipes.stream_id(recipe, version)
    return act.load("recipe", name, recipes.INITIAL, recipes.evolve)
