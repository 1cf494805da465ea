"""Read-only windows on every table of the ledger. Nothing is added, changed or deleted here."""

from typing import Any

from django.contrib import admin
from django.contrib.auth import admin as _of_django  # noqa: F401 - registers groups first
from django.contrib.auth.models import Group
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from ledger.models import (
    Blob,
    Checkpoint,
    CommandKey,
    Cosignature,
    Cursor,
    Epoch,
    Event,
    LogEntry,
    Pending,
    Tile,
    TimestampToken,
    Trail,
)

admin.site.site_header = admin.site.site_title = _("Lotbook: the tables")
admin.site.index_title = _("Every table, to look at and not to change")
admin.site.unregister(Group)  # roles come with accounts; nobody is ever in a group

# Named here, because Django would put an s behind each; no table changes by its name.
for _model, _plural in (
    (LogEntry, _("log entries")),
    (Pending, _("events that wait for their position")),
    (CommandKey, _("command ids")),
    (Trail, _("lines of the trail")),
):
    _model._meta.verbose_name_plural = _plural

SHOWN_AT_MOST = 20_000  # bytes of one value


class Window(admin.ModelAdmin):
    """Looking alone, whoever asks; the database would refuse the rest anyway."""

    actions = None
    list_per_page = 50
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Every column: text for what is text, hexadecimal for what is not."""
        own = [field.name for field in self.opts.fields if not _is_binary(field)]
        return [*own, *(["bytes_in_full"] if len(own) < len(self.opts.fields) else [])]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.get_fields(request, obj)

    @admin.display(description="bytes")
    def bytes_in_full(self, row: models.Model) -> str:
        """The binary columns of a row, each under its name."""
        names = [field.name for field in self.opts.fields if _is_binary(field)]
        return "\n\n".join(f"{name}:\n{_as_text(bytes(getattr(row, name)))}" for name in names)


def _is_binary(field: Any) -> bool:
    return isinstance(field, models.BinaryField)


def _as_text(value: bytes) -> str:
    """UTF-8 where it is text, else hexadecimal; very long values are cut and say so."""
    cut = value[:SHOWN_AT_MOST]
    try:
        text = cut.decode()
        printable = all(letter.isprintable() or letter in "\n\t" for letter in text)
    except UnicodeDecodeError:
        text, printable = "", False
    rest = f" … and {len(value) - len(cut)} bytes more" if len(cut) < len(value) else ""
    return (text if printable else cut.hex()) + rest


@admin.register(Event)
class EventWindow(Window):
    list_display = ("recorded_at", "type", "stream_type", "stream_id", "version", "actor")
    ordering = ("-id",)
    search_fields = ("=id", "=stream_id")


@admin.register(LogEntry)
class LogWindow(Window):
    list_display = ("position", "event_id")
    ordering = ("-position",)
    search_fields = ("=position", "=event_id")


@admin.register(Pending)
class PendingWindow(Window):
    list_display = ("seq", "event_id")


@admin.register(Epoch)
class EpochWindow(Window):
    list_display = ("number", "origin", "start")


@admin.register(Checkpoint)
class CheckpointWindow(Window):
    list_display = ("id", "epoch", "size")
    ordering = ("-epoch", "-size")


@admin.register(Tile)
class TileWindow(Window):
    list_display = ("id", "epoch", "level", "index")


@admin.register(Cosignature)
class CosignatureWindow(Window):
    list_display = ("id", "epoch", "size", "name")
    ordering = ("-epoch", "-size")


@admin.register(TimestampToken)
class TimestampWindow(Window):
    list_display = ("id", "epoch", "size")


@admin.register(CommandKey)
class CommandWindow(Window):
    list_display = ("key", "event_ids")
    search_fields = ("=key",)


@admin.register(Blob)
class BlobWindow(Window):
    list_display = ("name", "size")
    list_display_links = None  # a key of bytes has no address

    @admin.display(description="sha256")
    def name(self, row: Blob) -> str:
        return bytes(row.sha256).hex()

    @admin.display(description="bytes")
    def size(self, row: Blob) -> int:
        return len(bytes(row.content))


@admin.register(Cursor)
class CursorWindow(Window):
    list_display = ("name", "position", "stopped")


@admin.register(Trail)
class TrailWindow(Window):
    list_display = ("recorded_at", "person", "role", "type", "stream_type", "stream_id", "version")
    ordering = ("-recorded_at", "-event_id")
    search_fields = ("=event_id", "=stream_id", "=person")
