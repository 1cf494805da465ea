"""Pages about signing: one's own key and policy, and the keys that wait for a second person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_POST, require_safe

from ledger import asking, ports
from ledger.event import Actor, Refused
from personnel import keys, passkeys, signing, signing_queries
from personnel import signing_commands as commands
from personnel.roles import SYSTEM_ADMINISTRATOR
from personnel.session import actor_of
from personnel.signing_forms import (
    AcknowledgeForm,
    ConfirmForm,
    EnrolForm,
    PasskeyForm,
    WithdrawForm,
)

_FIELDS = {
    "reason_missing": "reason",
    "reason_too_long": "reason",
    "other_key": "key",
    "same_person": "key",
}


@require_safe
@never_cache
def mine(request: HttpRequest) -> HttpResponse:
    return _mine(request)


@require_POST
@never_cache
@sensitive_post_parameters()
@sensitive_variables("form", "secret", "pin", "made")
def enrol(request: HttpRequest) -> HttpResponse:
    user: Any = request.user
    actor = actor_of(request)
    form = EnrolForm(request.POST, passwords=user.check_password, name=user.get_username())
    if not form.is_valid():
        return _mine(request, enrol_form=form)
    given = form.cleaned_data
    made = keys.make(person=actor.person, secret=given["secret"], pin=given["pin"])
    asked = {
        "key": made.key,
        "public_key": made.public_key,
        "wrapped": made.wrapped,
        "policy_sha256": given["policy_sha256"],
    }
    if _ask(request, form, commands.enrol_key, **asked):
        messages.success(
            request,
            _("Your key %(key)s is enrolled. A second person confirms it; then you can sign.")
            % {"key": made.key},
        )
        return redirect("personnel:signing")
    return _mine(request, enrol_form=form)


@require_POST
@never_cache
def enrol_passkey(request: HttpRequest) -> HttpResponse:
    form = PasskeyForm(request.POST, auto_id="passkey_%s")
    if not form.is_valid():
        return _mine(request, passkey_form=form)
    try:
        made = passkeys.enrolled(request, form.cleaned_data["attestation"])
    except passkeys.Unusable as odd:
        form.add_error(None, _(str(odd)))
        return _mine(request, passkey_form=form)
    asked = asdict(made) | {"policy_sha256": form.cleaned_data["policy_sha256"]}
    if _ask(request, form, commands.enrol_passkey, **asked):
        messages.success(
            request,
            _("Your passkey %(key)s is enrolled. A second person confirms it; then you can sign.")
            % {"key": made.key},
        )
        return redirect("personnel:signing")
    return _mine(request, passkey_form=form)


@require_POST
def acknowledge(request: HttpRequest) -> HttpResponse:
    form = AcknowledgeForm(request.POST)
    form.is_valid()
    digest = form.cleaned_data.get("policy_sha256", "")
    if _ask(request, form, commands.acknowledge_policy, policy_sha256=digest):
        messages.success(request, _("That you acknowledge the policy is on the trail."))
        return redirect("personnel:signing")
    return _mine(request, policy_form=form)


@require_POST
def withdraw_own(request: HttpRequest) -> HttpResponse:
    form = WithdrawForm(request.POST, auto_id="withdraw_%s")
    form.is_valid()
    if _ask(request, form, commands.withdraw_own_key):
        messages.success(request, _("Your key signs nothing more. What it signed stays valid."))
        return redirect("personnel:signing")
    return _mine(request, withdraw_form=form)


@require_safe
def all_keys(request: HttpRequest) -> HttpResponse:
    return _keys(request)


@require_POST
def confirm(request: HttpRequest) -> HttpResponse:
    form = ConfirmForm(request.POST, auto_id="confirm_" + request.POST.get("person", "") + "_%s")
    form.is_valid()
    person, key = form.cleaned_data.get("person", ""), form.cleaned_data.get("key", "").strip()
    if _ask(request, form, commands.confirm_key, person=person, key=key):
        messages.success(request, _("The key %(key)s is confirmed.") % {"key": key})
        return redirect("personnel:signing_keys")
    return _keys(request, refused=form, about=person)


@require_POST
def withdraw(request: HttpRequest, person: str) -> HttpResponse:
    form = WithdrawForm(request.POST, auto_id=f"withdraw_{person}_%s")
    form.is_valid()
    if _ask(request, form, commands.withdraw_key, person=person):
        messages.success(request, _("The key is withdrawn. Only its owner can enrol another."))
        return redirect("personnel:signing_keys")
    return _keys(request, refused=form, about=person)


def _ask(request: HttpRequest, form: Any, ask: Callable[..., Any], **asked: Any) -> bool:
    """Send it to the command. Its no stands on the form."""
    given = form.cleaned_data
    common = {"actor": actor_of(request), "command_id": given.get("command_id")}
    if "reason" in form.fields:
        common["reason"] = given.get("reason", "")
    try:
        ask(**asked, **common)
    except Refused as refused:
        field = _FIELDS.get(refused.code)
        sentence = asking.told(refused)
        form.add_error(field if field in form.fields else None, sentence)
        if refused.code != "away":  # then the same sending must be known again
            form.data = form.data.copy()
            form.data.pop("command_id", None)  # the next sending is a new attempt
        return False
    return True


def _mine(
    request: HttpRequest,
    *,
    enrol_form: EnrolForm | None = None,
    passkey_form: PasskeyForm | None = None,
    policy_form: AcknowledgeForm | None = None,
    withdraw_form: WithdrawForm | None = None,
) -> HttpResponse:
    actor, policy = actor_of(request), commands.policy()
    read = signing_queries.policy_read(actor.person)
    initial = {"policy_sha256": policy.sha256}
    hindered = signing.hindrance(actor.person)
    key = signing_queries.key_of(actor.person)
    confirmer = key.confirmed_by if key else ""
    context = {
        "policy": policy,
        "read": read,
        "read_now": read is not None and read.policy_sha256 == policy.sha256,
        "key": key,
        "confirmed_by": ports.printed_names([confirmer]).get(confirmer, ""),
        "old_keys": signing_queries.keys_of(actor.person).exclude(withdrawn_at=None),
        "why_not": _(hindered.template).format(**hindered.params) if hindered else "",
        "may_sign": actor.role in commands.SIGNERS,
        "enrol_form": enrol_form or EnrolForm(initial=initial),
        **_passkey(
            request, actor, passkey_form or PasskeyForm(initial=initial, auto_id="passkey_%s")
        ),
        "policy_form": policy_form or AcknowledgeForm(initial=initial, auto_id="policy_%s"),
        "withdraw_form": withdraw_form or WithdrawForm(auto_id="withdraw_%s"),
        "withdraw_open": withdraw_form is not None,
    }
    refused = any(
        form is not None for form in (enrol_form, passkey_form, policy_form, withdraw_form)
    )
    return render(request, "personnel/signing.html", context, status=422 if refused else 200)


def _passkey(request: HttpRequest, actor: Actor, form: PasskeyForm) -> dict[str, Any]:
    """What the page needs to offer a passkey, where its address is the one passkeys know."""
    nothing = {"passkey_form": form, "passkey_options": "", "passkey_elsewhere": ""}
    if signing_queries.key_of(actor.person) is not None:
        return nothing
    if not passkeys.domain_fits(request):
        return nothing | {"passkey_elsewhere": settings.LOTBOOK_PASSKEY_DOMAIN}
    user: Any = request.user
    options = passkeys.creation_options(
        request, actor, name=user.get_username(), printed=user.get_full_name()
    )
    return nothing | {"passkey_options": options}


def _keys(request: HttpRequest, *, refused: Any = None, about: str = "") -> HttpResponse:
    role = actor_of(request).role
    waiting, standing = list(signing_queries.waiting_keys()), list(signing_queries.standing_keys())
    ended = list(signing_queries.ended_keys())
    people = {row.person for row in (*waiting, *standing, *ended)}
    people |= {row.confirmed_by for row in standing} | {row.withdrawn_by for row in ended}
    names = ports.printed_names(people)

    def shown(row: Any, form: Any) -> dict[str, Any]:
        mine = refused is not None and row.person == about and isinstance(refused, type(form))
        by = row.withdrawn_by or row.confirmed_by
        return {
            "key": row,
            "name": names.get(row.person) or row.person,
            "by": names.get(by) or by,
            "form": refused if mine else form,
            "open": mine,
        }

    def confirm_form(row: Any) -> ConfirmForm:
        return ConfirmForm(initial={"person": row.person}, auto_id=f"confirm_{row.person}_%s")

    def withdraw_form(row: Any) -> WithdrawForm:
        return WithdrawForm(auto_id=f"withdraw_{row.person}_%s")

    context = {
        "waiting": [shown(row, confirm_form(row)) for row in waiting],
        "standing": [shown(row, withdraw_form(row)) for row in standing],
        "ended": [shown(row, withdraw_form(row)) for row in ended],
        "stray": refused if refused is not None and about not in people else None,
        "may_confirm": role in commands.CONFIRMERS,
        "may_withdraw": role == SYSTEM_ADMINISTRATOR,
    }
    status = 422 if refused is not None else 200
    return render(request, "personnel/signing_keys.html", context, status=status)
