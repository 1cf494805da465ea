"""Events of orders, collections, identities and custody to rows. The only writer of those."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db.models import F

from batches import collection as collections
from batches import collection_events as told
from batches import custody
from batches import order as orders
from batches import order_identity as identities
from batches.order_models import CollectionLine, CustodyLine, IdentityLine, OrderLine
from ledger import store
from ledger.event import Recorded, fold
from ledger.projections import projects


@projects(orders.OrderPlaced)
def place(recorded: Recorded) -> None:
    data = recorded.data
    OrderLine.objects.create(
        order=data.order,
        subject=data.subject,
        pathway=data.pathway,
        trial=data.trial,
        trial_subject=data.trial_subject,
        sponsor=data.sponsor,
        specification=data.specification,
        product=data.product,
        autologous=data.autologous,
        requested_on=date.fromisoformat(data.requested_on),
        coi=data.coi,
        code_sha256=data.code_sha256,
        placed_at=recorded.recorded_at,
    )


@projects(orders.OrderEnded)
def end(recorded: Recorded) -> None:
    OrderLine.objects.filter(order=recorded.data.order).update(
        ended=recorded.data.how,
        ended_on=date.fromisoformat(recorded.data.ended_on),
        ended_why=recorded.reason,
    )


@projects(orders.RecollectionAsked)
def ask_again(recorded: Recorded) -> None:
    CollectionLine.objects.filter(collection=recorded.data.collection).update(replaced=True)


@projects(told.CollectionRecorded)
def collect(recorded: Recorded) -> None:
    data = recorded.data
    CollectionLine.objects.create(
        collection=data.collection,
        order=data.order,
        donor=data.donor,
        site=data.site,
        site_approval=data.site_approval,
        approved_until=date.fromisoformat(data.approved_until),
        collected_at=datetime.fromisoformat(data.collected_at),
        consent=data.consent,
        serology=data.serology,
        serology_on=date.fromisoformat(data.serology_on),
        segregated=data.segregated,
        bags=data.bags,
        volume_ml=str(data.volume_ml),
        count=str(data.count),
        viability=str(data.viability),
        hindrances=_against(recorded),
    )
    at = datetime.fromisoformat(data.collected_at)
    link(recorded, item=data.collection, kind="begun", place=data.site, at=at)


@projects(told.CollectionReceived)
def receive(recorded: Recorded) -> None:
    data = recorded.data
    CollectionLine.objects.filter(collection=data.collection).update(
        received_at=recorded.recorded_at,
        received_by=recorded.actor.person,
        lowest=str(data.lowest),
        highest=str(data.highest),
        transport=data.transport,
        logger=data.logger,
        codes="\n".join(f"{one.system}: {one.text}" for one in data.codes),
        place=data.place,
        segregated=data.segregated,
        hindrances=_against(recorded),
    )


@projects(told.CollectionConfirmed)
def confirm(recorded: Recorded) -> None:
    data = recorded.data
    row = CollectionLine.objects.get(collection=data.collection)
    link(recorded, item=data.collection, kind="confirmed", place=row.place)


@projects(told.CollectionJudged)
def judge(recorded: Recorded) -> None:
    data = recorded.data
    CollectionLine.objects.filter(collection=data.collection).update(
        decision=data.decision,
        decided_by=recorded.actor.person,
        decided_at=recorded.recorded_at,
        decided_why=recorded.reason,
    )


@projects(identities.IdentityBound)
def bind(recorded: Recorded) -> None:
    data = recorded.data
    IdentityLine.objects.create(
        batch=data.batch,
        order=data.order,
        coi=data.coi,
        code_sha256=data.code_sha256,
        collections=" ".join(data.collections),
        autologous=data.autologous,
        bound_at=recorded.recorded_at,
    )


@projects(identities.IdentityMatched)
def match(recorded: Recorded) -> None:
    data = recorded.data
    IdentityLine.objects.filter(batch=data.batch).update(
        matches=F("matches") + 1, last_match_at=recorded.recorded_at, last_place=data.place
    )


@projects(identities.IdentityMismatched)
def mismatch(recorded: Recorded) -> None:
    IdentityLine.objects.filter(batch=recorded.data.batch).update(mismatches=F("mismatches") + 1)


@projects(custody.CustodyHandedOver)
def hand_over(recorded: Recorded) -> None:
    data = recorded.data
    link(
        recorded,
        item=data.item,
        kind="handed_over",
        place=data.place,
        to_place=data.to_place,
        handoff=data.handoff,
        temperature=str(data.temperature),
        other_party=data.other_party,
        document=data.document,
    )


@projects(custody.CustodyTakenOver)
def take_over(recorded: Recorded) -> None:
    data = recorded.data
    link(
        recorded,
        item=data.item,
        kind="taken_over",
        place=data.place,
        handoff=data.handoff,
        temperature=str(data.temperature),
        other_party=data.other_party,
        document=data.document,
    )


@projects(custody.RelabellingAsked)
def ask_relabelling(recorded: Recorded) -> None:
    link(recorded, item=recorded.data.item, kind="relabelling")


@projects(custody.Relabelled)
def relabel(recorded: Recorded) -> None:
    data = recorded.data
    link(recorded, item=data.item, kind="relabelled", place=data.kept_at)


def link(recorded: Recorded, *, item: str, kind: str, **values: Any) -> None:
    """A line of an item's chain of custody."""
    CustodyLine.objects.create(
        event_id=recorded.id,
        item=item,
        version=recorded.version,
        kind=kind,
        person=recorded.actor.person,
        role=recorded.actor.role,
        at=values.pop("at", recorded.recorded_at),
        reason=recorded.reason,
        **values,
    )


def _against(recorded: Recorded) -> str:
    """What speaks against a collection as it stands with this event."""
    events = store.load("collection", recorded.stream_id, upto=recorded.version)
    state = fold(collections.INITIAL, collections.evolve, (one.data for one in events))
    return "\n".join(collections.hindrances(state))
