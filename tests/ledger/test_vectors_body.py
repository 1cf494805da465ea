"""RFC 8785's documents against the body's profile: what is within it is byte-identical (R19)."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger import body
from ledger.body import BodyRefused
from ledger.verify import parse_body

FOLDERS = ("jcs/testdata", "rfc8785-py/test/assets")
# Of the six documents one is within the profile; the others hold what it forbids. (The 56.0 in one
# is refused when it is written; the 56 in its canonical bytes is an integer like any other.)
REFUSED = {
    "french": "plain ASCII",
    "structures": "float",
    "unicode": "normal form C",
    "values": "float",
    "weird": "plain ASCII",
}


def documents(shared: Path) -> Iterator[tuple[str, Any, bytes]]:
    """Each document: its name, the input read, the canonical bytes expected."""
    for folder in FOLDERS:
        base = shared / "vectors" / folder
        for file in sorted((base / "input").glob("*.json")):
            expected = (base / "output" / file.name).read_bytes()
            assert bytes.fromhex((base / "outhex" / f"{file.stem}.txt").read_text()) == expected
            yield file.stem, json.loads(file.read_text()), expected


def parts(value: Any) -> Iterator[Any]:
    yield value
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for item in inner:
        yield from parts(item)


def test_documents_within_the_profile_have_the_bytes_of_rfc_8785_r19(shared: Path) -> None:
    """Given RFC 8785's documents as a body's data; then what we accept has exactly their bytes,
    what we refuse is refused by the writer and by the verifier."""
    seen: list[str] = []
    for name, content, expected in documents(shared):
        wrapped = b'{"data":' + expected + b"}"
        seen.append(name)
        if name in REFUSED:
            with pytest.raises(BodyRefused, match=REFUSED[name]):
                body.encode({"data": content})
        if name in REFUSED and name != "structures":
            with pytest.raises(ValueError, match=r"number|key|text|canonical"):
                parse_body(wrapped)
        else:
            assert parse_body(wrapped) == {"data": content}
            assert body.encode(parse_body(wrapped)) == wrapped
    assert len(seen) == 12
    assert set(seen) - set(REFUSED) == {"arrays"}


def test_every_part_within_the_profile_stands_in_the_expected_bytes_r19(shared: Path) -> None:
    """Given each value inside those documents; when it is within the profile; then our bytes for
    it are a piece of the expected bytes."""
    within = 0
    for _, content, expected in documents(shared):
        for part in parts(content):
            try:
                ours = body.encode({"v": part})
            except BodyRefused:
                continue
            assert ours[5:-1] in expected
            assert parse_body(ours) == {"v": part}
            within += 1
    assert within >= 40


@pytest.mark.parametrize(
    "raw",
    [
        b'{"a":1.0}',
        b'{"a":1e2}',
        b'{"a":NaN}',
        b'{"a":9007199254740992}',
        b'{"a":-9007199254740992}',
        b'{"b":1,"a":2}',
        b'{"a":1, "b":2}',
        b'{"a":1,"a":1}',
        b'{"a":"\\u0041"}',
        b'{"a":"\\r"}',
        b'{"a":"\\u0000"}',
        b'{"a":"\\ud800"}',
        b'{"a":"\x7f"}',
        '{"a":"e\u0301"}'.encode(),
        '{"é":1}'.encode(),
        b'{"a":"\xff"}',
        b'{"a":1}\n',
        b"[]",
        b"",
        b'{"a":' * 40 + b"1" + b"}" * 40,
        b'{"a":' * 100_000,
        b'{"a":"' + b"x" * (1 << 20) + b'"}',
    ],
)
def test_the_verifier_refuses_what_the_writer_never_writes_r18(raw: bytes) -> None:
    """Given bytes outside the profile; then the verifier says so, and never breaks."""
    with pytest.raises((ValueError, RecursionError)):
        parse_body(raw)
