"""After a backup was restored, or the outside store or the key was lost: begin a new epoch."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ledger import epochs, log, sealer
from ledger.epochs import Survey
from ledger.event import Actor
from ledger.outside import Held
from ledger.outside_lost import begin_with_new_store
from ledger.sealer import Sealer
from ledger.sealing import Refusal


class Command(BaseCommand):
    help = "Begins a new epoch of the log, which says what was kept and lost, and seals it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--reason", required=True, help="why: it stands in the trail")
        lost = parser.add_mutually_exclusive_group()
        lost.add_argument(
            "--key-lost",
            action="store_true",
            help="the key that signs the log is lost: go on under a new one",
        )
        lost.add_argument(
            "--outside-lost",
            action="store_true",
            help="the outside store is lost: fill a new one from the database",
        )
        parser.add_argument("--by", default="console", help="the pseudonym of who begins it")
        parser.add_argument(
            "--yes", action="store_true", help="do not ask whether what is kept and lost is right"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        reason = options["reason"].strip()
        if not reason:
            raise CommandError("Say why: --reason must not be empty.")
        self.sure = options["yes"]
        actor = Actor(person=options["by"], role="console", terminal="server")
        try:
            one = sealer.from_settings(key_lost=options["key_lost"])
            if options["outside_lost"]:
                begin_with_new_store(
                    one, actor=actor, reason=reason, ask=self._ask, adopt=self._adopt
                )
            else:
                self._begin(one, actor, reason, key_lost=options["key_lost"])
            one.open(new_epoch=True)
            while one.seal() is not None:
                pass
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        held = one.held
        self.stdout.write(f"Sealed {held.origin} at {held.size} entries." if held else "")

    def _begin(self, one: Sealer, actor: Actor, reason: str, *, key_lost: bool) -> None:
        keys, newest = one.keyring.signers(), one.outside.latest()
        present = log.epochs(using=one.using)
        if newest is not None and present and present[-1].number > newest.epoch:
            found = epochs.confirm(one.outside, present[-1], keys=keys, using=one.using)
            self.stdout.write(f"Epoch {found.number} was begun before and never sealed.")
            self._ask(found)
            epochs.reset_followers(found.start)
            return
        if key_lost:
            epochs.refuse_named_key(one.keyring.vkey, path=one.keyring.path)
            self.stdout.write(
                f"The key that signed until now is given up for lost; from now on\n"
                f"{one.keyring.vkey}\nsigns. Nothing that was sealed vouches for it: give it to"
                " every witness, and to whoever verifies bundles, on another way."
            )
        epochs.begin_next(
            one.outside,
            keys=keys,
            actor=actor,
            reason=reason,
            ask=self._ask,
            whole_too=key_lost,
            using=one.using,
        )

    def _ask(self, found: Survey) -> None:
        """Whoever begins an epoch says how many entries are lost: nobody does it blindly."""
        self.stdout.write(found.words)
        self._sure("lost entries", found.lost)

    def _adopt(self, held: Held) -> None:
        self.stdout.write(
            f"The database proves {held.size} signed entries of {held.origin}. Whether the lost"
            " store held more, only a witness or a bundle handed out before can tell."
        )
        self._sure("signed entries", held.size)

    def _sure(self, what: str, number: int) -> None:
        if self.sure:
            return
        if not sys.stdin.isatty():
            raise CommandError("Nobody is there to be asked. If all this is right, add --yes.")
        self.stdout.write(f"If that is right, type the number of {what}: ", ending="")
        self.stdout.flush()
        if sys.stdin.readline().strip() != str(number):
            raise CommandError("Nothing was begun.")
