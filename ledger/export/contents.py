"""Everything a bundle holds beside its manifest, written file by file as it is read."""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from django.conf import settings

from ledger import codec, verify
from ledger.event import Refused, event_types, upcast
from ledger.export import selection
from ledger.export.bundle_writer import BundleWriter
from ledger.export.frames import KEYS_OF_PEOPLE, Frame, positions_of
from ledger.export.selection import Filter, Range
from ledger.export.standings import Standings
from ledger.export.trail_csv import Row, csv_chunks, jsonl_chunks
from ledger.models import Blob
from ledger.verify import format_vkey, parse_note
from ledger.witness_list import Witness, parse_witnesses

ENTRIES_A_FILE = 256
BODIES_A_FILE, BYTES_A_FILE = 1000, 4 << 20
SUPPORTING = tuple(sorted(kind.decode() for kind in verify.SUPPORTING))
OF_THE_LOG = ("ledger.epoch_began", "ledger.checkpoint_key_changed")
_blob_names = re.compile(rb'"blob":"sha256:([0-9a-f]{64})"').findall


def write_all(
    writer: BundleWriter, chosen: Filter, positions: Range, shown: list[Frame], *, using: str
) -> list[int]:
    """All files but the manifest; gives the positions of the bodies that do not match."""
    blobs: set[bytes] = set()
    _write_trail(writer, chosen, positions, using)
    writer.add("keys.txt", _keys(shown, using))
    for kind in sorted(event_types().values(), key=lambda kind: kind.name):
        writer.add(f"schemas/{kind.name}-{kind.version}.json", _json(codec.json_schema(kind.cls)))
    for frame in shown:
        _write_epoch(writer, frame, using)
    supporting = _write_supporting(writer, positions, shown, blobs, using)
    _write_bodies(writer, chosen, positions, blobs, using)
    for digest in sorted(blobs):
        writer.add(f"blobs/{digest.decode()}", _blob(digest, using))
    inside = selection.unmatched(chosen, SUPPORTING, positions, using=using)
    return sorted([*supporting, *inside])


def _write_trail(writer: BundleWriter, chosen: Filter, positions: Range, using: str) -> None:
    rows = selection.rows(chosen, positions, using=using)
    standings = Standings(positions, using=using)
    writer.add("trail.csv", csv_chunks(rows, sentence, standings.of))
    rows = selection.rows(chosen, positions, using=using)
    writer.add("trail.jsonl", jsonl_chunks(rows))


def sentence(name: str, version: int, data: dict[str, Any]) -> str:
    """What an event reads as; an unknown type or version stops the export."""
    current = upcast(name, version, data)
    known = event_types()[name]
    return known.sentence_of(msgspec.convert(current, known.cls))


def _write_epoch(writer: BundleWriter, frame: Frame, using: str) -> None:
    folder = f"epochs/{frame.epoch.number}/"
    writer.add(f"{folder}checkpoint", frame.note)
    writer.add(f"{folder}checkpoints.txt", b"\n".join(frame.cited))
    if frame.token is not None:
        writer.add(f"{folder}timestamp.tsr", frame.token)
    writer.add(f"{folder}proof.json", _json(frame.proof_json()))
    for number, content in _entry_files(frame, using):
        writer.add(f"{folder}entries/{number:09d}", content)


def _entry_files(frame: Frame, using: str) -> Iterator[tuple[int, bytes]]:
    """C2SP entry bundles, 256 entries a file, cut to the range."""
    start = frame.epoch.start
    positions = Range(start + frame.first, start + frame.last - 1)
    number = frame.first // ENTRIES_A_FILE
    parts: list[bytes] = []
    for position, entry in selection.entries(positions, using=using):
        if (position - start) // ENTRIES_A_FILE != number:
            yield number, b"".join(parts)
            number, parts = (position - start) // ENTRIES_A_FILE, []
        parts += [len(entry).to_bytes(2, "big"), entry]
    if parts:
        yield number, b"".join(parts)


def _write_bodies(
    writer: BundleWriter, chosen: Filter, positions: Range, blobs: set[bytes], using: str
) -> None:
    """The bodies of the matches, and those that every reader needs to judge signatures and keys."""
    number, size = 0, 0
    parts: list[bytes] = []
    for row in selection.rows_shipped(chosen, SUPPORTING, positions, using=using):
        line = _body_line(row)
        blobs.update(_blob_names(row[2]))
        parts.append(line)
        size += len(line)
        if len(parts) == BODIES_A_FILE or size > BYTES_A_FILE:
            writer.add(f"bodies/{number:09d}.jsonl", b"".join(parts))
            number, size, parts = number + 1, 0, []
    if parts:
        writer.add(f"bodies/{number:09d}.jsonl", b"".join(parts))


def _body_line(row: Row) -> bytes:
    text = json.encoder.encode_basestring_ascii(row[2].decode("utf-8"))
    return f'{{"body":{text},"position":{row[0]}}}\n'.encode()


def _write_supporting(
    writer: BundleWriter, positions: Range, shown: list[Frame], blobs: set[bytes], using: str
) -> list[int]:
    """The log's own entries from outside the range: what names its keys, and people's keys."""
    end = shown[-1].epoch.start + shown[-1].size
    wanted = [
        position
        for position in positions_of(OF_THE_LOG, using=using)
        if position < end and not positions.first <= position <= positions.last
    ]
    peoples = positions_of(KEYS_OF_PEOPLE, using=using)
    wanted += [position for position in peoples if position < positions.first]
    for position in sorted(wanted):
        frame = [frame for frame in shown if frame.epoch.start <= position][-1]
        _position, lines, body = selection.row_at(position, using=using)
        proof = frame.proofs.inclusion(position - frame.epoch.start, size=frame.size)
        item = {
            "epoch": frame.epoch.number,
            "position": position,
            "entry": "\n".join(lines),
            "body": body.decode("utf-8"),
            "proof": [node.hex() for node in proof],
        }
        blobs.update(_blob_names(body))
        writer.add(f"supporting/{position}.json", _json(item))
    return wanted


def _keys(shown: list[Frame], using: str) -> bytes:
    """The log's own keys as it announces them, and those of witnesses that signed."""
    end = shown[-1].epoch.start + shown[-1].size
    found: list[str] = []
    for position in positions_of(OF_THE_LOG, using=using):
        if position < end:
            data = json.loads(selection.row_at(position, using=using)[2])["data"]
            found += [data.get("key"), data.get("second_key"), data.get("new")]
    signers = {
        (line.name, line.id)
        for frame in shown
        for note in (frame.note, *frame.cited)
        for line in parse_note(note).signatures
    }
    for witness in _witnesses():
        if (witness.key.name, witness.key.id) in signers:
            found.append(format_vkey(witness.key))
    return _lines(dict.fromkeys(key for key in found if key))


def _witnesses() -> list[Witness]:
    try:
        return parse_witnesses(settings.LOTBOOK_WITNESSES)
    except ValueError as error:
        raise Refused(
            "The setting LOTBOOK_WITNESSES cannot be read: {what} Have the administrator mend it.",
            code="witnesses",
            what=str(error),
        ) from error


def _lines(texts: Iterable[str]) -> bytes:
    return "".join(f"{text}\n" for text in texts).encode()


def _blob(name: bytes, using: str) -> bytes:
    blob = Blob.objects.using(using).get(sha256=bytes.fromhex(name.decode()))
    return bytes(blob.content)


def _json(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode() + b"\n"
