"""What may be asked about the subjects of the identity vault, and by whom.

The functions without an underscore are for pages and rooms. They keep personal data out of the
request, whose hash stands in the ledger for ever, and pass on only what has the form of a number,
a date or a word of ours.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from ledger import store
from ledger.command import Act, Outcome, command
from ledger.event import Actor, Refused
from ledger.event import marked as _
from personnel import vault, vouching
from personnel import vault_subject as subjects
from personnel.commands import new_id
from personnel.roles import (
    DATA_PROTECTION_OFFICER,
    OPERATOR,
    QA_REVIEWER,
    QUALIFIED_PERSON,
    SUPERVISOR,
    VERIFIER,
)
from personnel.vault_retention import GROUNDS, KINDS

STREAM = "subject"
RECORD = "subject/{subject}"
REGISTRARS = (SUPERVISOR, QA_REVIEWER, QUALIFIED_PERSON)
KEEPERS = (QA_REVIEWER, QUALIFIED_PERSON)
HANDLERS = (OPERATOR, VERIFIER, SUPERVISOR, QA_REVIEWER, QUALIFIED_PERSON)
ASKERS = (SUPERVISOR, QA_REVIEWER, QUALIFIED_PERSON, DATA_PROTECTION_OFFICER)
GRANTERS = (QA_REVIEWER, QUALIFIED_PERSON, DATA_PROTECTION_OFFICER)
WITHHELD = "Withheld, because it named the subject."
Needed = Callable[[str], str]
_needed: list[Needed] = []


def needed(source: Needed) -> Needed:
    """Rooms above add what still needs a subject's identity: its name, or nothing."""
    _needed.append(source)
    return source


def register(
    *,
    subject: str,
    kind: str,
    given: Mapping[str, str],
    counted_from: str,
    actor: Actor,
    command_id: UUID | None = None,
) -> Outcome:
    """Take a patient, donor or contact into the vault under a new pseudonym."""
    kind = kind if kind in KINDS else ""
    given = vault.tidied(kind, given)
    random = subjects.is_pseudonym(subject) and not vault.names("", subject, given)
    subject = subject if random else ""
    with vault.handing_over(given):
        outcome = register_subject(
            subject=subject,
            kind=kind,
            counted_from=counted_from if subjects.day_of(counted_from) else "",
            actor=actor,
            command_id=command_id,
        )
    return _as_sent(outcome, subject, given)


def correct(
    *,
    subject: str,
    given: Mapping[str, str],
    reason: str,
    actor: Actor,
    command_id: UUID | None = None,
) -> Outcome:
    """Replace fields of what is sealed; the version before stays sealed too. Empty: unchanged."""
    given = vault.tidied(_kind(subject), given)
    with vault.handing_over(given):
        outcome = _carefully(
            correct_subject, subject, reason, also=given, actor=actor, command_id=command_id
        )
    return _as_sent(outcome, subject, given)


def show(
    *, subject: str, purpose: str, reference: str, actor: Actor, command_id: UUID | None = None
) -> dict[str, str]:
    """The two identifiers that a purpose needs, for one person, once."""
    fits = subjects.is_reference(reference)
    named = fits and _names(show_identifiers, actor, subject, reference)
    with vault.handing_over() as beside:
        show_identifiers(
            subject=subject,
            purpose=purpose if purpose in subjects.SHOWN else "",
            reference=reference if fits and not named else "",
            named=named,
            actor=actor,
            command_id=command_id,
        )
        return _once(beside.seen)


def ask(*, subject: str, reason: str, actor: Actor, command_id: UUID | None = None) -> Outcome:
    """Ask to see everything about a subject; a second person decides."""
    return _carefully(ask_unmasking, subject, reason, actor=actor, command_id=command_id)


def decline(
    *, subject: str, request: str, reason: str, actor: Actor, command_id: UUID | None = None
) -> Outcome:
    """Say no to somebody who asked."""
    return _carefully(
        decline_unmasking, subject, reason, request=request, actor=actor, command_id=command_id
    )


def unmask(
    *, subject: str, request: str, actor: Actor, command_id: UUID | None = None
) -> dict[str, str]:
    """Everything that is sealed about a subject, for who asked, once."""
    with vault.handing_over() as beside:
        unmask_subject(subject=subject, request=request, actor=actor, command_id=command_id)
        return _once(beside.seen)


def extend(
    *,
    subject: str,
    counted_from: str,
    reason: str,
    actor: Actor,
    command_id: UUID | None = None,
) -> Outcome:
    """Keep a subject longer."""
    day = counted_from if subjects.day_of(counted_from) else ""
    return _carefully(
        extend_retention, subject, reason, counted_from=day, actor=actor, command_id=command_id
    )


def erase(
    *, subject: str, ground: str, reason: str, actor: Actor, command_id: UUID | None = None
) -> Outcome:
    """Destroy the key of a subject whose time is over."""
    ground = ground if ground in GROUNDS else ""
    return _carefully(
        erase_subject, subject, reason, ground=ground, actor=actor, command_id=command_id
    )


@command(
    "personnel.register_subject",
    role=REGISTRARS,
    label=_("register a subject as {kind}"),
    record=RECORD,
)
def register_subject(act: Act, *, subject: str, kind: str, counted_from: str) -> None:
    """Seal who it is, and record that a pseudonym stands for somebody."""
    given = vault.beside().given
    state = _load(act, subject)
    subjects.check_fields(kind, given)
    registered = subjects.register(
        state,
        subject=subject,
        kind=kind,
        counted_from=counted_from,
        known_as=vault.known_as(kind, given),
    )
    act.record(STREAM, subject, registered)
    vault.seal(subject, kind, given)


@command(
    "personnel.correct_subject",
    role=REGISTRARS,
    label=_("correct the sealed record of {subject}"),
    record=RECORD,
    needs_reason=True,
)
def correct_subject(act: Act, *, subject: str, named: bool) -> None:
    """Seal a corrected record; the trail says which fields changed."""
    subjects.demand_unnamed(named)
    typed = vault.beside().given
    state = _load(act, subject)
    subjects.demand_readable(state, subject)
    old = vault.opened(subject)
    given = {**old, **{name: value for name, value in typed.items() if value}}
    subjects.check_fields(state.kind, given)
    corrected = subjects.correct(
        state,
        subject=subject,
        old=old,
        new=given,
        known_as=vault.known_as(state.kind, given),
    )
    act.record(STREAM, subject, corrected)
    for event in corrected:
        vault.seal_again(subject, state.kind, event.new, given)


@command(
    "personnel.extend_subject_retention",
    role=KEEPERS,
    label=_("keep {subject} longer"),
    record=RECORD,
    needs_reason=True,
)
def extend_retention(act: Act, *, subject: str, counted_from: str, named: bool) -> None:
    """Keep a subject longer, because of something later."""
    subjects.demand_unnamed(named)
    state = _load(act, subject)
    extended = subjects.extend_retention(state, subject=subject, counted_from=counted_from)
    act.record(STREAM, subject, extended)


@command(
    "personnel.show_identifiers",
    role=HANDLERS,
    label=_("show two identifiers of {subject}"),
    record=RECORD,
)
def show_identifiers(act: Act, *, subject: str, purpose: str, reference: str, named: bool) -> None:
    """Show two identifiers for receiving, labelling or issuing."""
    vouching.demand_checked(act.actor.person)
    subjects.demand_unnamed(named)
    state = _load(act, subject)
    shown = subjects.show(state, subject=subject, purpose=purpose, reference=reference)
    act.record(STREAM, subject, shown)
    _open(subject, subjects.SHOWN[purpose])


@command(
    "personnel.ask_unmasking",
    role=ASKERS,
    label=_("ask to see who {subject} is"),
    record=RECORD,
    needs_reason=True,
)
def ask_unmasking(act: Act, *, subject: str, named: bool) -> None:
    """Ask to see everything about a subject."""
    vouching.demand_checked(act.actor.person)
    subjects.demand_unnamed(named)
    asked = subjects.ask_unmasking(
        _load(act, subject), subject=subject, request=new_id("u"), asker=act.actor.person
    )
    act.record(STREAM, subject, asked)


@command(
    "personnel.grant_unmasking",
    role=GRANTERS,
    label=_("agree that somebody sees who {subject} is"),
    record=RECORD,
)
def grant(act: Act, *, subject: str, request: str) -> None:
    """Agree, as a second person, that somebody sees a subject for a quarter of an hour."""
    vouching.demand_known(act.actor.person)
    granted = subjects.grant_unmasking(
        _load(act, subject),
        subject=subject,
        request=request,
        granter=act.actor.person,
        at=act.at,
    )
    act.record(STREAM, subject, granted)


@command(
    "personnel.decline_unmasking",
    role=GRANTERS,
    label=_("decline that somebody sees who {subject} is"),
    record=RECORD,
    needs_reason=True,
)
def decline_unmasking(act: Act, *, subject: str, request: str, named: bool) -> None:
    """Say no, and why."""
    subjects.demand_unnamed(named)
    declined = subjects.decline_unmasking(
        _load(act, subject), subject=subject, request=request, decliner=act.actor.person
    )
    act.record(STREAM, subject, declined)


@command("personnel.unmask_subject", role=ASKERS, label=_("see who {subject} is"), record=RECORD)
def unmask_subject(act: Act, *, subject: str, request: str) -> None:
    """Look at who a subject is, under what a second person agreed to."""
    vouching.demand_checked(act.actor.person)
    seen = subjects.unmask(
        _load(act, subject),
        subject=subject,
        request=request,
        viewer=act.actor.person,
        at=act.at,
    )
    act.record(STREAM, subject, seen)
    _open(subject, None)


@command(
    "personnel.erase_subject",
    role=(DATA_PROTECTION_OFFICER,),
    label=_("destroy the key of {subject}"),
    record=RECORD,
    needs_reason=True,
)
def erase_subject(act: Act, *, subject: str, ground: str, named: bool) -> None:
    """Destroy the key. The trail stays, and every hash in it holds."""
    subjects.demand_unnamed(named)
    state = _load(act, subject)
    erased = subjects.erase(state, subject=subject, ground=ground, today=act.at.date())
    act.record(STREAM, subject, erased)
    vault.destroy(subject)
    # Asked last: whoever opened a batch meanwhile held the row that is destroyed now.
    subjects.demand_unneeded(subject, [name for source in _needed if (name := source(subject))])


def _load(act: Act, subject: str) -> subjects.Subject:
    return act.load(STREAM, subject, subjects.Subject(), subjects.evolve)


def _open(subject: str, fields: tuple[str, ...] | None) -> None:
    """Leave what was opened beside the command; it is shown if the event is committed."""
    record = vault.opened(subject)
    full = f"{record.get('given_name', '')} {record.get('family_name', '')}"
    known = record if fields is None else {**record, "name": full}
    wanted = [name for name in known if known[name]] if fields is None else fields
    vault.beside().seen = {name: known.get(name, "") for name in wanted}


def _carefully(
    ask: Callable[..., Outcome],
    subject: str,
    reason: str,
    *,
    also: Mapping[str, str] | None = None,
    **request: Any,
) -> Outcome:
    """Ask with a reason, withheld where it says who the subject is: the refusal keeps reasons."""
    named = _names(ask, request["actor"], subject, reason, also)
    return ask(subject=subject, reason=WITHHELD if named else reason, named=named, **request)


def _names(
    ask: Callable[..., Any],
    actor: Actor,
    subject: str,
    text: str,
    also: Mapping[str, str] | None = None,
) -> bool:
    """Whether a text says who a subject is. To whom may not ask at all, every text does: what is
    withheld in their refusals would tell them whether they guessed right."""
    return actor.role not in ask.spec.roles or vault.names(subject, text, also)  # type: ignore[attr-defined]


def _as_sent(outcome: Outcome, subject: str, given: Mapping[str, str]) -> Outcome:
    """Sent twice, once done. Sent again with another name, refused: its hash could not tell."""
    kept = vault.opened(subject) if outcome.replayed else {}
    if outcome.replayed and any(value != kept.get(name) for name, value in given.items() if value):
        raise Refused(
            _("This form was already sent with other values. Open it again and repeat."),
            code="command_reused",
        )
    return outcome


def _once(seen: dict[str, str]) -> dict[str, str]:
    if not seen:
        raise Refused(
            _("This was shown once already. Ask for it again: every look is on the trail."),
            code="shown_already",
        )
    return seen


def _kind(subject: str) -> str:
    events = store.load(STREAM, subject, upto=1)
    return str(events[0].data.kind) if events else ""
