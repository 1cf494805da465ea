"""Pages of the ledger's health, and the two things a person may do about it there."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from ledger import commands, health, ports
from ledger.event import Refused
from ledger.forms import ReasonForm


@require_safe
@never_cache
def show(request: HttpRequest) -> HttpResponse:
    """The page; asked for by htmx, only the part that changes."""
    return _page(request)


@require_POST
def explain_clock(request: HttpRequest) -> HttpResponse:
    """Say why the clock jumped."""
    form = ReasonForm(request.POST, auto_id="clock_%s")
    if _ask(request, form, commands.explain_clock):
        messages.success(request, _("The jump is explained; signing is open again."))
        return redirect("ledger:health")
    return _page(request, clock_form=form)


@require_POST
def resume(request: HttpRequest, name: str) -> HttpResponse:
    """Let a stopped follower read on."""
    form = ReasonForm(request.POST, auto_id=f"{name}_%s")
    if _ask(request, form, commands.resume_follower, follower=name):
        messages.success(request, _("%(name)s reads on.") % {"name": name})
        return redirect("ledger:health")
    return _page(request, resume_form=form, resumed=name)


def _ask(request: HttpRequest, form: ReasonForm, ask: Any, **asked: str) -> bool:
    """Send the reason to the command; its no stands beside what was typed."""
    if not form.is_valid():
        return False
    try:
        ask(**asked, reason=form.cleaned_data["reason"], actor=ports.actor_of(request))
    except Refused as refused:
        field = "reason" if refused.code in ("reason_missing", "character") else None
        form.add_error(field, _(refused.template).format(**refused.params))
        return False
    return True


def _page(
    request: HttpRequest,
    *,
    clock_form: ReasonForm | None = None,
    resume_form: ReasonForm | None = None,
    resumed: str = "",
) -> HttpResponse:
    context = health.facts() | {
        "clock_form": clock_form or ReasonForm(auto_id="clock_%s"),
        "resume_form": resume_form,
        "resumed": resumed,
    }
    asked_by_htmx = getattr(request, "htmx", False) and request.method == "GET"
    template = "ledger/health_now.html" if asked_by_htmx else "ledger/health.html"
    status = 422 if clock_form or resume_form else 200
    return render(request, template, context, status=status)
