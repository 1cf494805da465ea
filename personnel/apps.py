"""The people's room, as Django installs it."""

from django.apps import AppConfig


class PersonnelConfig(AppConfig):
    name = "personnel"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Fill the ledger's port: who may ask for what."""
        from ledger.ports import plug_authority
        from personnel import commands  # noqa: F401 - declares its commands
        from personnel.authority import AccountAuthority

        plug_authority(AccountAuthority())
