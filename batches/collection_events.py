"""What happens to a collection of starting material, as the ledger keeps it for ever. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from ledger.event import event_type


@dataclass(frozen=True, kw_only=True)
class IncomingCode:
    """A code that incoming material bore, as it was read."""

    system: str  # ISBT 128, SEC, Eurocode, or other
    text: str


@event_type(
    "batches.collection_recorded",
    1,
    sentence="Collection {collection} for order {order} was taken at {site} on {collected_at}.",
    owner="batches",
    retention="traceability",
)
class CollectionRecorded:
    collection: str
    order: str
    coi: str
    donor: str  # the pseudonym of whom the material comes from
    autologous: bool
    site: str
    site_approval: str
    approved_until: str
    collected_at: str
    consent: str
    serology: str
    serology_on: str
    segregated: bool
    bags: int
    volume_ml: Decimal
    count: Decimal  # 10⁶ viable nucleated cells per mL, before freezing
    viability: Decimal  # per cent


@event_type(
    "batches.collection_received",
    1,
    sentence="Collection {collection} was received in {place}, {lowest} to {highest} °C.",
    owner="batches",
    retention="traceability",
)
class CollectionReceived:
    collection: str
    place: str
    transport: str  # the waybill's number
    seal_intact: bool
    segregated: bool
    logger: str  # the file, by its hash
    lowest: Decimal
    highest: Decimal
    outside: int  # readings outside the limits
    low: Decimal
    high: Decimal
    silence: int  # seconds, the longest between two readings
    identifiers_shown: str  # the event by which two identifiers were looked at
    codes: list[IncomingCode]


@event_type(
    "batches.collection_confirmed",
    1,
    sentence="The receipt of collection {collection} was confirmed by a second person.",
    owner="batches",
    retention="traceability",
)
class CollectionConfirmed:
    collection: str
    received_by: str
    identifiers_shown: str


@event_type(
    "batches.collection_judged",
    1,
    sentence="Collection {collection} was {decision} as starting material.",
    owner="batches",
    retention="traceability",
)
class CollectionJudged:
    collection: str
    decision: str
    hindrances: list[str]  # what spoke against it when it was decided
