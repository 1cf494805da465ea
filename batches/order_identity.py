"""For whom a batch is made: bound to one order once, then matched by scan at every step. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from batches.collection import Collection, usable
from batches.order import Order, open_order, same_line
from ledger.event import Refused, event_type
from ledger.event import marked as _

# A wedge scanner that sends one reading twice does so within a moment; a person who finishes a
# step and takes the material up for the next takes longer.
MOMENT = timedelta(seconds=2)


@event_type(
    "batches.identity_bound",
    1,
    sentence="Batch {batch} is made for order {order}, identity code {coi}.",
    owner="batches",
    retention="traceability",
)
class IdentityBound:
    batch: str
    order: str
    coi: str
    code_sha256: str
    collections: list[str]
    autologous: bool


@event_type(
    "batches.identity_matched",
    1,
    sentence="{batch}, step {step}: the label scanned is that of identity code {coi}.",
    owner="batches",
    retention="traceability",
)
class IdentityMatched:
    batch: str
    step: int
    parameter: str
    coi: str
    terminal: str
    at: str
    place: str  # the workstation or room of the step, where it is known


@event_type(
    "batches.identity_mismatched",
    1,
    sentence="{batch}, step {step}: the label scanned is not of this batch's patient.",
    owner="batches",
    retention="traceability",
)
class IdentityMismatched:
    batch: str
    step: int
    parameter: str
    scanned: str  # a fingerprint: what was scanned may be somebody else's code
    terminal: str


@dataclass(frozen=True, kw_only=True)
class Match:
    step: int
    at: datetime
    terminal: str


@dataclass(frozen=True, kw_only=True)
class Identity:
    batch: str = ""
    order: str = ""
    coi: str = ""
    code_sha256: str = ""
    autologous: bool = True
    collections: tuple[str, ...] = ()
    matched: Mapping[tuple[int, str], Match] = field(default_factory=dict)
    last: Match | None = None
    mismatches: int = 0


INITIAL = Identity()


def evolve(state: Identity, event: Any) -> Identity:
    match event:
        case IdentityBound():
            return replace(
                state,
                batch=event.batch,
                order=event.order,
                coi=event.coi,
                code_sha256=event.code_sha256,
                autologous=event.autologous,
                collections=tuple(event.collections),
            )
        case IdentityMatched():
            found = Match(
                step=event.step, at=datetime.fromisoformat(event.at), terminal=event.terminal
            )
            matched = {**state.matched, (event.step, event.parameter): found}
            return replace(state, matched=matched, last=found)
        case IdentityMismatched():
            return replace(state, mismatches=state.mismatches + 1)
    raise ValueError(f"An identity does not know the event {type(event).__name__}.")


def bind(
    state: Identity,
    order: Order,
    collections: Sequence[Collection],
    *,
    batch: str,
    purpose: str,
    subject: str,
    product: str,
    asked_for: str,
) -> list[IdentityBound]:
    """Make a batch for an order, of collections that QA has let in. Autologous never pools."""
    if purpose != "patient":
        raise Refused(
            _("Batch {batch} is for no patient, so no patient's material goes into it."),
            batch=batch,
            code="purpose",
        )
    open_order(order, asked_for)
    if state.batch:
        raise Refused(
            _("{batch} is made for order {order} already. Two orders are never pooled."),
            batch=batch,
            order=state.order,
            code="pooling",
        )
    if subject != order.subject:
        raise Refused(
            _("{batch} and order {order} are for two different patients. Choose the right order."),
            batch=batch,
            order=order.order,
            code="other_patient",
        )
    if not same_line(product, order.product):
        raise Refused(
            _(
                "Order {order} is for {ordered}, and {batch} makes {product}. Choose the order and"
                " the master batch record of one product."
            ),
            order=order.order,
            ordered=order.product,
            batch=batch,
            product=product,
            code="other_product",
        )
    _let_in(order, collections)
    return [
        IdentityBound(
            batch=batch,
            order=order.order,
            coi=order.coi,
            code_sha256=order.code_sha256,
            collections=sorted(one.collection for one in collections),
            autologous=order.autologous,
        )
    ]


def _let_in(order: Order, collections: Sequence[Collection]) -> None:
    """There is material, it is this order's own, and QA has accepted it."""
    if not collections:
        raise Refused(
            _("QA has accepted no collection for {order} yet. Ask QA to decide, or choose one."),
            order=order.order,
            code="collections",
        )
    for one in collections:
        if one.order != order.order or (order.autologous and one.coi != order.coi):
            raise Refused(
                _("{collection} belongs to another order. Two patients are never pooled."),
                collection=one.collection or "?",
                code="pooling",
            )
        if not usable(one):
            raise Refused(
                _("QA has not accepted {collection} as starting material yet. Ask QA to decide."),
                collection=one.collection,
                code="not_eligible",
            )


def compare(
    state: Identity,
    *,
    batch: str,
    step: int,
    parameter: str,
    scanned_sha256: str,
    fingerprint: str,
    terminal: str,
    at: datetime,
    place: str,
) -> IdentityMatched | IdentityMismatched:
    """The scan is this patient's code, or it stops the batch. Nobody may override it."""
    if not state.batch:
        raise Refused(
            _("No order stands behind {batch}, so no label can match. Bind it to its order first."),
            batch=batch,
            code="no_order",
        )
    if scanned_sha256 != state.code_sha256:
        return IdentityMismatched(
            batch=batch, step=step, parameter=parameter, scanned=fingerprint, terminal=terminal
        )
    if (step, parameter) in state.matched:
        raise Refused(
            _("Step {step} was matched already: this form is an old one. Open the step again."),
            step=step,
            code="scan_replayed",
        )
    last = state.last
    if last and last.step != step and last.terminal == terminal and at - last.at < MOMENT:
        raise Refused(
            _(
                "This is the scan of step {step} sent once more. Take the material of this step in"
                " hand and scan its label."
            ),
            step=last.step,
            code="scan_replayed",
        )
    return IdentityMatched(
        batch=batch,
        step=step,
        parameter=parameter,
        coi=state.coi,
        terminal=terminal,
        at=at.isoformat(),
        place=place,
    )
