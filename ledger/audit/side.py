"""The tables beside the log: commands, blobs, cosignatures, what waits, what follows."""

import re
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from cryptography.x509 import Certificate
from django.conf import settings

from ledger import followers, timestamps
from ledger.audit.entries import Bodies
from ledger.audit.marks import signature_holds
from ledger.audit.report import Report
from ledger.audit.snapshot import Snapshot
from ledger.verify import BadNote, VerifierKey, parse_note

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}").fullmatch


def check_commands(snapshot: Snapshot, report: Report, bodies: Bodies) -> None:
    """ledger_command against what the bodies say: the same commands, requests and events."""
    total = 0
    for key, request, event_ids in snapshot.rows(_COMMANDS[snapshot.vendor]):
        ids = event_ids.split(" ") if isinstance(event_ids, str) else []
        if not ids or not all(_UUID(name) for name in ids) or not isinstance(request, bytes):
            report.found(f"ledger_command {key}", "The row is malformed.")
            continue
        for name in ids:
            total += bodies.digest(key, request.hex(), name)
    if total != bodies.sum:
        before = len(report.findings) + len(report.notes)
        _name_commands(snapshot, report)
        if len(report.findings) + len(report.notes) == before:
            report.found("ledger_command", "Commands and events do not match.")


_COMMANDS = {
    "sqlite": "SELECT key, request_sha256, event_ids FROM ledger_command",
    "postgresql": "SELECT CAST(key AS text), request_sha256, event_ids FROM ledger_command",
}
_BODIES = {
    "sqlite": "SELECT id, body FROM ledger_event",
    "postgresql": "SELECT CAST(id AS text), body FROM ledger_event",
}


def _name_commands(snapshot: Snapshot, report: Report) -> None:
    """The sums differ: compare row by row (takes memory, and happens only after an attack)."""
    said: dict[str, tuple[str, set[str]]] = {}
    for event_id, body in snapshot.rows(_BODIES[snapshot.vendor]):
        try:
            command = msgspec.json.decode(body)["command"]
            found = said.setdefault(_short(command["id"]), (command["request_sha256"], set()))
            found[1].add(_short(event_id))
        except (msgspec.DecodeError, KeyError, TypeError, UnicodeDecodeError):
            continue  # found already, where the entries were checked
    for key, request, event_ids in snapshot.rows(_COMMANDS[snapshot.vendor]):
        row, expected = f"ledger_command {key}", said.pop(_short(key), None)
        if expected is None:
            report.found(row, "No event came of this command.")
        elif (expected[0], expected[1]) != (
            bytes(request or b"").hex() if isinstance(request, bytes) else "",
            {_short(name) for name in str(event_ids).split(" ")},
        ):
            report.found(row, "The request or the events are not those that the bodies name.")
    for key, (_request, made) in said.items():
        row, what = f"ledger_command {key}", "The row of this command is missing."
        if any(_has_position(snapshot, event_id) for event_id in made):
            report.found(row, what)
        else:  # the sequencer gives its events no position, whoever wrote them
            report.notes.append(f"{row}: {what} Its events wait.")


def _has_position(snapshot: Snapshot, event_id: str) -> bool:
    key = event_id if snapshot.vendor == "sqlite" else str(UUID(event_id))
    found = snapshot.rows("SELECT 1 FROM ledger_log WHERE event_id = %s", [key])
    return next(found, None) is not None


def _short(name: object) -> str:
    return str(name).replace("-", "")


def check_blobs(snapshot: Snapshot, report: Report, named: dict[bytes, int]) -> None:
    """Each name has its blob, and each blob that is named is what its name says.

    One that no event names is evidence of nothing, and no finding: the application may add any.
    """
    left, unnamed = dict(named), 0
    for digest, content in snapshot.rows("SELECT sha256, content FROM ledger_blob"):
        if digest not in named:
            unnamed += 1
        elif not isinstance(content, bytes) or sha256(content).digest() != digest:
            report.found(
                f"ledger_blob {digest.hex()}",
                "The content is not what its name says.",
                position=named[digest],
            )
        left.pop(digest, None)
    if unnamed:
        report.notes.append(f"{unnamed} blobs are named by no event; they are evidence of nothing.")
    for digest, position in left.items():
        report.found(
            f"ledger_blob {digest.hex()}",
            "An event names this blob; it is missing.",
            position=position,
        )


def check_cosignatures(
    snapshot: Snapshot, report: Report, witnesses: Sequence[VerifierKey]
) -> None:
    """Each witness's line holds for the checkpoint it stands at."""
    rows = snapshot.rows(
        "SELECT s.id, s.epoch, s.size, s.name, s.line, c.note FROM ledger_cosignature s"
        " LEFT JOIN ledger_checkpoint c ON c.epoch = s.epoch AND c.size = s.size"
        " ORDER BY s.epoch, s.size, s.name"
    )
    unknown: set[str] = set()
    for name, epoch, size, witness, line, note in rows:
        fault = (
            "The row's id is not its epoch, size and witness."
            if name != f"{epoch}/{size}/{witness}"
            else _cosignature_fault(witness, line, note, witnesses, unknown)
        )
        if fault:
            report.found(f"ledger_cosignature {name}", fault)
    if unknown:
        report.not_checked.append(
            f"the cosignatures of {', '.join(sorted(unknown))}, whose keys are not known here"
        )


def _cosignature_fault(
    witness: str,
    line: str,
    note: str | None,
    witnesses: Sequence[VerifierKey],
    unknown: set[str],
) -> str | None:
    if note is None:
        return "There is no checkpoint of this size."
    try:
        text = parse_note(note.encode()).text
        signatures = parse_note(text + b"\n" + _ended(line).encode()).signatures
    except (BadNote, AttributeError, UnicodeEncodeError) as error:
        return f"The line cannot be read: {error}"
    if any(signature.name != witness for signature in signatures):
        return "The line is not the signature of the witness named."
    named = {key.id: key for key in witnesses if key.name == witness}
    if not named:
        unknown.add(witness)
        return None
    for signature in signatures:
        key = named.get(signature.id)
        if key is None or not signature_holds(key, text, signature.value):
            return f"The cosignature of {witness} does not hold for this checkpoint."
    return None


def _ended(line: str) -> str:
    return line if line.endswith("\n") else f"{line}\n"


def check_timestamps(snapshot: Snapshot, report: Report) -> None:
    """Each token is an authority's word on the checkpoint it stands at."""
    rows = snapshot.rows(
        "SELECT t.id, t.epoch, t.size, t.token, c.note FROM ledger_timestamp t"
        " LEFT JOIN ledger_checkpoint c ON c.epoch = t.epoch AND c.size = t.size"
        " ORDER BY t.epoch, t.size"
    )
    certificates = _authority() if settings.LOTBOOK_TSA_CERTIFICATES else None
    met = False
    for name, epoch, size, token, note in rows:
        met, fault = True, None
        if name != f"{epoch}/{size}":
            fault = "The row's id is not its epoch and size."
        elif note is None:
            fault = "There is no checkpoint of this size."
        else:
            fault = _timestamp_fault(token, note, certificates)
        if fault:
            report.found(f"ledger_timestamp {name}", fault)
    if met and certificates is None:
        report.not_checked.append(
            "the authority's signature on the time-stamps; set LOTBOOK_TSA_CERTIFICATES"
        )


def _authority() -> list[Certificate]:
    return timestamps.read_certificates(Path(settings.LOTBOOK_TSA_CERTIFICATES))


def _timestamp_fault(token: Any, note: str, certificates: list[Certificate] | None) -> str | None:
    try:
        text = parse_note(note.encode()).text
        if certificates is not None:
            timestamps.verify(token, text, certificates=certificates)
        elif not timestamps.imprint_matches(token, text):
            return "The time-stamp is not of this checkpoint."
    except (timestamps.TimestampRefused, BadNote, TypeError) as error:
        return str(error)
    return None


def check_counts(snapshot: Snapshot, report: Report, checked: int) -> None:
    """Every event is in the log or waits, once; nothing stands outside."""
    events = _number(snapshot, "SELECT count(*) FROM ledger_event")
    doubly = snapshot.rows(
        "SELECT p.seq FROM ledger_pending p JOIN ledger_log l ON l.event_id = p.event_id"
    )
    for (number,) in doubly:
        report.found(f"ledger_pending {number}", "This event waits, and is in the log already.")
    if events == checked:
        return
    outside = snapshot.rows(
        "SELECT CAST(e.id AS text), e.type FROM ledger_event e"
        " WHERE NOT EXISTS (SELECT 1 FROM ledger_log l WHERE l.event_id = e.id)"
        " AND NOT EXISTS (SELECT 1 FROM ledger_pending p WHERE p.event_id = e.id) ORDER BY 1"
    )
    before = len(report.findings)
    for event_id, kind in outside:
        report.found(
            f"ledger_event {event_id}",
            f"This {kind} stands outside the log: it has no position and does not wait for one.",
        )
    if len(report.findings) == before:
        report.found("ledger_event", f"There are {events} events, and {checked} were met.")


def check_cursors(snapshot: Snapshot, report: Report) -> None:
    """Each place is a follower's own, and none can have read what is not there."""
    rows = snapshot.rows("SELECT name, position, stopped FROM ledger_cursor ORDER BY name")
    for name, position, stopped in rows:
        if name not in followers.registry():
            report.found(f"ledger_cursor {name}", "No follower has this name.")
        if not 0 <= position <= report.entries:
            report.found(f"ledger_cursor {name}", f"It claims to have read up to {position}.")
        if stopped:
            report.notes.append(f"The follower {name} stopped: {stopped}")


def check_signed_events(
    snapshot: Snapshot, report: Report, signed: dict[str, list[tuple[int, str]]]
) -> None:
    """What people signed is what is there: each signature names the hash of a body."""
    for event_id, claims in signed.items():
        key = _short(event_id) if snapshot.vendor == "sqlite" else event_id
        found = list(snapshot.rows("SELECT body FROM ledger_event WHERE id = %s", [key]))
        digest = sha256(found[0][0]).hexdigest() if found else None
        for position, claimed in claims:
            if claimed != digest:
                what = "is not in the ledger" if digest is None else "reads differently now"
                report.found(
                    "ledger_event",
                    f"The event {event_id}, which was signed here, {what}.",
                    position=position,
                )


def check_file(snapshot: Snapshot, report: Report) -> None:
    """On SQLite: the file's own structure, indexes included."""
    if snapshot.vendor != "sqlite":
        report.not_checked.append("PostgreSQL's index pages (use amcheck)")
        return
    for (sentence,) in snapshot.rows("PRAGMA integrity_check(20)"):
        if sentence != "ok":
            report.found("the database file", str(sentence))


def _number(snapshot: Snapshot, statement: str) -> int:
    return int(next(iter(snapshot.rows(statement)))[0])
