"""`manage.py backup_ledger PATH`: a consistent backup while everybody works on."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ledger.backup import BackupFailed, backup


class Command(BaseCommand):
    help = "Writes a backup of the database. The outside store and the keys are kept elsewhere."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path, help="the file to write")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            backup(options["path"])
        except (BackupFailed, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"Backup written to {options['path']}.\n"
            "Not in it, on purpose: the outside store (never restore that one) and the log's"
            " signing key (keep a copy in a safe)."
        )
