"""The codes that incoming material bears: which system each belongs to, as far as it says. Pure."""

from __future__ import annotations

import re

from batches.collection_events import IncomingCode
from ledger.event import Refused
from ledger.event import marked as _

_SEC = re.compile(r"(?:SEC:)?[A-Z]{2}[A-Z0-9]{4}[A-Z0-9]{10,13}.*").fullmatch
_DIN = re.compile(r"=[A-Z0-9]{5}[0-9]{2}[0-9]{6}[0-9A-Z]{2}").fullmatch
_PRINTABLE = re.compile(r"[!-~ ]{3,80}").fullmatch


def read(typed: str) -> list[IncomingCode]:
    """One code a line, kept to the letter; a Single European Code has 40 characters."""
    lines = [line.strip() for line in typed.splitlines() if line.strip()]
    if len(lines) > 20 or not all(_PRINTABLE(line) for line in lines):
        raise Refused(
            _("Scan one code a line, 3 to 80 plain characters each, 20 at most."), code="codes"
        )
    return [IncomingCode(system=system_of(line), text=line) for line in lines]


def system_of(text: str) -> str:
    """Which of the coding systems a text belongs to, by its form alone."""
    if _DIN(text) or (text[:2] in ("=<", "=,", "=+", "=)") and len(text) > 4):
        return "ISBT 128"
    if len(text.removeprefix("SEC:")) == 40 and _SEC(text):
        return "SEC"
    return "other"
