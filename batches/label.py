"""The labels of a batch, one by one: printed, used, destroyed or retained, and counted. Pure.

One stream holds all labels of a batch; a roll that is printed for stock is a stream of its own, and
whichever batch uses one of its labels first has it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ledger.event import Refused, demand_reason, event_type
from ledger.event import marked as _

PRINTED, USED, DESTROYED, RETAINED = "printed", "used", "destroyed", "retained"
MOST = 200  # labels of one print job
CONTAINER = "container"  # the kind of label that goes on what is given to a patient
_ROLL = re.compile(r"ROLL-[0-9]{1,6}")
_LABEL = re.compile(r"([A-Z0-9][A-Z0-9-]{0,19})-([0-9]{1,3})-([0-9]{3})")


@event_type(
    "batches.labels_printed",
    1,
    sentence="Print job {job} of {roll}: labels “{title}”, {count} of them, {first} to {last}.",
    owner="batches",
    retention="traceability",
)
class LabelsPrinted:
    roll: str  # the batch, or a roll for stock
    batch: str  # empty for stock
    job: int
    kind: str  # the recipe's key of the label
    title: str
    use: str  # container, sample, intermediate
    count: int
    first: str
    last: str
    identified: bool  # whether the patient's identifiers are on them
    route: str
    expires: str  # with its offset; empty where the label bears none
    zone: str
    gtin: str


@event_type(
    "batches.label_used",
    1,
    sentence="Label {label} was used in step {step} of {batch}.",
    owner="batches",
    retention="traceability",
)
class LabelUsed:
    label: str
    batch: str
    step: int
    parameter: str


@event_type(
    "batches.labels_destroyed",
    1,
    sentence="Of the labels of {roll}, {count} destroyed: {labels}.",
    owner="batches",
    retention="traceability",
)
class LabelsDestroyed:
    roll: str
    labels: str  # their numbers, with a space between
    count: int
    destroyed_by: str


@event_type(
    "batches.labels_retained",
    1,
    sentence="Of the labels of {roll}, {count} retained with the record: {labels}.",
    owner="batches",
    retention="traceability",
)
class LabelsRetained:
    roll: str
    labels: str
    count: int
    retained_by: str


@event_type(
    "batches.labels_reconciled",
    1,
    sentence="Labels of {roll}: {printed} printed = {used} used + {destroyed} destroyed"
    " + {retained} retained.",
    owner="batches",
    retention="traceability",
)
class LabelsReconciled:
    roll: str
    printed: int
    used: int
    destroyed: int
    retained: int
    reconciled_by: str


@dataclass(frozen=True, kw_only=True)
class Label:
    """One label: what kind it is, what became of it, and what it answers once it is used."""

    kind: str
    state: str = PRINTED
    batch: str = ""
    step: int = 0
    parameter: str = ""

    def answers(self, batch: str, step: int, parameter: str) -> bool:
        here = (self.batch, self.step, self.parameter) == (batch, step, parameter)
        return self.state == USED and here


@dataclass(frozen=True, kw_only=True)
class Labels:
    """All labels of a batch or of a roll."""

    roll: str = ""
    batch: str = ""
    jobs: tuple[str, ...] = ()  # the kind that each job printed
    labels: Mapping[str, Label] = field(default_factory=dict)
    reconciled: bool = False

    def count(self, state: str) -> int:
        return sum(label.state == state for label in self.labels.values())


INITIAL = Labels()


def evolve(state: Labels, event: Any) -> Labels:
    match event:
        case LabelsPrinted(roll=roll, batch=batch, job=job, kind=kind, count=count):
            made = {number(roll, job, n): Label(kind=kind, batch=batch) for n in _upto(count)}
            return replace(
                state,
                roll=roll,
                batch=batch,
                jobs=(*state.jobs, kind),
                labels={**state.labels, **made},
                reconciled=False,
            )
        case LabelUsed(label=label, batch=batch, step=step, parameter=parameter):
            used = replace(
                state.labels[label], state=USED, batch=batch, step=step, parameter=parameter
            )
            return replace(state, labels={**state.labels, label: used}, reconciled=False)
        case LabelsDestroyed(labels=labels):
            return _became(state, labels, DESTROYED)
        case LabelsRetained(labels=labels):
            return _became(state, labels, RETAINED)
        case LabelsReconciled():
            return replace(state, reconciled=True)
    raise ValueError(f"Labels do not know the event {type(event).__name__}.")


def _upto(count: int) -> range:
    return range(1, count + 1)


def _became(state: Labels, labels: str, became: str) -> Labels:
    changed = {one: replace(state.labels[one], state=became) for one in labels.split()}
    return replace(state, labels={**state.labels, **changed}, reconciled=False)


def number(roll: str, job: int, position: int) -> str:
    """A label's number: the batch or roll, the job, the label in it, as CT-0421-1-003."""
    return f"{roll}-{job}-{position:03}"


def roll_of(label: str) -> str:
    """Where a label was printed, by its number; nothing where it is no label's number."""
    found = _LABEL.fullmatch(label)
    return found[1] if found else ""


def is_roll(text: str) -> bool:
    return _ROLL.fullmatch(text) is not None


def print_job(
    state: Labels,
    *,
    roll: str,
    batch: str,
    kind: str,
    title: str,
    use: str,
    count: int,
    reason: str,
    identified: bool,
    route: str = "",
    expires: str = "",
    zone: str = "",
    gtin: str = "",
) -> list[LabelsPrinted]:
    """Print labels of a kind. The first job of a kind is what the recipe asks for; every later
    one is a reprint, and says why.
    """
    if not 1 <= count <= MOST:
        raise Refused(_("Print 1 to {most} labels at once."), most=MOST, code="label_count")
    if len(state.jobs) >= 999:
        raise Refused(
            _("{roll} has 999 print jobs. Ask quality assurance."), roll=roll, code="label_jobs"
        )
    if kind in state.jobs:
        demand_reason(reason)
    if use == CONTAINER and not (expires and zone):
        raise Refused(
            _("A container's label bears when it expires, with time and zone. Fill it in."),
            code="label_expires",
        )
    if use == CONTAINER and not route:
        raise Refused(
            _("A container's label bears the route of administration. Fill it in."),
            code="label_route",
        )
    job = len(state.jobs) + 1
    return [
        LabelsPrinted(
            roll=roll,
            batch=batch,
            job=job,
            kind=kind,
            title=title,
            use=use,
            count=count,
            first=number(roll, job, 1),
            last=number(roll, job, count),
            identified=identified,
            route=route,
            expires=expires,
            zone=zone,
            gtin=gtin,
        )
    ]


def use(
    state: Labels, *, label: str, batch: str, kind: str, step: int, parameter: str
) -> list[LabelUsed]:
    """Put a label on something: it is of this batch, of the kind that is asked for, and unused.

    The very same answer, given again, uses nothing more.
    """
    found = state.labels.get(label)
    if found is None:
        raise Refused(
            _("Nobody printed a label {label}. Scan the label again."),
            label=label,
            code="no_label",
        )
    if state.batch not in ("", batch) or (found.batch and found.batch != batch):
        raise Refused(
            _("Label {label} is not of this batch. Put it away, and scan a label of this batch."),
            label=label,
            code="wrong_label",
        )
    if kind and state.batch and found.kind != kind:
        raise Refused(
            _("Label {label} is of another kind. Scan the label that this step asks for."),
            label=label,
            code="wrong_label",
        )
    if found.answers(batch, step, parameter):
        return []
    if found.state == USED:
        raise Refused(
            _("Label {label} is used already, in step {step}: it answers once. Take another one."),
            label=label,
            step=found.step,
            code="label_gone",
        )
    if found.state != PRINTED:
        raise Refused(
            _("Label {label} is {state} already. Take another one."),
            label=label,
            state=found.state,
            code="label_gone",
        )
    return [LabelUsed(label=label, batch=batch, step=step, parameter=parameter)]


def destroy(
    state: Labels, *, roll: str, labels: Iterable[str], person: str, reason: str
) -> list[LabelsDestroyed]:
    """Destroy labels that are spoilt or left over, and say why."""
    demand_reason(reason)
    chosen = _chosen(state, roll, labels, {PRINTED, USED, RETAINED})
    return [
        LabelsDestroyed(roll=roll, labels=" ".join(chosen), count=len(chosen), destroyed_by=person)
    ]


def retain(state: Labels, *, roll: str, labels: Iterable[str], person: str) -> list[LabelsRetained]:
    """Keep labels with the record, as a specimen of what was printed."""
    chosen = _chosen(state, roll, labels, {PRINTED})
    return [
        LabelsRetained(roll=roll, labels=" ".join(chosen), count=len(chosen), retained_by=person)
    ]


def reconcile(
    state: Labels, *, roll: str, printers: Iterable[str], person: str
) -> list[LabelsReconciled]:
    """Close the count: every label that was printed is used, destroyed or retained."""
    _known(state, roll)
    left = sorted(label for label, one in state.labels.items() if one.state == PRINTED)
    if left:
        raise Refused(
            _("{n} labels are not accounted for, the first is {label}. Find it, or destroy it."),
            n=len(left),
            label=left[0],
            code="labels_left",
        )
    if state.reconciled:
        raise Refused(_("The labels of {roll} are reconciled."), roll=roll, code="reconciled")
    if person in printers:
        raise Refused(
            _("You printed labels of this batch, so somebody else counts them."),
            code="same_person",
        )
    return [
        LabelsReconciled(
            roll=roll,
            printed=len(state.labels),
            used=state.count(USED),
            destroyed=state.count(DESTROYED),
            retained=state.count(RETAINED),
            reconciled_by=person,
        )
    ]


def _chosen(state: Labels, roll: str, labels: Iterable[str], from_: set[str]) -> list[str]:
    _known(state, roll)
    chosen = list(dict.fromkeys(labels))
    if not chosen:
        raise Refused(_("Scan or choose at least one label."), code="no_label")
    for label in chosen:
        found = state.labels.get(label)
        if found is None:
            raise Refused(
                _("Label {label} is not of {roll}. Scan the label again."),
                label=label,
                roll=roll,
                code="wrong_label",
            )
        if found.state not in from_:
            raise Refused(
                _("Label {label} is {state} already."),
                label=label,
                state=found.state,
                code="label_gone",
            )
    return chosen


def _known(state: Labels, roll: str) -> None:
    if not state.roll:
        raise Refused(_("No label was printed for {roll}."), roll=roll, code="no_labels")
