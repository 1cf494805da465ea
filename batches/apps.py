"""The batches room, as Django installs it."""

from django.apps import AppConfig


class BatchesConfig(AppConfig):
    name = "batches"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Load what registers itself: event types, commands and projections."""
        from batches import (
            commands,  # noqa: F401
            material_commands,  # noqa: F401
            material_projections,  # noqa: F401
            material_stock_commands,  # noqa: F401
            paper_commands,  # noqa: F401
            printing,  # noqa: F401
            projections,  # noqa: F401
            recipe,  # noqa: F401
            record,  # noqa: F401
            record_queries,  # noqa: F401
            subject_queries,  # noqa: F401
            trace_projections,  # noqa: F401
            waiting_queries,  # noqa: F401
        )
