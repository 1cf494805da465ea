"""One entry's page, its proof, and one record's whole history."""

import sqlite3
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from ledger import evidence, verify
from ledger.models import Event, LogEntry
from tests.pages.document import Document


def text(response: Any) -> str:
    return response.content.decode()


def test_r2_the_page_checks_the_entry_and_its_proof_while_it_is_made(history, as_role, seal):
    seal()
    event = history["corrected"]
    page = text(as_role("inspector").get(f"/entries/{event.id}/"))
    assert "This page checked it just now: it holds." in page
    entry = bytes(LogEntry.objects.get(event_id=event.id).entry).decode()
    for line in entry.splitlines():
        assert line in page
    for said in ("Ada Lovel", "Misread the display", "t-test2", "equipment.correct_entry"):
        assert said in page
    assert "&lt;b&gt;300 g&lt;/b&gt;" in page
    assert f"/entries/{history['entry'].id}/" in page, "the one before it in this record"
    assert f"/entries/{history['moved'].id}/" in page, "the one after it"


def test_an_entry_that_is_not_sealed_yet_says_so(history, as_role):
    page = text(as_role("inspector").get(f"/entries/{history['moved'].id}/"))
    assert "Recorded, not sealed yet." in page
    assert "/proof/" not in page


def test_r2_the_downloaded_proof_verifies_alone(history, as_role, seal):
    seal()
    event = history["moved"]
    response = as_role("inspector").get(f"/entries/{event.id}/proof/")
    assert response["Content-Disposition"] == f'attachment; filename="{event.id}.tlog-proof"'
    entry = bytes(LogEntry.objects.get(event_id=event.id).entry)
    proved = verify.verify_tlog_proof(response.content, entry, evidence.log_keys())
    assert proved.leaf_index == LogEntry.objects.get(event_id=event.id).position
    with pytest.raises(verify.BadNote):
        verify.verify_tlog_proof(response.content, entry + b"x", evidence.log_keys())


def test_a_proof_that_is_not_there_yet_is_a_sentence(history, as_role):
    response = as_role("inspector").get(f"/entries/{history['moved'].id}/proof/")
    assert response.status_code == 409
    assert "Try again in a second." in text(response)


def test_r2_an_entry_that_differs_from_its_event_is_told(history, seal):
    """Given a body that is not the one that was hashed, then the page's checks say no."""
    seal()
    row = Event.objects.get(pk=history["moved"].id)
    row.body = bytes(row.body).replace(b"Room 3", b"Room 9")
    found = evidence.gather(row)
    assert not found.holds
    assert [check.holds for check in found.checks] == [False, False, True, True]


TAMPERED = {
    "a row of the log is gone": "DELETE FROM ledger_log WHERE position = 1",
    "a leaf is too short": "UPDATE ledger_log SET leaf = x'00' WHERE position = 1",
    "the entry is not text": "UPDATE ledger_log SET entry = x'fffe' WHERE event_id = :moved",
    "the entry has another type": "UPDATE ledger_log SET entry = 7 WHERE event_id = :moved",
    "the position is another": "UPDATE ledger_log SET position = 900 WHERE event_id = :moved",
    "the key's event is cut": "UPDATE ledger_event SET body = x'7b' WHERE type LIKE '%epoch_began'",
    "the key is another": "UPDATE ledger_event SET body = CAST(replace(CAST(body AS TEXT),"
    " '+', '-') AS BLOB) WHERE type LIKE 'ledger.epoch%'",
    "the note is nonsense": "UPDATE ledger_checkpoint SET note = 'nonsense'",
    "the note is cut": "UPDATE ledger_checkpoint SET note = substr(note, 1, 40)",
    "the root is too short": "UPDATE ledger_checkpoint SET root = x'00'",
    "the body is not text": "UPDATE ledger_event SET body = x'fffe' WHERE id = :moved",
    "the actor is nobody": "UPDATE ledger_event SET actor = '' WHERE id = :moved",
}


@pytest.mark.tampers
@pytest.mark.parametrize("what", TAMPERED)
def test_r2_what_was_altered_is_shown_and_does_not_break_the_page(
    sqlite_database, history, as_role, seal, what
):
    """Given a row that somebody altered in the file, then the entry's page still comes, and says
    that the entry does not hold; the proof is refused with a sentence."""
    seal()
    moved = history["moved"].id
    with sqlite3.connect(sqlite_database.name) as file:
        for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
            file.execute(f"DROP TRIGGER {name}")
        file.execute("PRAGMA ignore_check_constraints = ON")
        assert file.execute(TAMPERED[what], {"moved": moved.hex}).rowcount > 0
    client = as_role("inspector")
    page = client.get(f"/entries/{moved}/")
    assert page.status_code == 200
    assert "it holds" not in text(page)
    assert client.get(f"/entries/{moved}/proof/").status_code in (200, 409)
    assert client.get(f"/api/entries/{moved}/").status_code in (200, 404)


def test_an_entry_nobody_knows_is_a_404_page(history, as_role):
    response = as_role("inspector").get("/entries/00000000-0000-7000-8000-000000000000/")
    assert response.status_code == 404
    assert "Nothing is ever deleted here" in text(response)


def test_r4_a_refusal_shows_which_command_and_the_sentence(history, as_role):
    refused = Event.objects.get(type="ledger.refused")
    page = text(as_role("inspector").get(f"/entries/{refused.id}/"))
    assert "Refused: make an entry for CF-77." in page
    assert "not_registered" in page


def test_r19_the_whole_history_of_one_record_with_its_state(history, as_role):
    page = text(as_role("inspector").get("/streams/equipment/CF-02/"))
    assert "4 entries" in page
    assert "State now" in page
    state = {dt.text: dd.text for dt, dd in _pairs(page)}
    assert state["Location"] == "Room 3"
    assert state["Entries"] == "1"
    assert "Spun 400 g" in page


def _pairs(page: str) -> Any:
    (facts,) = Document(page).root.every("dl")
    return zip(facts.every("dt"), facts.every("dd"), strict=True)


def test_r19_a_record_as_it_was(history, as_role):
    client = as_role("inspector")
    early = timezone.localtime(history["registered"].recorded_at) - timedelta(hours=1)
    page = client.get("/streams/equipment/CF-02/", {"at": f"{early:%Y-%m-%dT%H:%M:%S}"})
    assert "It did not exist then" in text(page)
    assert client.get("/streams/equipment/CF-02/", {"at": "when?"}).status_code == 422


@pytest.mark.parametrize("address", ["equipment/CF-99", "nothing/CF-02", "equipment/-x", "x!/y"])
def test_a_record_nobody_knows_is_a_404_page(history, as_role, address):
    assert as_role("inspector").get(f"/streams/{address}/").status_code == 404


def test_a_long_history_comes_in_parts(history, as_role, monkeypatch):
    from ledger import views

    monkeypatch.setattr(views, "VERSIONS", 2)
    client = as_role("inspector")
    newest = text(client.get("/streams/equipment/CF-02/"))
    assert f"/entries/{history['moved'].id}/" in newest
    assert f"/entries/{history['registered'].id}/" not in newest
    assert '?from=1"' in newest
    oldest = text(client.get("/streams/equipment/CF-02/", {"from": "1"}))
    assert f"/entries/{history['registered'].id}/" in oldest
    assert client.get("/streams/equipment/CF-02/", {"from": "x"}).status_code == 400


def test_r4_a_record_shows_what_was_tried_on_it_and_refused(history, as_role):
    """Given refusals for CF-02 and for CF-77, which never was, then each shows its own."""
    from equipment import commands
    from ledger.event import Refused
    from tests.pages.conftest import person

    with pytest.raises(Refused):
        commands.move(unit="CF-02", location="Room 9", reason="I may not", actor=person("operator"))
    client = as_role("inspector")
    page = text(client.get("/streams/equipment/CF-02/"))
    assert "Refused: move CF-02 to Room 9." in page
    assert "CF-77" not in page
    page = text(client.get("/streams/equipment/CF-77/"))
    assert "Refused: make an entry for CF-77." in page
    assert "It never existed" in page
    refused = Event.objects.filter(type="ledger.refused").earliest("recorded_at")
    assert 'href="/streams/equipment/CF-77/"' in text(client.get(f"/entries/{refused.id}/"))
    assert client.get("/streams/equipment/CF-78/").status_code == 404
