"""Pages of a session: the lock and its key, the role one acts in, one's own password."""

from __future__ import annotations

import json
from uuid import uuid4

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from ledger.event import Actor, Refused
from personnel import account as accounts
from personnel import commands, presence, queries, session
from personnel.forms import OwnPasswordForm
from personnel.roles import ROLES, label

MOST_CARRIED = 500  # fields


@never_cache
@sensitive_post_parameters("password")
@require_POST
def unlock(request: HttpRequest) -> HttpResponse:
    """Go on after the lock: the same person, by password; what had been sent comes back."""
    address, kept = _own_address(request, field="address"), request.POST.get("carried", "")
    why = _why_not_in(request)
    if why:
        return presence.lock_page(request, address=address, kept=kept, error=why, status=422)
    row = request.acting  # type: ignore[attr-defined]
    if row.locked_at is not None:
        try:
            commands.unlock_session(session=row.session, actor=session.actor_of(request))
        except Refused as refused:
            why = _(refused.template).format(**refused.params)
            return presence.lock_page(request, address=address, kept=kept, error=why, status=422)
    request.session.cycle_key()  # a series of signatures does not go on over a lock
    presence.touch(request, anew=True)
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Trigger": "lotbook-unlocked"})
    fields = _fields(kept)
    if fields:
        context = {"address": address, "fields": fields}
        return render(request, "personnel/send_again.html", context)
    return redirect(session.page_at(request, address) or "/")


@require_POST
def still_here(request: HttpRequest) -> HttpResponse:
    """The page tells that somebody types or touches. Nothing is recorded; the lock waits longer."""
    return HttpResponse(status=204)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def role(request: HttpRequest) -> HttpResponse:
    """Choose the role to act in, among those one holds."""
    me = request.user.person  # type: ignore[union-attr]
    wanted = request.POST.get("role", "")
    error = ""
    row = getattr(request, "acting", None)
    if request.method == "POST" and row is not None and wanted in ROLES:
        terminal = session.terminal_of(request)
        try:
            commands.take_role(session=row.session, actor=Actor(me, wanted, terminal))
        except Refused as refused:
            error = _(refused.template).format(**refused.params)
        else:
            request.session.cycle_key()
            messages.success(request, _("You act as %(role)s now.") % {"role": _(label(wanted))})
            return redirect(_own_address(request))
    context = {
        "held": queries.role_names(me),
        "acting": request.user.role,  # type: ignore[union-attr]
        "error": error,
        "next": _own_address(request),
        "may_sign": queries.may_sign(me),
    }
    return render(request, "personnel/role.html", context, status=422 if error else 200)


@never_cache
@sensitive_post_parameters("old", "new", "again")
@require_http_methods(["GET", "HEAD", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """Take a password of one's own; after a one-time one, before anything else."""
    form = OwnPasswordForm(request.POST if request.method == "POST" else None, user=request.user)
    if form.is_valid() and _choose(request, form):
        messages.success(request, _("Your password is changed. Nobody else knows it."))
        return redirect(_own_address(request))
    if form.is_bound and "old" in form.errors and (trouble := _wrong_password(request)):
        form.add_error(None, trouble)
    context = {
        "form": form,
        "first": bool(request.session.get(presence.MUST_CHANGE)),
        "next": _own_address(request),
    }
    status = 422 if form.is_bound else 200
    return render(request, "personnel/password.html", context, status=status)


def _choose(request: HttpRequest, form: OwnPasswordForm) -> bool:
    try:
        commands.choose_password(
            account=request.user.pk,
            verifier=make_password(form.cleaned_data["new"]),
            actor=session.actor_of(request),
        )
    except Refused as refused:
        form.add_error(None, _(refused.template).format(**refused.params))
        return False
    request.session.pop(presence.MUST_CHANGE, None)
    session.keep_after_password_change(request)
    return True


def _why_not_in(request: HttpRequest) -> str:
    """Empty where the person has shown to be the same, else the sentence for the lock page."""
    user = request.user
    if settings.DEMO and user.is_demo:  # type: ignore[union-attr]
        return ""
    state = queries.standing(str(user.pk))
    if queries.is_locked(state):
        return _("This account is locked after wrong passwords. Sign out; try again later.")
    if user.check_password(request.POST.get("password", "")):
        return ""
    return _wrong_password(request) or _(
        "This is not the password of %(name)s. Type it again, or sign out."
    ) % {
        "name": user.get_full_name()  # type: ignore[union-attr]
    }


def _wrong_password(request: HttpRequest) -> str:
    """Counts like one at the sign-in page, and may lock the account. Why it could not, if so."""
    account = str(request.user.pk)
    if queries.is_locked(queries.standing(account)):
        return ""
    try:
        commands.refuse_sign_in(
            session=str(uuid4()),
            account=account,
            why=accounts.WRONG_PASSWORD,
            actor=commands.door(session.terminal_of(request)),
        )
    except Refused as refused:
        return _(refused.template).format(**refused.params)
    return ""


def _own_address(request: HttpRequest, *, field: str = "next") -> str:
    """An address of ours that the request names, else the start page."""
    wanted = request.POST.get(field, request.GET.get(field, ""))
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if safe and wanted.startswith("/") else "/"


def _fields(kept: str) -> list[tuple[str, str]]:
    """What the lock page carried. It came from this person's own browser and goes back there."""
    try:
        found = json.loads(kept) if kept else []
        fields = [(str(name), str(value)) for name, value in found[:MOST_CARRIED]]
    except (TypeError, ValueError):
        return []
    return fields
