"""What may be asked about collections: record, receive, confirm, judge."""

from __future__ import annotations

from datetime import datetime

from batches import collection as collections
from batches import collection_codes, collection_log, custody, custody_queries, order_queries
from batches import order as orders
from batches.collection_events import CollectionReceived
from batches.limits import read_moment
from ledger import blobs
from ledger.command import Act, command
from ledger.event import Refused
from ledger.event import marked as _
from ledger.signature import Meaning
from personnel.roles import OPERATOR, QA_REVIEWER, SUPERVISOR, VERIFIER
from personnel.vault_subject import RECEIVING

RECORD = "collection/{collection}"
RECORDERS = (OPERATOR, SUPERVISOR, QA_REVIEWER)
RECEIVERS = (OPERATOR, VERIFIER, SUPERVISOR)


@command(
    "batches.record_collection",
    role=RECORDERS,
    label=_("record a collection for order {order}"),
    record="order/{order}",
    private=("donor",),
)
def record_collection(
    act: Act,
    *,
    order: str,
    donor: str,
    site: str,
    site_approval: str,
    approved_until: str,
    collected_at: str,
    consent: str,
    serology: str,
    serology_on: str,
    segregated: bool,
    bags: int,
    volume_ml: str,
    count: str,
    viability: str,
) -> None:
    """Write down what the collection site's form says."""
    order_queries.held_order(order)
    placed = act.load("order", order or "none", orders.INITIAL, orders.evolve)
    orders.open_order(placed, order)
    number = f"{order}-C{len(order_queries.collection_numbers(order)) + 1}"
    recorded = collections.record(
        _load(act, number),
        placed,
        collection=number,
        donor=donor or (placed.subject if placed.autologous else ""),
        site=site,
        site_approval=site_approval,
        approved_until=approved_until,
        collected_at=moment(collected_at, code="collected_at"),
        consent=consent,
        serology=serology,
        serology_on=serology_on,
        segregated=segregated,
        bags=bags,
        volume_ml=volume_ml,
        count=count,
        viability=viability,
        at=act.at,
    )
    act.record("collection", number, recorded)


@command(
    "batches.receive_collection",
    role=RECEIVERS,
    label=_("receive {collection}"),
    record=RECORD,
    signature=Meaning.PERFORMED,
    private=("logger", "codes"),
)
def receive_collection(
    act: Act,
    *,
    collection: str,
    place: str,
    transport: str,
    seal_intact: bool,
    segregated: bool,
    logger: str,
    codes: str,
) -> None:
    """Take a collection in, with its logger's file, after two identifiers were compared."""
    state = _load(act, collection)
    collections.known(state, collection)
    log = collection_log.read(logger)
    received = collections.receive(
        state,
        collection=collection,
        place=place,
        transport=transport,
        seal_intact=seal_intact,
        segregated=segregated,
        log=log,
        logger=blobs.put(logger.encode()),
        identifiers_shown=_shown(act, state),
        codes=collection_codes.read(codes),
    )
    act.record("collection", collection, received)
    _taken_over(act, received[0], log)


@command(
    "batches.confirm_collection",
    role=RECEIVERS,
    label=_("confirm the receipt of {collection}"),
    record=RECORD,
    signature=Meaning.VERIFIED,
)
def confirm_collection(act: Act, *, collection: str) -> None:
    """The second person has compared both identifiers as well."""
    state = _load(act, collection)
    confirmed = collections.confirm(
        state,
        collection=collection,
        received_by=order_queries.received_by(collection),
        person=act.actor.person,
        identifiers_shown=_shown(act, state),
    )
    act.record("collection", collection, confirmed)


@command(
    "batches.judge_collection",
    role=(QA_REVIEWER,),
    label=_("decide about {collection} as starting material"),
    record=RECORD,
    signature=Meaning.APPROVED,
)
def judge_collection(act: Act, *, collection: str, decision: str) -> None:
    """Accept a collection as starting material, under conditions where something is amiss."""
    judged = collections.judge(
        _load(act, collection),
        collection=collection,
        decision=decision,
        gaps=custody_queries.gap_sentences(collection),
        reason=act.reason,
    )
    act.record("collection", collection, judged)


def moment(text: str, *, code: str) -> datetime:
    """A time with its zone, as forms send it."""
    found = read_moment(text)
    if found is None:
        raise Refused(_("Write date and time, as 2026-03-02 08:30."), code=code)
    return found


def _taken_over(act: Act, received: CollectionReceived, log: collection_log.Log) -> None:
    """A receipt is a link of the chain too: the courier signed the waybill."""
    item = received.collection
    taken = custody.take_over(
        act.load("custody", item, custody.INITIAL, custody.evolve),
        item=item,
        place=received.place,
        temperature=str(log.readings[-1][1]),
        person=act.actor.person,
        given_by="",
        other_party="courier",
        document=received.transport,
    )
    act.record("custody", item, taken)


def _load(act: Act, collection: str) -> collections.Collection:
    return act.load("collection", collection, collections.INITIAL, collections.evolve)


def _shown(act: Act, state: collections.Collection) -> str:
    """The look at two identifiers by whoever acts, for this very collection."""
    if state.taken is None:
        return ""
    return custody_queries.identifiers_shown(
        act.actor.person, state.taken.donor, RECEIVING, state.collection, at=act.at
    )
