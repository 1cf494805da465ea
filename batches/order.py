"""An order from the clinic: for whom, of what, on which legal ground, and how it ended. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from ledger.event import Refused, demand_reason, event_type
from ledger.event import marked as _

TRIAL, EXEMPTION, AUTHORISED = "clinical_trial", "hospital_exemption", "authorised_product"
PATHWAYS = {
    TRIAL: _("Clinical trial"),
    EXEMPTION: _("Hospital exemption"),
    AUTHORISED: _("Authorised product"),
}
CANCELLED, DIED, FULFILLED = "cancelled", "patient_died", "fulfilled"
ENDS = {
    FULFILLED: _("The product was given"),
    CANCELLED: _("The order was cancelled"),
    DIED: _("The patient died"),
}
_ORDER = re.compile(r"[A-Z]{2,4}-[0-9]{4}-[0-9]{3,4}").fullmatch
# A number of somebody else's: never a word alone, so that no name can stand in it.
_NUMBER = re.compile(r"(?=.*[0-9])[A-Z0-9][A-Z0-9./-]{1,39}").fullmatch
_LINE = 120


@event_type(
    "batches.order_placed",
    1,
    sentence="Order {order} of {product} was placed ({pathway}), with identity code {coi}.",
    owner="batches",
    retention="traceability",
)
class OrderPlaced:
    order: str
    subject: str  # the patient's pseudonym
    pathway: str
    trial: str
    trial_subject: str
    sponsor: str
    specification: str
    product: str
    autologous: bool
    requested_on: str
    coi: str
    code_sha256: str  # of the code on the labels, whose nonce stands nowhere


@event_type(
    "batches.coi_minted",
    1,
    sentence="Identity code {coi} was given to order {order}. It is never given again.",
    owner="batches",
    retention="traceability",
)
class CoiMinted:
    coi: str
    order: str


@event_type(
    "batches.order_ended",
    1,
    sentence="Order {order} has ended: {how}.",
    owner="batches",
    retention="traceability",
)
class OrderEnded:
    order: str
    how: str
    ended_on: str


@event_type(
    "batches.recollection_asked",
    1,
    sentence="Order {order}: another collection was asked for in the place of {collection}.",
    owner="batches",
    retention="traceability",
)
class RecollectionAsked:
    order: str
    collection: str


@dataclass(frozen=True, kw_only=True)
class Order:
    order: str = ""
    subject: str = ""
    product: str = ""
    autologous: bool = True
    coi: str = ""
    code_sha256: str = ""
    ended: str = ""
    replaced: frozenset[str] = frozenset()  # collections in whose place another was asked for


INITIAL = Order()


def evolve(state: Order, event: Any) -> Order:
    match event:
        case OrderPlaced():
            return replace(
                state,
                order=event.order,
                subject=event.subject,
                product=event.product,
                autologous=event.autologous,
                coi=event.coi,
                code_sha256=event.code_sha256,
            )
        case OrderEnded(how=how):
            return replace(state, ended=how)
        case RecollectionAsked(collection=collection):
            return replace(state, replaced=state.replaced | {collection})
    raise ValueError(f"An order does not know the event {type(event).__name__}.")


def is_taken(state: bool, event: Any) -> bool:
    """Of a code's own stream: whether somebody has it."""
    return isinstance(event, CoiMinted) or state


def place(
    state: Order,
    *,
    order: str,
    subject: str,
    is_kept: bool,
    pathway: str,
    trial: str,
    trial_subject: str,
    sponsor: str,
    specification: str,
    product: str,
    autologous: bool,
    requested_on: str,
    coi: str,
    code_sha256: str,
) -> list[OrderPlaced]:
    """Take an order. `is_kept`: the vault knows the patient and can still say who it is."""
    if not _ORDER(order):
        raise Refused(
            _("Write the order's number as letters, year and number, as ORD-2026-004."),
            code="order",
        )
    if state.order:
        raise Refused(
            _("Order number {order} is in use. A number is given once."), order=order, code="order"
        )
    if not is_kept:
        raise Refused(
            _(
                "The vault knows no patient by this pseudonym, or the patient was erased. Register"
                " the patient first, or correct the pseudonym."
            ),
            code="subject",
        )
    if pathway not in PATHWAYS:
        raise Refused(_("Choose the pathway the product is made under."), code="pathway")
    _check_trial(pathway, trial, trial_subject, sponsor)
    if not _NUMBER(specification):
        raise Refused(
            _("Name the specification file and its version, as PSF-019/3."), code="specification"
        )
    product = line(product, _("Say which product is ordered."), code="product")
    day(requested_on, code="requested_on")
    return [
        OrderPlaced(
            order=order,
            subject=subject,
            pathway=pathway,
            trial=trial,
            trial_subject=trial_subject,
            sponsor=sponsor,
            specification=specification,
            product=product,
            autologous=autologous,
            requested_on=requested_on,
            coi=coi,
            code_sha256=code_sha256,
        )
    ]


def _check_trial(pathway: str, trial: str, trial_subject: str, sponsor: str) -> None:
    if pathway != TRIAL:
        if trial or trial_subject:
            raise Refused(
                _("Trial and subject number belong to a clinical trial. Leave them empty here."),
                code="trial" if trial else "trial_subject",
            )
        return
    if not _NUMBER(trial):
        raise Refused(_("Write the trial's number, as 2025-503113-11-00."), code="trial")
    if not _NUMBER(trial_subject):
        raise Refused(
            _("Write the subject's number in the trial: capitals, digits and dashes, as 014-0031."),
            code="trial_subject",
        )
    line(sponsor, _("Say who sponsors the trial."), code="sponsor")


def end(state: Order, *, order: str, how: str, ended_on: str, reason: str) -> list[OrderEnded]:
    """The clinic takes the order back, or the patient died. What was made stays on record."""
    open_order(state, order)
    if how not in ENDS:
        raise Refused(_("Say how the order ended."), code="how")
    day(ended_on, code="ended_on")
    demand_reason(reason)
    return [OrderEnded(order=order, how=how, ended_on=ended_on)]


def ask_again(
    state: Order, *, order: str, collection: str, collections: list[str], reason: str
) -> list[RecollectionAsked]:
    """Ask the clinic to collect once more, because one collection cannot be used."""
    open_order(state, order)
    if collection not in collections:
        raise Refused(
            _("Order {order} has no collection {collection}."),
            order=order,
            collection=collection,
            code="collection",
        )
    if collection in state.replaced:
        raise Refused(
            _("Another collection was asked for in the place of {collection} already."),
            collection=collection,
            code="no_change",
        )
    demand_reason(reason)
    return [RecollectionAsked(order=order, collection=collection)]


def open_order(state: Order, order: str) -> None:
    """The order is there and has not ended."""
    if not state.order:
        raise Refused(_("There is no order {order}."), order=order, code="no_order")
    if state.ended:
        raise Refused(
            _("Order {order} has ended, so nothing more is begun for it. Ask the clinic first."),
            order=order,
            code="order_ended",
        )


def day(text: str, *, code: str) -> date:
    """A date written as 2026-03-02."""
    try:
        if len(text) == 10:
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise Refused(_("Write the date as year-month-day, as 2026-03-02."), code=code)


def number(text: str, missing: str, *, code: str) -> str:
    """Somebody's reference: capitals, digits, dots, dashes and slashes, one digit at least."""
    if not _NUMBER(text):
        raise Refused(missing, code=code)
    return text


def line(text: str, missing: str, *, code: str) -> str:
    """A short text of one line."""
    text = " ".join(text.split())
    if not any(map(str.isalnum, text)):
        raise Refused(missing, code=code)
    if len(text) > _LINE:
        raise Refused(_("Keep it under {limit} characters."), limit=_LINE, code=code)
    return text


def same_line(one: str, other: str) -> bool:
    """Whether two lines say the same, capitals and blanks aside."""
    return " ".join(one.split()).casefold() == " ".join(other.split()).casefold()
