"""Symbols drawn for pages and read in pictures through zxing-cpp: Data Matrix, Code 128, QR.

It is no aggregate: it leans on zxing-cpp and Pillow, which are loaded where they are needed alone.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import quoteattr

from batches.gs1 import SYMBOLS, parse_bracketed
from ledger.event import Refused
from ledger.event import marked as _

DATA_MATRIX, CODE_128, QR = "data_matrix", "code_128", "qr"
LARGEST = 8 * 1024 * 1024  # bytes of a picture
MOST_PIXELS = 50_000_000
_SIDE = 2000  # pixels; a sharper picture is made smaller before it is searched
_FORMATS = ("JPEG", "PNG", "WEBP")


@dataclass(frozen=True, slots=True)
class Seen:
    """One symbol in a picture: its identifier (`]d2`), and what a scanner would send for it."""

    symbology: str
    text: str


def svg(text: str, kind: str = DATA_MATRIX, *, title: str = "") -> str:
    """The symbol as an `<svg>` element that scales. GS1 codes are given with their brackets."""
    import zxingcpp

    drawn = str(zxingcpp.write_barcode_to_svg(barcode(text, kind), add_quiet_zones=True))
    drawn = drawn[drawn.index("<svg") :]
    drawn = re.sub(r"<desc>.*?</desc>\s*", "", drawn)
    size = re.search(r'width="(\d+)" height="(\d+)"', drawn)
    assert size is not None  # noqa: S101 - the library writes both
    head = f'viewBox="0 0 {size[1]} {size[2]}" class="symbol" role="img"'
    return drawn.replace(size[0], f"{head} aria-label={quoteattr(title)}", 1)


def read_picture(picture: bytes) -> list[Seen]:
    """The symbols in a picture, or a sentence that says why it cannot be looked at."""
    import zxingcpp

    image = _opened(picture)
    found = zxingcpp.read_barcodes(image)
    return [Seen(str(each.symbology_identifier), _sent(each)) for each in found if each.valid]


def barcode(text: str, kind: str) -> Any:
    """The library's own symbol of a text: square where it is a Data Matrix, marked as GS1's where
    the text has identifiers in brackets.
    """
    import zxingcpp

    formats = {
        DATA_MATRIX: zxingcpp.BarcodeFormat.DataMatrix,
        CODE_128: zxingcpp.BarcodeFormat.Code128,
        QR: zxingcpp.BarcodeFormat.QRCode,
    }
    # A square, and no rectangle: that is what every scanner of a hospital reads.
    square = {"force_square": True} if kind == DATA_MATRIX else {}
    if not text.startswith("("):
        return zxingcpp.create_barcode(text, formats[kind], **square)
    # The library takes identifiers in square brackets, which no value of GS1's can hold.
    held = parse_bracketed(text)
    content = "".join(f"[{each.element.ai}]{each.value}" for each in held)
    return zxingcpp.create_barcode(content, formats[kind], gs1=True, **square)


def _sent(found: Any) -> str:
    """What a scanner would send: GS1 data with its identifier, everything else as it is."""
    text = bytes(found.bytes).decode("utf-8", "replace")
    symbology = str(found.symbology_identifier)
    return symbology + text if symbology in (*SYMBOLS, "]E0", "]E4") else text


def _opened(picture: bytes) -> Any:
    from PIL import Image, UnidentifiedImageError

    if len(picture) > LARGEST:
        raise Refused(
            _("This picture is larger than {limit} MB. Take it closer, with fewer pixels."),
            limit=LARGEST // 1024 // 1024,
            code="picture_large",
        )
    try:
        image = Image.open(io.BytesIO(picture), formats=_FORMATS)
        if image.width * image.height > MOST_PIXELS:
            raise Refused(
                _("This picture has too many pixels. Take it with a lower resolution."),
                code="picture_large",
            )
        image.draft("L", (_SIDE, _SIDE))
        grey = image.convert("L")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        raise Refused(
            _("This is no picture that can be read here. Send a JPEG, PNG or WebP picture."),
            code="picture_form",
        ) from None
    grey.thumbnail((_SIDE, _SIDE))
    return grey
