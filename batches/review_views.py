"""Pages of those who look at what was done: exceptions, their assessment, holds, the end."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from batches import commands, queries
from batches.forms import AssessmentForm, HoldForm, ReasonForm, SeenForm
from batches.record_queries import name_exception
from batches.step_views import SECRETS
from batches.views import may, record_context, told_or_404
from personnel.queries import printed_names
from personnel.signing import credentials

SHOWN = 200


@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """Everything that departed from a recipe and that nobody has assessed yet."""
    waiting = request.GET.get("all") != "1"
    rows = list(queries.exceptions(waiting=waiting)[: SHOWN + 1])
    names = printed_names({one for row in rows for one in (row.person, row.assessed_by) if one})
    context = {
        "rows": [name_exception(row, names) for row in rows[:SHOWN]],
        "more": len(rows) > SHOWN,
        "waiting": waiting,
        "may_assess": may(request, commands.assess_exception),
    }
    return render(request, "batches/queue.html", context)


@sensitive_post_parameters(*SECRETS)
@require_http_methods(["GET", "HEAD", "POST"])
def assess(request: HttpRequest, number: str, exception: int) -> HttpResponse:
    told = told_or_404(number)
    row = next((one for one in told.exceptions if one.number == exception), None)
    if row is None:
        raise Http404
    form = AssessmentForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and form.ask(
        request,
        commands.assess_exception,
        batch=number,
        exception=exception,
        reason=form.cleaned_data["reason"],
        signature=credentials(request),
    ):
        messages.success(
            request, _("Exception %(exception)s is assessed.") % {"exception": exception}
        )
        return redirect("batches:record", number)
    step = told.step(row.step)
    shown = [one for one in step.parameters if one.parameter.key == row.parameter] if step else []
    context = {"row": row, "at": step, "shown": shown, "form": form}
    return _page(request, told, "assess", context)


@require_http_methods(["GET", "HEAD", "POST"])
def set_hold(request: HttpRequest, number: str) -> HttpResponse:
    told = told_or_404(number)
    form = HoldForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        typed = {name: form.cleaned_data[name] for name in ("kind", "reason")}
        if form.ask(request, commands.set_hold, batch=number, **typed):
            messages.success(request, _("The hold is set."))
            return redirect("batches:record", number)
    return _page(request, told, "hold", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
def lift_hold(request: HttpRequest, number: str, hold: int) -> HttpResponse:
    told = told_or_404(number)
    known = next((one for one in told.holds if one.number == hold), None)
    if known is None:
        raise Http404
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and form.ask(
        request,
        commands.lift_hold,
        batch=number,
        hold=hold,
        reason=form.cleaned_data["reason"],
    ):
        messages.success(request, _("The hold is lifted."))
        return redirect("batches:record", number)
    return _page(request, told, "lift", {"form": form, "hold": known})


@sensitive_post_parameters(*SECRETS)
@require_http_methods(["GET", "HEAD", "POST"])
def complete(request: HttpRequest, number: str) -> HttpResponse:
    told = told_or_404(number)
    form = SeenForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and form.ask(
        request,
        commands.complete,
        batch=number,
        seen=form.cleaned_data["seen"],
        signature=credentials(request),
    ):
        messages.success(request, _("The record of %(batch)s is closed.") % {"batch": number})
        return redirect("batches:record", number)
    return _page(request, told, "complete", {"form": form.shows(len(told.batch.exceptions))})


def _page(request: HttpRequest, told: Any, name: str, context: dict[str, Any]) -> HttpResponse:
    bound = context["form"].is_bound
    merged = record_context(request, told) | context
    return render(request, f"batches/{name}.html", merged, status=422 if bound else 200)
