"""Makes bundles of synthetic logs by docs/formats.md, without Django or a database."""

import csv
import io
import json
import zipfile
from hashlib import sha256
from pathlib import Path
from typing import Any

from ledger import verify
from tests.ledger.log_kit import Log, Tree, canonical, consistency, left_of, path

SUPPORTING = {kind.decode() for kind in verify.SUPPORTING}
VERIFIER = Path(verify.__file__)

Files = dict[str, bytes]


def bundle(log: Log, **chosen: Any) -> Files:
    """The files of a bundle: what matches the filter among the positions first to last."""
    last = min(chosen.get("last", log.end() - 1), log.end() - 1)
    first = chosen.get("first", 0)
    made = _Made(log, first, last, verify.Filter(chosen))
    made.write_epochs()
    made.write_bodies()
    made.write_outside()
    files = made.files
    manifest = {
        "format": verify.FORMAT,
        "origin": log.origin,
        "created_at": "2026-03-02T10:00:00.000000Z",
        "software": "lotbook 0.1.0",
        "filter": chosen,
        "range": {"first": first, "last": last},
        "matches": made.matches,
        "supporting": sorted(made.supporting),
        "epochs": made.epochs,
    }
    files["README.txt"] = b"Run: python3 verify.py\n"
    files["verify.py"] = VERIFIER.read_bytes()
    files["keys.txt"] = "".join(f"{key}\n" for key in made.vkeys()).encode()
    return rehash(files, manifest)


class _Made:
    def __init__(self, log: Log, first: int, last: int, wanted: verify.Filter) -> None:
        self.log, self.first, self.last, self.filter = log, first, last, wanted
        self.files: Files = {}
        self.epochs: list[dict[str, Any]] = []
        self.supporting: list[int] = []
        self.matches = 0

    def write_epochs(self) -> None:
        for tree in self.trees():
            kept = max(tree.notes) if tree.kept is None else tree.kept
            low = min(max(self.first - tree.start, 0), kept)
            high = max(min(self.last + 1 - tree.start, kept), low)
            self.write_epoch(tree, low, high)

    def trees(self) -> list[Tree]:
        """The epochs up to the last position asked for."""
        return [tree for tree in self.log.trees if tree.start <= self.last]

    def write_epoch(self, tree: Tree, low: int, high: int) -> None:
        size, folder, leaves = max(tree.notes), f"epochs/{tree.number}/", tree.leaves
        origin = f"{self.log.origin}/{tree.number}"
        self.epochs.append({"epoch": tree.number, "origin": origin, "start": tree.start})
        self.files[f"{folder}checkpoint"] = tree.notes[size]
        cited = [note for at, note in sorted(tree.notes.items()) if at < size]
        self.files[f"{folder}checkpoints.txt"] = b"\n".join(cited)
        for at in range(low // 256, (high + 255) // 256):
            part = tree.entries[max(low, at * 256) : min(high, at * 256 + 256)]
            data = b"".join(len(entry).to_bytes(2, "big") + entry for entry in part)
            self.files[f"{folder}entries/{at:06}"] = data
        proof = {
            "first": low,
            "last": high,
            "left": [node.hex() for node in left_of(low, leaves)],
            "size": size,
            "consistency": [node.hex() for node in consistency(high, leaves[:size])],
        }
        self.files[f"{folder}proof.json"] = canonical(proof)

    def write_bodies(self) -> None:
        bodies: list[tuple[int, bytes]] = []
        matching: list[tuple[int, bytes, bytes]] = []
        for position, entry, body in self.entries():
            fields = fields_of(entry)
            if self.filter.matches(fields):
                matching.append((position, entry, body))
            elif fields[4].decode() in SUPPORTING:
                self.supporting.append(position)
            else:
                continue
            bodies.append((position, body))
            self.blobs_of(body)
        self.matches = len(matching)
        put_bodies(self.files, bodies)
        self.files |= trails(matching)

    def entries(self) -> list[tuple[int, bytes, bytes]]:
        return [
            (tree.start + at, entry, body)
            for tree in self.log.trees
            for at, (entry, body) in enumerate(zip(tree.entries, tree.bodies, strict=True))
            if self.first <= tree.start + at <= self.last
            and at < (len(tree.entries) if tree.kept is None else tree.kept)
        ]

    def vkeys(self) -> list[str]:
        """The keys of keys.txt: those that the shown epochs announce, and the witness's."""
        log, shown = self.log, b"".join(self.files.values())
        found = [key.vkey for key in [*log.old_keys, log.key] if key.vkey.encode() in shown]
        return [*found, *(key.vkey for key in (log.witness, log.second) if key)]

    def blobs_of(self, body: bytes) -> None:
        for name in verify._BLOB(body):
            self.files[f"blobs/{name.decode()}"] = self.log.blobs[name.decode()]

    def write_outside(self) -> None:
        """The ledger's own entries from outside the range that the verifier needs."""
        for tree in self.trees():
            size = max(tree.notes)
            for at in range(size if tree.kept is None else tree.kept):
                kind = tree.entries[at].split(b"\n")[4].rpartition(b"/")[0]
                position = tree.start + at
                of_people = kind in (verify.KEY_ENROLLED, verify.KEY_WITHDRAWN)
                keys = of_people and position < self.first
                frame = kind in (verify.EPOCH_BEGAN, verify.KEY_CHANGED)
                if self.first <= position <= self.last or not (keys or frame):
                    continue
                item = {
                    "epoch": tree.number,
                    "position": position,
                    "entry": tree.entries[at].decode(),
                    "body": tree.bodies[at].decode(),
                    "proof": [node.hex() for node in path(at, tree.leaves[:size])],
                }
                self.files[f"supporting/{position}.json"] = canonical(item)
                self.supporting.append(position)


def fields_of(entry: bytes) -> tuple[bytes, ...]:
    """The parts of an entry, as the verifier names them."""
    match = verify._ENTRY(entry)
    assert match is not None
    return match.groups()


def put_bodies(files: Files, bodies: list[tuple[int, bytes]]) -> None:
    """Write the files of bodies, 256 a file."""
    lines = [canonical({"body": body.decode(), "position": at}) + b"\n" for at, body in bodies]
    for name in [name for name in files if name.startswith("bodies/")]:
        del files[name]
    for at in range(0, len(lines), 256):
        files[f"bodies/{at // 256:06}.jsonl"] = b"".join(lines[at : at + 256])


def get_bodies(files: Files) -> list[tuple[int, bytes]]:
    """The bodies that a bundle holds."""
    names = sorted(name for name in files if name.startswith("bodies/"))
    items = [json.loads(line) for name in names for line in files[name].splitlines()]
    return [(item["position"], item["body"].encode()) for item in items]


def put_entries(files: Files, name: str, entries: list[bytes]) -> None:
    files[name] = b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def get_entries(data: bytes) -> list[bytes]:
    at, found = 0, []
    while at < len(data):
        end = at + 2 + int.from_bytes(data[at : at + 2], "big")
        found.append(data[at + 2 : end])
        at = end
    return found


def trails(rows: list[tuple[int, bytes, bytes]]) -> Files:
    """Both trails of (position, entry, body)."""
    table, lines = io.StringIO(newline=""), []
    writer = csv.writer(table, lineterminator="\r\n")
    writer.writerow(verify.COLUMNS)
    for position, entry, body in rows:
        fields = fields_of(entry)
        lines.append(json_line(position, [part.decode() for part in fields], body))
        writer.writerow(verify.trail_cells(position, fields, json.loads(body)))
    return {"trail.jsonl": b"".join(lines), "trail.csv": ("\ufeff" + table.getvalue()).encode()}


def make_trails_anew(files: Files, manifest: dict[str, Any]) -> None:
    """What a thorough attacker does: derive the trails and the count from what is there now."""
    held, wanted = dict(get_bodies(files)), verify.Filter(manifest["filter"])
    position, rows = manifest["range"]["first"], []
    for name in sorted(name for name in files if "/entries/" in name):
        for entry in get_entries(files[name]):
            match = verify._ENTRY(entry)
            if match and wanted.matches(match.groups()) and position in held:
                rows.append((position, entry, held[position]))
            position += 1
    files |= trails(rows)
    manifest["matches"] = len(rows)


def json_line(position: int, part: list[str], body: bytes) -> bytes:
    head = {
        "position": position,
        "id": part[0],
        "stream": f"{part[1]}/{part[2]}",
        "version": int(part[3]),
        "type": part[4],
        "schema_version": int(part[5]),
        "recorded_at": part[6],
        "actor": part[7],
        "body_sha256": part[8],
    }
    text = json.dumps(head, separators=(",", ":"))
    return text[:-1].encode() + b',"body":' + body + b"}\n"


def manifest_of(files: Files) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(files["manifest.json"])
    return found


def rehash(files: Files, manifest: dict[str, Any] | None = None) -> Files:
    """What an attacker does last: make the manifest name the files as they are now."""
    stated = manifest if manifest is not None else manifest_of(files)
    stated["files"] = {
        name: sha256(files[name]).hexdigest() for name in sorted(files) if name != "manifest.json"
    }
    return {**files, "manifest.json": canonical(stated)}


def write_zip(files: Files, where: Path) -> Path:
    with zipfile.ZipFile(where, "w", zipfile.ZIP_DEFLATED) as out:
        for name, content in files.items():
            out.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content)
    return where


def write_folder(files: Files, where: Path) -> Path:
    for name, content in files.items():
        target = where / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return where
