"""Print the catalogue of event types, or keep it: what may ever stand in the ledger."""

import hashlib
import json
import re
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from ledger import codec
from ledger.event import RETENTION, EventType, event_types

KEPT = Path("tests", "ledger", "event_catalogue.txt")


class Command(BaseCommand):
    """One block per event type: name, version, sentence, owner, retention, schema and its hash."""

    help = "Print every event type with its sentence, owner, retention class and JSON Schema."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--write",
            action="store_true",
            help=f"add what is new to {KEPT}, and change nothing that is there",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        now = blocks("".join(_block(kind) for kind in event_types().values()))
        if options["write"]:
            self._keep(now, Path(settings.BASE_DIR) / KEPT)
        else:
            self.stdout.write("".join(now[title] for title in sorted(now, key=versioned)))

    def _keep(self, now: dict[str, str], path: Path) -> None:
        """Add the new blocks; those of old versions and of withdrawn types stay as they are."""
        kept = blocks(path.read_text("utf-8"))
        changed = sorted(title for title in now if kept.get(title, now[title]) != now[title])
        if changed:
            raise CommandError(
                f"{', '.join(changed)}: the catalogue has it otherwise. What was recorded bears the"
                " old one, so raise the version in @event_type; if it was never committed, take its"
                f" block out of {KEPT} first."
            )
        whole = {**kept, **now}
        path.write_text("".join(whole[title] for title in sorted(whole, key=versioned)), "utf-8")
        added = sorted(set(now) - set(kept))
        self.stdout.write(f"Added: {', '.join(added)}." if added else "Nothing is new.")


def blocks(text: str) -> dict[str, str]:
    """The catalogue's blocks by their titles, such as `equipment.registered v1`."""
    parts = re.split(r"(?m)^(?=\S)", text)
    return {part.splitlines()[0]: part.rstrip() + "\n" for part in parts if part.strip()}


def versioned(title: str) -> tuple[str, int]:
    """Name and version of a block, by which the catalogue is sorted."""
    name, _, version = title.rpartition(" v")
    return name, int(version)


def _block(kind: EventType) -> str:
    schema = json.dumps(codec.json_schema(kind.cls), sort_keys=True, indent=2)
    digest = hashlib.sha256(schema.encode()).hexdigest()
    return (
        f"{kind.name} v{kind.version}\n"
        f"  reads as:  {kind.sentence}\n"
        f"  owner:     {kind.owner}\n"
        f"  retention: {kind.retention} ({RETENTION[kind.retention]})\n"
        f"  schema:    sha256:{digest}\n" + "".join(f"    {line}\n" for line in schema.splitlines())
    )
