"""Random changes and omissions in a bundle, each with all the manifest's hashes made anew.

Every one of them touches evidence (docs/formats.md, "What is proved, what is merely said").
"""

import json
from collections.abc import Callable
from random import Random
from typing import Any

from ledger import verify
from tests.ledger import bundle_kit as kit
from tests.ledger.bundle_kit import Files
from tests.ledger.log_kit import Log, from_seed, sign_checkpoint

SAID_NOT_PROVED = ("README.txt", "verify.py", "manifest.json", "schemas/")
Manifest = dict[str, Any]
Mutation = Callable[[Random, Files, Manifest], str]


def evidence(files: Files) -> list[str]:
    """The files whose every byte is proved."""
    return sorted(name for name in files if not name.startswith(SAID_NOT_PROVED) and files[name])


def proved_length(name: str, data: bytes) -> int:
    """How much of a file is proved: of a checkpoint, up to the end of the log's own signature.

    A further line whose name or key id is changed is a stranger's line, which must be ignored."""
    if "/checkpoint" not in name:
        return len(data)
    return data.index(b"\n", data.index(b"\n\n\xe2\x80\x94 ") + 2) + 1


def turn_a_bit(chance: Random, files: Files, manifest: Manifest) -> str:
    name = chance.choice(evidence(files))
    data = bytearray(files[name])
    at, bit = chance.randrange(proved_length(name, files[name])), chance.randrange(8)
    data[at] ^= 1 << bit
    files[name] = bytes(data)
    return f"bit {bit} of byte {at} of {name} turned"


def replace_bytes(chance: Random, files: Files, manifest: Manifest) -> str:
    name = chance.choice(evidence(files))
    at = chance.randrange(proved_length(name, files[name]))
    width = chance.randrange(1, 40)
    piece = chance.randbytes(width)
    files[name] = files[name][:at] + piece + files[name][at + width :]
    return f"{width} bytes of {name} at {at} replaced"


def needed(files: Files) -> list[str]:
    """The files without which there is no proof; a checkpoint may be cited or not."""
    return [name for name in evidence(files) if not name.endswith("checkpoints.txt")]


def cut_a_file(chance: Random, files: Files, manifest: Manifest) -> str:
    name = chance.choice(needed(files))
    at = chance.randrange(proved_length(name, files[name]) - 1)
    files[name] = files[name][:at]
    return f"{name} cut to {at} bytes"


def drop_a_file(chance: Random, files: Files, manifest: Manifest) -> str:
    name = chance.choice(needed(files))
    del files[name]
    return f"{name} dropped"


def swap_two_files(chance: Random, files: Files, manifest: Manifest) -> str:
    one, other = chance.sample(evidence(files), 2)
    files[one], files[other] = files[other], files[one]
    return f"{one} and {other} swapped"


def swap_two_lines(chance: Random, files: Files, manifest: Manifest) -> str:
    names = [name for name in evidence(files) if name.endswith((".jsonl", ".csv"))]
    name = chance.choice(names)
    lines = files[name].splitlines(keepends=True)
    if len(lines) < 2:
        return turn_a_bit(chance, files, manifest)
    at = chance.randrange(len(lines) - 1)
    lines[at], lines[at + 1] = lines[at + 1], lines[at]
    files[name] = b"".join(lines)
    return f"lines {at} and {at + 1} of {name} swapped"


def _with_entries(
    chance: Random,
    files: Files,
    manifest: Manifest,
    change: Callable[[Random, list[bytes]], str],
) -> str:
    name = chance.choice([name for name in evidence(files) if "/entries/" in name])
    entries = kit.get_entries(files[name])
    said = change(chance, entries)
    kit.put_entries(files, name, entries)
    kit.make_trails_anew(files, manifest)
    return f"{name}: {said}"


def change_entries(chance: Random, files: Files, manifest: Manifest) -> str:
    """Drop, repeat, swap or rewrite an entry; both trails are made anew."""

    def change(chance: Random, entries: list[bytes]) -> str:
        at = chance.randrange(len(entries))
        kind = chance.choice(["drop", "repeat", "swap", "actor", "time", "version"])
        if kind == "drop":
            del entries[at]
        elif kind == "repeat":
            entries.insert(at, entries[at])
        elif kind == "swap" and len(entries) > 1:
            other = (at + 1) % len(entries)
            entries[at], entries[other] = entries[other], entries[at]
        else:
            line = {"actor": 6, "time": 5, "version": 3}.get(kind, 6)
            new = {5: b"2026-01-01T00:00:00.000000Z", 3: b"77"}.get(line, b"p-mallory")
            lines = entries[at].split(b"\n")
            lines[line] = new
            entries[at] = b"\n".join(lines)
        return f"entry {at}: {kind}"

    return _with_entries(chance, files, manifest, change)


def drop_a_body(chance: Random, files: Files, manifest: Manifest) -> str:
    """A body and its lines in both trails go; the manifest is told."""
    bodies = kit.get_bodies(files)
    position, _ = bodies.pop(chance.randrange(len(bodies)))
    kit.put_bodies(files, bodies)
    manifest["supporting"] = [at for at in manifest["supporting"] if at != position]
    kit.make_trails_anew(files, manifest)
    return f"the body at position {position} dropped"


def rewrite_a_record(chance: Random, files: Files, manifest: Manifest) -> str:
    """A body, its hash in the entry, and both trails: everything but the tree."""
    bodies = kit.get_bodies(files)
    at = chance.randrange(len(bodies))
    position, old = bodies[at]
    new = old.replace(b'"terminal":"t-1"', b'"terminal":"t-%d"' % chance.randrange(2, 99))
    bodies[at] = (position, new)
    hashes = [kit.sha256(body).hexdigest().encode() for body in (old, new)]
    for name in [name for name in files if "/entries/" in name]:
        entries = [entry.replace(*hashes) for entry in kit.get_entries(files[name])]
        kit.put_entries(files, name, entries)
    kit.put_bodies(files, bodies)
    kit.make_trails_anew(files, manifest)
    return f"the record at position {position} rewritten with its entry and trails"


def lie_in_the_manifest(chance: Random, files: Files, manifest: Manifest) -> str:
    """Another range, count, start, filter or list of supporting bodies."""
    lies: list[Callable[[], object]] = [
        lambda: manifest["range"].update(first=manifest["range"]["first"] + 1),
        lambda: manifest["range"].update(last=manifest["range"]["last"] - 1),
        lambda: manifest.update(matches=manifest["matches"] + chance.choice([-1, 1])),
        lambda: manifest["supporting"].append(manifest["range"]["first"]),
        lambda: chance.choice(manifest["epochs"]).update(start=chance.randrange(1, 9)),
        lambda: chance.choice(manifest["epochs"]).update(epoch=chance.randrange(5, 9)),
        lambda: manifest["filter"].update(actor="p-ana", stream_type="equipment"),
        lambda: manifest["filter"].update(to="2026-03-01T08:00:09.000000Z"),
        lambda: manifest["filter"].update(first=3, last=manifest["range"]["last"] - 2),
        lambda: manifest.update(origin="demo.other.example"),
        lambda: manifest.update(format="lotbook.bundle/v9"),
    ]
    at = chance.randrange(len(lies))
    lies[at]()
    return f"lie {at} in the manifest"


def shift_all_positions(chance: Random, files: Files, manifest: Manifest) -> str:
    """Everything is where it was, but said to stand some positions later."""
    by = chance.randrange(1, 50)
    for end in ("first", "last"):
        manifest["range"][end] += by
        manifest["filter"][end] = manifest["range"][end]
    for epoch in manifest["epochs"]:
        epoch["start"] += by
    manifest["supporting"] = [at + by for at in manifest["supporting"]]
    for name in [name for name in files if name.startswith("supporting/")]:
        item = json.loads(files.pop(name))
        item["position"] += by
        files[f"supporting/{item['position']}.json"] = kit.canonical(item)
    kit.put_bodies(files, [(at + by, body) for at, body in kit.get_bodies(files)])
    kit.make_trails_anew(files, manifest)
    return f"all positions shifted by {by}"


def sign_as_another(chance: Random, files: Files, manifest: Manifest) -> str:
    """A checkpoint of the attacker's tree or the true one, under a key of the log's name."""
    name = chance.choice([name for name in files if name.endswith("/checkpoint")])
    head = verify.parse_checkpoint(verify.parse_note(files[name]).text)
    key = from_seed(manifest["origin"], seed=chance.randbytes(32))
    root = chance.choice([head.root, chance.randbytes(32)])
    files[name] = sign_checkpoint(head.origin, size=head.size, root=root, keys=[key], time=0)
    listed = chance.choice(["not listed", "listed beside", "listed instead"])
    if listed != "not listed":
        kept = files["keys.txt"] if listed == "listed beside" else b""
        files["keys.txt"] = kept + key.vkey.encode() + b"\n"
    return f"{name} signed by another key, {listed} in keys.txt"


def change_a_proof(chance: Random, files: Files, manifest: Manifest) -> str:
    name = chance.choice([name for name in files if name.endswith("/proof.json")])
    proof = json.loads(files[name])
    part = chance.choice([part for part in ("left", "consistency", "size", "last") if proof[part]])
    if part in ("size", "last"):
        proof[part] -= 1
    else:
        at = chance.randrange(len(proof[part]))
        proof[part][at] = chance.randbytes(32).hex()
    files[name] = kit.canonical(proof)
    return f"{part} of {name} changed"


MUTATIONS: list[Mutation] = [
    turn_a_bit,
    turn_a_bit,
    turn_a_bit,
    replace_bytes,
    replace_bytes,
    cut_a_file,
    drop_a_file,
    swap_two_files,
    swap_two_lines,
    change_entries,
    change_entries,
    drop_a_body,
    rewrite_a_record,
    lie_in_the_manifest,
    shift_all_positions,
    sign_as_another,
    change_a_proof,
]


def mutate(seed: int, files: Files) -> tuple[str, Files]:
    """One random change to evidence; what it was, and the files with the manifest made to fit."""
    chance, spoilt = Random(seed), dict(files)
    manifest = kit.manifest_of(files)
    said = chance.choice(MUTATIONS)(chance, spoilt, manifest)
    return said, kit.rehash(spoilt, manifest)


def mutate_without_hashing(seed: int, files: Files) -> tuple[str, Files]:
    """One random bit of any file, said or proved, turned by somebody who knows no manifest."""
    chance, spoilt = Random(seed), dict(files)
    name = chance.choice(sorted(name for name in files if files[name] and name != "manifest.json"))
    data = bytearray(spoilt[name])
    at = chance.randrange(len(data))
    data[at] ^= 1 << chance.randrange(8)
    return f"byte {at} of {name}", {**spoilt, name: bytes(data)}


def log_for_mutations() -> Log:
    """Small enough that hundreds of bundles of it are verified in seconds."""
    from tests.ledger.log_kit import laboratory_log

    return laboratory_log(10)[0]
