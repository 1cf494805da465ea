"""The application that holds settings, start-up checks and the demo."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "config"
    verbose_name = "Lotbook"

    def ready(self) -> None:
        """Register the system checks."""
        from config import checks  # noqa: F401
