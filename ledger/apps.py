"""The ledger's application."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "ledger"
    verbose_name = "Ledger"

    def ready(self) -> None:
        """Load what registers itself: event types and the trail's projection."""
        from ledger import (  # noqa: F401
            commands,
            log_events,
            refusals,
            signature,
            trail,
            trail_commands,
            trail_events,
        )
