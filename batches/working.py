"""What every command on a step has in common: the batch, the answers, what blocks, what follows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from batches import blockers, course, entering, late, order_code, performing, queries
from batches import record as records
from batches.answers import Answer, Asked, Stopped, answerer
from batches.blockers import Blocker, Situation
from batches.flow_events import StatusLost
from batches.plan import Planned
from batches.recipe import Recipe
from batches.record import QUALITY, Batch
from batches.record_events import HoldSet
from batches.turns import find, opened
from ledger import store
from ledger.command import Act
from ledger.event import Refused, fold
from ledger.event import marked as _
from personnel.training_queries import trained_on


def batch_of(act: Act, batch: str) -> tuple[Batch, Recipe]:
    """The batch and the version of the recipe that it was opened on."""
    state = act.load("batch", batch, records.INITIAL, records.evolve)
    if not state.batch:
        opened(state, batch)
    return state, queries.recipe_of(state)


def situation(act: Act, state: Batch, recipe: Recipe, step: int, person: str = "") -> Situation:
    """The step as whoever acts finds it now; a refusal where the batch has no such step."""
    planned = find(state, recipe, step)
    if planned is None:
        raise Refused(_("The recipe has no step {step}."), step=step, code="no_step")
    return Situation(
        act=act,
        state=state,
        recipe=recipe,
        planned=planned,
        person=person or act.actor.person,
        role=act.actor.role,
        at=act.at,
    )


def answered(now: Situation, typed: dict[str, str]) -> dict[str, Answer | Stopped]:
    """What the matters concerned make of what was typed or scanned, each for its own kind."""
    found: dict[str, Answer | Stopped] = {}
    for parameter in now.planned.step.parameters:
        text = typed.get(parameter.key, "").strip()
        answer = answerer(parameter.kind)
        if parameter.kind not in ("identity", "label"):  # both read it and keep their own part
            order_code.demand_none(text)
        if text and answer is not None:
            reading = now.state.step(now.planned.number).readings.get(parameter.key)
            if reading is not None and text == str(reading.value) and not parameter.numeric:
                continue  # the page sends what stands on record along
            earlier = course.values(now.state, now.recipe)
            asked = Asked(situation=now, parameter=parameter, typed=text, earlier=earlier)
            made = answer(asked)
            if made is not None:
                found[parameter.key] = made
            if isinstance(made, Stopped):
                break
    return found


def enter(
    act: Act, state: Batch, recipe: Recipe, *, step: int, typed: dict[str, str]
) -> list[object]:
    """Touch the step with values that somebody read."""
    performing.workable(state, recipe, batch=state.batch, step=step, role=act.actor.role)
    now = situation(act, state, recipe, step)
    told = touch(now)
    return told + keep(replace(now, state=fold(state, records.evolve, told)), typed)


def keep(now: Situation, typed: dict[str, str]) -> list[object]:
    """Keep what was typed, calculate what follows from it."""
    news = kept(now, typed)
    events = entering.enter_values(
        now.state,
        now.recipe,
        batch=now.state.batch,
        step=now.planned.number,
        typed=news,
        found=answered(now, news),
        person=now.act.actor.person,
        role=now.role,
        reason=now.act.reason,
    )
    return events + _calculated(fold(now.state, records.evolve, events), now.recipe, now.planned)


def kept(now: Situation, typed: dict[str, str]) -> dict[str, str]:
    """Without what stands on record already in just these words."""
    readings = now.state.step(now.planned.number).readings
    numeric = {one.key for one in now.planned.step.parameters if one.numeric}
    return {
        key: text
        for key, text in typed.items()
        if key in numeric or key not in readings or text.strip() != str(readings[key].value)
    }


def _calculated(state: Batch, recipe: Recipe, planned: Planned) -> list[object]:
    return list(course.calculate(state, recipe, planned=planned, works=works))


def recalculated(state: Batch, recipe: Recipe, events: list[object]) -> list[object]:
    """What a correction changes in the values that were calculated from it."""
    return course.recalculate(fold(state, records.evolve, events), recipe, works=works)


def follows(state: Batch, recipe: Recipe, events: list[object]) -> list[object]:
    """The steps that do not apply now that these events have happened."""
    return course.skip(fold(state, records.evolve, events), recipe, holds=holds)


def to_calculate(now: Situation) -> bool:
    """Whether the step has a value that is worked out and does not stand yet."""
    readings = now.state.step(now.planned.number).readings
    asked = now.planned.step.parameters
    return any(one.kind == "calculation" and one.key not in readings for one in asked)


def touch(now: Situation) -> list[object]:
    """What is asked at the instant somebody touches a step. This is the one place that says it.

    - A step that nobody has begun: every blocker is asked, and each one refuses.
    - A step that is under way: every blocker again. A status (of a unit, a room, a lot, a hold
      time) that was lost since it began is told and sets a quality hold, and the work goes on:
      cells do not wait. All else refuses: a training, an order, a place that the batch left,
      a unit that is another batch's by now.
    - Whoever let the step go on although something objected never touches it.
    - It is asked by whoever enters values or puts a slip right, starts a timer, or completes the
      step, for themselves or for another. Stopping a timer asks nothing, so that the moment is
      kept: the signature asks.
    - A step that is signed is touched no more. Who verifies, witnesses or corrects it is trained
      (`demand_training`). Who countersigns, or authorises a correction, is asked for nothing that
      may have been lost meanwhile: they answer for what was done then.
    """
    not_overridden_by(now)
    begun = now.state.step(now.planned.number).begun
    standing = blockers.standing(now)
    blockers.demand_clear(one for one in standing if not (one.status and begun))
    return list(_told(now, standing))


def _told(now: Situation, gone: Iterable[Blocker]) -> Iterable[object]:
    number, state = now.planned.number, now.state
    exception = state.next_exception
    told = [one for one in gone if (number, one.code, one.subject) not in state.lost]
    for one in told:
        yield StatusLost(
            batch=state.batch,
            step=number,
            code=one.code,
            subject=one.subject,
            objection=one.sentence,
            exception=exception,
        )
        exception += 1
    if told and not state.on_hold(QUALITY):
        yield HoldSet(
            batch=state.batch,
            hold=len(state.holds) + 1,
            kind=QUALITY,
            step=number,
            exception=exception,
        )


def works(formula: str, values: course.Values, unit: str) -> Decimal | None:
    """A formula's number, or none while something it rests on is missing."""
    from batches import formula as formulas

    if not formulas.names(formula) <= set(values):
        return None
    try:
        return formulas.number(formula, values, unit)
    except formulas.FormulaError as wrong:
        raise Refused(
            _("The formula of this step cannot be worked out: {wrong} Call the process engineer."),
            wrong=str(wrong).replace("{", "(").replace("}", ")"),
            code="formula",
        ) from wrong


def holds(condition: str, values: course.Values) -> bool | None:
    """Whether a condition holds; none while something it rests on is missing."""
    from batches import formula as formulas

    if not formulas.names(condition) <= set(values):
        return None
    try:
        return formulas.holds(condition, values)
    except formulas.FormulaError:
        return None  # then the step stands: it is done, or declared not applicable by a person


def after(
    act: Act,
    state: Batch,
    recipe: Recipe,
    now: Situation,
    events: list[object],
    performed_at: str = "",
) -> list[object]:
    """What a step that was done brings with it: a late entry, hold times, steps that drop out."""
    done = fold(state, records.evolve, events)
    at = act.at
    made: list[object] = []
    if performed_at:
        happened = [(one.data, one.recorded_at) for one in store.load("batch", state.batch)]
        at = late.moment(performed_at, act.at, since=_since(state, recipe, now, happened))
        late.demand_order(at, state, recipe, planned=now.planned, happened=happened)
        made += late.entered(
            done, step=now.planned.number, at=at, person=now.person, why=act.reason
        )
    done = fold(done, records.evolve, made)
    made += course.hold_times(done, recipe, planned=now.planned, at=at)
    return made + follows(fold(state, records.evolve, events), recipe, made)


def _since(state: Batch, recipe: Recipe, now: Situation, happened: late.Happened) -> datetime:
    """What the step cannot have been done before: the batch's opening, the start of its clocks,
    the decision to do it again."""
    line = queries.batch(state.batch)
    ended = {one.key for one in recipe.content.hold_times if one.to_step == now.planned.key}
    running = [one for key, one in state.clocks.items() if key in ended and not one.ended]
    begun = [datetime.fromisoformat(one.at) for one in running]
    again = late.asked_again(now.planned.number, happened)
    return late.to_the_minute(max([line.opened_at if line else now.at, *begun, *again]))


def not_overridden_by(now: Situation) -> None:
    """Who lets a blocked step go on is never who does it, nor who writes it down."""
    if {now.person, now.act.actor.person} & performing.overriders(now.state, now.planned.number):
        raise Refused(
            _("You asked or agreed that step {step} goes on, so somebody else performs it."),
            step=now.planned.number,
            code="same_person",
        )


@blockers.blocks("training")
def untrained(now: Situation) -> Iterator[Blocker]:
    """Whoever performs or verifies a step was trained on this very version of the recipe."""
    recipe = now.recipe
    if trained_on(now.person, recipe.recipe, str(recipe.version), now.at):
        return
    own = now.act is None or now.person == now.act.actor.person
    yield _untrained(now, own=own)


def _untrained(now: Situation, *, own: bool) -> Blocker:
    recipe = now.recipe
    named: dict[str, str | int] = {"recipe": recipe.recipe, "version": recipe.version}
    template = performing.UNTRAINED
    if not own:
        template, named = performing.UNTRAINED_OTHER, {**named, "person": now.person}
    return Blocker(
        code="not_trained", absolute=False, template=template, params=named, subject=now.person
    )


@blockers.foresees("training")
def untrained_foreseen(now: Situation, subject: str) -> Iterator[Blocker]:
    """Whether somebody who is to do the step is trained; others are asked about elsewhere."""
    recipe = now.recipe
    known = trained_on(subject, recipe.recipe, str(recipe.version), now.at)
    if subject.startswith("p-") and not known:
        yield _untrained(replace(now, person=subject), own=subject == now.person)


def demand_training(now: Situation) -> None:
    """Held to the commit: a training that is revoked meanwhile lets nothing pass."""
    blockers.demand_usable(now, untrained(now))


@blockers.blocks("hold_time")
def hold_time_passed(now: Situation) -> Iterator[Blocker]:
    """What this step would end has waited longer than the recipe lets it."""
    for hold in now.recipe.content.hold_times:
        clock = now.state.clocks.get(hold.key)
        running = clock is not None and not clock.ended
        if hold.to_step != now.planned.key or clock is None or not running:
            continue
        if datetime.fromisoformat(clock.due_at) < now.at:
            yield Blocker(
                code="hold_time",
                absolute=hold.absolute,
                template=_(
                    "{title}: the {limit} min between step {step} and this one have passed. Put"
                    " the material aside and call the supervisor."
                ),
                params={"title": hold.title, "limit": hold.limit, "step": clock.step},
                subject=hold.key,
                status=not hold.absolute,
            )
