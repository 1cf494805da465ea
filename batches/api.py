"""The batches room's rows over the API, and a whole record; commands are derived in `api_urls`."""

from __future__ import annotations

import json
from typing import Any

from django.urls import path
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from batches.container_models import ContainerLine
from batches.material_models import ItemLine, LotLine, SupplierLine
from batches.models import BatchLine, ExceptionLine
from batches.order_models import CollectionLine, OrderLine
from batches.recipe_models import RecipeLine
from batches.running_models import ClockLine
from ledger import store
from personnel.row_api import NOES, ReadView, rows


class RecordEventOut(serializers.Serializer[Any]):
    """One event of a record, as it was recorded."""

    event_id = serializers.UUIDField()
    version = serializers.IntegerField()
    type = serializers.CharField()
    sentence = serializers.CharField()
    recorded_at = serializers.DateTimeField()
    claimed_at = serializers.DateTimeField(allow_null=True)
    person = serializers.CharField()
    role = serializers.CharField()
    terminal = serializers.CharField()
    reason = serializers.CharField()
    data = serializers.DictField()  # type: ignore[assignment]


class RecordOut(serializers.Serializer[Any]):
    """A batch's whole record: the recipe's hash, and every event in order."""

    batch = serializers.CharField()
    recipe = serializers.CharField()
    version = serializers.IntegerField()
    content_sha256 = serializers.CharField(help_text="of the master batch record it was opened on")
    events = RecordEventOut(many=True)


class RecordView(ReadView):
    """One batch's record."""

    @extend_schema(operation_id="batch_record", responses={200: RecordOut, **NOES})
    def get(self, request: Request, batch: str) -> Response:
        """Everything that was recorded about a batch, in order."""
        line = BatchLine.objects.filter(batch=batch).first() if batch.isprintable() else None
        if line is None:
            raise NotFound(_("There is no such batch."))
        events = store.load("batch", batch)
        told = {
            "batch": batch,
            "recipe": line.recipe,
            "version": line.version,
            "content_sha256": events[0].data.content_sha256,
            "events": [_told(event) for event in events],
        }
        return Response(RecordOut(told).data)


def _told(event: Any) -> dict[str, Any]:
    actor = event.actor
    return {
        "event_id": event.id,
        "version": event.version,
        "type": event.type,
        "sentence": event.sentence,
        "recorded_at": event.recorded_at,
        "claimed_at": event.claimed_at,
        "person": actor.person,
        "role": actor.role,
        "terminal": actor.terminal,
        "reason": event.reason,
        "data": json.loads(event.body)["data"],
    }


lists = [
    *rows("batches/due/", BatchLine, only={"completed_at": None}, one=False),
    *rows("batches/clocks/", ClockLine, filters=("batch",), only={"ended_at": None}, one=False),
    *rows("batches/exceptions/", ExceptionLine, filters=("batch", "severity")),
    *rows("batches/recipes/", RecipeLine, filters=("recipe", "stage")),
    *rows("batches/suppliers/", SupplierLine),
    *rows("batches/items/", ItemLine),
    *rows("batches/lots/", LotLine, filters=("item", "status")),
    *rows("batches/orders/", OrderLine, hidden=("code_sha256",)),
    *rows("batches/collections/", CollectionLine, filters=("order",), hidden=("codes",)),
    *rows("batches/containers/", ContainerLine, filters=("batch", "decision")),
    path("batches/<str:batch>/record/", RecordView.as_view(), name="api_record"),
    *rows("batches/", BatchLine, filters=("purpose", "recipe")),
]
