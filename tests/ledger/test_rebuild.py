"""R22: every read model can be thrown away and made again from the ledger, byte for byte."""

from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from ledger import rebuild, store
from ledger.codec import CommandRef
from ledger.event import Actor, UnknownEvent
from ledger.models import Trail, TrailWord
from ledger.trail_events import BundleVerified

QA = Actor("p-17", "qa_reviewer", "t-4")


def verified(sha256: str) -> BundleVerified:
    return BundleVerified(
        sha256=sha256, against="a given key", outcome="verified", finding="Nothing is missing."
    )


def given_events(count: int, *, reason: str = "") -> list[UUID]:
    """A reviewer checks bundles, one stream each."""
    written = []
    for _ in range(count):
        command = CommandRef(uuid4(), "ledger.verify_bundle", b"\x01" * 32)
        change = store.Change("bundle", command.id.hex, 0, [verified(command.id.hex)])
        made = store.append(command=command, actor=QA, changes=[change], reason=reason)
        written += [event.id for event in made.events]
    return written


def test_r22_dropped_read_models_come_back_equal(database, seal):
    """Given sealed and waiting events, when all rows are gone, then a rebuild restores them."""
    given_events(5, reason="Inspection of the spring campaign")
    seal()
    given_events(3, reason="After the seal")
    before = sorted(Trail.objects.values_list()), sorted(TrailWord.objects.values_list())
    assert before[0] and before[1]

    Trail.objects.all().delete()
    TrailWord.objects.all().delete()
    found = rebuild.rebuild()

    after = sorted(Trail.objects.values_list()), sorted(TrailWord.objects.values_list())
    assert after == before
    assert any("is missing" in sentence for sentence in found)
    assert rebuild.compare() == []


def test_r22_a_falsified_row_is_named_and_mended(database, seal):
    """Given a trail line that blames somebody else, then compare names it and rebuild mends it."""
    first, second, third = given_events(3)
    seal()
    Trail.objects.filter(event_id=first).update(person="p-99")
    Trail.objects.filter(event_id=second).delete()
    Trail.objects.bulk_create([Trail(**{**_line(third), "event_id": UUID(int=7)})])

    found = rebuild.compare()

    assert len(found) == 3
    text = " ".join(found)
    assert "reads differently" in text and "is missing" in text and "comes from no event" in text
    assert rebuild.rebuild() == found
    assert rebuild.compare() == []


def _line(event_id: UUID) -> dict[str, object]:
    return dict(Trail.objects.values().get(event_id=event_id))


def test_r22_comparing_changes_nothing(database):
    """Given a falsified row, when it is compared, then it is still falsified."""
    (event_id,) = given_events(1)
    Trail.objects.filter(event_id=event_id).update(role="operator")

    assert rebuild.compare()
    assert Trail.objects.get(event_id=event_id).role == "operator"
    rebuild.rebuild()


@pytest.mark.tampers
def test_r22_an_unknown_version_stops_the_rebuild(database):
    """Given an event of a newer version, then nothing is skipped and no read model is touched."""
    given_events(2)
    command = CommandRef(uuid4(), "ledger.verify_bundle", b"\x01" * 32)
    change = store.Change("bundle", "newer", 0, [verified("a")])
    (draft,) = store.draft(command=command, actor=QA, changes=[change])
    store.write([replace(draft, schema_version=99)], command=command)
    Trail.objects.all().delete()

    with pytest.raises(UnknownEvent, match="version 99 is newer"):
        rebuild.rebuild()
    with pytest.raises(UnknownEvent, match="version 99 is newer"):
        rebuild.compare()
    assert not Trail.objects.exists()


def test_r22_progress_is_told(database, seal):
    """Given a sealed log, when it is rebuilt, then the last word is that all is done."""
    given_events(4)
    seal()
    told: list[tuple[int, int]] = []

    rebuild.rebuild(progress=lambda done, total: told.append((done, total)))

    assert told and told[-1][0] == told[-1][1] >= 4


def test_r22_events_written_while_the_shadows_fill_are_not_lost(database, seal):
    """Given a writer at work during a rebuild, then its events stand in the read models."""
    given_events(3)
    seal()
    late: list[UUID] = []

    def write_once(done: int, total: int) -> None:
        if not late:
            late.extend(_written_elsewhere())

    rebuild.rebuild(progress=write_once)

    assert late and Trail.objects.filter(event_id__in=late).count() == len(late)


def _written_elsewhere() -> list[UUID]:
    """What another process writes meanwhile: here, a thread with its own connection."""
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connections

    def write() -> list[UUID]:
        try:
            return given_events(2)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(write).result()
