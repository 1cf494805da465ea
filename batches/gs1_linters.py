"""The published checks of what a GS1 element may hold, one small function a linter. Pure.

Each says whether a text passes. The names are those of the GS1 Barcode Syntax Dictionary, whose
test vectors hold these functions; the country codes are ISO 3166-1's.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

CSET82 = frozenset(
    "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
)
CSET39 = frozenset("#-/0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_CSET64 = re.compile(r"[A-Za-z0-9_-]*={0,2}")
_PERCENT = re.compile(r"(?:[^%]|%[0-9A-Fa-f]{2})*", re.DOTALL)
_POSITION = re.compile(r"([1-9][0-9]*)/([1-9][0-9]*)")
# The weights and the alphabet of the check pair of a model number (ISO/IEC 7064 has no such).
_ORDER = {
    letter: value
    for value, letter in enumerate(
        "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
    )
}
_PAIR = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_PRIMES = tuple(n for n in range(2, 600) if all(n % p for p in range(2, int(n**0.5) + 1)))

_COUNTRIES = re.findall(
    "[A-Z]{2}[0-9]{3}",
    """
AD020 AE784 AF004 AG028 AI660 AL008 AM051 AO024 AQ010 AR032 AS016 AT040 AU036 AW533 AX248 AZ031
BA070 BB052 BD050 BE056 BF854 BG100 BH048 BI108 BJ204 BL652 BM060 BN096 BO068 BQ535 BR076 BS044
BT064 BV074 BW072 BY112 BZ084 CA124 CC166 CD180 CF140 CG178 CH756 CI384 CK184 CL152 CM120 CN156
CO170 CR188 CU192 CV132 CW531 CX162 CY196 CZ203 DE276 DJ262 DK208 DM212 DO214 DZ012 EC218 EE233
EG818 EH732 ER232 ES724 ET231 FI246 FJ242 FK238 FM583 FO234 FR250 GA266 GB826 GD308 GE268 GF254
GG831 GH288 GI292 GL304 GM270 GN324 GP312 GQ226 GR300 GS239 GT320 GU316 GW624 GY328 HK344 HM334
HN340 HR191 HT332 HU348 ID360 IE372 IL376 IM833 IN356 IO086 IQ368 IR364 IS352 IT380 JE832 JM388
JO400 JP392 KE404 KG417 KH116 KI296 KM174 KN659 KP408 KR410 KW414 KY136 KZ398 LA418 LB422 LC662
LI438 LK144 LR430 LS426 LT440 LU442 LV428 LY434 MA504 MC492 MD498 ME499 MF663 MG450 MH584 MK807
ML466 MM104 MN496 MO446 MP580 MQ474 MR478 MS500 MT470 MU480 MV462 MW454 MX484 MY458 MZ508 NA516
NC540 NE562 NF574 NG566 NI558 NL528 NO578 NP524 NR520 NU570 NZ554 OM512 PA591 PE604 PF258 PG598
PH608 PK586 PL616 PM666 PN612 PR630 PS275 PT620 PW585 PY600 QA634 RE638 RO642 RS688 RU643 RW646
SA682 SB090 SC690 SD729 SE752 SG702 SH654 SI705 SJ744 SK703 SL694 SM674 SN686 SO706 SR740 SS728
ST678 SV222 SX534 SY760 SZ748 TC796 TD148 TF260 TG768 TH764 TJ762 TK772 TL626 TM795 TN788 TO776
TR792 TT780 TV798 TW158 TZ834 UA804 UG800 UM581 US840 UY858 UZ860 VA336 VC670 VE862 VG092 VI850
VN704 VU548 WF876 WS882 YE887 YT175 ZA710 ZM894 ZW716
""",
)
COUNTRIES = frozenset(each[:2] for each in _COUNTRIES)
_NUMBERS = frozenset(each[2:] for each in _COUNTRIES)


def digits(text: str) -> bool:
    """Nothing but the digits 0 to 9."""
    return all("0" <= letter <= "9" for letter in text)


def check_digit(body: str) -> str:
    """The GS1 check digit of a key's other digits: weights 3 and 1 from the right, modulo 10."""
    total = sum(
        int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(body))
    )
    return str(-total % 10)


def csum(text: str) -> bool:
    return bool(text) and digits(text) and check_digit(text[:-1]) == text[-1]


def check_pair(body: str) -> str:
    """The check pair of a model number: values weighted by primes from the right, modulo 1021."""
    weights = _PRIMES[: len(body)][::-1]
    total = sum(_ORDER[letter] * weight for letter, weight in zip(body, weights, strict=True))
    return _PAIR[total % 1021 // 32] + _PAIR[total % 1021 % 32]


def csumalpha(text: str) -> bool:
    body, pair = text[:-2], text[-2:]
    sound = len(pair) == 2 and len(body) <= 97 and cset82(text)
    return sound and check_pair(body) == pair


def cset82(text: str) -> bool:
    return all(letter in CSET82 for letter in text)


def cset39(text: str) -> bool:
    return all(letter in CSET39 for letter in text)


def cset64(text: str) -> bool:
    """URL-safe base64, with at most the padding that its length needs."""
    return _CSET64.fullmatch(text) is not None and (not text.endswith("=") or len(text) % 3 == 0)


def hasnondigit(text: str) -> bool:
    return not digits(text)


def _day(text: str, *, whole_month: bool) -> bool:
    """A day of the calendar, written with four digits of the year."""
    if not digits(text):
        return False
    day = text[6:]
    if whole_month and day == "00":
        day = "01"
    try:
        date(int(text[:4]), int(text[4:6]), int(day))
    except ValueError:
        return False
    return True


def yymmdd(text: str) -> bool:
    return len(text) == 6 and _day("20" + text, whole_month=False)


def yymmd0(text: str) -> bool:
    return len(text) == 6 and _day("20" + text, whole_month=True)


def yyyymmdd(text: str) -> bool:
    return len(text) == 8 and _day(text, whole_month=False)


def yyyymmd0(text: str) -> bool:
    return len(text) == 8 and _day(text, whole_month=True)


def hh(text: str) -> bool:
    return len(text) == 2 and digits(text) and int(text) < 24


def mi(text: str) -> bool:
    return len(text) == 2 and digits(text) and int(text) < 60


def ss(text: str) -> bool:
    return mi(text)


def hhmi(text: str) -> bool:
    return len(text) == 4 and hh(text[:2]) and mi(text[2:])


def iso3166(text: str) -> bool:
    return text in _NUMBERS


def iso3166999(text: str) -> bool:
    return text == "999" or iso3166(text)


def iso3166alpha2(text: str) -> bool:
    return text in COUNTRIES


def nonzero(text: str) -> bool:
    return digits(text) and text.strip("0") != ""


def zero(text: str) -> bool:
    return text != "" and text.strip("0") == ""


def nozeroprefix(text: str) -> bool:
    return digits(text) and not text.startswith("0")


def hyphen(text: str) -> bool:
    return text != "" and text.strip("-") == ""


def winding(text: str) -> bool:
    return text in ("0", "1", "9")


def yesno(text: str) -> bool:
    return text in ("0", "1")


def mediatype(text: str) -> bool:
    return len(text) == 2 and digits(text) and (1 <= int(text) <= 10 or 80 <= int(text) <= 99)


def importeridx(text: str) -> bool:
    return len(text) == 1 and _CSET64.fullmatch(text) is not None and text != "="


def pcenc(text: str) -> bool:
    return _PERCENT.fullmatch(text) is not None


def pieceoftotal(text: str) -> bool:
    half = len(text) // 2
    if not text or len(text) % 2 or not digits(text):
        return False
    return 0 < int(text[:half]) <= int(text[half:])


def posinseqslash(text: str) -> bool:
    found = _POSITION.fullmatch(text)
    return found is not None and digits(text.replace("/", "")) and int(found[1]) <= int(found[2])


def latitude(text: str) -> bool:
    return len(text) == 10 and digits(text) and int(text) <= 1_800_000_000


def longitude(text: str) -> bool:
    return len(text) == 10 and digits(text) and int(text) <= 3_600_000_000


LINTERS: dict[str, Callable[[str], bool]] = {
    "csetnumeric": digits,
    **{
        each.__name__: each
        for each in (
            csum, csumalpha, cset39, cset64, cset82, hasnondigit, hh, hhmi, hyphen, importeridx,
            iso3166, iso3166999, iso3166alpha2, latitude, longitude, mediatype, mi, nonzero,
            nozeroprefix, pcenc, pieceoftotal, posinseqslash, ss, winding, yesno, yymmd0, yymmdd,
            yyyymmd0, yyyymmdd, zero,
        )
    },
}  # fmt: skip
