"""Pages of the trace: what went into a thing, what it went into, and the recall list."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from batches import trace_commands as commands
from batches import trace_queries as queries
from batches.codes import read_code
from batches.material_forms import PlainForm
from batches.trace_projections import KINDS
from batches.views import may, status

KIND_WORDS = {
    "donor": _("Donors"),
    "donation": _("Donations"),
    "lot": _("Lots"),
    "batch": _("Batches"),
    "container": _("Containers"),
    "recipient": _("Recipients"),
}
SHOWN = 200


@require_safe
def trace(request: HttpRequest) -> HttpResponse:
    """Type or scan any number: what it is made of is above it, what it went into below."""
    typed = request.GET.get("q", "").replace("\0", "").strip()
    found = _nodes(typed) if typed else []
    looked = [
        {
            "node": node,
            "kind": node.split(":", 1)[0],
            "number": node.split(":", 1)[1],
            "from_": _sections(queries.reached(node, way=queries.BACK)),
            "into": _sections(queries.reached(node, way=queries.ONWARD)),
        }
        for node in found
    ]
    context = {"q": typed, "looked": looked}
    return render(request, "batches/trace/trace.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def recall(request: HttpRequest) -> HttpResponse:
    """What has to be called back with a thing; the file of it is on the trail."""
    asked = request.POST if request.method == "POST" else request.GET
    kind, number = asked.get("kind", ""), asked.get("number", "").replace("\0", "").strip()[:80]
    kind = kind if kind in KINDS else ""
    form = PlainForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and form.ask(request, commands.export_recall_list, kind=kind, number=number):
        return _file(kind, number)
    found = queries.recall_list(kind, number) if kind and number else []
    context = {
        "kind": kind,
        "number": number,
        "kinds": [(name, KIND_WORDS[name]) for name in KINDS],
        "rows": found[:SHOWN],
        "count": len(found),
        "counts": [(KIND_WORDS[one], len(all_)) for one, all_ in queries.by_kind(found).items()],
        "form": form,
        "may": may(request, commands.export_recall_list),
    }
    return render(request, "batches/trace/recall.html", context, status=status(form))


def _file(kind: str, number: str) -> HttpResponse:
    response = HttpResponse(queries.recall_csv(kind, number), content_type="text/csv")
    name = "".join(letter if letter.isalnum() or letter in "-." else "-" for letter in number)
    response["Content-Disposition"] = f'attachment; filename="recall-{kind}-{name}.csv"'
    return response


def _nodes(typed: str) -> list[str]:
    """What a number or a scanned code is known as."""
    code = read_code(typed)
    numbers = {typed, code.text, *(code.get(name) for name in ("lot", "container", "coi"))}
    return sorted({node for number in numbers if number for node in queries.nodes_like(number)})


def _sections(found: list[queries.Found]) -> list[tuple[str, Any, list[str], int]]:
    """Kind by kind: its name, how many there are, and the first of them."""
    return [
        (kind, KIND_WORDS[kind], numbers[:SHOWN], len(numbers))
        for kind, numbers in sorted(queries.by_kind(found).items(), key=_place)
    ]


def _place(section: tuple[str, list[str]]) -> int:
    return KINDS.index(section[0])
