"""The equipment room, as Django installs it."""

from django.apps import AppConfig


class EquipmentConfig(AppConfig):
    name = "equipment"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Load what registers itself: event types, commands and projections."""
        from equipment import commands, projections, unit, waiting_queries  # noqa: F401
        from ledger.streams import folds

        folds("equipment", unit.INITIAL, unit.evolve)
