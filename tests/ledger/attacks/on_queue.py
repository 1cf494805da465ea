"""Attacks on what waits: events of which no entry can be made, so that the log cannot go on."""

from typing import Any
from uuid import uuid4

from tests.ledger.attacks.attacker import Attacker
from tests.ledger.attacks.kind import Named, attack
from tests.ledger.attacks.scene import Scene


def poison(a: Attacker, s: Scene, **instead: Any) -> Named:
    """An event like the victim, in a stream of its own, that differs in these columns."""
    event = {**a.event_at(s.victim), "id": a.id(uuid4()), "stream_id": "ZZ-01", "version": 1}
    event |= instead
    a.add("ledger_event", event)
    if event["id"] not in [row["event_id"] for row in a.rows("ledger_pending")]:
        a.add("ledger_pending", {"event_id": event["id"]})
    return Named(row=f"ledger_event {event['id']}")


@attack("event whose stream has no name", group="poison pill", stops=False)
def stream_without_name(a: Attacker, s: Scene) -> Named:
    return poison(a, s, stream_type="EQUIP", stream_id="bad id!")


@attack("event whose actor breaks the line", group="poison pill", stops=False)
def actor_breaks_the_line(a: Attacker, s: Scene) -> Named:
    return poison(a, s, actor="p-7\np-8")


@attack("event whose type is no type", group="poison pill", stops=False)
def type_is_no_type(a: Attacker, s: Scene) -> Named:
    return poison(a, s, type="Equipment")


@attack("event of a schema version below 1", group="poison pill", stops=False)
def schema_version_below_one(a: Attacker, s: Scene) -> Named:
    return poison(a, s, schema_version=0)
