"""What is promised to the outside and to the past: event types, and the API's description."""

import ast
import difflib
import inspect
import string
import sys
import textwrap
from pathlib import Path

from ledger import streams
from ledger.event import event_types
from ledger.management.commands.event_catalogue import blocks, versioned
from tests.architecture import tree
from tests.ledger.golden_bodies import GOLDEN

CATALOGUE = tree.ROOT / "tests" / "ledger" / "event_catalogue.txt"
OPENAPI = tree.ROOT / "docs" / "openapi.yaml"
# What a person or a refusal has said in whole sentences; it brings its own full stop.
FREE_TEXT = {"text", "sentence", "error", "finding", "why", "objection"}


def test_the_event_catalogue_only_grows() -> None:
    """Given an event type that was ever committed, then it stands as it was; see add-an-event.md.

    A new type is added to the snapshot with: manage.py event_catalogue --write
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


def test_every_version_that_was_ever_recorded_has_its_block() -> None:
    """Given the golden body of an old version, then the catalogue still says what it was."""
    golden = {" v".join(path.stem.rsplit("-", 1)) for path in GOLDEN.glob("*.json")}
    missing = sorted(golden - set(blocks(CATALOGUE.read_text("utf-8"))))
    assert not missing, f"{tree.name(CATALOGUE)} has lost what was recorded: {missing}"


def test_every_event_reads_as_a_sentence() -> None:
    """Given an event, then it ends in a full stop, its own or that of the words it quotes."""
    unended = {
        kind.name: kind.sentence
        for kind in event_types().values()
        if not kind.sentence.endswith(".") and last_field(kind.sentence) not in FREE_TEXT
    }
    assert not unended


def last_field(sentence: str) -> str | None:
    """The field that a sentence ends in, if it does."""
    return list(string.Formatter().parse(sentence))[-1][1]


def test_every_event_type_of_a_folded_stream_is_known_to_its_fold() -> None:
    """Given a room that says how its streams fold, then each event it declares beside that has a
    case there, be it one that changes nothing: an unknown event bricks the record it stands in."""
    folds = [aggregate.evolve for aggregate in streams._aggregates.values()]
    rooms = {evolve.__module__ for evolve in folds if not evolve.__module__.startswith("tests.")}
    assert {"equipment.unit", "personnel.account"} <= rooms
    for room in rooms:
        declared = {kind.cls for kind in event_types().values() if kind.cls.__module__ == room}
        known = {
            getattr(sys.modules[room], name, object)  # `object` itself is from no module
            for evolve in folds
            if evolve.__module__ == room
            for name in cases(evolve)
        }
        unknown = sorted(cls.__name__ for cls in declared - known)
        assert not unknown, f"{room}: give {unknown} a case in evolve; `return state` will do."


def cases(evolve: object) -> set[str]:
    """The classes that the `case` lines of a function name."""
    source = textwrap.dedent(inspect.getsource(evolve))  # type: ignore[arg-type]
    nodes = ast.walk(ast.parse(source))
    return {ast.unparse(node.cls) for node in nodes if isinstance(node, ast.MatchClass)}


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


def difference(before: str, after: str) -> str:
    return "\n".join(difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm=""))
