"""Symbols: what is drawn scans back, as GS1 where it is GS1's; a picture is read or refused."""

import io
import random
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from batches import codes, symbols
from batches.gs1_linters import CSET82
from tests.batches import drawing
from tests.batches.conftest import PEOPLE, open_accounts

GS1 = "(01)09506000134352(17)261200(10)AB-7(21)XYZ"
ADDRESS = "/batches/scan/picture/"


@pytest.mark.parametrize(
    ("kind", "symbology"),
    [(symbols.DATA_MATRIX, "]d2"), (symbols.CODE_128, "]C1"), (symbols.QR, "]Q3")],
)
def test_r11_a_gs1_symbol_scans_back_as_gs1(kind: str, symbology: str) -> None:
    """Given a symbol that we drew, when it is read, then it says that it is GS1's, and the same."""
    (seen,) = symbols.read_picture(drawing.png(GS1, kind))
    assert seen.symbology == symbology
    assert codes.read_code(seen.text).text == GS1


def test_r11_a_hundred_data_matrices_scan_back_as_d2() -> None:
    """Given any values of GS1's alphabet, brackets and all, then the square reads as ]d2."""
    chance = random.Random(5)
    for _n in range(100):
        lot = "".join(chance.choice(sorted(CSET82)) for _place in range(chance.randint(1, 20)))
        text = f"(01)09506000134352(10){lot.replace('(', chr(92) + '(')}(91)P1CXYWZV6AS4N2CZ5RXR64F"
        (seen,) = symbols.read_picture(drawing.png(text))
        code = codes.read_code(seen.text)
        assert (seen.symbology, code.get("lot"), code.get("coi")) == ("]d2", lot, "CXYWZV6AS4")


@pytest.mark.parametrize("kind", [symbols.DATA_MATRIX, symbols.CODE_128, symbols.QR])
@pytest.mark.parametrize("text", ["LBU-CF-01-L", "P1CXYWZV6AS4N2CZ5RXR64F", "=G12349865432177"])
def test_a_code_of_ours_scans_back(kind: str, text: str) -> None:
    (seen,) = symbols.read_picture(drawing.png(text, kind))
    assert seen.text == text


def test_a_symbol_stands_in_a_page_without_a_style() -> None:
    """Given a title with signs of markup, then the drawing is one element, and has a name."""
    drawn = symbols.svg(GS1, title='Lot "A" <1>')
    assert drawn.startswith("<svg ") and drawn.rstrip().endswith("</svg>")
    assert "viewBox" in drawn and "style" not in drawn and "<!DOCTYPE" not in drawn
    assert "&lt;1&gt;" in drawn and 'role="img"' in drawn


def photograph(text: str, *, turned: int = 12, kind: str = symbols.DATA_MATRIX) -> bytes:
    """A code as a tablet sees it: small in a grey picture, turned, as JPEG."""
    from PIL import Image

    code = Image.open(io.BytesIO(drawing.png(text, kind, scale=6)))
    picture = Image.new("L", (1600, 1200), 170)
    picture.paste(code.rotate(turned, expand=True, fillcolor=255), (500, 400))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=70)
    return out.getvalue()


@pytest.fixture
def marta(sqlite_database: Any) -> Client:
    from personnel.models import Account

    open_accounts()
    client = Client()
    client.force_login(Account.objects.get(person=PEOPLE["marta"][0]))
    return client


def sent(client: Client, picture: bytes, name: str = "picture.jpg") -> Any:
    return client.post(ADDRESS, {"picture": SimpleUploadedFile(name, picture, "image/jpeg")})


@pytest.mark.parametrize("turned", [0, 12, 90, 200])
def test_r11_a_cameras_picture_is_read(marta: Client, turned: int) -> None:
    answer = sent(marta, photograph(GS1, turned=turned))
    assert (answer.status_code, answer.json()) == (200, {"text": GS1})


@pytest.mark.parametrize(
    ("picture", "words"),
    [
        (b"", "No picture|can be read"),
        (b"GIF89a not one of ours", "JPEG, PNG or WebP"),
        (b"\xff\xd8\xff\xe0 cut short", "JPEG, PNG or WebP"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "JPEG, PNG or WebP"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * (symbols.LARGEST + 1), "8 MB"),
    ],
)
def test_a_picture_that_is_none_is_refused_with_what_to_do(
    marta: Client, picture: bytes, words: str
) -> None:
    answer = sent(marta, picture)
    assert answer.status_code == 422
    assert any(part in answer.json()["wrong"] for part in words.split("|"))


def test_a_picture_without_a_code_or_with_two_says_so(marta: Client) -> None:
    from PIL import Image

    out = io.BytesIO()
    Image.new("L", (600, 400), 200).save(out, "PNG")
    assert "No code" in sent(marta, out.getvalue()).json()["wrong"]
    two = Image.new("L", (1400, 700), 255)
    for place, text in enumerate(("LBU-CF-01-L", codes.own_code("room", "B-1"))):
        two.paste(Image.open(io.BytesIO(drawing.png(text, scale=8))), (100 + 600 * place, 200))
    out = io.BytesIO()
    two.save(out, "PNG")
    assert "Several" in sent(marta, out.getvalue()).json()["wrong"]


def test_a_picture_with_very_many_pixels_is_not_unpacked(marta: Client) -> None:
    """Given a small file that says it is 60,000 pixels wide, then it is refused by its head."""
    from PIL import Image

    out = io.BytesIO()
    Image.new("1", (60_000, 1000), 1).save(out, "PNG")
    assert len(out.getvalue()) < 100_000
    answer = sent(marta, out.getvalue())
    assert answer.status_code == 422 and "pixels" in answer.json()["wrong"]


def test_nobody_reads_pictures_without_signing_in(sqlite_database: Any) -> None:
    assert Client().post(ADDRESS).status_code in (302, 403)


def test_a_misread_code_is_told_and_not_given_back(marta: Client) -> None:
    answer = sent(marta, photograph("LBU-CF-01-7"))
    assert answer.status_code == 422 and "misread" in answer.json()["wrong"]
