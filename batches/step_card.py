"""What the card of one step shows around its form: outline, blockers, clocks, who comes next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from batches import blockers, course, queries, record_queries, working
from batches.blockers import Blocker, Situation
from batches.forms import SeenForm
from batches.limits import Parameter, ParameterKind
from batches.plan import Planned
from batches.record_queries import ParameterTold, StepTold, WorkTold
from batches.running_models import ClockLine
from batches.step_forms import StepForm, needs_second, to_calculate
from batches.step_help import line_of, what_to_take
from batches.views import record_context
from equipment.status_queries import free_and_qualified
from ledger import clock
from ledger.asking import told as words_of
from ledger.event import Actor, Refused
from personnel.queries import printed_names
from personnel.roles import QA_REVIEWER, SUPERVISOR
from personnel.session import actor_of


@dataclass(frozen=True)
class LineTold:
    """A step in the outline: where its card is, and how it stands, in one word and in reading."""

    number: int
    title: str
    run: int
    address: str
    standing: str
    words: str
    here: bool


@dataclass
class PhaseTold:
    """A phase of the outline with its steps, and how it stands."""

    key: str
    title: str
    part: str
    steps: list[LineTold] = field(default_factory=list)
    here: bool = False
    done: int = 0
    turn: bool = False

    @property
    def standing(self) -> str:
        """In one word: done, now or later."""
        if self.done == len(self.steps):
            return "done"
        return "now" if self.turn else "later"


@dataclass(frozen=True)
class BlockTold:
    """An objection on the card: its sentence, its class, and how far its override has come."""

    blocker: Blocker
    sentence: str
    asked_by: str = ""
    lost: bool = False  # while the step was under way: the work goes on


def page(
    request: HttpRequest,
    number: str,
    step: int,
    *,
    form: StepForm | None = None,
    sign_form: SeenForm | None = None,
    side_form: Any = None,
) -> HttpResponse:
    """The card; with a form that was refused it comes back with all that is typed."""
    refused = any(one is not None for one in (form, sign_form, side_form))
    told, at = whole(number, step)
    record_queries.sign_step(at)
    context = context_of(request, told, at) | {
        "form": form or StepForm(at, told.recipe.content),
        "on_record": form is not None and on_record(form, at),
        "sign_form": (sign_form or SeenForm()).shows(at.record.readings_so_far),
        "side_form": side_form,
    }
    return render(request, "batches/step.html", context, status=422 if refused else 200)


def context_of(request: HttpRequest, told: WorkTold, at: StepTold) -> dict[str, Any]:
    actor = actor_of(request)
    turn = at.turn and not at.record.performed_by
    place = told.steps.index(at)
    phases = outline(told, at)
    return record_context(request, told) | {
        "at": at,
        "may_perform": turn and actor.role == at.step.performs,
        "may_verify": actor.role == at.step.verifies and at.waits_for_verification,
        "may_witness": actor.role == at.step.witness and at.waits_for_witness,
        "may_countersign": at.record.awaits_countersignature
        and at.record.performed_by == actor.person,
        "open_limits": [one for one in at.parameters if one.waits],
        "second": {one.parameter.key: True for one in at.parameters if needs_second(at, one)},
        "again": any(one.current for one in at.parameters if one.parameter.kind != "calculation"),
        "previous": told.steps[place - 1] if place else None,
        "following": told.steps[place + 1] if place + 1 < len(told.steps) else None,
        "outline": phases,
        "elsewhere": [one for one in told.due if one is not at],
        "blocks": list(_blocks(actor, told, at)) if turn else [],
        "asked": list(_asked(told, at)) if turn else [],
        "is_supervisor": actor.role == SUPERVISOR,
        "is_quality": actor.role == QA_REVIEWER,
        "clocks": clocks(told.line.batch),
        "now": clock.now(),
        "helps": _helps(told, at) if turn else {},
        "sums": _sums(told, at) if turn and to_calculate(at) else {},
        "to_authorise": [one for one in at.parameters if waits_for_authorisation(at, one)],
        "may_repeat": at.standing == "done" and _repeats(told, at),
        "phase": next(one for one in phases if one.here),
    }


def whole(number: str, step: int) -> tuple[WorkTold, StepTold]:
    line = queries.batch(number)
    told = record_queries.read_step(line, step) if line else None
    at = told.step(step) if told else None
    if told is None or at is None:
        raise Http404
    return told, at


def on_record(form: StepForm, at: StepTold) -> bool:
    """Whether all that was typed stands on record, whatever became of the signature."""
    for told in at.parameters:
        text = str(form.data.get(f"value_{told.parameter.key}", "")).strip()
        last = told.values[-1].text if told.values else ""
        if text and text not in (last, last.replace(".", ",")):
            return False
    return True


def outline(told: WorkTold, at: StepTold) -> list[PhaseTold]:
    """The phases in the order of the record; a phase that is done again stands once more."""
    found: dict[tuple[str, int], PhaseTold] = {}
    first = reverse("batches:step", args=[told.line.batch, 0]).removesuffix("0/")
    words = _standing_words()
    for step in told.steps:
        planned, standing, number = planned_of(step), step.standing, step.step.number
        name = (planned.phase, planned.run)
        if name not in found:
            found[name] = PhaseTold(planned.phase, planned.phase_title, planned.part)
        phase = found[name]
        here, title = step is at, step.step.title
        phase.steps.append(
            LineTold(number, title, step.run, f"{first}{number}/", standing, words[standing], here)
        )
        phase.here |= here
        phase.turn |= step.turn
        phase.done += standing in ("done", "skipped")
    return list(found.values())


def _standing_words() -> dict[str, str]:
    return {
        "done": _("done"),
        "skipped": _("does not apply"),
        "verify": _("to verify"),
        "witness": _("to witness"),
        "now": _("due now"),
        "later": _("waits"),
    }


def planned_of(step: StepTold) -> Planned:
    """Where the step stands in the plan; a record's own steps all stand there."""
    if step.planned is None:
        raise LookupError(f"Step {step.step.number} stands in no plan.")
    return step.planned


def situation(actor: Actor, told: WorkTold, at: StepTold) -> Situation:
    """The step as this person finds it; a page only looks ahead."""
    return Situation(
        act=None,
        state=told.batch,
        recipe=told.recipe,
        planned=planned_of(at),
        person=actor.person,
        role=actor.role,
        at=clock.now(),
    )


def blocks_of(actor: Actor, told: WorkTold, at: StepTold, found: Any) -> Iterator[BlockTold]:
    """The objections with their sentences in the reader's language, and who asked to go on."""
    begun = at.record.begun
    for one in found:
        asked = told.batch.asked.get((at.step.number, one.code, one.subject), "")
        yield BlockTold(
            blocker=one,
            sentence=words_of(Refused(one.template, code=one.code, **one.params)),
            asked_by=printed_names({asked}).get(asked, asked) if asked else "",
            lost=begun and one.status,
        )


def _blocks(actor: Actor, told: WorkTold, at: StepTold) -> Iterator[BlockTold]:
    found = blockers.standing(situation(actor, told, at))
    concerned = actor.role in (at.step.performs, at.step.verifies)
    yield from blocks_of(
        actor, told, at, [one for one in found if concerned or one.code != "not_trained"]
    )


def _repeats(told: WorkTold, at: StepTold) -> bool:
    """Whether the recipe lets the step, or its whole phase, be done again."""
    origin = planned_of(at).origin
    phases = [one for one in told.recipe.content.phases if one.repeats]
    whole = any(step.number == origin for phase in phases for step in phase.steps)
    return bool(at.step.repeats or whole)


def _asked(told: WorkTold, at: StepTold) -> Iterator[dict[str, Any]]:
    """What a supervisor asked for at this step and quality assurance has not agreed to."""
    for one in at.notes:
        if one.kind == "OverrideAsked":
            name = (at.step.number, one.data.code, one.data.subject)
            if name not in told.batch.overrides:
                yield {"told": one, "code": one.data.code, "subject": one.data.subject}


def clocks(batch: str) -> list[ClockLine]:
    """The clocks of a batch that run, the next deadline first."""
    rows = ClockLine.objects.filter(batch=batch, ended_at__isnull=True)
    return sorted(rows, key=lambda row: (row.due_at is None, row.due_at or row.started_at))


def waits_for_authorisation(at: StepTold, one: ParameterTold) -> bool:
    reading = at.record.readings.get(one.parameter.key)
    return bool(at.step.critical and reading and reading.corrected and not reading.authorised)


def _helps(told: WorkTold, at: StepTold) -> dict[str, str]:
    """What to scan: the line of the bill of materials, or the units that are free and qualified."""
    found = {}
    for one in at.parameters:
        if text := _help(told, one.parameter, clock.now()):
            found[one.parameter.key] = text
    return found


def _help(told: WorkTold, parameter: Parameter, at: datetime) -> str:
    content = told.recipe.content
    said, need = what_to_take(content, parameter), line_of(content, parameter)
    if need is None or parameter.kind != ParameterKind.EQUIPMENT:
        return said
    free = free_and_qualified(need.unit_class, batch=told.line.batch, at=at)
    return f"{said}: {', '.join(free)}" if free else said


def _sums(told: WorkTold, at: StepTold) -> dict[str, dict[str, Any]]:
    """What a calculation rests on and, where all of that stands, what it will come to."""
    from batches import formula

    known = course.values(told.batch, told.recipe)
    found = {}
    for one in at.parameters:
        parameter = one.parameter
        if parameter.kind != ParameterKind.CALCULATION or one.current is not None:
            continue
        inputs = [(name, *known.get(name, ("", ""))) for name in formula.names(parameter.formula)]
        try:
            comes_to = working.works(parameter.formula, known, parameter.unit)
        except Refused:
            comes_to = None
        found[parameter.key] = {"inputs": sorted(inputs), "comes_to": comes_to}
    return found
