"""R18: a bundle is exported from a page and verified on a page, and both stand on the trail."""

import io
import os
import re
import time
import zipfile
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from ledger import copy_views, forms, strangers, tasks, trail_commands
from ledger.event import UnknownEvent
from ledger.export import contents, waiting
from ledger.models import Event, LogEntry
from ledger.proofs import ProofBroken
from ledger.verify import verify_bundle
from personnel.models import Account
from tests.databases import ROOT
from tests.ledger import bundle_kit, log_kit


def text(response: Any) -> str:
    return response.content.decode()


def bundle_of(client: Any, **asked: str) -> bytes:
    page = text(client.get("/trail/export/", asked))
    command_id = re.search(r'name="command_id" value="([^"]+)"', page)[1]
    made = client.post("/trail/export/", {"command_id": command_id, **asked})
    assert made.status_code == 302, text(made)
    ready = text(client.get(made.url))
    assert "The bundle is ready" in ready
    assert "stream_" not in ready, "the filter stands there in the form's words"
    if "stream_id" in asked:
        assert f"Record {asked['stream_id']}" in ready
    response = client.get(f"{made.url}bundle/")
    assert response["Content-Disposition"].startswith("attachment")
    return b"".join(response.streaming_content)


def test_r18_an_export_is_counted_made_and_verified(history, as_role, seal, tmp_path):
    seal()
    client = as_role("inspector")
    page = text(client.get("/trail/export/", {"stream_id": "CF-02"}))
    assert re.search(r"<strong>4</strong>\s*entries match", page)
    (tmp_path / "b.zip").write_bytes(bundle_of(client, stream_id="CF-02"))
    assert verify_bundle(str(tmp_path / "b.zip")).verdict == "verified"
    (event,) = Event.objects.filter(type="ledger.trail_exported")
    assert event.actor == "p-eeee6"


def test_sending_the_form_twice_makes_one_bundle(history, as_role, seal):
    seal()
    client = as_role("inspector")
    page = text(client.get("/trail/export/"))
    command_id = re.search(r'name="command_id" value="([^"]+)"', page)[1]
    first, second = (client.post("/trail/export/", {"command_id": command_id}) for _ in range(2))
    assert first.url == second.url
    assert Event.objects.filter(type="ledger.trail_exported").count() == 1


def test_a_form_sent_twice_at_once_leaves_the_bundle_that_was_recorded(
    history, as_role, seal, monkeypatch
):
    """Given a double click, when the second request begins before the first has ended, then both
    lead to one bundle, and it is the one whose hash stands on the trail."""
    seal()
    client = as_role("inspector")
    asked = {"command_id": str(uuid4())}
    real, answers = trail_commands.export_bundle, []

    def slow(out: Any, chosen: Any) -> Any:
        made = real(out, chosen)
        if not answers:  # while this one is not recorded yet, the other comes in and ends
            answers.append(None)
            time.sleep(0.01)
            twin = Client()
            twin.cookies = client.cookies.copy()
            answers[0] = twin.post("/trail/export/", asked)
        return made

    monkeypatch.setattr(trail_commands, "export_bundle", slow)
    first = client.post("/trail/export/", asked)

    assert first.status_code == answers[0].status_code == 302
    assert first.url == answers[0].url
    (event,) = Event.objects.filter(type="ledger.trail_exported")
    fetched = b"".join(client.get(f"{first.url}bundle/").streaming_content)
    assert sha256(fetched).hexdigest() in bytes(event.body).decode()
    assert [file.name for file in waiting.folder().iterdir()] == [f"{asked['command_id']}.zip"]


def test_a_form_sent_again_with_another_filter_is_refused(history, as_role, seal):
    """Given a bundle that was made, when its form comes again for other records, then not the
    bundle of before is given for it."""
    seal()
    asked = {"command_id": str(uuid4())}
    client = as_role("inspector")
    assert client.post("/trail/export/", asked).status_code == 302
    elsewhere = Client()
    elsewhere.force_login(Account.objects.get(role="inspector"))
    response = elsewhere.post("/trail/export/", {**asked, "stream_id": "CF-02"})
    assert response.status_code == 422
    assert "already sent with other values" in text(response)


def test_bundles_that_nobody_fetched_go_and_so_does_what_was_left_unfinished(sqlite_database):
    """Given files of more than an hour ago, when the worker clears, then only the new one stays."""
    folder = waiting.folder()
    for name in ("old.zip", "killed.zip.1f.part", "new.zip"):
        (folder / name).write_bytes(b"PK")
        if name != "new.zip":
            os.utime(folder / name, (time.time() - waiting.KEPT - 5,) * 2)
    tasks.clean_bundles()
    assert [file.name for file in folder.iterdir()] == ["new.zip"]
    tasks_of_beat = {entry["task"] for entry in tasks.BEAT_SCHEDULE.values()}
    assert "ledger.clean_bundles" in tasks_of_beat


def test_clearing_is_not_stopped_by_a_file_that_goes_at_that_moment(sqlite_database, monkeypatch):
    """Given two workers that clear at once, then the slower one goes on to the next file."""
    for name in ("a.zip", "b.zip"):
        (waiting.folder() / name).write_bytes(b"PK")
    listed = list(waiting.folder().iterdir())
    monkeypatch.setattr(Path, "iterdir", lambda _folder: iter(listed))
    monkeypatch.setattr(waiting, "KEPT", -1.0)
    listed[0].unlink()
    waiting.clean()
    assert not listed[1].exists()


TROUBLES = [
    (UnknownEvent("equipment.moved: version 99 is newer."), "version 99 is newer"),
    (ProofBroken("Tile 0/3 is missing."), "Tile 0/3 is missing"),
    (OSError(28, "No space left on device"), "No space left on device"),
    (LogEntry.DoesNotExist("No such row."), "No such row"),
    (ValueError("A body is not UTF-8."), "A body is not UTF-8"),
]


@pytest.mark.parametrize(("trouble", "said"), TROUBLES)
def test_a_bundle_that_cannot_be_made_is_a_sentence_and_keeps_what_was_typed(
    history, as_role, seal, monkeypatch, trouble, said
):
    """Given a record, a proof or a disk that fails the export, then the page says which and what
    to do, and the filter stands as it was typed."""
    seal()

    def fail(*_given: Any, **_more: Any) -> None:
        raise trouble

    monkeypatch.setattr(contents, "write_all", fail)
    response = as_role("inspector").post("/trail/export/", {"stream_id": "CF-02"})
    page = text(response)
    assert response.status_code == 422
    assert said in page and "administrator" in page
    assert 'value="CF-02"' in page
    assert list(waiting.folder().iterdir()) == []
    assert not Event.objects.filter(type="ledger.trail_exported").exists()


def test_witnesses_that_cannot_be_read_are_named_on_the_page(history, as_role, seal, settings):
    seal()
    settings.LOTBOOK_WITNESSES = "w1 somewhere"
    response = as_role("inspector").post("/trail/export/", {"stream_id": "CF-02"})
    assert response.status_code == 422
    assert "LOTBOOK_WITNESSES cannot be read" in text(response)


def test_a_state_folder_that_cannot_be_written_is_a_sentence(history, as_role, seal, settings):
    """Given a file where the bundles' folder should be, then the page says so."""
    seal()
    client = as_role("inspector")
    (Path(settings.STATE_DIR) / "exports").write_bytes(b"")
    response = client.post("/trail/export/", {})
    assert response.status_code == 422
    assert "The bundle could not be written" in text(response)


def test_a_server_without_room_for_an_upload_says_so(history, as_role, monkeypatch):
    def full(*_given: Any, **_more: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(copy_views.tempfile, "NamedTemporaryFile", full)
    response = upload(as_role("inspector"), EMPTY_ZIP)
    assert response.status_code == 503
    assert "no room to check the file" in text(response)


def test_r3_who_may_not_export_reads_why_and_the_attempt_is_kept(history, as_role, seal):
    seal()
    response = as_role("operator").post("/trail/export/", {})
    assert response.status_code == 422
    assert 'role="alert"' in text(response)
    assert Event.objects.filter(type="ledger.refused", stream_type="refusal").count() == 2


def test_another_session_does_not_fetch_the_bundle(history, as_role, seal, client):
    seal()
    owner = as_role("inspector")
    page = text(owner.get("/trail/export/"))
    command_id = re.search(r'name="command_id" value="([^"]+)"', page)[1]
    made = owner.post("/trail/export/", {"command_id": command_id}).url
    owner.logout()
    other = as_role("supervisor")
    assert other.get(made).status_code == 404
    assert other.get(f"{made}bundle/").status_code == 404


def test_what_is_not_sealed_is_in_no_export_and_the_page_says_so(history, as_role, seal):
    from equipment import commands
    from tests.pages.conftest import person

    client = as_role("inspector")
    assert "Nothing is sealed yet" in text(client.get("/trail/export/"))
    seal()
    commands.make_entry(unit="CF-02", text="One more", actor=person("operator"))
    page = text(client.get("/trail/export/", {"stream_id": "CF-02"}))
    assert "1 entry is not sealed yet and is in no export." in page
    assert re.search(r"<strong>4</strong>\s*entries match", page)


def upload(client: Any, content: bytes, **more: str) -> Any:
    return client.post("/ledger/verify/", {"bundle": SimpleUploadedFile("b.zip", content), **more})


def test_r18_a_whole_bundle_is_said_to_be_whole(history, as_role, seal):
    seal()
    client = as_role("inspector")
    page = text(upload(client, bundle_of(client)))
    assert "The bundle is whole and as it was sealed." in page
    assert "Checked against this log's own key." in page
    (event,) = Event.objects.filter(type="ledger.bundle_verified")
    assert b'"outcome":"verified"' in bytes(event.body)
    assert b'"against":"this log\'s own key"' in bytes(event.body)


@pytest.fixture
def foreign(tmp_path) -> tuple[bytes, str, str]:
    """A whole bundle of somebody else's log: its bytes, its log's name, its key."""
    log = log_kit.laboratory_log(30)[0]
    file = bundle_kit.write_zip(bundle_kit.bundle(log), tmp_path / "foreign.zip")
    report = verify_bundle(str(file))
    return file.read_bytes(), report.facts["log"], report.facts["signed by"].split(", ")[0]


def test_r18_a_bundle_of_another_log_is_not_green_without_its_key(history, as_role, foreign):
    """Given a stranger's bundle, whole in itself, then the page says that whose key it is is not
    proved; with the right key it is green."""
    client = as_role("inspector")
    page = text(upload(client, foreign[0]))
    assert "The bundle is whole in itself. Whose key signed it is not proved." in page
    assert 'class="verdict warn"' in page
    page = text(upload(client, foreign[0], key=foreign[2]))
    assert "The bundle is whole and as it was sealed." in page
    assert "Checked against the key you typed." in page


def test_r2_a_bundle_that_names_this_log_under_a_foreign_key_is_bad(
    history, as_role, seal, foreign, settings
):
    """Given a forger who gave a log this log's name, then green is not what the reviewer sees."""
    seal()
    settings.LOTBOOK_ORIGIN = foreign[1]
    page = text(upload(as_role("inspector"), foreign[0]))
    assert "The bundle is not what was sealed." in page
    assert "keys signed it that this log never had" in page
    (event,) = Event.objects.filter(type="ledger.bundle_verified")
    assert b'"outcome":"failed"' in bytes(event.body)


def test_a_mistyped_key_is_told_beside_its_field_and_is_no_finding(history, as_role, seal):
    seal()
    client = as_role("inspector")
    response = upload(client, bundle_of(client), key="garbage")
    assert response.status_code == 422
    assert "This is not a log&#x27;s key." in text(response)
    assert not Event.objects.filter(type="ledger.bundle_verified").exists()


def test_r18_an_altered_bundle_is_refused_with_the_first_bad_position(history, as_role, seal):
    """Given a word changed in one body, then the page names the position and what to do."""
    seal()
    client = as_role("inspector")
    altered = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(bundle_of(client))) as old,
        zipfile.ZipFile(altered, "w") as new,
    ):
        for name in old.namelist():
            content = old.read(name)
            if name.startswith("bodies/"):
                content = content.replace(b"Room 3", b"Room 9")
            new.writestr(name, content)
    page = text(upload(client, altered.getvalue()))
    assert "The bundle is not what was sealed." in page
    assert "Do not rely on it." in page


EMPTY_ZIP = b"PK\x05\x06" + bytes(18)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "empty"),
        (b"not a zip", "This is not a zip file."),
        (b"PK\x03\x04 broken", "This is not a zip file."),
        (EMPTY_ZIP, "This file cannot be checked."),
    ],
)
def test_a_file_that_is_no_bundle_is_told_kindly(history, as_role, content, sentence):
    response = upload(as_role("inspector"), content)
    assert response.status_code == (200 if content == EMPTY_ZIP else 422)
    assert sentence in text(response)


def test_a_missing_or_too_large_file_is_told_beside_the_field(history, as_role, monkeypatch):
    client = as_role("inspector")
    assert "Choose the bundle" in text(client.post("/ledger/verify/", {}))
    monkeypatch.setattr(forms, "LARGEST_BUNDLE", 10)
    response = upload(client, b"more than ten bytes")
    assert response.status_code == 422
    assert "Check it with your own copy of verify.py" in text(response)
    assert not Event.objects.filter(type="ledger.bundle_verified").exists()


def test_r3_who_may_not_verify_sets_no_check_going_and_the_attempt_is_kept(
    history, as_role, seal, monkeypatch
):
    """Given an operator with a bundle that would unpack to much, then it is not even opened."""
    monkeypatch.setattr(strangers, "check", lambda *_given, **_more: pytest.fail())
    response = upload(as_role("operator"), EMPTY_ZIP)
    assert response.status_code == 422
    assert 'role="alert"' in text(response)
    refused = [bytes(row.body) for row in Event.objects.filter(type="ledger.refused")]
    assert any(b"ledger.verify_bundle" in body for body in refused)


@pytest.mark.parametrize(
    ("bound", "value"), [("MEMORY", 1 << 20), ("PROCESSOR", 0), ("PATIENCE", 0.01)]
)
def test_a_bundle_gets_no_more_memory_and_time_than_the_page_gives(
    history, as_role, seal, monkeypatch, bound, value
):
    """Given a bundle that takes more than there is for it, then the server lives, and the page
    says where it can be checked."""
    seal()
    client = as_role("inspector")
    whole = bundle_of(client)
    monkeypatch.setattr(strangers, bound, value)
    page = text(upload(client, whole))
    assert "This file cannot be checked." in page
    assert "takes more time or memory than this page gives" in page


def test_the_largest_upload_that_the_page_names_gets_through_the_proxy(history, as_role):
    """Given the proxy of operate.md, then a form with the largest file fits, a MB for the rest."""
    assert "A zip file of up to 60 MB." in text(as_role("inspector").get("/ledger/verify/"))
    assert forms.LARGEST_BUNDLE == 60 * 1024 * 1024
    page = (ROOT / "docs" / "operate.md").read_text("utf-8")
    limits = [int(found) for found in re.findall(r"client_max_body_size (\d+)m;", page)]
    assert limits and max(limits) >= 60 + 1
