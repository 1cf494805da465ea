"""Attacks on what stands around the entries: seals, keys, backups, blobs, stores, read models."""

import sqlite3
from hashlib import sha256
from uuid import UUID

from ledger import keys
from ledger.keys import read_keys
from ledger.note import sign_checkpoint
from tests.ledger.attacks.attacker import Attacker, Row, entry_of, leaf_of
from tests.ledger.attacks.kind import Named, attack
from tests.ledger.attacks.on_entries import own_key
from tests.ledger.attacks.scene import WITNESS, Scene


def _checkpoints(a: Attacker) -> list[Row]:
    return sorted(a.rows("ledger_checkpoint"), key=lambda row: row["size"])


def _row(table: str, row: Row) -> str:
    return f"{table} {row['id']}"


@attack("checkpoint replaced by an older one", group="checkpoint replaced")
def replaced_by_older(a: Attacker, s: Scene) -> Named:
    older, newest = _checkpoints(a)[-2:]
    a.change("ledger_checkpoint", {"id": newest["id"]}, root=older["root"], note=older["note"])
    return Named(row=_row("ledger_checkpoint", newest))


@attack("checkpoint signed with another key", group="checkpoint replaced")
def signed_with_another_key(a: Attacker, s: Scene) -> Named:
    newest = _checkpoints(a)[-1]
    origin = a.rows("ledger_epoch")[0]["origin"]
    note = sign_checkpoint(
        origin, size=newest["size"], root=newest["root"], keys=[own_key(s)], time=0
    )
    a.change("ledger_checkpoint", {"id": newest["id"]}, note=note.decode())
    return Named(row=_row("ledger_checkpoint", newest))


@attack("checkpoint removed", group="checkpoint replaced")
def checkpoint_removed(a: Attacker, s: Scene) -> Named:
    gone = _checkpoints(a)[1]
    a.remove("ledger_checkpoint", {"id": gone["id"]})
    return Named(row=f"outside checkpoint {gone['id']}")


@attack("checkpoint of the future, signed with the log's key", group="forked log", guarded=False)
def future_checkpoint(a: Attacker, s: Scene) -> Named:
    """A second sealer with a stolen key signed a log that went on otherwise."""
    origin, size = a.rows("ledger_epoch")[0]["origin"], s.size + 7
    root = sha256(b"another history").digest()
    note = sign_checkpoint(origin, size=size, root=root, keys=read_keys(s.key_path), time=0)
    a.add(
        "ledger_checkpoint",
        {"id": f"1/{size}", "epoch": 1, "size": size, "root": root, "note": note.decode()},
    )
    return Named(row=f"ledger_checkpoint 1/{size}")


@attack("two checkpoints of one size, both signed with the log's key", group="forked log")
def forked(a: Attacker, s: Scene) -> Named:
    """The database holds another history under the seal's size; outside holds the true one."""
    newest, origin = _checkpoints(a)[-1], a.rows("ledger_epoch")[0]["origin"]
    root = sha256(b"another history").digest()
    signers = read_keys(s.key_path)
    note = sign_checkpoint(origin, size=newest["size"], root=root, keys=signers, time=0)
    a.change("ledger_checkpoint", {"id": newest["id"]}, root=root, note=note.decode())
    return Named(row=_row("ledger_checkpoint", newest))


@attack("the sealer's key file swapped", group="key swapped", guarded=False, audited=False)
def key_file_swapped(a: Attacker, s: Scene) -> Named:
    s.key_path.unlink()
    keys.write_keys(s.key_path, [own_key(s)])
    return Named()


@attack("cosignature replayed on another checkpoint", group="replayed cosignature")
def cosignature_replayed(a: Attacker, s: Scene) -> Named:
    one, other = sorted(a.rows("ledger_cosignature"), key=lambda row: row["size"])
    a.change("ledger_cosignature", {"id": other["id"]}, line=one["line"])
    return Named(row=_row("ledger_cosignature", other))


@attack(
    "cosignature carried over to an uncosigned checkpoint",
    group="replayed cosignature",
    guarded=False,
)
def cosignature_carried_over(a: Attacker, s: Scene) -> Named:
    line, newest = a.rows("ledger_cosignature")[0]["line"], _checkpoints(a)[-1]
    row = {
        "id": f"{newest['id']}/{WITNESS}",
        "epoch": 1,
        "size": newest["size"],
        "name": WITNESS,
        "line": line,
    }
    a.add("ledger_cosignature", row)
    return Named(row=_row("ledger_cosignature", row))


@attack("database restored from yesterday's backup", group="rolled back", guarded=False)
def rolled_back(a: Attacker, s: Scene) -> Named:
    s.restore_backup()
    return Named(s.backup_size)


@attack("restored from a backup, and work went on", group="rolled back", guarded=False)
def rolled_back_and_on(a: Attacker, s: Scene) -> Named:
    """As many entries as were signed stand there again, other ones."""
    s.restore_backup()
    like, (last,) = a.event_at(s.victim), a.rows("ledger_log")[-1:]
    newest = max(e["version"] for e in a.rows("ledger_event") if e["stream_id"] == "CF-02")
    for step in range(1, s.size - s.backup_size + 3):
        event = {**like, "id": a.id(_forged_id(step)), "version": newest + step}
        entry = entry_of(event)
        position = last["position"] + step
        row = {"position": position, "event_id": event["id"], "entry": entry}
        with a.guards_down():
            a.add("ledger_event", event)
            a.add("ledger_log", {**row, "leaf": leaf_of(entry)})
    return Named(s.backup_size)


def _forged_id(step: int) -> UUID:
    return UUID(int=(0x0190 << 112) | (0x7 << 76) | (0x8 << 60) | step)


@attack("blob's content swapped", group="blob swapped")
def blob_swapped(a: Attacker, s: Scene) -> Named:
    blob = a.rows("ledger_blob")[0]
    content = blob["content"].replace(b"-150.2", b"-120.2")
    a.change("ledger_blob", {"sha256": blob["sha256"]}, content=content)
    return Named(_names_blob(a, blob))


@attack("blob swapped with its name", group="blob swapped")
def blob_and_name_swapped(a: Attacker, s: Scene) -> Named:
    blob = a.rows("ledger_blob")[0]
    content = blob["content"].replace(b"-150.2", b"-120.2")
    a.change(
        "ledger_blob",
        {"sha256": blob["sha256"]},
        sha256=sha256(content).digest(),
        content=content,
    )
    return Named(_names_blob(a, blob))


@attack("blob removed", group="blob swapped")
def blob_removed(a: Attacker, s: Scene) -> Named:
    blob = a.rows("ledger_blob")[0]
    a.remove("ledger_blob", {"sha256": blob["sha256"]})
    return Named(_names_blob(a, blob))


def _names_blob(a: Attacker, blob: Row) -> int:
    name = blob["sha256"].hex().encode()
    events = {row["id"]: row["body"] for row in a.rows("ledger_event")}
    log = a.rows("ledger_log")
    return int(next(row["position"] for row in log if name in events[row["event_id"]]))


@attack("tile altered", group="tile")
def tile_altered(a: Attacker, s: Scene) -> Named:
    tile = a.rows("ledger_tile")[0]
    hashes = bytes([tile["hashes"][0] ^ 1]) + tile["hashes"][1:]
    a.change("ledger_tile", {"id": tile["id"]}, hashes=hashes)
    return Named(row=_row("ledger_tile", tile))


@attack("tile removed", group="tile")
def tile_removed(a: Attacker, s: Scene) -> Named:
    tile = a.rows("ledger_tile")[0]
    a.remove("ledger_tile", {"id": tile["id"]})
    return Named(row=_row("ledger_tile", tile))


@attack("command's request altered", group="command row")
def command_altered(a: Attacker, s: Scene) -> Named:
    row = a.rows("ledger_command")[3]
    a.change("ledger_command", {"key": row["key"]}, request_sha256=bytes(32))
    return Named(row=f"ledger_command {row['key']}")


@attack("command removed, so that it can be carried out twice", group="command row")
def command_removed(a: Attacker, s: Scene) -> Named:
    row = a.rows("ledger_command")[3]
    a.remove("ledger_command", {"key": row["key"]})
    return Named(row=f"ledger_command {str(row['key']).replace('-', '')}")


@attack("epoch's beginning moved", group="epoch row")
def epoch_moved(a: Attacker, s: Scene) -> Named:
    a.change("ledger_epoch", {"number": 1}, start=2)
    return Named(0)


@attack("epoch's origin altered", group="epoch row")
def epoch_renamed(a: Attacker, s: Scene) -> Named:
    a.change("ledger_epoch", {"number": 1}, origin="another.example/1")
    return Named(0)


@attack("an epoch made up", group="epoch row", guarded=False)
def epoch_made_up(a: Attacker, s: Scene) -> Named:
    """The seals beyond the made-up beginning would no longer count."""
    origin = a.rows("ledger_epoch")[0]["origin"].removesuffix("1") + "2"
    a.add("ledger_epoch", {"number": 2, "origin": origin, "start": s.victim})
    return Named(row="ledger_epoch 2")


@attack("follower's place moved beyond the log", group="cursor", guarded=False)
def cursor_moved(a: Attacker, s: Scene) -> Named:
    a.add("ledger_cursor", {"name": "index", "position": s.size + 1000, "stopped": ""})
    return Named(row="ledger_cursor index")


@attack("read model altered", group="read model", guarded=False)
def read_model_altered(a: Attacker, s: Scene) -> Named:
    a.change("equipment_register", {"unit": "CF-02"}, location="Somewhere else")
    return Named(row="read models")


@attack("line of the trail removed", group="read model", guarded=False)
def trail_line_removed(a: Attacker, s: Scene) -> Named:
    a.remove("ledger_trail", {"event_id": a.event_at(s.victim)["id"]})
    return Named(row="read models")


@attack("outside store: newest seal cut off", group="outside store", guarded=False)
def outside_cut(a: Attacker, s: Scene) -> Named:
    last, before = _outside_sizes(s)
    outside(s, "DELETE FROM checkpoint WHERE size = ?", last)
    outside(s, "DELETE FROM leaves WHERE first = ?", before)
    return Named(row=f"ledger_checkpoint 1/{last}")


@attack("outside store: a leaf hash altered", group="outside store", guarded=False)
def outside_leaf_altered(a: Attacker, s: Scene) -> Named:
    outside(s, "UPDATE leaves SET hashes = zeroblob(length(hashes)) WHERE first = 0")
    return Named(0)


@attack("outside store: a checkpoint altered", group="outside store", guarded=False)
def outside_note_altered(a: Attacker, s: Scene) -> Named:
    last, _ = _outside_sizes(s)
    outside(s, "UPDATE checkpoint SET root = zeroblob(32) WHERE size = ?", last)
    return Named(row=f"outside checkpoint 1/{last}")


@attack("outside store removed", group="outside store", guarded=False)
def outside_removed(a: Attacker, s: Scene) -> Named:
    s.outside_path.unlink()
    return Named(row="the outside store")


def _outside_sizes(s: Scene) -> tuple[int, int]:
    db = sqlite3.connect(s.outside_path)
    found = [row[0] for row in db.execute("SELECT size FROM checkpoint ORDER BY size DESC LIMIT 2")]
    db.close()
    return found[0], found[1]


def outside(s: Scene, statement: str, *values: int | bytes | str) -> None:
    """As somebody who owns the outside store's disk."""
    db = sqlite3.connect(s.outside_path, isolation_level=None)
    for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        db.execute(f"DROP TRIGGER {name}")
    db.execute(statement, values)
    db.close()


@attack("guard removed and left out", group="guards", guarded=False, tidy=False)
def guard_removed(a: Attacker, s: Scene) -> Named:
    a.sql("DROP TRIGGER ledger_event_guard" + ("" if a.is_sqlite else " ON ledger_event"))
    return Named(row="the guards")
