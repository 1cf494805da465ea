"""One container: filled, frozen, stored, dispositioned, issued, and what became of it. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from batches.container_events import (
    ContainerAccepted,
    ContainerDestroyed,
    ContainerDispositioned,
    ContainerEnded,
    ContainerFilled,
    ContainerIssued,
    ContainerStored,
    ContainerThawed,
    DestructionAsked,
    PositionLeft,
    PositionTaken,
    ShipperJudged,
)
from batches.order import line, number
from ledger.event import Refused, demand_reason
from ledger.event import marked as _

PRODUCT, SATELLITE, RETAIN = "product", "satellite", "retain"
KINDS = {
    PRODUCT: _("Product bag"),
    SATELLITE: _("Satellite vial"),
    RETAIN: _("Retained sample"),
}
LETTERS = {PRODUCT: "P", SATELLITE: "V", RETAIN: "R"}
QUARANTINED, RELEASED, REJECTED = "in quarantine", "released", "rejected"
DECISIONS = {RELEASED: _("Release"), REJECTED: _("Reject"), QUARANTINED: _("Back to quarantine")}
INFUSED, RETURNED, NOT_GIVEN = "infused", "returned", "not administered"
ENDS = {
    INFUSED: _("It was infused"),
    RETURNED: _("It came back"),
    NOT_GIVEN: _("It was not administered"),
}
THAW_TO_INFUSION = timedelta(minutes=30)
_ISSUE_SHEET = _("Write the issue sheet's number: capitals and digits, no blanks, as IS-2026-031.")
_WARD_SHEET = _("Write the ward's sheet number: capitals and digits, no blanks, as WS-2026-112.")
_PLACE = re.compile(r"[A-Z0-9]{1,8}").fullmatch
_TANK = re.compile(r"[A-Z0-9][A-Z0-9-]{1,19}").fullmatch


@dataclass(frozen=True, kw_only=True)
class Container:
    container: str = ""
    batch: str = ""
    kind: str = ""
    decision: str = QUARANTINED
    position: str = ""
    tank: str = ""
    ward: str = ""
    issued_by: str = ""
    expires_at: str = ""
    accepted: bool = False
    infuse_by: str = ""
    thawed_at: str = ""
    destroying: DestructionAsked | None = None
    ended: str = ""


INITIAL = Container()


def evolve(state: Container, event: Any) -> Container:
    match event:
        case ContainerFilled():
            return replace(state, container=event.container, batch=event.batch, kind=event.kind)
        case ContainerStored(position=position, tank=tank):
            return replace(state, position=position, tank=tank)
        case ContainerDispositioned(decision=decision):
            return replace(state, decision=decision)
        case ContainerIssued(ward=ward, expires_at=expires_at):
            return replace(
                state, ward=ward, expires_at=expires_at, position="", tank="", accepted=False
            )
        case ContainerAccepted():
            return replace(state, accepted=True)
        case ContainerThawed(thawed_at=thawed_at, infuse_by=infuse_by):
            return replace(state, thawed_at=thawed_at, infuse_by=infuse_by)
        case ContainerEnded(how=how):
            came_back = how == RETURNED
            return replace(
                state,
                ended="" if came_back else how,
                ward="" if came_back else state.ward,
                decision=QUARANTINED if came_back else state.decision,
            )
        case DestructionAsked():
            return replace(state, destroying=event)
        case ShipperJudged():
            return state  # whoever decides about the batch reads what departed
        case ContainerDestroyed():
            return replace(state, ended="destroyed", position="", tank="", destroying=None)
    raise ValueError(f"A container does not know the event {type(event).__name__}.")


def occupant(state: str, event: Any) -> str:
    """Of a position's own stream: the container that is in it, or nothing."""
    match event:
        case PositionTaken(container=container):
            return container
        case PositionLeft():
            return ""
    raise ValueError(f"A position does not know the event {type(event).__name__}.")


def position_of(tank: str, rack: str, box: str, place: str) -> str:
    """The name of a place in a tank: the tank, then rack, box and position with their letters."""
    parts = (rack, box, place)
    if not _TANK(tank) or not all(_PLACE(part) for part in parts):
        raise Refused(
            _("Write rack, box and position in capitals and digits, as 3, 2 and 4."), code="rack"
        )
    return f"{tank}.R{rack}.B{box}.P{place}"


def take_position(held_by: str, *, position: str, container: str) -> list[PositionTaken]:
    """Two containers are never in one place."""
    if held_by:
        raise Refused(
            _("{position} holds {container} already. Choose another place."),
            position=position,
            container=held_by,
            code="position",
        )
    return [PositionTaken(position=position, container=container)]


def store(state: Container, *, container: str, tank: str, position: str) -> list[ContainerStored]:
    here(state, container)
    return [ContainerStored(container=container, tank=tank, position=position, old=state.position)]


def disposition(
    state: Container, *, container: str, decision: str, purpose: str, reason: str
) -> list[ContainerDispositioned]:
    """Decide about one container. What was made for no patient is never released."""
    here(state, container)
    if decision not in DECISIONS:
        raise Refused(_("Say what you decide."), code="decision")
    if decision == state.decision:
        raise Refused(_("This is what was decided already."), code="decision")
    if decision == RELEASED and purpose != "patient":
        raise Refused(
            _("{batch} was made for no patient, so nothing of it is ever released."),
            batch=state.batch,
            code="purpose",
        )
    if decision == RELEASED and state.kind != PRODUCT:
        raise Refused(
            _("{container} is no product bag: vials and retains stay for testing."),
            container=container,
            code="decision",
        )
    if decision != RELEASED:
        demand_reason(reason)
    return [ContainerDispositioned(container=container, decision=decision, old=state.decision)]


def issue(
    state: Container,
    *,
    container: str,
    ward: str,
    expires_at: datetime,
    zone: str,
    document: str,
    identifiers_shown: str,
    logger: str,
    order_ended: str,
    at: datetime,
) -> list[ContainerIssued]:
    """Give a released bag out to the ward, by two identifiers."""
    here(state, container)
    if state.decision != RELEASED:
        raise Refused(
            _("{container} is {decision}. Only a released bag is issued; ask QA."),
            container=container,
            decision=state.decision,
            code="not_released",
        )
    if order_ended:
        raise Refused(
            _("The order behind {container} has ended, so nothing is issued for it. Ask QA."),
            container=container,
            code="order_ended",
        )
    if state.ward:
        raise Refused(
            _("{container} is out to {ward} already."),
            container=container,
            ward=state.ward,
            code="no_change",
        )
    if expires_at <= at:
        raise Refused(_("It has expired at that time already. Correct it."), code="expires_at")
    identified(identifiers_shown, container)
    return [
        ContainerIssued(
            container=container,
            ward=line(ward, _("Say which ward it goes to."), code="ward"),
            expires_at=expires_at.isoformat(timespec="minutes"),
            zone=zone,
            document=number(document, _ISSUE_SHEET, code="document"),
            identifiers_shown=identifiers_shown,
            logger=logger,
        )
    ]


def accept(
    state: Container,
    *,
    container: str,
    person: str,
    issued_by: str,
    identifiers_shown: str,
    document: str,
) -> list[ContainerAccepted]:
    """The other party's signature, by the same two identifiers."""
    _out(state, container)
    if state.accepted:
        raise Refused(_("{container} was accepted already."), container=container, code="no_change")
    if person == issued_by:
        raise Refused(
            _("You issued it yourself, so somebody else has to accept it."), code="same_person"
        )
    identified(identifiers_shown, container)
    return [
        ContainerAccepted(
            container=container,
            ward=state.ward,
            identifiers_shown=identifiers_shown,
            document=number(document, _WARD_SHEET, code="document"),
        )
    ]


def thaw(state: Container, *, container: str, at: datetime) -> list[ContainerThawed]:
    """From now on the clock runs."""
    _accepted(state, container)
    if state.thawed_at:
        raise Refused(_("{container} is thawed already."), container=container, code="no_change")
    if at > datetime.fromisoformat(state.expires_at):
        raise Refused(
            _("{container} expired at {expires_at}. Do not thaw it; call QA."),
            container=container,
            expires_at=state.expires_at,
            code="expired",
        )
    return [
        ContainerThawed(
            container=container,
            thawed_at=at.isoformat(timespec="seconds"),
            infuse_by=(at + THAW_TO_INFUSION).isoformat(timespec="seconds"),
        )
    ]


def end(
    state: Container, *, container: str, how: str, at: datetime, reason: str
) -> list[ContainerEnded]:
    """What became of it on the ward. An infusion that came too late is recorded as late."""
    _accepted(state, container)
    if how not in ENDS:
        raise Refused(_("Say what became of it."), code="how")
    if how == INFUSED and not state.thawed_at:
        raise Refused(
            _("{container} was not thawed yet, as far as the record knows. Record that first."),
            container=container,
            code="not_thawed",
        )
    if how == RETURNED and state.thawed_at:
        raise Refused(
            _("{container} was thawed: it is not taken back, it is destroyed."),
            container=container,
            code="how",
        )
    thawed = datetime.fromisoformat(state.thawed_at) if state.thawed_at else None
    late = thawed is not None and how == INFUSED and at - thawed > THAW_TO_INFUSION
    if how != INFUSED or late:
        demand_reason(reason)
    minutes = None if thawed is None else int((at - thawed).total_seconds()) // 60
    return [
        ContainerEnded(
            container=container,
            how=how,
            ended_at=at.isoformat(timespec="seconds"),
            minutes=minutes,
            late=late,
        )
    ]


def ask_destruction(
    state: Container, *, container: str, route: str, person: str, reason: str
) -> list[DestructionAsked]:
    """The first of two people brings it to destruction."""
    known(state, container)
    if state.ended not in ("", NOT_GIVEN):
        raise Refused(
            _("{container} is not there any more: {how}."),
            container=container,
            how=state.ended,
            code="ended",
        )
    if state.destroying is not None:
        raise Refused(
            _("{container} waits for its witness already."), container=container, code="no_change"
        )
    demand_reason(reason)
    route = line(route, _("Say how it is destroyed, as autoclave, GMO waste."), code="route")
    return [DestructionAsked(container=container, route=route, asked_by=person)]


def destroy(state: Container, *, container: str, person: str) -> list[ContainerDestroyed]:
    """The witness has seen it destroyed."""
    known(state, container)
    if state.destroying is None:
        raise Refused(
            _("Nobody has brought {container} to destruction yet."),
            container=container,
            code="nothing_asked",
        )
    if state.destroying.asked_by == person:
        raise Refused(
            _("You brought it yourself, so somebody else has to be the witness."),
            code="same_person",
        )
    return [
        ContainerDestroyed(
            container=container,
            route=state.destroying.route,
            asked_by=state.destroying.asked_by,
            witness=person,
        )
    ]


def known(state: Container, container: str) -> None:
    if not state.container:
        raise Refused(
            _("There is no container {container}."), container=container, code="no_container"
        )


def here(state: Container, container: str) -> None:
    """It is in the house: neither on a ward nor gone."""
    known(state, container)
    if state.ended or state.ward:
        raise Refused(
            _("{container} is not here any more: {where}."),
            container=container,
            where=state.ended or state.ward,
            code="ended",
        )


def identified(identifiers_shown: str, container: str) -> None:
    if not identifiers_shown:
        raise Refused(
            _(
                "Compare two identifiers first: look them up in the vault for issuing"
                " {container}, then send this again."
            ),
            container=container,
            code="not_identified",
        )


def _out(state: Container, container: str) -> None:
    known(state, container)
    if not state.ward or state.ended:
        raise Refused(
            _("{container} is on no ward. Issue it first."), container=container, code="not_issued"
        )


def _accepted(state: Container, container: str) -> None:
    _out(state, container)
    if not state.accepted:
        raise Refused(
            _("Nobody has accepted {container} on the ward yet. The other party signs first."),
            container=container,
            code="not_accepted",
        )


def numbered(batch: str, kind: str, position: int) -> str:
    """The number of a batch's container, as CT-0421-P01."""
    return f"{batch}-{LETTERS[kind]}{position:02d}"
