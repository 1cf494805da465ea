"""Everything a demo needs before its processes start: keys, tables, people and a told history.

`manage.py demo` runs it in a child and shows its lines; running it again changes nothing.
"""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from config import demo_history
from ledger.keyring import Keyring


class Command(BaseCommand):
    help = "Prepares the demo's state: `manage.py demo` does this by itself."
    requires_system_checks: list[str] = []  # noqa: RUF012 - there is no database yet

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("This is not a demo. Start one with: python3 manage.py demo")
        settings.STATIC_ROOT.mkdir(exist_ok=True)  # empty: a demo serves them from the source
        self.make_key()
        self.stdout.write("Making the tables ...")
        call_command("migrate", verbosity=0)
        self.stdout.write("Telling the demo's history ...")
        try:
            demo_history.tell()
        except demo_history.AnotherEdition as other:
            raise CommandError(
                f"{other} Delete {settings.STATE_DIR} and start again: nothing but the"
                " demo's invented records and your tries are in it."
            ) from None
        self.introduce()

    def make_key(self) -> None:
        """The log's signing key, kept when it is there: the log's past is signed with it."""
        if not settings.LOTBOOK_CHECKPOINT_KEY.exists():
            self.stdout.write("Making the log's signing key ...")
            Keyring.from_settings(fresh=True)

    def introduce(self) -> None:
        """One indented line for each person who may sign in."""
        from personnel import queries

        for account in queries.demo_people():
            self.stdout.write(f"  {account.printed_name}, {account.role_name}")
