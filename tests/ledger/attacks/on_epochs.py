"""Attacks by an epoch that nobody began: what was sealed is said to have been lost."""

import json
from typing import Any
from uuid import UUID

from ledger import tiles
from ledger.keys import read_keys
from ledger.note import sign_checkpoint, sign_key_change
from tests.ledger.attacks.attacker import Attacker, Row, as_uuid, entry_of, leaf_of
from tests.ledger.attacks.kind import Named, attack
from tests.ledger.attacks.on_entries import body_altered, own_key
from tests.ledger.attacks.on_seals import outside
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


@attack("key change made up, outside store rewritten with it", group="key swapped")
def key_change_made_up(a: Attacker, s: Scene) -> Named:
    """By somebody who may write everywhere and has not the log's key: the log itself seems to say
    that another key signs from its second entry on."""
    body_altered(a, s)
    first, name = a.event_at(0), s.vkey.split("+")[0]
    body = json.loads(first["body"])
    body["command"]["id"] = str(COMMAND)
    # A proof that was published once with a change that came later, to a key stolen since then.
    old, new = read_keys(s.key_path)[0], own_key(s).vkey
    body["data"] = {"old": s.vkey, "new": new, "proof": sign_key_change(old, new=new)}
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    event = {
        **first,
        "id": a.id(EVENT),
        "stream_type": "checkpoint_key",
        "stream_id": "log",
        "type": "ledger.checkpoint_key_changed",
        "body": text.encode(),
    }
    a.add("ledger_event", event)
    a.remove("ledger_pending", {"event_id": event["id"]})
    command = {"key": a.id(COMMAND), "request_sha256": bytes(32), "event_ids": str(EVENT)}
    a.add("ledger_command", command)
    log = a.rows("ledger_log")
    place(a, [log[0], {"event_id": event["id"]}, *log[1:]])
    for table in SEALS:
        a.remove(table)
    seal_anew(a, s, origin=f"{name}/1")
    return Named(row="ledger_epoch 1")


def seal_anew(a: Attacker, s: Scene, *, origin: str) -> None:
    """One checkpoint over everything, by the attacker's own key, inside and outside."""
    leaves = [row["leaf"] for row in a.rows("ledger_log")]
    tree = tiles.Growing()
    full, size, root = tree.extend(leaves), len(leaves), tree.root()
    note = sign_checkpoint(origin, size=size, root=root, keys=[own_key(s)], time=0).decode()
    for tile in full:
        where = {"epoch": 1, "level": tile.level, "index": tile.index}
        row = {"id": f"1/{tile.level}/{tile.index}", **where, "hashes": tile.hashes}
        a.add("ledger_tile", row)
    mark = {"epoch": 1, "size": size, "root": root, "note": note}
    a.add("ledger_checkpoint", {"id": f"1/{size}", **mark})
    for table in ("checkpoint", "leaves"):
        outside(s, f"DELETE FROM {table}")
    columns = "(epoch, origin, size, root, note) VALUES (1, ?, ?, ?, ?)"
    outside(s, f"INSERT INTO checkpoint {columns}", origin, size, root, note)
    outside(s, "INSERT INTO leaves VALUES (1, 0, ?)", b"".join(leaves))
