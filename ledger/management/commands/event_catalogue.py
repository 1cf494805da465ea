"""Print the catalogue of event types: what may ever stand in the ledger."""

import hashlib
import json
from typing import Any

from django.core.management.base import BaseCommand

from ledger import codec
from ledger.event import RETENTION, event_types


class Command(BaseCommand):
    """One block per event type: name, version, sentence, owner, retention, schema and its hash."""

    help = "Print every event type with its sentence, owner, retention class and JSON Schema."

    def handle(self, *args: Any, **options: Any) -> None:
        for name in sorted(event_types()):
            kind = event_types()[name]
            schema = json.dumps(codec.json_schema(kind.cls), sort_keys=True, indent=2)
            digest = hashlib.sha256(schema.encode()).hexdigest()
            self.stdout.write(
                f"{kind.name} v{kind.version}\n"
                f"  reads as:  {kind.sentence}\n"
                f"  owner:     {kind.owner}\n"
                f"  retention: {kind.retention} ({RETENTION[kind.retention]})\n"
                f"  schema:    sha256:{digest}\n"
                + "".join(f"    {line}\n" for line in schema.splitlines())
            )
