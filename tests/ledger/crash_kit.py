"""The crash tests' two halves: a storm of SIGKILLs over an installation, and the reckoning after.

Used by the R3 tests and by `bench crash`.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from uuid import UUID

from django.conf import settings
from django.db import connections

from ledger import followers, log, rebuild, sealer, store
from ledger.audit import audit
from ledger.keys import read_keys
from ledger.outside import Outside
from ledger.tiles import HASH, Growing, split
from ledger.verify import BadNote, parse_checkpoint, parse_note, parse_vkey, verify_note
from tests import postgres
from tests.databases import ROOT, Database
from tests.ledger import laboratory
from tests.ledger.crash_writer import lines

Killed = dict[str, int]


@dataclass
class Reckoning:
    """What the storm left: how much was at stake, and every way in which it went wrong."""

    killed: int = 0
    acknowledged: int = 0  # commands a clerk was told about: carried out, or refused
    unanswered: int = 0  # asked, and the clerk died before the answer
    stored_unanswered: int = 0  # of those, the ones that had been written all the same
    events: int = 0
    checkpoints: int = 0
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.killed} kills, {self.acknowledged} acknowledged commands, {self.unanswered}"
            f" unanswered ({self.stored_unanswered} of them stored), {self.events} events,"
            f" {self.checkpoints} checkpoints: {len(self.wrong)} faults"
        )


def journals(database: Database) -> Path:
    """Where the clerks of an installation keep their journals."""
    folder = database.state / "journals"
    folder.mkdir(exist_ok=True)
    return folder


def _command(database: Database, *, seed: int, kills: int) -> list[str]:
    folder = str(journals(database))
    return [sys.executable, "-m", "tests.ledger.crash_storm", folder, str(seed), str(kills)]


def storm(database: Database, *, kills: int, seed: int) -> Killed:
    """Kill clerks and sealers of the installation at `kills` random moments."""
    done = subprocess.run(
        _command(database, seed=seed, kills=kills),
        env=database.environ(),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60 + kills,
    )
    if done.returncode:
        raise AssertionError(f"The storm itself failed:\n{done.stdout}\n{done.stderr}")
    killed: Killed = json.loads(done.stdout.splitlines()[-1])
    return killed


@contextmanager
def at_work(database: Database, *, seed: int) -> Iterator[None]:
    """Clerks and a sealer at work while inside; killed at the end."""
    crew = subprocess.Popen(
        _command(database, seed=seed, kills=0),
        env=database.environ(),
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=postgres.die_with_parent,
    )
    try:
        yield
    finally:
        output, errors = crew.communicate("", timeout=60)
    if crew.returncode:
        raise AssertionError(f"The crew failed:\n{output}\n{errors}")


def kill_server(
    cluster: postgres.PrivateCluster, database: Database, *, kills: int, seed: int
) -> Killed:
    """Kill the PostgreSQL server at `kills` random moments while clerks and a sealer work."""
    random = Random(seed)
    with at_work(database, seed=seed):
        _until_they_write(database)
        for _kill in range(kills):
            time.sleep(random.uniform(0.03, 0.3))
            cluster.kill()
            cluster.start()
        time.sleep(0.3)
    return {"server": kills}


def _until_they_write(database: Database) -> None:
    deadline = time.monotonic() + 60
    while not any(verb == "done" for verb, *_ in _all_lines(database)):
        if time.monotonic() > deadline or _troubles(database):
            raise AssertionError(f"Nobody wrote anything. {_troubles(database)}")
        time.sleep(0.05)


def _all_lines(database: Database) -> Iterator[list[str]]:
    for path in sorted(journals(database).glob("*.journal")):
        yield from lines(path)


def _troubles(database: Database) -> str:
    path = journals(database) / "troubles"
    return path.read_text() if path.exists() else ""


def reckon(database: Database, killed: Killed) -> Reckoning:
    """Compare what clerks were told with what the ledger holds, here, after the storm.

    Django must point at the installation. The sealer goes on first, as it would after a crash.
    """
    found = Reckoning(killed=sum(killed.values()))
    if trouble := _troubles(database):
        found.wrong.append(f"A process failed of something else than a kill:\n{trouble}")
    ledger = _Ledger.read()
    checks: list[Callable[[], Iterator[str]]] = [
        lambda: _acknowledged(database, ledger, found),
        lambda: _commands_and_events(ledger),
        _sealer_goes_on,
        lambda: _positions(ledger, found),
        lambda: _checkpoints_are_prefixes(found),
        lambda: iter(rebuild.compare()),
        lambda: (f"verify_ledger: {finding}" for finding in audit().findings),
    ]
    for check in checks:
        found.wrong += check()
    found.events = len(ledger.events)
    return found


@dataclass
class _Ledger:
    """The ledger's tables as plain values: events by id with their command, commands by id."""

    events: dict[UUID, tuple[UUID, str]]  # id -> command id, text of the entry
    commands: dict[UUID, list[UUID]]

    @classmethod
    def read(cls) -> "_Ledger":
        columns = "id, stream_type, stream_id, version, type, schema_version, recorded_at, body"
        rows = log.rows("default", f"SELECT {columns} FROM ledger_event", [])
        found = [store.recorded(row) for row in rows]
        keys = log.rows("default", "SELECT key, event_ids FROM ledger_command", [])
        return cls(
            {one.id: (one.command_id, getattr(one.data, "text", "")) for one in found},
            {_uuid(key): [UUID(text) for text in ids.split()] for key, ids in keys},
        )


def _uuid(value: UUID | str) -> UUID:
    return value if isinstance(value, UUID) else UUID(value)


def _acknowledged(database: Database, ledger: _Ledger, found: Reckoning) -> Iterator[str]:
    """0 acknowledged writes lost, and none made twice."""
    asked: dict[UUID, list[str]] = {}
    for verb, text, *rest in _all_lines(database):
        command = UUID(text)
        if verb == "ask":
            asked[command] = rest
            continue
        asked.pop(command)
        found.acknowledged += 1
        if command not in ledger.commands:
            yield f"The {verb} command {command} is lost."
        elif verb == "done" and ledger.commands[command] != [UUID(one) for one in rest]:
            yield f"The command {command} was answered with other events than it has."
    found.unanswered = len(asked)
    found.stored_unanswered = sum(one in ledger.commands for one in asked)


def _commands_and_events(ledger: _Ledger) -> Iterator[str]:
    """Each event is of one command that knows it, and each command's events are there."""
    claimed = {event: command for command, made in ledger.commands.items() for event in made}
    for event, (command, text) in ledger.events.items():
        if text and text != f"Entry {command}":
            yield f"The event {event} reads {text!r}, which its command did not ask for."
        if event not in claimed and command in ledger.commands:
            yield f"The event {event} is not among those of its command {command}."
        if claimed.get(event, command) != command:
            yield f"The event {event} is claimed by another command."
    for event in claimed.keys() - ledger.events.keys():
        yield f"The event {event} of the command {claimed[event]} is missing."
    for command in ledger.commands.keys() - {one for one, _text in ledger.events.values()}:
        yield f"The command {command} left no event."


def _sealer_goes_on() -> Iterator[str]:
    """The sealer and the followers find their way back, and a new entry is sealed."""
    before = sealer.run_once()
    with laboratory.by_roles_alone():
        outcome = laboratory.register(f"AFTER-{log.end()}")
    after = sealer.run_once()
    if after is None or (before is not None and after.size <= before.size):
        yield f"The sealer did not go on after {before}."
    if not sealer.is_sealed(outcome.events[0].id):
        yield "An entry written after the storm is not sealed."
    followers.run_all()
    yield from (f"{lag.name} stopped: {lag.stopped}" for lag in followers.lag() if lag.stopped)


def _positions(ledger: _Ledger, found: Reckoning) -> Iterator[str]:
    """Nothing half-sequenced: every event has one position, without gaps, and nothing waits."""
    waiting = log.rows("default", "SELECT count(*) FROM ledger_pending", [])[0][0]
    if waiting:
        yield f"{waiting} events still wait for a position."
    placed = list(log.lines(0))
    if [line.position for line in placed] != list(range(len(placed))):
        yield "The positions have a gap."
    events = {_uuid(row[0]) for row in log.rows("default", "SELECT id FROM ledger_event", [])}
    if {line.event_id for line in placed} != events or len(events) != len(placed):
        yield "The log and the events are not the same set."
    missing = ledger.events.keys() - events
    if missing:
        yield f"Events vanished while the sealer went on: {sorted(map(str, missing))}"


def _checkpoints_are_prefixes(found: Reckoning) -> Iterator[str]:
    """Every checkpoint kept outside, and in the database, is the head of the log as it stands."""
    outside = Outside(settings.LOTBOOK_OUTSIDE, name=settings.LOTBOOK_ORIGIN)
    inside = {
        (epoch, size): (bytes(root), note)
        for epoch, size, root, note in log.rows(
            "default", "SELECT epoch, size, root, note FROM ledger_checkpoint", []
        )
    }
    for epoch in log.epochs():
        leaves = split(log.leaves(epoch.start, log.end()))
        if outside.leaves(epoch=epoch.number) != b"".join(leaves):
            yield f"The leaf hashes kept outside for {epoch.origin} are not those of the log."
        tree = Growing()
        for held in outside.history(epoch=epoch.number):
            tree.extend(leaves[tree.size : held.size])
            found.checkpoints += 1
            if tree.root() != held.root:
                yield f"The checkpoint {epoch.number}/{held.size} is not a prefix of the log."
            if not _signs(held.note, held.root):
                yield f"The checkpoint {epoch.number}/{held.size} is not signed by the log."
            stored = inside.pop((epoch.number, held.size), None)
            if stored is not None and stored != (held.root, held.note):
                yield f"The database has another checkpoint {epoch.number}/{held.size}."
    outside.close()
    yield from (f"Only the database has the checkpoint {one}." for one in inside)


def _signs(note: str, root: bytes) -> bool:

    key = parse_vkey(read_keys(Path(settings.LOTBOOK_CHECKPOINT_KEY))[0].vkey)
    try:
        verify_note(note.encode(), [key])
    except BadNote:
        return False
    return len(root) == HASH and parse_checkpoint(parse_note(note.encode()).text).root == root


def forget_connections() -> None:
    """After the server died, the connections of this process are of no use."""
    connections.close_all()
