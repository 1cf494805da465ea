"""The trail for reading: CSV for a spreadsheet, JSON Lines without loss. Pure."""

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

COLUMNS = (
    "position",
    "recorded_at_utc",
    "person",
    "role",
    "terminal",
    "type",
    "schema_version",
    "stream",
    "version",
    "sentence",
    "signatures",  # does it hold? beside a signature, and beside what was signed
    "old",
    "new",
    "reason",
    "claimed_at",
    "command",
    "command_id",
    "cause",
    "event_id",
    "body_sha256",
    "data",
)
# What a spreadsheet takes for the start of a formula, full-width forms included; the cell's start
# may hide behind blanks, and in some countries a semicolon starts a new cell.
_FORMULA = re.compile("^[\\s\ufeff]*[=+\\-@\t\r\uff1d\uff0b\uff0d\uff20]")
_INNER = re.compile("([;\t\r\n]\\s*)([=+\\-@\uff1d\uff0b\uff0d\uff20]?)")  # linear: takes all
# Most cells are plainly harmless: this saves looking at them three times.
_HARMLESS = re.compile("[A-Za-z0-9{][^;\x00-\x1f]*\\Z").match
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
_CHUNK = 256 * 1024

Row = tuple[int, list[str], bytes]  # position, the entry's eight lines, the body
Sentence = Callable[[str, int, dict[str, Any]], str]  # (type, schema version, data) -> English
Standing = Callable[[Row], str]


def _defused(found: re.Match[str]) -> str:
    return f"{found[1]}'{found[2]}" if found[2] else found[1]


def safe(cell: str) -> str:
    """The cell with an apostrophe before anything a spreadsheet would run as a formula."""
    if not cell or _HARMLESS(cell):
        return cell
    text = _INNER.sub(_defused, _CONTROL.sub("\ufffd", cell))
    return f"'{text}" if _FORMULA.match(text) else text


def csv_chunks(rows: Iterable[Row], sentence: Sentence, standing: Standing) -> Iterator[bytes]:
    """The CSV file in pieces: UTF-8 with a byte order mark, as spreadsheets expect."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    buffer.write("\ufeff")
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([safe(cell) for cell in cells(row, sentence, standing)])
        if buffer.tell() > _CHUNK:
            yield _taken(buffer)
    yield _taken(buffer)


def _taken(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode("utf-8")


def cells(row: Row, sentence: Sentence, standing: Standing) -> list[str]:
    """One line of the trail: who with role, what old to new, when, why."""
    position, lines, raw = row
    body = json.loads(raw)
    data = body.get("data", {})
    actor, command = body.get("actor", {}), body.get("command", {})
    name, _, schema_version = lines[4].rpartition("/")
    return [
        str(position),
        lines[5],
        lines[6],
        str(actor.get("role", "")),
        str(actor.get("terminal", "")),
        name,
        schema_version,
        lines[2],
        lines[3],
        sentence(name, int(schema_version), data),
        standing(row),
        _plain(data.get("old")),
        _plain(data.get("new")),
        str(body.get("reason", "")),
        str(body.get("claimed_at", "")),
        str(command.get("name", "")),
        str(command.get("id", "")),
        str(body.get("cause", "")),
        lines[1],
        lines[7],
        _plain(data),
    ]


def _plain(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def jsonl_chunks(rows: Iterable[Row]) -> Iterator[bytes]:
    """JSON Lines: the entry's fields and the body exactly as stored."""
    parts: list[bytes] = []
    size = 0
    for row in rows:
        line = json_line(row)
        parts.append(line)
        size += len(line)
        if size > _CHUNK:
            yield b"".join(parts)
            parts, size = [], 0
    yield b"".join(parts)


def json_line(row: Row) -> bytes:
    """One event: its fields as text need no escape (the entry's grammar sees to that)."""
    position, lines, body = row
    name, _, schema_version = lines[4].rpartition("/")
    head = (
        f'{{"position":{position},"id":"{lines[1]}","stream":"{lines[2]}","version":{lines[3]},'
        f'"type":"{name}","schema_version":{schema_version},"recorded_at":"{lines[5]}",'
        f'"actor":"{lines[6]}","body_sha256":"{lines[7]}","body":'
    )
    return head.encode() + body + b"}\n"


def entry_lines(entry: bytes) -> list[str]:
    """The eight lines of an entry."""
    return entry.decode("utf-8").split("\n")
