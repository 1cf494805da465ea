"""How the demo's people come to sign: each enrols a real key, and a second person confirms it.

Only a demo has secrets that are written down; its pages show them to the visitor.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from config.demo_enrolment import QA, SUPERVISOR, actor
from config.demo_people import PEOPLE, Person
from ledger.event import Actor
from personnel import keys, signing, signing_commands, signing_queries
from personnel.roles import GMP_ROLES

SIGNING_SECRET = "three demo words sign"  # noqa: S105 - a demo's, shown to every visitor
PIN = "271828"
Ask = tuple[int, Callable[..., Any], dict[str, Any]]


def enrolment_of_keys() -> Iterator[Ask]:
    """The commands in order, numbered; whoever has a key already keeps it."""
    signers = [who for who in PEOPLE if who.role in GMP_ROLES]
    for number, who in enumerate(signers):
        if signing_queries.key_of(who.person) is None:
            yield number, signing_commands.enrol_key, _asked(who)
    for number, who in enumerate(signers, start=len(signers)):
        found = signing_queries.key_of(who.person)
        if found is not None and found.confirmed_at is None:
            second = SUPERVISOR if who == QA else QA
            asked = {"person": who.person, "key": found.key, "actor": actor(second)}
            yield number, signing_commands.confirm_key, asked


def signature(who: Person, acting: Actor | None = None) -> signing.Credentials:
    """A demo person's own signature, for the commands that the told week asks."""
    return signing.with_secret(acting or actor(who), name=who.key, secret=SIGNING_SECRET)


def _asked(who: Person) -> dict[str, Any]:
    made = keys.make(person=who.person, secret=SIGNING_SECRET, pin=PIN)
    return {
        "key": made.key,
        "public_key": made.public_key,
        "wrapped": made.wrapped,
        "policy_sha256": signing_commands.policy().sha256,
        "actor": actor(who),
    }
