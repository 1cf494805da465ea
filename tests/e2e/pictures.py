"""The pictures in docs/screenshots, made again: python3 manage.py test tests/e2e/pictures.py"""

import io
from typing import Any

import pytest
from PIL import Image

from tests.databases import ROOT
from tests.e2e.screens import SCREENS, Screen
from tests.e2e.test_walk import assert_fits

FOLDER = ROOT / "docs" / "screenshots"
SIZES = {768: 1024, 1440: 900}
LARGEST = 150_000  # bytes, in a repository
COLOURS = 255
BY_NAME = {screen.name: screen for screen in SCREENS}
# What docs/screens.md shows, and in which colours.
SHOWN = {
    "sign-in": "light",
    "home-operator": "light",
    "home-qa": "dark",
    "batches": "light",
    "step-due": "light",
    "step-beyond-limit": "dark",
    "batch-record": "light",
    "batch-print": "light",
    "exceptions": "light",
    "trail": "light",
    "trail-found": "dark",
    "entry-signed": "light",
    "people": "light",
    "training": "light",
    "vault": "dark",
    "signing": "light",
    "unit": "light",
    "export": "light",
    "ledger": "light",
}


@pytest.mark.parametrize("width", SIZES)
@pytest.mark.parametrize("screen", [BY_NAME[name] for name in SHOWN], ids=lambda one: one.name)
def test_a_picture(windows: Any, screen: Screen, width: int) -> None:
    page = windows(screen.who)
    page.set_viewport_size({"width": width, "height": SIZES[width]})
    page.emulate_media(color_scheme=SHOWN[screen.name], reduced_motion="reduce")
    assert screen.open(page).status == screen.status
    assert_fits(page)
    picture = small(page.screenshot())
    assert len(picture) < LARGEST
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{screen.name}-{width}.png").write_bytes(picture)


def small(picture: bytes) -> bytes:
    """The same picture with no more colours than it needs."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    out = io.BytesIO()
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()
