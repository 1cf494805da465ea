"""`manage.py restore_ledger PATH --into NAME`: a backup into a new, empty place."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ledger.backup import BackupFailed, restore

NEXT = """\
Restored into {into}. What comes next:
1. set DB_NAME={into} and run: manage.py migrate (it puts grants and guards back)
2. manage.py verify_ledger says what the backup holds and what was signed after it
3. manage.py begin_epoch --reason '...' (until then the sealer refuses to sign)
4. manage.py verify_ledger --rebuild, and sign the record of this drill
"""


class Command(BaseCommand):
    help = "Restores a backup into a new file or an empty database; never over existing data."
    requires_system_checks: list[str] = []  # noqa: RUF012 - there may be no database at all

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path, help="the backup")
        parser.add_argument(
            "--into", required=True, help="a new SQLite file, or an empty PostgreSQL database"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            restore(options["path"], into=options["into"])
        except (BackupFailed, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(NEXT.format(into=options["into"]))
