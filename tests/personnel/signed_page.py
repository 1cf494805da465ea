"""A room's page with a signature, as small as can be: the tests of signing post to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import include, path

from equipment import unit as units
from equipment.unit import LogbookEntryMade
from ledger import command as commands
from ledger.command import Act, command
from ledger.event import Refused
from ledger.signature import Meaning
from personnel import signing
from personnel.roles import ROLES
from personnel.session import actor_of

NAME = "trial.signed_entry"
_asked: dict[str, Any] = {}
PAGE = """{% extends "base.html" %}{% block title %}Entry{% endblock %}{% block content %}
<h1>Entry</h1><form method="post">{% csrf_token %}
{% if error %}<p role="alert">{{ error }}</p>{% endif %}
<input type="hidden" name="command_id" value="{{ command_id }}">
<label for="text">Text</label><input id="text" name="text" value="{{ text }}">
{% include "components/sign.html" with meaning="performed" %}<button>Sign</button>
</form>{% endblock %}"""


def page(request: HttpRequest) -> HttpResponse:
    text, error = request.POST.get("text", ""), ""
    if request.method == "POST":
        ask, sent = _asked[NAME], request.POST.get("command_id")
        try:
            ask(
                text=text,
                actor=actor_of(request),
                signature=signing.credentials(request),
                command_id=UUID(sent) if sent else None,
            )
            return HttpResponse("recorded")
        except Refused as refused:
            error = str(refused)
    found = (
        engines["django"]
        .from_string(PAGE)
        .render({"error": error, "text": text, "command_id": uuid4()}, request)
    )
    return HttpResponse(found, status=422 if error else 200)


@contextmanager
def declared() -> Iterator[object]:
    """The command exists while inside."""

    @command(NAME, role=ROLES, signature=Meaning.PERFORMED)
    def signed_entry(act: Act, *, text: str) -> None:
        if text == "out of order":
            raise Refused("Another step comes first.", code="order")
        unit = f"U-{str(act.command_id)[-12:]}"
        act.load("equipment", unit, units.INITIAL, units.evolve)
        act.record("equipment", unit, [LogbookEntryMade(unit=unit, entry=1, text=text)])

    _asked[NAME] = signed_entry
    try:
        yield signed_entry
    finally:
        commands.commands().pop(NAME)


urlpatterns = [path("trial/", page), path("", include("config.urls"))]
handler400 = "config.views.bad_request"
handler403 = "config.views.forbidden"
handler404 = "config.views.not_found"
handler500 = "config.views.server_error"
