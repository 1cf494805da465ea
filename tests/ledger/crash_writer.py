"""What the crash tests kill: clerks who keep a journal of what was confirmed to them, and a sealer.

Each runs in a process of its own, forked by `crash_storm`, and is ended by SIGKILL alone.
"""

import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from uuid import UUID

import psycopg
from django.db import InterfaceError, OperationalError, connections

from ledger import followers, ids, sealer
from ledger.event import Refused
from tests.ledger import laboratory

SHARED_UNITS = ("CF-01", "CF-02", "CF-03")
KINDS = ("entry", "entry", "entry", "entry", "register", "again", "move")
AWAY = (OperationalError, InterfaceError, psycopg.OperationalError, psycopg.InterfaceError)


class Journal:
    """A clerk's own record, apart from the database: what was asked, and what was confirmed.

    A line is on the disk before the clerk goes on, so what it says was acknowledged was.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)

    def note(self, *words: object) -> None:
        """One line, on the disk when this returns."""
        os.write(self._file, (" ".join(map(str, words)) + "\n").encode())
        os.fsync(self._file)


def lines(path: Path) -> Iterator[list[str]]:
    """What a journal says; a line the kill cut short was never finished, so it says nothing."""
    for line in path.read_text().splitlines(keepends=True) if path.exists() else []:
        if line.endswith("\n"):
            yield line.split()


def asked_and_unanswered(path: Path) -> tuple[int, list[list[str]]]:
    """How many commands a clerk has asked, and those that it got no answer to."""
    asked, answered = {}, set()
    for verb, command_id, *rest in lines(path):
        if verb == "ask":
            asked[command_id] = [command_id, *rest]
        else:
            answered.add(command_id)
    return len(asked), [asked[one] for one in asked if one not in answered]


def clerk(number: int, folder: Path, *, seed: int) -> None:
    """Ask for one thing after another, for ever. First what was left unanswered, with its id."""
    path = folder / f"clerk-{number}.journal"
    count, unanswered = asked_and_unanswered(path)
    journal, random = Journal(path), Random(f"{seed} {number} {count}")
    for command_id, kind, unit in unanswered:
        answer(journal, UUID(command_id), kind, unit)
    while True:
        count += 1
        kind, unit = random.choice(KINDS), random.choice(SHARED_UNITS)
        if kind == "register":
            unit = f"U-{number}-{count}"
        command_id = ids.new_id()
        journal.note("ask", command_id, kind, unit)
        answer(journal, command_id, kind, unit)


def answer(journal: Journal, command_id: UUID, kind: str, unit: str) -> None:
    """Ask until the database has said yes or no; the same command id every time."""
    while True:
        try:
            outcome = _ask(command_id, kind, unit)
        except Refused as refused:
            if refused.code == "away":  # he is told to send the same again
                _wait_for_the_database(refused.__cause__ or refused)
                continue
            journal.note("refused", command_id, refused.code)
            return
        except AWAY as error:
            _wait_for_the_database(error)
        else:
            journal.note("done", command_id, *(event.id for event in outcome.events))
            return


def _ask(command_id: UUID, kind: str, unit: str) -> laboratory.Outcome:
    if kind == "entry":
        return laboratory.make_entry(unit, f"Entry {command_id}", command_id=command_id)
    if kind == "move":
        room = f"Room {command_id}"
        return laboratory.move(unit, room, command_id=command_id)
    return laboratory.register(unit, command_id=command_id)  # "again" is refused: it stands


def _wait_for_the_database(error: BaseException) -> None:
    if "locked" in str(error):
        raise error  # SQLite's writers queue; a lock that is not given is a fault
    connections.close_all()
    time.sleep(0.01)


def keep_sealing(folder: Path, *, pause: float = 0.004) -> None:
    """The sealer and the followers, for ever."""
    working = None
    while True:
        try:
            working = working or sealer.from_settings()
            working.seal()
            followers.run_all()
        except AWAY as error:
            _wait_for_the_database(error)
        time.sleep(pause)


def in_a_child(work: Callable[[], None], *, troubles: Path) -> int:
    """Fork; the child works until it is killed. What it fails of is written down."""
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        from tests.postgres import die_with_parent

        die_with_parent()
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        work()
        status = 0
    except BaseException:  # noqa: BLE001 - a child that fails must be heard, whatever it is
        with troubles.open("a") as file:
            file.write(traceback.format_exc() + "\n")
    finally:
        sys.stdout.flush()
        os._exit(status)
