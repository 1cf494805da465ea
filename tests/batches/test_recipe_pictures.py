"""Pictures beside an instruction: chosen, made safe, bound by the hash, shown, printed, carried."""

from __future__ import annotations

import base64
import io
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from batches import attachment_commands, commands, queries, recipe_commands, recipe_pictures
from batches.recipe_check import findings
from batches.recipe_content import Content, Picture
from batches.recipe_diff import compare
from batches.recipe_json import content_sha256, from_json, to_json
from ledger import blobs, store
from ledger import paper as sheets
from tests.batches import making
from tests.batches.conftest import Desk, actor, into_force
from tests.batches.editing import EDIT, act, save, state, typed
from tests.batches.making import refused
from tests.pages.document import faults

SHOWS = "The clamp is closed, its lever to the left"
PAGE = "/batches/recipes/MBR-031/1/"


def drawn(kind: str = "PNG", size: tuple[int, int] = (64, 48), grey: int = 90, **how: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (grey, grey, 200)).save(out, kind, **how)
    return out.getvalue()


def chosen(content: bytes, name: str = "clamp.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def with_picture(picture: bytes, *, title: str = SHOWS) -> Content:
    """The small recipe whose thaw shows a picture."""
    made = making.content(making.PARTS)
    document = to_json(made)
    thaw = document["unit_procedures"][0]["operations"][0]["phases"][0]["steps"][1]
    thaw["pictures"] = [recipe_pictures.name_of(picture)]
    document["pictures"] = [{"blob": recipe_pictures.name_of(picture), "title": title}]
    return from_json(document)


def test_a_picture_is_added_with_its_step_and_bound_by_the_hash(draft: Client) -> None:
    """Given a step of a draft, when its author saves it with a picture, then one event names it by
    the hash of its bytes, the record's hash is another, and the picture stands on every page."""
    before = state().content_sha256
    answer = save(draft, "steps:thaw", picture=chosen(drawn()), picture_title=SHOWS)
    assert answer.status_code == 302, answer.content.decode()
    (shown,) = state().content.pictures
    assert state().step(2).pictures == [shown.blob]
    assert shown.title == SHOWS
    assert recipe_pictures.name_of(blobs.get(shown.blob)) == shown.blob
    assert content_sha256(state().content) == state().content_sha256 != before
    event = store.load("recipe", "MBR-031.1")[-1].data
    assert event.edit == 1
    address = f"{PAGE}pictures/{shown.blob.removeprefix('sha256:')}/"
    page = draft.get(f"{EDIT}?node=steps:thaw")
    for shows in (
        page.content.decode(),
        draft.post(f"{EDIT}attempt/", typed(page)).content.decode(),
        draft.get(f"{PAGE}dry-run/2/").content.decode(),
        draft.get(PAGE).content.decode(),
        draft.get(f"{EDIT}?node=pictures").content.decode(),
    ):
        assert f'<img src="{address}" alt="{SHOWS}"' in shows
    for node in ("steps:thaw", "pictures"):
        assert faults(draft.get(f"{EDIT}?node={node}").content.decode()) == []
    answer = draft.get(address)
    assert answer["Content-Type"] == "image/png"
    assert answer.content == blobs.get(shown.blob)
    act(draft, "header", "undo")
    assert state().content_sha256 == before


def test_the_words_of_a_picture_are_mended_and_a_step_lets_go_of_it(draft: Client) -> None:
    save(draft, "steps:thaw", picture=chosen(drawn()), picture_title=SHOWS)
    save(draft, "pictures", **{"p0-title": "The clamp, closed"})
    assert [one.title for one in state().content.pictures] == ["The clamp, closed"]
    save(draft, "steps:clear", picture=chosen(drawn()), picture_title="Again")
    (shown,) = state().content.pictures
    assert state().step(1).pictures == state().step(2).pictures == [shown.blob]
    save(draft, "steps:thaw", pictures=[])
    assert state().step(2).pictures == []
    save(draft, "pictures", **{"p0-remove": "on"})
    told = [one.english for one in findings(state().content)]
    assert "A picture of this step is no longer in the record: choose anew." in told


@pytest.mark.parametrize(
    ("sent", "title", "words"),
    [
        (b"GIF89a nothing", SHOWS, "Choose a PNG or JPEG picture"),
        (b"\x89PNG\r\n\x1a\n and then nothing", SHOWS, "Choose a PNG or JPEG picture"),
        (drawn() + b"x" * recipe_pictures.LARGEST_SENT, SHOWS, "Choose a PNG or JPEG picture"),
        (drawn(), " ", "Say what it shows, for whoever cannot see it."),
    ],
)
def test_what_is_no_picture_or_says_nothing_is_refused(
    draft: Client, sent: bytes, title: str, words: str
) -> None:
    answer = save(draft, "steps:thaw", title="Thaw it", picture=chosen(sent), picture_title=title)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert words in page
    assert 'value="Thaw it"' in page
    assert state().edits == 0


def test_a_picture_is_drawn_anew_upright_small_and_without_what_the_camera_wrote() -> None:
    """Given a photograph on its side with a place and a serial number in it, when it is chosen,
    then only its dots are kept, upright and no larger than they are shown."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Camera of somebody"
    kept = recipe_pictures.made_safe(drawn("JPEG", (4000, 3000), exif=exif))
    with Image.open(io.BytesIO(kept)) as picture:
        assert picture.size == (960, 1280)
        assert dict(picture.getexif()) == {}
    assert b"Camera of somebody" not in kept
    noise = Image.effect_noise((1600, 1200), 90).convert("RGB")
    out = io.BytesIO()
    noise.save(out, "PNG")
    assert len(recipe_pictures.made_safe(out.getvalue())) <= recipe_pictures.LARGEST
    assert recipe_pictures.made_safe(kept).startswith(b"\xff\xd8\xff")
    refused("media_type", recipe_pictures.made_safe, drawn("PNG", (10_000, 7_000)))


@pytest.mark.parametrize(("at", "byte"), [(17, 0), (43, 2), (41, 13), (43, 7)])
def test_a_picture_with_nonsense_where_a_camera_writes_is_refused(at: int, byte: int) -> None:
    """Given a tag or its kind written wrong, then the library's own error reaches nobody."""
    exif = Image.Exif()
    exif[0x0112], exif[0x011A], exif[0x010E] = 6, 72.0, "abc"
    sent = bytearray(drawn("JPEG", (4, 3), exif=exif))
    sent[sent.index(b"Exif") + at] = byte
    refused("media_type", recipe_pictures.made_safe, bytes(sent))


def test_a_record_with_a_picture_goes_out_and_comes_back_the_same(draft: Client) -> None:
    save(draft, "steps:thaw", picture=chosen(drawn()), picture_title=SHOWS)
    file = json.loads(draft.get(f"{PAGE}export.json").content)
    (name,) = file["files"]
    assert base64.b64decode(file["files"][name]) == blobs.get(name)
    sent = {"recipe": "MBR-032", "file": chosen(json.dumps(file).encode(), "x.json")}
    assert draft.post("/batches/recipes/draft/", sent).status_code == 302
    assert queries.recipe_state("MBR-032", 1).content_sha256 == state().content_sha256


def test_an_import_keeps_the_pictures_that_came_along_and_no_others(draft: Client) -> None:
    """Given a picture that this house has never seen, then a record that names it is begun only
    with its very bytes beside it: not without them, and not with others."""
    picture = drawn(grey=12)
    content = to_json(with_picture(picture))
    asked = {"recipe": "MBR-033", "version": 1, "content": content, "actor": actor("pavel")}
    refused("no_picture", recipe_commands.draft_recipe, **asked)
    name = recipe_pictures.name_of(picture)
    other = base64.b64encode(drawn(grey=13)).decode()
    for files in ({name: other}, {name: "no base64!"}, {name: 7}, [other]):
        file = json.dumps(content | {"files": files}).encode()
        answer = draft.post(
            "/batches/recipes/draft/", {"recipe": "MBR-033", "file": chosen(file, "x.json")}
        )
        assert answer.status_code == 422
        assert "A picture in the file is not as it was exported." in answer.content.decode()
    assert blobs.missing([name, "sha256:../x"]) == [name, "sha256:../x"]
    with recipe_pictures.beside([picture]):
        recipe_commands.draft_recipe(**asked)
    assert blobs.get(name) == picture
    assert queries.recipe_state("MBR-033", 1).content == with_picture(picture)


def test_a_file_that_a_batch_keeps_is_no_picture_of_a_record(batch: str) -> None:
    """Given files kept with a batch, when a record names one as a picture, then it is refused: the
    record could not be printed, and a scan would stand before whoever may read the record."""
    scan = drawn("JPEG", (1600, 1200))
    for content in (b"vial,position\n1,A1\n", scan):
        attachment_commands.upload(
            content, attachment_commands.keep_file, batch=batch, step=0, about="Positions",
            actor=actor("marta"),
        )  # fmt: skip
        asked = {"version": 1, "content": to_json(with_picture(content)), "actor": actor("pavel")}
        refused("media_type", recipe_commands.draft_recipe, recipe="MBR-033", **asked)
    assert store.load("recipe", "MBR-033.1") == []


def test_a_step_is_taken_over_with_its_pictures(draft: Client) -> None:
    picture = drawn(grey=30)
    with recipe_pictures.beside([picture]):
        recipe_commands.draft_recipe(
            recipe="MBR-034", version=1, content=to_json(with_picture(picture)),
            actor=actor("pavel"),
        )  # fmt: skip
    act(draft, "steps:clear", "copy", source="MBR-034.1", to="steps:thaw")
    assert state().content.pictures == [Picture(blob=recipe_pictures.name_of(picture), title=SHOWS)]
    assert state().step(2).pictures == [recipe_pictures.name_of(picture)]


def test_the_difference_says_that_a_picture_changed_and_shows_both() -> None:
    old, new = with_picture(drawn(grey=1)), with_picture(drawn(grey=2), title="Another view")
    (row,) = [one for one in compare(old, new).steps if not one.quiet]
    (change,) = row.changes
    assert (row.standing, change.place) == ("changed", "pictures")
    assert change.old_pictures == (old.pictures[0].blob,)
    assert change.new_pictures == (new.pictures[0].blob,)
    told = compare(old, replace(old, pictures=[replace(old.pictures[0], title="Closed")]))
    assert [one.place for one in told.lists] == ["picture, title"]
    assert all(one.quiet for one in told.steps)
    told = compare(making.content(making.PARTS), old)
    assert [c.new_pictures for one in told.steps for c in one.changes] == [(old.pictures[0].blob,)]


def test_what_a_record_may_show_is_checked() -> None:
    blob = recipe_pictures.name_of(drawn())
    said = [
        one.english
        for one in findings(
            replace(
                making.content(making.PARTS),
                pictures=[Picture(blob=f"{blob}{n}", title="") for n in range(31)],
            )
        )
    ]
    assert "A record holds 30 pictures at most." in said
    assert said.count("Say what it shows, for whoever cannot see it.") == 31
    assert said.count("No step shows it. Choose it in a step, or remove it.") == 31


def test_the_operator_sees_the_picture_on_the_card_and_on_paper(desk: Desk) -> None:
    """Given a batch on a version whose thaw shows a picture, then the card shows it with its words,
    the difference shows it, and both prints hold it with its words as a tagged figure."""
    picture = drawn(grey=44)
    with recipe_pictures.beside([picture]):
        into_force(to_json(with_picture(picture)), desk.as_signed, version=2)
    commands.open_batch(
        batch="CT-0650", recipe="MBR-019", version=2, purpose="training", actor=actor("dario")
    )
    digest = recipe_pictures.name_of(picture).removeprefix("sha256:")
    address = f"/batches/recipes/MBR-019/2/pictures/{digest}/"
    page = desk.at("marta").get("/batches/CT-0650/steps/2/").content.decode()
    assert f'<img src="{address}" alt="{SHOWS}"' in page
    assert desk.at("marta").get(address).content == picture
    page = desk.at("helena").get("/batches/recipes/MBR-019/2/beside/1/").content.decode()
    assert address in page and faults(page) == []

    from batches import contingency_paper, paper, paper_commands

    line, at = queries.batch("CT-0650"), datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
    assert line is not None
    record = paper.record(paper.source(line), printed_by="Dario", printed_at=at)
    left, _steps, _entries = contingency_paper.record(
        line, copy=1, printed_by="Dario", printed_at=at, reason="No network"
    )
    pictures = recipe_pictures.files_of(left["steps"])
    for pdf in (
        paper_commands.lay_out(record, b"", at=at),
        sheets.lay_out("contingency.typ", left, created_at=at, pictures=pictures),
    ):
        with pikepdf.open(io.BytesIO(pdf)) as opened:
            assert opened.check_pdf_syntax() == []
            images = [one for one in opened.objects if is_image(one)]
            figures = [str(one.Alt) for one in opened.objects if is_figure(one)]
        assert len(images) == 1
        assert figures == [SHOWS]


def is_image(one: Any) -> bool:
    return isinstance(one, pikepdf.Stream) and one.get("/Subtype") == "/Image"


def is_figure(one: Any) -> bool:
    return isinstance(one, pikepdf.Dictionary) and one.get("/S") == "/Figure" and "/Alt" in one
