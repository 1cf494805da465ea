"""Run a witness for one or more logs. Needs no database of Lotbook's."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from ledger.keys import KeyFileRefused
from ledger.verify import BadNote, parse_vkey
from ledger.witness_service import open_witness, serve, witness_keys


class Command(BaseCommand):
    help = "Cosigns the checkpoints of the logs whose keys it is given (C2SP tlog-witness)."
    requires_system_checks: list[str] = []  # noqa: RUF012 - no database here

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--name", required=True, help="the witness's name, like a web address")
        parser.add_argument(
            "--origin-key", action="append", required=True, metavar="VKEY", help="a log's key"
        )
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8100)
        parser.add_argument("--state", type=Path, help="folder of its store and key")

    def handle(self, *args: Any, **options: Any) -> None:
        state = options["state"] or Path(settings.STATE_DIR) / "witness"
        key = state / "witness.key"
        try:
            for vkey in options["origin_key"]:
                parse_vkey(vkey)
            state.mkdir(parents=True, exist_ok=True)
            for one in witness_keys(key, name=options["name"]):
                self.stdout.write(f"This witness signs as {one.vkey}")
        except (BadNote, KeyFileRefused, OSError) as refusal:
            raise CommandError(str(refusal)) from refusal
        serve(
            lambda: open_witness(
                state=state, key=key, name=options["name"], log_keys=options["origin_key"]
            ),
            host=options["host"],
            port=options["port"],
        )
