"""The machine's health, and the pages that say what went wrong and what to do next."""

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import REASON_NO_CSRF_COOKIE
from django.shortcuts import render

from personnel.session import page_at


@login_not_required
def health(request: HttpRequest) -> JsonResponse:
    """Whether this process can answer and reach its database. No facts about the facility."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"status": "database away"}, status=503)
    return JsonResponse({"status": "ok"})


@login_not_required
def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: what was sent could not be read; 413: it was more than is taken at once."""
    if isinstance(exception, RequestDataTooBig):
        return render(request, "413.html", {"back": _back(request)}, status=413)
    return render(request, "400.html", status=400)


@login_not_required
def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403: this person may not."""
    return render(request, "403.html", status=403)


@login_not_required
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: the form is from before the last sign-in here, or from elsewhere. Nothing was done."""
    context = {
        "back": _back(request),
        "no_cookie": reason == REASON_NO_CSRF_COOKIE,
        "elsewhere": reason.startswith(("Origin", "Referer")),
    }
    return render(request, "403_csrf.html", context, status=403)


@login_not_required
def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: nothing at this address."""
    return render(request, "404.html", status=404)


@login_not_required
def server_error(request: HttpRequest) -> HttpResponse:
    """500: our fault; nothing that was acknowledged is lost."""
    return render(request, "500.html", status=500)


def _back(request: HttpRequest) -> str:
    """The page that the form stood on."""
    return page_at(request, request.headers.get("Referer", "")) or page_at(request, request.path)
