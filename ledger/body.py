"""The canonical bytes of an event's body. It refuses what the profile forbids; it never repairs."""

import re
import unicodedata
from typing import Any

import msgspec

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 32
MAX_INT = 2**53 - 1  # what every JSON reader holds exactly (RFC 7493)

# C0 controls other than line feed and tab, DEL, and lone surrogates.
_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_encode = msgspec.json.Encoder(order="sorted").encode
_decode = msgspec.json.Decoder(dict[str, Any]).decode


class BodyRefused(ValueError):
    """The profile forbids something in this body."""


class TextRefused(BodyRefused):
    """A text holds what cannot be kept, such as a control character."""


class BodyTooLong(BodyRefused):
    """The body is longer than the profile allows."""


def encode(obj: dict[str, Any]) -> bytes:
    """The RFC 8785 bytes of an object within the profile: no floats, ASCII keys, NFC text.

    Within this profile msgspec's sorted encoder is byte-identical to RFC 8785.
    """
    if type(obj) is not dict:
        raise BodyRefused(f"A body is an object, not {type(obj).__name__}.")
    _check(obj, "body", 1)
    data = _encode(obj)
    if len(data) > MAX_BYTES:
        raise BodyTooLong(f"A body holds at most {MAX_BYTES} bytes; this one has {len(data)}.")
    return data


def _check(value: Any, path: str, depth: int) -> None:
    kind = type(value)
    if kind is str:
        _check_text(value, path)
    elif kind is int:
        if not -MAX_INT <= value <= MAX_INT:
            raise BodyRefused(f"{path}: {value} is beyond 2^53; write it as text.")
    elif kind is dict:
        _check_object(value, path, depth)
    elif kind is list:
        _check_depth(path, depth)
        for index, item in enumerate(value):
            _check(item, f"{path}[{index}]", depth + 1)
    elif value is not None and kind is not bool:
        raise BodyRefused(f"{path}: {kind.__name__} is not allowed; decimals and times are text.")


def _check_object(value: dict[str, Any], path: str, depth: int) -> None:
    _check_depth(path, depth)
    for key, item in value.items():
        fits = type(key) is str and key.isascii()
        if not fits or (not key.isprintable() and _FORBIDDEN.search(key)):
            raise BodyRefused(f"{path}: the key {key!r} is not plain ASCII text.")
        if type(item) is str and item.isascii() and item.isprintable():
            continue  # most are, and need no path for a sentence
        _check(item, f"{path}.{key}", depth + 1)


def _check_text(value: str, path: str) -> None:
    if value.isascii() and value.isprintable():
        return
    if _FORBIDDEN.search(value):
        raise TextRefused(f"{path}: the text holds a control character or half a character.")
    if not unicodedata.is_normalized("NFC", value):
        raise TextRefused(f"{path}: the text is not in Unicode normal form C.")


def _check_depth(path: str, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise BodyRefused(f"{path}: nested more than {MAX_DEPTH} deep.")


def decode(data: bytes) -> dict[str, Any]:
    """Read a stored body back."""
    return _decode(data)
