"""A master batch record as a file, the schema it fits, and two versions side by side."""

from __future__ import annotations

import json

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from batches import recipe_pictures, recipe_queries
from batches.attachment import media_type_of
from batches.recipe_diff import compare
from batches.recipe_json import FORMAT, schema
from batches.recipe_views import found
from ledger import blobs, clock


@require_safe
def export(request: HttpRequest, number: str, version: int) -> HttpResponse:
    """The whole record as JSON: imported again it is the same, to the hash."""
    row, state = found(number, version)
    name = f"{row.recipe}-v{row.version}.json"
    told = {"$schema": FORMAT, **state.document}
    if shown := state.document.get("pictures"):
        told[recipe_pictures.FILES] = recipe_pictures.packed(shown)
    answer = HttpResponse(_json(told), content_type="application/json; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@require_safe
def picture(request: HttpRequest, number: str, version: int, digest: str) -> HttpResponse:
    """A picture of the record, by the hash that its content names."""
    _row, state = found(number, version)
    name = f"sha256:{digest}"
    if name not in {line["blob"] for line in state.document.get("pictures", ())}:
        raise Http404
    content = blobs.get(name)
    answer = HttpResponse(content, content_type=media_type_of(content))
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["Cache-Control"] = "private, max-age=31536000, immutable"
    return answer


@require_safe
def published(request: HttpRequest) -> HttpResponse:
    """The JSON Schema of an exported record."""
    return HttpResponse(_json(schema()), content_type="application/schema+json; charset=utf-8")


@require_safe
def difference(request: HttpRequest, number: str, version: int, other: int) -> HttpResponse:
    """This version beside an earlier one: words, limits, order."""
    row, state = found(number, version)
    before_row, before = found(number, other)
    if version == other:
        raise Http404
    now = clock.now()
    context = {
        "row": row,
        "before": before_row,
        "standing": row.standing(now),
        "before_standing": before_row.standing(now),
        "old_content": before.content,
        "content": state.content,
        "difference": compare(before.content, state.content),
        "all": request.GET.get("all") == "1",
        "versions": [one for one in recipe_queries.versions(number) if one.version != version],
    }
    return render(request, "batches/recipe_difference.html", context)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2, sort_keys=False) + "\n"
