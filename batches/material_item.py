"""An item: what may be bought or collected, how it is kept, and from whom it is taken. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from ledger.event import Refused, demand_reason, event_type
from ledger.event import marked as _

KINDS = ("starting", "raw", "ancillary", "reagent", "consumable", "packaging", "label")
STORAGE = ("room", "cool", "frozen", "deep_frozen", "vapour_phase")
UNITS = ("each", "µL", "mL", "L", "µg", "mg", "g", "kg", "IU", "cells")
_CODE = re.compile(r"[A-Z0-9][A-Z0-9-]{1,19}")
_GTIN = re.compile(r"[0-9]{14}")
TITLE_LIMIT = 120


@event_type(
    "batches.item_registered",
    1,
    sentence="Item {item} ({title}), counted in {unit}, was registered.",
    owner="batches",
    retention="traceability",
)
class ItemRegistered:
    item: str
    title: str
    kind: str
    unit: str
    storage: str
    open_life_hours: int  # 0: once opened it is good to its expiry
    retest_months: int  # 0: it is never retested
    critical: bool
    strict: bool  # nobody may use it expired, nor its retest or open life overdue
    may_split: bool
    of_patient: bool  # each lot of it belongs to one patient, whom it names
    minimum: Decimal


@event_type(
    "batches.item_minimum_changed",
    1,
    sentence="The minimum stock of {item} was changed from {old} to {new} {unit}.",
    owner="batches",
    retention="traceability",
)
class ItemMinimumChanged:
    item: str
    old: Decimal
    new: Decimal
    unit: str


@event_type(
    "batches.item_source_approved",
    1,
    sentence="{item} may be taken from {supplier}, catalogue number {catalogue}.",
    owner="batches",
    retention="traceability",
)
class ItemSourceApproved:
    item: str
    supplier: str
    catalogue: str
    gtin: str  # what its GS1 code says; empty where it bears none


@event_type(
    "batches.item_source_withdrawn",
    1,
    sentence="{item} may no longer be taken from {supplier}.",
    owner="batches",
    retention="traceability",
)
class ItemSourceWithdrawn:
    item: str
    supplier: str


@dataclass(frozen=True, kw_only=True)
class Item:
    item: str = ""
    title: str = ""
    kind: str = ""
    unit: str = ""
    storage: str = ""
    open_life_hours: int = 0
    retest_months: int = 0
    critical: bool = False
    strict: bool = False
    may_split: bool = False
    of_patient: bool = False
    minimum: Decimal = Decimal(0)
    sources: Mapping[str, str] = field(default_factory=dict)  # supplier: GTIN


INITIAL = Item()


def evolve(state: Item, event: Any) -> Item:
    match event:
        case ItemRegistered():
            return Item(
                item=event.item,
                title=event.title,
                kind=event.kind,
                unit=event.unit,
                storage=event.storage,
                open_life_hours=event.open_life_hours,
                retest_months=event.retest_months,
                critical=event.critical,
                strict=event.strict,
                may_split=event.may_split,
                of_patient=event.of_patient,
                minimum=event.minimum,
            )
        case ItemMinimumChanged(new=minimum):
            return replace(state, minimum=minimum)
        case ItemSourceApproved(supplier=supplier, gtin=gtin):
            return replace(state, sources={**state.sources, supplier: gtin})
        case ItemSourceWithdrawn(supplier=supplier):
            left = {name: gtin for name, gtin in state.sources.items() if name != supplier}
            return replace(state, sources=left)
    raise ValueError(f"An item does not know the event {type(event).__name__}.")


def register(state: Item, *, wanted: ItemRegistered) -> list[ItemRegistered]:
    """`wanted`: the item as somebody described it."""
    if not _CODE.fullmatch(wanted.item):
        raise Refused(
            _("Write the item's number in 2 to 20 capitals, digits and hyphens, as MED-010."),
            code="item_number",
        )
    if state.item:
        raise Refused(
            _("{item} is in use for {title}. Choose another number."),
            item=wanted.item,
            title=state.title,
            code="item_number",
        )
    title = " ".join(wanted.title.split())
    if not title or len(title) > TITLE_LIMIT:
        raise Refused(_("Say what the item is called, in 120 characters."), code="title")
    for code, value, allowed in (
        ("kind", wanted.kind, KINDS),
        ("unit", wanted.unit, UNITS),
        ("storage", wanted.storage, STORAGE),
    ):
        if value not in allowed:
            raise Refused(_("Choose one of: {allowed}."), allowed=", ".join(allowed), code=code)
    if not 0 <= wanted.open_life_hours <= 24 * 365:
        raise Refused(_("The open life is between 0 and 8760 hours."), code="open_life")
    if not 0 <= wanted.retest_months <= 120:
        raise Refused(_("A retest is due after 0 to 120 months."), code="retest")
    _not_negative(wanted.minimum)
    return [replace(wanted, title=title)]


def change_minimum(
    state: Item, *, item: str, minimum: Decimal, reason: str
) -> list[ItemMinimumChanged]:
    known(state, item)
    _not_negative(minimum)
    if minimum == state.minimum:
        raise Refused(_("That is the minimum already."), code="no_change")
    demand_reason(reason)
    return [ItemMinimumChanged(item=item, old=state.minimum, new=minimum, unit=state.unit)]


def approve_source(
    state: Item, *, item: str, supplier: str, catalogue: str, gtin: str
) -> list[ItemSourceApproved]:
    known(state, item)
    if supplier in state.sources:
        raise Refused(
            _("{item} may be taken from {supplier} already."),
            item=item,
            supplier=supplier,
            code="no_change",
        )
    if gtin and not _GTIN.fullmatch(gtin):
        raise Refused(_("A GTIN has 14 digits; leave it empty where there is none."), code="gtin")
    catalogue = " ".join(catalogue.split())
    if not catalogue or len(catalogue) > 40:
        raise Refused(_("Write the supplier's catalogue number."), code="catalogue")
    return [ItemSourceApproved(item=item, supplier=supplier, catalogue=catalogue, gtin=gtin)]


def withdraw_source(
    state: Item, *, item: str, supplier: str, reason: str
) -> list[ItemSourceWithdrawn]:
    known(state, item)
    comes_from(state, supplier)
    demand_reason(reason)
    return [ItemSourceWithdrawn(item=item, supplier=supplier)]


def known(state: Item, item: str) -> None:
    if not state.item:
        raise Refused(_("There is no item {item}."), item=item, code="item")


def comes_from(state: Item, supplier: str) -> None:
    """Whether quality assurance approved this source of the item."""
    if supplier not in state.sources:
        raise Refused(
            _(
                "{title} may not be taken from {supplier}. Approved are: {approved}. Quality"
                " assurance adds a source on the item's page."
            ),
            title=state.title,
            supplier=supplier,
            approved=", ".join(sorted(state.sources)) or _("none"),
            code="source",
        )


def _not_negative(minimum: Decimal) -> None:
    if not minimum.is_finite() or not 0 <= minimum < 10**9:
        raise Refused(_("The minimum stock is a number from 0 up."), code="minimum")
