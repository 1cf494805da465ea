"""What is committed holds no machine's paths, no registry's hosts, nobody else's source."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.architecture import tree

LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-bench.lock")
MACHINE_PATH = re.compile(r"(?<![\w.~}$-])/(?:work|root|farm|home|Users)/[a-z.]", re.IGNORECASE)
HOST = re.compile(
    r"https?://[^\s\"']+(?:/simple/|\.whl|\.tgz|\.tar\.gz|/-/)|^(?:--)?(?:extra-)?index-url"
    r"|files\.pythonhosted|pypi\.org",
    re.MULTILINE | re.IGNORECASE,
)
PIN = re.compile(
    r"^([a-z0-9][a-z0-9._-]*)(?:\[[^\]]*\])?==([^ ;\\]+)", re.MULTILINE | re.IGNORECASE
)


def tracked() -> list[Path]:
    """The files that git keeps, as they lie in the working tree."""
    done = subprocess.run(
        ["git", "ls-files", "-z"], cwd=tree.ROOT, capture_output=True, text=True, check=True
    )
    paths = [tree.ROOT / name for name in done.stdout.split("\0") if name]
    return [path for path in paths if path.is_file()]


def texts() -> dict[str, str]:
    found = {}
    for path in tracked():
        raw = path.read_bytes()
        if b"\0" not in raw[:8000]:
            found[tree.name(path)] = raw.decode("utf-8")
    return found


def test_no_machine_is_named() -> None:
    """This file names the patterns and is the one exception."""
    named = [n for n, t in texts().items() if MACHINE_PATH.search(t) and not n.endswith(".lock")]
    assert set(named) <= {"tests/architecture/test_clean_tree.py"}


def test_no_registry_is_named() -> None:
    named = [name for name, text in texts().items() if HOST.search(text)]
    assert set(named) <= {"tests/architecture/test_clean_tree.py"}


def test_no_third_party_source_lies_in_the_tree() -> None:
    """htmx and charts come from their wheels."""
    foreign = [
        tree.name(path)
        for path in tracked()
        if re.search(r"\.min\.(js|css)$|/vendor/|node_modules", tree.name(path))
    ]
    assert not foreign


def test_lock_files_with_hosts_are_ignored() -> None:
    ignored = (tree.ROOT / ".gitignore").read_text("utf-8").split()
    assert {"uv.lock", "package-lock.json", ".venv/", ".state/", ".env"} <= set(ignored)


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_holds_hashes_and_no_hosts(name: str) -> None:
    text = (tree.ROOT / name).read_text("utf-8")
    blocks = re.split(r"\n(?=\S)", text.strip())
    assert len(blocks) > 20
    for block in blocks:
        assert PIN.match(block), block.splitlines()[0]
        assert "--hash=sha256:" in block, block.splitlines()[0]
    assert "://" not in text


def test_the_locks_agree() -> None:
    """What was tested is what is installed: a package has the same version in every lock."""
    runtime, dev, bench = (
        dict(PIN.findall((tree.ROOT / name).read_text("utf-8"))) for name in LOCKS
    )
    assert runtime.items() <= dev.items() <= bench.items()


def test_the_sample_environment_names_every_variable() -> None:
    """Given a variable that the settings read, then .env.example says what it is for."""
    settings = (tree.ROOT / "config" / "settings.py").read_text("utf-8")
    read = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', settings))
    named = set(re.findall(r"^# ?([A-Z_]+)=", (tree.ROOT / ".env.example").read_text(), re.M))
    assert len(read) > 20
    assert read <= named, f".env.example lacks {sorted(read - named)}"
