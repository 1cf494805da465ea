"""GS1: the published linters and element strings, what wedges send, and any one wrong digit."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batches import gs1
from batches.codes import GS1, read_code
from batches.gs1_elements import ELEMENTS
from batches.gs1_linters import CSET82, LINTERS, check_digit, check_pair, csum, csumalpha
from ledger.event import Refused
from tests.batches import drawing

GTIN = "09506000134352"


def vectors(shared: Path, name: str) -> Iterator[dict[str, Any]]:
    for line in (shared / "interop" / "gs1" / name).read_text("utf-8").splitlines():
        yield json.loads(line)


def reads(text: str, *, bracketed: bool = False) -> str | None:
    """The canonical data of an element string, or nothing where it is refused."""
    try:
        held = gs1.parse_bracketed(text) if bracketed else gs1.parse(text)
    except Refused:
        return None
    return drawing.data_of(held).replace(gs1.FNC1, "^")


def test_r20_every_linter_that_is_used_holds_its_published_vectors(shared: Path) -> None:
    """Given GS1's lint vectors, when each is linted here, then every verdict is the published."""
    used = {name for each in ELEMENTS.values() for part in each.parts for name in part.linters}
    assert used <= set(LINTERS)
    tried: Counter[str] = Counter()
    wrong = []
    for vector in vectors(shared, "lint_vectors.jsonl"):
        linter = LINTERS.get(vector["linter"])
        if linter is not None:
            tried[vector["linter"]] += 1
            if linter(vector["input"]) is not vector["ok"]:
                wrong.append(vector)
    print(f"{sum(tried.values())} vectors of {len(tried)} linters, {len(wrong)} wrong")
    assert wrong == []
    assert set(tried) >= used
    assert sum(tried.values()) > 3500


def test_r20_element_strings_read_as_published(shared: Path) -> None:
    """Given GS1's element strings, then those that are right read, and the others are refused."""
    right, wrong = 0, []
    for vector in vectors(shared, "ai_vectors.jsonl"):
        if vector["kind"] not in ("processAIdata", "parseAIdata"):
            continue
        found = reads(vector["input"], bracketed=vector["kind"] == "parseAIdata")
        agrees = (found is not None) is vector["ok"]
        if agrees and vector["ok"] and vector["kind"] == "parseAIdata":
            agrees = found == vector["expect"]
        right += agrees
        wrong += [] if agrees else [vector]
    print(f"{right} of {right + len(wrong)} element strings; not so: {wrong}")
    assert right >= 104 and len(wrong) <= 2


def test_r20_scans_with_a_symbology_identifier_read_as_published(shared: Path) -> None:
    """Given what scanners send for GS1 symbols, then their elements are as published."""
    tried = 0
    for vector in vectors(shared, "ai_vectors.jsonl"):
        if vector["kind"] == "processScanData" and vector["input"][:3] in gs1.SYMBOLS:
            tried += 1
            code = read_code(vector["input"])
            assert (code.kind == GS1 and not code.wrong) is vector["ok"], vector
            if vector["ok"]:
                assert reads(vector["input"]) == vector["expect"]
    print(f"{tried} scans")
    assert tried >= 12


@pytest.mark.parametrize(
    "scan",
    [
        f"]d201{GTIN}1726120010AB-7\x1d21XYZ",
        f"]C101{GTIN}1726120010AB-7\x1d21XYZ",
        f"]d2\x1d01{GTIN}1726120010AB-7\x1d21XYZ\x1d",
        f"01{GTIN}1726120010AB-7\x1d21XYZ",
        f"\x1d01{GTIN}1726120010AB-7\x1d21XYZ",
        f"]d201{GTIN}1726120010AB-7~21XYZ",
        f"01{GTIN}1726120010AB-7|21XYZ",
        f"01{GTIN}1726120010AB-7{{GS}}21XYZ",
        f"^01{GTIN}1726120010AB-7^21XYZ",
        f"01{GTIN}1726120010AB-7\u241d21XYZ",
        f"(01){GTIN}(17)261200(10)AB-7(21)XYZ",
    ],
)
def test_r20_a_wedge_may_send_the_separator_in_its_own_way(scan: str) -> None:
    """Given one symbol and wedges set in different ways, then they read alike."""
    code = read_code(f" {scan}\r\n")
    assert code.wrong == "" and code.kind == GS1
    assert code.text == f"(01){GTIN}(17)261200(10)AB-7(21)XYZ"
    assert code.fields == {
        "gtin": GTIN,
        "expiry": "2026-12-31",  # day 00 is the month's last
        "lot": "AB-7",
        "serial": "XYZ",
    }


def test_r20_an_article_number_alone_is_read() -> None:
    assert read_code("]E09506000134352").fields == {"gtin": GTIN}
    assert "check digit" in read_code("]E09506000134351").wrong


def test_r21_what_says_who_a_person_is_is_left_out() -> None:
    """Given a wristband with a name and a date of birth, then neither is in the text or fields."""
    code = read_code("]d28018123456789012345675\x1d7253MUSTER\x1d725019800102")
    assert code.text == "(8018)123456789012345675"
    assert code.fields == {
        "recipient": "123456789012345675",
        "left_out": "family_name birth_date",
    }


@pytest.mark.parametrize(
    ("scan", "code"),
    [
        ("]d20109506000134351", "gs1_value"),
        ("]d2", "gs1_start"),
        ("]d23912978123", "gs1_identifier"),
        (f"]d201{GTIN}17261301", "gs1_value"),
        (f"(01){GTIN}(10)A(10)B", "gs1_twice"),
        ("(01)1(99", "gs1_value"),
        ("(1)23", "gs1_brackets"),
    ],
)
def test_a_code_that_is_not_sound_is_refused_with_a_sentence(scan: str, code: str) -> None:
    read = read_code(scan) if not scan.startswith("(1)") else None
    if read is None:
        with pytest.raises(Refused) as refused:
            gs1.parse_bracketed(scan)
        assert refused.value.code == code
    else:
        assert read.refused is not None and read.refused.code == code
        assert read.wrong.endswith((".", "again.")) and read.fields == {}


@settings(max_examples=300, deadline=None)
@given(body=st.text("0123456789", min_size=13, max_size=13), data=st.data())
def test_a_wrong_digit_of_a_key_never_passes(body: str, data: st.DataObject) -> None:
    """Given a GTIN, when any one digit is another, then it is refused."""
    number = body + check_digit(body)
    place = data.draw(st.integers(0, 13))
    digit = data.draw(st.sampled_from("0123456789").filter(lambda d: d != number[place]))
    wrong = number[:place] + digit + number[place + 1 :]
    assert csum(number) and not csum(wrong)
    assert read_code(f"]d201{wrong}").wrong
    assert read_code(f"]d201{number}").wrong == ""


@settings(max_examples=300, deadline=None)
@given(body=st.text(sorted(CSET82), min_size=1, max_size=23), data=st.data())
def test_a_wrong_character_of_a_model_number_never_passes(body: str, data: st.DataObject) -> None:
    number = body + check_pair(body)
    place = data.draw(st.integers(0, len(number) - 1))
    letter = data.draw(st.sampled_from(sorted(CSET82)).filter(lambda c: c != number[place]))
    assert csumalpha(number)
    assert not csumalpha(number[:place] + letter + number[place + 1 :])


values = st.fixed_dictionaries(
    {
        "10": st.text(sorted(CSET82), min_size=1, max_size=20),
        "17": st.dates().map(lambda day: day.strftime("%y%m%d")),
        "21": st.text(sorted(CSET82), min_size=1, max_size=20),
        "91": st.text(sorted(CSET82), min_size=1, max_size=40),
    }
)


@settings(max_examples=300, deadline=None)
@given(values=values)
def test_what_is_built_reads_back(values: dict[str, str]) -> None:
    """Given any lot, day and serial, then the symbol's data and the brackets read as written."""
    held = gs1.build([("01", GTIN), *values.items()])
    assert gs1.parse(drawing.data_of(held)) == held
    assert gs1.parse_bracketed(gs1.bracketed(held)) == held


def test_the_table_is_a_subset_of_the_dictionary(shared: Path) -> None:
    """Given GS1's own dictionary, then each layout here has its length and its fixedness."""
    path = shared / "interop" / "gs1" / "gs1-syntax-dictionary.txt"
    published: dict[str, tuple[bool, int]] = {}
    for line in path.read_text("utf-8").splitlines():
        words = line.split("#")[0].split()
        if not words or not words[0][0].isdigit():
            continue
        flags = words[1] if not words[1][0].isalnum() and words[1][0] != "[" else ""
        parts = [w for w in words[1 + bool(flags) :] if w.strip("[")[0] in "NXYZ" and "=" not in w]
        most = sum(int("".join(c for c in w.split(",")[0] if c.isdigit())) for w in parts)
        first, _dash, last = words[0].partition("-")
        for ai in range(int(first), int(last or first) + 1):
            published[str(ai).rjust(len(first), "0")] = ("*" in flags, most)
    for ai, element in ELEMENTS.items():
        assert (element.fixed, element.most) == published[ai], ai
    assert len(ELEMENTS) > 350
