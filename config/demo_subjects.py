"""Whom the demo's vault knows: its batches' patients, a donor, a contact. All are invented."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from config.demo_enrolment import QA, SUPERVISOR, actor
from ledger.command import Outcome
from ledger.event import Refused
from personnel import vault_commands as vault

Ask = tuple[Callable[..., Any], dict[str, Any]]
_PATIENT = ("family_name", "given_name", "birth_date", "hospital_number", "phone")
_CONTACT = ("family_name", "given_name", "phone", "email")
SUBJECTS: tuple[tuple[str, str, tuple[str, ...], tuple[str, ...], str], ...] = (
    (
        "s-K4T7W2Q9", "patient", _PATIENT,
        ("Velandia", "Rosaura", "1958-11-23", "H-204417", "+34 600 000 117"), "2027-09-30",
    ),
    (
        "s-M8D3X6P1", "patient", _PATIENT,
        ("Brokstad", "Eivind", "1971-02-08", "H-204652", ""), "2027-09-30",
    ),
    (
        "s-H7N4V9C3", "patient", _PATIENT,
        ("Quintavalle", "Bastian", "1966-08-14", "H-204731", ""), "2027-09-30",
    ),
    (
        "s-6R2VH9TN", "donor", _PATIENT,
        ("Castellví", "Oriol", "1993-06-17", "D-009138", ""), "2027-03-31",
    ),
    (
        "s-D5WQ8J3Z", "patient", _PATIENT,  # the thirty years are over: this one may be erased
        ("Amberg", "Liselotte", "1931-04-02", "H-000871", ""), "1995-05-31",
    ),
    (
        "s-9XB4KC7M", "staff_contact", _CONTACT,
        ("Fontserrat", "Núria", "+34 600 000 204", "nuria@hospital.example"), "2031-12-31",
    ),
)  # fmt: skip


def registrations() -> Iterator[Ask]:
    """The commands in order, after the people are in and before the first day's work."""
    for subject, kind, fields, values, day in SUBJECTS:
        asked = {"subject": subject, "kind": kind, "counted_from": day}
        given = dict(zip(fields, values, strict=True))
        yield vault.register, {**asked, "given": given, "actor": actor(SUPERVISOR)}
    first = SUBJECTS[0][0]
    shown = {"subject": first, "purpose": "receiving", "reference": "CT-0421"}
    yield look, {**shown, "actor": actor(SUPERVISOR)}
    reason = "The clinical trial's monitor compares source data on Thursday"
    yield vault.ask, {"subject": first, "reason": reason, "actor": actor(QA)}


def look(**asked: Any) -> Outcome:
    """A look at two identifiers; one that was told before shows nothing a second time."""
    try:
        vault.show(**asked)
    except Refused as refused:
        if refused.code != "shown_already":
            raise
        return Outcome([], replayed=True)
    return Outcome([])
