"""Sign-in and sign-out."""

from __future__ import annotations

import logging
from urllib.parse import urlencode
from uuid import uuid4

from django.conf import settings
from django.contrib import auth
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.hashers import make_password
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render, resolve_url
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ledger import ids, store
from ledger.event import Actor, Refused, marked
from personnel import commands, presence, queries, session
from personnel.account import NO_ROLE, WRONG_PASSWORD
from personnel.forms import SignInForm
from personnel.models import Account

say = logging.getLogger(__name__)
# A person whose account was closed, or whose session ended elsewhere, still gets out in silence.
GONE = ("no_account", "session_ended")
TROUBLE = tuple(kind.code for kind in (store.DiskFull, store.ClockApart, store.Away))
NOTHING_TO_DO = marked(
    "You hold no role now, so there is nothing to do here. Ask the administrator."
)
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
    username, password = form.cleaned_data["username"], form.cleaned_data["password"]
    try:
        if _door_shut(username, terminal=terminal):
            make_password(password)  # as long as a look at the password takes
        else:
            account = auth.authenticate(request, username=username, password=password)
            if isinstance(account, Account):
                return _enter(request, account, terminal=terminal)
            _turn_away(username, terminal=terminal)
    except Refused as refused:
        if refused.code != "nothing":  # a locked door that somebody else tried just now
            form.add_error(None, _sentence(refused))
            return _page(request, form, terminal=terminal, status=_status(refused))
    # One sentence for all causes: which names exist is nobody's business at the door.
    form.add_error(
        None,
        _(
            "This name and password do not open an account. Check both and try again. After five"
            " wrong passwords within 15 minutes an account stays locked for 15 minutes; a system"
            " administrator can unlock it."
        ),
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
    began, terminal = request.session.get(session.SESSION), session.named_terminal(request)
    refused = _leave(request)  # whose role was withdrawn still gets out
    auth.logout(request)
    if refused is None or refused.code in GONE:
        out = redirect("personnel:sign_in")
        out["Clear-Site-Data"] = '"cache"'  # the way back leads to no page of who was in
        return out
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
    role = queries.role_to_begin(account)
    if not role:
        commands.refuse_sign_in(
            session=began, account=account.pk, why=NO_ROLE, actor=commands.door(terminal)
        )
        raise Refused(NOTHING_TO_DO, code="no_role")
    _leave(request)
    actor = Actor(person=account.person, role=role, terminal=terminal)
    commands.sign_in(session=began, account=account.pk, actor=actor)
    auth.login(request, account, backend=BACKEND)
    request.session[session.SESSION] = began
    state = queries.standing(account.pk)
    request.session[presence.MUST_CHANGE] = bool(state and state.must_change)
    presence.touch(request, anew=True)
    return session.name_terminal(
        redirect(_first(request, account)), terminal, secure=settings.SESSION_COOKIE_SECURE
    )


def _leave(request: HttpRequest) -> Refused | None:
    """Whoever was signed in at this browser leaves it, and the trail says so, or why it cannot."""
    began = request.session.get(session.SESSION)
    if began and request.user.is_authenticated:
        try:
            commands.sign_out(session=began, actor=session.actor_of(request))
        except Refused as refused:
            return refused
    return None


def _first(request: HttpRequest, account: Account) -> str:
    """Where to go first: who holds several roles says which one this session acts in."""
    wanted = _next(request)
    if len(queries.roles_of(account.person)) < 2:
        return wanted
    query = urlencode({"next": resolve_url(wanted)})
    return f"{reverse('personnel:role')}?{query}"


def _door_shut(username: str, *, terminal: str) -> bool:
    """Whether the account is locked: no password is looked at then, and one line kept a lock."""
    account, _why = queries.why_turned_away(username)
    state = queries.standing(account)
    if state is None or not queries.is_locked(state):
        return False
    if not state.tried_since:
        commands.refuse_sign_in(
            session=str(uuid4()),
            account=account,
            why=WRONG_PASSWORD,
            actor=commands.door(terminal),
            command_id=ids.derived_id("locked", account, state.locked_at),
        )
    return True


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
