"""Sign-in and sign-out."""

from __future__ import annotations

import logging
from urllib.parse import urlencode
from uuid import uuid4

from django.conf import settings
from django.contrib import auth
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ledger import store
from ledger.event import Actor, Refused
from personnel import commands, queries, session
from personnel.forms import SignInForm
from personnel.models import Account

say = logging.getLogger(__name__)
# A person whose account was closed, or whose session ended elsewhere, still gets out in silence.
GONE = ("no_account", "session_ended")
TROUBLE = tuple(kind.code for kind in (store.DiskFull, store.ClockApart, store.Away))
BACKEND = "django.contrib.auth.backends.ModelBackend"


@login_not_required
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    form = SignInForm(request.POST if request.method == "POST" else None)
    terminal = session.named_terminal(request)
    if request.method != "POST":
        if request.user.is_authenticated:
            return redirect(_next(request))
        return _page(request, form, terminal=terminal)
    if not form.is_valid():
        return _page(request, form, terminal=terminal, status=422)
    username = form.cleaned_data["username"]
    account = auth.authenticate(request, username=username, password=form.cleaned_data["password"])
    try:
        if isinstance(account, Account):
            return _enter(request, account, terminal=terminal)
        _turn_away(username, terminal=terminal)
    except Refused as refused:
        form.add_error(None, _sentence(refused))
        return _page(request, form, terminal=terminal, status=_status(refused))
    # One sentence for all three causes: which names exist is nobody's business at the door.
    form.add_error(
        None, _("This name and password do not open an account. Check both and try again.")
    )
    return _page(request, form, terminal=terminal, status=422)


@login_not_required
@never_cache
@require_POST
def sign_in_demo(request: HttpRequest) -> HttpResponse:
    """One click signs a demo person in; only a demo has this door."""
    if not settings.DEMO:
        raise Http404
    account = get_object_or_404(queries.demo_accounts(), pk=request.POST.get("account", ""))
    terminal = session.named_terminal(request)
    try:
        return _enter(request, account, terminal=terminal)
    except Refused as refused:
        told = {"demo_refused": _sentence(refused)}
        return _page(request, SignInForm(), terminal=terminal, status=_status(refused), **told)


@never_cache
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session. Whoever leaves is out in any case, and reads it if the trail lacks it."""
    began = request.session.get(session.SESSION)
    terminal, refused = session.named_terminal(request), None
    try:
        if began:
            commands.sign_out(session=began, actor=session.actor_of(request))
    except Refused as no:
        refused = no if no.code not in GONE else None
    auth.logout(request)
    if refused is None:
        return redirect("personnel:sign_in")
    say.error("The end of session %s is not on the trail: %s", began, refused)
    told = {"left_unrecorded": _sentence(refused)}
    return _page(request, SignInForm(), terminal=terminal, status=_status(refused), **told)


@login_not_required
@require_safe
def admin_sign_in(request: HttpRequest) -> HttpResponse:
    """There is one door, and it is on the trail. Who came in by it and may not look is told so."""
    if request.user.is_authenticated:
        raise PermissionDenied
    query = urlencode({"next": request.GET.get("next", reverse("admin:index"))})
    return redirect(f"{reverse('personnel:sign_in')}?{query}")


def admin_password(request: HttpRequest) -> HttpResponse:
    """Nobody changes a password here: that it changed would not be on the trail."""
    raise Http404


def _enter(request: HttpRequest, account: Account, *, terminal: str) -> HttpResponse:
    began = str(uuid4())  # not the browser's session key, which is a secret
    actor = Actor(person=account.person, role=account.role, terminal=terminal)
    commands.sign_in(session=began, account=account.pk, actor=actor)
    auth.login(request, account, backend=BACKEND)
    request.session[session.SESSION] = began
    return session.name_terminal(
        redirect(_next(request)), terminal, secure=settings.SESSION_COOKIE_SECURE
    )


def _turn_away(username: str, *, terminal: str) -> None:
    account, why = queries.why_turned_away(username)
    commands.refuse_sign_in(
        session=str(uuid4()), account=account, why=why, actor=commands.door(terminal)
    )


def _sentence(refused: Refused) -> str:
    return _(refused.template).format(**refused.params)


def _status(refused: Refused) -> int:
    """503 where the server cannot do its part, 422 where the person has to do another thing."""
    return 503 if refused.code in TROUBLE else 422


def _page(
    request: HttpRequest, form: SignInForm, *, terminal: str, status: int = 200, **told: str
) -> HttpResponse:
    context = {
        **told,
        "form": form,
        "next": request.POST.get("next", request.GET.get("next", "")),
        "people": queries.demo_people() if settings.DEMO else [],
    }
    response = render(request, "personnel/sign_in.html", context, status=status)
    return session.name_terminal(response, terminal, secure=settings.SESSION_COOKIE_SECURE)


def _next(request: HttpRequest) -> str:
    wanted = request.POST.get("next", request.GET.get("next", ""))
    return session.page_at(request, wanted) or settings.LOGIN_REDIRECT_URL
