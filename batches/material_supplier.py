"""A supplier: registered, approved by quality assurance, suspended, approved again. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from ledger.event import Refused, demand_reason, event_type
from ledger.event import marked as _

REGISTERED, APPROVED, SUSPENDED = "registered", "approved", "suspended"
_CODE = re.compile(r"[A-Z]{2,5}-[0-9]{2,6}")
TITLE_LIMIT = 120


@event_type(
    "batches.supplier_registered",
    1,
    sentence="Supplier {supplier} ({title}) was registered.",
    owner="batches",
    retention="traceability",
)
class SupplierRegistered:
    supplier: str
    title: str


@event_type(
    "batches.supplier_approved",
    1,
    sentence="Supplier {supplier} was approved until {valid_until}.",
    owner="batches",
    retention="traceability",
)
class SupplierApproved:
    supplier: str
    valid_until: str


@event_type(
    "batches.supplier_suspended",
    1,
    sentence="Supplier {supplier} was suspended.",
    owner="batches",
    retention="traceability",
)
class SupplierSuspended:
    supplier: str


@dataclass(frozen=True, kw_only=True)
class Supplier:
    supplier: str = ""
    title: str = ""
    status: str = ""
    valid_until: str = ""


INITIAL = Supplier()


def evolve(state: Supplier, event: Any) -> Supplier:
    match event:
        case SupplierRegistered(supplier=supplier, title=title):
            return Supplier(supplier=supplier, title=title, status=REGISTERED)
        case SupplierApproved(valid_until=day):
            return replace(state, status=APPROVED, valid_until=day)
        case SupplierSuspended():
            return replace(state, status=SUSPENDED)
    raise ValueError(f"A supplier does not know the event {type(event).__name__}.")


def register(state: Supplier, *, supplier: str, title: str) -> list[SupplierRegistered]:
    if not _CODE.fullmatch(supplier):
        raise Refused(
            _("Write the supplier's number as letters, a hyphen and digits, as SUP-014."),
            code="supplier_number",
        )
    if state.supplier:
        raise Refused(
            _("{supplier} is in use for {title}. Choose another number."),
            supplier=supplier,
            title=state.title,
            code="supplier_number",
        )
    title = " ".join(title.split())
    if not title or len(title) > TITLE_LIMIT:
        raise Refused(_("Say what the supplier is called, in 120 characters."), code="title")
    return [SupplierRegistered(supplier=supplier, title=title)]


def approve(
    state: Supplier, *, supplier: str, valid_until: str, today: str
) -> list[SupplierApproved]:
    """`valid_until` and `today`: days as YYYY-MM-DD."""
    known(state, supplier)
    if valid_until <= today:
        raise Refused(_("An approval ends on a day to come."), code="valid_until")
    if state.status == APPROVED and state.valid_until == valid_until:
        raise Refused(
            _("{supplier} is approved until {day} already."),
            supplier=supplier,
            day=valid_until,
            code="no_change",
        )
    return [SupplierApproved(supplier=supplier, valid_until=valid_until)]


def suspend(state: Supplier, *, supplier: str, reason: str) -> list[SupplierSuspended]:
    known(state, supplier)
    if state.status == SUSPENDED:
        raise Refused(_("{supplier} is suspended already."), supplier=supplier, code="no_change")
    demand_reason(reason)
    return [SupplierSuspended(supplier=supplier)]


def known(state: Supplier, supplier: str) -> None:
    if not state.supplier:
        raise Refused(_("There is no supplier {supplier}."), supplier=supplier, code="supplier")


def may_deliver(state: Supplier, supplier: str, *, today: str) -> None:
    """Only who is approved, and on the day of the receipt still is."""
    known(state, supplier)
    if state.status == SUSPENDED:
        raise Refused(
            _("{title} is suspended. Put the delivery aside and ask quality assurance."),
            title=state.title,
            code="supplier_suspended",
        )
    if state.status != APPROVED:
        raise Refused(
            _("{title} is not approved yet. Quality assurance approves a supplier first."),
            title=state.title,
            code="supplier_not_approved",
        )
    if state.valid_until < today:
        raise Refused(
            _("The approval of {title} ended on {day}. Ask quality assurance to renew it."),
            title=state.title,
            day=state.valid_until,
            code="supplier_not_approved",
        )
