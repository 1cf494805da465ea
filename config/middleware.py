"""What stands between every request and its view."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from personnel.session import SAFE, page_at, way_back


class SignInRequired(LoginRequiredMiddleware):
    """Whoever is not signed in goes to the door, learns what was lost, and comes back to the page.

    A form that was sent cannot be opened again, so the way back leads to the page it stood on; a
    part of a page that reads itself again takes the whole page to the door.
    """

    def handle_no_permission(  # type: ignore[override]  # htmx is led on by a header
        self, request: HttpRequest, view_func: Any
    ) -> HttpResponse:
        door = resolve_url(self.get_login_url(view_func))
        leaving = (
            request.resolver_match and request.resolver_match.view_name == "personnel:sign_out"
        )
        if request.method not in SAFE and not leaving:
            messages.warning(
                request,
                _(
                    "Your session ended. What you just sent was not recorded: sign in, and send it"
                    " again."
                ),
            )
        asked = {self.get_redirect_field_name(view_func): way_back(request)}
        address = f"{door}?{urlencode(asked, safe='/')}"
        if getattr(request, "htmx", False):
            return HttpResponseClientRedirect(address)
        return redirect(address)


def wrong_method_page(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """An address that was opened the wrong way answers with a page, not with an empty one."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.status_code != 405 or response.content:
            return response
        page = render(request, "405.html", {"back": page_at(request, request.path)}, status=405)
        page["Allow"] = response["Allow"]
        return page

    return answer
