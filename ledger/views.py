"""Pages of the trail: the timeline, one entry with its proof, one record's whole history."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.core.exceptions import BadRequest
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from ledger import evidence, health, ports, queries, reading, streams
from ledger.clock import rfc3339
from ledger.entry import NAME, STREAM_TYPE
from ledger.event import Recorded, Refused
from ledger.forms import QUICK, TrailForm, in_words, type_label
from ledger.models import Event, TrailLink
from ledger.queries import COUNTED, FIELDS, Place, TrailFilter
from ledger.trail import REFUSAL, about_record

LATEST = 6  # lines of work on the home page
COMINGS_AND_GOINGS = ("session", "epoch", "signature")  # they stand on the trail beside the work
FACETS_SHOWN = 8
MORE = ("type", "since", "until", "role", "stream_type", "stream", "at")
VERSIONS = 200  # of a record, on one page
REFUSED_SHOWN = 20  # attempts on a record
_FACET_TITLES = {
    "person": gettext_lazy("Person"),
    "role": gettext_lazy("Role"),
    "type": gettext_lazy("What happened"),
    "stream_type": gettext_lazy("Kind of record"),
}


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What this is, what waits, and where to go."""
    newest = queries.find(TrailFilter(), newest=True).rows
    work = [row.event_id for row in newest if row.stream_type not in COMINGS_AND_GOINGS][:LATEST]
    context = {
        "lines": reading.lines(work),
        "waiting": health.waiting(),
        "state": health.summary(),
    }
    return render(request, "ledger/home.html", context)


@require_safe
def trail(request: HttpRequest) -> HttpResponse:
    """The timeline, filtered as the address says."""
    given = request.GET
    if any(not value for value in given.values()) or _unknown(given):
        return redirect(_address(given, drop=_unknown(given)))
    form = TrailForm(given)
    if not form.is_valid():
        return render(request, "ledger/trail.html", {"form": form, "quick": []}, status=422)
    asked, newest = form.asked(), form.cleaned_data["sort"] != "oldest"
    facets = queries.count_facets(asked)
    after, before = place_of(given.get("after")), place_of(given.get("before"))
    page = queries.find(asked, newest=newest, after=after, before=before, facets=facets)
    lines = reading.lines([row.event_id for row in page.rows])
    context = {
        "form": form,
        "asked": asked,
        "lines": lines,
        "newest": newest,
        "count": _count(facets.counted, complete=facets.complete),
        "facets": _facets(given, facets, form.names),
        "sampled": None if facets.complete else queries.SAMPLE,
        "chips": _chips(form, given),
        "quick": _quick(given),
        "other_order": _address(given, drop=("after", "before"), sort="oldest" if newest else ""),
        "earlier": page.earlier and _address(given, drop=("after",), before=token_of(page.earlier)),
        "later": page.later and _address(given, drop=("before",), after=token_of(page.later)),
        "export": _export_address(asked, form.cleaned_data["quick"]),
        "more_open": any(given.get(name) for name in MORE),
    }
    return render(request, "ledger/trail.html", context)


@require_safe
def entry(request: HttpRequest, event_id: UUID) -> HttpResponse:
    """One event: everything about it, and its proof, checked while the page was made."""
    row = Event.objects.filter(pk=event_id).first()
    if row is None:
        raise Http404
    found = reading.load(by_id(event_id), order="id")[0]
    context = {
        "row": row,
        "line": reading.lines_of([found])[0],
        "known": found if isinstance(found, Recorded) else None,
        "type_label": type_label(row.type),
        "body_text": bytes(row.body).decode("utf-8", "backslashreplace"),
        "body_size": len(bytes(row.body)),
        "data": _data(row),
        "evidence": evidence.gather(row),
        "around": _around(row),
        "records": _records(found),
        "related": _related(row, found),
    }
    return render(request, "ledger/entry.html", context)


@require_safe
def proof(request: HttpRequest, event_id: UUID) -> HttpResponse:
    """The .tlog-proof of an entry: small, self-contained, verifiable offline."""
    from ledger import proofs

    if not Event.objects.filter(pk=event_id).exists():
        raise Http404
    try:
        receipt = proofs.receipt(event_id)
    except (Refused, proofs.ProofBroken) as no:
        return HttpResponse(str(no), status=409, content_type="text/plain; charset=utf-8")
    response = HttpResponse(receipt.text, content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{event_id}.tlog-proof"'
    return response


@require_safe
def stream(request: HttpRequest, stream_type: str, stream_id: str) -> HttpResponse:
    """The whole history of one record, and the state it led to at any moment."""
    if not (STREAM_TYPE.match(stream_type) and NAME.match(stream_id)):
        raise Http404
    form = TrailForm({"at": request.GET.get("at", "")})
    where = Q(stream_type=stream_type, stream_id=stream_id)
    newest = Event.objects.filter(where).order_by("-version").values_list("version", flat=True)
    size, refused = newest.first() or 0, _refused(stream_type, stream_id)
    if not (size or refused):
        raise Http404
    valid = form.is_valid()
    at = form.cleaned_data.get("at")
    if at:
        where &= Q(recorded_at__lt=at + timedelta(seconds=1))
    events = reading.load(where, order="version")
    first = _version(request.GET.get("from"), len(events))
    shown = [event for event in events if first <= event.version < first + VERSIONS]
    context = {
        "form": form,
        "at": at,
        "stream_type": stream_type,
        "stream_id": stream_id,
        "size": size,
        "count": len(events),
        "lines": reading.lines_of(reversed(shown)),
        "state": _state(stream_type, events),
        "newer": first + VERSIONS if first + VERSIONS <= len(events) else None,
        "older": max(1, first - VERSIONS) if first > 1 else None,
        "address": request.path,
        "refused": refused,
    }
    return render(request, "ledger/stream.html", context, status=200 if valid else 422)


def _refused(stream_type: str, stream_id: str) -> list[reading.Line]:
    """What was tried on this record and refused, newest first."""
    about = about_record(f"{stream_type}/{stream_id}")
    links = TrailLink.objects.filter(target=about, kind=REFUSAL).order_by("-source")
    return reading.lines(list(links.values_list("source", flat=True)[:REFUSED_SHOWN]))


def by_id(event_id: UUID) -> Q:
    """The condition that finds one event."""
    return Q(pk=event_id)


def _version(text: str | None, count: int) -> int:
    if text is None:
        return max(1, count - VERSIONS + 1)
    if not text.isdecimal() or len(text) > 9:
        raise BadRequest("Not a version.")
    return int(text)


def _state(stream_type: str, events: list[Recorded | Event]) -> list[tuple[str, list[str]]] | None:
    """The folded state as rows, where the room has said how and every event can be read."""
    if not all(isinstance(event, Recorded) for event in events):
        return None
    state = streams.state_of(stream_type, (event.data for event in events))  # type: ignore[union-attr]
    if state is None:
        return None
    return [
        (
            name.replace("_", " ").capitalize(),
            [
                reading.shown(part)
                for part in (value if isinstance(value, tuple | list) else [value])
            ],
        )
        for name, value in state.items()
    ]


def _records(found: Recorded | Event) -> list[list[str]]:
    """The records that a refused attempt was about, each as its kind and id."""
    named = getattr(found.data, "records", []) if isinstance(found, Recorded) else []
    return [one.split("/", 1) for one in named]


def _data(row: Event) -> list[tuple[str, str]]:
    try:
        return reading.data_rows(json.loads(bytes(row.body))["data"])
    except (ValueError, LookupError, TypeError):
        return []


def _around(row: Event) -> dict[str, Any]:
    same = Event.objects.filter(stream_type=row.stream_type, stream_id=row.stream_id)
    near = same.filter(version__in=(row.version - 1, row.version + 1))
    ids = dict(near.values_list("version", "id"))
    return {"before": ids.get(row.version - 1), "after": ids.get(row.version + 1)}


def _related(row: Event, found: Recorded | Event) -> list[tuple[str, list[reading.Line]]]:
    """What caused this, what it caused, who signed it, and what else the same command did."""
    groups = evidence.related(row.pk, found if isinstance(found, Recorded) else None)
    titles = {
        "cause": _("Caused by"),
        "effects": _("What it caused"),
        "signatures": _("Signatures over it"),
        "siblings": _("Recorded by the same command"),
    }
    return [(titles[name], reading.lines(ids)) for name, ids in groups.items() if ids]


def place_of(token: str | None) -> Place | None:
    """A place from the address."""
    if token is None:
        return None
    try:
        moment, _sep, event_id = token.partition("_")
        recorded_at = datetime.fromisoformat(moment)
        if recorded_at.tzinfo is None:
            raise ValueError(moment)
        return Place(recorded_at.astimezone(UTC), UUID(event_id))
    except (ValueError, OverflowError):
        raise BadRequest("Not a place in the trail.") from None


def token_of(place: Place) -> str:
    return f"{rfc3339(place.recorded_at)}_{place.event_id}"


def _address(given: Any, *, drop: tuple[str, ...] = (), **changes: str) -> str:
    """This page's address with some of the filter changed; an empty value takes a part away."""
    parts = {name: value for name, value in given.items() if value and name not in drop}
    parts |= changes
    query = urlencode({name: value for name, value in parts.items() if value})
    return f"{reverse('ledger:trail')}?{query}" if query else reverse("ledger:trail")


def _count(counted: int, *, complete: bool) -> str:
    """A count people read: exact up to a thousand, then 1,000+."""
    return f"{COUNTED:,}+" if counted > COUNTED or not complete else f"{counted:,}"


def _facets(given: Any, facets: queries.Facets, names: dict[str, str]) -> list[dict[str, Any]]:
    found = []
    for field, values in facets.values.items():
        if len(values) < 2:
            continue
        rows = [
            {
                "label": _value_label(field, value, names),
                "code": value if field == "person" else "",
                "count": f"{COUNTED:,}+" if count > COUNTED else f"{count:,}",
                "url": _address(given, drop=("after", "before"), **{field: value}),
            }
            for value, count in values[:FACETS_SHOWN]
        ]
        found.append({"title": _FACET_TITLES[field], "field": field, "rows": rows})
    return found


def _value_label(field: str, value: str, names: dict[str, str]) -> str:
    if field == "person":
        return names.get(value) or value
    if field == "role":
        return ports.role_name(value)
    return type_label(value) if field == "type" else in_words(value)


def _chips(form: TrailForm, given: Any) -> list[dict[str, str]]:
    """The active parts of the filter, each with the address that is without it."""
    found = []
    for name in ("q", *FIELDS[:4], "stream", "since", "until", "at", "quick"):
        value = form.cleaned_data.get(name)
        if not value:
            continue
        label = QUICK[value] if name == "quick" else form.fields[name].label
        text = "" if name == "quick" else str(value)
        if isinstance(value, datetime):
            text = f"{timezone.localtime(value):%Y-%m-%d %H:%M:%S %Z}"
        elif name in FIELDS[:4]:
            text = _value_label(name, str(value), form.names)
        url = _address(given, drop=("after", "before", name))
        found.append({"label": str(label), "text": text, "url": url})
    return found


def _quick(given: Any) -> list[dict[str, Any]]:
    now = given.get("quick", "")
    choices = [("", _("Everything")), *QUICK.items()]
    return [
        {
            "label": label,
            "on": name == now,
            "url": _address(given, drop=("after", "before"), quick=name),
        }
        for name, label in choices
    ]


def _unknown(given: Any) -> tuple[str, ...]:
    """What nobody chose on the page: an order or a quick filter that there is not."""
    known = {"sort": ("oldest",), "quick": tuple(QUICK)}
    return tuple(name for name, values in known.items() if given.get(name) not in (None, *values))


def _export_address(asked: TrailFilter, quick: str) -> str:
    """The export page with as much of this filter as an export can prove, and what is left out."""
    single = {"stream_type": asked.stream_type, "stream_id": asked.stream_id, "type": asked.type}
    parts = {name: values[0] for name, values in single.items() if len(values) == 1 and values[0]}
    if asked.person:
        parts["actor"] = asked.person[0]
    for name in ("since", "until"):
        if moment := getattr(asked, name):
            parts[name] = f"{moment:%Y-%m-%dT%H:%M:%S}"
    left = [quick] if quick and "type" not in parts else []
    left += ["words"] if asked.words else []
    left += ["role"] if asked.role and quick != "administrators" else []
    query = urlencode([*parts.items(), *(("left", name) for name in left)])
    return reverse("ledger:export") + (f"?{query}" if query else "")
