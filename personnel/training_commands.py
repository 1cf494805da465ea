"""What may be asked about training: items, curricula, records, and their revocation."""

from __future__ import annotations

from django.utils import timezone

from ledger.command import Act, command
from ledger.event import Refused
from ledger.event import marked as _
from personnel import queries, training, vouching
from personnel.roles import (
    PROCESS_ENGINEER,
    QA_REVIEWER,
    QC_ANALYST,
    QUALIFIED_PERSON,
    SUPERVISOR,
)

ITEM, CURRICULUM, TRAINED = "training_item", "curriculum", "training"
KEEPERS = (QA_REVIEWER,)
ASSESSORS = (SUPERVISOR, QA_REVIEWER, QUALIFIED_PERSON, PROCESS_ENGINEER, QC_ANALYST)


@command(
    "personnel.introduce_training_item",
    role=KEEPERS,
    label=_("introduce {item}, version {version}, to be trained on"),
    record="training_item/{item}",
)
def introduce(
    act: Act, *, item: str, kind: str, title: str, version: str, valid_months: int
) -> None:
    """Put something on the list of what people are trained on."""
    introduced = training.introduce(
        _item(act, item),
        item=item,
        kind=kind,
        title=title,
        version=version,
        valid_months=valid_months,
    )
    act.record(ITEM, item, introduced)


@command(
    "personnel.change_training_version",
    role=KEEPERS,
    label=_("let version {version} of {item} count"),
    record="training_item/{item}",
    needs_reason=True,
)
def change_version(act: Act, *, item: str, version: str) -> None:
    """Let a new version count: whoever was trained on the old one is trained anew."""
    changed = training.change_version(_item(act, item), item=item, version=version)
    act.record(ITEM, item, changed)


@command(
    "personnel.add_to_curriculum",
    role=KEEPERS,
    label=_("add {item} to the curriculum of the role {role}"),
    record="curriculum/{role}",
    needs_reason=True,
)
def add_to_curriculum(act: Act, *, role: str, item: str) -> None:
    """Demand a training of everybody who holds a role."""
    state = _curriculum(act, role)
    act.record(CURRICULUM, role, training.add(state, _item(act, item), role=role, item=item))


@command(
    "personnel.remove_from_curriculum",
    role=KEEPERS,
    label=_("remove {item} from the curriculum of the role {role}"),
    record="curriculum/{role}",
    needs_reason=True,
)
def remove_from_curriculum(act: Act, *, role: str, item: str) -> None:
    """Demand it no longer."""
    act.record(CURRICULUM, role, training.remove(_curriculum(act, role), role=role, item=item))


@command(
    "personnel.record_training",
    role=ASSESSORS,
    label=_("record the training of {person} on {item}"),
    record="training/{person}",
)
def record(act: Act, *, person: str, item: str, version: str, trained_on: str, method: str) -> None:
    """Say, as a second person, that somebody was trained and can do it."""
    vouching.demand_known(act.actor.person)
    if queries.person(person) is None:
        raise Refused(_("Nobody is enrolled as {person}."), person=person, code="no_person")
    act.load(TRAINED, person, training.Trained(), training.evolve_trained)
    recorded = training.record(
        _item(act, item),
        person=person,
        item=item,
        version=version,
        trained_on=trained_on,
        method=method,
        assessor=act.actor.person,
        today=timezone.localdate(act.at),
    )
    act.record(TRAINED, person, recorded)


@command(
    "personnel.revoke_training",
    role=KEEPERS,
    label=_("revoke the training of {person} on {item}"),
    record="training/{person}",
    needs_reason=True,
)
def revoke(act: Act, *, person: str, item: str, version: str) -> None:
    """Say that a training does not hold: a failed media fill, a record made in error."""
    state = act.load(TRAINED, person, training.Trained(), training.evolve_trained)
    revoked = training.revoke(state, person=person, item=item, version=version)
    act.record(TRAINED, person, revoked)


def _item(act: Act, item: str) -> training.Item:
    return act.load(ITEM, item, training.Item(), training.evolve_item)


def _curriculum(act: Act, role: str) -> training.Curriculum:
    return act.load(CURRICULUM, role, training.Curriculum(), training.evolve_curriculum)
