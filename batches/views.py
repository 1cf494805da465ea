"""Pages of batches: the list, opening one, the record on screen and as it prints."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from batches import (
    commands,
    order_queries,
    queries,
    recipe_queries,
    record_queries,
    running_commands,
)
from batches.entering import MAY_GO_ON_BEYOND_ACCEPTANCE
from batches.forms import OpenForm
from batches.models import BatchLine
from batches.record_queries import RecordTold, WorkTold
from ledger import clock
from personnel.session import actor_of


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    words, state = request.GET.get("q", "").replace("\0", ""), request.GET.get("state", "")
    role = actor_of(request).role
    context = {
        "batches": [(row, _here(row, role)) for row in queries.batches(words=words, state=state)],
        "q": words,
        "state": state,
        "may_open": may(request, commands.open_batch),
        "approved": recipe_queries.effective(clock.now()).exists(),
        "unassessed": queries.exceptions(waiting=True).count(),
    }
    return render(request, "batches/home.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def open_batch(request: HttpRequest) -> HttpResponse:
    choices = [
        (row.key, f"{row.recipe} v{row.version} · {row.title}")
        for row in recipe_queries.effective(clock.now())
    ]
    orders = [
        (row.order, f"{row.order} · {row.product} · {row.subject} · {', '.join(made_of)}")
        for row, made_of in order_queries.waiting_for_batch()
    ]
    form = OpenForm(
        request.POST if request.method == "POST" else None,
        recipes=choices,
        orders=orders,
        initial={"order": request.GET.get("order", "")},
    )
    if form.is_valid():
        typed = form.cleaned_data
        recipe, _dot, version = typed["recipe"].rpartition(".")
        asked = {name: typed[name].strip() for name in ("batch", "purpose", "order")}
        if form.ask(
            request, commands.open_batch, **asked, recipe=recipe, version=int(version or 0)
        ):
            messages.success(request, _("%(batch)s is open.") % {"batch": typed["batch"]})
            return redirect("batches:record", typed["batch"].strip())
    context = {
        "form": form,
        "may": may(request, commands.open_batch),
        "recipes": choices,
        "orders": orders,
    }
    return render(request, "batches/open.html", context, status=status(form))


@require_safe
def record(request: HttpRequest, number: str) -> HttpResponse:
    told = told_or_404(number)
    return render(request, "batches/record.html", record_context(request, told))


@require_safe
def printed(request: HttpRequest, number: str) -> HttpResponse:
    """The record as it prints: every value that ever stood there, with who, when and why."""
    told = told_or_404(number)
    context = record_context(request, told) | {
        "printed_at": clock.now(),
        "printed_by": actor_of(request).person,
    }
    return render(request, "batches/print.html", context)


def told_or_404(number: str, *, signatures: bool = True) -> RecordTold:
    line = queries.batch(number)
    if line is None:
        raise Http404
    return record_queries.read(line, signatures=signatures)


def record_context(request: HttpRequest, told: WorkTold) -> dict[str, Any]:
    """What every page of one batch needs."""
    actor = actor_of(request)
    waiting = sum(1 for row in told.exceptions if row.assessed_at is None)
    return {
        "told": told,
        "batch": told.line,
        "person": actor.person,
        "role": actor.role,
        "here": _here(told.line, actor.role),
        "waiting": waiting,
        "countersign": [
            step
            for step in told.steps
            if step.record.awaits_countersignature and step.record.performed_by == actor.person
        ],
        "may_assess": may(request, commands.assess_exception),
        "may_go_on_beyond": actor.role in MAY_GO_ON_BEYOND_ACCEPTANCE,
        "may_hold": may(request, commands.set_hold) and not told.batch.completed,
        "may_lift": may(request, commands.lift_hold),
        "may_abort": may(request, running_commands.abort) and not told.batch.over,
        "may_correct": may(request, commands.correct_value) and not told.batch.completed,
        "may_complete": may(request, commands.complete)
        and told.now is None
        and not told.batch.completed,
    }


def may(request: HttpRequest, ask: Any) -> bool:
    """Whether to offer a form. Offering is a courtesy; the command decides."""
    return actor_of(request).role in ask.spec.roles


def status(form: Any) -> int:
    return 422 if form.is_bound else 200


def _here(row: BatchLine, role: str) -> bool:
    """Whether the batch waits for somebody in this role."""
    return row.waits_for == role and not row.process_hold
