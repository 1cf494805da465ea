"""Where somebody goes after signing in: to the page they came from."""

from __future__ import annotations

import inspect
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest
from django.urls import Resolver404, resolve
from django.utils.http import url_has_allowed_host_and_scheme


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
