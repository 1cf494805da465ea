"""The pictures in docs/screenshots, made again: python3 manage.py test tests/e2e/pictures.py"""

import io
from typing import Any

import pytest
from PIL import Image

from tests.databases import ROOT
from tests.e2e.screens import ENGINEER, SCREENS, Screen, drafted
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
    "recipe-shipped": "light",
    "materials": "light",
    "lot": "light",
    "fill": "light",
    "container": "light",
    "storage": "dark",
    "kit": "light",
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
OF_A_DRAFT = ("recipe-editor", "recipe-difference")
# What one day's work shows: its pictures are made by car_t_pictures.py.
OF_THE_DAY = (
    "car-t-order", "car-t-custody", "car-t-ready", "car-t-beyond-receive-transport",
    "car-t-beyond-feed-sugar", "car-t-blocked", "car-t-override-waits", "car-t-typo",
    "car-t-second-person", "room-board", "car-t-handover", "car-t-timer", "car-t-scribe",
    "car-t-corrected", "car-t-container-labels", "car-t-labels", "car-t-print", "car-t-paper",
)  # fmt: skip


@pytest.mark.parametrize("width", SIZES)
@pytest.mark.parametrize("screen", [BY_NAME[name] for name in SHOWN], ids=lambda one: one.name)
def test_a_picture(windows: Any, screen: Screen, width: int) -> None:
    page = windows(screen.who)
    page.emulate_media(color_scheme=SHOWN[screen.name], reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": SIZES[width]})
    assert screen.open(page).status == screen.status
    taken(page, screen.name, width)


@pytest.mark.parametrize("width", SIZES)
def test_pictures_of_a_draft(windows: Any, width: int) -> None:
    """The editor at a step, and the draft beside the version that is in use."""
    page = windows(ENGINEER)
    page.set_viewport_size({"width": width, "height": SIZES[width]})
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    base = drafted(page, "MBR-101")
    taken(page, "recipe-editor", width)
    assert page.goto(f"{base}beside/1/").status == 200
    taken(page, "recipe-difference", width)


def taken(page: Any, name: str, width: int) -> None:
    """The page fits, and its picture is kept."""
    assert_fits(page)
    picture = small(page.screenshot())
    assert len(picture) < LARGEST
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{name}-{width}.png").write_bytes(picture)


def small(picture: bytes, colours: int = COLOURS) -> bytes:
    """The same picture with no more colours than it needs."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    out = io.BytesIO()
    image.quantize(colours, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()
