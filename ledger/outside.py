"""The outside store: signed checkpoints and leaf hashes kept where the database cannot reach.

Trust: whoever can rewrite both this file and the database can rewrite history unseen, so keep it
on another disk or host, under another administrator, and never restore it from a backup.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

HASH = 32
SCHEMA = """
CREATE TABLE IF NOT EXISTS log (name TEXT NOT NULL PRIMARY KEY) STRICT;
CREATE TABLE IF NOT EXISTS checkpoint (
    id INTEGER PRIMARY KEY, epoch INTEGER NOT NULL, origin TEXT NOT NULL, size INTEGER NOT NULL,
    root BLOB NOT NULL CHECK (length(root) = 32), note TEXT NOT NULL,
    stored_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    UNIQUE (epoch, size)) STRICT;
CREATE TABLE IF NOT EXISTS leaves (
    epoch INTEGER NOT NULL, first INTEGER NOT NULL, hashes BLOB NOT NULL,
    PRIMARY KEY (epoch, first)) STRICT;
"""
SELECT = "SELECT epoch, origin, size, root, note FROM checkpoint "
GUARD = """
CREATE TRIGGER IF NOT EXISTS {table}_no_{verb} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, 'The outside store is append-only: {table} refuses {verb}.'); END;
"""


class OutsideMoved(Exception):
    """Somebody else has stored a checkpoint since this one was prepared; nothing was stored."""


class OutsideWrong(Exception):
    """This outside store cannot be used: it belongs to another log or contradicts itself."""


@dataclass(frozen=True, slots=True)
class Held:
    """A checkpoint as the outside store holds it."""

    epoch: int
    origin: str
    size: int
    root: bytes
    note: str


class Outside:
    """The store of one log. Safe to use from several threads and several processes."""

    def __init__(self, path: Path, *, name: str, read_only: bool = False) -> None:
        """Open the store, or make it. A reader (`read_only`) never writes to the disk."""
        self.path = Path(path).absolute()
        self.name = name
        self._lock = threading.Lock()
        if not read_only:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        self._db = self._open("ro" if read_only else "rwc")
        if read_only:
            self._check_name(self._db)
            return
        # A rollback journal, because write-ahead logging needs shared memory and so fails on a
        # network disk; EXTRA, so that the journal's removal is on disk before we answer.
        for pragma in ("journal_mode=DELETE", "synchronous=EXTRA", "recursive_triggers=ON"):
            self._db.execute(f"PRAGMA {pragma}")
        self._prepare()

    def _open(self, mode: str) -> sqlite3.Connection:
        try:
            return sqlite3.connect(
                f"{self.path.as_uri()}?mode={mode}",
                uri=True,
                timeout=10,
                isolation_level=None,
                check_same_thread=False,
            )
        except sqlite3.OperationalError as error:  # not an OSError, though it is one
            raise OutsideWrong(
                f"The outside store {self.path} cannot be opened ({error}). Check that it is there"
                " and that this process's user may read it."
            ) from error

    def _prepare(self) -> None:
        with self._writing() as db:
            for statement in SCHEMA.split(";\n"):
                db.execute(statement)
            for table in ("log", "checkpoint", "leaves"):
                for verb in ("UPDATE", "DELETE"):
                    db.execute(GUARD.format(table=table, verb=verb))
            if db.execute("SELECT 1 FROM log").fetchone() is None:
                db.execute("INSERT INTO log VALUES (?)", (self.name,))
            self._check_name(db)

    def _check_name(self, db: sqlite3.Connection) -> None:
        try:
            names = [row[0] for row in db.execute("SELECT name FROM log")]
        except sqlite3.DatabaseError as error:
            raise OutsideWrong(f"{self.path} is not a readable outside store: {error}.") from error
        if names != [self.name]:
            raise OutsideWrong(
                f"The outside store {self.path} belongs to the log {', '.join(names)}, not to"
                f" {self.name}. Point LOTBOOK_OUTSIDE at this log's own store."
            )

    def close(self) -> None:
        """Let the file go."""
        self._db.close()

    def latest(self, *, epoch: int | None = None) -> Held | None:
        """The newest checkpoint of all, or of one epoch."""
        where, values = ("WHERE epoch = ?", (epoch,)) if epoch is not None else ("", ())
        return self._held(f"{where} ORDER BY epoch DESC, size DESC LIMIT 1", values)

    def at(self, *, epoch: int, size: int) -> Held | None:
        """The checkpoint of one size."""
        return self._held("WHERE epoch = ? AND size = ?", (epoch, size))

    def history(self, *, epoch: int) -> Iterator[Held]:
        """Every checkpoint of an epoch, oldest first."""
        after = -1
        while found := self._held("WHERE epoch = ? AND size > ? ORDER BY size", (epoch, after)):
            yield found
            after = found.size

    def leaves(self, *, epoch: int, first: int = 0, last: int | None = None) -> bytes:
        """The leaf hashes [first, last) of an epoch, one after the other."""
        end = -1 if last is None else last
        with self._lock:
            rows = self._db.execute(
                "SELECT first, hashes FROM leaves WHERE epoch = ? AND (? < 0 OR first < ?)"
                " AND first + length(hashes) / 32 > ? ORDER BY first",
                (epoch, end, end, first),
            ).fetchall()
        if not rows:
            return b""
        offset = (first - rows[0][0]) * HASH
        joined = b"".join(row[1] for row in rows)[offset:]
        return joined if last is None else joined[: (last - first) * HASH]

    def store(self, held: Held, *, after: Held | None, leaves: bytes) -> None:
        """Compare and swap: keep `held` and the new leaf hashes if `after` is still the newest.

        One durable transaction; raises OutsideMoved, and stores nothing, when it is not.
        """
        first = after.size if after is not None and after.epoch == held.epoch else 0
        if len(leaves) != (held.size - first) * HASH:
            raise OutsideWrong(
                f"Checkpoint {held.epoch}/{held.size} came with {len(leaves) // HASH} leaf hashes"
                f" instead of {held.size - first}; nothing was stored."
            )
        with self._writing() as db:
            newest = _one(db, "ORDER BY epoch DESC, size DESC LIMIT 1", ())
            if newest != after:
                raise OutsideMoved(
                    f"The outside store holds {_named(newest)}, not {_named(after)}: another"
                    " sealer is at work on this log. Stop one of the two."
                )
            if after is not None and (held.epoch, held.size) <= (after.epoch, after.size):
                raise OutsideWrong(f"{_named(held)} does not come after {_named(after)}.")
            db.execute(
                "INSERT INTO checkpoint (epoch, origin, size, root, note) VALUES (?, ?, ?, ?, ?)",
                (held.epoch, held.origin, held.size, held.root, held.note),
            )
            db.execute("INSERT INTO leaves VALUES (?, ?, ?)", (held.epoch, first, leaves))

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    def _held(self, where: str, values: tuple[int, ...]) -> Held | None:
        with self._lock:
            return _one(self._db, where, values)


def _one(db: sqlite3.Connection, where: str, values: tuple[int, ...]) -> Held | None:
    row = db.execute(SELECT + where, values).fetchone()
    return None if row is None else Held(*row)


def _named(held: Held | None) -> str:
    return "no checkpoint" if held is None else f"checkpoint {held.epoch}/{held.size}"
