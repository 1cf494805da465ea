"""GS1 Digital Links as published, and identifiers that contradict one another."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import pytest

from batches import gs1, gs1_link, gs1_pairs
from batches.codes import GS1, read_code
from batches.gs1_elements import ELEMENTS
from tests.batches import drawing
from tests.batches.test_codes_gs1 import GTIN, vectors

# Read only by who permits it: names for identifiers, keys without their zeros, prices, an
# identifier that is allotted to nothing.
PERMITTED = re.compile(r"/(gtin|sscc)/|/01/[0-9]{13}(?![0-9])|3922=|89=")


def told(text: str) -> str:
    """The elements of an address as the vectors write them, or nothing where it is refused."""
    code = read_code(text)
    assert (code.kind == GS1 and not code.wrong) or code.fields == {}
    return "" if code.wrong else drawing.data_of(gs1.parse_link(text)).replace(gs1.FNC1, "^")


def test_r20_digital_links_read_as_published(shared: Path) -> None:
    """Given GS1's addresses, then each that needs no permission reads as published or is refused,
    and those that need one are refused."""
    tried, permitted = 0, 0
    for vector in vectors(shared, "ai_vectors.jsonl"):
        if vector["kind"] != "parseDLuri" or not vector["input"].lower().startswith("http"):
            continue
        tried += 1
        if PERMITTED.search(vector["input"]):
            permitted += 1
            assert told(vector["input"]) == "", vector
        else:
            assert told(vector["input"]) == (vector["expect"] if vector["ok"] else ""), vector
    print(f"{tried} addresses, of which {permitted} need a permission")
    assert tried >= 75 and permitted <= 20


def test_an_address_reads_as_the_symbol_with_the_same_elements() -> None:
    """Given one pack's symbol and link, then text and fields are alike, and no word of the web
    site goes on record."""
    link = f"https://medium.example/cells/01/{GTIN}/10/AB%2D7/21/XYZ?17=261200&linkType=all#top"
    code = read_code(f"]Q1{link}\r\n")
    assert code.fields == read_code(f"]d201{GTIN}1726120010AB-7\x1d21XYZ").fields
    assert code.text == f"(01){GTIN}(10)AB-7(21)XYZ(17)261200"
    wristband = read_code("https://a.example/8018/123456789012345675?7253=MUSTER")
    assert wristband.text == "(8018)123456789012345675" and "MUSTER" not in str(wristband.fields)


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("https://www.example.com/", "gs1_link"),
        ("http://example.com/shop?lot=AB12", "gs1_link"),
        (f"https://id.gs1.org/01/{GTIN[:-1]}1", "gs1_value"),
        (f"https://id.gs1.org/01/{GTIN}/21/X/10/A", "gs1_link"),
        (f"https://id.gs1.org/01/{GTIN}?21=X", "gs1_link"),
        (f"https://id.gs1.org/01/{GTIN}/10/A%2", "gs1_link"),
        (f"https://id.gs1.org/01/{GTIN}/10/A%E4", "gs1_value"),
        (f"https://id.gs1.org/01/{GTIN}?99=A+B", "gs1_value"),
        (f"https://id.gs1.org/01/{GTIN}?37=5", "gs1_pair"),
    ],
)
def test_a_web_address_that_is_none_says_so_in_a_sentence(address: str, code: str) -> None:
    read = read_code(address)
    assert read.refused is not None and read.refused.code == code
    assert read.wrong.endswith(".") and read.fields == {} and read.text == ""


def published(shared: Path) -> Iterator[tuple[str, str, dict[str, list[str]]]]:
    """Each identifier of the dictionary that is read here, its flags and its attributes."""
    path = shared / "interop" / "gs1" / "gs1-syntax-dictionary.txt"
    for line in path.read_text("utf-8").splitlines():
        words = line.split("#")[0].split()
        if not words or not words[0][0].isdigit():
            continue
        flags = words[1] if not words[1][0].isalnum() and words[1][0] != "[" else ""
        told: dict[str, list[str]] = {}
        for word in words[2:]:
            name, _equals, value = word.partition("=")
            told.setdefault(name, []).append(value)
        first, _dash, last = words[0].partition("-")
        for number in range(int(first), int(last or first) + 1):
            ai = str(number).rjust(len(first), "0")
            if ai in ELEMENTS:
                yield ai, flags, told


def test_keys_their_qualifiers_and_attributes_are_the_dictionarys(shared: Path) -> None:
    keys = {ai: told["dlpkey"][0] for ai, _f, told in published(shared) if "dlpkey" in told}
    assert keys == gs1_link.KEYS
    assert {ai for ai, flags, _t in published(shared) if "?" not in flags} == gs1_link.NEVER_ASKED


def test_every_pair_that_the_dictionary_excludes_contradicts_and_no_other(shared: Path) -> None:
    excluded = set()
    for ai, _flags, told in published(shared):
        for pattern in ",".join(told.get("ex", [])).split(","):
            like = re.compile(pattern.replace("n", "[0-9]"))
            excluded |= {frozenset((ai, b)) for b in ELEMENTS if b != ai and like.fullmatch(b)}
    assert len(excluded) > 800
    found = {frozenset(p) for p in combinations(ELEMENTS, 2) if gs1_pairs.contradict(*p)}
    assert found == excluded


def test_two_weights_in_one_symbol_are_refused() -> None:
    code = read_code(f"(01){GTIN}(3102)000195(3103)000195")
    assert code.refused is not None and code.refused.code == "gs1_pair"
    assert "(3102) and (3103)" in code.wrong
    assert json.dumps(code.fields) == "{}"
