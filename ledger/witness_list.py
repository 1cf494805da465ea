"""LOTBOOK_WITNESSES: which witnesses cosign, and at which addresses. Pure: the settings read it."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from ledger.verify import VerifierKey, parse_vkey


@dataclass(frozen=True, slots=True)
class Witness:
    """A witness's key and the address its calls are sent to."""

    key: VerifierKey
    url: str


def parse_witnesses(text: str) -> list[Witness]:
    """Read LOTBOOK_WITNESSES: `vkey url` pairs, separated by commas or new lines."""
    found = []
    for item in text.replace("\n", ",").split(","):
        if not item.strip():
            continue
        vkey, _, url = item.strip().partition(" ")
        if urlsplit(url.strip()).scheme not in {"http", "https"}:
            raise ValueError(f"LOTBOOK_WITNESSES: {item.strip()!r} is not a vkey and an address.")
        found.append(Witness(parse_vkey(vkey), url.strip().rstrip("/")))
    return found
