"""What is done beside performing a step: note, deviate, skip, repeat, time, put right, override."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from batches import blockers, queries, running_commands, step_commands
from batches.forms import SeenForm
from batches.record_queries import StepTold, WorkTold
from batches.step_card import blocks_of, clocks, context_of, page, situation, whole
from batches.step_views import SECRETS
from batches.views import may, record_context, told_or_404
from ledger import clock
from personnel.session import actor_of
from personnel.signing import credentials

LINES = forms.Textarea(attrs={"rows": 3})


class DoForm(SeenForm):
    """What may be said with one of these; each asks for some of it."""

    text = forms.CharField(label=gettext_lazy("Comment"), required=False, widget=LINES)
    title = forms.CharField(label=gettext_lazy("What went otherwise?"), required=False)
    parameter = forms.CharField(required=False, widget=forms.HiddenInput)
    typed = forms.CharField(required=False)
    code = forms.CharField(required=False, widget=forms.HiddenInput)
    subject = forms.CharField(required=False, widget=forms.HiddenInput)
    reason = forms.CharField(label=gettext_lazy("Why?"), required=False, widget=LINES)


@dataclass(frozen=True, kw_only=True)
class Doing:
    """One thing to do at a step: the command, what it takes, and the words around it."""

    ask: Callable[..., Any]
    takes: tuple[str, ...]
    title: Any
    lead: Any
    button: Any
    said: Any
    signs: str = ""  # the meaning of the signature


DOINGS = {
    "comment": Doing(
        ask=step_commands.comment,
        takes=("text",),
        title=gettext_lazy("Comment on step %(step)s"),
        lead=gettext_lazy("A remark for whoever reads the record. It is nobody's exception."),
        button=gettext_lazy("Note it"),
        said=gettext_lazy("The comment is on record."),
    ),
    "deviation": Doing(
        ask=step_commands.raise_deviation,
        takes=("title", "reason"),
        title=gettext_lazy("Raise a deviation at step %(step)s"),
        lead=gettext_lazy("Something went otherwise than it ought to: quality assurance sees it."),
        button=gettext_lazy("Raise the deviation"),
        said=gettext_lazy("The deviation is raised."),
    ),
    "not-applicable": Doing(
        ask=step_commands.declare_not_applicable,
        takes=("reason",),
        title=gettext_lazy("Step %(step)s does not apply"),
        lead=gettext_lazy("The recipe allows this step to be left out, for a reason."),
        button=gettext_lazy("Declare not applicable and sign"),
        said=gettext_lazy("The step is declared not applicable."),
        signs="performed",
    ),
    "again": Doing(
        ask=step_commands.repeat_steps,
        takes=("reason",),
        title=gettext_lazy("Do step %(step)s again"),
        lead=gettext_lazy("It gets a number of its own; what was done before stays on record."),
        button=gettext_lazy("Do it again"),
        said=gettext_lazy("It is to be done again."),
    ),
    "authorise": Doing(
        ask=step_commands.authorise_correction,
        takes=("parameter", "seen"),
        title=gettext_lazy("Authorise the correction in step %(step)s"),
        lead=gettext_lazy("The step is critical: a corrected value counts when you agree to it."),
        button=gettext_lazy("Authorise and sign"),
        said=gettext_lazy("The correction is authorised."),
        signs="approved",
    ),
    "waive": Doing(
        ask=running_commands.waive_countersignature,
        takes=("reason",),
        title=gettext_lazy("Waive the countersignature of step %(step)s"),
        lead=gettext_lazy("Whoever performed it has left and cannot sign any more. You answer."),
        button=gettext_lazy("Waive and sign"),
        said=gettext_lazy("The countersignature is waived, and listed as an exception."),
        signs="reviewed",
    ),
    "ask": Doing(
        ask=running_commands.ask_override,
        takes=("code", "subject", "reason"),
        title=gettext_lazy("Ask to go on with step %(step)s"),
        lead=gettext_lazy("You answer for it; nothing goes on before quality assurance agrees."),
        button=gettext_lazy("Ask and sign"),
        said=gettext_lazy("It is asked for. Call quality assurance to agree."),
        signs="approved",
    ),
    "agree": Doing(
        ask=running_commands.agree_override,
        takes=("code", "subject", "reason"),
        title=gettext_lazy("Agree to go on with step %(step)s"),
        lead=gettext_lazy("A deviation is raised and the batch goes on under a quality hold."),
        button=gettext_lazy("Agree and sign"),
        said=gettext_lazy("The step may go on, under a quality hold."),
        signs="approved",
    ),
}
AT_ONCE = {
    "typo": (step_commands.correct_typo, ("parameter", "typed"), gettext_lazy("It is put right.")),
    "start": (step_commands.start_timer, ("parameter",), gettext_lazy("The timer runs.")),
    "stop": (step_commands.stop_timer, ("parameter",), gettext_lazy("The timer is stopped.")),
}


Form = TypeVar("Form", bound=SeenForm)


def _only(form: Form, takes: tuple[str, ...]) -> Form:
    """The form without what is not asked for here: a no beside such a field would not be read."""
    for name in [one.name for one in form.visible_fields() if one.name not in takes]:
        del form.fields[name]
    return form


@sensitive_post_parameters(*SECRETS)
@require_http_methods(["GET", "HEAD", "POST"])
def do(request: HttpRequest, number: str, step: int, doing: str) -> HttpResponse:
    """A page of its own for what takes words or a signature: one touch from the card."""
    what = DOINGS.get(doing)
    if what is None:
        raise Http404
    told, at = whole(number, step)
    form = _only(DoForm(request.POST if request.method == "POST" else None), what.takes)
    if form.is_valid():
        asked = {name: form.cleaned_data[name] for name in what.takes}
        if what.signs:
            asked["signature"] = credentials(request)
        if form.ask(request, what.ask, batch=number, step=step, **asked):
            messages.success(request, what.said)
            return redirect("batches:step", number, step)
    if form.is_bound:
        told, at = whole(number, step)
    form.shows(at.record.readings_so_far)
    if not form.is_bound:
        form.initial.update(
            {name: request.GET.get(name, "") for name in what.takes if name != "seen"}
        )
    context = context_of(request, told, at) | _about(request, told, at, form) | {
        "what": what,
        "heading": what.title % {"step": step},
        "form": form,
        "fields": [form[name] for name in what.takes if not form[name].is_hidden],
        "hidden": [form[name] for name in what.takes if form[name].is_hidden],
        "may": may(request, what.ask),
    }  # fmt: skip
    return render(request, "batches/do.html", context, status=422 if form.is_bound else 200)


def _about(request: HttpRequest, told: WorkTold, at: StepTold, form: DoForm) -> dict[str, Any]:
    """The objection, or the value, that this is about."""
    code, subject = form["code"].value() or "", form["subject"].value() or ""
    actor = actor_of(request)
    now = situation(actor, told, at)
    found = [
        *(one for one in blockers.standing(now) if (one.code, one.subject) == (code, subject)),
        *blockers.foreseen(now, code, subject),
    ]
    shown = [one for one in at.parameters if one.parameter.key == form["parameter"].value()]
    return {"about": list(blocks_of(actor, told, at, found[:1])), "shown": shown}


@require_POST
def at_once(request: HttpRequest, number: str, step: int, doing: str) -> HttpResponse:
    """A touch on the card itself: put a slip right, start or stop a timer."""
    ask, takes, said = AT_ONCE[doing]
    form = DoForm(request.POST)
    if form.is_valid() and form.ask(
        request, ask, batch=number, step=step, **{name: form.cleaned_data[name] for name in takes}
    ):
        messages.success(request, said)
        return redirect("batches:step", number, step)
    return page(request, number, step, side_form=form)


class RunForm(SeenForm):
    note = forms.CharField(
        label=gettext_lazy("What stands, and what comes next?"), required=False, widget=LINES
    )
    reason = forms.CharField(label=gettext_lazy("Why?"), required=False, widget=LINES)
    unit = forms.CharField(required=False, widget=forms.HiddenInput)
    room = forms.CharField(required=False, widget=forms.HiddenInput)


RUNNING: dict[str, tuple[Callable[..., Any], tuple[str, ...], str, Any, Any, Any]] = {
    "offer": (
        running_commands.offer_handover,
        ("note",),
        "performed",
        gettext_lazy("Hand the batch over"),
        gettext_lazy("Hand over and sign"),
        gettext_lazy("The batch waits for whoever takes it over."),
    ),
    "take": (
        running_commands.take_handover,
        (),
        "acknowledged",
        gettext_lazy("Take the batch over"),
        gettext_lazy("I have read it: take over and sign"),
        gettext_lazy("You have taken the batch over."),
    ),
    "abort": (
        running_commands.abort,
        ("reason",),
        "rejected",
        gettext_lazy("Abort the batch"),
        gettext_lazy("Abort and sign"),
        gettext_lazy("The batch is aborted. All that was done stays on record."),
    ),
    "return": (
        running_commands.return_unit,
        ("unit",),
        "",
        gettext_lazy("Give a unit back"),
        gettext_lazy("Give it back"),
        gettext_lazy("The unit is free for others."),
    ),
    "leave": (
        running_commands.leave_room,
        ("room",),
        "",
        gettext_lazy("Leave the room"),
        gettext_lazy("Leave the room"),
        gettext_lazy("The batch has left the room."),
    ),
}


@sensitive_post_parameters(*SECRETS)
@require_http_methods(["GET", "HEAD", "POST"])
def run(request: HttpRequest, number: str, doing: str) -> HttpResponse:
    """What concerns the whole batch: hand over, take over, abort, give back, leave."""
    if doing not in RUNNING:
        raise Http404
    ask, takes, signs, title, button, said = RUNNING[doing]
    form = _only(RunForm(request.POST if request.method == "POST" else None), takes)
    if form.is_valid():
        asked = {name: form.cleaned_data[name] for name in takes}
        if signs:
            asked["signature"] = credentials(request)
        if form.ask(request, ask, batch=number, **asked):
            messages.success(request, said)
            return redirect("batches:record", number)
    told = told_or_404(number, signatures=False)
    if not form.is_bound:
        form.initial.update({name: request.GET.get(name, "") for name in takes})
    context = record_context(request, told) | {
        "form": form,
        "doing": doing,
        "heading": title,
        "button": button,
        "signs": signs,
        "fields": [form[name] for name in takes if not form[name].is_hidden],
        "hidden": [form[name] for name in takes if form[name].is_hidden],
        "about": form["unit"].value() or form["room"].value() or "",
        "may": may(request, ask),
        "clocks": clocks(number),
        "now": clock.now(),
        "offered": [one for one in told.course if one.kind == "HandoverOffered"][-1:],
    }
    return render(request, "batches/run.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD"])
def objections(request: HttpRequest, number: str, step: int) -> HttpResponse:
    """A unit, a lot or a person that is refused at this step: what objects, and who may ask."""
    told, at = whole(number, step)
    actor = actor_of(request)
    subject = request.GET.get("subject", "").replace("\0", "").strip()[:80]
    now = situation(actor, told, at)
    found = blockers.objecting(now, subject) if subject else []
    context = context_of(request, told, at) | {
        "subject": subject,
        "found": list(blocks_of(actor, told, at, found)),
        "people": queries.performers(at.step.performs),
    }
    return render(request, "batches/objections.html", context)
