"""People for tests, brought in as a laboratory does: enrolled, seen, given roles and an account."""

from typing import Any

from ledger.event import Actor

ADMINISTRATOR = Actor(person="p-admin", role="system_administrator", terminal="t-office")
QA = Actor(person="p-qaqaq", role="qa_reviewer", terminal="t-office")


def offices() -> None:
    """The administrator and somebody of QA, opened at the console as the first of all."""
    from personnel import commands

    for actor in (ADMINISTRATOR, QA):
        commands.open_account(
            account=actor.person.replace("p-", "a-"),
            person=actor.person,
            role=actor.role,
            username=actor.role,
            printed_name=f"Office {actor.person}",
            verifier="!",
            actor=commands.console(),
        )


def enrol(person: str, name: str = "", **asked: Any) -> Any:
    from personnel import people_commands

    asked = {"printed_name": name or f"Some {person}", "actor": ADMINISTRATOR, **asked}
    return people_commands.enrol(person=person, salt="salt of a test, long", **asked)


def see(person: str, *, actor: Actor = QA, **asked: Any) -> Any:
    """The identity check by a second person."""
    from personnel import people_commands

    asked = {"evidence": "staff badge with photograph", "reference": "Staff file", **asked}
    return people_commands.check_identity(person=person, actor=actor, **asked)


def grant(person: str, role: str, *, actor: Actor = ADMINISTRATOR, **asked: Any) -> Any:
    from personnel import people_commands

    reason = {"reason": "Job description on file"}
    return people_commands.grant_role(person=person, role=role, actor=actor, **(reason | asked))


def withdraw(person: str, role: str, *, actor: Actor = ADMINISTRATOR, **asked: Any) -> Any:
    from personnel import people_commands

    reason = {"reason": "Has moved to another department"}
    return people_commands.withdraw_role(person=person, role=role, actor=actor, **(reason | asked))


def open_account(person: str, role: str, *, actor: Actor = ADMINISTRATOR, **asked: Any) -> Any:
    from personnel import commands

    fields = {
        "account": person.replace("p-", "a-"),
        "username": person,
        "printed_name": "",
        "verifier": "!",
        "actor": actor,
        **asked,
    }
    return commands.open_account(person=person, role=role, **fields)


def hired(person: str, *roles: str, **asked: Any) -> Actor:
    """A person who may work: everything above, in order. Acts in the first role."""
    enrol(person)
    see(person)
    for role in roles:
        grant(person, role)
    open_account(person, roles[0], **asked)
    return Actor(person=person, role=roles[0], terminal="t-test2")


def at_the_console(**asked: Any) -> Any:
    """Open an account as the first ones are opened; an inspector's takes two more people."""
    from personnel import commands

    if asked["role"] == "inspector":
        let_in(asked["person"])
    return commands.open_account(**asked)


def let_in(person: str) -> None:
    """An inspector's access, proposed and countersigned, where no office is opened for it."""
    from datetime import timedelta

    from ledger import clock
    from personnel import people_commands
    from tests.ledger.laboratory import by_roles_alone

    with by_roles_alone():
        enrol(person, others=True)
        until = clock.now() + timedelta(days=80)
        people_commands.propose_inspector(
            person=person, until=until, reason="Announced inspection", actor=ADMINISTRATOR
        )
        people_commands.countersign_inspector(person=person, actor=QA)
