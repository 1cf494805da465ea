"""Change the key that signs the log; the change itself is the last thing the old key signs."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from ledger import ids, keys, roles, sealer, store
from ledger.codec import CommandRef
from ledger.event import Actor
from ledger.keyring import Keyring
from ledger.keys import KeyFileRefused
from ledger.log_events import CheckpointKeyChanged
from ledger.note import sign_key_change
from ledger.sealing import Refusal

STREAM = ("checkpoint_key", "log")


class Command(BaseCommand):
    help = "Makes a new signing key for the log and puts it in use."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--reason", required=True, help="why: it stands in the trail")
        parser.add_argument("--by", default="console", help="the pseudonym of who changes it")
        parser.add_argument(
            "--no-wait", action="store_true", help="leave the change to the running sealer"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            ring = Keyring.from_settings()
            old, new = ring.signers()[0], self._next_key(ring)
            change = CheckpointKeyChanged(
                old=old.vkey, new=new, proof=sign_key_change(old, new=new)
            )
            actor = Actor(person=options["by"], role="console", terminal="server")
            event = _record(change, actor, options["reason"])
            if not options["no_wait"] and not sealer.wait_sealed(event.id, timeout=3):
                sealer.run_once()  # no sealer runs: seal here, which takes the new key in use
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(
            f"The log's key is now\n{change.new}\nGive it to every witness, and keep the old key"
            " file: old checkpoints are verified with the key that stands in the log."
        )

    def _next_key(self, ring: Keyring) -> str:
        """The waiting key: the one an interrupted attempt has made, or a new one."""
        if not ring.next_path.exists():
            keys.write_keys(ring.next_path, [keys.generate(settings.LOTBOOK_ORIGIN)])
        waiting = Keyring(ring.next_path)
        if waiting.vkey == ring.vkey:
            raise KeyFileRefused(f"{ring.next_path} holds the key that signs already.")
        return waiting.vkey


def _record(change: CheckpointKeyChanged, actor: Actor, reason: str) -> store.Recorded:
    written = store.load(*STREAM, using="sealer")
    if written and written[-1].data == change:
        return written[-1]  # an interrupted attempt has written it
    command = CommandRef(ids.new_id(), "ledger.rotate_checkpoint_key", b"\0" * 32)
    return store.append(
        command=command,
        actor=actor,
        changes=[store.Change(*STREAM, len(written), [change])],
        reason=reason,
        using=roles.log_writer(),
    ).events[0]
