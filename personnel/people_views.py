"""Pages about people: who there is, one person, enrolment, roles, accounts."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.hashers import make_password
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ledger import clock, ids
from ledger.event import Refused
from personnel import commands, people_commands, queries
from personnel import people_forms as forms
from personnel.models import Account, Person
from personnel.rights_queries import accounts_on, review_due
from personnel.session import actor_of

_FIELDS = {
    "reason_missing": "reason",
    "reason_too_long": "reason",
    "printed_name": "printed_name",
    "namesake": "others",
    "evidence": "evidence",
    "reference": "reference",
    "document_number": "reference",
    "unknown_role": "role",
    "role_held": "role",
    "segregation_of_duties": "role",
    "role_not_held": "role",
    "until": "until",
    "name_taken": "username",
    "username": "username",
    "name": "name",
}


@dataclass(frozen=True)
class Act:
    """One thing that may be done about a person: its form, its command, its words."""

    form: Callable[..., forms.AskForm]
    ask: Any
    title: Any
    button: Any
    done: Any
    danger: bool = False


ACTS = {
    "identity": Act(
        forms.IdentityForm,
        people_commands.check_identity,
        gettext_lazy("Check the identity"),
        gettext_lazy("I have seen who this is"),
        gettext_lazy("The identity is checked."),
    ),
    "grant": Act(
        forms.GrantForm,
        people_commands.grant_role,
        gettext_lazy("Give a role"),
        gettext_lazy("Give the role"),
        gettext_lazy("The role is given."),
    ),
    "withdraw": Act(
        forms.WithdrawForm,
        people_commands.withdraw_role,
        gettext_lazy("Withdraw a role"),
        gettext_lazy("Withdraw the role"),
        gettext_lazy("The role is withdrawn; what was done in it stays."),
        danger=True,
    ),
    "propose": Act(
        forms.ProposeForm,
        people_commands.propose_inspector,
        gettext_lazy("Propose as inspector"),
        gettext_lazy("Propose to QA"),
        gettext_lazy("Proposed: QA countersigns it next."),
    ),
    "countersign": Act(
        forms.ConfirmForm,
        people_commands.countersign_inspector,
        gettext_lazy("Countersign the inspector's access"),
        gettext_lazy("Countersign"),
        gettext_lazy("Countersigned: the account may be opened now."),
    ),
    "account": Act(
        forms.OpenAccountForm,
        commands.open_account,
        gettext_lazy("Open the account"),
        gettext_lazy("Open it with a one-time password"),
        "",
    ),
    "password": Act(
        forms.ReasonForm,
        commands.change_password,
        gettext_lazy("Give a one-time password"),
        gettext_lazy("Give a one-time password"),
        "",
    ),
    "unlock": Act(
        forms.ReasonForm,
        commands.unlock_account,
        gettext_lazy("Unlock the account"),
        gettext_lazy("Unlock"),
        gettext_lazy("The account is unlocked."),
    ),
    "close": Act(
        forms.ReasonForm,
        commands.close_account,
        gettext_lazy("Close the account"),
        gettext_lazy("Close it for good"),
        gettext_lazy("The account is closed. Nothing was deleted."),
        danger=True,
    ),
}


@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """Everybody, and what each holds: now, or as it was on a date."""
    form = forms.OnForm(request.GET)
    at = form.cleaned_data["on"] if form.is_valid() else None
    held: dict[str, list[Any]] = {}
    for span in queries.rights_on(at) if at else queries.rights_on(clock.now()):
        held.setdefault(span.person, []).append(span)
    rows = list(Person.objects.order_by("person"))
    names = queries.printed_names(row.person for row in rows)
    states = accounts_on(at) if at else queries.states_of(row.person for row in rows)
    lines: list[dict[str, Any]] = [
        {
            "row": row,
            "name": names.get(row.person, ""),
            "held": held.get(row.person, []),
            "state": states.get(row.person),
        }
        for row in rows
        if not at or row.person in held
    ]
    context = {
        "form": form,
        "at": at,
        "lines": sorted(lines, key=lambda line: (str(line["name"]).casefold(), line["row"].person)),
        "may_enrol": _may(request, people_commands.enrol),
        "may_review": _may(request, people_commands.review_access),
        "review": queries.newest_review(),
        "review_due": review_due(),
    }
    return render(request, "personnel/people.html", context, status=200 if form.is_valid() else 422)


@require_http_methods(["GET", "HEAD", "POST"])
def enrol(request: HttpRequest) -> HttpResponse:
    form = forms.EnrolForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        new = _pseudonym(form)
        if _ask(request, form, people_commands.enrol, person=new):
            messages.success(request, _("Enrolled as %(person)s.") % {"person": new})
            return redirect("personnel:person", new)
    context = {"form": form, "may": _may(request, people_commands.enrol)}
    status = 422 if form.is_bound else 200
    return render(request, "personnel/enrol.html", context, status=status)


@require_safe
def person(request: HttpRequest, pseudonym: str) -> HttpResponse:
    return _person_page(request, pseudonym)


@never_cache
@require_POST
def act(request: HttpRequest, pseudonym: str, name: str) -> HttpResponse:
    """One of the acts about a person."""
    if name not in ACTS or queries.person(pseudonym) is None:
        raise Http404
    doing, form = ACTS[name], _form(name, pseudonym, request)
    if not form.is_valid():
        return _person_page(request, pseudonym, refused=name, form=form)
    one_time = _one_time_password() if name in ("account", "password") else ""
    fixed = _fixed(name, pseudonym, form, one_time)
    if not _ask(request, form, doing.ask, **fixed):
        return _person_page(request, pseudonym, refused=name, form=form)
    if one_time:
        account = Account.objects.filter(person=pseudonym, is_active=True).first()
        context = {"password": one_time, "account": account, "pseudonym": pseudonym}
        return render(request, "personnel/one_time.html", context)
    messages.success(request, doing.done)
    return redirect("personnel:person", pseudonym)


def _fixed(name: str, pseudonym: str, form: forms.AskForm, one_time: str) -> dict[str, Any]:
    """What a command is given beside what was typed."""
    if name in ("unlock", "close", "password"):
        state = queries.states_of([pseudonym]).get(pseudonym)
        fixed = {"account": state.account if state else ""}
        return fixed | ({"verifier": make_password(one_time)} if one_time else {})
    if name == "account":
        account = "a-" + str(ids.derived_id("account", form.cleaned_data["command_id"]))[:8]
        verifier = make_password(one_time)
        return {
            "person": pseudonym,
            "account": account,
            "printed_name": "",
            "verifier": verifier,
        }
    return {"person": pseudonym}


def _form(name: str, pseudonym: str, request: HttpRequest | None) -> forms.AskForm:
    given = request.POST if request is not None and request.method == "POST" else None
    more: dict[str, Any] = {"auto_id": f"{name}_%s"}
    if name in ("withdraw", "account"):
        more["held"] = queries.roles_of(pseudonym)
    return ACTS[name].form(given, **more)


def _person_page(
    request: HttpRequest,
    pseudonym: str,
    *,
    refused: str = "",
    form: forms.AskForm | None = None,
) -> HttpResponse:
    row = queries.person(pseudonym)
    if row is None:
        raise Http404
    state = queries.states_of([pseudonym]).get(pseudonym)
    offered = {name for name in _offered(row, state) if _may(request, ACTS[name].ask)}
    shown = [
        {
            "name": name,
            "act": doing,
            "form": form if name == refused else _form(name, pseudonym, None),
            "open": name == refused,
        }
        for name, doing in ACTS.items()
        if name in offered or name == refused
    ]
    spans = queries.spans_of(pseudonym)
    people = [row.enrolled_by, row.checked_by, row.proposed_by]
    people += [who for span in spans for who in (span.granted_by, span.withdrawn_by)]
    context = {
        "row": row,
        "name": queries.printed_names([pseudonym]).get(pseudonym, ""),
        "names": queries.printed_names(people),
        "spans": spans,
        "now": clock.now(),
        "accounts": queries.accounts_of(pseudonym),
        "state": state,
        "locked": queries.is_locked(state),
        "sessions": queries.sessions_of(pseudonym),
        "shown": shown,
        "why_not_sign": queries.may_sign(pseudonym),
        "next": _next(row, state),
    }
    return render(request, "personnel/person.html", context, status=422 if refused else 200)


def _next(row: Person, state: Any) -> str:
    """What is still to be done until this person works here, and by whom."""
    if row.enrolled_at is None or (state is None and queries.accounts_of(row.person)):
        return ""  # the account alone, or one that was closed
    if row.checked_at is None:
        return _(
            "Next, a second person of a GMP role opens this page and says that they have seen who"
            " this is."
        )
    if not queries.roles_of(row.person):
        return _("Next, the system administrator gives a role.")
    if state is None:
        return _("Next, the system administrator opens the account.")
    if state.must_change:
        return _(
            "Next, this person signs in with the one-time password, chooses their own, and enrols"
            " a key under “My signature”."
        )
    return ""


def _offered(row: Person, state: Any) -> set[str]:
    """What could be done about this person as they stand. A courtesy; the commands decide."""
    held = queries.roles_of(row.person)
    offered = {"grant"}
    if held:
        offered.add("withdraw")
    if row.checked_at is None and row.enrolled_at is not None:
        offered.add("identity")
    if not held and row.proposed_until is None:
        offered.add("propose")
    if row.proposed_until is not None:
        offered.add("countersign")
    if state is None and held:
        offered.add("account")
    if state is not None:
        offered |= {"password", "close"}
    if queries.is_locked(state):
        offered.add("unlock")
    return offered


def _ask(request: HttpRequest, form: forms.AskForm, ask: Callable[..., Any], **fixed: Any) -> bool:
    """Send what was typed to the command. Its no stands on the form, with all that was typed."""
    try:
        ask(**fixed, **form.cleaned_data, actor=actor_of(request))
    except Refused as refused:
        field = _FIELDS.get(refused.code)
        sentence = _(refused.template).format(**refused.params)
        form.add_error(field if field in form.fields else None, sentence)
        if refused.code != "away":  # then the same sending must be known again
            form.renew()
        return False
    return True


def _pseudonym(form: forms.AskForm) -> str:
    """The same for the same form, so that sending it twice enrols once."""
    digits = ids.derived_id("person", form.cleaned_data["command_id"], form.cleaned_data["salt"])
    alphabet = "23456789abcdefghjkmnpqrstvwxyz"
    drawn, number = "", digits.int
    for _place in range(8):
        number, place = divmod(number, len(alphabet))
        drawn += alphabet[place]
    return f"p-{drawn}"


def _one_time_password() -> str:
    """Eighty bits in four groups that can be read out."""
    letters = "23456789abcdefghjkmnpqrstvwxyz"
    groups = ("".join(secrets.choice(letters) for _n in range(4)) for _group in range(4))
    return "-".join(groups)


def _may(request: HttpRequest, ask: Any) -> bool:
    """Whether to offer a form. Offering is a courtesy; the command decides."""
    return actor_of(request).role in ask.spec.roles
