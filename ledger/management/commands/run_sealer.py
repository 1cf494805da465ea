"""Give positions and sign the log until stopped: one such process per log."""

import signal
import threading
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from ledger import sealer
from ledger.sealing import PERIOD, Loop, Refusal
from ledger.witness_client import WitnessClient
from ledger.witness_list import parse_witnesses


class Command(BaseCommand):
    help = "Gives committed events their positions and signs the log, until stopped."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--period", type=float, default=PERIOD, help="seconds between looks")
        parser.add_argument("--once", action="store_true", help="seal what is there, then end")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["once"]:
            return self._once()
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        witnesses = [WitnessClient(one) for one in parse_witnesses(settings.LOTBOOK_WITNESSES)]
        loop = Loop(stop, period=options["period"], witnesses=witnesses)
        loop.run()

    def _once(self) -> None:
        try:
            held = sealer.run_once()
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"Sealed {held.origin} at {held.size} entries." if held else "Nothing.")
