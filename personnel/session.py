"""Who is acting in a web request, at which terminal, and the page it goes back to."""

from __future__ import annotations

import inspect
import re
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.utils.http import url_has_allowed_host_and_scheme

from ledger.event import Actor
from personnel.commands import new_id
from personnel.terminal import NOWHERE

COOKIE = "lotbook_terminal"
SALT = "personnel.terminal"
SESSION = "lotbook_session"
SAFE = ("GET", "HEAD", "OPTIONS")
TEN_YEARS = 10 * 365 * 24 * 3600
_TERMINAL = re.compile(r"t-[a-z0-9]{5,8}")


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


def way_back(request: HttpRequest) -> str:
    """The page that was being looked at: asked for now, or the one that sent this."""
    htmx: Any = getattr(request, "htmx", None)
    if htmx:
        return page_at(request, htmx.current_url or "")
    if request.method in SAFE:
        return request.get_full_path()
    return page_at(request, request.headers.get("Referer", "")) or page_at(request, request.path)


def page_at(request: HttpRequest, address: str) -> str:
    """The page at an address of this site, or the nearest page above it; empty where none is.

    What a form was sent to, such as /equipment/CF-02/entries/, shows nothing when it is opened:
    the page above it, /equipment/CF-02/, is where the form stands.
    """
    if not url_has_allowed_host_and_scheme(
        address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        return ""
    parts = urlsplit(address)
    path = parts.path
    if _is_page(path):
        return f"{path}?{parts.query}" if parts.query else path
    while path.strip("/"):
        path = path.rstrip("/").rpartition("/")[0] + "/"
        if _is_page(path):
            return path
    return ""


def _is_page(path: str) -> bool:
    try:
        return takes_get(resolve(path).func)
    except Resolver404:
        return False


def takes_get(view: Any) -> bool:
    """Whether a view answers GET, as Django's own require_http_methods around it says."""
    while view is not None:
        allowed = inspect.getclosurevars(view).nonlocals.get("request_method_list")
        if allowed is not None:
            return "GET" in allowed
        view = getattr(view, "__wrapped__", None)
    return True


def keep_after_password_change(request: HttpRequest) -> None:
    """Stay signed in here with the new password; any other browser of this account is out."""
    user = request.user
    if user.is_authenticated:
        user.refresh_from_db(fields=["password"])
        update_session_auth_hash(request, user)
