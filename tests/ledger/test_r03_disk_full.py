"""R3: on a full disk writes are refused, nothing acknowledged is lost, and work goes on after."""

import contextlib
import dataclasses
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from ledger import store
from ledger.audit import audit
from ledger.event import Refused
from ledger.sealing import Loop
from tests import databases, postgres
from tests.conftest import ORIGIN, PostgresCluster, absent, play_back
from tests.databases import Database
from tests.ledger import laboratory

TEXT = "What was seen on this day. " * 70  # close to the longest entry
MOST = 3000  # entries after which a disk that is not full must be another fault


class SmallDisk:
    """A file system of a few megabytes, in memory."""

    def __init__(self, *, megabytes: int) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="lotbook-disk-"))
        self.path.chmod(0o755)  # PostgreSQL runs as another user
        options = f"size={megabytes}m,mode=1777"
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(self.path)],
            check=True,
            capture_output=True,
        )

    def fill(self) -> None:
        """Leave no room at all."""
        with (self.path / "filler").open("wb", buffering=0) as file:
            for size in (1 << 20, 1 << 12):
                with contextlib.suppress(OSError):
                    while True:
                        file.write(bytes(size))

    def make_room(self) -> None:
        """Somebody has tidied up."""
        (self.path / "filler").unlink()

    def remove(self) -> None:
        subprocess.run(["umount", "-l", str(self.path)], check=True)
        self.path.rmdir()


@pytest.fixture
def small_disk() -> Iterator[Callable[..., SmallDisk]]:
    """Makes a small disk; skipped where mounting is not allowed."""
    made: list[SmallDisk] = []

    def make(*, megabytes: int) -> SmallDisk:
        try:
            made.append(SmallDisk(megabytes=megabytes))
        except (OSError, subprocess.CalledProcessError):
            absent("mount", "A small disk cannot be mounted here: it takes root.")
        return made[-1]

    yield make
    for disk in made:
        disk.remove()


class Work:
    """A laboratory that writes until it is refused, and knows what was acknowledged."""

    def __init__(self) -> None:
        self.acknowledged: list[str] = []
        self.stop = threading.Event()
        self.loop = Loop(self.stop)
        laboratory.register("CF-02")
        self.write()
        self.loop.turn()
        assert self.loop.sentence == ""

    def write(self) -> None:
        text = f"{len(self.acknowledged)}. {TEXT}"
        laboratory.make_entry("CF-02", text)
        self.acknowledged.append(text.strip())

    def write_until_refused(self) -> Exception:
        for _entry in range(MOST):
            try:
                self.write()
            except Refused as refusal:
                return refusal
        raise AssertionError(f"{MOST} entries fitted on the full disk.")

    def nothing_is_lost(self) -> None:
        """What was acknowledged is there, and only that, in order."""
        events = store.load("equipment", "CF-02")
        assert [event.data.text for event in events[1:]] == self.acknowledged

    def go_on(self) -> None:
        """Work goes on, is sealed, and verifies."""
        self.write()
        self.loop.turn()
        assert self.loop.sentence == ""
        self.nothing_is_lost()
        play_back()
        report = audit(read_models=True)
        assert report.verified, report.in_words()
        assert report.unsealed == 0


def elsewhere(database: Database, folder: Path) -> Database:
    """The same installation with its outside store in another place."""
    env = {**database.env, "LOTBOOK_OUTSIDE": str(folder / "seals.sqlite3")}
    return dataclasses.replace(database, env=env)


def test_r3_on_a_full_disk_sqlite_refuses_and_loses_nothing(
    small_disk: Callable[..., SmallDisk],
    templates: databases.Templates,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    django_db_blocker: Any,
) -> None:
    disk = small_disk(megabytes=16)
    monkeypatch.setattr(tempfile, "tempdir", str(disk.path))
    with databases.clone(templates, "sqlite", ORIGIN) as made, contextlib.ExitStack() as stack:
        stack.enter_context(databases.pointed_at(elsewhere(made, tmp_path)))
        stack.enter_context(django_db_blocker.unblock())
        stack.enter_context(laboratory.by_roles_alone())
        fills_up_and_goes_on(disk)
        connections.close_all()


def fills_up_and_goes_on(disk: SmallDisk) -> None:
    """Given a database on a disk that is full, when people write, then each is refused with a
    sentence, and the sealer signs what was written or says why it does not; when there is room,
    all goes on."""
    work = Work()
    disk.fill()
    for _attempt in range(3):
        refusal = work.write_until_refused()
        assert isinstance(refusal, Refused)
        assert refusal.code == "disk_full"
        assert "disk is full, so nothing was recorded" in str(refusal)
    work.loop.turn()
    if work.loop.sentence:
        assert "disk is full" in work.loop.sentence
    else:  # SQLite's own files had just enough room left for the seal
        assert audit().unsealed == 0
    work.nothing_is_lost()
    disk.make_room()
    work.go_on()


def test_r3_on_a_full_outside_store_the_sealer_says_so_and_recovers(
    database: Database, small_disk: Callable[..., SmallDisk]
) -> None:
    """Given an outside store on a full disk, when people write, then they can, and the sealer says
    why nothing is sealed; when there is room, everything is sealed and verifies."""
    disk = small_disk(megabytes=2)
    with databases.pointed_at(elsewhere(database, disk.path)), laboratory.by_roles_alone():
        work = Work()
        disk.fill()
        for _entry in range(300):  # so many that their hashes need new pages
            laboratory.append("FR-01", expected=_entry, texts=["Temperature read."])
        work.loop.turn()
        assert "disk" in work.loop.sentence, work.loop.sentence
        sealed = work.loop.held
        report = audit()
        assert report.verified, report.in_words()
        assert sealed is not None and report.unsealed >= 300
        disk.make_room()
        work.go_on()
        connections.close_all()


def test_r3_on_a_full_disk_postgresql_refuses_and_loses_nothing(
    small_disk: Callable[..., SmallDisk],
    postgres_cluster: PostgresCluster,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    django_db_blocker: Any,
) -> None:
    """First there is no room for rows, which the server survives; then none for its own log, which
    ends it. Nothing acknowledged is lost either way."""
    disk = small_disk(megabytes=200)
    with monkeypatch.context() as here:
        here.setattr(tempfile, "tempdir", str(disk.path))
        cluster = postgres_cluster()
    state = tmp_path / "state"
    database = databases.prepare(cluster.cluster, "lotbook", origin=ORIGIN, state=state)
    with databases.pointed_at(database), django_db_blocker.unblock(), laboratory.by_roles_alone():
        work = Work()
        disk.fill()
        refusal = work.write_until_refused()
        assert isinstance(refusal, Refused), repr(refusal)
        assert refusal.code == "disk_full"
        work.nothing_is_lost()
        disk.make_room()
        work.go_on()
        disk.fill()
        no_room_for_its_own_log(cluster, work)
        disk.make_room()
        connections.close_all()
        if cluster.server.poll() is not None:
            cluster.start()
        cluster.cluster.wait_until_up(cluster.server)
        work.go_on()
        connections.close_all()


def no_room_for_its_own_log(cluster: postgres.PrivateCluster, work: Work) -> None:
    """The server needs a new segment of its write-ahead log, again and again."""
    for _attempt in range(20):
        with contextlib.suppress(Exception), cluster.cluster.admin() as admin:
            admin.execute("SELECT pg_switch_wal()")
        with contextlib.suppress(Refused):
            work.write()
        connections.close_all()
        if cluster.server.poll() is not None:
            return
