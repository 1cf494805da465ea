"""The Single European Code of tissues and cells: 40 characters, read, checked and printed. Pure.

Layout: Directive 2006/86/EC, Annex VII: country 2, establishment 6, donation 13, coding system 1,
product 7, split 3, expiry YYYYMMDD 8.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from batches.gs1_linters import COUNTRIES
from ledger.event import Refused
from ledger.event import marked as _

LENGTH = 40
NO_EXPIRY = "00000000"
EUTC, ISBT, EUROCODE = "E", "A", "B"
# How each coding system writes its product number in the seven places, filled with noughts.
PRODUCTS = {
    EUTC: re.compile(r"[0-9]{7}"),
    ISBT: re.compile(r"00[A-Z][A-Z0-9]{4}"),
    EUROCODE: re.compile(r"[A-Z0-9]{7}"),
}
NORTHERN_IRELAND = "XI"
_CODE = re.compile(
    r"([A-Z]{2})([A-Z0-9]{6})([A-Z0-9]{13})([A-Z])([A-Z0-9]{7})([A-Z0-9]{3})([0-9]{8})"
)


@dataclass(frozen=True, kw_only=True)
class SingleEuropeanCode:
    """One code, by its parts."""

    country: str
    establishment: str
    donation: str
    system: str
    product: str
    split: str
    expiry: str  # year-month-day; empty where the code says none

    @property
    def donation_sequence(self) -> str:
        """The part that every accompanying document bears."""
        return self.country + self.establishment + self.donation

    @property
    def product_identification(self) -> str:
        expiry = self.expiry.replace("-", "") or NO_EXPIRY
        return self.system + self.product + self.split + expiry

    @property
    def text(self) -> str:
        return self.donation_sequence + self.product_identification

    @property
    def printed(self) -> str:
        """As it stands on a label: two lines for the eye."""
        return f"SEC: {self.donation_sequence}\n{self.product_identification}"


def parse(text: str) -> SingleEuropeanCode:
    """Read a code, with or without the letters SEC and blanks; say what is wrong with it."""
    code = re.sub(r"\s+", "", text).removeprefix("SEC").removeprefix(":")
    if len(code) != LENGTH:
        raise Refused(
            _("A Single European Code has 40 characters, this one has {n}. Scan it again."),
            n=len(code),
            code="sec_length",
        )
    found = _CODE.fullmatch(code)
    if found is None:
        raise Refused(
            _("This is no Single European Code: a letter or digit stands where it may not."),
            code="sec_form",
        )
    country, establishment, donation, system, product, split, expiry = found.groups()
    _check(country, system, product)
    return SingleEuropeanCode(
        country=country,
        establishment=establishment,
        donation=donation,
        system=system,
        product=product,
        split=split,
        expiry=_day(expiry),
    )


def made(
    *, country: str, te: str, donation: str, system: str, product: str, split: str, expiry: str
) -> SingleEuropeanCode:
    """A code from its parts, each filled with noughts from the left to its length."""
    text = country + te.rjust(6, "0") + donation.rjust(13, "0") + system
    text += product.rjust(7, "0") + split.rjust(3, "0") + (expiry.replace("-", "") or NO_EXPIRY)
    return parse(text)


def _check(country: str, system: str, product: str) -> None:
    if country not in COUNTRIES and country != NORTHERN_IRELAND:
        raise Refused(
            _("“{country}” is no country's code, so this Single European Code is not sound."),
            country=country,
            code="sec_country",
        )
    if system not in PRODUCTS:
        raise Refused(
            _(
                "“{system}” is no product coding system: it is E (EUTC), A (ISBT 128) or B"
                " (Eurocode)."
            ),
            system=system,
            code="sec_system",
        )
    if not PRODUCTS[system].fullmatch(product):
        raise Refused(
            _("The product number {product} is none of coding system {system}."),
            product=product,
            system=system,
            code="sec_product",
        )


def _day(expiry: str) -> str:
    if expiry == NO_EXPIRY:
        return ""
    try:
        return date(int(expiry[:4]), int(expiry[4:6]), int(expiry[6:])).isoformat()
    except ValueError:
        raise Refused(
            _("The expiry {expiry} of this Single European Code is no day."),
            expiry=expiry,
            code="sec_expiry",
        ) from None
