"""A collection of starting material: taken, received with two identifiers, judged by QA. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from batches.collection_events import (
    CollectionConfirmed,
    CollectionJudged,
    CollectionReceived,
    CollectionRecorded,
    IncomingCode,
)
from batches.collection_log import Log, on_the_way
from batches.limits import Range, read_number
from batches.order import Order, day, line, number, open_order
from ledger.event import Refused, demand_reason
from ledger.event import marked as _

NEGATIVE, POSITIVE, PENDING = "negative", "positive", "pending"
SEROLOGY = {
    NEGATIVE: _("All markers negative"),
    POSITIVE: _("A marker is positive"),
    PENDING: _("Results are pending"),
}
ACCEPTED, CONDITIONAL, REJECTED = "accepted", "accepted under conditions", "rejected"
DECISIONS = {
    ACCEPTED: _("Accept"),
    CONDITIONAL: _("Accept under conditions"),
    REJECTED: _("Reject"),
}
USABLE = (ACCEPTED, CONDITIONAL)
# Commission Directive 2006/17/EC, annex III: the sample is taken at donation or within 7 days
# after; for autologous and directed material up to 30 days before is the usual practice.
BEFORE, AFTER = timedelta(days=30), timedelta(days=7)
LEAST_VIABILITY = Decimal("70")  # per cent
TRANSPORT = Range(low=Decimal("1"), high=Decimal("10"))  # °C, fresh apheresis
_APPROVAL = _("Write the site's approval number: capitals and digits, no blanks, as ES-0417.")


@dataclass(frozen=True, kw_only=True)
class Collection:
    collection: str = ""
    order: str = ""
    coi: str = ""
    autologous: bool = True
    taken: CollectionRecorded | None = None
    received: CollectionReceived | None = None
    received_by: str = ""
    confirmed: bool = False
    decision: str = ""
    codes: tuple[IncomingCode, ...] = field(default_factory=tuple)


INITIAL = Collection()


def evolve(state: Collection, event: Any) -> Collection:
    match event:
        case CollectionRecorded():
            return replace(
                state,
                collection=event.collection,
                order=event.order,
                coi=event.coi,
                autologous=event.autologous,
                taken=event,
            )
        case CollectionReceived():
            return replace(state, received=event, codes=tuple(event.codes))
        case CollectionConfirmed():
            return replace(state, confirmed=True)
        case CollectionJudged(decision=decision):
            return replace(state, decision=decision)
    raise ValueError(f"A collection does not know the event {type(event).__name__}.")


def record(
    state: Collection,
    order: Order,
    *,
    collection: str,
    donor: str,
    site: str,
    site_approval: str,
    approved_until: str,
    collected_at: datetime,
    consent: str,
    serology: str,
    serology_on: str,
    segregated: bool,
    bags: int,
    volume_ml: str,
    count: str,
    viability: str,
    at: datetime,
) -> list[CollectionRecorded]:
    """Write down what the collection site's form says. What is amiss is kept, and judged later."""
    open_order(order, order.order)
    if state.collection:
        raise Refused(
            _("Collection {collection} is on record already."),
            collection=collection,
            code="collection",
        )
    _of_the_patient(order, donor)
    if collected_at > at:
        raise Refused(_("The time of collection lies ahead. Correct it."), code="collected_at")
    if serology not in SEROLOGY:
        raise Refused(_("Say what the serology found."), code="serology")
    day(serology_on, code="serology_on")
    day(approved_until, code="approved_until")
    if not 1 <= bags <= 20:
        raise Refused(_("Say how many bags there are, 1 to 20."), code="bags")
    return [
        CollectionRecorded(
            collection=collection,
            order=order.order,
            coi=order.coi,
            donor=donor,
            autologous=order.autologous,
            site=line(site, _("Say where it was collected."), code="site"),
            site_approval=number(site_approval, _APPROVAL, code="site_approval"),
            approved_until=approved_until,
            collected_at=collected_at.isoformat(timespec="seconds"),
            consent=number(consent, _("Write the consent's reference."), code="consent"),
            serology=serology,
            serology_on=serology_on,
            segregated=segregated,
            bags=bags,
            volume_ml=_measured(volume_ml, "volume_ml"),
            count=_measured(count, "count"),
            viability=_measured(viability, "viability", most=Decimal(100)),
        )
    ]


def _of_the_patient(order: Order, donor: str) -> None:
    if order.autologous and donor != order.subject:
        raise Refused(
            _("This order is autologous: the material comes from the patient and nobody else."),
            code="donor",
        )


def receive(
    state: Collection,
    *,
    collection: str,
    place: str,
    transport: str,
    seal_intact: bool,
    segregated: bool,
    log: Log,
    logger: str,
    identifiers_shown: str,
    codes: Sequence[IncomingCode],
) -> list[CollectionReceived]:
    """Take a collection in. `identifiers_shown`: the look at two identifiers it was checked by."""
    known(state, collection)
    if state.received is not None:
        raise Refused(
            _("{collection} was received already."), collection=collection, code="no_change"
        )
    _identified(identifiers_shown, collection)
    return [
        CollectionReceived(
            collection=collection,
            place=line(place, _("Say where it is kept now."), code="place"),
            transport=number(
                transport, _("Write the waybill's number, as WB-88120."), code="transport"
            ),
            seal_intact=seal_intact,
            segregated=segregated,
            logger=logger,
            lowest=log.lowest,
            highest=log.highest,
            outside=log.outside(TRANSPORT),
            low=TRANSPORT.low or Decimal(0),
            high=TRANSPORT.high or Decimal(0),
            silence=log.longest_silence,
            identifiers_shown=identifiers_shown,
            codes=list(codes),
        )
    ]


def confirm(
    state: Collection, *, collection: str, received_by: str, person: str, identifiers_shown: str
) -> list[CollectionConfirmed]:
    """The second person has compared both identifiers too."""
    known(state, collection)
    if state.received is None:
        raise Refused(
            _("{collection} has not been received yet."), collection=collection, code="not_received"
        )
    if state.confirmed:
        raise Refused(
            _("The receipt of {collection} is confirmed already."),
            collection=collection,
            code="no_change",
        )
    if person == received_by:
        raise Refused(
            _("You received it yourself, so somebody else has to confirm it."), code="same_person"
        )
    _identified(identifiers_shown, collection)
    return [
        CollectionConfirmed(
            collection=collection, received_by=received_by, identifiers_shown=identifiers_shown
        )
    ]


def judge(
    state: Collection, *, collection: str, decision: str, gaps: Sequence[str], reason: str
) -> list[CollectionJudged]:
    """QA decides whether it may be used; what speaks against it stands beside the decision."""
    known(state, collection)
    if decision not in DECISIONS:
        raise Refused(_("Say what you decide."), code="decision")
    if state.decision == decision:
        raise Refused(_("This is what was decided already."), code="decision")
    if not state.confirmed and decision != REJECTED:
        raise Refused(
            _("{collection} has not been received by two people yet, so it cannot be accepted."),
            collection=collection,
            code="not_received",
        )
    against = [*hindrances(state), *gaps]
    if decision == ACCEPTED and against:
        raise Refused(
            _("Something speaks against it: {against} Accept it under conditions, or reject it."),
            against=" ".join(against),
            code="decision",
        )
    if decision != ACCEPTED or state.decision:
        demand_reason(reason)
    return [CollectionJudged(collection=collection, decision=decision, hindrances=against)]


def hindrances(state: Collection) -> list[str]:
    """What speaks against using it, each as a sentence, in the order of its life."""
    if state.taken is None:
        return []
    taken, found = state.taken, []
    collected_on = datetime.fromisoformat(taken.collected_at).date()
    sampled_on = day(taken.serology_on, code="serology_on")
    if day(taken.approved_until, code="approved_until") < collected_on:
        found.append("The site's approval had ended when it was collected.")
    if not collected_on - BEFORE <= sampled_on <= collected_on + AFTER:
        found.append("The serology's sample is not of 30 days before to 7 days after.")
    if taken.serology == PENDING:
        found.append("The serology is pending.")
    if taken.serology == POSITIVE and not taken.autologous:
        found.append("A marker of the donor is positive.")
    if taken.viability < LEAST_VIABILITY:
        found.append(f"Viability {taken.viability} % is below {LEAST_VIABILITY} %.")
    return found + _transport(state)


def _transport(state: Collection) -> list[str]:
    received, found = state.received, []
    if received is None or state.taken is None:
        return []
    if state.taken.serology != NEGATIVE and not received.segregated:
        found.append("It is not stored apart, though a marker is not known to be negative.")
    if not received.seal_intact:
        found.append("The seal was broken on arrival.")
    limits = Range(low=received.low, high=received.high)
    return found + on_the_way(limits, outside=received.outside, silence=received.silence)


def usable(state: Collection) -> bool:
    return state.decision in USABLE


def known(state: Collection, collection: str) -> None:
    if not state.collection:
        raise Refused(
            _("There is no collection {collection}."), collection=collection, code="no_collection"
        )


def _identified(identifiers_shown: str, collection: str) -> None:
    if not identifiers_shown:
        raise Refused(
            _(
                "Compare two identifiers first: look them up in the vault for receiving"
                " {collection}, then send this again."
            ),
            collection=collection,
            code="not_identified",
        )


def _measured(typed: str, name: str, *, most: Decimal | None = None) -> Decimal:
    """A number that was read, in the unit the form says; never negative."""
    value = read_number(typed)
    if value is None or value < 0 or (most is not None and value > most):
        raise Refused(_("Write a number, as 12.5."), code=name)
    return value
