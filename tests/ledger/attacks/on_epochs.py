"""Attacks by an epoch that nobody began: what was sealed is said to have been lost."""

import json
from typing import Any
from uuid import UUID

from ledger import tiles
from tests.ledger.attacks.attacker import Attacker, Row, as_uuid, entry_of, leaf_of
from tests.ledger.attacks.kind import Named, attack
from tests.ledger.attacks.on_entries import body_altered
from tests.ledger.attacks.scene import Scene

EVENT = UUID(int=(0x0190 << 112) | (0x7 << 76) | (0x8 << 60) | 0xE)
COMMAND = UUID(int=(0x0190 << 112) | (0x7 << 76) | (0x8 << 60) | 0xC)
SEALS = ("ledger_checkpoint", "ledger_tile", "ledger_cosignature", "ledger_timestamp")


def said_lost(leaves: list[bytes], kept: int, *, name: str) -> dict[str, Any]:
    """What a genuine epoch would say after a backup with so many entries was restored."""

    def node(height: int, index: int) -> bytes:
        return tiles.perfect_root(leaves[index << height : (index + 1) << height])

    size = len(leaves)
    return {
        "kept": kept,
        "kept_root": tiles.subtree(0, kept, node).hex(),
        "lost": size - kept,
        "origin": f"{name}/1",
        "proof": [part.hex() for part in tiles.consistency_path(kept, size, node)],
        "root": tiles.subtree(0, size, node).hex(),
        "size": size,
    }


def began(a: Attacker, previous: dict[str, Any]) -> Row:
    """A first entry of epoch 2, as `manage.py begin_epoch` would have written it."""
    first = a.event_at(0)
    body = json.loads(first["body"])
    body["actor"] = {"person": "console", "role": "console", "terminal": "server"}
    body["command"]["id"] = str(COMMAND)
    body["data"] |= {
        "epoch": 2,
        "origin": previous["origin"].removesuffix("1") + "2",
        "previous": previous,
    }
    body["reason"] = "Last night's backup was restored."
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return {
        **first,
        "id": a.id(EVENT),
        "stream_id": "2",
        "actor": "console",
        "body": text.encode(),
    }


def begin(a: Attacker, s: Scene, *, kept: int) -> None:
    """Say that only `kept` entries survived, and go on with the others rewritten."""
    log = a.rows("ledger_log")
    sealed, name = [row["leaf"] for row in log[: s.size]], s.vkey.split("+")[0]
    event = began(a, said_lost(sealed, kept, name=name))
    again = log[kept:] if kept else log[1:]  # the old epoch's own first entry would tell
    if not kept:
        old = a.event_at(0)
        a.remove("ledger_epoch", {"number": 1})
        a.remove("ledger_event", {"id": old["id"]})
        for row in a.rows("ledger_command"):
            if str(as_uuid(old["id"])) == row["event_ids"]:
                a.remove("ledger_command", {"key": row["key"]})
    for table in SEALS:
        gone = [row for row in a.rows(table) if row.get("size", kept + 1) > kept]
        for row in gone:
            a.remove(table, {"id": row["id"]})
    a.add("ledger_event", event)
    a.remove("ledger_pending", {"event_id": event["id"]})
    command = {"key": a.id(COMMAND), "request_sha256": bytes(32), "event_ids": str(EVENT)}
    a.add("ledger_command", command)
    a.add("ledger_epoch", {"number": 2, "origin": f"{name}/2", "start": kept})
    place(a, [*log[:kept], {"event_id": event["id"]}, *again])


def place(a: Attacker, log: list[Row]) -> None:
    """Make the log of these events, in this order, every hash from the events as they are now."""
    events = {row["id"]: row for row in a.rows("ledger_event")}
    rows = []
    for position, row in enumerate(log):
        entry = entry_of(events[row["event_id"]])
        made = {"position": position, "event_id": row["event_id"], "entry": entry}
        rows.append({**made, "leaf": leaf_of(entry)})
    a.fill("ledger_log", rows)


@attack("history rewritten behind an epoch made up", group="epoch made up")
def all_said_lost(a: Attacker, s: Scene) -> Named:
    """No key is needed: an epoch that nobody has sealed says that everything before was lost."""
    body_altered(a, s)
    begin(a, s, kept=0)
    return Named(0)


@attack("end of the log rewritten behind an epoch made up", group="epoch made up")
def tail_said_lost(a: Attacker, s: Scene) -> Named:
    """The entries before the victim stay as they were sealed, so they are proved to be kept."""
    body_altered(a, s)
    begin(a, s, kept=s.victim)
    return Named(s.victim)
