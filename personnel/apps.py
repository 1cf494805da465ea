"""The people's room, as Django installs it."""

from django.apps import AppConfig


class PersonnelConfig(AppConfig):
    name = "personnel"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Fill the ledger's ports: who may ask for what, who is asking, how people are called."""
        from ledger.ports import People, plug_authority, plug_people, plug_signer
        from ledger.streams import folds
        from personnel import (
            account,
            commands,  # noqa: F401 - declares commands
            device,
            device_commands,
            device_projections,  # noqa: F401
            device_queries,  # noqa: F401 - says what waits
            people_commands,  # noqa: F401
            people_projections,  # noqa: F401
            person,
            queries,
            session,
            signing,
            signing_key,
            signing_projections,  # noqa: F401
            signing_queries,  # noqa: F401 - says what waits
            signing_reactions,  # noqa: F401
            stay,
            terminal,
            training,
            training_commands,
            training_projections,  # noqa: F401
            training_waiting_queries,  # noqa: F401 - says what waits
            vault_commands,
            vault_projections,  # noqa: F401
            vault_queries,  # noqa: F401 - says what waits
            vault_request_commands,  # noqa: F401
            vault_subject,
            waiting_queries,  # noqa: F401
        )
        from personnel.authority import AccountAuthority

        folds("account", account.Account(), account.evolve)
        folds("session", stay.Session(), stay.evolve_session)
        folds("person", person.Person(), person.evolve)
        folds("terminal", terminal.Terminal(), terminal.evolve)
        folds(device_commands.STREAM, device.INITIAL, device.evolve)
        folds("signing", signing_key.INITIAL, signing_key.evolve)
        folds(training_commands.ITEM, training.Item(), training.evolve_item)
        folds(training_commands.CURRICULUM, training.Curriculum(), training.evolve_curriculum)
        folds(training_commands.TRAINED, training.Trained(), training.evolve_trained)
        folds(vault_commands.STREAM, vault_subject.Subject(), vault_subject.evolve)
        plug_signer(signing.OwnKeys())
        plug_authority(AccountAuthority())
        plug_people(People(queries.printed_names, session.actor_of, queries.role_name))
