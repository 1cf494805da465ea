"""Pages of the access review and of the terminals."""

from __future__ import annotations

import contextlib
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from ledger.event import Refused
from personnel import people_commands, queries, session, signing
from personnel import people_forms as forms
from personnel.roles import label
from personnel.session import actor_of

_FIELDS = {"reason_missing": "reason", "reason_too_long": "reason", "name": "name"}


@require_http_methods(["GET", "HEAD", "POST"])
def review(request: HttpRequest) -> HttpResponse:
    """Who holds what, confirmed or withdrawn person by person; one signature under all of it."""
    form = forms.ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        seen, decided = _decided(request)
        try:
            people_commands.review_access(
                seen=seen,
                decided=decided,
                signature=signing.credentials(request),
                actor=actor_of(request),
                **form.cleaned_data,
            )
        except Refused as refused:
            field = _FIELDS.get(refused.code)
            form.add_error(
                field if field in form.fields else None,
                _(refused.template).format(**refused.params),
            )
            if refused.code != "away":  # then the same sending must be known again
                form.renew()
        else:
            messages.success(request, _("The review is recorded and signed."))
            return redirect("personnel:people")
    actor = actor_of(request)
    held = queries.held_by_all()
    names = queries.printed_names(held)
    lines = [
        {
            "person": person,
            "name": names.get(person, ""),
            "roles": " ".join(roles),
            "role_names": [_(label(role)) for role in roles],
            "decision": request.POST.get(f"decision {person}", ""),
        }
        for person, roles in held.items()
        if person != actor.person
    ]
    context = {
        "form": form,
        "lines": sorted(lines, key=lambda line: str(line["name"]).casefold()),
        "may": actor.role in people_commands.review_access.spec.roles,  # type: ignore[attr-defined]
        "review": queries.newest_review(),
    }
    status = 422 if form.is_bound else 200
    return render(request, "personnel/review.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def terminals(request: HttpRequest) -> HttpResponse:
    """The registered terminals; the administrator registers the one in front of her."""
    here = session.terminal_of(request)
    form = forms.TerminalForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and _ask(request, form, people_commands.register_terminal, terminal=here):
        messages.success(request, _("This terminal is registered."))
        return redirect("personnel:terminals")
    return _terminals_page(request, form)


@require_POST
def retire(request: HttpRequest, terminal: str) -> HttpResponse:
    form = forms.ReasonForm(request.POST)
    if form.is_valid() and _ask(request, form, people_commands.retire_terminal, terminal=terminal):
        messages.success(request, _("The terminal is retired."))
        return redirect("personnel:terminals")
    for error in (error for errors in form.errors.values() for error in errors):
        messages.error(request, str(error))
    return _terminals_page(request, forms.TerminalForm(), status=422)


def _terminals_page(request: HttpRequest, form: Any, *, status: int = 200) -> HttpResponse:
    here = session.terminal_of(request)
    role = actor_of(request).role
    context = {
        "form": form,
        "here": here,
        "known": queries.terminal(here),
        "rows": queries.terminals(),
        "reason": forms.ReasonForm(),
        "may": role in people_commands.register_terminal.spec.roles,  # type: ignore[attr-defined]
    }
    status = 422 if form.is_bound else status
    return render(request, "personnel/terminals.html", context, status=status)


def _ask(request: HttpRequest, form: forms.AskForm, ask: Any, **fixed: Any) -> bool:
    try:
        ask(**fixed, **form.cleaned_data, actor=actor_of(request))
    except Refused as refused:
        field = _FIELDS.get(refused.code)
        sentence = _(refused.template).format(**refused.params)
        form.add_error(field if field in form.fields else None, sentence)
        if refused.code != "away":
            form.renew()
        return False
    return True


def _decided(request: HttpRequest) -> tuple[dict[str, list[str]], dict[str, str]]:
    """What stood on the page, and what was decided about it."""
    seen, decided = {}, {}
    for name, value in request.POST.items():
        with contextlib.suppress(ValueError):
            kind, person = name.split(" ", 1)
            if kind == "roles":
                seen[person] = str(value).split()
            elif kind == "decision" and value:
                decided[person] = str(value)
    return seen, decided
