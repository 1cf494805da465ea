"""Positions: gapless, in the order of each stream, whoever else is at work (R9)."""

import threading
from hashlib import sha256

import pytest
from django.db import connections

from ledger import log, sequencer, store
from ledger.entry import entry_bytes
from ledger.models import Event, LogEntry, Pending
from tests.databases import Database
from tests.ledger import laboratory


def test_committed_events_get_gapless_positions_and_leave_the_queue(database: Database) -> None:
    laboratory.append("CF-02", expected=0, texts=["One.", "Two.", "Three."])
    laboratory.append("CF-03", expected=0, texts=["Four."])
    assert sequencer.sequence(limit=3) == 3
    assert sequencer.sequence() == 1
    assert sequencer.sequence() == 0
    assert list(LogEntry.objects.order_by("position").values_list("position", flat=True)) == [
        *range(4)
    ]
    assert not Pending.objects.exists()


def test_the_entry_commits_to_the_stored_bytes_on_either_database(database: Database) -> None:
    made = laboratory.append("CF-02", expected=0, texts=["Calibrated at 37 °C."]).events[0]
    sequencer.sequence()
    line = next(log.lines(0))
    stored = Event.objects.get(id=made.id)
    assert line.event_id == made.id
    assert line.entry == entry_bytes(
        made.id,
        stream_type="equipment",
        stream_id="CF-02",
        version=1,
        type=made.type,
        schema_version=made.schema_version,
        recorded_at=made.recorded_at,
        actor=made.actor.person,
        body_sha256=sha256(bytes(stored.body)).digest(),
    )
    assert line.leaf == sha256(b"\0" + line.entry).digest()


def test_an_uncommitted_event_gets_no_position(database: Database) -> None:
    """Given a transaction that is taken back, when positions are given, then nothing is missing."""
    from django.db import transaction

    class TakenBack(Exception):
        pass

    try:
        with transaction.atomic():
            laboratory.append("CF-02", expected=0, texts=["Never."])
            raise TakenBack
    except TakenBack:
        laboratory.append("CF-02", expected=0, texts=["Once."])
    assert sequencer.sequence_all() == 1
    assert [line.position for line in log.lines(0)] == [0]


def test_r9_two_sequencers_at_once_place_each_event_once(database: Database) -> None:
    for number in range(40):
        laboratory.append(f"U-{number}", expected=0, texts=["a", "b", "c", "d", "e"])
    placed: list[int] = []

    def place() -> None:
        try:
            while done := sequencer.sequence(limit=7):
                placed.append(done)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=place) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(placed) == 200
    assert [line.position for line in log.lines(0)] == list(range(200))
    assert Pending.objects.count() == 0
    for number in range(40):
        events = [event.id for event in store.load("equipment", f"U-{number}")]
        found = LogEntry.objects.filter(event_id__in=events).order_by("position")
        assert list(found.values_list("event_id", flat=True)) == events


def test_under_steady_writing_positions_are_not_given_for_ever(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given a writer who never pauses, when positions are given, then it ends with the first batch
    that is not full, so that the checkpoint is not kept waiting."""
    monkeypatch.setattr(sequencer, "BATCH", 10)
    laboratory.append("CF-02", expected=0, texts=["x"] * 25)
    written = [25]
    real = sequencer.sequence

    def sequence(**how: str) -> int:
        placed = real(limit=10, **how)
        laboratory.append("CF-02", expected=written[0], texts=["more"])
        written[0] += 1
        return placed

    monkeypatch.setattr(sequencer, "sequence", sequence)
    assert sequencer.sequence_all() == 27
    assert sequencer.sequence_all(at_most=10) == 1
