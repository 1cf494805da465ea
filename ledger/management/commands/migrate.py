"""`migrate`, as the owner of the tables: afterwards the guards and grants stand again."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import connections

from ledger import guards, roles
from ledger.models import Epoch


class Command(migrate.Command):
    """Django's migrate on the `migrator` alias, then triggers, grants and the first epoch."""

    def add_arguments(self, parser: Any) -> None:
        super().add_arguments(parser)
        parser.set_defaults(database="migrator")

    def handle(self, *args: Any, **options: Any) -> None:
        alias = options["database"]
        if alias != "migrator":
            raise CommandError("Migrate runs as the owner: leave --database out.")
        if settings.DB == "sqlite":
            settings.STATE_DIR.mkdir(parents=True, exist_ok=True)
        super().handle(*args, **options)
        if options["plan"] or options["check_unapplied"]:
            return
        connection = connections[alias]
        tables = set(connection.introspection.table_names())
        if not tables.issuperset(model._meta.db_table for model in guards.ledger_models()):
            return  # a partial migrate on a new database: the full one will come
        guards.install(connection)
        if connection.vendor == "postgresql":
            roles.apply_grants(connection)
        self._first_epoch(alias)

    def _first_epoch(self, alias: str) -> None:
        if not Epoch.objects.using(alias).exists():
            origin = f"{settings.LOTBOOK_ORIGIN}/1"
            Epoch.objects.using(alias).create(number=1, origin=origin, start=0)
            self.stdout.write(f"This log's origin is {origin}.")
