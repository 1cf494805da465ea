"""What people are trained on: items and their versions, curricula of roles, records. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from ledger.event import Refused, event_type
from ledger.event import marked as _
from personnel.roles import GMP_ROLES, LABELS

KINDS = {
    "procedure": _("procedure"),
    "recipe": _("master batch record"),
    "qualification": _("qualification"),
}
READ, PERFORMED, EXAMINED = "read", "performed", "examined"
METHODS = {
    READ: _("read and understood"),
    PERFORMED: _("performed under supervision"),
    EXAMINED: _("examined"),
}
_ITEM = re.compile(r"[A-Z][A-Z0-9.-]{1,39}").fullmatch
_VERSION = re.compile(r"[0-9][0-9A-Za-z.]{0,9}").fullmatch
_LONGEST = 120


@event_type(
    "personnel.training_item_introduced",
    1,
    sentence="{item} ({title}), version {version}, was introduced as something to be trained on.",
    owner="personnel",
    retention="system",
)
class ItemIntroduced:
    item: str
    kind: str
    title: str
    version: str
    valid_months: int  # how long a training holds; 0: as long as the version does


@event_type(
    "personnel.training_version_changed",
    1,
    sentence="{item} went from version {old} to version {new}; trainings on {old} hold no more.",
    owner="personnel",
    retention="system",
)
class VersionChanged:
    item: str
    old: str
    new: str


@event_type(
    "personnel.curriculum_item_added",
    1,
    sentence="{item} was added to the curriculum of the role {role}.",
    owner="personnel",
    retention="system",
)
class CurriculumItemAdded:
    role: str
    item: str


@event_type(
    "personnel.curriculum_item_removed",
    1,
    sentence="{item} was removed from the curriculum of the role {role}.",
    owner="personnel",
    retention="system",
)
class CurriculumItemRemoved:
    role: str
    item: str


@event_type(
    "personnel.training_recorded",
    1,
    sentence="{person} was trained on {item}, version {version}, on {trained_on}: {method}.",
    owner="personnel",
    retention="system",
)
class TrainingRecorded:
    person: str
    item: str
    version: str
    trained_on: str
    valid_until: str | None
    method: str
    assessor: str


@event_type(
    "personnel.training_revoked",
    1,
    sentence="The training of {person} on {item}, version {version}, was revoked.",
    owner="personnel",
    retention="system",
)
class TrainingRevoked:
    person: str
    item: str
    version: str


@dataclass(frozen=True, kw_only=True)
class Item:
    version: str = ""
    valid_months: int = 0
    before: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Curriculum:
    items: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Trained:
    """One person's trainings that stand: (item, version) to the day of the newest."""

    on: dict[tuple[str, str], str] = field(default_factory=dict)


def evolve_item(state: Item, event: Any) -> Item:
    match event:
        case ItemIntroduced(version=version, valid_months=months):
            return replace(state, version=version, valid_months=months)
        case VersionChanged(old=old, new=new):
            return replace(state, version=new, before=(*state.before, old))
    raise ValueError(f"An item does not know the event {type(event).__name__}.")


def evolve_curriculum(state: Curriculum, event: Any) -> Curriculum:
    match event:
        case CurriculumItemAdded(item=item):
            return replace(state, items=state.items | {item})
        case CurriculumItemRemoved(item=item):
            return replace(state, items=state.items - {item})
    raise ValueError(f"A curriculum does not know the event {type(event).__name__}.")


def evolve_trained(state: Trained, event: Any) -> Trained:
    match event:
        case TrainingRecorded(item=item, version=version, trained_on=day):
            return Trained(on={**state.on, (item, version): day})
        case TrainingRevoked(item=item, version=version):
            return Trained(on={k: day for k, day in state.on.items() if k != (item, version)})
    raise ValueError(f"A person's training does not know the event {type(event).__name__}.")


def introduce(
    state: Item, *, item: str, kind: str, title: str, version: str, valid_months: int
) -> list[ItemIntroduced]:
    if state.version:
        raise Refused(_("{item} is on the list already."), item=item, code="item_known")
    if not _ITEM(item):
        raise Refused(_("Number it in capitals, digits and dashes, as SOP-014."), code="item")
    if kind not in KINDS:
        raise Refused(_("Say what kind of thing it is."), code="kind")
    name = " ".join(title.split())
    if not name or len(name) > _LONGEST:
        raise Refused(_("Give it a title of one line."), code="title")
    _demand_version(version)
    if not 0 <= valid_months <= 120:
        raise Refused(
            _("A training holds for 1 to 120 months, or 0 for as long as the version does."),
            code="valid_months",
        )
    return [
        ItemIntroduced(item=item, kind=kind, title=name, version=version, valid_months=valid_months)
    ]


def change_version(state: Item, *, item: str, version: str) -> list[VersionChanged]:
    _demand_item(state, item)
    _demand_version(version)
    if version == state.version or version in state.before:
        raise Refused(
            _("{item} has had version {version} already."),
            item=item,
            version=version,
            code="version",
        )
    return [VersionChanged(item=item, old=state.version, new=version)]


def add(state: Curriculum, known: Item, *, role: str, item: str) -> list[CurriculumItemAdded]:
    _demand_item(known, item)
    if role not in GMP_ROLES:
        raise Refused(_("A curriculum belongs to a role that makes or releases."), code="role")
    if item in state.items:
        raise Refused(
            _("{item} is in the curriculum of the {role} already."),
            item=item,
            role=LABELS[role],
            code="item_known",
        )
    return [CurriculumItemAdded(role=role, item=item)]


def remove(state: Curriculum, *, role: str, item: str) -> list[CurriculumItemRemoved]:
    if item not in state.items:
        raise Refused(
            _("{item} is not in the curriculum of the {role}."),
            item=item,
            role=LABELS.get(role, role),
            code="item",
        )
    return [CurriculumItemRemoved(role=role, item=item)]


def record(
    known: Item,
    *,
    person: str,
    item: str,
    version: str,
    trained_on: str,
    method: str,
    assessor: str,
    today: date,
) -> list[TrainingRecorded]:
    """A second person says that somebody can do this now."""
    _demand_item(known, item)
    if version != known.version:
        raise Refused(
            _("{item} is at version {version} now. Train on that."),
            item=item,
            version=known.version,
            code="version",
        )
    if assessor == person:
        raise Refused(
            _("Nobody assesses their own training. A second person does."), code="same_person"
        )
    day = day_of(trained_on)
    if day is None or day > today:
        raise Refused(_("Write a day that has been, as year-month-day."), code="trained_on")
    if method not in METHODS:
        raise Refused(_("Say how it was assessed."), code="method")
    until = months_after(day, known.valid_months) if known.valid_months else None
    if until is not None and until < today:
        raise Refused(
            _("A training of {day} is over since {until}. Train again."),
            day=trained_on,
            until=until.isoformat(),
            code="trained_on",
        )
    return [
        TrainingRecorded(
            person=person,
            item=item,
            version=version,
            trained_on=day.isoformat(),
            valid_until=until.isoformat() if until else None,
            method=method,
            assessor=assessor,
        )
    ]


def revoke(state: Trained, *, person: str, item: str, version: str) -> list[TrainingRevoked]:
    if (item, version) not in state.on:
        raise Refused(
            _("{person} has no training on {item}, version {version}."),
            person=person,
            item=item,
            version=version,
            code="not_trained",
        )
    return [TrainingRevoked(person=person, item=item, version=version)]


def months_after(day: date, months: int) -> date:
    """The same day so many months later, or the month's last where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, min(day.day, last))
        except ValueError:
            continue
    raise ValueError(f"{months} months after {day}")


def day_of(text: str) -> date | None:
    """A date written as 2026-03-02, or nothing."""
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def _demand_item(state: Item, item: str) -> None:
    if not item:
        raise Refused(_("Choose what it is about from the list of trainings."), code="no_item")
    if not state.version:
        raise Refused(_("{item} is not on the list of trainings."), item=item, code="no_item")


def _demand_version(version: str) -> None:
    if not _VERSION(version):
        raise Refused(_("Write the version as a number, as 3 or 2.1."), code="version")
