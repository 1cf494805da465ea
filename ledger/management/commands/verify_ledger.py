"""`manage.py verify_ledger`: recompute the whole database from its bytes. Exit 0, 1 or 2."""

import json
import sys
import traceback
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from ledger.audit import CannotAudit, Report, audit


class Command(BaseCommand):
    help = (
        "Recomputes every entry, leaf, tile, root and signature from the database's bytes and"
        " compares them with the outside store. Exit code: 0 verified, 1 not, 2 unusable."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--database", default="auditor", help="the alias to read through")
        parser.add_argument(
            "--from-outside", type=Path, metavar="PATH", help="another copy of the outside store"
        )
        parser.add_argument("--without-outside", action="store_true", help="do not compare with it")
        parser.add_argument("--key", action="append", default=[], help="a verifier key you know")
        parser.add_argument("--rebuild", action="store_true", help="compare the read models too")
        parser.add_argument("--json", action="store_true", help="for other programs")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = self._audit(options)
        except CannotAudit as error:
            self.stderr.write(str(error))
            sys.exit(2)
        except Exception as error:  # noqa: BLE001 - Python's own exit code would say "altered"
            traceback.print_exc(file=self.stderr)
            self.stderr.write(
                f"The check ended before it was done ({type(error).__name__}), so nothing is said"
                " of the ledger. Send these lines to the maintainers."
            )
            sys.exit(2)
        text = json.dumps(report.as_json(), indent=1) if options["json"] else report.in_words()
        self.stdout.write(text)
        sys.exit(0 if report.verified else 1)

    def _audit(self, options: dict[str, Any]) -> Report:
        return audit(
            using=options["database"],
            outside=options["from_outside"],
            without_outside=options["without_outside"],
            keys=options["key"],
            read_models=options["rebuild"],
            progress=None if options["json"] else self._progress,
        )

    def _progress(self, done: int) -> None:
        self.stderr.write(f"{done} entries", ending="\r")
