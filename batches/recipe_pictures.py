"""Pictures of instructions: made safe, kept under their hash beside the command, packed in files.

A picture comes beside a command's request; the record names it by the hash of its bytes.
"""

from __future__ import annotations

import base64
import binascii
import io
import struct
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from hashlib import sha256
from typing import Any

from batches.attachment import JPEG, PNG, media_type_of
from batches.recipe_check import MOST_PICTURES
from batches.recipe_content import Content, Step, pictures_of
from ledger import blobs
from ledger.event import Refused
from ledger.event import marked as _

LARGEST_SENT = 10 * 1024 * 1024  # bytes of a picture as it is chosen
LARGEST = 400_000  # bytes of a picture as it is kept
LONGEST_SIDE = 1280  # dots
MOST_DOTS = 60_000_000  # of a picture as it is chosen
FILES = "files"  # the pictures in an exported record, beside its content
LARGEST_PACKED = MOST_PICTURES * LARGEST * 4 // 3  # bytes of all of them in base64
_ENDINGS = {PNG: "PNG", JPEG: "JPEG"}
# What the library raises for a damaged file, and for what a camera never wrote beside its picture.
_BROKEN = (
    ArithmeticError, AttributeError, EOFError, LookupError, OSError, SyntaxError, TypeError,
    ValueError, struct.error, zlib.error,
)  # fmt: skip
_beside: ContextVar[Mapping[str, bytes]] = ContextVar("pictures beside a command")


@contextmanager
def beside(pictures: Iterable[bytes]) -> Iterator[None]:
    """Send pictures along with the command that is asked inside."""
    token = _beside.set({name_of(content): content for content in pictures})
    try:
        yield
    finally:
        _beside.reset(token)


def keep(lines: Iterable[Mapping[str, Any]]) -> None:
    """Keep the pictures that a record's lines name, in the command's transaction, or refuse.

    What is kept under such a name already may be any file of a batch: it is looked at first.
    """
    titles = {line["blob"]: line["title"] for line in lines}
    sent = _beside.get({})
    missing = blobs.missing(titles) if titles else []
    for name in titles.keys() - sent.keys() - set(missing):
        if not _is_shown(blobs.get(name)):
            raise _no_picture()
    for name in missing:
        if name not in sent:
            raise Refused(
                _(
                    "The picture “{title}” did not come along. Choose it in the editor, or import"
                    " the file as it was exported."
                ),
                title=titles[name],
                code="no_picture",
            )
        blobs.put(sent[name])


def name_of(content: bytes) -> str:
    return f"sha256:{sha256(content).hexdigest()}"


def made_safe(content: bytes) -> bytes:
    """A chosen picture drawn anew: what its dots show, upright, and nothing else of the file.

    It is made smaller where its longest side has more than 1280 dots. Raises Refused.
    """
    from PIL import Image, ImageOps

    kind = _ENDINGS.get(media_type_of(content))
    if kind is None or len(content) > LARGEST_SENT:
        raise _no_picture()
    try:
        with Image.open(io.BytesIO(content), formats=[kind]) as opened:
            if opened.width * opened.height > MOST_DOTS:
                raise _no_picture()
            opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # a photograph, no larger than needed
            upright = ImageOps.exif_transpose(opened)
            picture = upright.convert("RGBA" if kind == "PNG" else "RGB")
    except (*_BROKEN, Image.DecompressionBombError):
        raise _no_picture() from None
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    drawn = _drawn(picture, kind)
    if len(drawn) > LARGEST:  # a photograph, or nearly: on white where it had no ground
        ground = Image.new("RGB", picture.size, "white")
        ground.paste(picture, mask=picture if picture.mode == "RGBA" else None)
        tried = (_drawn(ground, "JPEG", quality=quality) for quality in (85, 70, 50, 30))
        drawn = next((one for one in tried if len(one) <= LARGEST), b"")
    if not drawn:
        raise _no_picture()
    return drawn


def _drawn(picture: Any, kind: str, **how: int) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, optimize=True, **how)
    return out.getvalue()


def _no_picture() -> Refused:
    return Refused(
        _("Choose a PNG or JPEG picture of {limit} MB at most: this file is none."),
        limit=LARGEST_SENT // (1024 * 1024),
        code="media_type",
    )


def on_paper(step: Step, content: Content) -> list[dict[str, str]]:
    """The pictures beside a step, as a printed record names them."""
    return [
        {"file": one.blob.removeprefix("sha256:"), "title": one.title}
        for one in pictures_of(step, content)
    ]


def files_of(steps: Iterable[Mapping[str, Any]]) -> dict[str, bytes]:
    """The bytes of every picture that a print's steps name."""
    names = {one["file"] for step in steps for one in step["pictures"]}
    return {name: blobs.get(f"sha256:{name}") for name in sorted(names)}


def packed(lines: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The pictures that a record names, as an exported file holds them: name to base64."""
    return {line["blob"]: base64.b64encode(blobs.get(line["blob"])).decode() for line in lines}


def unpacked(files: Any) -> list[bytes]:
    """The pictures in an exported file, each whole and of a kind that is shown. Raises Refused."""
    if not isinstance(files, dict) or len(files) > MOST_PICTURES:
        raise _damaged()
    found = []
    for name, text in files.items():
        try:
            content = base64.b64decode(text, validate=True)
        except (TypeError, ValueError, binascii.Error):
            raise _damaged() from None
        if name_of(content) != name or not _is_shown(content):
            raise _damaged()
        found.append(content)
    return found


def _is_shown(content: bytes) -> bool:
    """Whether it is a picture as one is kept, every dot of which can be drawn."""
    from PIL import Image

    kind = _ENDINGS.get(media_type_of(content))
    if kind is None or len(content) > LARGEST:
        return False
    try:
        with Image.open(io.BytesIO(content), formats=[kind]) as opened:
            if max(opened.size) > LONGEST_SIDE:
                return False
            opened.load()
    except (*_BROKEN, Image.DecompressionBombError):
        return False
    return True


def _damaged() -> Refused:
    return Refused(
        _("A picture in the file is not as it was exported. Export the record again."),
        code="damaged_picture",
    )
