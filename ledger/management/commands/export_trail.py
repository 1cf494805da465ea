"""`manage.py export_trail`: an inspection bundle of the trail, or of the part that matches."""

from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ledger import export
from ledger.event import Actor, Refused, UnknownEvent
from ledger.trail_commands import hand_out


class Command(BaseCommand):
    help = (
        "Writes a zip that proves itself complete: the matching records, every entry of the"
        " positions, proofs, keys and a verifier that runs alone."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("out", type=Path, nargs="?", help="the file to write")
        for name in ("stream-type", "stream-id", "type", "actor"):
            parser.add_argument(f"--{name}", help=f"only this {name.replace('-', ' ')}")
        parser.add_argument("--from", type=_moment, dest="since", help="recorded then or later")
        parser.add_argument("--to", type=_moment, dest="until", help="recorded before then")
        parser.add_argument("--first", type=int, help="the first position")
        parser.add_argument("--last", type=int, help="the last position")
        parser.add_argument("--count", action="store_true", help="say how many, export nothing")
        parser.add_argument("--wait", type=float, metavar="S", help="wait for the seal that long")
        parser.add_argument("--reason", default="", help="why this copy is made")
        parser.add_argument("--by", default="console", help="the pseudonym of who asks")

    def handle(self, *args: Any, **options: Any) -> None:
        names = ("stream_type", "stream_id", "type", "actor", "since", "until", "first", "last")
        chosen = export.Filter(**{name: options[name] for name in names})
        try:
            self._wait(options["wait"])
            positions = export.sealed_range(chosen)
            self.stdout.write(
                f"{export.count_matches(chosen)} records match ({chosen.in_words()});"
                f" positions {positions.first} to {positions.last} are sealed."
            )
            if not options["count"]:
                self._export(chosen, options)
        except (Refused, UnknownEvent) as refused:
            raise CommandError(str(refused)) from refused

    def _wait(self, seconds: float | None) -> None:
        if seconds is not None and not export.wait_for_seal(timeout=seconds):
            raise CommandError("The newest records are not sealed yet. Is run_sealer running?")
        waiting = export.unsealed()
        if waiting:
            self.stdout.write(
                f"{waiting} records are not sealed yet and stay out; --wait 10 waits for them."
            )

    def _export(self, chosen: export.Filter, options: dict[str, Any]) -> None:
        out = options["out"]
        if out is None:
            raise CommandError("Name the file to write.")
        if out.exists():
            raise CommandError(f"{out} exists already; it is not overwritten.")
        actor = Actor(person=options["by"], role="console", terminal="server")
        summary = hand_out(out, chosen, actor=actor, reason=options["reason"])
        self.stdout.write(
            f"{summary.matches} records and {summary.entries} entries written to {out}.\n"
            f"SHA-256 {summary.sha256}\nCheck it: python3 ledger/verify.py {out} --key ..."
        )


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time zone is missing, for example 2026-03-02T08:00Z")
    return moment
