"""Pages of the identity vault. Who somebody is stands in the answer to a POST, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ledger import clock
from ledger.event import Refused
from personnel import vault_commands as commands
from personnel import vault_forms as forms
from personnel import vault_queries as queries
from personnel import vault_request_commands as requests
from personnel.models import Subject
from personnel.queries import printed_names
from personnel.session import actor_of
from personnel.vault_retention import KINDS, RULES
from personnel.vault_subject import FIELDS, is_pseudonym

PAGE = 50
_FIELDS = {
    "reason_missing": "reason",
    "reason_too_long": "reason",
    "names_the_subject": "reason",
}
_STANDINGS = ("", "kept", "due", "erased")


@require_safe
def vault_page(request: HttpRequest) -> HttpResponse:
    kind, standing = request.GET.get("kind", ""), request.GET.get("standing", "")
    kind = kind if kind in KINDS else ""
    standing = standing if standing in _STANDINGS else ""
    today = clock.now().date()
    found = queries.subjects(kind=kind, standing=standing, today=today)
    context = {
        "page": Paginator(found, PAGE).get_page(request.GET.get("page")),
        "kinds": [(code, _(text)) for code, text in KINDS.items()],
        "kind": kind,
        "standing": standing,
        "today": today,
        "may_register": may(request, commands.register_subject),
        "may_find": may(request, requests.look_up_subject),
        "waiting": _waiting(request),
    }
    return render(request, "personnel/vault.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@sensitive_post_parameters()
@sensitive_variables("form")
def register(request: HttpRequest, kind: str) -> HttpResponse:
    if kind not in KINDS:
        raise Http404
    form = forms.RegisterForm(request.POST if request.method == "POST" else None, kind=kind)
    form.fields["counted_from"].label = _(RULES[kind].counted_from)
    if form.is_valid():
        pseudonym = form.cleaned_data["subject"]
        asked = {"subject": pseudonym, "kind": kind, "given": form.given()}
        asked["counted_from"] = form.cleaned_data["counted_from"]
        if ask_for(request, form, commands.register, **asked):
            messages.success(
                request, _("Sealed. The ledger knows %(subject)s.") % {"subject": pseudonym}
            )
            return redirect("personnel:vault_subject", pseudonym)
    context = {
        "form": form,
        "kind": kind,
        "kind_name": _(KINDS[kind]),
        "kinds": [(code, _(text)) for code, text in KINDS.items()],
        "rule": RULES[kind],
        "may": may(request, commands.register_subject),
    }
    status = 422 if form.is_bound else 200
    return render(request, "personnel/vault_register.html", context, status=status)


@require_safe
@never_cache
def subject(request: HttpRequest, subject: str) -> HttpResponse:
    if _asked_from(request) and is_pseudonym(subject) and queries.subject(subject) is None:
        sentence = _("%(subject)s stands in a record and is not in the vault. Tell QA.")
        messages.warning(request, sentence % {"subject": subject})
        return redirect("personnel:vault")
    return page(request, row_of(subject))


@require_POST
@never_cache
@sensitive_variables("seen")
def show(request: HttpRequest, subject: str) -> HttpResponse:
    row, form = row_of(subject), forms.ShowForm(request.POST, auto_id="show_%s")
    asked = typed(form, "purpose", "reference")
    seen = ask_for(request, form, commands.show, subject=subject, **asked)
    return _seen(request, row, seen, show_form=form)


@require_POST
@never_cache
@sensitive_variables("seen")
def see(request: HttpRequest, subject: str, request_id: str) -> HttpResponse:
    row, form = row_of(subject), forms.DecideForm(request.POST, auto_id=f"{request_id}_see_%s")
    form.is_valid()
    seen = ask_for(request, form, commands.unmask, subject=subject, request_id=request_id)
    return _seen(request, row, seen, decision=(request_id, form))


@require_POST
@never_cache
@sensitive_post_parameters()
def ask(request: HttpRequest, subject: str) -> HttpResponse:
    row, form = row_of(subject), forms.AskToSeeForm(request.POST, auto_id="ask_%s")
    asked = typed(form, "reason")
    if ask_for(request, form, commands.ask, subject=subject, **asked):
        return _done(request, subject, _("Asked. A second person decides."))
    return page(request, row, ask_form=form)


@require_POST
@never_cache
@sensitive_post_parameters()
@sensitive_variables("form", "asked")
def correct(request: HttpRequest, subject: str) -> HttpResponse:
    row = row_of(subject)
    form = forms.CorrectForm(request.POST, kind=row.kind, auto_id="correct_%s")
    asked: dict[str, Any] = typed(form, "reason")
    asked["given"] = form.given()
    if ask_for(request, form, commands.correct, subject=subject, **asked):
        return _done(request, subject, _("Corrected. The version before it stays sealed too."))
    return page(request, row, correct_form=form)


@require_POST
def extend(request: HttpRequest, subject: str) -> HttpResponse:
    row, form = row_of(subject), forms.ExtendForm(request.POST, auto_id="extend_%s")
    asked = typed(form, "counted_from", "reason")
    if ask_for(request, form, commands.extend, subject=subject, **asked):
        return _done(request, subject, _("It is kept longer now."))
    return page(request, row, extend_form=form)


@require_POST
def erase(request: HttpRequest, subject: str) -> HttpResponse:
    row, form = row_of(subject), forms.EraseForm(request.POST, auto_id="erase_%s")
    asked = typed(form, "ground", "reason")
    if ask_for(request, form, commands.erase, subject=subject, **asked):
        return _done(request, subject, _("The key is destroyed. Nobody can read who it was."))
    return page(request, row, erase_form=form)


@require_POST
def grant(request: HttpRequest, subject: str, request_id: str) -> HttpResponse:
    row, form = row_of(subject), forms.DecideForm(request.POST, auto_id=f"{request_id}_grant_%s")
    form.is_valid()
    if ask_for(request, form, commands.grant, subject=subject, request_id=request_id):
        return _done(request, subject, _("Granted for a quarter of an hour."))
    return page(request, row, decision=(request_id, form))


@require_POST
def decline(request: HttpRequest, subject: str, request_id: str) -> HttpResponse:
    row, form = row_of(subject), forms.DeclineForm(request.POST, auto_id=f"{request_id}_no_%s")
    asked = typed(form, "reason")
    if ask_for(request, form, commands.decline, subject=subject, request_id=request_id, **asked):
        return _done(request, subject, _("Declined."))
    return page(request, row, decision=(request_id, form))


def typed(form: forms.AskForm, *names: str) -> dict[str, Any]:
    """What was typed; a choice that is none of ours becomes nothing, and the command says so."""
    form.is_valid()
    for name in list(form.errors):
        del form.errors[name]
    return {name: form.cleaned_data.get(name, "") for name in names}


def ask_for(
    request: HttpRequest, form: forms.AskForm, ask: Callable[..., Any], **asked: Any
) -> Any:
    """Send it to the command. Its no stands on the form, with all that was typed."""
    if "request_id" in asked:
        asked["request"] = asked.pop("request_id")
    command_id = form.cleaned_data.get("command_id")
    try:
        return ask(**asked, actor=actor_of(request), command_id=command_id)
    except Refused as refused:
        field = _FIELDS.get(refused.code) or refused.code.removesuffix("_missing")
        field = field.removesuffix("_long").removesuffix("_form")
        sentence = _(refused.template).format(**refused.params)
        form.add_error(field if field in form.fields else None, sentence)
        if refused.code != "away":  # then the same sending must be known again
            form.renew()
        return None


def _done(request: HttpRequest, subject: str, sentence: str) -> HttpResponse:
    messages.success(request, sentence)
    return redirect("personnel:vault_subject", subject)


def _seen(
    request: HttpRequest, row: Subject, seen: dict[str, str] | None, **refused: Any
) -> HttpResponse:
    """The page with what was opened on top, or with the refusal."""
    if seen is None:
        return page(request, row, **refused)
    return page(request, row, seen=[(forms.LABELS[name], text) for name, text in seen.items()])


def row_of(pseudonym: str) -> Subject:
    row = queries.subject(pseudonym)
    if row is None:
        raise Http404
    return row


def page(request: HttpRequest, row: Subject, **given: Any) -> HttpResponse:
    """One subject: what the ledger knows, who looked, and what may be asked."""
    blank = {
        "show_form": forms.ShowForm(auto_id="show_%s", initial=_asked_from(request)),
        "ask_form": forms.AskToSeeForm(auto_id="ask_%s"),
        "correct_form": forms.CorrectForm(kind=row.kind, auto_id="correct_%s"),
        "extend_form": forms.ExtendForm(auto_id="extend_%s"),
        "erase_form": forms.EraseForm(auto_id="erase_%s"),
    }
    looks = queries.looks(row.subject)
    decision = given.pop("decision", ("", None))
    wishes = _wishes(request, row, decision)
    lost = decision[1] is not None and all(wish["refused"] is None for wish in wishes)
    context = {
        **blank,
        **given,
        "row": row,
        "due": row.erased_at is None and row.keep_until < clock.now().date(),
        "looks": [(look, name) for look, name in _named(looks)],
        "wishes": wishes,
        "stray": decision[1].errors.get("__all__", []) if lost else [],
        "may": {name: may(request, ask) for name, ask in _asked(row).items()},
    }
    refused = decision[1] is not None or any(n.endswith("_form") for n in given)
    return render(request, "personnel/vault_subject.html", context, status=422 if refused else 200)


def _asked_from(request: HttpRequest) -> dict[str, str]:
    """What a batch's page has filled in on its way here."""
    names = ("purpose", "reference")
    return {name: request.GET[name] for name in names if request.GET.get(name)}


def _asked(row: Subject) -> dict[str, Any]:
    """What may be asked about a subject as it stands."""
    if row.erased_at is not None:
        return {}
    asked = {
        "ask": commands.ask_unmasking,
        "correct": commands.correct_subject,
        "extend": commands.extend_retention,
        "erase": commands.erase_subject,
    }
    return asked | ({"show": commands.show_identifiers} if "birth_date" in FIELDS[row.kind] else {})


def _wishes(request: HttpRequest, row: Subject, decision: tuple[str, Any]) -> list[dict[str, Any]]:
    """Who asked to see the subject, and what the reader may do about it."""
    actor, now = actor_of(request), clock.now()
    rows = queries.unmaskings(row.subject)
    names = printed_names({person for w in rows for person in (w.asked_by, w.decided_by)})
    readable = row.erased_at is None
    may_decide = readable and may(request, commands.grant)
    may_copy = readable and may(request, requests.copy_subject)
    return [
        {
            "row": wish,
            "asked_by": names.get(wish.asked_by, wish.asked_by),
            "decided_by": names.get(wish.decided_by, wish.decided_by),
            "open_now": readable and wish.until is not None and wish.until > now,
            "mine": wish.asked_by == actor.person,
            "may_copy": may_copy,
            "may_decide": may_decide and not wish.decided_at and wish.asked_by != actor.person,
            "refused": decision[1] if decision[0] == wish.request else None,
            "decide_form": forms.DecideForm(auto_id=f"{wish.request}_do_%s"),
            "decline_form": forms.DeclineForm(auto_id=f"{wish.request}_no_%s"),
        }
        for wish in rows
    ]


def _named(looks: list[Any]) -> list[tuple[Any, str]]:
    names = printed_names({look.person for look in looks})
    return [(look, names.get(look.person, look.person)) for look in looks]


def _waiting(request: HttpRequest) -> list[Any]:
    """The wishes that the reader may decide."""
    if not may(request, commands.grant):
        return []
    return list(queries.undecided(without=actor_of(request).person)[:20])


def may(request: HttpRequest, ask: Any) -> bool:
    """Whether to offer it. Offering is a courtesy; the command decides."""
    return actor_of(request).role in ask.spec.roles
