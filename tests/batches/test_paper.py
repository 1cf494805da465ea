"""The printed record: everything that was recorded, tagged, sealed, the same bytes each time."""

from __future__ import annotations

import io
import json
import random
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import pikepdf
import pytest
from django.test import Client

from batches import commands, paper, paper_commands, queries, table_paper
from ledger import paper as sheets
from ledger import store
from ledger.event import Refused
from ledger.export import Filter, export_bundle
from tests.batches.conftest import actor, enter, signing, work_up_to

WHY = "Thermometer was not settled"
AT = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
PRINTABLE = "×⁶°µ≥≤±→–“”…áéíóúñüÁÉÑ¿¡€Ω"  # noqa: RUF001 - signs of the laboratory, not letters


@pytest.fixture
def own_seal(database: Any, settings: Any) -> None:
    """A demo's seal key, in the test's own state folder."""
    settings.DEMO = True
    settings.LOTBOOK_SEAL_KEY = database.state / "seal.pem"


@pytest.fixture
def worked(batch: str, seal: Any, own_seal: None) -> str:
    """A batch with a value beyond its limit, one read again, a scribe, a correction, a hold."""
    work_up_to(2)
    enter(2, bath="39.2")
    enter(2, bath="37.1", reason=WHY)
    commands.complete_step(batch=batch, step=2, **signing("marta"))
    commands.verify_step(batch=batch, step=2, **signing("ingrid"))
    enter(3, bath="37.0", count="5.20")
    tomas = actor("tomas").person
    commands.record_step(batch=batch, step=3, performed_by=tomas, **signing("marta"))
    commands.countersign_step(batch=batch, step=3, **signing("tomas"))
    commands.correct_value(
        batch=batch, step=3, parameter="count", typed="5.02", reason="Digits were swapped",
        **signing("marta"),
    )  # fmt: skip
    commands.set_hold(batch=batch, kind="quality", reason="Power failed", actor=actor("dario"))
    commands.assess_exception(
        batch=batch, exception=1, reason="No effect on cells", **signing("helena")
    )
    seal()
    return batch


def printed(batch: str, *, at: datetime = AT) -> tuple[bytes, paper_commands.Print]:
    return paper_commands.printed(queries.batch(batch), person=actor("dario").person, at=at)


def record_of(batch: str) -> dict[str, Any]:
    made = paper.source(queries.batch(batch))
    return paper.record(made, printed_by="Dario", printed_at=AT)


def attached(pdf: bytes, name: str) -> bytes:
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        return opened.attachments[name].get_file().read_bytes()


def text_of(pdf: bytes) -> str:
    """The text that a reader copies from the pages: glyphs through each font's own map."""
    found = []
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        for page in opened.pages:
            found += shown(page)
    return "".join(found)


def shown(page: Any) -> Iterator[str]:
    fonts = {name: _map(font) for name, font in page.Resources.Font.items()}
    font: dict[int, str] = {}
    for operands, operator in pikepdf.parse_content_stream(page):
        if str(operator) == "Tf":
            font = fonts[str(operands[0])]
        elif str(operator) in ("Tj", "TJ"):
            parts = operands[0] if str(operator) == "TJ" else operands
            for part in parts:
                if isinstance(part, pikepdf.String):
                    raw = bytes(part)
                    for at in range(0, len(raw), 2):
                        yield font.get(int.from_bytes(raw[at : at + 2], "big"), "\ufffd")


def _map(font: Any) -> dict[int, str]:
    """A ToUnicode map: single characters and ranges, as typst writes them."""
    text = font.ToUnicode.read_bytes().decode("latin-1")
    found = {}
    for block in re.findall(r"beginbfchar(.*?)endbfchar", text, re.S):
        for glyph, code in re.findall(r"<(\w+)>\s*<(\w+)>", block):
            found[int(glyph, 16)] = bytes.fromhex(code).decode("utf-16-be")
    for block in re.findall(r"beginbfrange(.*?)endbfrange", text, re.S):
        for low, high, code in re.findall(r"<(\w+)>\s*<(\w+)>\s*<(\w+)>", block):
            for glyph in range(int(low, 16), int(high, 16) + 1):
                found[glyph] = chr(int(code, 16) + glyph - int(low, 16))
    return found


def test_r4_r18_every_event_with_its_values_who_when_and_why_is_printed(worked):
    """Given a batch where values were read again, corrected and signed for another, when it is
    printed, then each entry, old value, person, time and reason stands on the pages."""
    pdf, made = printed(worked)

    flat = "".join(text_of(pdf).split())
    events = store.load("batch", worked)
    names = paper.source(queries.batch(worked)).names
    for event in events:
        for part in (event.sentence, event.reason, names[event.actor.person]):
            assert "".join(part.split()) in flat, part
        assert "".join(table_paper.when(event.recorded_at).split()) in flat
    assert made.entries == len(events) >= 15
    assert "39.2°C→37.1°C" in flat
    assert "5.20×10⁶cells/mL→5.02×10⁶cells/mL" in flat  # noqa: RUF001 - the sign, not a letter
    assert "TomasPrintedrecordedbyMartaPrinted,operator" in flat
    assert "Noeffectoncells(HelenaPrinted" in flat
    assert queries.recipe_lines().first().content_sha256 in flat.replace("\u200b", "")
    assert "\ufffd" not in flat


def test_r6_the_signature_manifest_tells_what_holds_and_what_was_superseded(worked):
    """Given signatures, one of them over a value corrected since, when the record is printed, then
    each stands there once, with printed name, role, meaning, zone and whether it holds."""
    rows = record_of(worked)["annex"][0]["rows"]

    meanings = [row[2] for row in rows]
    assert sorted(meanings) == sorted(
        ["performed", "verified"] * 2 + ["authored", "performed", "performed", "reviewed"]
    )
    assert all("Europe/Madrid" in row[3] for row in rows)
    superseded = [row for row in rows if "superseded by entry 13" in row[5]]
    assert {row[2] for row in superseded} == {"authored", "performed"}
    assert sum(row[5] == "Verified." for row in rows) == len(rows) - 2


def test_r6_a_signature_that_is_missing_or_broken_prints_as_broken(worked):
    """Given signatures of which one does not hold and one is not there, when the record is printed,
    then the manifest says so of these two and of no other."""
    sound = [row for row in record_of(worked)["annex"][0]["rows"] if row[5] == "Verified."]
    made = paper.source(queries.batch(worked))
    first, second = [event.id for event in made.events if event.id in made.signatures][:2]
    made.signatures[first] = [replace(made.signatures[first][0], standing="broken", why="x")]
    del made.signatures[second]

    rows = paper.record(made, printed_by="", printed_at=AT)["annex"][0]["rows"]

    assert sum(row[5] == "BROKEN: x" for row in rows) == 1
    assert sum("none stands over it" in row[5] for row in rows) == 1
    assert sum(row[5] == "Verified." for row in rows) == len(sound) - 2


def test_r18_the_attached_entries_are_those_of_an_export(worked, tmp_path):
    """Given a printed batch, when it is exported as well, then the PDF's events.jsonl is byte by
    byte the bundle's trail, and its event on the trail names that hash."""
    pdf, made = printed(worked)
    export_bundle(tmp_path / "b.zip", Filter(stream_type="batch", stream_id=worked))

    with zipfile.ZipFile(tmp_path / "b.zip") as bundle:
        exported = bundle.read("trail.jsonl")
        listed = json.loads(bundle.read("manifest.json"))["files"]["trail.jsonl"]
    inside = attached(pdf, "events.jsonl")
    assert inside == exported
    assert sha256(inside).hexdigest() == listed == made.events_sha256
    assert sha256(attached(pdf, "record.json")).hexdigest() == made.record_sha256
    assert made.record_sha256 in text_of(pdf).replace("\u200b", "")


def test_the_file_is_tagged_pdf_a_3a_without_an_error(worked):
    """Given a sealed print, when pikepdf opens and checks it, then it finds no error and the marks
    of PDF/A-3a: tags, language, associated files, output intent, embedded fonts, metadata."""
    pdf, made = printed(worked)

    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert opened.check_pdf_syntax() == []
        root = opened.Root
        assert root.MarkInfo.Marked and "/StructTreeRoot" in root and str(root.Lang) == "en"
        assert len(opened.pages) == made.pages
        kinds = {str(one.F): str(one.AFRelationship) for one in root.AF}
        assert kinds == {"events.jsonl": "/Source", "record.json": "/Data"}
        assert [str(one.S) for one in root.OutputIntents] == ["/GTS_PDFA1"]
        with opened.open_metadata() as told:
            assert (told["pdfaid:part"], told["pdfaid:conformance"]) == ("3", "A")
        for page in opened.pages:
            for font in page.Resources.Font.values():
                described = font.DescendantFonts[0].FontDescriptor
                assert "/FontFile3" in described or "/FontFile2" in described


def test_the_same_record_gives_the_same_bytes(worked):
    """Given one state of a batch, when it is laid out twice, then the files are equal byte by byte;
    another minute on the paper gives others."""
    events = paper_commands.sealed_events(paper.source(queries.batch(worked)))
    first = paper_commands.lay_out(record_of(worked), events, at=AT)
    again = paper_commands.lay_out(record_of(worked), events, at=AT)
    later = paper_commands.lay_out(record_of(worked), events, at=AT.replace(minute=1))

    assert sha256(first).hexdigest() == sha256(again).hexdigest()
    assert first != later


def test_the_seal_is_intact_and_broken_after_any_byte_is_changed(worked):
    """Given a sealed print, when one byte that the seal covers is changed, wherever it lies, then
    the seal is broken; when something is added behind it, it no longer covers the whole file."""
    pdf, made = printed(worked)
    report = sheets.check_seal(pdf)
    assert report == sheets.SealReport(True, True, made.seal_sha256)

    first, upto, second, length = _covered(pdf)
    assert (first, second + length) == (0, len(pdf))
    chance = random.Random(7)
    places = [chance.randrange(upto) for _ in range(12)]
    places += [second + chance.randrange(length) for _ in range(4)]
    for place in places:
        altered = bytearray(pdf)
        altered[place] ^= 1 << chance.randrange(8)
        report = sheets.check_seal(bytes(altered))
        assert report is None or not (report.intact and report.whole), place

    longer = sheets.check_seal(pdf + b"\n% and more\n")
    assert longer is None or not longer.whole
    assert sheets.check_seal(paper_commands.lay_out(record_of(worked), b"", at=AT)) is None


def _covered(pdf: bytes) -> tuple[int, int, int, int]:
    """The byte range that the signature dictionary names."""
    found = re.findall(rb"/ByteRange \[(\d+) (\d+) (\d+) (\d+)\s*\]", pdf)
    first, upto, second, length = map(int, found[-1])
    return first, upto, second, length


def test_the_signs_of_the_laboratory_and_spanish_letters_print(worked):
    """Given values in powers of ten, degrees and Spanish names, when they are laid out with the
    fonts of the wheel alone, then every character has a glyph."""
    record = record_of(worked) | {"title": PRINTABLE}

    text = text_of(paper_commands.lay_out(record, b"", at=AT))

    assert set(PRINTABLE) <= set(text)


def test_a_print_leaves_no_entry_out(worked, monkeypatch):
    """Given an entry that the sealer has not sealed yet, when the batch is printed, then it is
    refused, and the sentence says what to do."""
    monkeypatch.setattr(paper_commands, "SEALED_WITHIN", 0.0)
    commands.set_hold(batch=worked, kind="process", reason="Alarm rang", actor=actor("dario"))

    with pytest.raises(Refused) as no:
        printed(worked)

    assert no.value.code == "unsealed" and "1 of the entries" in str(no.value)


def test_a_facility_without_its_seal_key_is_told_where_to_put_it(worked, settings):
    settings.DEMO = False
    settings.LOTBOOK_SEAL_KEY = settings.LOTBOOK_SEAL_KEY.with_name("nowhere.pem")

    with pytest.raises(Refused) as no:
        printed(worked)

    assert no.value.code == "seal_key" and "nowhere.pem" in str(no.value)


def test_a_seal_key_that_others_can_read_seals_nothing(worked, settings):
    printed(worked)
    settings.LOTBOOK_SEAL_KEY.chmod(0o644)

    with pytest.raises(Refused) as no:
        printed(worked)

    assert "chmod 600" in str(no.value)


def test_r18_a_print_made_on_the_page_is_an_event(worked, settings, database):
    """Given a supervisor at the record, when they have the sealed print made, then the trail names
    the file's hash, and what they fetch is that file; a second press makes no second event."""
    settings.STATE_DIR = database.state
    browser = _at("dario")
    page = browser.get(f"/batches/{worked}/paper/").content.decode()
    command_id = re.search(r'name="command_id" value="([^"]+)"', page)[1]

    answer = browser.post(f"/batches/{worked}/paper/", {"command_id": command_id})
    assert answer.status_code == 302
    again = browser.post(f"/batches/{worked}/paper/", {"command_id": command_id})
    assert again.url == answer.url
    ready = browser.get(answer.url)
    assert ready.status_code == 200
    fetched = browser.get(answer.url + "file/")

    content = b"".join(fetched.streaming_content)
    (event,) = store.load("record_print", command_id)
    assert event.data.sha256 == sha256(content).hexdigest()
    assert sheets.check_seal(content).whole
    assert fetched["Content-Type"] == "application/pdf"
    assert fetched["Content-Disposition"].startswith("attachment;")
    assert _at("helena").get(answer.url + "file/").status_code == 404


def test_r18_an_operator_has_no_print_made_and_the_refusal_is_recorded(worked):
    """Given an operator, when they send the form all the same, then they are told who may."""
    browser = _at("marta")
    assert b"Make the sealed print" not in browser.get(f"/batches/{worked}/paper/").content

    answer = browser.post(f"/batches/{worked}/paper/", {})

    assert answer.status_code == 422
    assert b"notice bad" in answer.content


def _at(name: str) -> Client:
    from personnel.models import Account

    browser = Client()
    browser.force_login(Account.objects.get(username=name))
    return browser


def test_r6_a_print_that_somebody_brings_is_checked_against_the_trail(
    worked, own_seal, settings, database
):
    """Given a print that was handed out, when it is brought back as it is, changed, made
    elsewhere, or is no print, then the page says which of these it is, and the trail keeps it."""
    settings.STATE_DIR = database.state
    place = database.state / "exports" / "x.pdf"
    paper_commands.hand_out(place, queries.batch(worked), actor=actor("dario"))
    ours, elsewhere = place.read_bytes(), printed(worked)[0]
    changed = bytearray(ours)
    changed[len(ours) // 3] ^= 1
    browser, said = _at("dario"), []

    for content in (ours, bytes(changed), elsewhere, b"%PDF-1.7 no print"):
        sent = {"file": io.BytesIO(content)}
        said.append(browser.post("/batches/prints/check/", sent).content.decode())

    assert "is whole and was handed out here" in said[0] and worked in said[0]
    assert "was changed after it was sealed" in said[1] and worked not in said[1]
    assert "was not handed out here" in said[2]
    assert "bears no seal" in said[3] or "was changed" in said[3]
    listed = browser.get(f"/batches/{worked}/paper/").content.decode()
    assert sha256(ours).hexdigest()[:10] in listed
    assert _at("marta").post("/batches/prints/check/", {}).status_code == 422
    assert browser.post("/batches/prints/check/", {}).status_code == 422
