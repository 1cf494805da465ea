"""Pages of printed records: have the sealed file made, see its hash, fetch it."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from batches import paper_commands, printing, queries
from batches.forms import AskForm
from batches.models import BatchLine
from batches.paper_models import PrintLine
from batches.views import may
from ledger import asking
from ledger.event import Refused
from ledger.export import waiting
from personnel.queries import printed_names
from personnel.session import actor_of

MADE = "prints"  # the session's own prints, by their ids
LARGEST_PRINT = 64 * 1024 * 1024  # bytes
VERDICTS = {
    printing.OURS: (lazy("The print is whole and was handed out here."), "ok"),
    printing.STRANGE: (lazy("Its seal holds, but it was not handed out here."), "warn"),
    printing.CHANGED: (lazy("The print was changed after it was sealed."), "bad"),
    printing.UNSEALED: (lazy("This file bears no seal."), "warn"),
}


class PrintForm(AskForm):
    file = forms.FileField(label=lazy("Print (PDF)"), required=False)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def make(request: HttpRequest, number: str) -> HttpResponse:
    """What the sealed file will hold, and the button that has it made."""
    line = _line_or_404(number)
    context: dict[str, Any] = {"batch": line, "command_id": uuid4()}
    context["may_print"] = may(request, paper_commands.print_record)
    context["before"] = _before(number)
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


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest) -> HttpResponse:
    """Whether a print that somebody brought is what was handed out here."""
    form = PrintForm(*((request.POST, request.FILES) if request.method == "POST" else ()))
    context: dict[str, Any] = {"form": form, "may": may(request, paper_commands.check_print)}
    if form.is_valid():
        sent = form.cleaned_data.get("file")
        if sent is None or sent.size > LARGEST_PRINT:
            form.add_error("file", _("Choose a print, a PDF file of at most 64 MB."))
        else:
            found: list[str] = []

            def ask(**asked: Any) -> None:
                found.extend(paper_commands.check(sent.read(), **asked))

            if form.ask(request, ask):
                context |= {"outcome": found[0], "batch": found[1], "name": sent.name}
                context["heading"], context["good"] = VERDICTS[found[0]]
                form.renew()
                return render(request, "batches/paper_check.html", context)
    status = 422 if form.is_bound else 200
    return render(request, "batches/paper_check.html", context, status=status)


def _before(number: str) -> list[dict[str, Any]]:
    """What was printed of the batch before, the latest first."""
    rows = list(PrintLine.objects.filter(batch=number).order_by("-printed_at", "sha256"))
    names = printed_names({row.person for row in rows})
    return [{"row": row, "who": names.get(row.person, row.person)} for row in rows]


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
