"""What a data protection officer asks of the vault: who bears a number, and a copy for somebody.

As in `vault_commands`, the functions without `_subject` in their names are for pages: they keep
what was typed beside the request, whose hash stands in the ledger.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

from ledger import clock, reading, store
from ledger.command import Act, command
from ledger.event import Actor, Recorded, Refused
from ledger.event import marked as _
from personnel import queries, vault, vault_queries, vouching
from personnel import vault_subject as subjects
from personnel.models import Subject
from personnel.roles import DATA_PROTECTION_OFFICER
from personnel.vault_commands import HANDLERS, RECORD, STREAM
from personnel.vault_retention import DONOR, PATIENT

IN_VAIN = "subject_lookup"
Mentions = Callable[[str], list[dict[str, str]]]
_mentions: list[Mentions] = []


def mentions(source: Mentions) -> Mentions:
    """Rooms above add what names a subject in their records: batches, orders, labels."""
    _mentions.append(source)
    return source


def look_up(
    *,
    kind: str,
    number: str,
    purpose: str,
    reference: str,
    actor: Actor,
    command_id: UUID | None = None,
) -> str:
    """The pseudonym that bears a hospital number, or nothing. Either way it is on the trail."""
    given = {"hospital_number": " ".join(number.split())}
    fits = subjects.is_reference(reference)
    named = fits and vault.names("", reference, given)
    with vault.handing_over(given):
        outcome = look_up_subject(
            kind=kind if kind in (PATIENT, DONOR) else "",
            purpose=purpose if purpose in subjects.LOOKED_UP else "",
            reference=reference if fits and not named else "",
            named=named,
            actor=actor,
            command_id=command_id,
        )
    found = str(outcome.events[0].data.found)
    if outcome.replayed and found != (vault.known_as(kind, given) or subjects.NOBODY):
        raise Refused(
            _("This form was already sent with another number. Open it again and repeat."),
            code="command_reused",
        )
    return "" if found == subjects.NOBODY else found


def copy(
    *, subject: str, request: str, actor: Actor, command_id: UUID | None = None
) -> dict[str, Any]:
    """All that is held on a subject, for the person concerned. It is made, and not kept."""
    with vault.handing_over() as beside:
        copy_subject(subject=subject, request=request, actor=actor, command_id=command_id)
        sealed = {number: json.loads(text) for number, text in beside.seen.items()}
    return _copy(subject, sealed)


@command(
    "personnel.look_up_subject",
    role=(*HANDLERS, DATA_PROTECTION_OFFICER),
    label=_("look a subject up by number"),
)
def look_up_subject(act: Act, *, kind: str, purpose: str, reference: str, named: bool) -> None:
    """Find the pseudonym of a hospital number, through a keyed index."""
    vouching.demand_checked(act.actor.person)
    subjects.demand_unnamed(named)
    given = vault.beside().given
    found = vault.known_as(kind, given)
    looked = subjects.look_up(
        kind=kind,
        purpose=purpose,
        reference=reference,
        numbered=bool(given["hospital_number"]),
        found=found,
    )
    if found:
        act.load(STREAM, found, subjects.Subject(), subjects.evolve)
        act.record(STREAM, found, looked)
    else:
        act.record(IN_VAIN, str(act.command_id), looked)


@command(
    "personnel.copy_subject",
    role=(DATA_PROTECTION_OFFICER,),
    label=_("take a copy of what is held on {subject}"),
    record=RECORD,
)
def copy_subject(act: Act, *, subject: str, request: str) -> None:
    """Open every sealed version, for a copy that a second person agreed to."""
    vouching.demand_checked(act.actor.person)
    state = act.load(STREAM, subject, subjects.Subject(), subjects.evolve)
    copied = subjects.copy(
        state, subject=subject, request=request, viewer=act.actor.person, at=act.at
    )
    act.record(STREAM, subject, copied)
    vault.beside().seen = vault.versions(subject)


def _copy(subject: str, sealed: dict[str, Any]) -> dict[str, Any]:
    row = Subject.objects.get(subject=subject)
    events = store.load(STREAM, subject)
    names = queries.printed_names({event.actor.person for event in events})
    newest = max(sealed, key=int, default="")
    return {
        "pseudonym": subject,
        "made": clock.now().isoformat(timespec="seconds"),
        "identity": sealed.get(newest, {}),
        "identity before it was corrected": [sealed[n] for n in sorted(sealed) if n != newest],
        "why it is held": {
            "kind": row.kind,
            "basis": row.basis,
            "counted from": row.counted_from.isoformat(),
            "kept until": row.keep_until.isoformat(),
        },
        "named in": [line for source in _mentions for line in source(subject)],
        "who has looked": [
            {
                "when": look.at.isoformat(timespec="seconds"),
                "as": look.role_name,
                "for": look.looked_for,
                "of": look.reference,
            }
            for look in vault_queries.looks(subject)
        ],
        "entries": [_line(event, names) for event in events],
    }


def _line(event: Recorded, names: dict[str, str]) -> dict[str, str]:
    return {
        "when": event.recorded_at.isoformat(timespec="seconds"),
        "what": reading.sentence_of(event, names),
        "why": event.reason,
    }
