"""The pictures of the pages: each that docs/screens.md shows is there, small, at both widths."""

import re

import pytest

from tests.databases import ROOT
from tests.e2e.pictures import FOLDER, LARGEST, OF_A_DRAFT, OF_THE_DAY, SHOWN, SIZES

PAGE = ROOT / "docs" / "screens.md"
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.mark.parametrize("name", [*SHOWN, *OF_A_DRAFT, *OF_THE_DAY])
def test_a_page_is_shown_at_both_widths(name: str) -> None:
    for width in SIZES:
        picture = (FOLDER / f"{name}-{width}.png").read_bytes()
        assert picture.startswith(PNG)
        assert int.from_bytes(picture[16:20], "big") == width
        assert len(picture) < LARGEST
        assert f"(screenshots/{name}-{width}.png)" in PAGE.read_text(encoding="utf-8")


def test_no_picture_is_left_over() -> None:
    named = set(re.findall(r"screenshots/([\w-]+\.png)", PAGE.read_text(encoding="utf-8")))
    assert {path.name for path in FOLDER.iterdir()} == named
