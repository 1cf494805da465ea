"""Pages of printed records: have the sealed file made, see its hash, fetch it."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from batches import paper_commands, queries
from batches.models import BatchLine
from batches.views import may
from ledger import asking
from ledger.event import Refused
from ledger.export import waiting
from personnel.session import actor_of

MADE = "prints"  # the session's own prints, by their ids


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def make(request: HttpRequest, number: str) -> HttpResponse:
    """What the sealed file will hold, and the button that has it made."""
    line = _line_or_404(number)
    context: dict[str, Any] = {"batch": line, "command_id": uuid4()}
    context["may_print"] = may(request, paper_commands.print_record)
    if request.method != "POST":
        return render(request, "batches/paper.html", context)
    command_id = _command_id(request)
    if str(command_id) in request.session.get(MADE, {}):
        return redirect("batches:paper_made", number, command_id)
    place = waiting.place_of(command_id, kind="pdf")
    try:
        made = paper_commands.hand_out(place, line, actor=actor_of(request), command_id=command_id)
    except Refused as refused:
        context["refused"] = asking.told(refused)
        return render(request, "batches/paper.html", context, status=422)
    facts = {name: getattr(made, name) for name in made.__slots__}
    request.session[MADE] = {**request.session.get(MADE, {}), str(command_id): facts}
    return redirect("batches:paper_made", number, command_id)


@never_cache
@require_safe
def made(request: HttpRequest, number: str, command_id: UUID) -> HttpResponse:
    """What was made, its hashes, and the button that fetches it."""
    line, facts = _line_or_404(number), _facts_or_404(request, number, command_id)
    there = waiting.place_of(command_id, kind="pdf").exists()
    context = {"batch": line, "made": facts, "command_id": command_id, "waiting": there}
    return render(request, "batches/paper_made.html", context)


@never_cache
@require_safe
def file(request: HttpRequest, number: str, command_id: UUID) -> FileResponse:
    """The sealed file itself, for the session that had it made."""
    facts = _facts_or_404(request, number, command_id)
    try:
        content = waiting.place_of(command_id, kind="pdf").open("rb")
    except FileNotFoundError:
        raise Http404 from None
    name = f"{number}-entry-{facts['entries']}.pdf"
    return FileResponse(content, as_attachment=True, filename=name, content_type="application/pdf")


def _line_or_404(number: str) -> BatchLine:
    line = queries.batch(number)
    if line is None:
        raise Http404
    return line


def _facts_or_404(request: HttpRequest, number: str, command_id: UUID) -> dict[str, Any]:
    facts = request.session.get(MADE, {}).get(str(command_id))
    if facts is None or facts["batch"] != number:
        raise Http404
    return dict(facts)


def _command_id(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("command_id", ""))
    except ValueError:
        return uuid4()
