"""A page with one form: it sends what was typed to a command, and shows its no beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from batches.order_forms import MatterForm
from batches.views import may
from personnel.signing import credentials

SECRETS = ("signing_name", "signing_secret", "signing_pin")
Crumb = tuple[str, str]


@dataclass(frozen=True)
class FormPage:
    """What a page with one form says, and where it leads."""

    title: str
    submit: str
    back: str
    done: str
    crumbs: list[Crumb] = field(default_factory=list)
    lead: str = ""
    whose: str = ""  # whom the command is for, where the reader may not send it
    notice: str = ""
    look: str = ""  # the address at which two identifiers are shown
    offered: list[str] = field(default_factory=list)  # what a field with this list suggests
    danger: bool = False
    to: str = ""  # where to go when it is done; else back


def form_page(
    request: HttpRequest,
    form: MatterForm,
    ask: Callable[..., Any],
    page: FormPage,
    **fixed: object,
) -> HttpResponse:
    """Show the form, or send it. `fixed` is what the address says already."""
    spec = ask.spec  # type: ignore[attr-defined]
    if form.is_valid():
        asked = {**form.sent(), **fixed}
        if spec.meaning is not None:
            asked["signature"] = credentials(request)
        if form.ask(request, ask, **asked):
            messages.success(request, page.done)
            return redirect(page.to or page.back)
    context = {
        "form": form,
        "page": page,
        "meaning": spec.meaning,
        "may": may(request, ask),
        "multipart": form.is_multipart(),
    }
    status = 422 if form.is_bound else 200
    return render(request, "batches/orders/form.html", context, status=status)


def bound(request: HttpRequest, form: type[MatterForm], **given: Any) -> MatterForm:
    """The form with what was sent, or blank."""
    if request.method == "POST":
        return form(request.POST, request.FILES, **given)
    return form(**given)
