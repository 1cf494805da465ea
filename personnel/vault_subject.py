"""One subject of the identity vault: registered, looked at, unmasked, erased. Pure.

The ledger knows a pseudonym and what was done about it; who it is stands in the vault alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from ledger.event import Refused
from ledger.event import marked as _
from personnel.vault_events import (
    IdentifiersShown,
    RetentionExtended,
    SubjectCopied,
    SubjectCorrected,
    SubjectErased,
    SubjectLookedUp,
    SubjectRegistered,
    SubjectUnmasked,
    UnmaskingAsked,
    UnmaskingDeclined,
    UnmaskingGranted,
)
from personnel.vault_retention import DONOR, GROUNDS, KINDS, PATIENT, RULES, STAFF_CONTACT

RECEIVING, LABELLING, ISSUING = "receiving", "labelling", "issuing"
REQUEST = "request"  # a request of the person concerned: access, rectification, erasure
LOOKED_UP = (RECEIVING, REQUEST)
NOBODY = "nobody"
# The two identifiers that each purpose needs, and no third.
SHOWN = {
    RECEIVING: ("name", "birth_date"),
    LABELLING: ("name", "hospital_number"),
    ISSUING: ("name", "birth_date"),
}
FIELDS = {
    PATIENT: ("family_name", "given_name", "birth_date", "hospital_number", "phone"),
    DONOR: ("family_name", "given_name", "birth_date", "hospital_number", "phone"),
    STAFF_CONTACT: ("family_name", "given_name", "phone", "email"),
}
OPTIONAL = ("phone", "email")
WINDOW = timedelta(minutes=15)  # how long an agreed unmasking may be looked at
_REFERENCE = re.compile(r"(?=.*[0-9])[A-Z][A-Z0-9-]{2,19}").fullmatch  # no word, so no name
_SUBJECT = re.compile(r"s-(?=[A-Z]*[0-9])[0-9A-Z]{8}").fullmatch
_LONGEST = 120


@dataclass(frozen=True, slots=True)
class Asked:
    """An unmasking that somebody asked for: by whom, and until when it was granted, if it was."""

    by: str
    until: str = ""


@dataclass(frozen=True, kw_only=True)
class Subject:
    kind: str = ""
    keep_until: str = ""
    version: int = 0
    erased: bool = False
    asked: tuple[tuple[str, Asked], ...] = ()

    def request(self, request: str) -> Asked | None:
        return dict(self.asked).get(request)


def evolve(state: Subject, event: Any) -> Subject:
    match event:
        case SubjectRegistered(kind=kind, keep_until=until):
            return replace(state, kind=kind, keep_until=until, version=1)
        case SubjectCorrected(new=new):
            return replace(state, version=new)
        case RetentionExtended(new=new):
            return replace(state, keep_until=new)
        case UnmaskingAsked(request=request, asked_by=by):
            return replace(state, asked=(*state.asked, (request, Asked(by))))
        case UnmaskingGranted(request=request, asked_by=by, until=until):
            kept = tuple(each for each in state.asked if each[0] != request)
            return replace(state, asked=(*kept, (request, Asked(by, until))))
        case UnmaskingDeclined(request=request):
            return replace(state, asked=tuple(e for e in state.asked if e[0] != request))
        case IdentifiersShown() | SubjectUnmasked() | SubjectLookedUp() | SubjectCopied():
            return state
        case SubjectErased():
            return replace(state, erased=True, asked=())
    raise ValueError(f"A subject does not know the event {type(event).__name__}.")


def check_fields(kind: str, given: Mapping[str, str]) -> None:
    """Refuse a record that lacks something. The sentence names fields, never what was typed."""
    if kind not in KINDS:
        raise Refused(_("Say whether this is a patient, a donor or a contact."), code="kind")
    for name in FIELDS[kind]:
        value = given.get(name, "")
        if not value and name not in OPTIONAL:
            raise Refused(_("A part of the identity is missing."), code=f"{name}_missing")
        if len(value) > _LONGEST:
            raise Refused(_("That is longer than what is kept here."), code=f"{name}_long")
    if kind == STAFF_CONTACT and not (given.get("phone") or given.get("email")):
        raise Refused(_("Give a telephone number or an address."), code="phone_missing")
    if kind != STAFF_CONTACT and day_of(given["birth_date"]) is None:
        raise Refused(_("Write the date of birth as year-month-day."), code="birth_date_form")


def register(
    state: Subject, *, subject: str, kind: str, counted_from: str, known_as: str
) -> list[SubjectRegistered]:
    """Take a subject in. `known_as` is the pseudonym under which the number is known already."""
    if state.kind:
        raise Refused(
            _("{subject} is registered already. Open the form again."),
            subject=subject,
            code="registered",
        )
    if not is_pseudonym(subject):
        raise Refused(_("Open the form again and repeat."), code="pseudonym")
    if known_as:
        raise Refused(
            _("This hospital number belongs to {subject} already. Use that one."),
            subject=known_as,
            code="known_subject",
        )
    rule, day = RULES[kind], day_of(counted_from)
    if day is None:
        raise Refused(_("Write the date as year-month-day."), code="counted_from")
    return [
        SubjectRegistered(
            subject=subject,
            kind=kind,
            rule=rule.code,
            counted_from=day.isoformat(),
            keep_until=rule.keep_until(day).isoformat(),
        )
    ]


def correct(
    state: Subject, *, subject: str, old: Mapping[str, str], new: Mapping[str, str], known_as: str
) -> list[SubjectCorrected]:
    """Seal a corrected record beside the one before it."""
    demand_readable(state, subject)
    if known_as not in ("", subject):
        raise Refused(
            _("This hospital number belongs to {subject} already. Use that one."),
            subject=known_as,
            code="known_subject",
        )
    changed = sorted(name for name in {*old, *new} if old.get(name, "") != new.get(name, ""))
    if not changed:
        return []
    version = state.version
    return [SubjectCorrected(subject=subject, old=version, new=version + 1, fields=changed)]


def extend_retention(state: Subject, *, subject: str, counted_from: str) -> list[RetentionExtended]:
    """Keep longer, because something later happened. Never shorter."""
    demand_readable(state, subject)
    day = day_of(counted_from)
    if day is None:
        raise Refused(_("Write the date as year-month-day."), code="counted_from")
    until = RULES[state.kind].keep_until(day).isoformat()
    if until <= state.keep_until:
        raise Refused(
            _("{subject} is kept until {until}, and what is kept longer is not shortened."),
            subject=subject,
            until=state.keep_until,
            code="counted_from",
        )
    return [
        RetentionExtended(
            subject=subject, counted_from=day.isoformat(), old=state.keep_until, new=until
        )
    ]


def show(state: Subject, *, subject: str, purpose: str, reference: str) -> list[IdentifiersShown]:
    """Show the two identifiers that a purpose needs."""
    demand_readable(state, subject)
    if purpose not in SHOWN:
        raise Refused(_("Say what for: receiving, labelling or issuing."), code="purpose")
    if state.kind == STAFF_CONTACT:
        raise Refused(
            _("{subject} is a contact: nothing is received, labelled or issued for it."),
            subject=subject,
            code="purpose",
        )
    if not is_reference(reference):
        raise Refused(
            _("Name the batch, collection or order: capitals, digits and dashes, as CT-2026-004."),
            code="reference",
        )
    identifiers = list(SHOWN[purpose])
    return [
        IdentifiersShown(
            subject=subject, purpose=purpose, reference=reference, identifiers=identifiers
        )
    ]


def ask_unmasking(state: Subject, *, subject: str, request: str, asker: str) -> list[Any]:
    demand_readable(state, subject)
    if any(asked.by == asker and not asked.until for _request, asked in state.asked):
        raise Refused(
            _("You have asked to see {subject} already. A second person decides next."),
            subject=subject,
            code="asked_already",
        )
    return [UnmaskingAsked(subject=subject, request=request, asked_by=asker)]


def grant_unmasking(
    state: Subject, *, subject: str, request: str, granter: str, at: datetime
) -> list[Any]:
    asked = _waiting(state, subject, request, granter)
    until = (at + WINDOW).isoformat(timespec="seconds")
    return [UnmaskingGranted(subject=subject, request=request, asked_by=asked.by, until=until)]


def decline_unmasking(state: Subject, *, subject: str, request: str, decliner: str) -> list[Any]:
    asked = _waiting(state, subject, request, decliner)
    return [UnmaskingDeclined(subject=subject, request=request, asked_by=asked.by)]


def unmask(
    state: Subject, *, subject: str, request: str, viewer: str, at: datetime
) -> list[SubjectUnmasked]:
    """Look once at who it is. Every look is an event of its own."""
    demand_readable(state, subject)
    asked = state.request(request)
    if asked is None or not asked.until:
        raise Refused(
            _("Nobody has agreed that {subject} is unmasked. Ask, and wait for a second person."),
            subject=subject,
            code="not_granted",
        )
    if viewer != asked.by:
        raise Refused(
            _("This was granted to {person} alone. Ask for yourself."),
            person=asked.by,
            code="other_person",
        )
    if at >= datetime.fromisoformat(asked.until):
        raise Refused(
            _("The quarter of an hour is over. Ask again, with the reason."), code="window_over"
        )
    return [SubjectUnmasked(subject=subject, request=request, seen_by=viewer)]


def copy(
    state: Subject, *, subject: str, request: str, viewer: str, at: datetime
) -> list[SubjectCopied]:
    """Take a copy for the person concerned: as one looks, under what a second person granted."""
    unmask(state, subject=subject, request=request, viewer=viewer, at=at)
    return [SubjectCopied(subject=subject, request=request, seen_by=viewer)]


def look_up(
    *, kind: str, purpose: str, reference: str, numbered: bool, found: str
) -> list[SubjectLookedUp]:
    """Ask which pseudonym bears a number. Asked in vain, it is on the trail all the same."""
    if kind not in (PATIENT, DONOR):
        raise Refused(_("Say whether it is a patient or a donor."), code="kind")
    if not numbered:
        raise Refused(_("Type the hospital number."), code="number")
    if purpose not in LOOKED_UP:
        raise Refused(
            _("Say what for: receiving, or a request of the person concerned."), code="purpose"
        )
    if not is_reference(reference):
        raise Refused(
            _("Name the collection or the request: capitals, digits and dashes, as DSR-2026-003."),
            code="reference",
        )
    found = found or NOBODY
    return [SubjectLookedUp(kind=kind, purpose=purpose, reference=reference, found=found)]


def erase(state: Subject, *, subject: str, ground: str, today: date) -> list[SubjectErased]:
    """Destroy the key, unless a rule says that the record must still be kept."""
    demand_readable(state, subject)
    if ground not in GROUNDS:
        raise Refused(_("Say on which ground the record is erased."), code="ground")
    if today <= date.fromisoformat(state.keep_until):
        raise Refused(
            _(
                "{subject} must be kept until {until}: {basis}. Until then erasure is refused"
                " (GDPR, Article 17(3)(b) and (c))."
            ),
            subject=subject,
            until=state.keep_until,
            basis=RULES[state.kind].basis,
            code="retention",
        )
    return [SubjectErased(subject=subject, ground=ground)]


def demand_unnamed(named: bool) -> None:
    """A reason or reference goes on the trail for good, so it may not say who the subject is."""
    if named:
        raise Refused(
            _(
                "What you wrote names the subject, and it would stand on the trail for ever."
                " Write it with the pseudonym."
            ),
            code="names_the_subject",
        )


def _waiting(state: Subject, subject: str, request: str, decider: str) -> Asked:
    demand_readable(state, subject)
    asked = state.request(request)
    if asked is None or asked.until:
        raise Refused(
            _("Nothing waits for your decision about {subject}."),
            subject=subject,
            code="nothing_asked",
        )
    if asked.by == decider:
        raise Refused(
            _("You asked for this yourself. A second person decides."), code="same_person"
        )
    return asked


def demand_readable(state: Subject, subject: str) -> None:
    """Refuse what is asked about a subject that is unknown or erased."""
    if not state.kind:
        raise Refused(
            _("There is no subject {subject} in the vault."), subject=subject, code="no_subject"
        )
    if state.erased:
        raise Refused(
            _("{subject} was erased: its key is destroyed, and nobody can read who it was."),
            subject=subject,
            code="erased",
        )


def is_pseudonym(text: str) -> bool:
    """Whether this has the form of a pseudonym, as s-7F3K2M9P."""
    return _SUBJECT(text) is not None


def is_reference(text: str) -> bool:
    """Whether this has the form of a batch's, collection's or order's number."""
    return _REFERENCE(text) is not None


def day_of(text: str) -> date | None:
    """A date written as 2026-03-02, or nothing."""
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def demand_unneeded(subject: str, needed_by: list[str]) -> None:
    """Nobody's identity is destroyed while work for them is under way."""
    if needed_by:
        raise Refused(
            _("{subject} is still needed by {needed_by}. Close that first, then erase."),
            subject=subject,
            needed_by=", ".join(needed_by),
            code="still_needed",
        )
