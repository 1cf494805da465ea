"""What may be asked about people and terminals: enrolment, identity, roles, access review."""

from __future__ import annotations

from datetime import datetime

from ledger.command import Act, command
from ledger.event import Refused
from ledger.event import marked as _
from ledger.signature import Meaning
from personnel import access, queries, stay, vouching
from personnel import person as people
from personnel import terminal as terminals
from personnel.commands import ADMINISTRATORS, end_sessions
from personnel.models import Name
from personnel.roles import CONSOLE, GMP_ROLES, QA_REVIEWER, QUALIFIED_PERSON

RECORD = "person/{person}"
COUNTERSIGNERS = (QA_REVIEWER, QUALIFIED_PERSON)


@command(
    "personnel.enrol_person",
    role=ADMINISTRATORS,
    label=_("enrol somebody as {person}"),
    record=RECORD,
    private=("printed_name", "salt"),
)
def enrol(act: Act, *, person: str, printed_name: str, salt: str, others: bool = False) -> None:
    """Enrol a human being under a new pseudonym. The name goes into a row, not into the event.

    `salt` is a random text that nobody keeps: what was asked is hashed into the event, and a hash
    of a bare name could be guessed.
    """
    name = " ".join(printed_name.split())
    if not name:
        raise Refused(_("Say how this person is called."), code="printed_name")
    if len(salt) < 16:
        raise Refused(_("Open the form again and repeat."), code="salt")
    state = _load(act, person)
    same = queries.namesakes(name)
    enrolled = people.enrol(state, person=person, namesakes=same, others=others)
    act.record("person", person, enrolled)
    if not Name.objects.filter(person=person).exists():
        Name(person=person, printed_name=name).save(force_insert=True)


@command(
    "personnel.check_identity",
    role=GMP_ROLES,
    label=_("check the identity of {person}"),
    record=RECORD,
    private=("reference",),  # it may hold a document's number, which is refused for that
)
def check_identity(act: Act, *, person: str, evidence: str, reference: str) -> None:
    """Say, as a second person, that one has seen who this is."""
    vouching.demand_known(act.actor.person)
    state = _load(act, person)
    row = queries.person(person)
    checked = people.check_identity(
        state,
        person=person,
        evidence=evidence,
        reference=reference,
        checker=act.actor.person,
        enrolled_by=row.enrolled_by if row else "",
    )
    act.record("person", person, checked)


@command(
    "personnel.grant_role",
    role=ADMINISTRATORS,
    label=_("give {person} the role {role}"),
    record=RECORD,
    needs_reason=True,
)
def grant_role(act: Act, *, person: str, role: str) -> None:
    """Give a person a role that goes with those they hold. The giver is a known human being: an
    administrator who invents a second one may not change sides through them."""
    if act.actor.role != CONSOLE:
        vouching.demand_known(act.actor.person)
    state = _load(act, person)
    granted = people.grant_role(
        state,
        person=person,
        role=role,
        held=queries.roles_of(person, act.at),
        granter=act.actor.person,
    )
    act.record("person", person, granted)


@command(
    "personnel.withdraw_role",
    role=ADMINISTRATORS,
    label=_("withdraw the role {role} from {person}"),
    record=RECORD,
    needs_reason=True,
)
def withdraw_role(act: Act, *, person: str, role: str) -> None:
    """Take a role back; what was done in it stays done. With the last one, one's stay ends."""
    _load(act, person)
    held = queries.roles_of(person, act.at)
    act.record("person", person, people.withdraw_role(person=person, role=role, held=held))
    if set(held) == {role}:
        end_sessions(act, person, why=stay.NO_ROLE_LEFT)


@command(
    "personnel.propose_inspector",
    role=ADMINISTRATORS,
    label=_("propose that {person} may look as inspector"),
    record=RECORD,
    needs_reason=True,
)
def propose_inspector(act: Act, *, person: str, until: datetime) -> None:
    """Ask QA that an inspector may look, up to a moment."""
    proposed = people.propose_inspector(
        _load(act, person),
        person=person,
        until=until,
        held=queries.roles_of(person, act.at),
        at=act.at,
    )
    act.record("person", person, proposed)


@command(
    "personnel.countersign_inspector",
    role=COUNTERSIGNERS,
    label=_("countersign that {person} may look as inspector"),
    record=RECORD,
)
def countersign_inspector(act: Act, *, person: str) -> None:
    """Agree that an inspector may look; the role begins and ends by itself."""
    vouching.demand_known(act.actor.person)
    state = _load(act, person)
    row = queries.person(person)
    agreed = people.countersign_inspector(
        state,
        person=person,
        held=queries.roles_of(person, act.at),
        at=act.at,
        countersigner=act.actor.person,
        proposed_by=row.proposed_by if row else "",
    )
    over = [people.RoleWithdrawn(person=person, role=r) for r in queries.over(person, act.at)]
    act.record("person", person, [*over, *agreed])


@command(
    "personnel.review_access",
    role=COUNTERSIGNERS,
    label=_("review who has access"),
    signature=Meaning.REVIEWED,
    needs_reason=True,
)
def review_access(act: Act, *, seen: dict[str, list[str]], decided: dict[str, str]) -> None:
    """Confirm or withdraw what each person holds: one signed event, and what it withdraws."""
    held = queries.held_by_all(act.at)
    reviewed = access.review(
        reviewer=act.actor.person,
        held=held,
        seen={person: tuple(roles) for person, roles in seen.items()},
        decided=decided,
    )
    act.record("access_review", str(act.command_id), reviewed)
    for person, decision in sorted(decided.items()):
        if decision == access.WITHDRAWN:
            _load(act, person)
            gone = [people.RoleWithdrawn(person=person, role=role) for role in held[person]]
            act.record("person", person, gone)
            end_sessions(act, person, why=stay.NO_ROLE_LEFT)


@command(
    "personnel.register_terminal",
    role=ADMINISTRATORS,
    label=_("register terminal {terminal}"),
    record="terminal/{terminal}",
)
def register_terminal(act: Act, *, terminal: str, name: str, room: str) -> None:
    """Give a terminal its name and place."""
    state = act.load("terminal", terminal, terminals.Terminal(), terminals.evolve)
    registered = terminals.register(state, terminal=terminal, name=name, room=room)
    act.record("terminal", terminal, registered)


@command(
    "personnel.retire_terminal",
    role=ADMINISTRATORS,
    label=_("retire terminal {terminal}"),
    record="terminal/{terminal}",
    needs_reason=True,
)
def retire_terminal(act: Act, *, terminal: str) -> None:
    """Take a terminal out of use: lost, stolen, replaced."""
    state = act.load("terminal", terminal, terminals.Terminal(), terminals.evolve)
    act.record("terminal", terminal, terminals.retire(state, terminal=terminal))


def _load(act: Act, person: str) -> people.Person:
    return act.load("person", person, people.Person(), people.evolve)
