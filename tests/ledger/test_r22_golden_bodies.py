"""R22: a body of every version of every event type ever released still loads and reads the same.

tests/ledger/golden/<type>-<version>.json holds the bytes as they were stored, with one line feed
behind them; sentences.txt how each reads. Files are added, and never changed.
"""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from ledger import body, codec
from ledger.event import UnknownEvent, event_types
from tests.ledger.golden_bodies import GOLDEN, SENTENCES, released

FILES = sorted(GOLDEN.glob("*.json"))
EVENT = UUID("01a207c0-5f3d-7022-a719-1d7667dbf061")


def read(path: Path, *, newer: int = 0) -> Any:
    name, _, version = path.stem.rpartition("-")
    return codec.read_event(
        EVENT,
        stream_type="stream",
        stream_id="1",
        version=1,
        type=name,
        schema_version=int(version) + newer,
        recorded_at=datetime(2026, 3, 2, 8, 0, tzinfo=UTC),
        body=stored(path),
    )


def stored(path: Path) -> bytes:
    text = path.read_bytes()
    assert text.endswith(b"}\n")
    return text[:-1]


def sentences() -> dict[str, str]:
    lines = SENTENCES.read_text("utf-8").splitlines()
    return dict(line.split(": ", 1) for line in lines)


def test_r22_every_version_of_every_event_type_has_a_golden_body() -> None:
    golden = {path.stem for path in FILES}
    hint = "Keep a real body of it: golden_bodies.add(), as docs/add-an-event.md says."
    assert golden == released(), hint
    assert set(sentences()) == golden


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_r22_an_old_body_loads_and_reads_as_it_did(path: Path) -> None:
    event = read(path)
    assert type(event.data) is event_types()[event.type].cls
    assert event.sentence == sentences()[path.stem]
    assert event.actor.person and event.actor.role and event.command_name


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_r22_an_old_body_is_canonical_and_keeps_every_value(path: Path) -> None:
    raw = stored(path)
    assert body.encode(body.decode(raw)) == raw
    event = read(path)
    if int(path.stem.rpartition("-")[2]) == event_types()[event.type].version:
        assert codec.plain(event.data) == json.loads(raw)["data"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_r22_a_version_from_the_future_stops_the_reader(path: Path) -> None:
    with pytest.raises(UnknownEvent):
        read(path, newer=100)
