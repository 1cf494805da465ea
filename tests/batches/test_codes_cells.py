"""ISBT 128, the Single European Code, and the chain of identity's own codes."""

import json
import random
import secrets
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batches import check_character, codes, coi_code, isbt, sec
from batches.codes import read_code
from ledger.event import Refused

DIN = "G123498654321"
SEC = "ES00A317G123498654321A00S123400020271231"
ALPHABET = check_character.ALPHABET


def test_r20_the_check_character_is_the_published_one(shared: Path) -> None:
    """Given the worked example of the standard's users, then value, flag and letter agree."""
    cases = json.loads((shared / "interop/isbt/vectors.json").read_text("utf-8"))["din_check"]
    for case in cases:
        assert check_character.check_value(case["din"]) == case["checksum"]
        assert check_character.check_character(case["din"]) == case["check_char"]
        code = read_code(f"={case['din']}{case['flag_chars']}")
        assert code.wrong == "" and code.get("check") == case["check_char"]
    assert cases


@settings(max_examples=500, deadline=None)
@given(body=st.text(ALPHABET, min_size=2, max_size=30), data=st.data())
def test_one_wrong_character_is_always_caught(body: str, data: st.DataObject) -> None:
    """Given any checked text, when one character is another, then it is not sound."""
    text = body + check_character.check_character(body)
    place = data.draw(st.integers(0, len(text) - 1))
    letter = data.draw(st.sampled_from(ALPHABET).filter(lambda c: c != text[place]))
    assert check_character.is_checked(text)
    assert not check_character.is_checked(text[:place] + letter + text[place + 1 :])


def test_r20_a_donation_number_misread_or_mistyped_is_refused() -> None:
    """Given a number with its flag or its boxed letter, then no single slip passes."""
    for text in (f"={DIN}77", f"{DIN}00H"):
        sound = read_code(text)
        assert sound.get("din") == DIN
        for place in range(len(text)):
            for letter in "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ":
                wrong = text[:place] + letter + text[place + 1 :]
                code = read_code(wrong)
                slipped = wrong != text and code.get("din") not in ("", DIN)
                # A flag below 60 is a number of the process, no check: the number is whole then.
                assert not slipped or code.get("flags") < "60" != sound.get("flags"), wrong


def test_r20_a_whole_label_is_read_and_what_is_not_needed_is_stepped_over() -> None:
    """Given a compound symbol with a blood group, tests and a patient's number, then the donation,
    product and expiry are kept, and of the others only that they were there.
    """
    scan = f"=+05000={DIN}77=%5100=<S1234V00&>0263652359&#ES041234"
    code = read_code(scan)
    assert code.wrong == ""
    assert code.fields == {
        "din": DIN,
        "flags": "77",
        "check": "H",
        "product": "S1234V00",
        "expiry": "2026-12-31T23:59",
        "left_out": "blood_group patient_number",
    }
    assert "1234" not in code.text.replace(DIN, "").replace("S1234", "")
    assert "5100" not in code.text


@pytest.mark.parametrize(
    ("scan", "code"),
    [
        (f"=+02000={DIN}77", "isbt_parts"),
        (f"={DIN}7", "isbt_short"),
        (f"={DIN}78", "din_check"),
        (f"={DIN}77={DIN[:-1]}200", "isbt_twice"),
        ("&>0263662400", "isbt_date"),
        ("&>0263660000", "isbt_date"),
        ("=%5100", "isbt_left_out"),
        ("&zABCDEF", "isbt_identifier"),
        ("=<12345678", "isbt_product"),
        ("&/XXG123426000123", "isbt_coi"),
        ("=O123498654321", "isbt_short"),
    ],
)
def test_an_unsound_label_is_refused_with_a_sentence(scan: str, code: str) -> None:
    read = read_code(scan)
    assert read.refused is not None and read.refused.code == code
    assert read.wrong.endswith(".")


def test_r20_the_chain_of_identity_identifier_of_isbt_128_is_read() -> None:
    assert read_code("&/CHG123426000123").fields == {"isbt_coi": "CHG123426000123"}


@pytest.mark.parametrize(
    ("system", "product", "written"),
    [("A", "S1234", "00S1234"), ("E", "59", "0000059"), ("B", "3T0A1", "003T0A1")],
)
def test_r20_the_three_coding_systems_are_read_checked_and_printed(
    system: str, product: str, written: str
) -> None:
    """Given a code of each system, then it reads from one line, two, and the data structure."""
    made = sec.made(
        country="BE",
        te="A317",
        donation=DIN,
        system=system,
        product=product,
        split="1",
        expiry="2027-12-31",
    )
    assert len(made.text) == 40 and made.product == written and made.establishment == "00A317"
    for text in (made.text, made.printed, f"SEC:{made.text.lower()}"):
        code = read_code(text)
        assert code.kind == codes.SEC and code.text == made.text
        assert (code.get("system"), code.get("expiry")) == (system, "2027-12-31")
    held = read_code(f"&,4{made.text}")
    assert held.kind == codes.ISBT and held.get("sec") == made.text


def test_r20_the_establishments_padding_is_the_published_one(shared: Path) -> None:
    layout = json.loads((shared / "interop/isbt/vectors.json").read_text("utf-8"))["sec"]
    example = layout["te_padding_example"]
    made = sec.made(
        country=example["country"],
        te=example["te_code"],
        donation=DIN,
        system="E",
        product="1",
        split="0",
        expiry="",
    )
    assert made.establishment == example["te_number"]
    assert made.expiry == "" and made.text.endswith("00000000")
    assert sum(int(length) if str(length).isdigit() else 0 for _n, length, _k in layout["fields"])
    assert len(made.text) == layout["total"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (SEC[:-1], "sec_length"),
        ("ZZ" + SEC[2:], "sec_country"),
        (SEC[:21] + "C" + SEC[22:], "sec_system"),
        (SEC[:22] + "1234567" + SEC[29:], "sec_product"),
        (SEC[:-8] + "20271301", "sec_expiry"),
        (SEC[:2] + "00a?17" + SEC[8:], "sec_form"),
    ],
)
def test_an_unsound_european_code_is_refused(text: str, code: str) -> None:
    read = read_code("SEC:" + text)
    assert read.refused is not None and read.refused.code == code


def test_r11_an_identifier_is_minted_checked_and_read_as_people_write_it() -> None:
    """Given a thousand identifiers, then each is sound, reads in groups, and none is met twice."""
    chance = random.Random(11)
    made = [coi_code.new_coi(chance.choice) for _n in range(1000)]
    assert len(set(made)) == 1000
    for coi in made:
        assert coi_code.is_coi(coi)
        assert read_code(coi_code.grouped(coi).lower()).text == coi


def test_r11_one_wrong_character_of_an_identifier_or_patient_code_never_passes() -> None:
    key = secrets.token_bytes(32)
    coi = coi_code.new_coi(secrets.choice)
    for text, kind in ((coi, codes.COI), (coi_code.patient_code(coi, key=key), codes.PATIENT)):
        assert read_code(text).kind == kind
        for place in range(len(text)):
            for letter in ALPHABET.replace(text[place], ""):
                code = read_code(text[:place] + letter + text[place + 1 :])
                assert code.wrong or code.kind == codes.PLAIN
                with pytest.raises(Refused):
                    codes.demand(text[:place] + letter + text[place + 1 :], kind)


def test_r11_what_a_page_shows_is_no_patient_code() -> None:
    """Given an identifier as pages show it, then it is not what a scan of the label gives: that
    changes with the key, and with every issue of labels.
    """
    key, other = secrets.token_bytes(32), secrets.token_bytes(32)
    coi = coi_code.new_coi(secrets.choice)
    scanned = coi_code.patient_code(coi, key=key)
    with pytest.raises(Refused):
        codes.demand(coi, codes.PATIENT)
    made = {coi_code.patient_code(coi, key=one, issue=n) for one in (key, other) for n in (1, 2)}
    assert len(made) == 4 and scanned in made
    assert coi not in scanned[13:]


@pytest.mark.parametrize("kind", codes.OWN.values())
def test_our_own_codes_name_what_they_are(kind: str) -> None:
    text = codes.own_code(kind, "CF-01")
    assert read_code(text).fields == {kind: "CF-01"}
    assert codes.demand(text, kind).text == text
    for place in range(2, len(text)):
        for letter in ALPHABET.replace("*", "-").replace(text[place], ""):
            code = read_code(text[:place] + letter + text[place + 1 :])
            assert code.wrong or code.kind == codes.PLAIN


def test_what_is_typed_by_hand_is_given_back_as_it_is() -> None:
    assert read_code(" CF-01 ").fields == {"text": "CF-01"}
    assert read_code("\x07").kind == codes.UNREADABLE
    assert read_code("").kind == codes.EMPTY
    assert isbt.is_isbt("=abc") is False


SOUND = (
    "]d201095060001343521726120010AB-7\x1d21XYZ\x1d911",
    "(01)09506000134352(17)261200(10)AB-7",
    "01095060001343523103000189",
    f"={DIN}77=<S1234V00&>0263652359",
    f"=+03000={DIN}00=%5100&,1LOT0000000000012345"[:47],
    SEC,
    f"&,4{SEC}",
    "C7Q2M9X4KH",
    "LBU-CF-01-L",
    f"{DIN}00H",
    "P1CXYWZV6AS4N2CZ5RXR64F",
    "CF-01",
)


def mutated(text: str, chance: random.Random) -> str:
    """One to four letters changed, lost, doubled, swapped or put in; sometimes cut or joined."""
    letters = list(text)
    for _slip in range(chance.randint(1, 4)):
        place = chance.randrange(len(letters) + 1)
        any_letter = chance.choice(
            [chr(chance.randrange(32, 127)), "\x1d", "\x00", "é", "]", "(", "=", "&", "\u202e"]
        )
        match chance.randrange(6):
            case 0:
                letters[place : place + 1] = [any_letter]
            case 1:
                letters[place : place + 1] = []
            case 2:
                letters[place:place] = [any_letter]
            case 3:
                letters[place : place + 2] = reversed(letters[place : place + 2])
            case 4:
                letters[place:] = letters[place:][: chance.randrange(8)]
            case _:
                letters += list(chance.choice(SOUND))
    return "".join(letters)


def test_r11_ten_thousand_mutated_codes_are_refused_or_read_the_same_again() -> None:
    """Given 10,000 codes with slips, then each is refused with a sentence, or its canonical text
    reads as the same code: nothing in between, and never a fault.
    """
    chance, refused, kept = random.Random(20261123), 0, 0
    for _n in range(10_000):
        text = mutated(chance.choice(SOUND), chance)
        code = read_code(text)
        if code.wrong:
            refused += 1
            assert code.wrong[-1] in ".!" and code.text == "" and code.fields == {}
            continue
        kept += 1
        again = read_code(code.text)
        wanted = {name: value for name, value in code.fields.items() if name != "left_out"}
        assert (again.kind, again.text, again.fields) == (code.kind, code.text, wanted), text
    print(f"{refused} refused, {kept} read the same again")
    assert refused > 3000 and kept > 500


@settings(max_examples=500, deadline=None)
@given(text=st.text(max_size=120))
def test_any_text_is_refused_or_reads_the_same_again(text: str) -> None:
    code = read_code(text)
    if not code.wrong:
        assert read_code(code.text).text == code.text
