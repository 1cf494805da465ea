"""What every test may ask for: the shared data, a database of its own, a clock, a seal."""

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as of_hypothesis

from tests import databases, postgres
from tests.demo_process import free_port

ROOT = Path(__file__).resolve().parent.parent
# History may be told on a fixed clock only in a log whose origin says demo; that is the usual one.
ORIGIN = "demo.test.lotbook.example"
FAILED = pytest.StashKey[bool]()
# Where a file costs a memory copy: a clone of a database is 700 files, and each test makes one.
IN_MEMORY, ENOUGH = Path("/dev/shm"), 8 * 2**30
# How fast a machine is, is nothing that a test judges.
of_hypothesis.register_profile(
    "lotbook", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
of_hypothesis.load_profile("lotbook")


def pytest_configure(config: pytest.Config) -> None:
    """Read the settings in an environment of the tests' own, whatever surrounds them."""
    if "TMPDIR" not in os.environ and has_room(IN_MEMORY):
        os.environ["TMPDIR"] = tempfile.tempdir = str(IN_MEMORY)
    nowhere = Path(tempfile.gettempdir()) / "lotbook-tests-without-a-database"
    env = databases.environ(
        nowhere, origin=ORIGIN, database=databases.sqlite_environ(nowhere / "none.sqlite3")
    )
    wanted = databases.plain_environ() | env
    os.environ.clear()
    os.environ.update(wanted)
    from django.conf import settings

    settings.DATABASES  # noqa: B018 - reading one makes Django load them all
    # Pages are asked for without a collectstatic before, so without its manifest.
    plain = "django.contrib.staticfiles.storage.StaticFilesStorage"
    settings.STORAGES["staticfiles"]["BACKEND"] = plain


def has_room(folder: Path) -> bool:
    """Whether the whole suite's databases fit into it."""
    return os.access(folder, os.W_OK) and shutil.disk_usage(folder).free > ENOUGH


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report


def absent(what: str, sentence: str) -> NoReturn:
    """Skip, or fail where LOTBOOK_REQUIRE demands the thing."""
    required = {word.strip() for word in os.environ.get("LOTBOOK_REQUIRE", "").split(",")}
    if what in required:
        pytest.fail(f"LOTBOOK_REQUIRE demands {what}. {sentence}", pytrace=False)
    pytest.skip(sentence)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of vectors and reference data that lies beside the checkout."""
    folder = ROOT.parent / "shared"
    if not (folder / "vectors").is_dir():
        absent("shared", "The shared data is not beside this checkout.")
    return folder


def needs_postgres() -> None:
    """Skip (or fail) where PostgreSQL's server binaries are not installed."""
    if postgres.binaries() is None:
        absent("postgres", "PostgreSQL's initdb is not installed: apt install postgresql.")


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> databases.Templates:
    """The session's template databases, shared by all its workers."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        return databases.Templates(tmp_path_factory.getbasetemp().parent, os.getppid())
    return databases.Templates(tmp_path_factory.getbasetemp(), os.getpid())


def _installation(
    request: pytest.FixtureRequest, templates: databases.Templates, blocker: Any, vendor: str
) -> Iterator[databases.Database]:
    """A clone that Django points at while the test runs, played back afterwards."""
    if vendor == "postgres":
        needs_postgres()
    marker = request.node.get_closest_marker("origin")
    origin = marker.args[0] if marker else ORIGIN
    tampers = request.node.get_closest_marker("tampers") is not None
    with (
        databases.clone(templates, vendor, origin) as made,
        databases.pointed_at(made),
        blocker.unblock(),
    ):
        yield made
        if not tampers and not request.node.stash.get(FAILED, True):
            play_back()


def play_back() -> None:
    """Make every read model again from the ledger: it must be what the test left."""
    from ledger import rebuild

    differences = list(rebuild.compare())
    assert not differences, f"The read models are not what the ledger says: {differences}"


@pytest.fixture(params=["sqlite", "postgres"])
def database(
    request: pytest.FixtureRequest, templates: databases.Templates, django_db_blocker: Any
) -> Iterator[databases.Database]:
    """An empty, migrated installation of the test's own, on each of the two databases in turn.

    What the test commits stays committed until the installation is thrown away; afterwards every
    read model is made again from the ledger and must be the same.
    """
    yield from _installation(request, templates, django_db_blocker, request.param)


@pytest.fixture
def sqlite_database(
    request: pytest.FixtureRequest, templates: databases.Templates, django_db_blocker: Any
) -> Iterator[databases.Database]:
    """As `database`, for what exists on SQLite only."""
    yield from _installation(request, templates, django_db_blocker, "sqlite")


@pytest.fixture
def postgres_database(
    request: pytest.FixtureRequest, templates: databases.Templates, django_db_blocker: Any
) -> Iterator[databases.Database]:
    """As `database`, for what exists on PostgreSQL only."""
    yield from _installation(request, templates, django_db_blocker, "postgres")


@pytest.fixture(scope="session")
def django_db_setup() -> NoReturn:
    """pytest-django's test database drops triggers and flushes tables: it is not for us."""
    pytest.fail("Ask for the fixture `database` instead of django_db, db or live_server.")


PostgresCluster = Callable[..., postgres.PrivateCluster]


@pytest.fixture
def postgres_cluster() -> Iterator[PostgresCluster]:
    """Makes private clusters, durable ones (fsync on) unless settings say otherwise.

    `postgres_cluster()` is an empty cluster; `databases.prepare(cluster.cluster, "lotbook",
    origin=..., state=...)` makes an installation of it.
    """
    needs_postgres()
    made: list[postgres.PrivateCluster] = []

    def make(settings: Mapping[str, str] = postgres.DURABLE) -> postgres.PrivateCluster:
        made.append(postgres.PrivateCluster(settings))
        return made[-1]

    yield make
    for cluster in made:
        cluster.remove()


class FixedClock:
    """A clock that stands still until it is told to go on."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> datetime:
        """Go on by `minutes=5`, `days=1` ... and say the new time."""
        self.now += timedelta(**by)
        return self.now


@pytest.fixture
def fixed_clock() -> Iterator[FixedClock]:
    """The ledger's clock stands at Monday 2 March 2026, 08:00 UTC, until advanced."""
    from ledger import clock

    standing = FixedClock()
    with clock.telling(standing):
        yield standing


@pytest.fixture
def seal() -> Callable[[], Any]:
    """Give every committed event its position and sign the log, once, in this process."""
    from ledger import sealer

    return sealer.run_once


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Redis of the tests' own that keeps nothing."""
    binary = shutil.which("redis-server")
    if binary is None:
        absent("redis", "Redis is not installed: apt install redis-server.")
    port = free_port()
    command = [binary, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir"]
    server = subprocess.Popen(
        [*command, str(tmp_path_factory.mktemp("redis"))],
        stdout=subprocess.DEVNULL,
        preexec_fn=postgres.die_with_parent,
    )
    wait_for_port(port)
    yield f"redis://127.0.0.1:{port}/0"
    server.kill()
    server.wait()


def wait_for_port(port: int, *, seconds: float = 20) -> None:
    """Until somebody listens there."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise TimeoutError(f"Nobody listens on port {port}.")
