"""The batches room, as Django installs it."""

from django.apps import AppConfig


class BatchesConfig(AppConfig):
    name = "batches"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Load what registers itself: event types, commands and projections."""
        from batches import (
            answer_events,  # noqa: F401
            answer_kinds,  # noqa: F401
            attachment_answers,  # noqa: F401
            attachment_commands,  # noqa: F401
            collection_commands,  # noqa: F401
            commands,  # noqa: F401
            container_commands,  # noqa: F401
            container_issue_commands,  # noqa: F401
            container_projections,  # noqa: F401
            contingency_commands,  # noqa: F401
            custody_commands,  # noqa: F401
            flow_events,  # noqa: F401
            instrument_answers,  # noqa: F401
            label_answers,  # noqa: F401
            label_commands,  # noqa: F401
            label_projections,  # noqa: F401
            material_answers,  # noqa: F401
            material_commands,  # noqa: F401
            material_projections,  # noqa: F401
            material_stock_commands,  # noqa: F401
            material_waiting_queries,  # noqa: F401
            order_answers,  # noqa: F401
            order_commands,  # noqa: F401
            order_projections,  # noqa: F401
            order_waiting_queries,  # noqa: F401
            paper_commands,  # noqa: F401
            paper_projections,  # noqa: F401
            placing,  # noqa: F401
            placing_events,  # noqa: F401
            printing,  # noqa: F401
            projections,  # noqa: F401
            recipe,  # noqa: F401
            recipe_commands,  # noqa: F401
            recipe_projections,  # noqa: F401
            recipe_queries,  # noqa: F401
            record,  # noqa: F401
            record_queries,  # noqa: F401
            running_commands,  # noqa: F401
            running_projections,  # noqa: F401
            sample_commands,  # noqa: F401
            sample_projections,  # noqa: F401
            step_commands,  # noqa: F401
            subject_queries,  # noqa: F401
            trace_commands,  # noqa: F401
            trace_projections,  # noqa: F401
            waiting_queries,  # noqa: F401
            working,  # noqa: F401
        )
