"""`manage.py demo`: one command that installs, prepares and runs every process, and stops them all.

Standard library only. The listening socket is opened first and handed to the web process last, so
the address answers from the first second and never in between refuses a visitor.
"""

import argparse
import contextlib
import fcntl
import os
import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from config import child, installation
from config.installation import ROOT, say
from config.preparing import Preparing

# Set by whoever configures a facility; a demo must not inherit any of it.
FOREIGN = ("DB_", "LOTBOOK_", "REDIS_URL", "SECRET_KEY", "DJANGO_", "DEBUG", "CSRF_TRUSTED")
SECONDS_TO_STOP = 2.0
PATIENCE = 60.0  # seconds in which a process may die DEATHS times before the demo gives up
DEATHS = 4


class Stopped(BaseException):
    """Somebody asked the demo to stop."""


class GaveUp(Exception):
    """The demo cannot go on; the sentence says why."""


@dataclass
class Process:
    """One child: how it is started, its log, and when it last died."""

    name: str
    command: list[str]
    log: Path
    fds: tuple[int, ...] = ()
    deaths: list[float] = field(default_factory=list)
    running: "subprocess.Popen[bytes] | None" = None

    def start(self, environ: dict[str, str]) -> None:
        with self.log.open("ab") as log:
            self.running = subprocess.Popen(
                child.wrapped(self.command),
                cwd=ROOT,
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=self.fds,
            )

    def died(self) -> bool:
        return self.running is not None and self.running.poll() is not None

    def tail(self) -> str:
        """The end of its log, for a person to read."""
        lines = self.log.read_text("utf-8", "replace").splitlines()
        return "\n".join(f"  {line}" for line in lines[-15:])


def main(arguments: list[str]) -> int:
    """Run the demo until Ctrl-C or SIGTERM. Exit code 0 after a stop, else 1 or 2."""
    options = parser().parse_args(arguments)
    state = Path(os.environ.get("LOTBOOK_STATE", str(ROOT / ".state" / "demo"))).resolve()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, _stop)
    try:
        with _listening(options.address, options.port) as listener, _alone(state):
            return _run(options, state, listener)
    except Stopped:
        return 0
    except (GaveUp, installation.CannotInstall) as reason:
        say(f"error: {reason}")
        return 1


def parser() -> argparse.ArgumentParser:
    """The demo's own options."""
    made = argparse.ArgumentParser(
        prog="manage.py demo", description="Run the whole system for a trial. Not for GMP."
    )
    made.add_argument("--port", type=int, default=8000, help="where it answers (default 8000)")
    made.add_argument(
        "--address", default="127.0.0.1", help="0.0.0.0 lets other machines in (a training room)"
    )
    return made


def _stop(number: int, _frame: object) -> None:
    for other in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(other, signal.SIG_IGN)  # one stop is enough
    raise Stopped(number)


@contextlib.contextmanager
def _listening(address: str, port: int) -> Iterator[socket.socket]:
    try:
        listener = socket.create_server((address, port), backlog=128)
    except OSError as error:
        raise GaveUp(
            f"Port {port} of {address} cannot be opened ({error.strerror}). Choose another:"
            f" python3 manage.py demo --port {port + 1}"
        ) from error
    with listener:
        yield listener


@contextlib.contextmanager
def _alone(state: Path) -> Iterator[None]:
    """Two demos on one state would run two of everything."""
    state.mkdir(parents=True, exist_ok=True)
    with (state / "demo.lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise GaveUp(
                f"A demo is running on {state} already. Stop it, or set LOTBOOK_STATE to another"
                " folder for a second one."
            ) from None
        yield


def _run(options: argparse.Namespace, state: Path, listener: socket.socket) -> int:
    say(f"Lotbook demo: preparing; http://localhost:{options.port}/ shows how far it is.")
    environ = _environ(options, state)
    preparing = Preparing(listener, "Starting")
    children: list[Process] = []
    try:
        people = _prepare(preparing, environ)
        children = _processes(state, listener)
        _start(children, environ, preparing)
        _welcome(options, state, people)
        _watch(children, environ)
        return 0
    finally:
        _stop_all(children)


def _environ(options: argparse.Namespace, state: Path) -> dict[str, str]:
    """The children's environment: embedded, on this state, and nothing from a facility's."""
    secret = state / "secret.key"
    if not secret.exists():
        handle = os.open(secret, os.O_WRONLY | os.O_CREAT, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(50))
    kept = {k: v for k, v in os.environ.items() if k != "DB" and not k.startswith(FOREIGN)}
    local = options.address in {"127.0.0.1", "localhost", "::1"}
    ours = {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DB": "sqlite",
        "LOTBOOK_DEMO": "1",
        "LOTBOOK_DOTENV": os.devnull,
        "LOTBOOK_STATE": str(state),
        "SECRET_KEY_FILE": str(secret),
        "PYTHONUNBUFFERED": "1",
    }
    return {**kept, **ours, **({} if local else {"ALLOWED_HOSTS": "*"})}


def _prepare(preparing: Preparing, environ: dict[str, str]) -> list[str]:
    """Packages, keys, tables, history. Answers the lines that introduce the demo's people."""

    def step(line: str) -> None:
        preparing.step = line.strip()
        say(line)

    if not installation.in_foreign_environment():
        installation.install(ROOT / installation.RUNTIME, say=step)
    step("Opening the ledger ...")
    command = [installation.python(), str(ROOT / "manage.py"), "prepare_demo"]
    with subprocess.Popen(
        child.wrapped(command),
        cwd=ROOT,
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as running:
        try:
            tail, people = _follow(running.stdout, step)
        except BaseException:
            running.terminate()
            raise
    if running.returncode:
        raise GaveUp("The demo could not be prepared:\n" + "\n".join(tail))
    return people


def _follow(lines: IO[str] | None, step: installation.Say) -> tuple[list[str], list[str]]:
    """Progress lines are shown as they come; indented ones introduce people, for the end."""
    tail: list[str] = []
    people: list[str] = []
    for line in lines or ():
        text = line.rstrip()
        tail = [*tail[-29:], text]
        if text.startswith("  "):
            people.append(text)
        elif text:
            step(text)
    return tail, people


def _processes(state: Path, listener: socket.socket) -> list[Process]:
    """The four processes of an installation; see config/web_server.py and config/celery.py."""
    python = installation.python()
    logs = state / "logs"
    logs.mkdir(exist_ok=True)
    celery = [python, "-m", "celery", "-A", "config.celery", "--quiet"]
    manage = [python, str(ROOT / "manage.py")]
    web = [python, "-m", "gunicorn", "-c", "python:config.web_server"]
    web += ["--graceful-timeout", "1"]  # a demo's visitor can ask again
    web += ["--bind", f"fd://{listener.fileno()}", "config.asgi:application"]
    worker = [*celery, "worker", "--pool", "solo", "--loglevel", "WARNING", "--without-gossip"]
    worker += ["--without-mingle", "--without-heartbeat"]
    commands = {
        "web": web,
        "sealer": [*manage, "run_sealer"],
        "worker": worker,
        "beat": [*celery, "beat", "--loglevel", "WARNING", "--pidfile="],
    }
    fds = {"web": (listener.fileno(),)}
    made = [Process(n, c, logs / f"{n}.log", fds.get(n, ())) for n, c in commands.items()]
    for process in made:
        process.log.write_bytes(b"")
    return made


def _start(children: list[Process], environ: dict[str, str], preparing: Preparing) -> None:
    """Start all; the address is handed over when the web process has loaded its pages."""
    preparing.step = "Starting the processes ..."
    say(preparing.step)
    ready, told = os.pipe()
    web, *others = children
    web.fds += (told,)
    web.start({**environ, "LOTBOOK_READY_FD": str(told)})
    web.fds = web.fds[:-1]
    os.close(told)
    for process in others:
        process.start(environ)
    with os.fdopen(ready, "rb") as pipe:
        if pipe.read(1) != b"r":
            raise GaveUp(f"The web process did not start:\n{web.tail()}")
    preparing.hand_over()


def _welcome(options: argparse.Namespace, state: Path, people: list[str]) -> None:
    say("")
    say(f"Lotbook runs at http://localhost:{options.port}/")
    say("This is a demo: invented people and units, keys on one disk. It is NOT for GMP records.")
    if people:
        say("Sign in with one click as:")
        for line in people:
            say(line)
    say(f"Its state and the processes' logs are in {state}. Ctrl-C stops it.")
    say("")


def _watch(children: list[Process], environ: dict[str, str]) -> None:
    """Start again what dies, and say so; give up on what keeps dying."""
    while True:
        time.sleep(0.2)
        for process in children:
            if process.died():
                _revive(process, environ)


def _revive(process: Process, environ: dict[str, str]) -> None:
    assert process.running is not None  # noqa: S101 - only a started process dies
    code, now = process.running.returncode, time.monotonic()
    process.deaths = [*(t for t in process.deaths if now - t < PATIENCE), now]
    if len(process.deaths) >= DEATHS:
        raise GaveUp(f"{process.name} keeps stopping (last code {code}):\n{process.tail()}")
    say(f"{process.name} stopped with code {code}; it is started again.")
    process.start(environ)


def _stop_all(children: list[Process]) -> None:
    """Ask all to stop, wait a little, then insist. What was acknowledged is on disk already."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    running = [p.running for p in children if p.running is not None]
    if running:
        say("Stopping ...")
    for process in running:
        process.terminate()
    deadline = time.monotonic() + SECONDS_TO_STOP
    for process in running:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(max(0.0, deadline - time.monotonic()))
    for process in running:
        process.kill()
        process.wait()
