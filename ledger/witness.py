"""A witness (C2SP tlog-witness): cosigns a log's checkpoints while, and only while, they grow.

It sees hashes and sizes, never records, and needs none of Lotbook's databases. Trust: a log cannot
show two histories to two people without one of its witnesses refusing.
"""

import base64
import hashlib
import re
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ledger.keys import SigningKey
from ledger.note import signature_line, with_signatures
from ledger.tiles import EMPTY_ROOT
from ledger.verify import (
    BadNote,
    Checkpoint,
    Note,
    VerifierKey,
    parse_checkpoint,
    parse_note,
    strict_base64,
    verify_consistency,
    verify_note,
)

MOST_PROOF_LINES = 63
MOST_BYTES = 64 * 1024
PLAIN = "text/plain; charset=utf-8"
SIZE = "text/x.tlog.size"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS latest (
    origin TEXT NOT NULL PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL,
    note TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS refused (
    id INTEGER PRIMARY KEY, origin TEXT NOT NULL, why TEXT NOT NULL, request BLOB NOT NULL,
    at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))) STRICT;
"""
_KEEP = (
    "INSERT INTO latest VALUES (?, ?, ?, ?) ON CONFLICT (origin) DO UPDATE"
    " SET size = excluded.size, root = excluded.root, note = excluded.note"
)


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer: status, content type, body."""

    status: int
    content_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Latest:
    """The newest checkpoint that was cosigned for a log."""

    size: int
    root: bytes
    note: str


class WitnessStore:
    """What the witness has cosigned, in its own SQLite file, durable before any answer."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._db = sqlite3.connect(path, timeout=10, isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode=DELETE")
        self._db.execute("PRAGMA synchronous=EXTRA")
        self._db.executescript(_SCHEMA)

    def latest(self, origin: str) -> Latest | None:
        """The newest cosigned checkpoint of a log."""
        row = self._db.execute(
            "SELECT size, root, note FROM latest WHERE origin = ?", (origin,)
        ).fetchone()
        return None if row is None else Latest(*row)

    @contextmanager
    def deciding(self) -> Iterator[None]:
        """One decision at a time, over all threads and processes: looked up, judged, kept."""
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    def keep(self, origin: str, latest: Latest) -> None:
        """Inside `deciding`: this is the newest cosigned checkpoint now."""
        self._db.execute(_KEEP, (origin, latest.size, latest.root, latest.note))

    def keep_evidence(self, origin: str, why: str, request: bytes) -> None:
        """Inside `deciding`: a signed checkpoint that does not fit is proof of a fork."""
        self._db.execute(
            "INSERT INTO refused (origin, why, request) VALUES (?, ?, ?)", (origin, why, request)
        )

    def evidence(self) -> list[tuple[str, str]]:
        """Every misfit kept: origin and reason."""
        return self._db.execute("SELECT origin, why FROM refused ORDER BY id").fetchall()

    def by_hash(self, digest: str) -> str | None:
        """The newest cosigned note of the log whose origin has this SHA-256 (hex)."""
        for origin, text in self._db.execute("SELECT origin, note FROM latest"):
            if hashlib.sha256(origin.encode()).hexdigest() == digest:
                return str(text)
        return None

    def close(self) -> None:
        """Let the file go."""
        self._db.close()


@dataclass(frozen=True, slots=True)
class Witness:
    """A witness: its keys, the logs it knows by their keys, and what it has cosigned."""

    keys: list[SigningKey]
    logs: list[VerifierKey]
    store: WitnessStore

    def keys_of(self, origin: str) -> list[VerifierKey]:
        """The keys trusted for an origin: named like it, or like it without its epoch."""
        name, _, epoch = origin.rpartition("/")
        names = {origin, name} if re.fullmatch("[1-9][0-9]{0,8}", epoch) else {origin}
        return [key for key in self.logs if key.name in names]


@dataclass(frozen=True, slots=True)
class _Request:
    old: int
    proof: list[bytes]
    note: Note
    checkpoint: Checkpoint


class _Malformed(ValueError):
    """The request is not in the form of add-checkpoint."""


def add_checkpoint(witness: Witness, request: bytes, *, now: int) -> Answer:
    """Judge one add-checkpoint request; what is cosigned is on disk before the answer."""
    try:
        asked = _parse(request)
    except (_Malformed, BadNote, UnicodeDecodeError) as error:
        return _plain(400, f"Malformed: {error}")
    keys = witness.keys_of(asked.checkpoint.origin)
    if not keys:
        return _plain(404, "This witness does not know that log.")
    try:
        verify_note(asked.note, keys)
    except BadNote as error:
        return _plain(403, str(error))
    if asked.old > asked.checkpoint.size:
        return _plain(400, "The old size is larger than the checkpoint.")
    with witness.store.deciding():
        return _decide(witness, asked, request, now)


def _decide(witness: Witness, asked: _Request, request: bytes, now: int) -> Answer:
    origin, size, root = asked.checkpoint
    latest = witness.store.latest(origin)
    if asked.old != (latest.size if latest else 0):
        return Answer(409, SIZE, f"{latest.size if latest else 0}\n".encode())
    misfit = _misfit(asked, latest)
    if misfit:
        witness.store.keep_evidence(origin, misfit, request)
        return _plain(422, misfit)
    lines = [signature_line(asked.note.text, key=key, time=now) for key in witness.keys]
    signed = with_signatures(_note_of_the_log(witness, asked), lines)
    witness.store.keep(origin, Latest(size, root, signed.decode()))
    return Answer(200, PLAIN, "".join(lines).encode())


def _misfit(asked: _Request, latest: Latest | None) -> str:
    """Why the checkpoint does not extend what was cosigned; empty when it does."""
    _, size, root = asked.checkpoint
    if size == 0 and root != EMPTY_ROOT:
        return "A log of no entries has the root of the empty tree."
    if latest is None or latest.size == 0:
        return "There is nothing to be proved from size 0." if asked.proof else ""
    if asked.old == size:
        if asked.proof or root != latest.root:
            return "The log shows another root at the size that was cosigned."
        return ""
    if not verify_consistency(asked.old, size, asked.proof, latest.root, root):
        return "The proof does not show that the log grew from what was cosigned."
    return ""


def _note_of_the_log(witness: Witness, asked: _Request) -> bytes:
    """The checkpoint with the log's own signatures alone, for the monitoring address."""
    known = {(key.name, key.id) for key in witness.keys_of(asked.checkpoint.origin)}
    lines = [
        f"\u2014 {one.name} {base64.b64encode(one.id + one.value).decode()}\n"
        for one in asked.note.signatures
        if (one.name, one.id) in known
    ]
    return asked.note.text + b"\n" + "".join(lines).encode()


def checkpoint_of(witness: Witness, origin_hash: str) -> Answer:
    """GET <origin hash>/checkpoint: the newest cosigned checkpoint of a log."""
    found = witness.store.by_hash(origin_hash)
    if found is None:
        return _plain(404, "Nothing was cosigned for that log.")
    return Answer(200, PLAIN, found.encode())


def _parse(request: bytes) -> _Request:
    if len(request) > MOST_BYTES:
        raise _Malformed(f"more than {MOST_BYTES} bytes.")
    head, empty, note = request.partition(b"\n\n")
    lines = head.decode("ascii").split("\n")
    first = re.fullmatch("old (0|[1-9][0-9]{0,18})", lines[0])
    if not empty or first is None:
        raise _Malformed("the first line is `old <size>`, and an empty line ends the proof.")
    if len(lines) - 1 > MOST_PROOF_LINES:
        raise _Malformed(f"more than {MOST_PROOF_LINES} proof lines.")
    proof = [strict_base64(line) for line in lines[1:]]
    if any(len(part) != 32 for part in proof):
        raise _Malformed("a proof line is not a hash of 32 bytes.")
    parsed = parse_note(note)
    return _Request(int(first[1]), proof, parsed, parse_checkpoint(parsed.text))


def _plain(status: int, sentence: str) -> Answer:
    return Answer(status, PLAIN, f"{sentence}\n".encode())
