"""Have the newest checkpoint time-stamped by an outside authority (RFC 3161)."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from ledger.timestamps import TimestampRefused, timestamp_newest


class Command(BaseCommand):
    help = "Asks the authority at LOTBOOK_TSA_URL to stamp the newest checkpoint."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.LOTBOOK_TSA_URL:
            raise CommandError("Set LOTBOOK_TSA_URL to the address of a time-stamping authority.")
        try:
            stamp = timestamp_newest()
        except TimestampRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        if stamp is None:
            self.stdout.write("The newest checkpoint has its time stamp already.")
            return
        self.stdout.write(f"Checkpoint {stamp.epoch}/{stamp.size} is stamped: {stamp.at}.")
