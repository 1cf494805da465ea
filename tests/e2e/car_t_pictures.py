"""The CAR-T day's pictures in docs/screenshots: python3 manage.py test tests/e2e/car_t_pictures.py

The day is made once more, with an album; what it shows is in docs/screens.md.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import typst

from tests.e2e.car_t_making import Day
from tests.e2e.pictures import FOLDER, SIZES, small
from tests.e2e.test_car_t_batch import made, whole_day

__all__ = ["made"]
A4 = 210 / 25.4  # inches


@pytest.fixture
def album() -> Path:
    return FOLDER


def test_the_day_in_pictures(made: Day, album: Path, tmp_path: Path) -> None:
    paper_in(album, whole_day(made), tmp_path)


def paper_in(album: Path, printed: bytes, folder: Path) -> None:
    """The print's first page as a picture, as wide as the others."""
    (folder / "print.pdf").write_bytes(printed)
    page = '#set page(width: auto, height: auto, margin: 0pt)\n#image("print.pdf", page: 1)'
    (folder / "page.typ").write_text(page)
    for width in SIZES:
        picture = typst.compile(folder / "page.typ", root=folder, format="png", ppi=width / A4)
        (album / f"car-t-paper-{width}.png").write_bytes(small(bytes(picture), colours=16))
