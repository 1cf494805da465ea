"""One way in for everything that is scanned or typed from a label: `read_code`. Pure.

It tells which kind of code a text is, its fields, one canonical writing of it, and what is wrong
with it. What goes on record is `text`: what a label says about a person is left out of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from batches import coi_code, gs1, gs1_link, isbt, sec
from batches.check_character import check_character
from ledger.event import Refused
from ledger.event import marked as _

GS1, ISBT, SEC, COI, PATIENT = "gs1", "isbt128", "sec", "coi", "patient"
LOT, UNIT, ROOM, SAMPLE, CONTAINER, LABEL = "lot", "unit", "room", "sample", "container", "label"
PLAIN, EMPTY, UNREADABLE = "plain", "empty", "unreadable"
LONGEST = 400
# Our own codes: LB, a letter for what it names, its number, a check character: LBU-CF-01-7.
OWN = {"L": LOT, "U": UNIT, "R": ROOM, "S": SAMPLE, "K": CONTAINER, "E": LABEL}
_OWN = re.compile(r"LB([LURSKE])-([A-Z0-9][A-Z0-9-]{0,39})-([0-9A-Z*])")
_OWN_START = re.compile(r"LB[A-Z]-")
_NUMBER = re.compile(r"[A-Z0-9](?:[A-Z0-9-]{0,38}[A-Z0-9])?")
_GS1_START = re.compile(r"0[0-3][0-9]{14}|\([0-9]{2,4}\)|\x1d|\^[0-9]{2}")
_LINEAR = ("]E0", "]E4", "]I1")
_AIM = re.compile(r"\][A-Za-z][0-9m]")
_AROUND = " \t\r\n\x00"


@dataclass(frozen=True, kw_only=True)
class Code:
    """What was read: its kind, its fields by name, its canonical text, and what is wrong."""

    kind: str
    text: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    refused: Refused | None = None

    @property
    def wrong(self) -> str:
        """What is wrong with the code, as a sentence; empty where it is sound."""
        return str(self.refused) if self.refused else ""

    def get(self, name: str) -> str:
        return self.fields.get(name, "")


def read_code(text: str) -> Code:
    """Read a scan, or what was typed in its place. Never raises: the code says what is wrong."""
    typed = _bare(text[: LONGEST + 1])
    if not typed:
        return Code(kind=EMPTY, refused=Refused(_("Scan a code, or type it."), code="code_empty"))
    if len(typed) > LONGEST:
        wrong = Refused(_("This is too long for a code. Scan one label."), code="code_long")
        return Code(kind=UNREADABLE, refused=wrong)
    for kind, read in _READERS:
        try:
            found = read(typed)
        except Refused as refused:
            return Code(kind=kind, refused=refused)
        if found is not None:
            return found
    return _plain(typed)


def demand(text: str, *kinds: str) -> Code:
    """A sound code of one of these kinds, or a sentence that says what to scan."""
    code = read_code(text)
    if code.refused is not None:
        raise code.refused
    if code.kind not in kinds:
        raise Refused(_("This code names something else. Scan the right label."), code="code_kind")
    return code


def own_code(kind: str, number: str) -> str:
    """What the label of a lot, unit, room, sample, container or label of ours carries."""
    letter = next(letter for letter, named in OWN.items() if named == kind)
    if not _NUMBER.fullmatch(number):
        raise ValueError(f"{number} cannot be written as a code.")
    body = f"LB{letter}-{number}"
    return f"{body}-{check_character(_summed(body))}"


def _bare(text: str) -> str:
    """Without what surrounds it, and what a scanner says of a symbol that is not GS1's."""
    typed = text.strip(_AROUND)
    while _AIM.match(typed) and typed[:3] not in (*gs1.SYMBOLS, *_LINEAR):
        typed = typed[3:].strip(_AROUND)
    return typed


def _summed(body: str) -> str:
    """The hyphen counts as the alphabet's last sign, so that losing one shows as well."""
    return body.replace("-", "*")


def _own(typed: str) -> Code | None:
    text = typed.upper()
    if not _OWN_START.match(text):
        return None
    found = _OWN.fullmatch(text)
    if found is None or check_character(_summed(f"LB{found[1]}-{found[2]}")) != found[3]:
        raise Refused(
            _("This label was misread: its check character does not agree. Scan it again."),
            code="own_check",
        )
    kind = OWN[found[1]]
    return Code(kind=kind, text=text, fields={kind: found[2]})


def _identity(typed: str) -> Code | None:
    text = typed.upper()
    patient = coi_code.read_patient_code(text)
    if patient is not None:
        return Code(kind=PATIENT, text=text, fields=_patient(text, *patient))
    joined = text.replace("-", "")
    if coi_code.is_coi(joined):
        return Code(kind=COI, text=joined, fields={"coi": joined})
    return None


def _patient(text: str, coi: str, nonce: str) -> dict[str, str]:
    return {"coi": coi, "nonce": nonce, "patient_code": text}


def _single_european(typed: str) -> Code | None:
    joined = re.sub(r"\s+", "", typed).upper()
    bare = joined.removeprefix("SEC:").removeprefix("SEC")
    if joined == bare and not (len(bare) == sec.LENGTH and bare[:2].isalpha() and bare.isalnum()):
        return None
    return _sec_code(sec.parse(bare))


def _sec_code(code: sec.SingleEuropeanCode) -> Code:
    fields = {
        "country": code.country,
        "establishment": code.establishment,
        "donation": code.donation,
        "system": code.system,
        "product": code.product,
        "split": code.split,
        "expiry": code.expiry,
        "donation_sequence": code.donation_sequence,
    }
    return Code(kind=SEC, text=code.text, fields=fields)


def _isbt(typed: str) -> Code | None:
    if not isbt.is_isbt(typed):
        joined = re.sub(r"\s+", "", typed).upper()
        donation = isbt.read_typed_din(joined)
        if donation is None:
            return None
        return Code(kind=ISBT, text=f"={joined[:15]}", fields=donation)
    fields, kept = isbt.parse(typed)
    if not kept:
        raise Refused(
            _("This bar code is not the one that is needed here. Scan the donation number."),
            code="isbt_left_out",
        )
    return Code(kind=ISBT, text=kept, fields=fields)


def _gs1(typed: str) -> Code | None:
    text = gs1.from_wedge(typed)
    if gs1_link.is_address(typed):
        return _gs1_code(gs1.parse_link(typed))
    if text[:3] in _LINEAR:
        return _linear(text[3:])
    if text[:3] not in gs1.SYMBOLS:
        if not _GS1_START.match(text):
            return None
        if text.startswith("("):
            return _gs1_code(gs1.parse_bracketed(text))
        text = gs1.FNC1 + text.lstrip(gs1.FNC1 + "^")
    return _gs1_code(gs1.parse(text))


def _linear(text: str) -> Code:
    """A retail symbol: a GTIN, and nothing else."""
    number = gs1.gtin14(text)
    if not number:
        raise Refused(
            _("This article number was misread: its check digit does not agree. Scan it again."),
            code="gs1_value",
        )
    return _gs1_code(gs1.build([("01", number)]))


def _gs1_code(held: list[gs1.Held]) -> Code:
    told = [each for each in held if not each.element.personal]
    fields = gs1.fields_of(told)
    left_out = [each.element.field for each in held if each.element.personal]
    if left_out:
        fields["left_out"] = " ".join(left_out)
    for value in [value for name, value in fields.items() if name.startswith("internal_")]:
        code = _inner(value)
        fields |= code.fields if code is not None else {}
    return Code(kind=GS1, text=gs1.bracketed(told), fields=fields)


def _inner(text: str) -> Code | None:
    """A code of ours that travels inside a GS1 symbol."""
    return _own(text) or _identity(text)


def _plain(typed: str) -> Code:
    """Something typed by hand, or a code of nobody whom we know: whoever asked for it decides."""
    if not typed.isprintable():
        wrong = Refused(_("This code cannot be read. Scan it again, or type it."), code="code_form")
        return Code(kind=UNREADABLE, refused=wrong)
    return Code(kind=PLAIN, text=typed, fields={"text": typed})


_READERS: tuple[tuple[str, Callable[[str], Code | None]], ...] = (
    (UNREADABLE, _own),
    (PATIENT, _identity),
    (ISBT, _isbt),
    (SEC, _single_european),
    (GS1, _gs1),
)
