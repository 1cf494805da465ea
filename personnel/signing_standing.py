"""What a signature is worth now: recomputed from the stored bytes each time it is shown.

It holds, it was superseded by a later entry that changes what it covers, or it is broken.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from ledger import store, verify
from ledger.models import Event, TrailLink
from ledger.trail import SIGNATURE
from personnel.models.signing import SigningKey

HOLDS, SUPERSEDED, BROKEN = "holds", "superseded", "broken"
SUPERSEDING = "ledger.signature_superseded"


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature as it is shown beside what it covers."""

    event: UUID
    signed: UUID
    printed_name: str
    role: str
    meaning: str
    signed_at: datetime | None
    zone: str
    key: str
    algorithm: str
    standing: str
    why: str = ""
    by: UUID | None = None  # the entry that superseded it
    by_version: int | None = None


def standing(event_ids: Iterable[UUID]) -> dict[UUID, list[Signature]]:
    """The signatures over each of these events, with their standing, oldest first."""
    wanted = list(dict.fromkeys(event_ids))
    links = TrailLink.objects.filter(target__in=wanted, kind=SIGNATURE)
    pairs = list(links.values_list("target", "source"))
    rows = _rows([one for pair in pairs for one in pair])
    later = _superseded([rows[source] for _target, source in pairs if source in rows])
    found: dict[UUID, list[Signature]] = defaultdict(list)
    known = _keys([rows[source] for _target, source in pairs if source in rows])
    for target, source in sorted(pairs, key=lambda pair: (rows[pair[1]].recorded_at, str(pair[1]))):
        found[target].append(_judged(rows.get(target), rows[source], target, later, known))
    return dict(found)


def missing(event: UUID) -> Signature:
    """What is shown where an entry needs a signature and bears none: it was not made here."""
    return Signature(
        event=event,
        signed=event,
        printed_name="",
        role="",
        meaning="",
        signed_at=None,
        zone="",
        key="",
        algorithm="",
        standing=BROKEN,
        why=_("This entry needs a signature, and none stands over it."),
    )


def made_by(signature: UUID) -> list[Signature]:
    """What a signature is worth over the first of what it covers that does not hold, else once."""
    targets = TrailLink.objects.filter(source=signature, kind=SIGNATURE).order_by("target")
    found = [
        one
        for each in standing(targets.values_list("target", flat=True)).values()
        for one in each
        if one.event == signature
    ]
    return sorted(found, key=lambda one: (BROKEN, SUPERSEDED, HOLDS).index(one.standing))[:1]


def _rows(ids: Iterable[UUID]) -> dict[UUID, Event]:
    return {row.pk: row for row in Event.objects.filter(pk__in=set(ids))}


def _judged(
    signed: Event | None,
    signature: Event,
    target: UUID,
    later: dict[UUID, Event],
    known: dict[str, _Key],
) -> Signature:
    data = _data(bytes(signature.body))
    moment, zone = _when(data)
    fault = _fault(signed, signature, data, known)
    over = None if fault else later.get(signature.pk)
    kind = BROKEN if fault else SUPERSEDED if over else HOLDS
    return Signature(
        event=signature.pk,
        signed=target,
        printed_name=str(data.get("printed_name", "")),
        role=str(data.get("role", "")),
        meaning=str(data.get("meaning", "")),
        signed_at=moment,
        zone=zone,
        key=str(data.get("key", "")),
        algorithm=str(data.get("algorithm", "")),
        standing=kind,
        why=fault,
        by=over.pk if over else None,
        by_version=over.version if over else None,
    )


def _fault(
    signed: Event | None,
    signature: Event,
    data: dict[str, Any],
    known: dict[str, _Key],
) -> str:
    """Why it does not hold, if it does not: every hash and the signature itself, made anew."""
    if signed is None:
        return _("What it signed is not there any more.")
    named = {str(item.get("event")): item.get("body_sha256") for item in data.get("signed", [])}
    if named.get(str(signed.pk)) != sha256(bytes(signed.body)).hexdigest():
        return _("It was made over other content than this.")
    key = known.get(str(data.get("key", "")))
    if key is None:
        return _("No enrolment of its key is on the trail.")
    if key.row.enrolled_at > signature.recorded_at or _ended(key.row, signature.recorded_at):
        return _("Its key did not stand when it was made.")
    if signature.actor != data.get("signer"):
        return _("Somebody else than the signer put it here.")
    return _mathematics(bytes(signature.body), key.enrolment)


@lru_cache(maxsize=10_000)
def _mathematics(signature: bytes, enrolment: bytes) -> str:
    """The check of the signature alone. The same bytes always give the same answer."""
    try:
        return verify.signature_fault(_data(signature), _data(enrolment)) or ""
    except (LookupError, ValueError, TypeError) as odd:
        return _("It cannot be read: %(what)s") % {"what": odd}


def _ended(row: SigningKey, at: datetime) -> bool:
    return row.withdrawn_at is not None and row.withdrawn_at < at


@dataclass(frozen=True, slots=True)
class _Key:
    """A key's life, and its enrolment as it stands in the log."""

    row: SigningKey
    enrolment: bytes


def _keys(signatures: Iterable[Event]) -> dict[str, _Key]:
    """The keys that these signatures name, read at once."""
    named = {str(_data(bytes(row.body)).get("key", "")) for row in signatures}
    rows = list(SigningKey.objects.filter(key__in=named))
    enrolled = _rows([row.enrolled_event for row in rows])
    return {
        row.key: _Key(row, bytes(enrolled[row.enrolled_event].body))
        for row in rows
        if row.enrolled_event in enrolled
    }


def _superseded(signatures: Iterable[Event]) -> dict[UUID, Event]:
    """The entries that superseded these signatures, as the ledger told when they were written."""
    streams = [row.stream_id for row in signatures]
    told = Event.objects.filter(stream_type="signature", stream_id__in=streams, version__gt=1)
    pairs = {
        UUID(data["signature"]): UUID(data["by"])
        for data in (_data(bytes(row.body)) for row in told.filter(type=SUPERSEDING))
    }
    by = _rows(pairs.values()) if pairs else {}
    return {signature: by[one] for signature, one in pairs.items() if one in by}


def _when(data: dict[str, Any]) -> tuple[datetime | None, str]:
    text = str(data.get("signed_at", ""))
    try:
        moment = store.as_utc(text)
    except ValueError:
        return None, text
    return moment, str(data.get("zone") or f"UTC{text[-6:]}")


def _data(body: bytes) -> dict[str, Any]:
    try:
        data = json.loads(body)["data"]
    except (ValueError, LookupError, TypeError):
        return {}
    return data if isinstance(data, dict) else {}
