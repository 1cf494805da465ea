"""Who is acting in a web request: the signed-in account, and the terminal it sits at."""

from __future__ import annotations

import re

from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse

from ledger.event import Actor
from personnel.commands import new_id
from personnel.terminal import NOWHERE

COOKIE = "lotbook_terminal"
SALT = "personnel.terminal"
SESSION = "lotbook_session"
TEN_YEARS = 10 * 365 * 24 * 3600
_TERMINAL = re.compile(r"t-[a-z0-9]{5}")


def actor_of(request: HttpRequest) -> Actor:
    """The actor of a signed-in request. The role is the session's: see personnel/presence.py."""
    user = request.user
    if not user.is_authenticated:
        raise PermissionError("Nobody is signed in.")
    return Actor(person=user.person, role=user.role, terminal=terminal_of(request))


def terminal_of(request: HttpRequest) -> str:
    """The terminal's id from its signed cookie; `t-unknown` when it carries none."""
    value = request.get_signed_cookie(COOKIE, default="", salt=SALT) or ""
    return value if _TERMINAL.fullmatch(value) else NOWHERE


def named_terminal(request: HttpRequest) -> str:
    """The terminal's id, or a new one for a browser that has none yet."""
    known = terminal_of(request)
    return new_id("t") if known == NOWHERE else known


def name_terminal(response: HttpResponse, terminal: str, *, secure: bool) -> HttpResponse:
    """Leave the terminal's id in the browser, signed, so that nobody can sit at another one."""
    response.set_signed_cookie(
        COOKIE,
        terminal,
        salt=SALT,
        max_age=TEN_YEARS,
        httponly=True,
        secure=secure,
        samesite="Lax",
    )
    return response


def keep_after_password_change(request: HttpRequest) -> None:
    """Stay signed in here with the new password; any other browser of this account is out."""
    user = request.user
    if user.is_authenticated:
        user.refresh_from_db(fields=["password"])
        update_session_auth_hash(request, user)
