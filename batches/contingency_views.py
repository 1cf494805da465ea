"""Pages of work on paper and of kept files: print, account for sheets, scan, certify, look at."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from batches import attachment_commands as keeping
from batches import contingency, contingency_commands, contingency_queries, queries
from batches.attachment import LARGEST, File
from batches.contingency import USED, VOID, Copy
from batches.contingency_forms import (
    AccountForm,
    FileForm,
    GiveUpForm,
    MissingForm,
    PaperForm,
    ScanForm,
)
from batches.models import BatchLine
from batches.step_views import SECRETS
from batches.views import may
from ledger import blobs, store
from ledger.export import waiting
from personnel.queries import printed_names
from personnel.session import actor_of
from personnel.signing import credentials
from personnel.signing_standing import Signature, standing

MADE = "sheets"  # the session's own contingency prints, by their ids
LACKS = {
    contingency.UNACCOUNTED: lazy("not accounted for"),
    contingency.NOT_AGREED: lazy("said to be gone, a second person has not agreed"),
    contingency.NOT_SCANNED: lazy("used, not scanned"),
    contingency.NOT_CERTIFIED: lazy("scan not certified"),
}
FATES = {contingency.LOST: lazy("lost"), contingency.DESTROYED: lazy("destroyed")}
Page = dict[str, Any]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def home(request: HttpRequest, number: str) -> HttpResponse:
    """The paper copies of a batch, what their sheets still lack, and the button for a new one."""
    line = _line_or_404(number)
    form = PaperForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        command_id = form.cleaned_data.get("command_id") or uuid4()
        if str(command_id) in request.session.get(MADE, {}):
            return redirect("batches:sheets_made", number, command_id)
        place = waiting.place_of(command_id, kind="pdf")

        def print_it(**asked: Any) -> None:
            facts = contingency_commands.hand_out(place, line, **asked)
            known = request.session.get(MADE, {})
            request.session[MADE] = {**known, str(command_id): facts}

        if form.ask(request, print_it, reason=form.cleaned_data["reason"], command_id=command_id):
            return redirect("batches:sheets_made", number, command_id)
    context = _papers(request, line) | {"form": form}
    return render(request, "batches/contingency.html", context, status=_status(form))


@never_cache
@require_safe
def sheets(request: HttpRequest, number: str, command_id: UUID) -> HttpResponse | FileResponse:
    """The sheets to be fetched, for the session that had them printed."""
    facts = request.session.get(MADE, {}).get(str(command_id))
    if facts is None or facts["batch"] != number:
        raise Http404
    place = waiting.place_of(command_id, kind="pdf")
    if "file" in request.GET:
        if not place.exists():
            raise Http404
        name = f"{number}-paper-{facts['copy']}.pdf"
        return FileResponse(
            place.open("rb"), as_attachment=True, filename=name, content_type="application/pdf"
        )
    context = {"batch": _line_or_404(number), "made": facts, "waiting": place.exists()}
    return render(request, "batches/contingency_made.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def account(request: HttpRequest, number: str, copy: int) -> HttpResponse:
    """Which sheets of a copy were used, which are void."""
    line, known = _line_or_404(number), _copy_or_404(number, copy)
    form = AccountForm(known, request.POST if request.method == "POST" else None)
    if form.is_valid() and form.ask(
        request,
        contingency_commands.account_for_sheets,
        batch=number,
        copy=copy,
        used=form.said(USED),
        void=form.said(VOID),
        reason=form.cleaned_data["reason"],
    ):
        messages.success(request, _("The sheets are accounted for."))
        return redirect("batches:contingency", number)
    context = {"batch": line, "copy": known, "form": form}
    context["may"] = may(request, contingency_commands.account_for_sheets)
    return render(request, "batches/contingency_account.html", context, status=_status(form))


@require_http_methods(["GET", "HEAD", "POST"])
def scan(request: HttpRequest, number: str, copy: int) -> HttpResponse:
    """Keep the scan of used sheets."""
    line, known = _line_or_404(number), _copy_or_404(number, copy)
    posted = request.method == "POST"
    form = ScanForm(known, *((request.POST, request.FILES) if posted else ()))
    if form.is_valid() and _kept(
        request,
        form,
        keeping.keep_scan,
        batch=number,
        copy=copy,
        sheets=[int(n) for n in form.cleaned_data["sheets"]],
    ):
        messages.success(request, _("The scan is kept. A second person certifies it."))
        return redirect("batches:contingency", number)
    context = {"batch": line, "copy": known, "form": form, "may": may(request, keeping.keep_scan)}
    return render(request, "batches/contingency_scan.html", context, status=_status(form))


@sensitive_post_parameters(*SECRETS)
@require_http_methods(["GET", "HEAD", "POST"])
def missing(request: HttpRequest, number: str, copy: int) -> HttpResponse:
    """Declare sheets that cannot come back."""
    line, known = _line_or_404(number), _copy_or_404(number, copy)
    missing = contingency_queries.open_sheets(number)
    left = [o.sheet for o in missing if o.copy == copy and o.lacks != contingency.NOT_AGREED]
    form = MissingForm(left, request.POST if request.method == "POST" else None)
    if form.is_valid() and form.ask(
        request,
        contingency_commands.declare_sheets_missing,
        batch=number,
        copy=copy,
        sheets=[int(n) for n in form.cleaned_data["sheets"]],
        fate=form.cleaned_data["fate"],
        reason=form.cleaned_data["reason"],
        signature=credentials(request),
    ):
        messages.success(request, _("It is declared. A second person agrees, or finds them."))
        return redirect("batches:contingency", number)
    context = {"batch": line, "copy": known, "form": form, "left": left}
    context["may"] = may(request, contingency_commands.declare_sheets_missing)
    return render(request, "batches/contingency_missing.html", context, status=_status(form))


@sensitive_post_parameters(*SECRETS)
@require_http_methods(["GET", "HEAD", "POST"])
def give_up(request: HttpRequest, number: str, copy: int) -> HttpResponse:
    """Agree as the second person that declared sheets cannot come back."""
    line, known = _line_or_404(number), _copy_or_404(number, copy)
    form = GiveUpForm(known.missed, request.POST if request.method == "POST" else None)
    if form.is_valid() and form.ask(
        request,
        contingency_commands.give_up_sheets,
        batch=number,
        copy=copy,
        sheets=[int(n) for n in form.cleaned_data["sheets"]],
        reason=form.cleaned_data["reason"],
        signature=credentials(request),
    ):
        messages.success(request, _("The sheets are given up. The deviation stands on record."))
        return redirect("batches:contingency", number)
    context = {"batch": line, "copy": known, "form": form, "rows": _declared(known, number)}
    context["may"] = may(request, contingency_commands.give_up_sheets)
    return render(request, "batches/contingency_give_up.html", context, status=_status(form))


@require_http_methods(["GET", "HEAD", "POST"])
def files(request: HttpRequest, number: str) -> HttpResponse:
    """The files kept with a batch, and the form that keeps another."""
    line = _line_or_404(number)
    posted = request.method == "POST"
    form = FileForm(*((request.POST, request.FILES) if posted else ()))
    if form.is_valid() and _kept(
        request,
        form,
        keeping.keep_file,
        batch=number,
        step=form.cleaned_data["step"] or 0,
        about=form.cleaned_data["about"],
    ):
        messages.success(request, _("The file is kept. A second person certifies it."))
        return redirect("batches:files", number)
    rows = _told(list(contingency_queries.files(number).files.values()))
    context = {"batch": line, "rows": rows, "form": form}
    context["may"] = may(request, keeping.keep_file) and line.completed_at is None
    return render(request, "batches/contingency_files.html", context, status=_status(form))


@sensitive_post_parameters(*SECRETS)
@require_http_methods(["GET", "HEAD", "POST"])
def certify(request: HttpRequest, number: str, file: int) -> HttpResponse:
    """Look at a file beside its original, and sign that it is a true copy."""
    line, known = _line_or_404(number), _file_or_404(number, file)
    form = PaperForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and form.ask(
        request,
        keeping.certify_file,
        batch=number,
        number=file,
        signature=credentials(request),
    ):
        messages.success(request, _("File %(file)s is certified.") % {"file": file})
        return redirect("batches:files", number)
    context = {"batch": line, "row": _told([known])[0], "form": form}
    context["own"] = known.kept_by == actor_of(request).person
    context["may"] = may(request, keeping.certify_file)
    context["signatures"] = _signatures(number, file)
    return render(request, "batches/contingency_file.html", context, status=_status(form))


@require_safe
def content(request: HttpRequest, number: str, file: int) -> HttpResponse:
    """The file as it was kept: always handed out, never shown inside a page of ours."""
    known = _file_or_404(number, file)
    answer = HttpResponse(blobs.get(known.blob), content_type=known.media_type)
    answer["Content-Disposition"] = f'attachment; filename="{number}-{known.name}"'
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer


def _kept(request: HttpRequest, form: Any, ask: Any, **asked: Any) -> bool:
    """Have what was sent kept. Too much of it is not even read."""
    sent = form.cleaned_data.get("file")
    if sent is None:
        form.add_error("file", _("Choose the file."))
        return False
    if sent.size > LARGEST:
        form.add_error("file", _("The file is larger than 20 MB. Scan it in fewer dots."))
        return False

    def keep(**more: Any) -> None:
        keeping.upload(form.content(), ask, **more)

    return bool(form.ask(request, keep, **asked))


def _papers(request: HttpRequest, line: BatchLine) -> Page:
    state = contingency_queries.contingency_of(line.batch)
    missing = contingency_queries.open_sheets(line.batch)
    rows = [
        {
            "copy": copy,
            "open": any(one.copy == copy.number for one in missing),
            "sheets": said_of_sheets(copy, [one for one in missing if one.copy == copy.number]),
            "to_account": any(n not in copy.fates for n in range(1, copy.sheets + 1)),
            "to_agree": bool(copy.missed),
            "to_scan": any(fate == USED for fate in copy.fates.values()),
        }
        for copy in state.copies.values()
    ]
    return {
        "batch": line,
        "rows": rows,
        "missing": len(missing),
        "may": may(request, contingency_commands.print_contingency)
        and not (line.completed_at or line.aborted_at),
    }


def said_of_sheets(copy: Copy, lacking: list[contingency.OpenSheet]) -> list[Page]:
    """What is still said of sheets, in their order: what each lacks, or as what it was given up."""
    gone = [{"sheet": n, "gone": FATES[f]} for n, f in copy.fates.items() if f in FATES]
    left = [{"sheet": one.sheet, "lacks": LACKS[one.lacks]} for one in lacking]
    return sorted(gone + left, key=lambda told: told["sheet"])


def _declared(copy: Copy, batch: str) -> list[Page]:
    """Who says of which sheets that they are gone, and why: as the deviation has it."""
    why = dict(queries.exceptions(batch=batch).values_list("number", "reason"))
    names = printed_names({one.declared_by for one in copy.missed.values()})
    return [
        {
            "sheet": sheet,
            "fate": FATES[one.fate],
            "who": names.get(one.declared_by, one.declared_by),
            "why": why[one.deviation],
        }
        for sheet, one in sorted(copy.missed.items())
    ]


def _signatures(number: str, file: int) -> list[Signature]:
    """Who certified it, checked anew."""
    certified = [
        event.id
        for event in store.load("files", number)
        if event.type == "batches.file_certified" and event.data.number == file
    ]
    return [one for found in standing(certified).values() for one in found]


def _told(files: list[File]) -> list[Page]:
    """Files with the printed names of who kept and who certified them."""
    people = {one.kept_by for one in files} | {one.certified_by for one in files}
    names = printed_names(people - {""})
    return [
        {
            "file": one,
            "kept": names.get(one.kept_by, one.kept_by),
            "certified": names.get(one.certified_by, one.certified_by),
        }
        for one in files
    ]


def _line_or_404(number: str) -> BatchLine:
    line = queries.batch(number)
    if line is None:
        raise Http404
    return line


def _copy_or_404(number: str, copy: int) -> Copy:
    known = contingency_queries.contingency_of(number).copies.get(copy)
    if known is None:
        raise Http404
    return known


def _file_or_404(number: str, file: int) -> File:
    known = contingency_queries.files(number).files.get(file)
    if known is None:
        raise Http404
    return known


def _status(form: Any) -> int:
    return 422 if form.is_bound else 200
