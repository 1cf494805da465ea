"""The people of the demo. All are invented; the ledger knows them by their pseudonyms alone."""

from __future__ import annotations

from dataclasses import dataclass

from personnel import roles

CLEAN_ROOM, LABORATORY, OFFICE = "t-k4r2m", "t-9hq3x", "t-w2c7d"


@dataclass(frozen=True)
class Person:
    key: str  # how the told week names them; also the sign-in name
    account: str
    person: str
    printed_name: str
    role: str
    terminal: str
    also: tuple[str, ...] = ()  # further roles; a session acts in one at a time


PEOPLE = (
    Person("renata", "a-3mz8t", "p-9v2ka", "Renata Wilk", roles.SYSTEM_ADMINISTRATOR, OFFICE),
    Person("marta", "a-7c4hd", "p-7f3k2", "Marta Solvedo", roles.OPERATOR, CLEAN_ROOM),
    Person("tomas", "a-2kx9r", "p-4h8wm", "Tomás Aldrany", roles.OPERATOR, CLEAN_ROOM),
    Person("ingrid", "a-8pw3v", "p-x6d2r", "Ingrid Halvand", roles.VERIFIER, CLEAN_ROOM),
    Person(
        key="dario",
        account="a-5gn6j",
        person="p-b3t9c",
        printed_name="Dario Contavalle",
        role=roles.SUPERVISOR,
        terminal=CLEAN_ROOM,
        also=(roles.VERIFIER,),
    ),
    Person("helena", "a-4td7y", "p-m8k5z", "Helena Pratorio", roles.QA_REVIEWER, OFFICE),
    Person("joachim", "a-9rb2q", "p-2w7jn", "Joachim Brandhof", roles.QUALIFIED_PERSON, OFFICE),
    Person("noor", "a-6vf5m", "p-d9r4h", "Noor van Dijkstra", roles.QC_ANALYST, LABORATORY),
    Person("pavel", "a-3jy8k", "p-k5c6x", "Pavel Horasek", roles.PROCESS_ENGINEER, OFFICE),
    Person("luc", "a-7ht4w", "p-z3m8q", "Luc Morevaux", roles.MAINTENANCE, CLEAN_ROOM),
    Person("aiko", "a-2dq6z", "p-6n2vt", "Aiko Tanabori", roles.DATA_SCIENTIST, OFFICE),
    Person("sofia", "a-8xk3c", "p-t4h7y", "Sofia Lindqvar", roles.DATA_PROTECTION_OFFICER, OFFICE),
    Person("emeka", "a-5wm9n", "p-q8x3d", "Emeka Okaforde", roles.INSPECTOR, OFFICE),
)
BY_KEY = {person.key: person for person in PEOPLE}
