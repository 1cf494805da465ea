"""The chain of custody of one item: every handover has two parties, or there is a gap. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from batches.limits import read_number
from batches.order import line, number, same_line
from ledger.event import Refused, demand_reason, event_type
from ledger.event import marked as _


@event_type(
    "batches.custody_handed_over",
    1,
    sentence="{item} was handed over at {place} for {to_place}, at {temperature} °C.",
    owner="batches",
    retention="traceability",
)
class CustodyHandedOver:
    item: str
    handoff: int
    place: str
    to_place: str
    temperature: Decimal
    other_party: str  # a courier or a site that signs on a sheet of its own
    document: str  # that sheet's number; empty where the other party signs here


@event_type(
    "batches.custody_taken_over",
    1,
    sentence="{item} was taken over at {place}, at {temperature} °C.",
    owner="batches",
    retention="traceability",
)
class CustodyTakenOver:
    item: str
    handoff: int
    place: str
    temperature: Decimal
    given_by: str
    other_party: str
    document: str


@event_type(
    "batches.relabelling_asked",
    1,
    sentence="{item}: the label could not be read, and a new one was made after identification.",
    owner="batches",
    retention="traceability",
)
class RelabellingAsked:
    item: str
    relabelling: int
    identifiers_shown: str
    asked_by: str


@event_type(
    "batches.relabelled",
    1,
    sentence="{item} was identified by a second person and relabelled. The old label is kept.",
    owner="batches",
    retention="traceability",
)
class Relabelled:
    item: str
    relabelling: int
    identifiers_shown: str
    asked_by: str
    kept_at: str  # where the old label is


@dataclass(frozen=True, kw_only=True)
class Custody:
    item: str = ""
    place: str = ""
    handoffs: int = 0
    under_way: CustodyHandedOver | None = None
    given_by: str = ""
    relabellings: int = 0
    waiting: RelabellingAsked | None = None


INITIAL = Custody()


def evolve(state: Custody, event: Any) -> Custody:
    match event:
        case CustodyHandedOver():
            return replace(
                state,
                item=event.item,
                place=event.place,
                handoffs=event.handoff,
                under_way=event,
            )
        case CustodyTakenOver():
            return replace(
                state,
                item=event.item,
                place=event.place,
                handoffs=event.handoff,
                under_way=None,
            )
        case RelabellingAsked():
            return replace(state, item=event.item, relabellings=event.relabelling, waiting=event)
        case Relabelled():
            return replace(state, waiting=None)
    raise ValueError(f"Custody does not know the event {type(event).__name__}.")


def hand_over(
    state: Custody,
    *,
    item: str,
    place: str,
    to_place: str,
    temperature: str,
    other_party: str,
    document: str,
) -> list[CustodyHandedOver]:
    """Give an item out of one's hands. It is under way until somebody takes it over."""
    if state.under_way is not None:
        raise Refused(
            _("{item} is under way to {place} already. Take it over there first."),
            item=item,
            place=state.under_way.to_place,
            code="under_way",
        )
    other_party, document = _outside(other_party, document)
    return [
        CustodyHandedOver(
            item=item,
            handoff=state.handoffs + 1,
            place=line(place, _("Say where it is handed over."), code="place"),
            to_place=line(to_place, _("Say where it goes."), code="to_place"),
            temperature=read_temperature(temperature),
            other_party=other_party,
            document=document,
        )
    ]


def take_over(
    state: Custody,
    *,
    item: str,
    place: str,
    temperature: str,
    person: str,
    given_by: str,
    other_party: str,
    document: str,
) -> list[CustodyTakenOver]:
    """Take an item into one's hands. Without a handover before it, the gap shows."""
    other_party, document = _outside(other_party, document)
    if not document and person == given_by:
        raise Refused(
            _("You handed it over yourself, so somebody else has to take it over."),
            code="same_person",
        )
    return [
        CustodyTakenOver(
            item=item,
            handoff=state.handoffs if state.under_way else state.handoffs + 1,
            place=line(place, _("Say where you take it over."), code="place"),
            temperature=read_temperature(temperature),
            given_by=given_by,
            other_party=other_party,
            document=document,
        )
    ]


def ask_relabelling(
    state: Custody, *, item: str, identifiers_shown: str, person: str, reason: str
) -> list[RelabellingAsked]:
    """The first of two people has identified the material by other means, and made a label."""
    if state.waiting is not None:
        raise Refused(_("{item} waits for the second person already."), item=item, code="no_change")
    identified(identifiers_shown, item)
    demand_reason(reason)
    return [
        RelabellingAsked(
            item=item,
            relabelling=state.relabellings + 1,
            identifiers_shown=identifiers_shown,
            asked_by=person,
        )
    ]


def relabel(
    state: Custody, *, item: str, identifiers_shown: str, person: str, kept_at: str
) -> list[Relabelled]:
    """The second person has identified it too; the new label is put on, the old one kept."""
    if state.waiting is None:
        raise Refused(
            _("Nobody has identified {item} for a new label yet. Two people do, one by one."),
            item=item,
            code="nothing_asked",
        )
    if state.waiting.asked_by == person:
        raise Refused(
            _("You identified it as the first person, so somebody else has to be the second."),
            code="same_person",
        )
    identified(identifiers_shown, item)
    return [
        Relabelled(
            item=item,
            relabelling=state.waiting.relabelling,
            identifiers_shown=identifiers_shown,
            asked_by=state.waiting.asked_by,
            kept_at=line(kept_at, _("Say where the old label is kept."), code="kept_at"),
        )
    ]


def identified(identifiers_shown: str, item: str) -> None:
    if not identifiers_shown:
        raise Refused(
            _(
                "Compare two identifiers first: look them up in the vault for {item}, then send"
                " this again."
            ),
            item=item,
            code="not_identified",
        )


@dataclass(frozen=True, kw_only=True)
class Link:
    """One line of a chain, as the timeline shows it."""

    kind: str  # begun, handed_over, taken_over, relabelled, ended
    place: str = ""
    to_place: str = ""


def gaps(links: list[Link]) -> dict[int, str]:
    """Where a chain is broken: by the index of the link that shows it, a sentence.

    A chain holds when what is handed over is taken over next, at the place it was sent to, and
    nothing is taken over that nobody handed over, nor handed over elsewhere than where it was.
    """
    found: dict[int, str] = {}
    place, to_place, under_way = "", "", False
    for index, link in enumerate(links):
        if link.kind == "begun":
            place, under_way = link.place, False
        elif link.kind == "handed_over":
            if under_way:
                found[index] = f"Nobody took it over at {to_place}."
            elif place and link.place and not same_line(place, link.place):
                found[index] = f"It was last at {place}; how it came to {link.place} is missing."
            place, to_place, under_way = link.place, link.to_place, True
        elif link.kind == "taken_over":
            if not under_way:
                found[index] = f"Nobody handed it over to {link.place}."
            elif not same_line(to_place, link.place):
                found[index] = f"It was sent to {to_place} and taken over at {link.place}."
            place, under_way = link.place, False
        elif link.kind == "ended" and under_way:
            found[index] = f"Nobody took it over at {to_place}."
            under_way = False
    return found


def read_temperature(typed: str) -> Decimal:
    """A temperature in °C, as it was read."""
    value = read_number(typed.replace("\u2212", "-"))
    if value is None or not Decimal(-200) <= value <= Decimal(60):
        raise Refused(_("Write the temperature in °C, as 4.5 or -178."), code="temperature")
    return value


def _outside(other_party: str, document: str) -> tuple[str, str]:
    """A party that signs on its own sheet is named by its function, with the sheet's number."""
    if not other_party and not document:
        return "", ""
    party = line(other_party, _("Say who the other party is, as courier."), code="other_party")
    return party, number(
        document,
        _("Write the number of the sheet that they signed: capitals and digits, as TS-2026-009."),
        code="document",
    )
