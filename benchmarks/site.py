"""A PostgreSQL installation of the benchmark's own, fsync on, with a sealer running."""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import say
from tests import databases, postgres

ORIGIN = "demo.bench.lotbook.example"
SETTINGS = {
    **postgres.DURABLE,
    "shared_buffers": "512MB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "30min",
    "work_mem": "16MB",
}


def prepare() -> None:
    """Settings that name no real database; a benchmark makes its own and points Django at it."""
    import django

    nowhere = Path(tempfile.gettempdir()) / "lotbook-bench-without-a-database"
    none = databases.sqlite_environ(nowhere / "none.sqlite3")
    wanted = databases.plain_environ() | databases.environ(nowhere, origin=ORIGIN, database=none)
    os.environ.clear()
    os.environ.update(wanted)
    django.setup()


@contextlib.contextmanager
def postgres_site() -> Iterator[tuple[databases.Database, postgres.PrivateCluster]]:
    """A migrated installation on a private, durable cluster; gone afterwards."""
    if postgres.binaries() is None:
        raise SystemExit("This benchmark needs PostgreSQL's server: apt install postgresql.")
    say("starting a PostgreSQL with fsync on")
    private = postgres.PrivateCluster(SETTINGS)
    state = Path(tempfile.mkdtemp(prefix="lotbook-bench-"))
    try:
        yield databases.prepare(private.cluster, "lotbook", origin=ORIGIN, state=state), private
    finally:
        private.remove()
        shutil.rmtree(state, ignore_errors=True)


@contextlib.contextmanager
def sqlite_site() -> Iterator[databases.Database]:
    """A migrated installation in one SQLite file; gone afterwards."""
    state = Path(tempfile.mkdtemp(prefix="lotbook-bench-"))
    env = databases.environ(
        state, origin=ORIGIN, database=databases.sqlite_environ(state / "lotbook.sqlite3")
    )
    made = databases.Database("sqlite", state, env)
    made.manage("migrate", "--verbosity", "0")
    try:
        yield made
    finally:
        shutil.rmtree(state, ignore_errors=True)


@contextlib.contextmanager
def sealer(site: databases.Database) -> Iterator[None]:
    """The sealer, in a process of its own as in a facility."""
    process = site.start("run_sealer", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def binary(name: str) -> str:
    """One of PostgreSQL's programs."""
    folder = postgres.binaries()
    return str(folder / name) if folder else name


def as_app(site: databases.Database) -> dict[str, str]:
    """The environment in which psql and pgbench connect as the application's role."""
    env = site.env
    return os.environ | {
        "PGHOST": env["DB_HOST"],
        "PGPORT": env["DB_PORT"],
        "PGDATABASE": env["DB_NAME"],
        "PGUSER": "lotbook_app",
        "PGPASSWORD": env["DB_PASSWORD"],
    }
