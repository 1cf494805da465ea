"""Read models over the API: a page of rows at a time, in the order of their keys."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError as Unreadable
from django.db.models import Model, QuerySet
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ledger.api import PROBLEM
from personnel.command_api import RefusedOut
from personnel.device_api import DeviceThrottle, DeviceToken

PAGE = 100
LONGEST = 180  # characters of a key
NOES = {(code, PROBLEM): RefusedOut for code in (400, 401, 404, 429)}


class ReadView(APIView):
    """Something to be read, by a device's token or at a browser."""

    authentication_classes = (DeviceToken, SessionAuthentication)
    throttle_classes = (DeviceThrottle,)


class RowsView(ReadView):
    """A page of rows; `rows` makes a class of each table."""

    model: type[Model]
    row: type[serializers.ModelSerializer[Any]]
    filters: tuple[str, ...] = ()
    only: dict[str, Any] = {}  # noqa: RUF012 - never changed

    def page(self, request: Request) -> Response:
        found = self.model._default_manager.filter(**self.only).order_by("pk")
        for name, value in request.query_params.items():
            found = self._narrowed(found, name, _key(str(value)))
        rows = list(found[: PAGE + 1])
        after = rows[PAGE - 1].pk if len(rows) > PAGE else None
        told = self.row(rows[:PAGE], many=True).data
        return Response({"rows": told, "after": None if after is None else str(after)})

    def _narrowed(self, found: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        if name == "after":
            return found.filter(pk__gt=_read_key(self.model, value))
        if name not in self.filters:
            raise ValidationError({name: [_("Nothing is chosen by this.")]})
        return found.filter(**{name: value})


class RowView(ReadView):
    """One row by its key."""

    model: type[Model]
    row: type[serializers.ModelSerializer[Any]]

    def single(self, request: Request, key: str) -> Response:
        found = self.model._default_manager.filter(pk=_read_key(self.model, key)).first()
        if found is None:
            raise NotFound(_("There is nothing under this key."))
        return Response(self.row(found).data)


def rows(
    address: str,
    model: type[Model],
    *,
    filters: tuple[str, ...] = (),
    hidden: tuple[str, ...] = (),
    only: dict[str, Any] | None = None,
    one: bool = True,
) -> list[URLPattern]:
    """The addresses of a table: its pages, and each row. `hidden` fields are told to nobody."""
    name = address.strip("/").replace("/", "_").replace("-", "_")
    shown = [f.name for f in model._meta.concrete_fields if f.name not in hidden]
    meta = type("Meta", (), {"model": model, "fields": shown})
    row = type(f"{_camel(name)}Row", (serializers.ModelSerializer,), {"Meta": meta})
    page = type(
        f"{_camel(name)}Page",
        (serializers.Serializer,),
        {
            "rows": row(many=True),
            "after": serializers.CharField(
                allow_null=True, help_text="give it back as `after` for the next page"
            ),
        },
    )
    known = {"model": model, "row": row}
    many = type(
        f"{page.__name__}View", (RowsView,), {**known, "filters": filters, "only": only or {}}
    )
    asked = [OpenApiParameter(one_, str) for one_ in ("after", *filters)]
    told = extend_schema(
        operation_id=name, parameters=asked, responses={200: page, **NOES}, summary=_doc(model)
    )

    def get_page(self: RowsView, request: Request) -> Response:
        return self.page(request)

    many.get = told(get_page)  # type: ignore[attr-defined]
    found = [path(address, many.as_view(), name=f"api_{name}")]  # type: ignore[attr-defined]
    if one:
        single = type(f"{row.__name__}View", (RowView,), known)
        told = extend_schema(operation_id=f"{name}_one", responses={200: row, **NOES})

        def get_one(self: RowView, request: Request, key: str) -> Response:
            return self.single(request, key)

        single.get = told(get_one)  # type: ignore[attr-defined]
        view = single.as_view()  # type: ignore[attr-defined]
        found.append(path(f"{address}<str:key>/", view, name=f"api_{name}_one"))
    return found


def _key(value: str) -> str:
    if "\0" in value or len(value) > LONGEST or not value.isprintable():
        raise ValidationError({"key": [_("This cannot be a key.")]})
    return value


def _read_key(model: type[Model], value: str) -> Any:
    """The key as its table knows it: text, a number, or an event's id."""
    try:
        return model._meta.pk.to_python(_key(value))
    except Unreadable as error:
        raise ValidationError({"key": [_("This cannot be a key.")]}) from error


def _doc(model: type[Model]) -> str:
    return (model.__doc__ or "").partition("\n")[0]


def _camel(name: str) -> str:
    return "".join(part.title() for part in name.split("_"))
