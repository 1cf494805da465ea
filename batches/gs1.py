"""GS1 element strings: read, checked and written, whatever a scanner makes of the separator. Pure.

The separator (FNC1) stands here as the control character GS. Keyboard wedges send it as that, as a
caret, tilde or bar, or lose it: an element that would then run into the next is found too long.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from batches import gs1_link
from batches.gs1_elements import ELEMENTS, Element, element_of
from batches.gs1_linters import csum, digits
from batches.gs1_pairs import contradiction
from ledger.event import Refused
from ledger.event import marked as _

FNC1 = "\x1d"
# What a scanner says before the data about the symbol that it read (ISO/IEC 15424).
SYMBOLS = ("]d2", "]d8", "]C1", "]Q3", "]e0", "]J1")
_TYPED = re.compile(r"[~|\u241d]|\{GS\}")
_BRACKETED = re.compile(r"\(([0-9]+)\)((?:[^\\(]|\\\()*)")


@dataclass(frozen=True, slots=True)
class Held:
    """One element of a symbol: its identifier and what stands in it."""

    element: Element
    value: str


def from_wedge(text: str) -> str:
    """The separator as keyboard wedges type it where a control character is no key."""
    return _TYPED.sub(FNC1, text)


def parse(text: str) -> list[Held]:
    """The elements of a symbol's data, which begins with a separator or a symbology identifier."""
    data = text.replace("^", FNC1)
    for symbol in SYMBOLS:
        data = FNC1 + data.removeprefix(symbol).removeprefix(FNC1) if data[:3] == symbol else data
    if not data.startswith(FNC1) or data == FNC1:
        raise Refused(_("This is no GS1 code: nothing marks its beginning."), code="gs1_start")
    rest, found = data[1:], list[Held]()
    while rest:
        element = _element(rest)
        rest = rest[len(element.ai) :]
        if element.fixed:
            value, rest = rest[: element.most], rest[element.most :].removeprefix(FNC1)
        else:
            value, _separator, rest = rest.partition(FNC1)
        found.append(Held(element, _checked(element, value)))
    return _whole(found)


def parse_bracketed(text: str) -> list[Held]:
    """The elements of a code as people write it: (01)09506000134352(10)ABC."""
    found, at = list[Held](), 0
    while at < len(text):
        part = _BRACKETED.match(text, at)
        element = element_of(part[1]) if part else None
        if part is None or element is None or element.ai != part[1]:
            raise Refused(
                _("The brackets of this GS1 code do not hold identifiers that are known here."),
                code="gs1_brackets",
            )
        found.append(Held(element, _checked(element, part[2].replace("\\(", "("))))
        at = part.end()
    if not found:
        raise Refused(_("This is no GS1 code: nothing marks its beginning."), code="gs1_start")
    return _whole(found)


def parse_link(text: str) -> list[Held]:
    """The elements of a code that is written as a web address: https://id.gs1.org/01/..."""
    told = [(ELEMENTS[ai], value) for ai, value in gs1_link.elements(text)]
    return _whole([Held(element, _checked(element, value)) for element, value in told])


def bracketed(held: Iterable[Held]) -> str:
    """The data as people read it."""
    return "".join(f"({each.element.ai}){each.value.replace('(', chr(92) + '(')}" for each in held)


def build(values: Iterable[tuple[str, str]]) -> list[Held]:
    """Elements from identifiers and values, each checked; the fixed ones first, as GS1 advises."""
    made = []
    for ai, value in values:
        element = element_of(ai)
        if element is None or element.ai != ai:
            raise ValueError(f"{ai} is no application identifier that is written here.")
        made.append(Held(element, _checked(element, value)))
    return _whole(sorted(made, key=lambda each: not each.element.fixed))


def fields_of(held: Iterable[Held]) -> dict[str, str]:
    """The fields by name; days as year-month-day, measures with their decimals."""
    return {each.element.field: _readable(each) for each in held}


def gtin14(text: str) -> str:
    """A GTIN of 8, 12, 13 or 14 digits in its long form; empty where its check digit is wrong."""
    return text.rjust(14, "0") if len(text) in (8, 12, 13, 14) and csum(text) else ""


def day_of(text: str) -> date:
    """The day of YYMMDD; day 00 is the month's last. Years 00 to 75 are this century's."""
    year = int(text[:2]) + (2000 if int(text[:2]) <= 75 else 1900)
    month = int(text[2:4])
    if text[4:6] != "00":
        return date(year, month, int(text[4:6]))
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def _element(rest: str) -> Element:
    element = element_of(rest)
    if element is None:
        raise Refused(
            _("“{ai}” is no GS1 identifier that is read here. Scan the code again."),
            ai=re.sub(r"[^0-9A-Za-z]", "?", rest[:4]),
            code="gs1_identifier",
        )
    return element


def _checked(element: Element, value: str) -> str:
    if not element.holds(value):
        keyed = any("csum" in part.linters for part in element.parts) and digits(value)
        template = (
            _("The number of ({ai}) is not whole: its length or its check digit is wrong.")
            if keyed
            else _("What stands in ({ai}) is not what this identifier asks for.")
        )
        raise Refused(template, ai=element.ai, code="gs1_value")
    return value


def _whole(found: list[Held]) -> list[Held]:
    """One identifier twice with two values says two things at once, as do two that contradict
    each other; the same twice, one."""
    kept: dict[str, Held] = {}
    for each in found:
        before = kept.setdefault(each.element.ai, each)
        if before.value != each.value:
            raise Refused(
                _("The identifier ({ai}) stands twice in this code, with two values."),
                ai=each.element.ai,
                code="gs1_twice",
            )
    if apart := contradiction(list(kept)):
        raise Refused(
            _("The identifiers ({ai}) and ({other}) of this code contradict each other."),
            ai=apart[0],
            other=apart[1],
            code="gs1_pair",
        )
    return list(kept.values())


def _readable(held: Held) -> str:
    first, value = held.element.parts[0].linters, held.value
    if held.element.field == "expiry_time":
        return f"{day_of(value).isoformat()}T{value[6:8]}:{value[8:10]}"
    if len(value) == 6 and ("yymmd0" in first or "yymmdd" in first):
        return day_of(value).isoformat()
    if len(held.element.ai) == 4 and held.element.ai[0] == "3":
        places = int(held.element.ai[3])
        whole = value.rjust(places + 1, "0")
        return f"{int(whole[: len(whole) - places])}" + (f".{whole[-places:]}" if places else "")
    return value
