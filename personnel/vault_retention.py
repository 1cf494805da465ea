"""How long a subject's identity must be kept, and the codes under which it may be erased. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ledger.event import marked as _

PATIENT = "patient"
DONOR = "donor"
STAFF_CONTACT = "staff_contact"
KINDS = {
    PATIENT: _("patient"),
    DONOR: _("donor"),
    STAFF_CONTACT: _("staff contact"),
}


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that forbids erasing: for so many years after a day that registration states."""

    code: str
    years: int
    counted_from: str
    basis: str

    def keep_until(self, day: date) -> date:
        """The last day on which the record must be kept."""
        try:
            return day.replace(year=day.year + self.years)
        except ValueError:  # 29 February: a day more, never a day less
            return date(day.year + self.years, 3, 1)


RULES = {
    PATIENT: Rule(
        "traceability-product",
        30,
        _("Expiry date of the product"),
        "Regulation (EC) 1394/2007, Article 15",
    ),
    DONOR: Rule(
        "traceability-donor",
        30,
        _("Day of the clinical use"),
        "Directive 2004/23/EC, Article 8(4)",
    ),
    STAFF_CONTACT: Rule(
        "employment",
        0,
        _("Last day of the contract"),
        "GDPR, Article 6(1)(b)",
    ),
}

# Why a record is erased: the grounds of GDPR Article 17(1), by their letters.
GROUNDS = {
    "gdpr-17-1-a": _("no longer needed for what it was collected for"),
    "gdpr-17-1-b": _("consent withdrawn, and no other ground"),
    "gdpr-17-1-c": _("objection, and no overriding ground"),
    "gdpr-17-1-d": _("processed unlawfully"),
    "gdpr-17-1-e": _("erasure demanded by law"),
}
