"""The equipment room, as Django installs it."""

from django.apps import AppConfig


class EquipmentConfig(AppConfig):
    name = "equipment"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Load what registers itself: event types, commands and projections."""
        from equipment import (  # noqa: F401
            claim_commands,
            commands,
            projections,
            room,
            room_commands,
            room_projections,
            status_commands,
            status_projections,
            unit,
            waiting_queries,
            workstation,
        )
        from ledger.streams import folds

        folds("equipment", unit.INITIAL, unit.evolve)
        folds("room", room.INITIAL, room.evolve)
        folds("workstation", workstation.INITIAL, workstation.evolve)
