"""Attacks on the sealed entries themselves: altered, added, removed, moved, cut, rewritten."""

import json
from datetime import timedelta
from hashlib import sha256
from uuid import uuid4

from ledger import keys, store
from ledger.note import checkpoint_text, sign_checkpoint
from ledger.tiles import Growing
from tests.ledger.attacks.attacker import Attacker, Row, entry_of, leaf_of
from tests.ledger.attacks.kind import Named, attack
from tests.ledger.attacks.scene import Scene

FORGED = "Rotor not cleaned at all"


def _forged_body(body: bytes) -> bytes:
    return body.replace(b"Rotor cleaned on Tuesday", FORGED.encode())


def _rederive(a: Attacker, position: int) -> None:
    """Make the entry and the leaf of a position again from its event."""
    entry = entry_of(a.event_at(position))
    a.change("ledger_log", {"position": position}, entry=entry, leaf=leaf_of(entry))


def _forged_event(a: Attacker, like: Row, version: int) -> Row:
    """An event of the attacker's own in a stream, with a body that names it rightly."""
    body = json.loads(like["body"])
    body["data"]["text"] = FORGED
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return {**like, "id": a.id(uuid4()), "version": version, "body": text.encode()}


def _place(a: Attacker, event: Row, position: int) -> None:
    entry = entry_of(event)
    a.add("ledger_event", event)
    a.add(
        "ledger_log",
        {"position": position, "event_id": event["id"], "entry": entry, "leaf": leaf_of(entry)},
    )


def _drop(a: Attacker, position: int) -> None:
    event_id = a.log_row(position)["event_id"]
    a.remove("ledger_log", {"position": position})
    a.remove("ledger_event", {"id": event_id})


@attack("body altered", group="edit")
def body_altered(a: Attacker, s: Scene) -> Named:
    event = a.event_at(s.victim)
    a.change("ledger_event", {"id": event["id"]}, body=_forged_body(event["body"]))
    return Named(s.victim)


@attack("body altered, entry and leaf recomputed", group="edit")
def body_and_hashes(a: Attacker, s: Scene) -> Named:
    body_altered(a, s)
    _rederive(a, s.victim)
    return Named(s.victim)


@attack("body rewritten with the same meaning", group="edit")
def same_meaning(a: Attacker, s: Scene) -> Named:
    event = a.event_at(s.victim)
    body = json.dumps(json.loads(event["body"]), sort_keys=True).encode()
    assert body != event["body"]
    a.change("ledger_event", {"id": event["id"]}, body=body)
    return Named(s.victim)


@attack("backdated", group="backdating")
def backdated(a: Attacker, s: Scene) -> Named:
    event = a.event_at(s.victim)
    moment = store.as_utc(event["recorded_at"]) - timedelta(days=1)
    value = moment.strftime("%Y-%m-%d %H:%M:%S.%f") if a.is_sqlite else moment
    a.change("ledger_event", {"id": event["id"]}, recorded_at=value)
    return Named(s.victim)


@attack("backdated, entry and leaf recomputed", group="backdating")
def backdated_with_hashes(a: Attacker, s: Scene) -> Named:
    backdated(a, s)
    _rederive(a, s.victim)
    return Named(s.victim)


@attack("another person put in as the actor", group="edit")
def another_actor(a: Attacker, s: Scene) -> Named:
    event = a.event_at(s.victim)
    body = event["body"].replace(event["actor"].encode(), b"p-0other")
    a.change("ledger_event", {"id": event["id"]}, actor="p-0other", body=body)
    _rederive(a, s.victim)
    return Named(s.victim)


@attack("entry inserted, positions moved up", group="insert")
def inserted(a: Attacker, s: Scene) -> Named:
    like = a.event_at(s.victim)
    newest = max(e["version"] for e in a.rows("ledger_event") if e["stream_id"] == "CF-02")
    a.shift(s.victim, 1)
    _place(a, _forged_event(a, like, newest + 1), s.victim)
    return Named(s.victim)


@attack("entry deleted, gap left", group="delete")
def deleted(a: Attacker, s: Scene) -> Named:
    _drop(a, s.victim)
    return Named(s.victim)


@attack("entry deleted, gap closed", group="delete")
def deleted_and_closed(a: Attacker, s: Scene) -> Named:
    _drop(a, s.victim)
    a.shift(s.victim, -1)
    return Named(s.victim)


@attack("event deleted, its entry left", group="delete")
def event_deleted(a: Attacker, s: Scene) -> Named:
    a.remove("ledger_event", {"id": a.event_at(s.victim)["id"]})
    return Named(s.victim)


@attack("two entries change places", group="reorder")
def reordered(a: Attacker, s: Scene) -> Named:
    one, other = a.log_row(s.victim), a.log_row(s.victim + 1)
    for row in (one, other):
        a.remove("ledger_log", {"position": row["position"]})
    a.add("ledger_log", {**one, "position": other["position"]})
    a.add("ledger_log", {**other, "position": one["position"]})
    return Named(s.victim)


@attack("two streams change places", group="stream swap")
def streams_swapped(a: Attacker, s: Scene) -> Named:
    """What was done to CF-02 is now said of CF-03, hashes recomputed."""
    log = {row["event_id"]: row["position"] for row in a.rows("ledger_log")}
    events = [e for e in a.rows("ledger_event") if e["stream_id"] in ("CF-02", "CF-03")]
    swap = {"CF-02": "CF-03", "CF-03": "CF-02"}
    sealed = [e for e in events if e["id"] in log]
    for name in ("CF-02", "CF-03"):
        a.change("ledger_event", {"stream_id": name}, stream_id=f"was-{name}")
    for name in ("CF-02", "CF-03"):
        a.change("ledger_event", {"stream_id": f"was-{name}"}, stream_id=swap[name])
    for event in sealed:
        _rederive(a, log[event["id"]])
    return Named(min(log[event["id"]] for event in sealed))


@attack("one entry moved to another stream", group="stream swap")
def moved_to_another_stream(a: Attacker, s: Scene) -> Named:
    event = a.event_at(s.victim)
    a.change("ledger_event", {"id": event["id"]}, stream_id="CF-99", version=1)
    _rederive(a, s.victim)
    return Named(s.victim)


@attack("last five sealed entries cut off", group="tail cut")
def tail_cut(a: Attacker, s: Scene) -> Named:
    for position in range(s.size - 5, s.size):
        _drop(a, position)
    return Named(s.size - 5)


@attack("tail cut off with its seals and tiles", group="tail cut")
def tail_cut_with_seals(a: Attacker, s: Scene) -> Named:
    """The database is in order in itself: only what is kept outside remembers more."""
    kept = sorted(row["size"] for row in a.rows("ledger_checkpoint"))[-2]
    for position in range(kept, s.size):
        event_id = a.log_row(position)["event_id"]
        for command in a.rows("ledger_command"):
            if str(event_id).replace("-", "") in command["event_ids"].replace("-", ""):
                a.remove("ledger_command", {"key": command["key"]})
        _drop(a, position)
    a.remove("ledger_checkpoint", {"size": s.size})
    for row in a.rows("ledger_pending"):  # what waited was built on what was cut
        a.remove("ledger_event", {"id": row["event_id"]})
    a.remove("ledger_pending")
    events = {row["id"] for row in a.rows("ledger_event")}
    for command in a.rows("ledger_command"):
        ids = {text.replace("-", "") for text in command["event_ids"].split()}
        if not ids & {str(one).replace("-", "") for one in events}:
            a.remove("ledger_command", {"key": command["key"]})
    return Named(kept)


@attack("tail cut off and forged anew", group="tail cut and forged")
def tail_forged(a: Attacker, s: Scene) -> Named:
    for position in range(s.size - 5, s.size):
        event = a.event_at(position)
        body = event["body"].replace(b"week 2", b"week 3")
        a.change("ledger_event", {"id": event["id"]}, body=body)
        _rederive(a, position)
    return Named(s.size - 5)


def rewrite(a: Attacker, *, key: keys.SigningKey | None) -> None:
    """Make every entry, leaf, tile, root and note again from the events as they are now."""
    events = {row["id"]: row for row in a.rows("ledger_event")}
    tree, full, log = Growing(), [], a.rows("ledger_log")
    marks = {row["size"]: row for row in a.rows("ledger_checkpoint")}
    for row in log:
        row["entry"] = entry_of(events[row["event_id"]])
        row["leaf"] = leaf_of(row["entry"])
        full += tree.extend([row["leaf"]])
        mark = marks.get(tree.size)
        if mark is not None:
            mark["root"] = tree.root()
            mark["note"] = _note(a, mark, key)
    a.fill("ledger_log", log)
    a.fill("ledger_checkpoint", list(marks.values()))
    for tile in full:
        a.change("ledger_tile", {"level": tile.level, "index": tile.index}, hashes=tile.hashes)


def _note(a: Attacker, mark: Row, key: keys.SigningKey | None) -> str:
    origin = a.rows("ledger_epoch")[0]["origin"]
    size, root = mark["size"], mark["root"]
    if key is not None:
        return sign_checkpoint(origin, size=size, root=root, keys=[key], time=0).decode()
    signatures = mark["note"].split("\n\n", 1)[1]
    return f"{checkpoint_text(origin, size=size, root=root).decode()}\n{signatures}"


def own_key(s: Scene) -> keys.SigningKey:
    """A key of the attacker's, under the log's own name."""
    name = s.vkey.split("+")[0]
    return keys.from_seed(name, seed=sha256(b"mallory").digest())


@attack("whole log rewritten, every hash recomputed", group="whole rewrite")
def whole_rewrite(a: Attacker, s: Scene) -> Named:
    body_altered(a, s)
    rewrite(a, key=None)
    return Named(s.victim)


@attack("whole log rewritten and signed with another key", group="key swapped")
def rewritten_with_own_key(a: Attacker, s: Scene) -> Named:
    body_altered(a, s)
    rewrite(a, key=own_key(s))
    return Named(s.victim)


@attack("as before, the first entry names the other key", group="key swapped")
def rewritten_from_the_first_entry(a: Attacker, s: Scene) -> Named:
    body_altered(a, s)
    first = a.event_at(0)
    body = first["body"].replace(s.vkey.encode(), own_key(s).vkey.encode())
    a.change("ledger_event", {"id": first["id"]}, body=body)
    rewrite(a, key=own_key(s))
    return Named(0)


@attack("row outside the log", group="row outside the log", guarded=False)
def outside_the_log(a: Attacker, s: Scene) -> Named:
    """An event that stands in its stream, has no position and does not wait for one."""
    like = a.event_at(s.victim)
    newest = max(e["version"] for e in a.rows("ledger_event") if e["stream_id"] == "CF-02")
    event = _forged_event(a, like, newest + 1)
    a.add("ledger_event", event)
    return Named(row=f"ledger_event {event['id']}")


@attack("pending row removed", group="row outside the log")
def pending_removed(a: Attacker, s: Scene) -> Named:
    waiting = a.rows("ledger_pending")[0]
    a.remove("ledger_pending", {"seq": waiting["seq"]})
    return Named(row=f"ledger_event {waiting['event_id']}")
