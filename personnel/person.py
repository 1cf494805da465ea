"""One human being as the ledger knows them: enrolment, identity, roles. Pure. No names here."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from ledger.event import Refused, event_type
from ledger.event import marked as _
from personnel.roles import INSPECTOR, check_grant, label

# What was looked at. Never the number of a document: that would be personal data.
IDENTITY_CARD = "identity card"
PASSPORT = "passport"
STAFF_BADGE = "staff badge with photograph"
AUTHORITY_LETTER = "inspector's badge and letter of the authority"
EVIDENCE = (IDENTITY_CARD, PASSPORT, STAFF_BADGE, AUTHORITY_LETTER)
LONGEST_VISIT = timedelta(days=90)
_PARTED = re.compile(r"(?:[0-9][ ./-]*){6}").search
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}(-[0-9]{2})?[.,;]?").fullmatch


@event_type(
    "personnel.person_enrolled",
    1,
    sentence="{person} was enrolled.",
    owner="personnel",
    retention="system",
)
class PersonEnrolled:
    person: str
    namesakes: list[str]  # people of the same printed name, said to be other human beings


@event_type(
    "personnel.identity_checked",
    1,
    sentence="The identity of {person} was checked: {evidence}, {reference}.",
    owner="personnel",
    retention="system",
)
class IdentityChecked:
    person: str
    evidence: str
    reference: str


@event_type(
    "personnel.role_granted",
    1,
    sentence="{person} was given the role {role}.",
    owner="personnel",
    retention="system",
)
class RoleGranted:
    person: str
    role: str
    until: str | None = None


@event_type(
    "personnel.role_withdrawn",
    1,
    sentence="The role {role} was withdrawn from {person}.",
    owner="personnel",
    retention="system",
)
class RoleWithdrawn:
    person: str
    role: str


@event_type(
    "personnel.inspector_proposed",
    1,
    sentence="It was proposed that {person} may look as inspector until {until}.",
    owner="personnel",
    retention="system",
)
class InspectorProposed:
    person: str
    until: str


@event_type(
    "personnel.inspector_countersigned",
    1,
    sentence="That {person} may look as inspector until {until} was countersigned.",
    owner="personnel",
    retention="system",
)
class InspectorCountersigned:
    person: str
    until: str


@dataclass(frozen=True, kw_only=True)
class Person:
    enrolled: bool = False
    checked: bool = False
    roles: tuple[str, ...] = ()
    proposed_until: str = ""


def evolve(state: Person, event: Any) -> Person:
    match event:
        case PersonEnrolled():
            return replace(state, enrolled=True)
        case IdentityChecked():
            return replace(state, checked=True)
        case RoleGranted(role=role):
            return replace(state, roles=(*state.roles, role))
        case RoleWithdrawn(role=role):
            return replace(state, roles=tuple(held for held in state.roles if held != role))
        case InspectorProposed(until=until):
            return replace(state, proposed_until=until)
        case InspectorCountersigned():
            return replace(state, proposed_until="")
    raise ValueError(f"A person does not know the event {type(event).__name__}.")


def enrol(state: Person, *, person: str, namesakes: Iterable[str], others: bool) -> list[Any]:
    """Enrol a human being once. `others`: the enroller says that namesakes are other people."""
    if state.enrolled:
        raise Refused(
            _("{person} is enrolled already, and a pseudonym is never given twice."),
            person=person,
            code="already_enrolled",
        )
    same = sorted(set(namesakes) - {person})
    if same and not others:
        raise Refused(
            _(
                "{people} has the same name. One human being has one enrolment: use that one, or"
                " tick that this is another human being."
            ),
            people=", ".join(same),
            code="namesake",
        )
    return [PersonEnrolled(person=person, namesakes=same)]


def check_identity(
    state: Person, *, person: str, evidence: str, reference: str, checker: str, enrolled_by: str
) -> list[Any]:
    """A second person has seen who this is (21 CFR 11.100(b))."""
    _demand(state, person)
    if checker in (person, enrolled_by):
        raise Refused(
            _("Identity is checked by a second person: neither {person} nor who enrolled them."),
            person=person,
            code="second_person",
        )
    if state.checked:
        raise Refused(
            _("The identity of {person} has been checked already."), person=person, code="checked"
        )
    if evidence not in EVIDENCE:
        raise Refused(_("Choose what was looked at."), code="evidence")
    reference = reference.strip()
    if not 3 <= len(reference) <= 120:
        raise Refused(_("Say where the evidence is kept, as “HR file, tab 3”."), code="reference")
    if _holds_a_number(reference):
        raise Refused(
            _("A document's number is personal data and stays out. Say where it is kept instead."),
            code="document_number",
        )
    return [IdentityChecked(person=person, evidence=evidence, reference=reference)]


def _holds_a_number(reference: str) -> bool:
    """Five digits or more in one word, or six that only blanks and dashes part, as documents are
    numbered; a date is none."""
    words = [word for word in reference.split() if not _DATE(word)]
    long = any(sum(letter.isdigit() for letter in word) >= 5 for word in words)
    return long or _PARTED(" ".join(words)) is not None


def grant_role(
    state: Person, *, person: str, role: str, held: Iterable[str], granter: str
) -> list[Any]:
    """Give a role. An inspector's goes another way: proposed, then countersigned by QA."""
    _demand(state, person)
    if granter == person:
        raise Refused(
            _("Nobody gives a role to themselves. Ask another administrator."), code="own_role"
        )
    check_grant(held, role)
    if role == INSPECTOR:
        raise Refused(
            _("An inspector's access is proposed with its last day, and QA countersigns it."),
            code="inspector",
        )
    return [RoleGranted(person=person, role=role)]


def withdraw_role(*, person: str, role: str, held: Iterable[str]) -> list[Any]:
    if role not in set(held):
        raise Refused(
            _("{person} does not hold the role {role}."),
            person=person,
            role=label(role),
            code="role_not_held",
        )
    return [RoleWithdrawn(person=person, role=role)]


def propose_inspector(
    state: Person, *, person: str, until: datetime, held: Iterable[str], at: datetime
) -> list[Any]:
    """Ask that an inspector may look, up to a moment."""
    _demand(state, person)
    check_grant(held, INSPECTOR)
    if not at < until <= at + LONGEST_VISIT:
        raise Refused(
            _("An inspector's access ends: choose a day from tomorrow to {days} days from now."),
            days=LONGEST_VISIT.days,
            code="until",
        )
    return [InspectorProposed(person=person, until=until.isoformat())]


def countersign_inspector(
    state: Person,
    *,
    person: str,
    held: Iterable[str],
    at: datetime,
    countersigner: str,
    proposed_by: str,
) -> list[Any]:
    """QA agrees, and the role begins; nothing can be opened for an inspector before that."""
    if not state.proposed_until:
        raise Refused(
            _("Nothing is proposed for {person}, so there is nothing to countersign."),
            person=person,
            code="not_proposed",
        )
    if countersigner in (person, proposed_by):
        raise Refused(
            _("A second person countersigns what one has proposed."), code="second_person"
        )
    if datetime.fromisoformat(state.proposed_until) <= at:
        raise Refused(
            _("The time that was proposed is over. Let it be proposed again."), code="until"
        )
    check_grant(held, INSPECTOR)
    return [
        InspectorCountersigned(person=person, until=state.proposed_until),
        RoleGranted(person=person, role=INSPECTOR, until=state.proposed_until),
    ]


def _demand(state: Person, person: str) -> None:
    if not state.enrolled:
        raise Refused(
            _("{person} is not enrolled. Enrol this person first."),
            person=person,
            code="not_enrolled",
        )
