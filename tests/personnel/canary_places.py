"""Where something could have been written outside the vault, and all that stands there."""

import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.db import connection, connections

from ledger.export import export_bundle
from tests import postgres
from tests.databases import ROOT, Database

VAULT = {"personnel_sealedrecord", "personnel_subjectkey"}


@dataclass
class Place:
    """Something that was written outside the vault, and all that stands in it."""

    name: str
    content: bytes


def tables(*, vaults: bool = False) -> Iterator[Place]:
    """Every table of the database, every row and column as bytes."""
    with connection.cursor() as cursor:
        names = connection.introspection.table_names(cursor)
        assert set(names) >= VAULT
        for name in sorted(set(names) - (set() if vaults else VAULT)):
            with connections["migrator"].cursor() as reader:
                reader.execute(f'SELECT * FROM "{name}"')
                yield Place(f"table {name}", b"\n".join(map(_bytes, reader.fetchall())))


def _bytes(row: tuple[object, ...]) -> bytes:
    return b"|".join(
        bytes(v) if isinstance(v, bytes | memoryview) else str(v).encode() for v in row
    )


def sessions() -> Iterator[Place]:
    """What browsers' sessions hold, decoded."""
    from django.contrib.sessions.models import Session

    for row in Session.objects.all():
        yield Place("a session", repr(row.get_decoded()).encode())


def files(folder, *, database: bool) -> Iterator[Place]:
    """Every file of the installation: queue, logs, outside store; the embedded database too."""
    for path in folder.rglob("*"):
        if path.is_file() and (database or not path.name.startswith("lotbook.sqlite3")):
            yield Place(f"file {path.name}", path.read_bytes())


def exports(folder) -> Iterator[Place]:
    """A bundle of the whole trail: bodies, CSV, manifest, all of it unpacked."""
    bundle = folder / "all.zip"
    summary = export_bundle(bundle)
    assert summary.matches > 100
    with zipfile.ZipFile(bundle) as archive:
        assert [name for name in archive.namelist() if name.endswith(".csv")]
        for name in archive.namelist():
            content = archive.read(name)
            if name.endswith(".gz"):
                content = zlib.decompress(content, 47)
            yield Place(f"bundle {name}", content)


def dump(database: Database) -> Iterator[Place]:
    """What whoever copies the database gets: the tables, and the vault's own apart."""
    connections.close_all()
    if database.vendor == "sqlite":
        yield from files(database.state, database=True)  # with its write-ahead log and free pages
        return
    yield Place("the dump", _pg_dump(database, *(f"--exclude-table={name}" for name in VAULT)))
    yield Place("the vault's dump", _pg_dump(database, *(f"--table={name}" for name in VAULT)))
    yield from files(database.state, database=False)
    assert database.cluster is not None
    yield Place("the server's log", (database.cluster.directory / "log").read_bytes())


def _pg_dump(database: Database, *arguments: str) -> bytes:
    cluster, folder = database.cluster, postgres.binaries()
    assert cluster is not None and folder is not None
    env = os.environ | {"PGPASSWORD": cluster.password}
    place = ["--host", str(cluster.directory), "--port", str(cluster.port), "--username=postgres"]
    command = [str(folder / "pg_dump"), *place, *arguments, database.name]
    done = subprocess.run(command, env=env, capture_output=True, check=True)
    assert b"CREATE TABLE" in done.stdout
    return done.stdout


def queue(database: Database, folder: Path, redis_url: str) -> Iterator[Place]:
    """A live worker and its schedule, told to say everything: their words, and every message.

    On SQLite messages lie in the state folder; on PostgreSQL they go through Redis, which is
    listened to.
    """
    env = database.environ() | {"LOG_LEVEL": "DEBUG"}
    if database.vendor == "postgres":
        env["REDIS_URL"] = redis_url
    heard: list[bytes] = []
    parts = {
        "beat": ["beat", "--loglevel", "DEBUG", "--pidfile=", "--max-interval", "1"],
        "worker": ["worker", "--pool", "solo", "--loglevel", "DEBUG"],
    }
    with _listening(redis_url, heard):
        beat = _celery(parts["beat"], env, folder / "beat.log")
        _until(folder / "beat.log", "Sending due task ledger-followers")
        yield from files(database.state / "queue", database=False)  # before anybody reads them
        worker = _celery(parts["worker"], env, folder / "worker.log")
        _until(folder / "worker.log", "ledger.run_followers", "succeeded")
        for process in (beat, worker):
            process.send_signal(signal.SIGTERM)
            process.wait(30)
    for name in parts:
        yield Place(f"the {name}'s log", (folder / f"{name}.log").read_bytes())
    said = b"".join(heard)
    assert (b"ledger.run_followers" in said) == (database.vendor == "postgres")
    yield Place("redis", said)


def _celery(arguments: list[str], env: Any, log: Path) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "celery", "-A", "config.celery", *arguments]
    with log.open("wb") as out:
        return subprocess.Popen(
            command,
            env=env,
            cwd=ROOT,
            stdout=out,
            stderr=out,
            preexec_fn=postgres.die_with_parent,
        )


def _until(log: Path, *words: str, seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while not any(all(w in line for w in words) for line in log.read_text("utf-8").splitlines()):
        assert time.monotonic() < deadline, log.read_text("utf-8")
        time.sleep(0.2)


@contextmanager
def _listening(redis_url: str, heard: list[bytes]) -> Iterator[None]:
    """Everything that anybody says to Redis, while inside, as it goes over the wire."""
    place = urlsplit(redis_url)
    with socket.create_connection((str(place.hostname), place.port or 6379)) as ear:
        ear.sendall(b"MONITOR\r\n")
        assert ear.recv(5) == b"+OK\r\n"

        def listen() -> None:
            while chunk := ear.recv(65536):
                heard.append(chunk)

        thread = threading.Thread(target=listen, daemon=True)
        thread.start()
        yield
        time.sleep(0.2)
        ear.shutdown(socket.SHUT_RDWR)
        thread.join(10)


def log(caplog: Any) -> Place:
    """What the process wrote into its log, tracebacks included."""
    formatter = logging.Formatter("%(message)s")
    lines = [formatter.format(record) for record in caplog.records]
    assert lines, "something was logged, or the search of the log would prove nothing"
    return Place("the log", "\n".join(lines).encode())
