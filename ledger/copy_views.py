"""Pages of copies: export part of the trail as a bundle, verify a bundle that somebody brought."""

import tempfile
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from ledger import ports, strangers, trail_commands
from ledger.event import Refused
from ledger.evidence import newest_key
from ledger.export import Filter, count_matches, sealed_range, unsealed, waiting
from ledger.forms import QUICK, ExportForm, UploadForm
from ledger.strangers import Checked

MADE = "exports"  # the session's own bundles, by their ids


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def export(request: HttpRequest) -> HttpResponse:
    """Choose, see how much it is, have it made."""
    form = ExportForm(request.POST if request.method == "POST" else request.GET)
    if not form.is_valid():
        return _export_page(request, form, status=422)
    chosen = Filter(**form.asked())
    if request.method != "POST":
        return _export_page(request, form, chosen=chosen)
    command_id = _command_id(request)
    if str(command_id) in request.session.get(MADE, {}):
        return redirect("ledger:exported", command_id)
    try:
        summary = trail_commands.hand_out(
            waiting.place_of(command_id),
            chosen,
            actor=ports.actor_of(request),
            command_id=command_id,
        )
    except Refused as refused:
        form.add_error(None, _(refused.template).format(**refused.params))
        again = command_id if refused.code == "away" else None  # the same sending is known again
        return _export_page(request, form, chosen=chosen, command_id=again, status=422)
    facts = {name: getattr(summary, name) for name in summary.__slots__}
    request.session[MADE] = {**request.session.get(MADE, {}), str(command_id): facts}
    return redirect("ledger:exported", command_id)


def _export_page(
    request: HttpRequest,
    form: ExportForm,
    *,
    chosen: Filter | None = None,
    command_id: UUID | None = None,
    status: int = 200,
) -> HttpResponse:
    context: dict[str, Any] = {"form": form, "command_id": command_id or uuid4()}
    left = {**QUICK, "words": _("Words of the reason"), "role": _("Role")}
    context["left_out"] = [left[name] for name in request.GET.getlist("left") if name in left]
    if chosen is not None:
        try:
            context |= _much(chosen)
        except Refused as refused:
            context["nothing"] = _(refused.template).format(**refused.params)
    return render(request, "ledger/export.html", context, status=status)


def _much(chosen: Filter) -> dict[str, int]:
    """What the export would hold."""
    positions = sealed_range(chosen)
    return {
        "count": count_matches(chosen),
        "entries": positions.last - positions.first + 1,
        "first": positions.first,
        "last": positions.last,
        "unsealed": unsealed(),
    }


def _command_id(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("command_id", ""))
    except ValueError:
        return uuid4()


@never_cache
@require_safe
def exported(request: HttpRequest, command_id: UUID) -> HttpResponse:
    """What was made, its hash, and the button that fetches it."""
    facts = request.session.get(MADE, {}).get(str(command_id))
    if facts is None:
        raise Http404
    there = waiting.place_of(command_id).exists()
    facts = facts | {"filter": _spoken(facts["filter"])}
    context = {"made": facts, "command_id": command_id, "waiting": there}
    context |= {"name": _name(command_id), "key": newest_key()}
    return render(request, "ledger/exported.html", context)


@never_cache
@require_safe
def bundle(request: HttpRequest, command_id: UUID) -> FileResponse:
    """The bundle itself, for the session that had it made."""
    if str(command_id) not in request.session.get(MADE, {}):
        raise Http404
    try:
        file = waiting.place_of(command_id).open("rb")
    except FileNotFoundError:
        raise Http404 from None
    return FileResponse(file, as_attachment=True, filename=_name(command_id))


def _spoken(words: str) -> str:
    """The filter in the words of the form that it was chosen with."""
    labels = {
        "stream_type": _("Kind of record"),
        "stream_id": _("Record"),
        "type": _("What happened"),
        "actor": _("Person"),
        "from": _("From"),
        "to": _("Before"),
    }
    parts = [part.partition(" ") for part in words.split(", ")]
    return ", ".join(f"{labels.get(name, name)}{gap}{value}" for name, gap, value in parts)


def _name(command_id: UUID) -> str:
    """What the bundle is called where it is kept."""
    return f"lotbook-{str(command_id)[:8]}.zip"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """Upload a bundle, read in plain words what came of it. Nothing in it is run."""
    posted = request.method == "POST"
    form = UploadForm(request.POST, request.FILES) if posted else UploadForm()
    context: dict[str, Any] = {"form": form, "command_id": uuid4()}
    if not posted:
        return render(request, "ledger/verify.html", context)
    if not form.is_valid():
        return render(request, "ledger/verify.html", context, status=422)
    try:
        checked = _check(request, form)
    except Refused as refused:
        form.add_error(None, _(refused.template).format(**refused.params))
        if refused.code == "away":
            context["command_id"] = _command_id(request)  # the same sending is known again
        return render(request, "ledger/verify.html", context, status=422)
    except OSError:
        form.add_error(
            None, _("The server has no room to check the file. Ask the administrator to make room.")
        )
        return render(request, "ledger/verify.html", context, status=503)
    context |= {"report": checked.report, "name": form.cleaned_data["bundle"].name}
    context |= _verdict(checked)
    return render(request, "ledger/verify.html", context)


def _check(request: HttpRequest, form: UploadForm) -> Checked:
    """The upload lies in a temporary file of ours; only the verifier reads it."""
    upload, key = form.cleaned_data["bundle"], form.cleaned_data["key"].strip()
    with tempfile.NamedTemporaryFile(suffix=".zip") as file:
        for piece in upload.chunks():
            file.write(piece)
        file.flush()
        return trail_commands.check_bundle(
            Path(file.name),
            actor=ports.actor_of(request),
            keys=[key] if key else [],
            command_id=_command_id(request),
        )


def _verdict(checked: Checked) -> dict[str, Any]:
    """The outcome as a heading, a standing and what to do. Green takes a key that is known."""
    report = checked.report
    at, what = report.finding or (None, "")
    facts = {name: value for name, value in report.facts.items() if not name.startswith("seconds")}
    remarks = [remark for remark in report.remarks if "--key" not in remark]
    shown = {"first_bad": at, "what": what, "facts": facts, "remarks": remarks}
    shown["against"] = checked.against
    if report.verdict == "verified" and checked.against == strangers.ITS_OWN:
        return shown | {
            "heading": _("The bundle is whole in itself. Whose key signed it is not proved."),
            "advice": _(
                "It comes from another log. Ask that site for its log's key, by another way than"
                " the bundle came, type it below, and check again."
            ),
            "standing": "warn",
        }
    headings = {
        "verified": _("The bundle is whole and as it was sealed."),
        "failed": _("The bundle is not what was sealed."),
        "unusable": _("This file cannot be checked."),
    }
    advice = {
        "verified": "",
        "failed": _(
            "Do not rely on it. Keep the file as it is, ask where it came from, and export the"
            " same records again from their source."
        ),
        "unusable": _("Choose the zip file that an export page or manage.py export_trail made."),
    }
    standing = {"verified": "ok", "failed": "bad", "unusable": "warn"}
    return shown | {
        "heading": headings[report.verdict],
        "advice": advice[report.verdict],
        "standing": standing[report.verdict],
    }
