"""`manage.py rebuild`: make every read model again from the ledger, or only compare."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ledger import rebuild
from ledger.event import UnknownEvent


class Command(BaseCommand):
    help = "Makes every read model again from the events; --check only compares."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="compare, change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        work = rebuild.compare if options["check"] else rebuild.rebuild
        try:
            found = work(progress=self._progress)
        except (rebuild.RebuildStopped, UnknownEvent) as stopped:
            raise CommandError(f"Stopped, and nothing was changed: {stopped}") from stopped
        for sentence in found:
            self.stdout.write(sentence)
        tables = len(rebuild.read_models())
        if options["check"] and found:
            raise CommandError(f"{tables} tables compared: they are not what the ledger says.")
        what = "are what the ledger says" if not found else "were mended"
        self.stdout.write(f"{tables} read models {what}.")

    def _progress(self, done: int, total: int) -> None:
        self.stderr.write(f"{done} of {total} events", ending="\r" if done < total else "\n")
