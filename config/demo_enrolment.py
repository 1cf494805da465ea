"""How the demo's people come into the log: enrolled, seen, given roles and accounts, in order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from config.demo_people import BY_KEY, CLEAN_ROOM, LABORATORY, OFFICE, PEOPLE, Person
from ledger.event import Actor
from personnel import commands, people_commands
from personnel.person import AUTHORITY_LETTER, STAFF_BADGE
from personnel.roles import INSPECTOR

NO_PASSWORD = "!demo"  # noqa: S105 - Django's mark for an account no password opens
SALT = "a demo's names are no secret"
VISIT = timedelta(days=85)
TERMINALS = {
    CLEAN_ROOM: ("Tablet at the isolator", "Clean room C-101"),
    LABORATORY: ("Bench computer", "QC laboratory Q-201"),
    OFFICE: ("Desk", "Office O-12"),
}
Ask = tuple[Callable[..., Any], dict[str, Any]]
ADMINISTRATOR, QA, SUPERVISOR = BY_KEY["renata"], BY_KEY["helena"], BY_KEY["dario"]


def actor(who: Person) -> Actor:
    """A demo person at work."""
    return Actor(person=who.person, role=who.role, terminal=who.terminal)


def enrolment(begin: datetime) -> Iterator[Ask]:
    """The commands in order: the administrator from the console, then everybody through her."""
    yield _account(ADMINISTRATOR, commands.console())
    staff = [who for who in PEOPLE if who not in (ADMINISTRATOR,) and who.role != INSPECTOR]
    for who in staff:
        yield _enrol(who)
        for role in (who.role, *who.also):
            yield _grant(who, role)
        yield _account(who, actor(ADMINISTRATOR))
    yield _see(QA, SUPERVISOR)  # the first word of all; from then on each checker is known
    for who in (*(one for one in staff if one != QA), ADMINISTRATOR):
        yield _see(who, QA)
    for terminal, (name, room) in TERMINALS.items():
        asked = {"terminal": terminal, "name": name, "room": room}
        yield people_commands.register_terminal, {**asked, "actor": actor(ADMINISTRATOR)}
    for who in PEOPLE:
        if who.role == INSPECTOR:
            yield from _guest(who, begin + VISIT)


def _guest(who: Person, until: datetime) -> Iterator[Ask]:
    """An inspector: proposed by the administrator, countersigned by QA, then let in."""
    yield _enrol(who)
    yield _see(who, QA, evidence=AUTHORITY_LETTER, reference="Visitors' folder, this year")
    asked = {"person": who.person, "until": until, "reason": "Announced inspection"}
    yield people_commands.propose_inspector, {**asked, "actor": actor(ADMINISTRATOR)}
    yield people_commands.countersign_inspector, {"person": who.person, "actor": actor(QA)}
    yield _account(who, actor(ADMINISTRATOR))


def _enrol(who: Person) -> Ask:
    return people_commands.enrol, {
        "person": who.person,
        "printed_name": who.printed_name,
        "salt": SALT,
        "actor": actor(ADMINISTRATOR),
    }


def _grant(who: Person, role: str) -> Ask:
    reason = "Job description on file" if role == who.role else "Stands in on the late shift"
    asked = {"person": who.person, "role": role, "reason": reason}
    return people_commands.grant_role, {**asked, "actor": actor(ADMINISTRATOR)}


def _see(
    who: Person, checker: Person, *, evidence: str = STAFF_BADGE, reference: str = "Staff file"
) -> Ask:
    asked = {"person": who.person, "evidence": evidence, "reference": reference}
    return people_commands.check_identity, {**asked, "actor": actor(checker)}


def _account(who: Person, opener: Actor) -> Ask:
    return commands.open_account, {
        "account": who.account,
        "person": who.person,
        "role": who.role,
        "username": who.key,
        "printed_name": who.printed_name,
        "verifier": NO_PASSWORD,
        "is_demo": True,
        "actor": opener,
    }
