"""What may be asked about labels: print, print again, destroy, retain, count."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from batches import gs1, label_queries, queries
from batches import label as labels
from batches.limits import read_moment
from batches.recipe_content import LabelNeed
from ledger.command import Act, command
from ledger.event import Refused
from ledger.event import marked as _
from ledger.signature import Meaning
from personnel.roles import OPERATOR, QA_REVIEWER, QC_ANALYST, SUPERVISOR

RECORD = "label/{roll}"
PRINTERS = (OPERATOR, SUPERVISOR)
COUNTERS = (SUPERVISOR, QA_REVIEWER)
ROUTES = {
    "intravenous infusion": _("intravenous infusion"),
    "intra-articular implantation": _("intra-articular implantation"),
    "cutaneous application": _("cutaneous application"),
    "intramuscular injection": _("intramuscular injection"),
    "intravitreal injection": _("intravitreal injection"),
}


@command(
    "batches.print_labels",
    role=PRINTERS,
    label=_("print labels of {roll}"),
    record=RECORD,
)
def print_labels(
    act: Act,
    *,
    roll: str,
    kind: str,
    count: int,
    route: str = "",
    expires: str = "",
    zone: str = "",
    gtin: str = "",
) -> None:
    """Number the labels of a kind that the recipe asks for. A second job of a kind says why."""
    need, identified = _need(roll, kind)
    on_container = need.kind == labels.CONTAINER
    if gtin and not gs1.gtin14(gtin):
        raise Refused(
            _("This article number is not whole: its check digit is wrong. Correct it."),
            code="label_gtin",
        )
    if route and route not in ROUTES:
        raise Refused(_("Choose a route of administration from the list."), code="label_route")
    events = labels.print_job(
        act.load("label", roll, labels.INITIAL, labels.evolve),
        roll=roll,
        batch=roll,
        kind=kind,
        title=need.title,
        use=need.kind,
        count=count,
        reason=act.reason,
        identified=identified,
        route=route if on_container else "",
        expires=_moment(expires, zone, act.at) if on_container or expires else "",
        zone=zone if on_container or expires else "",
        gtin=gs1.gtin14(gtin) if gtin else "",
    )
    act.record("label", roll, events)


@command(
    "batches.print_roll",
    role=PRINTERS,
    label=_("print labels for stock, {roll}"),
    record=RECORD,
)
def print_roll(act: Act, *, roll: str, title: str, count: int) -> None:
    """Number labels for stock: whichever batch uses one first has it."""
    if not labels.is_roll(roll):
        raise Refused(_("Number the roll as ROLL-12."), code="roll_number")
    if not 3 <= len(title.strip()) <= 120:
        raise Refused(_("Say in a few words what these labels are for."), code="label_title")
    events = labels.print_job(
        act.load("label", roll, labels.INITIAL, labels.evolve),
        roll=roll,
        batch="",
        kind="stock",
        title=title.strip(),
        use="sample",
        count=count,
        reason=act.reason,
        identified=False,
    )
    act.record("label", roll, events)


@command(
    "batches.destroy_labels",
    role=(*PRINTERS, QC_ANALYST),
    label=_("destroy labels of {roll}"),
    record=RECORD,
    needs_reason=True,
)
def destroy_labels(act: Act, *, roll: str, chosen: str) -> None:
    """Destroy labels that are spoilt or left over. `chosen`: numbers with a space between."""
    state = act.load("label", roll, labels.INITIAL, labels.evolve)
    events = labels.destroy(
        state, roll=roll, labels=chosen.split(), person=act.actor.person, reason=act.reason
    )
    act.record("label", roll, events)


@command(
    "batches.retain_labels",
    role=(*PRINTERS, QC_ANALYST),
    label=_("retain labels of {roll}"),
    record=RECORD,
)
def retain_labels(act: Act, *, roll: str, chosen: str) -> None:
    """Keep labels with the record."""
    state = act.load("label", roll, labels.INITIAL, labels.evolve)
    events = labels.retain(state, roll=roll, labels=chosen.split(), person=act.actor.person)
    act.record("label", roll, events)


@command(
    "batches.reconcile_labels",
    role=COUNTERS,
    label=_("reconcile the labels of {roll}"),
    record=RECORD,
    signature=Meaning.VERIFIED,
)
def reconcile_labels(act: Act, *, roll: str) -> None:
    """Sign that every label that was printed is used, destroyed or retained."""
    state = act.load("label", roll, labels.INITIAL, labels.evolve)
    printers = label_queries.printers(roll)
    events = labels.reconcile(state, roll=roll, printers=printers, person=act.actor.person)
    act.record("label", roll, events)


def demand_counted(batch: str) -> None:
    """For the command that closes a batch: no close while labels are not reconciled."""
    label_queries.held_batch(batch)
    if label_queries.uncounted(batch):
        raise Refused(
            _("The labels of {batch} are not reconciled. A supervisor counts them first."),
            batch=batch,
            code="labels_uncounted",
        )


def _need(batch: str, kind: str) -> tuple[LabelNeed, bool]:
    """What the recipe says of a kind, and whether the patient's identifiers stand on it."""
    line = label_queries.held_batch(batch)
    if line is None:
        raise Refused(_("There is no batch {batch}."), batch=batch, code="no_batch")
    if line.completed_at is not None or line.aborted_at is not None:
        raise Refused(
            _("The record of {batch} is closed, so no label is printed for it."),
            batch=batch,
            code="closed",
        )
    recipe = queries.recipe_of(queries.batch_state(batch))
    need = next((one for one in recipe.content.labels if one.key == kind), None)
    if need is None:
        raise Refused(
            _("The recipe of {batch} declares no label “{kind}”."),
            batch=batch,
            kind=kind[:40],
            code="label_kind",
        )
    return need, need.kind == labels.CONTAINER and bool(line.subject)


def _moment(expires: str, zone: str, at: datetime) -> str:
    """The expiry as the place says it, with its offset."""
    if not expires:
        return ""
    try:
        there = ZoneInfo(zone)
        local = datetime.fromisoformat(expires)
        aware = local if local.tzinfo else local.replace(tzinfo=there)
        stated = read_moment(aware.isoformat())
    except (ValueError, ZoneInfoNotFoundError, OSError):
        stated = None  # told below
    if stated is None:
        raise Refused(
            _("Write when it expires as day and time, and choose the zone."), code="label_expires"
        )
    moment = stated.astimezone(there)
    if moment <= at:
        raise Refused(_("This expiry is past already. Correct it."), code="label_expires")
    return moment.isoformat(timespec="minutes")
