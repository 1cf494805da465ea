"""What the application's own role can write past the software stops neither sealer nor audit."""

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, connection, connections, transaction

from ledger import followers, health, log, sealer
from ledger.audit import audit
from ledger.export import export_bundle
from ledger.models import Pending
from ledger.verify import verify_bundle
from tests.databases import Database
from tests.ledger import laboratory

TYPE = "equipment.logbook_entry_made"
DATA = {"unit": "ZZ-01", "entry": 1, "text": "Poison"}


def body(**instead: Any) -> bytes:
    """A body as the software writes it, but for what is said here."""
    content = {
        "actor": {"person": "p-7f3k2", "role": "operator", "terminal": "t-abcde"},
        "command": {"id": str(uuid4()), "name": "x.y", "request_sha256": "00" * 32},
        "data": DATA,
        "software": "lotbook 0",
    } | instead
    return json.dumps(content, sort_keys=True, separators=(",", ":")).encode()


def insert(with_command: bool = True, **instead: Any) -> UUID:
    """One event by plain SQL over the web process's own connection; its id."""
    event_id, moment = uuid4(), datetime.now(UTC)
    row = {
        "id": event_id if connection.vendor == "postgresql" else event_id.hex,
        "stream_type": "equipment",
        "stream_id": "ZZ-01",
        "version": 1,
        "type": TYPE,
        "schema_version": 1,
        "recorded_at": moment
        if connection.vendor == "postgresql"
        else f"{moment:%Y-%m-%d %H:%M:%S.%f}",
        "actor": "p-7f3k2",
        "body": body(),
    } | instead
    with transaction.atomic(), connection.cursor() as cursor:
        with suppress(ValueError, LookupError, TypeError, RecursionError):
            key = UUID(json.loads(row["body"])["command"]["id"])
            if with_command:
                _add(cursor, "ledger_command", _command(key, event_id))
        _add(cursor, "ledger_event", row)
    return event_id


def _command(key: UUID, event_id: UUID) -> dict[str, Any]:
    name = key if connection.vendor == "postgresql" else key.hex
    return {"key": name, "request_sha256": bytes(32), "event_ids": str(event_id)}


def _add(cursor: Any, table: str, row: dict[str, Any]) -> None:
    marks = ", ".join(["%s"] * len(row))
    columns = ", ".join(row)
    cursor.execute(f"INSERT INTO {table} ({columns}) VALUES ({marks})", list(row.values()))


IN_NO_ENTRY: dict[str, dict[str, Any]] = {
    "stream type": {"stream_type": "EQUIP"},
    "stream id": {"stream_id": "bad id!"},
    "stream id of 81 letters": {"stream_id": "a" * 81},
    "stream id begins with a dash": {"stream_id": "-a"},
    "stream type begins with _": {"stream_type": "_a"},
    "stream type of 41 letters": {"stream_type": "a" * 41},
    "actor with a line feed": {"actor": "p-7f3k2\nx"},
    "actor begins with a dot": {"actor": ".a"},
    "actor of 81 letters": {"actor": "a" * 81},
    "type without a room": {"type": "equipment"},
    "type ends in a dot": {"type": "equipment.x."},
    "type with an empty part": {"type": "equipment..x"},
    "type's part begins with _": {"type": "equipment._x"},
    "schema version 0": {"schema_version": 0},
}


OF_ANOTHER_KIND: dict[str, dict[str, Any]] = {
    "body is text": {"body": "text"},
    "time is no time": {"recorded_at": "yesterday"},
    "time in another form": {"recorded_at": "now"},
}


@pytest.mark.parametrize("what", IN_NO_ENTRY)
def test_r1_what_cannot_stand_in_an_entry_is_refused_by_the_database(
    database: Database, what: str
) -> None:
    """Given the application's own connection, when it inserts an event whose row could stand in no
    entry, then the database refuses it."""
    with pytest.raises(DatabaseError):
        insert(**IN_NO_ENTRY[what])


@pytest.mark.parametrize("what", OF_ANOTHER_KIND)
def test_r1_a_value_of_another_kind_is_refused_by_sqlite_too(
    sqlite_database: Database, what: str
) -> None:
    """Given a database whose columns would hold any kind of value, then the guard refuses what
    PostgreSQL's columns cannot hold."""
    with pytest.raises(DatabaseError):
        insert(**OF_ANOTHER_KIND[what])


HELD_BACK: dict[str, Callable[[], UUID]] = {
    "body is no JSON": lambda: insert(body=b"{]"),
    "body without an actor": lambda: insert(body=b"{}"),
    "body nested deeply": lambda: insert(body=b"[" * 100_000),
    "body in another order": lambda: insert(body=body()[:-1] + b',"aaa":1}'),
    "body with a fraction": lambda: insert(body=body(claimed=1.5)),
    "another actor in the body": lambda: insert(actor="p-other"),
    "event type nobody knows": lambda: insert(type="equipment.zzz"),
    "version nobody knows": lambda: insert(schema_version=99),
    "data of another shape": lambda: insert(body=body(data={"x": 1})),
    "no command": lambda: insert(with_command=False),
}


@pytest.mark.tampers  # what nobody can read is in no read model
@pytest.mark.parametrize("what", HELD_BACK)
def test_r9_what_cannot_be_read_gets_no_position_and_holds_up_nobody(
    database: Database, what: str, tmp_path: Any
) -> None:
    """Given an event written past the software, when others are recorded after it, then they are
    sealed, exported and verified, and the health page names the one that waits."""
    with laboratory.by_roles_alone():
        laboratory.register("CF-01")
        poison = HELD_BACK[what]()
        later = insert(stream_id="ZZ-01", version=2)
        laboratory.make_entry("CF-01", "After it")
        held = sealer.run_once()
    assert held is not None and held.size == log.end()
    assert {row.event_id for row in Pending.objects.all()} == {poison, later}
    told = [row for row in health.waiting() if "gets no position" in row.sentence]
    assert len(told) == 2
    connections.close_all()
    assert audit().findings == []
    followers.run_all()
    export_bundle(tmp_path / "bundle.zip")
    assert verify_bundle(str(tmp_path / "bundle.zip")).verdict == "verified"


@pytest.mark.tampers
def test_many_events_without_a_position_do_not_stand_in_the_way(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given more of them than one batch holds, then what comes after is still sealed."""
    monkeypatch.setattr("ledger.sequencer.BATCH", 3)
    for number in range(7):
        insert(stream_id=f"ZZ-{number}", type="equipment.zzz")
    laboratory.append("CF-01", expected=0, texts=["After them"])
    from ledger import sequencer

    assert sequencer.sequence(limit=3) == 1


def test_a_blob_that_no_event_names_is_evidence_of_nothing(database: Database) -> None:
    """Given a blob of the application's that is not even what its name says, then the audit counts
    it, and it is no finding."""
    laboratory.append("CF-01", expected=0, texts=["Sealed"])
    sealer.run_once()
    with transaction.atomic(), connection.cursor() as cursor:
        name = bytes(32) if database.vendor == "sqlite" else sha256(b"\x11").digest()
        _add(cursor, "ledger_blob", {"sha256": name, "content": b"\x11"})
    connections.close_all()
    report = audit()
    assert report.findings == []
    assert any("1 blobs are named by no event" in note for note in report.notes)
