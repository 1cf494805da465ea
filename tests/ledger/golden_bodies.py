"""The golden bodies: where they are, and how a new event type gets one (docs/add-an-event.md)."""

from pathlib import Path

from ledger import store
from ledger.event import Recorded, event_types
from ledger.models import Event

GOLDEN = Path(__file__).parent / "golden"
SENTENCES = GOLDEN / "sentences.txt"


def released() -> set[str]:
    """Every version of every event type that may stand in a ledger."""
    return {
        f"{kind.name}-{version}"
        for kind in event_types().values()
        for version in range(1, kind.version + 1)
    }


def add() -> list[str]:
    """Keep the body of the first stored event of each type that has no golden body yet.

    Run in manage.py's shell on an embedded database; answers what is still missing.
    """
    missing = released() - {path.stem for path in GOLDEN.glob("*.json")}
    for row in Event.objects.order_by("recorded_at", "id"):
        name = f"{row.type}-{row.schema_version}"
        event = store.event(row.id) if name in missing else None
        if event is not None:
            keep(name, event)
            missing.discard(name)
    return sorted(missing)


def keep(name: str, event: Recorded) -> None:
    """Write the stored bytes and the sentence; a file that is there is never replaced."""
    with (GOLDEN / f"{name}.json").open("xb") as file:
        file.write(event.body + b"\n")
    lines = {*SENTENCES.read_text("utf-8").splitlines(), f"{name}: {event.sentence}"}
    SENTENCES.write_text("".join(f"{line}\n" for line in sorted(lines)), "utf-8")
