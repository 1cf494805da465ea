"""Installing: once, by whoever owns the folder; a service that may write nothing does not try."""

import ctypes
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import ROOT, plain_environ

PR_CAPBSET_DROP, CAP_DAC_OVERRIDE = 24, 1


@pytest.fixture
def closed() -> Iterator[Path]:
    """Given: the software in a folder that its processes may read and not write to."""
    folder = Path(tempfile.mkdtemp(prefix="lotbook-closed-"))
    shutil.copytree(ROOT / "config", folder / "config", ignore=shutil.ignore_patterns("*.pyc"))
    for name in ("manage.py", "requirements.lock"):
        shutil.copy(ROOT / name, folder)
    folder.chmod(0o555)
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


def bound_by_modes() -> None:
    """In a child before exec: root, too, may write only where the folder's mode lets it."""
    if os.geteuid() == 0:
        ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE)


def asked(folder: Path, command: str) -> "subprocess.CompletedProcess[str]":
    """`manage.py ...` as a service runs it: with Python's own interpreter, and no more rights."""
    python = Path(sys.base_prefix) / "bin" / f"python3.{sys.version_info[1]}"
    return subprocess.run(
        [str(python), str(folder / "manage.py"), command],
        env=plain_environ() | {"PYTHONDONTWRITEBYTECODE": "1"},
        cwd="/",
        capture_output=True,
        text=True,
        preexec_fn=bound_by_modes,
    )


def test_a_service_that_may_not_install_says_who_shall(closed: Path) -> None:
    """Given packages that were never installed, when the sealer is started from a closed folder,
    then it ends at once with a sentence, and pip is not asked."""
    done = asked(closed, "run_sealer")
    assert done.returncode == 1
    assert f"As the owner of {closed}, run there: python3 manage.py install" in done.stderr
    assert "Making .venv" not in done.stdout


def test_what_is_installed_is_not_installed_again(closed: Path) -> None:
    """Given packages that their owner has installed, then a closed folder is no hindrance."""
    closed.chmod(0o755)
    made = [sys.executable, "-m", "venv", "--without-pip", str(closed / ".venv")]
    subprocess.run(made, check=True)
    digest = hashlib.sha256((closed / "requirements.lock").read_bytes()).hexdigest()
    (closed / ".venv" / "requirements.installed").write_text(digest)
    closed.chmod(0o555)
    done = asked(closed, "install")
    assert (done.returncode, done.stdout) == (
        0,
        "The packages of requirements.lock are installed.\n",
    )
