"""PostgreSQL clusters of the tests' own: made, started, killed, started again and removed here."""

import argparse
import contextlib
import ctypes
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

ROOT = Path(__file__).resolve().parent.parent
PR_SET_PDEATHSIG = 1
LOGINS = {"app": "DB", "sealer": "DB_SEALER", "migrator": "DB_MIGRATOR", "auditor": "DB_AUDITOR"}
SMALL = {"shared_buffers": "64MB", "max_connections": "100", "autovacuum": "on"}
# A shared cluster is thrown away after the session: nothing in it has to survive a power cut.
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}


def binaries() -> Path | None:
    """The folder of initdb and postgres: the newest Debian one, else the one on the PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


def unprivileged() -> dict[str, Any]:
    """PostgreSQL refuses to run as root: then its processes run as the user postgres."""
    if os.geteuid() != 0:
        return {}
    return {"user": "postgres", "group": "postgres", "extra_groups": []}


def die_with_parent() -> None:
    """In a child before exec: the kernel sends SIGQUIT (stop at once) when the parent is gone."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGQUIT)


@dataclass(frozen=True)
class Cluster:
    """One cluster that listens on a socket in its own folder only."""

    directory: Path
    password: str
    port: int = 5432

    @property
    def data(self) -> Path:
        return self.directory / "data"

    def environ(self, database: str = "lotbook") -> dict[str, str]:
        """The environment in which manage.py works on `database` of this cluster."""
        env = {"DB": "postgres", "DB_NAME": database, "DB_HOST": str(self.directory)}
        env |= {"DB_PORT": str(self.port), "DB_ADMIN_USER": "postgres"}
        env |= {"DB_ADMIN_PASSWORD": self.password, "DB_ADMIN_NAME": "postgres"}
        return env | {
            f"{name}_PASSWORD": f"{self.password}-{kind}" for kind, name in LOGINS.items()
        }

    def admin(self, database: str = "postgres") -> "psycopg.Connection[Any]":
        """A superuser's connection, each statement its own transaction."""
        return psycopg.connect(
            dbname=database,
            user="postgres",
            password=self.password,
            host=str(self.directory),
            port=self.port,
            autocommit=True,
        )

    def start(self, **extra: Any) -> "subprocess.Popen[bytes]":
        """Start the server as a child of this process and wait until it answers."""
        folder = binaries()
        assert folder is not None
        with (self.directory / "log").open("ab") as log:
            server = subprocess.Popen(
                [str(folder / "postgres"), "-D", str(self.data)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=die_with_parent,
                **unprivileged(),
                **extra,
            )
        self.wait_until_up(server)
        return server

    def wait_until_up(self, server: "subprocess.Popen[bytes] | None" = None) -> None:
        """Until the server answers; 60 seconds allow for crash recovery on a slow disk."""
        deadline = time.monotonic() + 60
        while True:
            try:
                self.admin().close()
                return
            except psycopg.OperationalError as refusal:
                dead = server is not None and server.poll() is not None
                if dead or time.monotonic() > deadline:
                    raise RuntimeError(f"PostgreSQL did not start: {self.log_tail()}") from refusal
            time.sleep(0.03)

    def log_tail(self) -> str:
        """The last lines of the server's log."""
        return "\n".join((self.directory / "log").read_text("utf-8").splitlines()[-15:])

    def postmaster(self) -> int:
        """The process id of the running server."""
        return int((self.data / "postmaster.pid").read_text().split()[0])

    def remove(self) -> None:
        """Delete the folder; the server must be stopped."""
        shutil.rmtree(self.directory, ignore_errors=True)


def make_cluster(settings: Mapping[str, str]) -> Cluster:
    """initdb with passwords asked everywhere (a trusting cluster would void the roles)."""
    folder = binaries()
    assert folder is not None
    directory = Path(tempfile.mkdtemp(prefix="lotbook-pg-"))
    password = secrets.token_hex(12)
    (directory / "password").write_text(password)
    (directory / "log").touch()
    if os.geteuid() == 0:
        for path in (directory, directory / "password", directory / "log"):
            shutil.chown(path, "postgres", "postgres")
    command = [str(folder / "initdb"), "-D", str(directory / "data"), "-U", "postgres"]
    command += ["-A", "scram-sha-256", f"--pwfile={directory / 'password'}", "--no-sync"]
    command += ["-E", "UTF8", "--locale=C.UTF-8", "--no-instructions"]
    subprocess.run(command, check=True, cwd=directory, stdout=subprocess.DEVNULL, **unprivileged())
    (directory / "password").unlink()
    values = {**SMALL, **settings, "listen_addresses": "", "unix_socket_directories": directory}
    with (directory / "data" / "postgresql.conf").open("a") as conf:
        conf.writelines(f"{name} = '{value}'\n" for name, value in values.items())
    return Cluster(directory, password)


class PrivateCluster:
    """A cluster for one test, which may kill the server, start it again, or read its files."""

    def __init__(self, settings: Mapping[str, str]) -> None:
        self.cluster = make_cluster(settings)
        self.server = self.cluster.start()

    def kill(self) -> None:
        """What a power cut does to the processes: SIGKILL to the server and all its backends."""
        # Stopped first, so that the postmaster cannot answer a dying backend in the meantime.
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.server.pid, signal.SIGSTOP)
        backends = children(self.server.pid)
        for child in backends:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        self.server.kill()
        self.server.wait()
        _wait_until_dead(backends)  # while one still dies, its shared memory bars the next server

    def stop(self) -> None:
        """Stop the server at once (`immediate`), without harm to what was committed."""
        if self.server.poll() is None:
            self.server.send_signal(signal.SIGQUIT)
            self.server.wait(30)

    def start(self) -> None:
        """Start again after a stop or a kill; recovery is done when this returns."""
        self.server = self.cluster.start()

    def remove(self) -> None:
        self.stop()
        self.cluster.remove()


def _wait_until_dead(pids: list[int], *, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while any(_runs(pid) for pid in pids):
        if time.monotonic() > deadline:
            raise RuntimeError(f"Of the processes {pids}, one does not die.")
        time.sleep(0.002)


def _runs(pid: int) -> bool:
    """Whether a process is there and is more than a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def children(pid: int) -> list[int]:
    """The direct children of a process."""
    listing = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(word) for word in listing.split()]


def keep(directory: Path, password: str, owner: int) -> None:
    """The keeper of a shared cluster: run it while the process `owner` lives, then remove it."""
    cluster = Cluster(directory, password)
    server = cluster.start()
    (directory / "up").touch()
    while server.poll() is None and _alive(owner):
        time.sleep(0.3)
    server.send_signal(signal.SIGQUIT)
    server.wait(30)
    cluster.remove()


def _alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def start_kept(settings: Mapping[str, str], *, owner: int) -> Cluster:
    """A cluster that several processes share and that ends with the process `owner`."""
    cluster = make_cluster(settings)
    command = [sys.executable, "-m", "tests.postgres", str(cluster.directory), str(owner)]
    keeper = subprocess.Popen(
        command,
        cwd=ROOT,
        env=os.environ | {"CLUSTER_PASSWORD": cluster.password},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    deadline = time.monotonic() + 60
    while not (cluster.directory / "up").exists():
        if keeper.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"PostgreSQL did not start: {cluster.log_tail()}")
        time.sleep(0.03)
    return cluster


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=keep.__doc__)
    parser.add_argument("directory", type=Path)
    parser.add_argument("owner", type=int)
    given = parser.parse_args()
    keep(given.directory, os.environ["CLUSTER_PASSWORD"], given.owner)
