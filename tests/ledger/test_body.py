"""Canonical bytes: what is written, and what is refused rather than repaired."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import body
from ledger.body import BodyRefused

KEYS = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=8)
TEXT = st.text(st.characters(min_codepoint=32, max_codepoint=0x2FF, exclude_characters="\x7f"))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXT.filter(str.isprintable),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


def nfc(value: Any) -> bool:
    import unicodedata

    return unicodedata.is_normalized("NFC", json.dumps(value, ensure_ascii=False))


@given(st.dictionaries(KEYS, VALUES.filter(nfc), max_size=5))
def test_what_is_written_reads_back_and_writes_the_same_again(content: dict[str, Any]) -> None:
    data = body.encode(content)
    assert body.decode(data) == content
    assert body.encode(body.decode(data)) == data
    # Another writer, of the standard library, writes the same.
    assert data == json.dumps(
        content, sort_keys=True, ensure_ascii=False, separators=(",", ":")
    ).encode("utf-8")


@given(st.dictionaries(KEYS, VALUES.filter(nfc), max_size=5))
def test_the_bytes_do_not_depend_on_the_order_of_keys(content: dict[str, Any]) -> None:
    backwards = dict(reversed(list(content.items())))
    assert body.encode(content) == body.encode(backwards)


def test_the_bytes_are_the_canonical_ones() -> None:
    assert (
        body.encode({"b": "µ\n", "a": [1, True, None]}) == '{"a":[1,true,null],"b":"µ\\n"}'.encode()
    )


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (7.4, "float is not allowed"),
        (float("nan"), "float is not allowed"),
        (2**53, "beyond 2\\^53"),
        ("e\u0301", "normal form C"),
        ("bell\x07", "control character"),
        ("carriage\rreturn", "control character"),
        ("\ud800", "half a character"),
        (("a", "b"), "tuple is not allowed"),
        (b"bytes", "bytes is not allowed"),
        ({"clé": 1}, "plain ASCII"),
        ({1: 1}, "plain ASCII"),
    ],
)
def test_what_the_profile_forbids_is_refused_with_its_place(value: Any, sentence: str) -> None:
    with pytest.raises(BodyRefused, match=sentence) as refused:
        body.encode({"data": {"list": [0, value]}})
    assert str(refused.value).startswith("body.data.list[1]")


def test_a_body_is_an_object() -> None:
    with pytest.raises(BodyRefused, match="is an object"):
        body.encode([])  # type: ignore[arg-type]


def test_nesting_is_bounded() -> None:
    deep: Any = 0
    for _ in range(body.MAX_DEPTH):
        deep = [deep]
    with pytest.raises(BodyRefused, match="deep"):
        body.encode({"data": deep})


def test_size_is_bounded() -> None:
    with pytest.raises(BodyRefused, match="at most"):
        body.encode({"data": "x" * body.MAX_BYTES})
