"""What may be asked once a container leaves: issue, accept, thaw, infuse, return, destroy."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils import timezone

from batches import (
    collection_log,
    container_curve,
    container_queries,
    custody_commands,
    custody_queries,
)
from batches import container as containers
from batches.collection_commands import moment
from batches.container_commands import demand_material, leave_position, load
from batches.container_events import TankExcursion, WasteRecorded
from batches.custody import read_temperature
from batches.custody_items import batch_subject
from batches.order import line, number
from batches.order_queries import held_batch
from ledger import blobs
from ledger.clock import rfc3339
from ledger.command import Act, command
from ledger.event import Refused
from ledger.event import marked as _
from ledger.signature import Meaning
from personnel.roles import OPERATOR, QA_REVIEWER, QUALIFIED_PERSON, SUPERVISOR, VERIFIER
from personnel.vault_subject import ISSUING

RECORD = "container/{container}"
HANDS = (OPERATOR, VERIFIER, SUPERVISOR)


@command(
    "batches.issue_container",
    role=(SUPERVISOR, QUALIFIED_PERSON, QA_REVIEWER),
    label=_("issue {container} to {ward}"),
    record=RECORD,
    signature=Meaning.PERFORMED,
    private=("logger",),
)
def issue_container(
    act: Act, *, container: str, ward: str, expires_at: str, document: str, logger: str = ""
) -> None:
    """Give a released bag out by two identifiers, with the time until which it may be used."""
    state = load(act, container)
    demand_material(state.batch)
    issued = containers.issue(
        state,
        container=container,
        ward=ward,
        expires_at=moment(expires_at, code="expires_at").astimezone(_zone()),
        zone=timezone.get_current_timezone_name(),
        document=document,
        identifiers_shown=_shown(act, state),
        logger=_shipped(act, container, logger),
        order_ended=container_queries.order_ended(state.batch),
        at=act.at,
    )
    leave_position(act, state)
    act.record("container", container, issued)
    custody_commands.linked(act, container, "handed_over", to_place=issued[0].ward)


@command(
    "batches.accept_container",
    role=(*HANDS, QA_REVIEWER, QUALIFIED_PERSON),
    label=_("accept {container} for the ward"),
    record=RECORD,
    signature=Meaning.VERIFIED,
    private=("logger",),
)
def accept_container(act: Act, *, container: str, document: str, logger: str = "") -> None:
    """The other party compares the same two identifiers and signs; the shipper's logger is read."""
    state = load(act, container)
    accepted = containers.accept(
        state,
        container=container,
        person=act.actor.person,
        issued_by=container_queries.issued_by(container),
        identifiers_shown=_shown(act, state),
        document=document,
    )
    act.record("container", container, accepted)
    row = container_queries.container(container)
    _shipped(act, container, logger, left=row.issued_at if row else None)
    custody_commands.linked(act, container, "taken_over", place=accepted[0].ward)


@command("batches.thaw_container", role=HANDS, label=_("thaw {container}"), record=RECORD)
def thaw_container(act: Act, *, container: str) -> None:
    """Start the clock from thawing to infusion."""
    state = load(act, container)
    act.record("container", container, containers.thaw(state, container=container, at=act.at))


@command(
    "batches.end_container",
    role=HANDS,
    label=_("record what became of {container}"),
    record=RECORD,
    signature=Meaning.PERFORMED,
)
def end_container(act: Act, *, container: str, how: str) -> None:
    """Infused, returned, or not administered."""
    ended = containers.end(
        load(act, container), container=container, how=how, at=act.at, reason=act.reason
    )
    act.record("container", container, ended)
    if how != containers.RETURNED:
        custody_commands.linked(act, container, "ended")


@command(
    "batches.ask_destruction",
    role=HANDS,
    label=_("bring {container} to destruction"),
    record=RECORD,
    signature=Meaning.PERFORMED,
    needs_reason=True,
)
def ask_destruction(act: Act, *, container: str, route: str) -> None:
    """The first of two people brings it to destruction."""
    asked = containers.ask_destruction(
        load(act, container),
        container=container,
        route=route,
        person=act.actor.person,
        reason=act.reason,
    )
    act.record("container", container, asked)


@command(
    "batches.destroy_container",
    role=(*HANDS, QA_REVIEWER),
    label=_("witness the destruction of {container}"),
    record=RECORD,
    signature=Meaning.VERIFIED,
)
def destroy_container(act: Act, *, container: str) -> None:
    """The witness signs."""
    state = load(act, container)
    destroyed = containers.destroy(state, container=container, person=act.actor.person)
    leave_position(act, state)
    act.record("container", container, destroyed)
    custody_commands.linked(act, container, "ended")


@command(
    "batches.record_excursion",
    role=(OPERATOR, SUPERVISOR, QA_REVIEWER),
    label=_("record an excursion of {tank}"),
    record="excursion/{excursion}",
    private=("logger",),
    needs_reason=True,
)
def record_excursion(act: Act, *, excursion: str, tank: str, limit: str, logger: str) -> None:
    """A tank was too warm: the file is judged, and what was in it then is named."""
    number(excursion, _("Number it, as EXC-2026-002."), code="excursion")
    if not container_queries.is_tank(tank, in_service=False):
        raise Refused(_("{tank} is no storage tank."), tank=tank, code="tank")
    most = read_temperature(limit)
    log = collection_log.read(logger)
    warm = [at for at, temperature in log.readings if temperature > most]
    if not warm:
        raise Refused(
            _("Nothing in the file lies above {limit} °C, so this is no excursion."),
            limit=str(most),
            code="logger",
        )
    touched = container_queries.in_tank(tank, warm[0], warm[-1])
    event = TankExcursion(
        excursion=excursion,
        tank=tank,
        began_at=rfc3339(warm[0]),
        ended_at=rfc3339(warm[-1]),
        highest=log.highest,
        limit=most,
        logger=blobs.put(logger.encode()),
        containers=touched,
    )
    known = act.load("excursion", excursion, False, _is_there)
    if known:
        raise Refused(_("{excursion} is in use."), excursion=excursion, code="excursion")
    act.record("excursion", excursion, [event])


@command(
    "batches.record_waste",
    role=(OPERATOR, SUPERVISOR),
    label=_("record the GMO waste of {batch}"),
    record="fill/{batch}",
    signature=Meaning.PERFORMED,
)
def record_waste(
    act: Act, *, batch: str, filled: int, destroyed: int, route: str, document: str
) -> None:
    """Reconcile what was filled with what was destroyed; a difference is kept with its reason."""
    if held_batch(batch) is None:
        raise Refused(_("There is no batch {batch}."), batch=batch, code="batch")
    if not 0 <= destroyed <= filled or filled > 999:
        raise Refused(_("No more can be destroyed than was filled. Count again."), code="destroyed")
    if filled != destroyed and not act.reason:
        raise Refused(
            _("{difference} bags are missing. Find them, or say why they are not destroyed yet."),
            difference=filled - destroyed,
            code="reason_missing",
        )
    act.load("fill", batch, False, _is_there)
    event = WasteRecorded(
        batch=batch,
        filled=filled,
        destroyed=destroyed,
        difference=filled - destroyed,
        route=line(route, _("Say how it was destroyed."), code="route"),
        document=number(
            document,
            _("Write the certificate's number: capitals and digits, no blanks, as DC-2026-014."),
            code="document",
        ),
    )
    act.record("fill", batch, [event])


def _shipped(act: Act, container: str, logger: str, *, left: datetime | None = None) -> str:
    """Judge the file of a shipper's logger, if there is one, and say under which name it is kept.

    What departs is told to whoever reviews the batch."""
    if not logger:
        return ""
    log = collection_log.read(logger)
    judged = container_curve.judge_shipper(
        log,
        container=container,
        logger=blobs.put(logger.encode()),
        frozen=container_queries.was_frozen(container),
        left=left,
        at=act.at,
    )
    act.record("container", container, [judged])
    custody_commands.depart(act, container, [f"{container}: {one}" for one in judged.departures])
    return judged.logger


def _is_there(_state: bool, _event: object) -> bool:
    return True


def _zone() -> ZoneInfo:
    return ZoneInfo(timezone.get_current_timezone_name())


def _shown(act: Act, state: containers.Container) -> str:
    containers.known(state, state.container or "?")
    return custody_queries.identifiers_shown(
        act.actor.person, batch_subject(state.batch), ISSUING, state.container, at=act.at
    )
