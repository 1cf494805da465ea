"""After a backup was restored: begin a new epoch that says what was kept and what was lost."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ledger import epochs, log, sealer
from ledger.epochs import Survey
from ledger.event import Actor
from ledger.outside_lost import begin_with_new_store
from ledger.sealer import Sealer
from ledger.sealing import Refusal


class Command(BaseCommand):
    help = "Begins a new epoch of the log after a backup was restored, and seals it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--reason", required=True, help="why: it stands in the trail")
        parser.add_argument(
            "--outside-lost",
            action="store_true",
            help="the outside store is lost: fill a new one from the database",
        )
        parser.add_argument("--by", default="console", help="the pseudonym of who begins it")

    def handle(self, *args: Any, **options: Any) -> None:
        reason = options["reason"].strip()
        if not reason:
            raise CommandError("Say why: --reason must not be empty.")
        actor = Actor(person=options["by"], role="console", terminal="server")
        try:
            one = sealer.from_settings()
            self._begin(one, actor, reason, outside_lost=options["outside_lost"])
            one.open(new_epoch=True)
            while one.seal() is not None:
                pass
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        held = one.held
        self.stdout.write(f"Sealed {held.origin} at {held.size} entries." if held else "")

    def _begin(self, one: Sealer, actor: Actor, reason: str, *, outside_lost: bool) -> None:
        if outside_lost:
            self._say(begin_with_new_store(one, actor=actor, reason=reason))
            return
        newest = one.outside.latest()
        present = log.epochs(using=one.using)
        if newest is not None and present and present[-1].number > newest.epoch:
            self.stdout.write(f"Epoch {present[-1].number} was begun before; it is sealed now.")
            epochs.confirm(one.outside, present[-1], using=one.using)
            return
        found = epochs.begin_next(
            one.outside, keys=one.keyring.signers(), actor=actor, reason=reason, using=one.using
        )
        self._say(found)

    def _say(self, found: Survey) -> None:
        was = found.previous
        self.stdout.write(
            f"Epoch {found.number} begins at position {found.start}. Of the {was.size} signed"
            f" entries of {was.origin}, {was.kept} are here and {was.lost} are lost."
        )
        for skipped in found.skipped:
            self.stdout.write(f"Of {skipped.origin} all {skipped.size} signed entries are lost.")
