"""The API over the pages' own queries: trail, entry, the ledger's health and checkpoint."""

from datetime import UTC
from typing import Any
from uuid import UUID

from django.core.exceptions import BadRequest
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import NotAuthenticated, NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView, exception_handler

from ledger import evidence, health, queries, reading, views
from ledger.event import Recorded, Refused
from ledger.forms import TrailForm
from ledger.models import Event

PROBLEM = "application/problem+json"
_TITLES = {
    400: "The request cannot be read.",
    401: "Sign in first.",
    403: "This is not yours to do.",
    404: "There is nothing at this address.",
    405: "This address is for reading.",
    409: "It cannot be done in this state.",
}


def problem(error: Exception, context: dict[str, Any]) -> Response | None:
    """Every error as RFC 9457 problem details: a sentence a person can act on."""
    if isinstance(error, Refused):
        detail = _(error.template).format(**error.params)
        return _problem(status.HTTP_409_CONFLICT, detail, code=error.code)
    if isinstance(error, BadRequest):
        return _problem(status.HTTP_400_BAD_REQUEST, str(error))
    if isinstance(error, NotAuthenticated):
        made = _problem(
            status.HTTP_401_UNAUTHORIZED, _("Nobody is signed in: sign in on the site first.")
        )
        made["WWW-Authenticate"] = 'Session realm="Lotbook"'  # RFC 9110: a 401 says how
        return made
    response = exception_handler(error, context)
    if response is None:
        return None
    fields = response.data if isinstance(error, ValidationError) else None
    detail = _("Mend the fields named here.") if fields else str(getattr(error, "detail", error))
    made = _problem(response.status_code, detail, **({"fields": fields} if fields else {}))
    for name in ("WWW-Authenticate", "Allow"):
        if name in response:
            made[name] = response[name]
    return made


def _problem(code: int, detail: str, /, **more: Any) -> Response:
    title = _TITLES.get(code, "Something failed.")
    content = {"type": "about:blank", "title": title, "status": code, "detail": detail, **more}
    return Response(content, status=code, content_type=PROBLEM)


class ChangeOut(serializers.Serializer[Any]):
    """What a field was and became."""

    name = serializers.CharField()
    old = serializers.CharField()
    new = serializers.CharField()


class LineOut(serializers.Serializer[Any]):
    """One event as a line of the trail."""

    event_id = serializers.UUIDField()
    recorded_at = serializers.DateTimeField(default_timezone=UTC)
    stream_type = serializers.CharField()
    stream_id = serializers.CharField()
    version = serializers.IntegerField()
    type = serializers.CharField()
    person = serializers.CharField()
    role = serializers.CharField()
    terminal = serializers.CharField()
    sentence = serializers.CharField()
    changes = ChangeOut(many=True)
    reason = serializers.CharField()
    claimed_at = serializers.DateTimeField(allow_null=True, default_timezone=UTC)
    position = serializers.IntegerField(allow_null=True)
    sealed = serializers.BooleanField()


class TrailOut(serializers.Serializer[Any]):
    """One page of the trail."""

    count = serializers.IntegerField(help_text="counted up to a cap")
    count_is_exact = serializers.BooleanField()
    lines = LineOut(many=True)
    earlier = serializers.CharField(allow_null=True, help_text="give it back as `before`")
    later = serializers.CharField(allow_null=True, help_text="give it back as `after`")


class CheckOut(serializers.Serializer[Any]):
    """One thing that was checked while the answer was made."""

    title = serializers.CharField()
    holds = serializers.BooleanField()
    detail = serializers.CharField()


class EvidenceOut(serializers.Serializer[Any]):
    """The commitment and proof of one entry."""

    entry = serializers.CharField()
    leaf = serializers.CharField(help_text="SHA-256, hexadecimal")
    position = serializers.IntegerField(allow_null=True)
    index = serializers.IntegerField(allow_null=True)
    origin = serializers.CharField()
    size = serializers.IntegerField(allow_null=True)
    root = serializers.CharField()  # type: ignore[assignment]
    checkpoint = serializers.CharField()
    path = serializers.ListField(child=serializers.CharField())
    witnesses = serializers.ListField(child=serializers.CharField())
    checks = CheckOut(many=True)
    holds = serializers.BooleanField()
    waiting = serializers.CharField(help_text="why there is no proof yet")


class EntryOut(serializers.Serializer[Any]):
    """One event with everything that proves it."""

    line = LineOut()
    body = serializers.CharField(help_text="the stored bytes, as text")
    cause = serializers.UUIDField(allow_null=True)
    command_id = serializers.UUIDField(allow_null=True)
    command = serializers.CharField()
    evidence = EvidenceOut()


class StandingOut(serializers.Serializer[Any]):
    """How one part stands."""

    name = serializers.CharField()
    standing = serializers.ChoiceField(choices=["ok", "warn", "bad"])
    sentence = serializers.CharField()
    todo = serializers.CharField()


class FollowerOut(serializers.Serializer[Any]):
    """How far one follower has read."""

    name = serializers.CharField()
    position = serializers.IntegerField()
    behind = serializers.IntegerField()
    stopped = serializers.CharField()


class HealthOut(serializers.Serializer[Any]):
    """How the ledger is."""

    entries = serializers.IntegerField()
    sealed_size = serializers.IntegerField(allow_null=True)
    root = serializers.CharField(allow_null=True)  # type: ignore[assignment]
    origin = serializers.CharField(allow_null=True)
    unsealed = serializers.IntegerField()
    unsealed_seconds = serializers.IntegerField()
    standings = StandingOut(many=True)
    followers = FollowerOut(many=True)


class ProblemOut(serializers.Serializer[Any]):
    """RFC 9457 problem details."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()


def _problems(*codes: int) -> dict[Any, Any]:
    return {(code, PROBLEM): ProblemOut for code in (*codes, 401)}


_FILTER = [
    OpenApiParameter(name, str, description=words)
    for name, words in {
        "q": "words of the reason, all of them",
        "person": "a pseudonym",
        "role": "a role",
        "type": "an event type",
        "stream_type": "a kind of record",
        "stream": "a record's id, or kind/id",
        "since": "RFC 3339, inclusive",
        "until": "RFC 3339, exclusive",
        "at": "as it was on this moment",
        "quick": "refusals, corrections, administrators or signatures",
        "sort": "`oldest` turns the order round",
        "after": "the place to go on from",
        "before": "the place to go back from",
    }.items()
]


class TrailView(APIView):
    """The timeline."""

    @extend_schema(
        operation_id="trail", parameters=_FILTER, responses={200: TrailOut, **_problems(400)}
    )
    def get(self, request: Request) -> Response:
        """Fifty lines of the trail, filtered and in order."""
        given = request.query_params
        form = TrailForm(given)
        if not form.is_valid():
            raise ValidationError({n: list(map(str, e)) for n, e in form.errors.items()})
        asked, newest = form.asked(), form.cleaned_data["sort"] != "oldest"
        after, before = views.place_of(given.get("after")), views.place_of(given.get("before"))
        facets = queries.count_facets(asked)
        page = queries.find(asked, newest=newest, after=after, before=before, facets=facets)
        found = {
            "count": min(facets.counted, queries.COUNTED),
            "count_is_exact": facets.complete and facets.counted <= queries.COUNTED,
            "lines": reading.lines([row.event_id for row in page.rows]),
            "earlier": page.earlier and views.token_of(page.earlier),
            "later": page.later and views.token_of(page.later),
        }
        return Response(TrailOut(found).data)


class EntryView(APIView):
    """One entry."""

    @extend_schema(operation_id="entry", responses={200: EntryOut, **_problems(404)})
    def get(self, request: Request, event_id: UUID) -> Response:
        """An event with its entry, leaf, proof, and what was checked just now."""
        row = Event.objects.filter(pk=event_id).first()
        if row is None:
            raise NotFound(_("No event has this id."))
        event = reading.load(views.by_id(event_id), order="id")[0]
        known = event if isinstance(event, Recorded) else None
        found = {
            "line": reading.lines_of([event])[0],
            "body": bytes(row.body).decode("utf-8", "backslashreplace"),
            "cause": known.cause if known else None,
            "command_id": known.command_id if known else None,
            "command": known.command_name if known else "",
            "evidence": evidence.gather(row),
        }
        return Response(EntryOut(found).data)


class HealthView(APIView):
    """The ledger's health."""

    @extend_schema(operation_id="ledger_health", responses={200: HealthOut, **_problems()})
    def get(self, request: Request) -> Response:
        """Last checkpoint, what waits for its seal, followers, and what to do."""
        facts = health.facts()
        sealed, unsealed = facts["sealed"], facts["unsealed"]
        found = {
            "entries": facts["entries"],
            "sealed_size": sealed.size if sealed else None,
            "root": sealed.root if sealed else None,
            "origin": sealed.origin if sealed else None,
            "unsealed": unsealed.count,
            "unsealed_seconds": unsealed.seconds,
            "standings": facts["standings"],
            "followers": [lag for lag, _standing in facts["followers"]],
        }
        return Response(HealthOut(found).data)


class CheckpointView(APIView):
    """The newest signed checkpoint."""

    @extend_schema(
        operation_id="ledger_checkpoint",
        responses={
            (200, "text/plain"): OpenApiResponse(str, description="a C2SP signed note"),
            **_problems(404),
        },
    )
    def get(self, request: Request) -> HttpResponse:
        """The note as it was signed, for witnesses and auditors."""
        newest = health.sealed()
        if newest is None:
            raise Http404(_("Nothing is sealed yet."))
        return HttpResponse(newest.note, content_type="text/plain; charset=utf-8")
