"""The self-made .venv: which lock a command needs, how it is installed, how to get inside.

Standard library only: this runs before anything is installed.
"""

import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from config import child

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
WANTED = (3, 11)
RUNTIME = "requirements.lock"
# What a command needs beyond the run-time packages.
LOCKS = {
    "test": "requirements-dev.lock",
    "lock": "requirements-dev.lock",
    "bench": "requirements-bench.lock",
}
Say = Callable[[str], None]


class CannotInstall(Exception):
    """A sentence that says what the person at the keyboard should do."""


def say(line: str) -> None:
    """A progress line on standard output, at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def enter(command: str, argv: list[str]) -> None:
    """Return only where the command's packages are installed: else install, and start again."""
    if in_foreign_environment():
        return
    lock = ROOT / LOCKS.get(command, RUNTIME)
    if installed(lock) and Path(sys.prefix).resolve() == VENV.resolve():
        return
    try:
        install(lock, say=say)
    except CannotInstall as reason:
        sys.exit(f"error: {reason}")
    except KeyboardInterrupt:
        sys.exit(130)
    os.execv(PYTHON, [str(PYTHON), str(ROOT / "manage.py"), *argv[1:]])  # noqa: S606


def in_foreign_environment() -> bool:
    """Somebody's own virtual environment is theirs to fill."""
    return sys.prefix != sys.base_prefix and Path(sys.prefix).resolve() != VENV.resolve()


def python() -> str:
    """The interpreter that has the packages: ours, or the foreign environment we run in."""
    return sys.executable if in_foreign_environment() else str(PYTHON)


def installed(lock: Path) -> bool:
    """Whether .venv holds what the lock says, by the hash noted after installing it."""
    with contextlib.suppress(OSError):
        return PYTHON.exists() and _stamp(lock).read_text() == _digest(lock)
    return False


def install(lock: Path, *, say: Say) -> None:
    """Make .venv where there is none and install the lock; a second caller waits for the first."""
    with _one_at_a_time(say):
        if installed(lock):
            return
        _must_be_ours()
        if not _usable():
            say("Making .venv ...")
            _make_venv(_interpreter())
        _install_packages(lock, say=say)
        _stamp(lock).write_text(_digest(lock))


def _must_be_ours() -> None:
    """A service that may write nothing must not call pip at every start, and fail each time."""
    if not os.access(VENV if VENV.exists() else ROOT, os.W_OK):
        raise CannotInstall(
            "The packages of this version are not installed, and this process may not install"
            f" them. As the owner of {ROOT}, run there: python3 manage.py install"
        )


def _stamp(lock: Path) -> Path:
    return VENV / f"{lock.stem}.installed"


def _digest(lock: Path) -> str:
    return hashlib.sha256(lock.read_bytes()).hexdigest()


@contextlib.contextmanager
def _one_at_a_time(say: Say) -> Iterator[None]:
    """A lock on manage.py itself, so that no lock file is left lying about."""
    with (ROOT / "manage.py").open("rb") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another manage.py is installing; waiting for it ...")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _interpreter() -> str:
    """A Python 3.11 to build .venv from: the running one, else python3.11 on the PATH."""
    if sys.version_info[:2] == WANTED:
        return os.path.realpath(sys.executable)
    found = shutil.which("python3.11")
    if found:
        return found
    raise CannotInstall(
        f"Lotbook needs Python 3.11; this is Python {sys.version_info[0]}.{sys.version_info[1]}."
        " Install it (Debian 12: apt install python3 python3-venv) and run the command again."
    )


def _usable() -> bool:
    """Whether .venv has a working pip (an interrupted start may have left half of one)."""
    check = [str(PYTHON), "-c", "import pip, sys; sys.exit(sys.version_info[:2] != (3, 11))"]
    try:
        return subprocess.run(check, capture_output=True).returncode == 0
    except OSError:
        return False


def _make_venv(interpreter: str) -> None:
    if subprocess.run(
        [interpreter, "-c", "import venv, ensurepip"], capture_output=True
    ).returncode:
        raise CannotInstall(
            "This Python cannot make virtual environments. Install the missing part"
            " (Debian: apt install python3-venv) and run the command again."
        )
    made = subprocess.run(
        [interpreter, "-m", "venv", "--clear", str(VENV)], capture_output=True, text=True
    )
    if made.returncode:
        raise CannotInstall(f".venv could not be made: {made.stdout}{made.stderr}".strip())


def _install_packages(lock: Path, *, say: Say) -> None:
    """pip, hashes demanded; index and certificates come from the user's own settings."""
    total = len(re.findall(r"^[A-Za-z0-9]", lock.read_text("utf-8"), re.MULTILINE))
    say(f"Installing {total} packages from {lock.name} (once) ...")
    command = [str(PYTHON), "-m", "pip", "install", "--no-deps", "--require-hashes", "--no-input"]
    command += ["--disable-pip-version-check", "--progress-bar", "off", "-r", str(lock)]
    with subprocess.Popen(
        child.wrapped(command), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as pip:
        try:
            tail = _follow(pip, total, say)
        except BaseException:
            pip.terminate()
            raise
    if pip.returncode:
        raise CannotInstall("pip could not install the packages:\n" + "\n".join(tail))


def _follow(pip: "subprocess.Popen[str]", total: int, say: Say) -> list[str]:
    """Turn pip's talk into a few progress lines; keep its last words for an error."""
    assert pip.stdout is not None  # noqa: S101 - it was asked for as a pipe
    tail: list[str] = []
    done = 0
    for line in pip.stdout:
        tail = [*tail[-14:], line.rstrip()]
        if line.startswith(("Collecting", "Requirement already satisfied")):
            done += 1
            if done % 10 == 0 or done == total:
                say(f"  {min(done, total)} of {total} packages found ...")
        elif line.startswith("Installing collected"):
            say("  unpacking ...")
    return tail
