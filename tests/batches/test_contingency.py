"""Work on paper: numbered sheets, none lost, each used one a certified scan before the end."""

from __future__ import annotations

import io
import re
from hashlib import sha256
from typing import Any

import pikepdf
import pytest
from PIL import Image

from batches import (
    attachment,
    commands,
    contingency,
    contingency_paper,
    contingency_queries,
    queries,
)
from batches import attachment_commands as keeping
from batches import contingency_commands as asking
from ledger import store
from ledger.event import Refused, fold
from tests.batches.conftest import PEOPLE, actor, signing, work_up_to
from tests.batches.making import refused
from tests.batches.test_paper import AT, _at, own_seal, text_of

__all__ = ["own_seal"]
WHY = "Power is out in room 2"
ASKED: dict[str, Any] = {
    "batch": "CT-0421", "copy": 1, "recipe": "MBR-019", "version": 1, "content_sha256": "0" * 64,
    "entries": 3, "steps": [2, 3], "sheets": 3, "sha256": "1" * 64, "reason": WHY,
}  # fmt: skip


def told(*asked: Any) -> contingency.Contingency:
    state = contingency.INITIAL
    for ask, more in asked:
        state = fold(state, contingency.evolve, ask(state, batch="CT-0421", **more))
    return state


def copied(**more: Any) -> tuple[Any, dict[str, Any]]:
    return contingency.printed, {k: v for k, v in {**ASKED, **more}.items() if k != "batch"}


def counted(used: list[int], void: list[int]) -> tuple[Any, dict[str, Any]]:
    return contingency.account, {
        "copy": 1, "used": used, "void": void, "person": "p-marta2", "reason": "Was not needed",
    }  # fmt: skip


def test_every_sheet_is_open_until_it_is_void_or_a_certified_scan() -> None:
    """Given a copy of three sheets, when they are accounted for one by one, then each lacks what
    comes next for it, and nothing closes before the last."""
    state = told(copied())
    assert [one.lacks for one in contingency.open_sheets(state, [])] == ["unaccounted"] * 3

    state = told(copied(), counted([1, 2], [3]))
    lacks = [(one.sheet, one.lacks) for one in contingency.open_sheets(state, [])]
    assert lacks == [(1, "not_scanned"), (2, "not_scanned")]
    no = refused("open_sheets", contingency.close, state, batch="CT-0421", certified=[])
    assert "Sheet 1 of paper copy 1 was used and is not scanned" in str(no)

    scan = (contingency.scanned, {"copy": 1, "sheets": [1, 2], "file": 1, "person": "p-marta2"})
    state = told(copied(), counted([1, 2], [3]), scan)
    assert {one.lacks for one in contingency.open_sheets(state, [])} == {"not_certified"}
    assert contingency.open_sheets(state, [1]) == []
    assert contingency.close(state, batch="CT-0421", certified=[1])[0].copies == 1
    assert contingency.close(contingency.INITIAL, batch="CT-0421", certified=[]) == []


def test_what_was_said_of_a_sheet_stays() -> None:
    """Given a sheet that was used, then it cannot become void, nor be of another copy."""
    state = told(copied(), counted([1], []))
    ask, more = counted([], [1])
    refused("accounted", ask, state, batch="CT-0421", **more)
    refused("no_sheet", ask, state, batch="CT-0421", **{**more, "void": [4]})
    refused("no_copy", ask, state, batch="CT-0421", **{**more, "copy": 2})
    refused("both", ask, state, batch="CT-0421", **{**more, "used": [2], "void": [2]})
    refused("reason_missing", ask, state, batch="CT-0421", **{**more, "void": [2], "reason": ""})
    scan = {"copy": 1, "file": 1, "person": "p-marta2"}
    refused("not_used", contingency.scanned, state, batch="CT-0421", sheets=[2], **scan)


def test_a_copy_takes_the_next_number_and_says_why() -> None:
    state = told(copied())
    ask, more = copied()
    refused("copy_number", ask, state, batch="CT-0421", **more)
    refused("reason_missing", ask, state, batch="CT-0421", **{**more, "copy": 2, "reason": "x"})
    refused("nothing_left", ask, state, batch="CT-0421", **{**more, "copy": 2, "steps": []})
    assert ask(state, batch="CT-0421", **{**more, "copy": 2})[0].copy == 2


PICTURE = io.BytesIO()
Image.new("RGB", (4, 4), "white").save(PICTURE, "PNG")
PNG = PICTURE.getvalue()
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (PNG, attachment.PNG),
        (PDF, attachment.PDF),
        (b"\xff\xd8\xff\xe0" + b"0" * 20, attachment.JPEG),
        ("min,°C\n0,4.0\n1,2.5\n".encode(), attachment.CSV),
        ("min;°C\n0;4,0\n1;2,5\n".encode(), attachment.CSV),
        (b"MZ\x90\x00\x03", ""),
        (b"<html><script>alert(1)</script></html>", ""),
        (b"PK\x03\x04", ""),
        (b"one column\nonly\n", ""),
        (b"%PDF-1.4 cut off", ""),
        (b"a,b\n1,2,3\n", ""),
        (b"", ""),
    ],
)
def test_what_a_file_is_comes_from_its_content(content: bytes, found: str) -> None:
    """Given a file of whatever name, then its content alone says whether it may be kept."""
    assert attachment.media_type_of(content) == found


def test_a_picture_that_cannot_be_opened_is_none() -> None:
    assert keeping._sound(PNG) == attachment.PNG
    assert keeping._sound(PNG[:40]) == ""
    assert keeping._sound(b"\xff\xd8\xff\xe0" + b"0" * 20) == ""


def keep(name: str, content: bytes = PNG, **asked: Any) -> Any:
    said = {"batch": "CT-0421", "step": 2, "about": "Freezing curve", **asked}
    return keeping.upload(content, keeping.keep_file, actor=actor(name), **said)


def test_a_file_is_kept_by_one_and_certified_by_another(batch):
    """Given a scan, when the one who kept it certifies it, then that is refused; when another
    signs, then the record says who, and the content is what was sent."""
    keep("ingrid")
    with pytest.raises(Refused, match="somebody else compares"):
        keeping.certify_file(batch=batch, number=1, **signing("ingrid"))
    with pytest.raises(Refused, match="as file 1"):
        keep("marta")
    keeping.certify_file(batch=batch, number=1, **signing("dario"))

    (known,) = contingency_queries.files(batch).files.values()
    assert (known.kept_by, known.certified_by) == (PEOPLE["ingrid"][0], PEOPLE["dario"][0])
    assert known.blob == f"sha256:{sha256(PNG).hexdigest()}"
    with pytest.raises(Refused, match="certified already"):
        keeping.certify_file(batch=batch, number=1, **signing("helena"))


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"MZ\x90", "media_type"), (b"a,b\n" * (6 * 1024 * 1024), "too_large")],
)
def test_what_may_not_be_kept_leaves_no_blob(batch, content, code):
    """Given a program, or a file of 24 MB, when it is sent, then it is refused and not stored."""
    from ledger.models import Blob

    with pytest.raises(Refused) as no:
        keep("marta", content)

    assert no.value.code == code
    assert not Blob.objects.filter(sha256=sha256(content).digest()).exists()


def test_the_rest_of_a_batch_prints_with_blanks_and_its_version(batch, own_seal):
    """Given a batch at step 2, when it is printed for paper, then steps 2 and 3 stand there with
    limits and blanks, step 1 does not, and each sheet has copy, number and content hash."""
    work_up_to(2)
    content, facts = asking.printed(queries.batch(batch), copy=3, person="Dario", reason=WHY, at=AT)

    text = "".join(text_of(content).split())
    assert facts["steps"] == [2, 3] and facts["copy"] == 3
    assert "2.Thaw" in text and "3.Count" in text and "1.Clear" not in text
    assert "normal36.5to37.5°C" in text and "Verifiedby,signature(verifier)" in text
    assert queries.recipe_lines().first().content_sha256 in text.replace("\u200b", "")
    with pikepdf.open(io.BytesIO(content)) as opened:
        total = len(opened.pages)
    assert facts["sheets"] == total
    for number in range(1, total + 1):
        assert f"SheetCT-0421·Copy3·{number}/{total}" in text
    assert contingency_paper.tables(batch) == []


@pytest.fixture
def pages(batch, own_seal, settings, database):
    settings.STATE_DIR = database.state
    return f"/batches/{batch}/"


def test_r8_paper_comes_back_as_a_certified_scan_and_only_then_the_record_closes(pages, batch):
    """Given sheets printed for a power cut, when they are used, void, scanned and certified on the
    pages, then nothing is open any more; before, the batch cannot be completed."""
    marta = _at("marta")
    empty = marta.get(f"{pages}contingency/").content.decode()
    assert "Nothing of this batch was printed" in empty
    typed = {"reason": WHY, "command_id": re.search(r'name="command_id" value="([^"]+)"', empty)[1]}
    made = marta.post(f"{pages}contingency/", typed)
    assert made.status_code == 302
    assert marta.post(f"{pages}contingency/", typed).url == made.url
    assert marta.get(made.url).status_code == 200
    pdf = b"".join(marta.get(made.url + "?file=1").streaming_content)
    (event,) = store.load("contingency", batch)
    assert event.data.sha256 == sha256(pdf).hexdigest() and event.reason == WHY
    total = event.data.sheets
    assert len(contingency_queries.open_sheets(batch)) == total

    said = {f"sheet_{n}": "void" for n in range(2, total + 1)} | {"sheet_1": "used"}
    blank = marta.post(f"{pages}contingency/1/", {**said, "reason": "Was not needed"})
    assert blank.status_code == 302
    wrong = marta.post(f"{pages}contingency/1/scan/", {"sheets": ["1"]})
    assert wrong.status_code == 422 and b"Choose the file" in wrong.content
    sent = {"sheets": ["1"], "file": io.BytesIO(PNG)}
    assert marta.post(f"{pages}contingency/1/scan/", sent).status_code == 302
    assert [one.lacks for one in contingency_queries.open_sheets(batch)] == ["not_certified"]
    assert b"scan not certified" in marta.get(f"{pages}contingency/").content

    keeping.certify_file(batch=batch, number=1, **signing("ingrid"))
    assert contingency_queries.open_sheets(batch) == []
    assert b"Every sheet is accounted for" in marta.get(f"{pages}contingency/").content
    titles = [table["title"] for table in contingency_paper.tables(batch)]
    assert titles == ["Work on paper", "Certified copies"]


def test_a_batch_with_a_sheet_that_is_not_accounted_for_is_not_completed(batch, own_seal, database):
    """Given every step done and one sheet somewhere, when the supervisor closes the record, then
    the refusal names the sheet; void with a reason, it closes, and no more paper is printed."""
    line, place = queries.batch(batch), database.state / "exports" / "x.pdf"
    asking.hand_out(place, line, actor=actor("marta"), reason=WHY)
    total = contingency_queries.contingency_of(batch).copies[1].sheets
    work_up_to(4)
    with pytest.raises(Refused) as no:
        commands.complete(batch=batch, **signing("dario"))
    assert no.value.code == "open_sheets" and "Sheet 1 of paper copy 1" in str(no.value)

    void = list(range(1, total + 1))
    said = {"batch": batch, "copy": 1, "used": [], "void": void, "reason": "Power came back"}
    asking.account_for_sheets(**said, actor=actor("marta"))
    commands.complete(batch=batch, **signing("dario"))

    assert contingency_queries.contingency_of(batch).closed
    facts = {"copy": 2, "entries": 9, "steps": [3], "sheets": 1, "sha256": "0" * 64}
    with pytest.raises(Refused, match="is closed"):
        asking.print_contingency(batch=batch, **facts, reason=WHY, actor=actor("marta"))
    with pytest.raises(Refused, match="is completed"):
        keep("marta")


def test_a_kept_file_is_handed_out_and_never_run(pages, batch):
    """Given a kept file, when it is fetched, then it comes as a download under a name of ours, with
    the type that its content has, and browsers are told not to guess."""
    keep("marta", step=3)
    browser = _at("ingrid")
    listed = browser.get(f"{pages}files/").content.decode()
    assert "Freezing curve" in listed and "Not certified" in listed
    page = browser.get(f"{pages}files/1/").content.decode()
    assert "Certify and sign" in page

    answer = browser.get(f"{pages}files/1/content/")

    assert answer.content == PNG
    assert answer["Content-Type"] == "image/png"
    assert answer["Content-Disposition"] == 'attachment; filename="CT-0421-file-1.png"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert browser.get(f"{pages}files/2/content/").status_code == 404
    own = _at("marta").get(f"{pages}files/1/").content.decode()
    assert "somebody else compares it" in own and "Certify and sign" not in own


def test_two_prints_at_one_moment_have_two_numbers(pages, batch, monkeypatch):
    """Given somebody who prints between layout and record, then the next number is taken."""
    line, place = queries.batch(batch), asking.seal_keys.settings.STATE_DIR / "exports" / "x.pdf"
    real, first = asking.printed, [True]

    def meanwhile(*args: Any, **more: Any) -> Any:
        made = real(*args, **more)
        if first.pop() if first else False:
            asking.hand_out(place.with_name("y.pdf"), line, actor=actor("dario"), reason=WHY)
        return made

    monkeypatch.setattr(asking, "printed", meanwhile)
    facts = asking.hand_out(place, line, actor=actor("marta"), reason=WHY)

    assert facts["copy"] == 2
    assert [event.data.copy for event in store.load("contingency", batch)] == [1, 2]
