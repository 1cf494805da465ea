"""Pages of the devices that act over the API: permit one, draw its token once, revoke it."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from ledger import asking
from ledger.event import Refused
from personnel import device_commands as commands
from personnel import device_queries, queries
from personnel.commands import new_id
from personnel.device import ACTING
from personnel.device_forms import PermitForm
from personnel.models import DeviceRow
from personnel.roles import label
from personnel.session import actor_of

_FIELDS = {"name": "name", "role": "role", "no_account": "person"}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def devices(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _page(request)
    form = PermitForm(request.POST, people=_people())
    if not form.is_valid():
        form.renew()
        return _page(request, form=form)
    asked = {name: form.cleaned_data[name] for name in ("name", "person", "role")}
    if _ask(request, form, commands.permit, device=new_id("d"), **asked):
        messages.success(request, _("The device is permitted. They draw its token themselves."))
        return redirect("personnel:devices")
    return _page(request, form=form)


@never_cache
@require_POST
def draw(request: HttpRequest, device: str) -> HttpResponse:
    """The token stands on this answer and nowhere else."""
    _existing(device)
    token = secrets.token_urlsafe(32)
    form = asking.AskForm(request.POST)
    digest = device_queries.digest_of(token)
    if form.is_valid() and _ask(request, form, commands.draw, device=device, token_sha256=digest):
        return _page(request, token=token)
    return _page(request, refused=form)


@never_cache
@require_POST
def revoke(request: HttpRequest, device: str) -> HttpResponse:
    _existing(device)
    form = asking.AskForm(request.POST)
    why = request.POST.get("reason", "")
    if form.is_valid() and _ask(request, form, commands.revoke, device=device, reason=why):
        messages.success(request, _("The device is revoked; its token opens nothing any more."))
        return redirect("personnel:devices")
    return _page(request, refused=form, why=why)


def _ask(request: HttpRequest, form: asking.AskForm, ask: Callable[..., Any], **asked: Any) -> bool:
    command_id = form.cleaned_data["command_id"]
    try:
        ask(**asked, command_id=command_id, actor=actor_of(request))
    except Refused as refused:
        name = _FIELDS.get(refused.code)
        form.add_error(name if name in form.fields else None, asking.told(refused))
        if refused.code != "away":  # then the same sending must be known again
            form.renew()
        return False
    return True


def _page(
    request: HttpRequest,
    *,
    form: PermitForm | None = None,
    refused: asking.AskForm | None = None,
    token: str = "",
    why: str = "",
) -> HttpResponse:
    actor = actor_of(request)
    rows = device_queries.seen_by(actor.person, actor.role)
    names = queries.printed_names({row.person for row in rows})
    failed = form is not None or refused is not None
    context = {
        "rows": [(row, names.get(row.person, row.person), _(label(row.role))) for row in rows],
        "own": actor.person,
        "may_permit": actor.role in commands.permit.spec.roles,  # type: ignore[attr-defined]
        "form": form or PermitForm(people=_people()),
        "refused": refused,
        "blank": asking.AskForm(),
        "token": token,
        "why": why,
        "failed": failed,
    }
    return render(request, "personnel/devices.html", context, status=422 if failed else 200)


def _people() -> list[tuple[str, str]]:
    """Everybody who holds a role in which a device may act."""
    held = queries.held_by_all()
    people = [person for person, roles in held.items() if set(roles) & set(ACTING)]
    names = queries.printed_names(people)
    return sorted(((one, names.get(one, one)) for one in people), key=lambda pair: pair[1])


def _existing(device: str) -> None:
    if not DeviceRow.objects.filter(device=device).exists():
        raise Http404
