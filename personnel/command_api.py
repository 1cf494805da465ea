"""Commands over the API: one address each, its body derived from the command's own signature.

POST /api/<room>/commands/<name>/ with the request as JSON, `Idempotency-Key: <uuid>` as the
command's id, and for a signed command the person's own sign-in name and signing secret. What the
pages may be refused, the API is refused: the same command decides, and keeps its no on the trail.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, get_type_hints
from uuid import UUID

from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import APIException, ParseError, ValidationError
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ledger.api import PROBLEM, problem
from ledger.body import BodyRefused
from ledger.command import Outcome, asks
from ledger.event import Refused
from personnel import signing
from personnel.device_api import DeviceThrottle, DeviceToken, actor_of

LARGEST = 256 * 1024  # bytes of a body
LONGEST = 20_000  # characters of a text; what a command keeps of it is the command's to say
WHOLE = 2**31 - 1
# What kept a request from being understood at all: it is on no trail, as a page's form is not.
UNREADABLE = {"character", "too_long", "command_reused"}
AUTHORITY = {"wrong_role", "no_account", "terminal", "no_device"}
KEY = OpenApiParameter(
    "Idempotency-Key",
    UUID,
    OpenApiParameter.HEADER,
    required=True,
    description="the command's id: sent twice, it is carried out once",
)


class TooLarge(APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = f"The body may have {LARGEST // 1024} KiB."


class Json(BaseParser):
    """A JSON object of bounded size and depth, without the numbers that JSON has not."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: Any = None, context: Any = None) -> Any:
        read = stream.read(LARGEST + 1)
        if len(read) > LARGEST:
            raise TooLarge
        try:
            found = json.loads(read.decode("utf-8"), parse_constant=_no_number)
        except (ValueError, RecursionError) as error:
            raise ParseError(_("This is no JSON that can be read.")) from error
        if not isinstance(found, dict):
            raise ParseError(_("The body is a JSON object."))
        return found


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no number.")


class SignatureIn(serializers.Serializer[Any]):
    """All components of the person's own signature."""

    name = serializers.CharField(max_length=200, help_text="the sign-in name")
    secret = serializers.CharField(
        max_length=1000, trim_whitespace=False, style={"input_type": "password"}, write_only=True
    )


class EventOut(serializers.Serializer[Any]):
    """One event that was recorded."""

    event_id = serializers.UUIDField(source="id")
    stream_type = serializers.CharField()
    stream_id = serializers.CharField()
    version = serializers.IntegerField()
    type = serializers.CharField()
    sentence = serializers.CharField()


class DoneOut(serializers.Serializer[Any]):
    """What a command recorded; `replayed` where it had been carried out before."""

    command_id = serializers.UUIDField()
    replayed = serializers.BooleanField()
    events = EventOut(many=True)


class RefusedOut(serializers.Serializer[Any]):
    """RFC 9457 problem details, with the refusal's code."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text="a sentence a person can act on")
    code = serializers.CharField(required=False)
    fields = serializers.DictField(required=False)  # type: ignore[assignment]


ANSWERS = {
    (200, "application/json"): DoneOut,
    (201, "application/json"): DoneOut,
    **{(code, PROBLEM): RefusedOut for code in (400, 401, 403, 409, 413, 415, 422, 429)},
}


class CommandView(APIView):
    """One command; `routes` makes a class of each."""

    authentication_classes = (DeviceToken, SessionAuthentication)
    parser_classes: tuple[type[BaseParser], ...] = (Json,)
    throttle_classes = (DeviceThrottle,)
    ask: Callable[..., Outcome]
    body: type[serializers.Serializer[Any]]

    def carry_out(self, request: Request) -> Response:
        key = _key(request)
        form = self.body(data=request.data)
        form.is_valid(raise_exception=True)
        given = dict(form.validated_data)
        actor, signature = actor_of(request), given.pop("signature", None)
        if signature is not None:
            given["signature"] = signing.with_secret(actor, **signature)
        try:
            outcome = type(self).ask(actor=actor, command_id=key, **given)
        except Refused as refused:
            return _refused(refused)
        except BodyRefused:
            unreadable = _("Something in the request cannot be kept: name fields in plain letters.")
            raise ParseError(unreadable) from None
        done = {"command_id": key, "replayed": outcome.replayed, "events": outcome.events}
        fresh = status.HTTP_200_OK if outcome.replayed else status.HTTP_201_CREATED
        return Response(DoneOut(done).data, status=fresh)


def _key(request: Request) -> UUID:
    try:
        return UUID(request.headers.get("Idempotency-Key", ""))
    except ValueError:
        raise ValidationError(
            {"Idempotency-Key": [_("Send a UUID of your own for each new request.")]}
        ) from None


def _refused(refused: Refused) -> Response:
    made = problem(refused, {})
    assert made is not None  # noqa: S101 - a refusal is always told
    if refused.code in AUTHORITY:
        made.status_code = status.HTTP_403_FORBIDDEN
    elif refused.code in UNREADABLE:
        made.status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    if isinstance(made.data, dict):
        made.data["status"] = made.status_code
    return made


def routes(room: str) -> list[URLPattern]:
    """An address for every command of a room."""
    return [_route(room, name, ask) for name, ask in sorted(asks(room).items())]


def _route(room: str, name: str, ask: Callable[..., Outcome]) -> URLPattern:
    verb = name.partition(".")[2]
    view = type(f"{_camel(name)}View", (CommandView,), {"ask": staticmethod(ask)})
    view.body = body_of(name)  # type: ignore[attr-defined]
    told = extend_schema(
        operation_id=name.replace(".", "_"),
        summary=(ask.__doc__ or "").partition("\n")[0],
        description=_told(ask),
        parameters=[KEY],
        request=view.body,  # type: ignore[attr-defined]
        responses=ANSWERS,
    )

    def post(self: CommandView, request: Request) -> Response:
        return self.carry_out(request)

    view.post = told(post)  # type: ignore[attr-defined]
    return path(f"{room}/commands/{verb}/", view.as_view(), name=f"api_{verb}")  # type: ignore[attr-defined]


def _told(ask: Any) -> str:
    roles = ", ".join(ask.spec.roles)
    signed = f" Signed: {ask.spec.meaning}." if ask.spec.meaning else ""
    return f"For: {roles}.{signed}"


@cache
def body_of(name: str) -> type[serializers.Serializer[Any]]:
    """The body of a command's request, read from the command's own signature."""
    ask: Any = asks(name.partition(".")[0])[name]
    fields = dict(_fields(ask))
    if ask.spec.meaning is not None:
        fields["signature"] = SignatureIn()
    fields["reason"] = _text(required=ask.spec.needs_reason, default="")
    return type(f"{_camel(name)}In", (serializers.Serializer,), fields)


def _fields(ask: Any) -> Iterator[tuple[str, serializers.Field[Any, Any, Any, Any]]]:
    function = ask.__wrapped__
    given = function.__kwdefaults__ or {}
    for name, hint in get_type_hints(function).items():
        if name in ("act", "return"):
            continue
        more = {"required": False, "default": given[name]} if name in given else {"required": True}
        yield name, _field(hint, **more)


def _field(hint: Any, **more: Any) -> serializers.Field[Any, Any, Any, Any]:
    if hint in _SIMPLE:
        return _SIMPLE[hint](**more)
    raise TypeError(f"The API cannot read {hint}: say how in personnel/command_api.py.")


def _text(**more: Any) -> serializers.Field[Any, Any, Any, Any]:
    if more.get("required"):
        more.pop("default", None)
    return serializers.CharField(
        max_length=LONGEST, allow_blank=True, trim_whitespace=False, **more
    )


def _whole(**more: Any) -> serializers.Field[Any, Any, Any, Any]:
    return serializers.IntegerField(min_value=-WHOLE, max_value=WHOLE, **more)


def _whole_or_none(**more: Any) -> serializers.Field[Any, Any, Any, Any]:
    return serializers.IntegerField(min_value=0, max_value=WHOLE, allow_null=True, **more)


def _yes(**more: Any) -> serializers.Field[Any, Any, Any, Any]:
    return serializers.BooleanField(**more)


def _texts(**more: Any) -> serializers.Field[Any, Any, Any, Any]:
    return serializers.ListField(child=_text(), max_length=1000, **more)


def _numbers(**more: Any) -> serializers.Field[Any, Any, Any, Any]:
    return serializers.ListField(child=_whole(), max_length=1000, **more)


def _typed(**more: Any) -> serializers.Field[Any, Any, Any, Any]:
    return serializers.DictField(child=_text(), **more)


def _typed_or_none(**more: Any) -> serializers.Field[Any, Any, Any, Any]:
    return serializers.DictField(child=_text(), allow_null=True, **more)


def _document(**more: Any) -> serializers.Field[Any, Any, Any, Any]:
    return serializers.DictField(**more)


def _documents(**more: Any) -> serializers.Field[Any, Any, Any, Any]:
    return serializers.ListField(child=serializers.DictField(), max_length=1000, **more)


_SIMPLE: dict[Any, Callable[..., serializers.Field[Any, Any, Any, Any]]] = {
    str: _text,
    int: _whole,
    int | None: _whole_or_none,
    bool: _yes,
    list[str]: _texts,
    list[int]: _numbers,
    dict[str, str]: _typed,
    dict[str, str] | None: _typed_or_none,
    dict[str, Any]: _document,
    list[dict[str, Any]]: _documents,
}


def _camel(name: str) -> str:
    return "".join(part.title() for part in name.replace(".", "_").split("_"))
