"""Pages of labels: those of a batch or of a roll, printed, destroyed, retained and counted.

Who the patient is stands in the answer to a POST that prints, and nowhere else.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from batches import label as labels
from batches import label_commands as commands
from batches import label_paper, label_queries, queries
from batches.codes import LABEL, read_code
from batches.forms import SeenForm
from batches.label_forms import ChooseForm, PrintForm, RollForm
from batches.label_queries import Tally
from batches.models import BatchLine
from batches.step_views import SECRETS
from batches.views import may, status
from ledger.command import Outcome
from ledger.event import Refused
from personnel import vault_commands
from personnel.queries import printed_names
from personnel.session import actor_of
from personnel.signing import credentials
from personnel.vault_discretion import discreet
from personnel.vault_forms import LABELS as NAMES
from personnel.vault_subject import LABELLING


@require_safe
def page(request: HttpRequest, number: str) -> HttpResponse:
    """The labels of a batch or a roll: the count, the print jobs, every label."""
    context = _context(request, number)
    jobs = label_queries.jobs(number)
    rows = label_queries.of_roll(number)
    names = printed_names({row.by for row in rows} | {job.printed_by for job in jobs})
    context["jobs"] = [(job, names.get(job.printed_by, job.printed_by)) for job in jobs]
    context["labels"] = [(row, names.get(row.by, row.by)) for row in rows]
    return render(request, "batches/label/page.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def rolls(request: HttpRequest) -> HttpResponse:
    """Rolls that were printed for stock, and the form for another."""
    form = RollForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        typed = form.cleaned_data
        roll = typed["roll"].strip().upper()
        asked = {"roll": roll, "title": typed["title"], "count": typed["count"] or 0}
        done = form.send(request, commands.print_roll, reason=typed["reason"], **asked)
        if done:
            return _sheet(request, done, None, {})
    context = {
        "form": form,
        "rolls": label_queries.rolls(),
        "may_print": may(request, commands.print_roll),
    }
    return render(request, "batches/label/rolls.html", context, status=status(form))


@discreet
@never_cache
@sensitive_post_parameters()
@sensitive_variables("seen")
@require_http_methods(["GET", "HEAD", "POST"])
def print_labels(request: HttpRequest, number: str) -> HttpResponse:
    """Number labels and show the sheet to be printed: once, in this very answer."""
    context = _context(request, number)
    line = context["batch"]
    if line is None:
        raise Http404
    kinds = [(t.kind, f"{t.title} ({t.wanted})") for t in context["tallies"] if t.declared]
    form = PrintForm(request.POST if request.method == "POST" else None, kinds=kinds)
    if form.is_valid():
        typed = form.cleaned_data
        kind = next((t for t in context["tallies"] if t.kind == typed["kind"]), None)
        seen = _seen(request, form, line, kind)
        done = None if seen is None else _numbered(request, form, number, typed)
        if done:
            return _sheet(request, done, line, seen)
    elif not form.is_bound:
        chosen = next((t for t in context["tallies"] if t.kind == request.GET.get("kind")), None)
        if chosen is not None:
            form.initial.update(kind=chosen.kind, count=chosen.wanted)
    context |= {"form": form}
    return render(request, "batches/label/print.html", context, status=status(form))


@require_http_methods(["GET", "HEAD", "POST"])
def destroy(request: HttpRequest, number: str) -> HttpResponse:
    return _chosen(request, number, "destroy", commands.destroy_labels)


@require_http_methods(["GET", "HEAD", "POST"])
def retain(request: HttpRequest, number: str) -> HttpResponse:
    return _chosen(request, number, "retain", commands.retain_labels)


@sensitive_post_parameters(*SECRETS)
@require_http_methods(["GET", "HEAD", "POST"])
def reconcile(request: HttpRequest, number: str) -> HttpResponse:
    """Sign the count: printed = used + destroyed + retained."""
    context = _context(request, number)
    form = SeenForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and form.ask(
        request, commands.reconcile_labels, roll=number, signature=credentials(request)
    ):
        messages.success(request, _("The labels of %(roll)s are reconciled.") % {"roll": number})
        return redirect("batches:labels", number)
    context |= {"form": form}
    return render(request, "batches/label/reconcile.html", context, status=status(form))


def _seen(
    request: HttpRequest, form: PrintForm, line: BatchLine, kind: Tally | None
) -> dict[str, str] | None:
    """The two identifiers that a container's label bears, for a purpose that is on the trail;
    none where the label bears none, and nothing where the vault says no.
    """
    if kind is None or kind.use != labels.CONTAINER or not line.subject:
        return {}
    try:
        return vault_commands.show(
            subject=line.subject,
            purpose=LABELLING,
            reference=line.batch,
            actor=actor_of(request),
            command_id=form.part("identifiers"),
        )
    except Refused as refused:
        form.refuse(refused)
        return None


def _numbered(request: HttpRequest, form: PrintForm, number: str, typed: dict[str, Any]) -> Any:
    asked = {name: typed[name] for name in ("kind", "route", "expires", "zone", "gtin")}
    return form.send(
        request,
        commands.print_labels,
        roll=number,
        count=typed["count"] or 0,
        reason=typed["reason"],
        **asked,
    )


@never_cache
@sensitive_variables("seen", "named", "context", "content")
def _sheet(
    request: HttpRequest, done: Outcome, line: BatchLine | None, seen: dict[str, str] | None
) -> HttpResponse:
    """The labels of the job that was numbered just now; of one that was sent again, none."""
    printed = done.events[0].data
    roll, job = printed.roll, label_queries.job(printed.roll, printed.job)
    if done.replayed or job is None:
        sentence = _("These labels were shown already. What is missing is printed with a reason.")
        messages.warning(request, sentence)
        return redirect("batches:labels", roll)
    sheet, made = label_paper.sheet_of(job, line), label_paper.printed(job)
    named = label_paper.identifiers(seen or {}, NAMES)
    if request.POST.get("as") == "pdf":
        content = label_paper.pdf(sheet, made, named, job.printed_at)
        answer = HttpResponse(content, content_type="application/pdf")
        answer["Content-Disposition"] = f'attachment; filename="{job.first}.pdf"'
        return answer
    context = {
        "sheet": sheet,
        "labels": made,
        "identifiers": named,
        "batch": line,
        "roll": roll,
    }
    return render(request, "batches/label/sheet.html", context)


def _chosen(request: HttpRequest, number: str, name: str, command: Any) -> HttpResponse:
    """Labels by scan or from the list, and what becomes of them."""
    context = _context(request, number)
    left = [row.label for row in label_queries.of_roll(number) if row.state == labels.PRINTED]
    asks_why = name == "destroy"
    bound = request.POST if request.method == "POST" else None
    form = ChooseForm(bound, left=left, asks_why=asks_why)
    if form.is_valid():
        typed = form.cleaned_data
        chosen = [*map(_number, typed["scanned"].split()), *typed["ticked"]]
        why = {"reason": typed["reason"]} if asks_why else {}
        if form.send(request, command, roll=number, chosen=" ".join(chosen), **why):
            n = len(dict.fromkeys(chosen))
            done = ngettext("%(n)s label is on record.", "%(n)s labels are on record.", n)
            messages.success(request, done % {"n": n})
            return redirect("batches:labels", number)
    context |= {"form": form, "left": left}
    return render(request, f"batches/label/{name}.html", context, status=status(form))


def _number(text: str) -> str:
    """The label that a scan names; what is none goes to the command, which says so."""
    return read_code(text).get(LABEL) or text.upper()


def _context(request: HttpRequest, number: str) -> dict[str, Any]:
    """What every page of one batch's or roll's labels needs."""
    line = queries.batch(number)
    tallies = label_queries.tallies(number, _needs(line))
    if line is None and not tallies:
        raise Http404
    counted = label_queries.count_line(number)
    open_ = line is None or not (line.completed_at or line.aborted_at)
    return {
        "batch": line,
        "roll": number,
        "tallies": tallies,
        "printed": sum(t.printed for t in tallies),
        "left": sum(t.left for t in tallies),
        "counted": counted,
        "may_print": line is not None and open_ and may(request, commands.print_labels),
        "may_destroy": may(request, commands.destroy_labels),
        "may_count": may(request, commands.reconcile_labels),
    }


def _needs(line: BatchLine | None) -> list[Any]:
    if line is None:
        return []
    return list(queries.recipe_of(queries.batch_state(line.batch)).content.labels)
