"""A reason that somebody else can follow, asked of everybody alike. Pure."""

from __future__ import annotations

from ledger.event import Refused
from ledger.event import marked as _

WORDS = 2


def says_little(reason: str) -> bool:
    """Whether a reason has fewer than two words; what holds neither letter nor digit is none."""
    return sum(any(map(str.isalnum, word)) for word in reason.split()) < WORDS


def demand_reason(reason: str) -> None:
    """Refuse what departs from the plan, or changes a record, without a reason."""
    if says_little(reason):
        raise Refused(
            _("Say why, in two words at least: the reason stays with the record."),
            code="reason_missing",
        )
