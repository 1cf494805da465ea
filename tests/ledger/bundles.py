"""A history worth inspecting, and bundles taken apart and put together again."""

import base64
import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger import blobs, ids, signature, store
from ledger.codec import CommandRef
from ledger.event import Recorded
from ledger.ports import SignatureValue
from ledger.signature import SigningKeyEnrolled
from tests.ledger import laboratory as lab

KEY = "k-9x1m4-1"


def written(stream_type: str, stream_id: str, *payloads: object) -> list[Recorded]:
    """Events written straight to the store as the first of their stream."""
    command = CommandRef(ids.new_id(), "test.write", b"\3" * 32)
    change = store.Change(stream_type, stream_id, 0, payloads)
    return store.append(command=command, actor=lab.SUPERVISOR, changes=[change]).events


def given_a_history(seal: Callable[[], Any]) -> None:
    """Two units, a supervisor's key and signature, an attachment; sealed in three steps."""
    private = Ed25519PrivateKey.generate()
    public = base64.b64encode(private.public_key().public_bytes_raw()).decode()
    written(
        "signing_key",
        KEY,
        SigningKeyEnrolled(
            person=lab.SUPERVISOR.person, key=KEY, algorithm="ed25519", public_key=public
        ),
    )
    lab.append("CF-01", expected=0, texts=[f"Rotor checked, run {number}" for number in range(40)])
    seal()
    name = blobs.put(b"chromatogram of run 7")
    reports = written("bundle", "b-1", lab.naming(name))
    lab.append("IN-02", expected=0, texts=[f"Door seal, day {number}" for number in range(20)])
    seal()
    sign(reports, private)
    lab.append("CF-01", expected=40, texts=["=1+1", "Vérifié; =cmd()", "Después\tde la limpieza"])
    seal()


def sign(events: list[Recorded], private: Ed25519PrivateKey) -> None:
    """The supervisor signs for events."""
    stated = signature.statement(
        events,
        meaning="reviewed",
        printed_name="Ana Ruiz",
        role="supervisor",
        signed_at=datetime(2026, 3, 2, 9, 0, tzinfo=UTC),
        zone="UTC",
        key=KEY,
    )
    value = private.sign(signature.statement_bytes(stated))
    made = SignatureValue(algorithm="ed25519", value=value)
    written("signature", str(ids.new_id()), signature.applied(stated, made))


Files = dict[str, bytes]


def unpacked(path: Path) -> Files:
    """The bundle's files."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(files: Files, path: Path) -> Path:
    """A zip of the files."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def with_hashes(files: Files, **stated: Any) -> Files:
    """The files under a manifest whose hashes are right again, as a careful forger leaves them."""
    manifest = json.loads(files["manifest.json"]) | stated
    manifest["files"] = {
        name: hashlib.sha256(content).hexdigest()
        for name, content in files.items()
        if name != "manifest.json"
    }
    return files | {"manifest.json": json.dumps(manifest).encode()}


def bodies(files: Files) -> list[tuple[str, bytes]]:
    return [
        (name, line)
        for name in sorted(files)
        if name.startswith("bodies/")
        for line in files[name].splitlines(keepends=True)
    ]


def without_trail_line(files: Files, position: int) -> Files:
    lines = files["trail.jsonl"].splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith(b'{"position":%d,' % position)]
    rows = list(csv.reader(io.StringIO(files["trail.csv"].decode("utf-8-sig"), newline="")))
    table = io.StringIO(newline="")
    writer = csv.writer(table, lineterminator="\r\n")
    writer.writerows([row for row in rows if row[0] != str(position)])
    return files | {
        "trail.jsonl": b"".join(kept),
        "trail.csv": ("\ufeff" + table.getvalue()).encode(),
    }


@dataclass
class Entries:
    """The entries of a bundle as a list, and back into files."""

    files: Files
    places: list[tuple[str, int, bytes]] = field(default_factory=list)  # file, position, entry

    def __post_init__(self) -> None:
        starts = {e["epoch"]: e["start"] for e in json.loads(self.files["manifest.json"])["epochs"]}
        for number in sorted(starts):
            proof = json.loads(self.files[f"epochs/{number}/proof.json"])
            position = starts[number] + proof["first"]
            for name in sorted(self.files):
                if name.startswith(f"epochs/{number}/entries/"):
                    for entry in _split(self.files[name]):
                        self.places.append((name, position, entry))
                        position += 1

    def with_entries(self, places: list[tuple[str, int, bytes]]) -> Files:
        """The files with these entries in them."""
        made = {name: b"" for name, _, _ in self.places}
        for name, _, entry in places:
            made[name] += len(entry).to_bytes(2, "big") + entry
        return self.files | made


def _split(content: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(content):
        end = at + 2 + int.from_bytes(content[at : at + 2], "big")
        yield content[at + 2 : end]
        at = end
