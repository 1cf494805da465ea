"""The step card: one step on a tablet, from its instruction to its signatures."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from batches import commands, queries, record_queries, step_commands
from batches.forms import CorrectionForm, ReasonForm, ScribeForm, SeenForm
from batches.limits import read_number
from batches.recipe_content import Content
from batches.record_queries import ParameterTold, StepTold
from batches.step_card import page as _page
from batches.step_card import whole as _whole
from batches.step_files import keep_files
from batches.step_forms import StepForm, likely, needs_second, to_calculate
from batches.views import record_context
from personnel.session import actor_of
from personnel.signing import Credentials, credentials

SECRETS = ("signing_name", "signing_secret", "signing_pin")


@require_safe
def card(request: HttpRequest, number: str, step: int) -> HttpResponse:
    return _page(request, number, step)


@sensitive_post_parameters(*SECRETS)
@require_POST
def perform(request: HttpRequest, number: str, step: int) -> HttpResponse:
    """Keep what was read, whatever it is; then sign the step, if nothing is left open."""
    at, content = _step(number, step)
    form = StepForm(at, content, request.POST)
    if not form.is_valid() or not keep_files(request, form, number=number, step=step):
        return _page(request, number, step, form=form)
    typed, signs = form.changed(), request.POST.get("then") == "sign"
    given = None
    at_once = not form.departs(typed) and not form.scans(typed)
    if signs and not form.cleaned_data["reason"] and at_once:
        given = credentials(request)
        if given.opened is not None:
            return _sign_at_once(request, at, form, number=number, typed=typed, given=given)
    if typed or to_calculate(at):
        if not _keep_values(request, form, typed, number=number, step=step):
            return _page(request, number, step, form=form)
        at, _content = _step(number, step)
    if _unreadable(form, at) or _implausible(form, at):
        return _page(request, number, step, form=form)
    if (asks := _asks_more(at)) or not signs:
        if typed or not asks:
            messages.success(request, _("What you read is on record."))
        return redirect("batches:step", number, step)
    asked = {"batch": number, "step": step, "signature": given or credentials(request)}
    if form.ask(request, commands.complete_step, **asked, **_late(form)):
        return _signed(request, number, at)
    return _page(request, number, step, form=form)


def _asks_more(at: StepTold) -> bool:
    """Whether a value is to be explained, read again, or read a second time before one signs."""
    return any(one.waits or needs_second(at, one) for one in at.parameters)


def _late(form: StepForm) -> dict[str, str]:
    """Of a step that is entered after it was done: when that was, and why it comes late."""
    if not form.late():
        return {}
    return {"performed_at": form.late(), "reason": form.cleaned_data["reason"]}


def _sign_at_once(
    request: HttpRequest,
    at: StepTold,
    form: StepForm,
    *,
    number: str,
    typed: dict[str, str],
    given: Credentials,
) -> HttpResponse:
    """Nothing departs and the key is open: values and signature in one. A no keeps the values."""
    step = at.step.number
    values = {"typed": typed} if typed else {}
    asked = {"batch": number, "step": step, "signature": given, **values, **_late(form)}
    if form.ask(request, commands.complete_step, **asked):
        return _signed(request, number, at)
    if typed or to_calculate(at):
        kept = StepForm(at, form.content, request.POST)  # its own no would say the same again
        kept.is_valid()
        _keep_values(request, kept, typed, number=number, step=step)
    return _page(request, number, step, form=form)


def _keep_values(
    request: HttpRequest, form: StepForm, typed: dict[str, str], *, number: str, step: int
) -> bool:
    return form.ask(
        request,
        commands.enter_values,
        batch=number,
        step=step,
        typed=typed,
        reason=form.cleaned_data["reason"],
        command_id=form.part("values"),
    )


def _implausible(form: StepForm, at: StepTold) -> bool:
    """What cannot be is kept, and asked about: it counts when it is typed once more."""
    said = {}
    for told in at.parameters:
        name, value = f"value_{told.parameter.key}", None
        last = told.values[-1] if told.values else None
        if last and last.kind == "implausible":
            value = read_number(form.cleaned_data.get(name) or "")
        if last and value is not None and str(value) == last.text:
            meant = likely(told.parameter, value)
            text = _("%(value)s is not plausible. Type it again if it is really so.")
            if meant:
                text = _(
                    "Did you mean %(meant)s? Type it; or type %(value)s again if it is really so."
                )
            said[name] = text % {"value": last.text, "meant": meant}
    for name, text in said.items():
        form.add_error(name, text)
    if said:
        form.renew(**dict.fromkeys(said, ""))
    return bool(said)


def _unreadable(form: StepForm, at: StepTold) -> bool:
    """Say at the field what could not be read as a number; the text is on record as it stands."""
    found = False
    for told in at.parameters:
        name = f"value_{told.parameter.key}"
        last = told.values[-1] if told.values else None
        if last and last.kind == "unreadable" and last.text == form.cleaned_data.get(name):
            form.add_error(name, _("This is not a number. It stays on record; enter the value."))
            found = True
    if found:
        form.renew()
    return found


@sensitive_post_parameters(*SECRETS)
@require_http_methods(["GET", "HEAD", "POST"])
def scribe(request: HttpRequest, number: str, step: int) -> HttpResponse:
    """Record the step for a colleague whose hands are in the cabinet; they countersign later."""
    told, at = _whole(number, step)
    own = actor_of(request).person
    people = [(who, name) for who, name in queries.performers(at.step.performs) if who != own]
    form = ScribeForm(request.POST if request.method == "POST" else None, people=people)
    if form.is_valid() and form.ask(
        request,
        commands.record_step,
        batch=number,
        step=step,
        performed_by=form.cleaned_data["performed_by"],
        seen=form.cleaned_data["seen"],
        signature=credentials(request),
    ):
        return _after(request, number, at, _("Step %(step)s is recorded."))
    form.shows(at.record.readings_so_far)
    context = record_context(request, told) | {"at": at, "form": form}
    return render(request, "batches/scribe.html", context, status=422 if form.is_bound else 200)


@sensitive_post_parameters(*SECRETS)
@require_POST
def verify(request: HttpRequest, number: str, step: int) -> HttpResponse:
    return _sign(request, number, step, commands.verify_step, _("Step %(step)s is verified."))


@sensitive_post_parameters(*SECRETS)
@require_POST
def countersign(request: HttpRequest, number: str, step: int) -> HttpResponse:
    return _sign(
        request, number, step, commands.countersign_step, _("Step %(step)s is countersigned.")
    )


@sensitive_post_parameters(*SECRETS)
@require_POST
def witness(request: HttpRequest, number: str, step: int) -> HttpResponse:
    said = _("Step %(step)s is witnessed.")
    return _sign(request, number, step, step_commands.witness_step, said)


def _sign(request: HttpRequest, number: str, step: int, ask: Any, said: str) -> HttpResponse:
    form = SeenForm(request.POST)
    if form.is_valid() and form.ask(
        request,
        ask,
        batch=number,
        step=step,
        seen=form.cleaned_data["seen"],
        signature=credentials(request),
    ):
        return _onwards(request, number, said % {"step": step})
    return _page(request, number, step, sign_form=form)


@require_http_methods(["GET", "HEAD", "POST"])
def explain(request: HttpRequest, number: str, step: int, key: str) -> HttpResponse:
    """Go on with a value outside its limits, for a reason."""
    told, at = _whole(number, step)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and form.ask(
        request,
        commands.explain_limit,
        batch=number,
        step=step,
        parameter=key,
        reason=form.cleaned_data["reason"],
    ):
        messages.success(request, _("The reason is on record; the work goes on."))
        return redirect("batches:step", number, step)
    context = record_context(request, told) | {
        "at": at,
        "parameter": _parameter(at, key),
        "form": form,
    }
    return render(request, "batches/explain.html", context, status=422 if form.is_bound else 200)


@sensitive_post_parameters(*SECRETS)
@require_http_methods(["GET", "HEAD", "POST"])
def correct(request: HttpRequest, number: str, step: int, key: str) -> HttpResponse:
    """Correct a signed value: the old one stays legible beside the new one."""
    told, at = _whole(number, step)
    parameter = _parameter(at, key)
    form = CorrectionForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and form.ask(
        request,
        commands.correct_value,
        batch=number,
        step=step,
        parameter=key,
        typed=form.cleaned_data["typed"],
        seen=form.cleaned_data["seen"],
        reason=form.cleaned_data["reason"],
        signature=credentials(request),
    ):
        at, _content = _step(number, step)
        if needs_second(at, _parameter(at, key)):
            said = _("The value is corrected. It is critical: it counts when it is read once more.")
            messages.success(request, said)
            return redirect("batches:correct", number, step, key)
        messages.success(request, _("The value is corrected; the old one stays beside it."))
        return redirect("batches:record", number)
    if form.is_bound:
        told, at = _whole(number, step)
        parameter = _parameter(at, key)
    form.shows(at.record.readings_so_far)
    context = record_context(request, told) | {
        "at": at,
        "parameter": parameter,
        "form": form,
        "second": needs_second(at, parameter),
    }
    return render(request, "batches/correct.html", context, status=422 if form.is_bound else 200)


def _signed(request: HttpRequest, number: str, at: StepTold) -> HttpResponse:
    return _after(request, number, at, _("Step %(step)s is signed."))


def _after(request: HttpRequest, number: str, at: StepTold, said: str) -> HttpResponse:
    """After a step was performed: to it again where somebody verifies it, else to the next."""
    messages.success(request, said % {"step": at.step.number})
    return _to(number, at.step.number if at.step.verifies or at.step.witness else at.following)


def _onwards(request: HttpRequest, number: str, said: str) -> HttpResponse:
    """To the step that is due now, or to the record when none is."""
    messages.success(request, said)
    line = queries.batch(number)
    return _to(number, line.step if line and line.title else 0)


def _to(number: str, step: int) -> HttpResponse:
    return redirect("batches:step", number, step) if step else redirect("batches:record", number)


def _step(number: str, step: int) -> tuple[StepTold, Content]:
    """The step alone, for a form that is received: no names, no signatures."""
    found = record_queries.step(number, step)
    if found is None:
        raise Http404
    return found


def _parameter(at: StepTold, key: str) -> ParameterTold:
    for one in at.parameters:
        if one.parameter.key == key:
            return one
    raise Http404
