"""Every way to falsify a bundle that we know, and a run over many falsified bundles."""

import csv
import hashlib
import io
import json
import random
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ledger.export.trail_csv import COLUMNS
from ledger.verify import leaf_hash, verify_bundle
from tests.ledger.bundles import (
    Entries,
    Files,
    bodies,
    packed,
    unpacked,
    with_hashes,
    without_trail_line,
)


@dataclass(frozen=True)
class Falsified:
    """A falsified bundle and how it was made."""

    how: str
    files: Files


Mutation = Callable[[Files, random.Random], Falsified | None]
_mutations: list[Mutation] = []


def mutation(function: Mutation) -> Mutation:
    """Register a way to falsify; it answers None where there is nothing to falsify that way."""
    _mutations.append(function)
    return function


def _pick(files: Files, chance: random.Random, *prefixes: str) -> str | None:
    names = sorted(name for name in files if name.startswith(prefixes) and files[name])
    return chance.choice(names) if names else None


EVIDENCE = ("epochs/", "bodies/", "blobs/", "supporting/", "trail.jsonl")


@mutation
def flip_without_care(files: Files, chance: random.Random) -> Falsified | None:
    """One bit of any file but the manifest; the hashes stay as they were."""
    name = chance.choice(sorted(name for name in files if name != "manifest.json" and files[name]))
    content = _flipped(files[name], chance)
    return Falsified(f"a bit of {name} flipped", files | {name: content})


@mutation
def flip_with_hashes_mended(files: Files, chance: random.Random) -> Falsified | None:
    """One bit of a file that is evidence; the manifest is made to agree."""
    name = _pick(files, chance, *EVIDENCE)
    if name is None or name.endswith("checkpoints.txt"):
        return None
    content = _flipped(files[name], chance)
    if _means_the_same(files[name], content):
        return None
    return Falsified(
        f"a bit of {name} flipped, hashes mended", with_hashes(files | {name: content})
    )


def _flipped(content: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(content))
    other = content[place] ^ (1 << chance.randrange(8))
    return content[:place] + bytes([other]) + content[place + 1 :]


def _means_the_same(one: bytes, other: bytes) -> bool:
    """Whether JSON still says the same: the case of a hex digit is no statement."""
    try:
        return bool(json.loads(one.lower()) == json.loads(other.lower()))
    except ValueError:
        return False


@mutation
def cell_of_the_table_changed(files: Files, chance: random.Random) -> Falsified | None:
    """Another value in trail.csv (the sentence is a translation, and no evidence)."""
    rows = list(csv.reader(io.StringIO(files["trail.csv"].decode("utf-8-sig"), newline="")))
    if len(rows) < 2:
        return None
    row = chance.choice(rows[1:])
    column = chance.choice([n for n, name in enumerate(COLUMNS) if name != "sentence"])
    row[column] += chance.choice("0x ")
    table = io.StringIO(newline="")
    csv.writer(table, lineterminator="\r\n").writerows(rows)
    changed = files | {"trail.csv": ("\ufeff" + table.getvalue()).encode()}
    return Falsified(f"trail.csv, column {COLUMNS[column]} changed", with_hashes(changed))


@mutation
def evidence_file_left_out(files: Files, chance: random.Random) -> Falsified | None:
    """A whole file is gone, also from the manifest."""
    name = _pick(files, chance, *EVIDENCE, "trail.csv", "keys.txt")
    if name is None or name.endswith(("checkpoints.txt", "timestamp.tsr")):
        return None
    left = {other: content for other, content in files.items() if other != name}
    return Falsified(f"{name} left out", with_hashes(left))


@mutation
def body_left_out(files: Files, chance: random.Random) -> Falsified | None:
    """One body is gone, with its lines of the trail and its count."""
    name, line = chance.choice(bodies(files))
    position = json.loads(line)["position"]
    changed = without_trail_line(files | {name: files[name].replace(line, b"", 1)}, position)
    manifest = json.loads(files["manifest.json"])
    supporting = [at for at in manifest["supporting"] if at != position]
    fewer = manifest["matches"] - (len(supporting) == len(manifest["supporting"]))
    return Falsified(
        f"the body of position {position} left out, count mended",
        with_hashes(changed, matches=fewer, supporting=supporting),
    )


@mutation
def entry_left_out(files: Files, chance: random.Random) -> Falsified | None:
    """One entry is gone, and its body, and its lines, and the counts are mended."""
    entries = Entries(files)
    number = chance.randrange(len(entries.places))
    position = entries.places[number][1]
    changed = entries.with_entries(entries.places[:number] + entries.places[number + 1 :])
    for name, line in bodies(files):
        if json.loads(line)["position"] == position:
            changed = without_trail_line(changed, position)
            changed[name] = changed[name].replace(line, b"", 1)
    manifest = json.loads(files["manifest.json"])
    last = manifest["range"]["last"] - 1
    return Falsified(
        f"the event of position {position} left out of everything",
        with_hashes(
            changed,
            matches=manifest["matches"] - 1,
            range={"first": manifest["range"]["first"], "last": last},
        ),
    )


@mutation
def entries_swapped(files: Files, chance: random.Random) -> Falsified | None:
    """Two entries change places."""
    entries = Entries(files)
    if len(entries.places) < 2:
        return None
    one, two = chance.sample(range(len(entries.places)), 2)
    places = list(entries.places)
    places[one] = (*places[one][:2], entries.places[two][2])
    places[two] = (*places[two][:2], entries.places[one][2])
    where = sorted((places[one][1], places[two][1]))
    return Falsified(f"the entries of {where} swapped", with_hashes(entries.with_entries(places)))


@mutation
def entry_doubled(files: Files, chance: random.Random) -> Falsified | None:
    """An entry stands twice."""
    entries = Entries(files)
    number = chance.randrange(len(entries.places))
    places = [*entries.places[:number], entries.places[number], *entries.places[number:]]
    where = entries.places[number][1]
    return Falsified(f"the entry of {where} doubled", with_hashes(entries.with_entries(places)))


@mutation
def event_rewritten(files: Files, chance: random.Random) -> Falsified | None:
    """A body says something else, and its entry and the trail agree with it."""
    name, line = chance.choice(bodies(files))
    item = json.loads(line)
    old = item["body"].encode()
    new = _other_digit(old, chance)
    if new is None:
        return None
    sums = [hashlib.sha256(text).hexdigest().encode() for text in (old, new)]
    entries = Entries(files)
    places = [
        (file, position, entry.replace(*sums) if position == item["position"] else entry)
        for file, position, entry in entries.places
    ]
    changed = entries.with_entries(places)
    item["body"] = new.decode()
    changed[name] = changed[name].replace(line, json.dumps(item).encode() + b"\n", 1)
    changed["trail.jsonl"] = changed["trail.jsonl"].replace(old, new).replace(*sums)
    changed["trail.csv"] = changed["trail.csv"].replace(*sums)
    return Falsified(f"the event of {item['position']} rewritten", with_hashes(changed))


def _other_digit(body: bytes, chance: random.Random) -> bytes | None:
    start = body.find(b'"data":')
    places = [at for at in range(start, len(body)) if body[at : at + 1].isdigit()]
    if start < 0 or not places:
        return None
    at = chance.choice(places)
    return body[:at] + (b"7" if body[at : at + 1] != b"7" else b"3") + body[at + 1 :]


@mutation
def tail_cut(files: Files, chance: random.Random) -> Falsified | None:
    """The newest entries are gone, with everything that spoke of them."""
    entries = Entries(files)
    count = chance.randint(1, min(5, len(entries.places) - 1))
    changed = entries.with_entries(entries.places[:-count])
    cut = {position for _, position, _ in entries.places[-count:]}
    for name, line in bodies(files):
        if json.loads(line)["position"] in cut:
            changed[name] = changed[name].replace(line, b"", 1)
            changed = without_trail_line(changed, json.loads(line)["position"])
    manifest = json.loads(files["manifest.json"])
    newest = manifest["epochs"][-1]["epoch"]
    proof = json.loads(files[f"epochs/{newest}/proof.json"])
    proof["last"] -= count
    changed[f"epochs/{newest}/proof.json"] = json.dumps(proof).encode()
    matches = sum(1 for line in changed["trail.jsonl"].splitlines())
    stated = {
        "range": {
            "first": manifest["range"]["first"],
            "last": manifest["range"]["last"] - count,
        },
        "matches": matches,
        "supporting": [at for at in manifest["supporting"] if at not in cut],
    }
    return Falsified(f"the newest {count} entries cut off", with_hashes(changed, **stated))


@mutation
def another_question(files: Files, chance: random.Random) -> Falsified | None:
    """The filter is changed to one that an entry matches whose body is not there."""
    shipped = {json.loads(line)["position"] for _, line in bodies(files)}
    left = [entry for _, position, entry in Entries(files).places if position not in shipped]
    if not left:
        return None
    stream = chance.choice(left).split(b"\n")[2].decode()
    asked = json.loads(files["manifest.json"])["filter"]
    asked = {name: value for name, value in asked.items() if name in ("first", "last")}
    asked["stream_id"] = stream.partition("/")[2]
    return Falsified(f"the filter changed to {stream}", with_hashes(files, filter=asked))


@mutation
def counts_changed(files: Files, chance: random.Random) -> Falsified | None:
    """The manifest counts something else."""
    manifest = json.loads(files["manifest.json"])
    name = chance.choice(["matches", "supporting", "range", "epochs"])
    other: Any = manifest["matches"] + chance.choice([-1, 1])
    if name == "supporting":
        other = [*manifest["supporting"], manifest["range"]["last"]]
    elif name == "range":
        other = dict(manifest["range"])
        other[chance.choice(["first", "last"])] += chance.choice([-1, 1])
    elif name == "epochs":
        other = [dict(epoch) for epoch in manifest["epochs"]]
        chance.choice(other)["start"] += 1
    return Falsified(f"manifest.{name} changed", with_hashes(files, **{name: other}))


@mutation
def another_blob(files: Files, chance: random.Random) -> Falsified | None:
    """An attachment is exchanged for another, under the old name."""
    name = _pick(files, chance, "blobs/")
    if name is None:
        return None
    changed = files | {name: files[name] + b" (corrected)"}
    return Falsified(f"{name} exchanged", with_hashes(changed))


@mutation
def whole_log_made_anew(files: Files, chance: random.Random) -> Falsified | None:
    """Everything is hashed again and signed with a key of the forger's own."""
    entries = Entries(files)
    manifest = json.loads(files["manifest.json"])
    if len(manifest["epochs"]) != 1 or manifest["range"]["first"] != 0:
        return None
    place = chance.randrange(len(entries.places))
    places = list(entries.places)
    file, position, entry = places[place]
    places[place] = (file, position, entry.replace(b"T0", b"T1", 1).replace(b"2026-", b"2025-", 1))
    return Falsified(
        f"the log made anew with position {position} backdated",
        with_hashes(_signed_anew(entries.with_entries(places), places)),
    )


def _signed_anew(files: Files, places: list[tuple[str, int, bytes]]) -> Files:
    from ledger import keys, note, tiles

    manifest = json.loads(files["manifest.json"])
    number = manifest["epochs"][0]["epoch"]
    tree = tiles.Growing()
    tree.extend(leaf_hash(entry) for _, _, entry in places)
    forger = keys.generate(manifest["origin"])
    text = note.checkpoint_text(manifest["epochs"][0]["origin"], size=tree.size, root=tree.root())
    proof = {"first": 0, "last": tree.size, "left": [], "size": tree.size, "consistency": []}
    folder = f"epochs/{number}/"
    return files | {
        f"{folder}checkpoint": note.sign(text, keys=[forger]),
        f"{folder}checkpoints.txt": b"",
        f"{folder}proof.json": json.dumps(proof).encode(),
        "keys.txt": forger.vkey.encode() + b"\n",
    }


@dataclass
class Outcome:
    """What came of a run over many falsified bundles."""

    made: int = 0
    kinds: dict[str, int] = field(default_factory=dict)
    missed: list[str] = field(default_factory=list)


def falsify(bundles: list[Path], *, key: str, count: int, seed: int) -> Outcome:
    """Make `count` falsified bundles and verify each; `missed` should stay empty."""
    chance = random.Random(seed)
    originals = [unpacked(path) for path in bundles]
    outcome = Outcome()
    with tempfile.TemporaryDirectory(prefix="lotbook-bundles-") as folder:
        while outcome.made < count:
            make = chance.choice(_mutations)
            falsified = make(dict(chance.choice(originals)), chance)
            if falsified is None:
                continue
            path = packed(falsified.files, Path(folder) / "falsified.zip")
            report = verify_bundle(str(path), [key])
            outcome.made += 1
            outcome.kinds[make.__name__] = outcome.kinds.get(make.__name__, 0) + 1
            if report.verdict == "verified":
                outcome.missed.append(falsified.how)
    return outcome
