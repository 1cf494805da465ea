"""What is promised to the outside and to the past: event types, and the API's description."""

import difflib
import re
from pathlib import Path

from tests.architecture import tree

CATALOGUE = tree.ROOT / "tests" / "ledger" / "event_catalogue.txt"
OPENAPI = tree.ROOT / "docs" / "openapi.yaml"


def test_the_event_catalogue_only_grows() -> None:
    """Given an event type that was ever committed, then it stands as it was; see add-an-event.md.

    A new type is added to the snapshot with: manage.py event_catalogue > the file named above.
    """
    now = blocks(printed("event_catalogue"))
    kept = blocks(CATALOGUE.read_text("utf-8"))
    newest = dict(versioned(title) for title in now)
    for title, block in kept.items():
        name, version = versioned(title)
        assert newest.get(name, 0) >= version, f"{title} left the catalogue; old events bear it."
        if title in now:
            assert now[title] == block, difference(block, now[title])
    missing = sorted(set(now) - set(kept))
    assert not missing, f"New event types must be added to {tree.name(CATALOGUE)}: {missing}"


def test_the_api_is_described(tmp_path: Path) -> None:
    """Made again with: manage.py spectacular --file docs/openapi.yaml"""
    file = tmp_path / "openapi.yaml"
    tree.demand(tree.run("django", "spectacular", "--file", str(file), "--validate"))
    assert file.read_text("utf-8") == OPENAPI.read_text("utf-8"), difference(
        OPENAPI.read_text("utf-8"), file.read_text("utf-8")
    )


def printed(command: str) -> str:
    done = tree.run("django", command)
    tree.demand(done)
    return done.stdout


def blocks(text: str) -> dict[str, str]:
    """The catalogue's blocks by their titles, such as `equipment.registered v1`."""
    parts = re.split(r"(?m)^(?=\S)", text.strip() + "\n")
    return {part.splitlines()[0]: part.rstrip() for part in parts if part.strip()}


def versioned(title: str) -> tuple[str, int]:
    name, _, version = title.rpartition(" v")
    return name, int(version)


def difference(before: str, after: str) -> str:
    return "\n".join(difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm=""))
