"""The people's room, as Django installs it."""

from django.apps import AppConfig


class PersonnelConfig(AppConfig):
    name = "personnel"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Fill the ledger's ports: who may ask for what, who is asking, how people are called."""
        from ledger.ports import People, plug_authority, plug_people
        from ledger.streams import folds
        from personnel import account, commands, queries, session  # noqa: F401 - declares commands
        from personnel.authority import AccountAuthority

        folds("account", account.Account(), account.evolve)
        folds("session", account.Session(), account.evolve_session)
        plug_authority(AccountAuthority())
        plug_people(People(queries.printed_names, session.actor_of, queries.role_name))
