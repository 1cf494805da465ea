"""A dry run: the engineer walks through a draft as an operator would. It makes no batch.

How far one has come is kept in the session until the run is recorded.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from batches import recipe_card, recipe_commands
from batches.answer_kinds import counts_of
from batches.limits import Parameter, ParameterKind, Standing, judge, read_number
from batches.recipe import Recipe
from batches.recipe_content import places
from batches.recipe_forms import DryRunForm
from batches.recipe_views import found
from batches.replicates import summarise
from batches.step_forms import SCANNED, StepForm, as_one
from batches.views import may, status
from ledger import asking
from ledger.event import Refused

LONGEST_NOTE = 500  # characters


@require_http_methods(["GET", "HEAD", "POST"])
def walk(request: HttpRequest, number: str, version: int, step: int) -> HttpResponse:
    """One card of the walk; what one notes at it is kept with the run."""
    row, state = found(number, version)
    wanted = state.step(step)
    if wanted is None or state.approved:
        raise Http404
    run = _run(request, state)
    form = DryRunForm(
        request.POST if request.method == "POST" else None,
        initial={"note": run["notes"].get(str(step), "")},
    )
    tried: dict[str, str] = {}
    typed = request.POST if request.method == "POST" else None
    card = recipe_card.shown(wanted, state.content, typed)
    if form.is_valid():
        then = request.POST.get("then", "")
        run["notes"][str(step)] = form.cleaned_data["note"][:LONGEST_NOTE]
        run["walked"] = sorted({*run["walked"], step})
        tried = _judged(card["card"])
        request.session[_name(state)] = run
        if then == "next" and step < len(state.steps):
            return redirect("batches:recipe_dry_run", number, version, step + 1)
        if then in ("next", "finish") and _keep(request, form, state, run):
            return redirect("batches:recipe", number, version)
    context = {
        "row": row,
        **card,
        "helps": card["helps"] | tried,
        "form": form,
        "place": next(place for place in places(state.content) if place[3] is wanted),
        "steps": len(state.steps),
        "walked": len(run["walked"]),
        "may": may(request, recipe_commands.record_dry_run),
        "last": step == len(state.steps),
    }
    bound = status(form) if form.errors else 200
    return render(request, "batches/recipe_dry_run.html", context, status=bound)


def _keep(request: HttpRequest, form: DryRunForm, state: Recipe, run: dict[str, Any]) -> bool:
    asked = {"recipe": state.recipe, "version": state.version}
    notes = {step: note for step, note in run["notes"].items() if note.strip()}
    done = form.ask(
        request, recipe_commands.record_dry_run, **asked, walked=run["walked"], notes=notes
    )
    if done:
        del request.session[_name(state)]
        messages.success(request, _("The dry run is on record."))
    return done


def _run(request: HttpRequest, state: Recipe) -> dict[str, Any]:
    """The walk so far; a record that changed meanwhile is walked through anew."""
    kept: dict[str, Any] | None = request.session.get(_name(state))
    if kept is None or kept["sha256"] != state.content_sha256:
        return {"sha256": state.content_sha256, "walked": [], "notes": {}}
    return kept


def _name(state: Recipe) -> str:
    return f"dry_run {state.recipe}.{state.version}"


def _judged(card: StepForm) -> dict[str, str]:
    """What the card would say to each number that was tried."""
    made = {}
    for told, field in card.rows():
        typed = as_one(field.value()).strip() if field else ""
        if typed and told.parameter.numeric and told.parameter.kind not in SCANNED:
            made[told.parameter.key] = _word(told.parameter, typed)
    return made


def _word(parameter: Parameter, typed: str) -> str:
    try:
        known = _read(parameter, typed)
    except Refused as refused:
        return asking.told(refused)
    if not known:
        return _("This is no number: it would be kept as typed, and asked for again.")
    mean, spread = summarise(known)
    value = mean * (parameter.dilution or 1)
    apart = parameter.cv_limit is not None and spread > parameter.cv_limit
    if not parameter.plausible.holds(value):
        return _("Not plausible: it would be asked for again, both on record.")
    return {
        Standing.WITHIN: _("Within the limits."),
        Standing.OUTSIDE_NORMAL: _("Outside the normal operating range: a reason is asked."),
        Standing.OUTSIDE_PROVEN: _("Outside the proven acceptable range: a reason is asked."),
        Standing.OUTSIDE_ACCEPTANCE: _(
            "Outside the acceptance criterion: a supervisor or quality decides, under a hold."
        ),
    }[Standing.OUTSIDE_ACCEPTANCE if apart else judge(parameter, value)]


def _read(parameter: Parameter, typed: str) -> list[Decimal]:
    """The number, or the counts of one sample. Raises Refused."""
    if parameter.kind == ParameterKind.REPLICATE:
        return counts_of(parameter, typed)
    number = read_number(typed)
    return [] if number is None else [number]
