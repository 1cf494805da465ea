"""What proves an entry, gathered and checked anew for its page, and what it hangs together with."""

from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from ledger import proofs, verify
from ledger.entry import entry_bytes
from ledger.event import Recorded, Refused
from ledger.models import CommandKey, Event, Trail, TrailLink
from ledger.trail import CAUSE, SIGNATURE

RELATED = 50


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was checked just now: what, whether it holds, and what was compared."""

    title: str
    holds: bool
    detail: str = ""


@dataclass(slots=True)
class Evidence:
    """An entry's commitment and proof, with the checks that were made."""

    checks: list[Check] = field(default_factory=list)
    entry: str = ""
    leaf: str = ""
    position: int | None = None
    index: int | None = None
    origin: str = ""
    size: int | None = None
    root: str = ""
    checkpoint: str = ""
    path: list[str] = field(default_factory=list)
    witnesses: list[str] = field(default_factory=list)
    waiting: str = ""

    @property
    def holds(self) -> bool:
        return all(check.holds for check in self.checks)


def gather(row: Event) -> Evidence:
    """Recompute the entry from the event's bytes, and its proof up to the signed checkpoint."""
    found = Evidence()
    body = bytes(row.body)
    try:
        rebuilt, line = _entry_of(row, body), proofs.line_of(row.pk)
    except proofs.NOT_AS_WRITTEN as error:
        what = _("The event and its entry can be read")
        found.checks.append(Check(what, False, _altered(error)))
        return found
    if line is None:
        found.waiting = _("It is recorded and waits for its position in the log: a moment.")
        found.entry, found.leaf = rebuilt.decode(), verify.leaf_hash(rebuilt).hex()
        return found
    found.entry = line.entry.decode("utf-8", "backslashreplace")
    found.leaf, found.position = line.leaf.hex(), line.position
    found.checks = [
        Check(
            _("The body's hash stands in the entry"),
            sha256(body).hexdigest().encode() in line.entry,
        ),
        Check(_("The entry states what the event's row states"), rebuilt == line.entry),
        Check(_("The leaf is the hash of the entry"), verify.leaf_hash(line.entry) == line.leaf),
    ]
    _prove(found, row.pk, line.entry)
    return found


def _entry_of(row: Event, body: bytes) -> bytes:
    return entry_bytes(
        row.pk,
        stream_type=row.stream_type,
        stream_id=row.stream_id,
        version=row.version,
        type=row.type,
        schema_version=row.schema_version,
        recorded_at=row.recorded_at,
        actor=row.actor,
        body_sha256=sha256(body).digest(),
    )


def _prove(found: Evidence, event_id: UUID, entry: bytes) -> None:
    """The receipt that the page offers is the one that is checked, by the verifier's own code."""
    title = _("The entry is in the tree whose root the log signed")
    try:
        receipt = proofs.receipt(event_id)
    except Refused as refused:
        found.waiting = _(refused.template).format(**refused.params)
        return
    except proofs.ProofBroken as broken:
        found.checks.append(Check(title, False, str(broken)))
        return
    try:
        _tell(found, receipt)
    except proofs.NOT_AS_WRITTEN as error:
        found.checks.append(Check(title, False, _altered(error)))
        return
    found.checks.append(_checked(title, receipt.text, entry))


def _tell(found: Evidence, receipt: proofs.Receipt) -> None:
    """What the receipt is about, for people to compare."""
    head, _sep, note = receipt.text.partition(b"\n\n")
    found.index, found.size = receipt.index, receipt.size
    found.origin, found.witnesses = receipt.epoch.origin, receipt.cosigned_by
    found.checkpoint = note.decode()
    found.root = verify.strict_base64(note.decode().split("\n")[2]).hex()
    found.path = [verify.strict_base64(item).hex() for item in _path(head)]


def _path(head: bytes) -> list[str]:
    lines = head.decode().split("\n")[1:]
    return [item for item in lines if not item.startswith(("extra ", "index "))]


def _checked(title: str, text: bytes, entry: bytes) -> Check:
    try:
        keys = log_keys()
    except proofs.NOT_AS_WRITTEN as error:
        return Check(_("The entries that name the log's keys can be read"), False, _altered(error))
    try:
        proved = verify.verify_tlog_proof(text, entry, keys)
    except verify.BadNote as bad:
        return Check(title, False, str(bad))
    signers = ", ".join(one.key.name for one in proved.signed if one.checked)
    return Check(title, True, _("signed by %(signers)s") % {"signers": signers})


def _altered(error: Exception) -> str:
    what = _("It is not stored as it was written (%(what)s). Run manage.py verify_ledger.")
    return what % {"what": f"{error!s:.200}"}


def log_keys() -> list[verify.VerifierKey]:
    """The log's public keys, as its own first entries and key changes name them."""
    names = ("key", "second_key", "old", "new")
    texts = {data[name] for data in _naming_keys() for name in names if data.get(name)}
    return [verify.parse_vkey(text) for text in sorted(texts)]


def newest_key() -> str:
    """The verifier key that signs the log now; empty before the log has begun."""
    newest = (_naming_keys() or [{}])[-1]
    return str(newest.get("new") or newest.get("key") or "")


def _naming_keys() -> list[dict[str, Any]]:
    """The data of the entries that name the log's keys, oldest first."""
    names = ("ledger.epoch_began", "ledger.checkpoint_key_changed")
    ids = Trail.objects.filter(type__in=names).values_list("event_id", flat=True)
    rows = Event.objects.filter(pk__in=list(ids)).order_by("pk")
    return [verify.parse_body(bytes(row.body))["data"] for row in rows]


def related(event_id: UUID, event: Recorded | None) -> dict[str, list[UUID]]:
    """The events this one hangs together with, by how."""

    def sources(kind: str) -> list[UUID]:
        links = TrailLink.objects.filter(target=event_id, kind=kind)
        return list(links.values_list("source", flat=True).order_by("source")[:RELATED])

    return {
        "cause": [event.cause] if event and event.cause else [],
        "effects": sources(CAUSE),
        "signatures": sources(SIGNATURE),
        "siblings": _siblings(event_id, event) if event else [],
    }


def _siblings(event_id: UUID, event: Recorded) -> list[UUID]:
    text = CommandKey.objects.filter(key=event.command_id).values_list("event_ids", flat=True)
    ids = [UUID(one) for one in (text.first() or "").split()]
    return [one for one in ids if one != event_id][:RELATED]
