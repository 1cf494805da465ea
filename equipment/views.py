"""Pages of the equipment room: the register, and one unit with its logbook."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from equipment import commands, queries, status_views
from equipment.forms import (
    CLASSES,
    AskForm,
    CorrectionForm,
    EntryForm,
    MoveForm,
    RegisterForm,
    ReturnForm,
    StopForm,
)
from ledger.asking import told
from ledger.event import Refused
from personnel.queries import printed_names
from personnel.session import actor_of

_VERSION = re.compile(r"[0-9]{1,9}").fullmatch


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    words, service = request.GET.get("q", "").replace("\0", ""), request.GET.get("service", "")
    service = service if service in ("in", "out") else ""
    context = {
        "units": _named_kinds(queries.register(words=words, service=service)),
        "q": words,
        "service": service,
        "may_register": _may(request, commands.register),
    }
    return render(request, "equipment/home.html", context)


@never_cache  # so that coming back to the form finds a new one, not one that was sent
@require_http_methods(["GET", "HEAD", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    form = RegisterForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and _ask(request, form, commands.register):
        number = form.cleaned_data["unit"]
        messages.success(request, _("%(unit)s is in the register.") % {"unit": number})
        return redirect("equipment:unit", number)
    context = {
        "form": form,
        "may": _may(request, commands.register),
        "failed": form.is_bound,
    }
    return render(request, "equipment/register.html", context, status=_status(form))


@never_cache
@require_safe
def unit(request: HttpRequest, number: str) -> HttpResponse:
    return _unit_page(request, number)


@require_POST
def make_entry(request: HttpRequest, number: str) -> HttpResponse:
    form = EntryForm(request.POST, auto_id="entry_%s")
    if _ask(request, form, commands.make_entry, unit=number):
        messages.success(request, _("The entry is in the logbook."))
        return redirect("equipment:unit", number)
    return _unit_page(request, number, entry_form=form)


@require_POST
def correct_entry(request: HttpRequest, number: str, entry: int) -> HttpResponse:
    form = CorrectionForm(request.POST, auto_id=f"correct_{entry}_%s")
    if _ask(request, form, commands.correct_entry, unit=number, entry=entry):
        messages.success(
            request,
            _("Entry %(entry)s is corrected; the old text stays beside it.") % {"entry": entry},
        )
        return redirect("equipment:unit", number)
    return _unit_page(request, number, correction=form, corrected=entry)


@require_POST
def move(request: HttpRequest, number: str) -> HttpResponse:
    form = MoveForm(request.POST, auto_id="move_%s")
    if _ask(request, form, commands.move, unit=number):
        messages.success(request, _("%(unit)s has moved.") % {"unit": number})
        return redirect("equipment:unit", number)
    return _unit_page(request, number, move_form=form)


@require_POST
def take_out_of_service(request: HttpRequest, number: str) -> HttpResponse:
    form = StopForm(request.POST, auto_id="service_%s")
    if _ask(request, form, commands.take_out_of_service, unit=number):
        messages.success(request, _("%(unit)s is out of service.") % {"unit": number})
        return redirect("equipment:unit", number)
    return _unit_page(request, number, service_form=form)


@require_POST
def return_to_service(request: HttpRequest, number: str) -> HttpResponse:
    form = ReturnForm(request.POST, auto_id="service_%s")
    if _ask(request, form, commands.return_to_service, unit=number):
        messages.success(request, _("%(unit)s is back in service.") % {"unit": number})
        return redirect("equipment:unit", number)
    return _unit_page(request, number, service_form=form)


def _ask(request: HttpRequest, form: AskForm, ask: Callable[..., Any], **fixed: object) -> bool:
    """Send what was typed to the command. Its no stands on the form, with all that was typed."""
    if not form.is_valid():
        lost = {"seen": queries.version(str(fixed["unit"]))} if "seen" in form.errors else {}
        form.renew(**lost)
        return False
    try:
        ask(**fixed, **form.cleaned_data, actor=actor_of(request))
    except Refused as refused:
        form.refuse(told(refused), code=refused.code)
        if refused.code == "changed_meanwhile":  # the page that shows the no shows the change too
            form.renew(seen=queries.version(str(fixed["unit"])))
        elif refused.code != "away":  # then the same sending must be known again
            form.renew()
        return False
    return True


def _unit_page(
    request: HttpRequest,
    number: str,
    *,
    entry_form: EntryForm | None = None,
    move_form: MoveForm | None = None,
    service_form: AskForm | None = None,
    correction: CorrectionForm | None = None,
    corrected: int | None = None,
) -> HttpResponse:
    row = queries.unit(number)
    if row is None:
        raise Http404
    before = request.GET.get("before", "")
    seen = {"seen": queries.version(number)}  # before the lines are read, never after
    lines, older = queries.timeline(number, before=int(before) if _VERSION(before) else None)
    change_service = commands.take_out_of_service if row.in_service else commands.return_to_service
    blank_service = StopForm if row.in_service else ReturnForm
    context = {
        "unit": row,
        "kind": CLASSES.get(row.unit_class, row.unit_class),
        "fitness": status_views.fitness(row),
        "offered": status_views.offered_for(request, row),
        "older": older,
        "lines": _shown(request, lines, seen=seen, correction=correction, corrected=corrected),
        "entry_form": entry_form or EntryForm(auto_id="entry_%s"),
        "move_form": move_form or MoveForm(initial=seen, auto_id="move_%s"),
        "service_form": service_form or blank_service(initial=seen, auto_id="service_%s"),
        "may_write": _may(request, commands.make_entry),
        "may_move": _may(request, commands.move),
        "may_change_service": _may(request, change_service),
    }
    refused = any(form is not None for form in (entry_form, move_form, service_form, correction))
    context["failed"] = refused
    return render(request, "equipment/unit.html", context, status=422 if refused else 200)


def _shown(
    request: HttpRequest,
    lines: list[queries.Line],
    *,
    seen: dict[str, int],
    correction: CorrectionForm | None,
    corrected: int | None,
) -> list[dict[str, Any]]:
    """Each line with its author's name and, where it may be corrected, the form that does it."""
    people = {row.person for line in lines for row in (line.row, *line.corrections)}
    names = printed_names(people)
    may_correct = _may(request, commands.correct_entry)
    shown = []
    for line in lines:
        form = None
        if line.row.kind == "entry" and may_correct:
            form = CorrectionForm(
                initial={"text": line.text, **seen}, auto_id=f"correct_{line.row.entry}_%s"
            )
        refused = line.row.kind == "entry" and line.row.entry == corrected
        shown.append(
            {
                "line": line,
                "who": names.get(line.row.person, ""),
                "corrections": [(row, names.get(row.person, "")) for row in line.corrections],
                "form": correction if refused else form,
                "open": refused,
            }
        )
    return shown


def _named_kinds(rows: Any) -> list[dict[str, Any]]:
    return [{"unit": row, "kind": CLASSES.get(row.unit_class, row.unit_class)} for row in rows]


def _may(request: HttpRequest, ask: Any) -> bool:
    """Whether to offer a form. Offering is a courtesy; the command decides."""
    return actor_of(request).role in ask.spec.roles


def _status(form: AskForm) -> int:
    return 422 if form.is_bound else 200
