"""Who works with the vault in tests, and whom it knows. All are invented."""

from typing import Any

from ledger.event import Actor

SUPERVISOR = Actor("p-bbbb3", "supervisor", "t-test2")
QA = Actor("p-dddd5", "qa_reviewer", "t-test2")
OPERATOR = Actor("p-aaaa2", "operator", "t-test2")
OFFICER = Actor("p-eeee6", "data_protection_officer", "t-test2")
INSPECTOR = Actor("p-ffff7", "inspector", "t-test2")
ADMINISTRATOR = Actor("p-gggg8", "system_administrator", "t-test2")
EVERYBODY = (SUPERVISOR, QA, OPERATOR, OFFICER, INSPECTOR, ADMINISTRATOR)
ANA = {
    "family_name": "Kowalczyk",
    "given_name": "Ana",
    "birth_date": "1961-05-04",
    "hospital_number": "H-471188",
    "phone": "+48 600 100 200",
}


def open_accounts() -> None:
    from personnel import commands
    from tests.personnel import staff

    for actor in EVERYBODY:
        staff.at_the_console(
            account=actor.person.replace("p-", "a-"),
            person=actor.person,
            role=actor.role,
            username=actor.role,
            printed_name="",
            verifier="!",
            actor=commands.console(),
        )


def register(subject: str = "s-22222222", **changed: Any) -> Any:
    from personnel import vault_commands

    asked = {
        "subject": subject,
        "kind": "patient",
        "given": ANA,
        "counted_from": "2027-01-31",
        "actor": SUPERVISOR,
    }
    return vault_commands.register(**(asked | changed))
