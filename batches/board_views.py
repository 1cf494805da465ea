"""The home of the floor: the room board, and whether a batch is ready to begin."""

from __future__ import annotations

import re
from hashlib import sha256

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from batches import board_queries, commands, queries
from batches.views import may
from ledger import clock
from personnel.session import actor_of

NOW = re.compile(rb'data-now="[^"]*"')


@require_safe
def board(request: HttpRequest) -> HttpResponse:
    """Rooms, batches, clocks. It reads itself again; where nothing changed nothing is sent."""
    mine = request.GET.get("mine") == "1"
    context = {
        "places": board_queries.board(actor_of(request), mine=mine),
        "mine": mine,
        "now": clock.now(),
        "may_open": may(request, commands.open_batch),
    }
    if not request.headers.get("HX-Request"):
        return render(request, "batches/board.html", context)
    answer = render(request, "batches/board_places.html", context)
    shown = NOW.sub(b"", answer.content)  # the time of the answer alone is no change
    tag = f'"{sha256(shown).hexdigest()[:32]}"'
    if request.headers.get("If-None-Match") == tag:
        return HttpResponse(status=304, headers={"ETag": tag})
    answer["ETag"] = tag
    return answer


@require_safe
def ready(request: HttpRequest, number: str) -> HttpResponse:
    """Green and red before the work begins, each with the way out."""
    line = queries.batch(number)
    if line is None:
        raise Http404
    parts = board_queries.readiness(line)
    context = {
        "batch": line,
        "parts": parts,
        "missing": sum(len(part.checks) - part.ready for part in parts),
    }
    return render(request, "batches/ready.html", context)
