"""The recurrent review of who holds what: each person's roles confirmed or withdrawn. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ledger.event import Refused, event_type
from ledger.event import marked as _

CONFIRMED, WITHDRAWN = "confirmed", "withdrawn"
Held = Mapping[str, tuple[str, ...]]


@event_type(
    "personnel.access_reviewed",
    1,
    sentence="Access was reviewed: {confirmed} people confirmed, {withdrawn} withdrawn.",
    owner="personnel",
    retention="system",
)
class AccessReviewed:
    confirmed: int
    withdrawn: int
    decisions: list[dict[str, str]]  # person, roles as they were seen, decision


def review(*, reviewer: str, held: Held, seen: Held, decided: Mapping[str, str]) -> list[Any]:
    """One decision for each person but oneself, about the roles they hold at this moment.

    `held` is what the ledger says now, `seen` what stood on the reviewer's page.
    """
    others = {person: roles for person, roles in held.items() if person != reviewer}
    if reviewer in decided:
        raise Refused(
            _("Nobody reviews their own access. Somebody else does that."), code="second_person"
        )
    if others != {person: seen.get(person, ()) for person in others} or set(seen) - set(held):
        raise Refused(
            _("Roles have changed since you opened the page. Look at them again, then decide."),
            code="changed_meanwhile",
        )
    missing = sorted(set(others) - set(decided))
    if missing or set(decided) - set(others) or set(decided.values()) - {CONFIRMED, WITHDRAWN}:
        raise Refused(
            _("Decide for each person: confirmed or withdrawn. Missing: {people}."),
            people=", ".join(missing) or "none",
            code="undecided",
        )
    decisions = [
        {"person": person, "roles": " ".join(others[person]), "decision": decided[person]}
        for person in sorted(others)
    ]
    gone = sum(decision == WITHDRAWN for decision in decided.values())
    return [AccessReviewed(confirmed=len(decided) - gone, withdrawn=gone, decisions=decisions)]
