"""Where bundles and prints wait to be fetched: in the state folder, for an hour, then they go."""

import time
from contextlib import suppress
from pathlib import Path
from uuid import UUID

from django.conf import settings

KEPT = 3600.0  # seconds


def folder() -> Path:
    """The folder, readable by this user alone."""
    found = Path(settings.STATE_DIR) / "exports"
    found.mkdir(mode=0o700, parents=True, exist_ok=True)
    return found


def place_of(command_id: UUID, *, kind: str = "zip") -> Path:
    """The bundle or print that a command made, whether it is still there or not."""
    return Path(settings.STATE_DIR) / "exports" / f"{command_id}.{kind}"


def clean() -> None:
    """Remove what waited too long, and what a process that was killed left unfinished."""
    for old in folder().iterdir():
        with suppress(FileNotFoundError):  # somebody else removed it first
            if time.time() - old.stat().st_mtime > KEPT:
                old.unlink()
