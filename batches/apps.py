"""The batches room, as Django installs it."""

from django.apps import AppConfig


class BatchesConfig(AppConfig):
    name = "batches"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Load what registers itself: event types, commands and projections."""
        from batches import commands, projections, recipe, record  # noqa: F401
