"""A file that a device keeps with a batch: the page's own command, its content sent beside it."""

from __future__ import annotations

from typing import Any

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from batches.attachment import LARGEST, LONGEST_ABOUT
from batches.attachment_commands import keep_file, upload
from ledger.command import Outcome
from personnel.command_api import ANSWERS, KEY, LONGEST, WHOLE, CommandView


class FileIn(serializers.Serializer[Any]):
    """A file, and what it is of."""

    batch = serializers.CharField(max_length=LONGEST)
    step = serializers.IntegerField(
        min_value=0, max_value=WHOLE, default=0, help_text="0: of the batch as a whole"
    )
    about = serializers.CharField(max_length=LONGEST_ABOUT, help_text="what it is, in a few words")
    file = serializers.FileField(help_text="PDF, PNG, JPEG or CSV, judged by its content")


def keep(*, file: Any, **asked: Any) -> Outcome:
    """Ask to keep what was sent: its hash, kind and size are what the server finds."""
    return upload(file.read(LARGEST + 1), keep_file, **asked)


class KeepFileView(CommandView):
    """Files come as a form of several parts, everything else as JSON."""

    parser_classes = (MultiPartParser,)
    ask = staticmethod(keep)
    body = FileIn

    @extend_schema(
        operation_id="batches_keep_file",
        parameters=[KEY],
        request={"multipart/form-data": FileIn},
        responses=ANSWERS,
    )
    def post(self, request: Request) -> Response:
        """Keep a file for a step, or for the batch as a whole."""
        return self.carry_out(request)


route = path("batches/commands/keep_file/", KeepFileView.as_view(), name="api_keep_file")
