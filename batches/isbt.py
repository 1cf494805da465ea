"""ISBT 128 as it comes in on cells: structures told apart by identifier and length. Pure.

Only layouts and the check character are here, none of ICCBBA's tables. Blood groups, test results
and what says who a patient is are stepped over: their names are kept, what they say is not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from batches import sec
from batches.check_character import check_character, check_value
from ledger.event import Refused
from ledger.event import marked as _

_DIN = re.compile(r"[A-NP-Z1-9][A-NP-Z0-9]{2}[0-9]{10}[0-9A-HJ-NPR-Y]{2}")
_TYPED_DIN = re.compile(r"([A-NP-Z][0-9]{12})([0-9]{2})([0-9A-Z*])")
_COI = re.compile(r"CH([A-NP-Z1-9][A-NP-Z0-9]{2}[0-9]{2})([0-9]{2})([0-9]{6})")
_PLAIN = re.compile(r"[ -~]*")
_PRODUCT = re.compile(r"[A-Z][A-Z0-9]{4}[A-Za-z0-9][A-Z0-9][A-Za-z0-9]")
FLAG_BASE = 60  # a flag of 60 to 96 is the check value of the thirteen characters before it


@dataclass(frozen=True, slots=True)
class Structure:
    """One kind of structure: its name here, how long its content is, and whether it is kept."""

    field: str
    length: int
    kept: bool = True


STRUCTURES = {
    "=%": Structure("blood_group", 4, kept=False),
    "=<": Structure("product", 8),
    "=>": Structure("expiry", 6),
    "&>": Structure("expiry", 10),
    "=*": Structure("collected", 6),
    "&*": Structure("collected", 10),
    "=}": Structure("produced", 6),
    "&}": Structure("produced", 10),
    "&(": Structure("special_testing", 5, kept=False),
    "={": Structure("red_cell_antigens", 18, kept=False),
    "=\\": Structure("red_cell_antigens", 18, kept=False),
    "&\\": Structure("red_cell_antigens", 18, kept=False),
    "&{": Structure("platelet_antigens", 18, kept=False),
    "=[": Structure("hla", 18, kept=False),
    '="': Structure("hla", 18, kept=False),
    "=)": Structure("container", 10),
    "&)": Structure("container_lot", 10),
    "=;": Structure("donor", 21, kept=False),
    "='": Structure("staff_member", 11, kept=False),
    "=-": Structure("catalogue_number", 10),
    "&-": Structure("lot", 10),
    "=#": Structure("birth_date", 10, kept=False),
    "=]": Structure("expiry_month", 6),
    '&"': Structure("infection_markers", 18, kept=False),
    "=$": Structure("consignment", 16),
    "=(": Structure("moment", 16),
    "=,": Structure("division", 6),
    "&+": Structure("processor", 11),
    "=/": Structure("processor_product", 16),
    "&,1": Structure("lot", 18),
    "&,2": Structure("supplemental", 18),
    "&,4": Structure("sec", sec.LENGTH),
    "&:": Structure("registered_donor", 19, kept=False),
    "&/": Structure("coi", 15),
}
_DATES = ("expiry", "collected", "produced")


def is_isbt(text: str) -> bool:
    """Whether a text begins as every ISBT 128 structure does."""
    return text[:1] in ("=", "&") and len(text) > 4


def parse(text: str) -> tuple[dict[str, str], str]:
    """The fields of a scan of one or more structures, and the scan without what is not kept."""
    if not _PLAIN.fullmatch(text):
        raise Refused(
            _("This ISBT 128 code holds a character that no such code has. Scan it again."),
            code="isbt_form",
        )
    fields: dict[str, str] = {}
    left_out, kept, rest, wanted = list[str](), "", text, 0
    while rest:
        if rest.startswith("=+"):
            wanted, rest = _announced(rest)
            count = 0
            continue
        piece, rest = _first(rest)
        told = _told(piece)
        if wanted:
            count += 1
        if told is None:
            left_out.append(_structure(piece)[1].field)
            continue
        kept += piece
        for name, value in told.items():
            if fields.setdefault(name, value) != value:
                raise Refused(
                    _("Two labels were read at once: they say different things. Scan one of them."),
                    code="isbt_twice",
                )
    if wanted and count != wanted:
        raise Refused(
            _("This code announces {n} parts and holds {held}. Scan it again."),
            n=wanted,
            held=count,
            code="isbt_parts",
        )
    return (fields | {"left_out": " ".join(left_out)} if left_out else fields), kept


def read_typed_din(text: str) -> dict[str, str] | None:
    """A donation number typed from a label with its boxed check character, as G1234 17 123456 00 K;
    nothing where the text has another form.
    """
    found = _TYPED_DIN.fullmatch(text)
    if found is None:
        return None
    din, flags, check = found.groups()
    if check_character(din) != check:
        raise Refused(
            _("The donation number was mistyped: its check character does not agree."),
            code="din_check",
        )
    return _donation(din + flags)


def _announced(rest: str) -> tuple[int, str]:
    if not rest[2:4].isdigit() or len(rest) < 7:
        raise Refused(_("This ISBT 128 code is cut short. Scan it again."), code="isbt_short")
    return int(rest[2:4]), rest[7:]


def _structure(rest: str) -> tuple[str, Structure]:
    for identifier in (rest[:3], rest[:2]):
        if identifier in STRUCTURES:
            return identifier, STRUCTURES[identifier]
    if rest[:2] == "&#" and rest[4:6].isdigit():  # a patient's number says how long it is
        return "&#", Structure("patient_number", 4 + int(rest[4:6]), kept=False)
    raise Refused(
        _("This ISBT 128 code begins with “{identifier}”, which is not read here."),
        identifier=rest[:2],
        code="isbt_identifier",
    )


def _first(rest: str) -> tuple[str, str]:
    """The first structure of a scan, and what follows it."""
    if rest[0] == "=" and (rest[1:2].isalnum()):
        length = 16
    else:
        identifier, structure = _structure(rest)
        length = len(identifier) + structure.length
    if len(rest) < length:
        raise Refused(_("This ISBT 128 code is cut short. Scan it again."), code="isbt_short")
    return rest[:length], rest[length:]


def _told(piece: str) -> dict[str, str] | None:
    """What one structure says; nothing where it is not kept."""
    if piece[1:2].isalnum():
        if not _DIN.fullmatch(piece[1:]):
            raise Refused(
                _("This is no donation number: a letter or digit stands where it may not."),
                code="din_form",
            )
        return _donation(piece[1:])
    identifier, structure = _structure(piece)
    content = piece[len(identifier) :]
    if not structure.kept:
        return None
    if structure.field in _DATES:
        return {structure.field: _moment(content)}
    if structure.field == "sec":
        return {"sec": sec.parse(content).text}
    if structure.field == "coi":
        return {"isbt_coi": _coi(content)}
    if structure.field == "product" and not _PRODUCT.fullmatch(content):
        raise Refused(
            _("The product code {product} of this label is not sound."),
            product=content,
            code="isbt_product",
        )
    return {structure.field: content.strip()}


def _donation(content: str) -> dict[str, str]:
    din, flags = content[:13], content[13:]
    if flags.isdigit() and int(flags) >= FLAG_BASE and int(flags) - FLAG_BASE != check_value(din):
        raise Refused(
            _("The donation number was misread: its check character does not agree."),
            code="din_check",
        )
    return {"din": din, "flags": flags, "check": check_character(din)}


def _coi(content: str) -> str:
    if not _COI.fullmatch(content):
        raise Refused(
            _("This is no chain of identity identifier: a sign stands where it may not."),
            code="isbt_coi",
        )
    return content


def _moment(content: str) -> str:
    """Century, year, day of the year, and perhaps hour and minute (no zone: the label's place)."""
    try:
        year = int(content[1:3]) + (1900 if content[0] == "9" else 2000 + 100 * int(content[0]))
        day = date(year, 1, 1) + timedelta(days=int(content[3:6]) - 1)
        hour, minute = int(content[6:8] or 0), int(content[8:10] or 0)
    except ValueError:
        day, hour, minute, year = date.min, 99, 0, 0
    if day.year != year or hour > 23 or minute > 59:
        raise Refused(_("The date {date} of this label is no day."), date=content, code="isbt_date")
    return day.isoformat() + (f"T{hour:02}:{minute:02}" if len(content) > 6 else "")
