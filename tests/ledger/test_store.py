"""Append under optimistic concurrency, exactly once per command; load what was written."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest
from django.db import connections, transaction
from django.db.utils import DatabaseError

from equipment.unit import LogbookEntryMade, Registered
from ledger import clock, ids, store
from ledger.codec import CommandRef
from ledger.event import Actor
from ledger.models import CommandKey, Event, Pending, Trail
from ledger.store import Appended, Change, CommandReused, Conflict

ACTOR = Actor(person="p-7f3k2", role="operator", terminal="t-1")


def ref(command_id: UUID | None = None, asked: str = "") -> CommandRef:
    return CommandRef(
        command_id or ids.new_id(), "equipment.make_entry", sha256(asked.encode()).digest()
    )


def registered(unit: str = "CF-02") -> Registered:
    return Registered(unit=unit, label="Centrifuge", unit_class="centrifuge", location="Grade C")


def entry(number: int) -> LogbookEntryMade:
    return LogbookEntryMade(unit="CF-02", entry=number, text=f"Run {number}, 400 g, µ-tubes.")


def write(
    version: int, *payloads: object, command: CommandRef | None = None, **more: Any
) -> Appended:
    change = Change("equipment", "CF-02", version, payloads)
    return store.append(command=command or ref(), actor=ACTOR, changes=[change], **more)


def test_what_is_appended_is_loaded_as_it_was(database: object) -> None:
    written = write(0, registered(), entry(1), reason="New rotor.", cause=ids.new_id())
    loaded = store.load("equipment", "CF-02")
    assert loaded == written.events
    assert [event.version for event in loaded] == [1, 2]
    assert loaded[1].data == entry(1)
    assert loaded[0].reason == "New rotor."
    assert loaded[0].actor == ACTOR


def test_a_stream_loads_as_it_was_at_a_version(database: object) -> None:
    write(0, registered(), entry(1), entry(2))
    assert len(store.load("equipment", "CF-02", upto=2)) == 2


def test_every_event_waits_for_its_position(database: object) -> None:
    written = write(0, registered(), entry(1))
    waiting = list(Pending.objects.order_by("seq").values_list("event_id", flat=True))
    assert waiting == [event.id for event in written.events]


def test_r9_a_writer_who_saw_an_older_version_is_told(database: object) -> None:
    write(0, registered())
    write(1, entry(1))
    with pytest.raises(Conflict):
        write(1, entry(2))
    assert Event.objects.count() == 2


def test_r9_a_gap_in_the_versions_is_refused(database: object) -> None:
    with pytest.raises(Conflict):
        write(3, entry(1))
    assert not CommandKey.objects.exists()


def test_r9_a_resent_command_does_nothing_and_answers_the_same(database: object) -> None:
    command = ref()
    first = write(0, registered(), command=command)
    again = write(0, registered(), command=command)
    assert again.replayed and not first.replayed
    assert again.events == first.events
    assert Event.objects.count() == 1


def test_r9_a_command_id_with_other_values_is_refused(database: object) -> None:
    command_id = ids.new_id()
    write(0, registered(), command=ref(command_id, "one"))
    with pytest.raises(CommandReused):
        write(1, entry(1), command=ref(command_id, "other"))


def test_several_streams_are_written_together_or_not_at_all(database: object) -> None:
    write(0, registered())
    changes = [
        Change("equipment", "CF-03", 0, [registered("CF-03")]),
        Change("equipment", "CF-02", 0, [entry(1)]),
    ]
    with pytest.raises(Conflict):
        store.append(command=ref(), actor=ACTOR, changes=changes)
    assert store.load("equipment", "CF-03") == []


def test_r3_a_failed_projection_leaves_no_event(
    database: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(event: object, *, using: str) -> None:
        raise RuntimeError("The disk of the read models is gone.")

    monkeypatch.setattr("ledger.projections._of_everything", [broken])
    with pytest.raises(RuntimeError):
        write(0, registered())
    assert not Event.objects.exists()
    assert not CommandKey.objects.exists()


def test_an_append_inside_a_transaction_goes_with_it(database: object) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        write(0, registered())
        raise ZeroDivisionError
    assert not Event.objects.exists()
    assert not Trail.objects.exists()


@pytest.mark.origin("site.test.lotbook.example")
@pytest.mark.parametrize("seconds", [-3600, -3, 3, 3600])
def test_r5_a_record_bears_the_databases_own_time(database: object, seconds: int) -> None:
    with (
        clock.telling(lambda: real_now() + timedelta(seconds=seconds)),
        pytest.raises(DatabaseError, match="more than 2 s"),
    ):
        write(0, registered())


@pytest.mark.origin("site.test.lotbook.example")
def test_r5_within_two_seconds_the_clocks_agree(database: object) -> None:
    with clock.telling(lambda: real_now() - timedelta(seconds=1)):
        assert write(0, registered()).events


def real_now() -> Any:
    return clock._system()


@pytest.mark.parametrize("name", ["", "a b", "a/b", "new\nline", "é", "x" * 81])
def test_names_that_cannot_stand_on_a_line_are_refused(database: object, name: str) -> None:
    with pytest.raises(ValueError, match="not a stream id"):
        store.append(
            command=ref(), actor=ACTOR, changes=[Change("equipment", name, 0, [registered()])]
        )


def test_r9_fifty_writers_of_one_version_make_one_event(database: object) -> None:
    """R9: 1 acceptance, 49 clean refusals, on both databases."""

    def race(number: int) -> str:
        try:
            write(0, registered())
            return "written"
        except Conflict:
            return "conflict"
        finally:
            connections.close_all()

    with ThreadPoolExecutor(10) as pool:
        outcomes = list(pool.map(race, range(50)))
    assert sorted(outcomes) == ["conflict"] * 49 + ["written"]
    assert Event.objects.count() == CommandKey.objects.count() == 1


def test_nothing_listening_means_one_statement_on_postgresql(
    postgres_database: object, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    monkeypatch.setattr("ledger.projections._of_everything", [])
    monkeypatch.setattr("ledger.projections._by_payload", {})
    with django_assert_num_queries(1):
        write(0, registered())
    monkeypatch.undo()
    from ledger import rebuild

    rebuild.rebuild()
