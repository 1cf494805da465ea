"""The middleware that knows whether who signed in is still there: session, role, idle lock.

A session that was ended from elsewhere ends here; one that nobody touched for a while asks for the
password again, and gives back what was just sent.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import auth, messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from ledger import clock
from ledger.event import Refused
from personnel import commands, queries, session, stay
from personnel.models import SessionRow

SEEN = "lotbook_seen"
MUST_CHANGE = "lotbook_must_change"
TOUCHED_AGAIN = 30  # seconds within which a touch is not written down anew
SECRET = {"password", "secret", "pin", "old", "again", "csrfmiddlewaretoken"}
_WORDS = re.compile(r"[A-Za-z]+")
Answer = Callable[[HttpRequest], HttpResponse]


class PresenceMiddleware:
    """Stands before every page; leaves alone who is not signed in."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = request.session.get(session.SESSION)
        if not began:
            return self.get_response(request)
        row = queries.session(began)
        if not request.user.is_authenticated:  # whose account was closed is nobody any more
            return _ended(request, row)
        if row is None or row.ended_at is not None or not request.user.is_active:
            return _ended(request, row)
        if not row.may_stay:  # type: ignore[attr-defined]
            return _ended(request, row, why=stay.NO_ROLE_LEFT)
        request.user.role = row.role  # in this request alone: a session acts in one role
        request.acting = row  # type: ignore[attr-defined]
        if request.path in _open_while_locked():
            return self.get_response(request)
        if row.locked_at is not None or _is_idle(request):
            return _lock(request, row)
        touch(request)
        if request.session.get(MUST_CHANGE) and request.path != reverse("personnel:password"):
            return _first_the_password(request)
        return self.get_response(request)


def touch(request: HttpRequest, *, anew: bool = False) -> None:
    """A person did something now. What a page does by itself is no touch."""
    now = int(clock.now().timestamp())
    by_itself = request.method == "GET" and _by_script(request)
    if request.path.startswith("/api/") or (by_itself and not anew):
        return
    if anew or now - request.session.get(SEEN, 0) >= TOUCHED_AGAIN:
        request.session[SEEN] = now


def _by_script(request: HttpRequest) -> bool:
    """Whether a page read this, and no person went there (browsers tell since 2020)."""
    mode = request.headers.get("Sec-Fetch-Mode", "navigate")
    return bool(request.headers.get("HX-Request")) or mode != "navigate"


def carried(request: HttpRequest) -> str:
    """What was typed, as the lock page keeps it: fields and values, without secrets."""
    if request.method != "POST":
        return ""
    fields = [
        (name, value)
        for name, values in request.POST.lists()
        if not SECRET & set(_WORDS.findall(name.lower()))
        for value in values
    ]
    return json.dumps(fields)


def _open_while_locked() -> set[str]:
    return {reverse(f"personnel:{name}") for name in ("unlock", "sign_out", "sign_in")}


def _is_idle(request: HttpRequest) -> bool:
    seen = request.session.get(SEEN)
    limit = settings.LOTBOOK_IDLE_MINUTES * 60
    return seen is not None and clock.now().timestamp() - seen >= limit


def _ended(request: HttpRequest, row: SessionRow | None, *, why: str = "") -> HttpResponse:
    """Somebody else's doing: say which, and begin again at the door."""
    auth.logout(request)
    told = {
        stay.ELSEWHERE: _("You signed in at another terminal, so you were signed out here."),
        stay.AGAIN: _("You signed in a second time, so your first session ended."),
        stay.CLOSED: _("Your account was closed. Ask the system administrator."),
        stay.NO_ROLE_LEFT: _(
            "You hold no role any more, or its time is over, so you were signed out. Ask the"
            " system administrator."
        ),
    }
    ended = why or (row.ended_why if row else "")
    said = told.get(ended, _("Your session ended. Sign in again."))
    if request.method not in session.SAFE and request.path != reverse("personnel:sign_out"):
        said += " " + _("What you just sent was not recorded.")
    messages.warning(request, said)
    door, back = reverse("personnel:sign_in"), session.way_back(request)
    if request.path == door:
        door = request.get_full_path()  # it says already where to go on
    elif back and request.path not in _open_while_locked():
        door = f"{door}?{urlencode({'next': back})}"
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": door})
    return redirect(door)


def _lock(request: HttpRequest, row: SessionRow) -> HttpResponse:
    if row.locked_at is None:
        minutes = settings.LOTBOOK_IDLE_MINUTES
        with contextlib.suppress(
            Refused
        ):  # a role withdrawn meanwhile: the page locks all the same
            commands.lock_session(
                session=row.session, minutes=minutes, actor=session.actor_of(request)
            )
    if request.path.startswith("/api/"):
        detail = _("This session is locked. Unlock it in the browser.")
        return JsonResponse({"detail": detail}, status=423)
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Trigger": "lotbook-locked"})
    return lock_page(request)


def lock_page(
    request: HttpRequest,
    *,
    address: str = "",
    kept: str | None = None,
    error: str = "",
    status: int = 423,
) -> HttpResponse:
    """The page that asks the same person for the password, and keeps what was sent."""
    context = {
        "address": address or request.get_full_path(),
        "carried": carried(request) if kept is None else kept,
        "error": error,
        "minutes": settings.LOTBOOK_IDLE_MINUTES,
        "by_click": settings.DEMO and request.user.is_demo,  # type: ignore[union-attr]
        "locked": True,
    }
    return render(request, "personnel/locked.html", context, status=status)


def _first_the_password(request: HttpRequest) -> HttpResponse:
    query = urlencode({"next": request.get_full_path() if request.method == "GET" else "/"})
    return redirect(f"{reverse('personnel:password')}?{query}")
