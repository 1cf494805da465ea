"""The stylesheet's colours keep the contrast that WCAG AA asks for, by day and by night."""

import re

import pytest

from tests.databases import ROOT

CSS = (ROOT / "static" / "lotbook.css").read_text("utf-8")
TEXT, EDGE = 4.5, 3.0
PAIRS = [
    *[(ink, ground, TEXT) for ink in ("ink", "muted", "accent", "bad", "warn", "ok", "info")
      for ground in ("paper", "surface")],
    ("ink", "sunken", TEXT), ("muted", "sunken", TEXT), ("on-accent", "accent", TEXT),
    ("ink", "accent-soft", TEXT), ("accent", "accent-soft", TEXT), ("ok", "ok-soft", TEXT),
    ("ink", "ok-soft", TEXT), ("ink", "warn-soft", TEXT), ("ink", "bad-soft", TEXT),
    ("warn", "warn-soft", TEXT), ("bad", "bad-soft", TEXT), ("info", "info-soft", TEXT),
    ("on-bar", "bar", TEXT), ("on-bar-muted", "bar", TEXT),
    ("edge", "surface", EDGE), ("edge", "paper", EDGE), ("focus", "paper", EDGE),
    ("focus", "surface", EDGE),
]  # fmt: skip


def colours(theme: int) -> dict[str, str]:
    found = re.findall(r"--([a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)", CSS)
    return {name: (light, dark)[theme] for name, light, dark in found}


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """WCAG 2.2's contrast ratio."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_every_pair_of_ink_and_ground_can_be_read(theme: int) -> None:
    known = colours(theme)
    poor = {
        f"{ink} on {ground}": round(contrast(known[ink], known[ground]), 2)
        for ink, ground, least in PAIRS
        if contrast(known[ink], known[ground]) < least
    }
    assert not poor


def test_the_measure_is_right() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_touch_targets_are_48_pixels() -> None:
    assert re.search(r"pointer: coarse\), \(max-width: 820px\) \{ :root \{ --control: 48px", CSS)


def test_the_sheet_asks_nobody_else_for_anything() -> None:
    assert not re.search(r"@import|url\(", CSS)
