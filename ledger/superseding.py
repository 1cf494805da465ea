"""Which signatures stand for an earlier state of their record: said in the ledger at the change.

A room says by `@supersedes(...)` which entries an event changes. When such an event is written,
the same write adds that the signatures over those entries are superseded, and by which entry.
"""

from collections.abc import Callable, Iterable, Sequence
from uuid import UUID

from ledger import store, verify
from ledger.event import Recorded
from ledger.models import Event, TrailLink
from ledger.signature import SignatureSuperseded
from ledger.store import Change

Supersedes = Callable[[Recorded, Sequence[Recorded]], Iterable[UUID]]
_rules: dict[type, Supersedes] = {}


def supersedes(*payloads: type) -> Callable[[Supersedes], Supersedes]:
    """Say which earlier events of its stream an event of these types changes.

    The function gets the event and the events of its stream before it, and names the ids of those
    that no longer stand as they were signed.
    """

    def register(function: Supersedes) -> Supersedes:
        for payload in payloads:
            _rules[payload] = function
        return function

    return register


def changed_by(event: Recorded, before: Sequence[Recorded]) -> list[UUID]:
    """The earlier events that this one changes."""
    rule = _rules.get(type(event.data))
    return list(rule(event, before)) if rule else []


def told_by(events: Sequence[Recorded]) -> list[Change]:
    """What these events, about to be written, do to signatures that stand: one entry for each."""
    changed: dict[UUID, UUID] = {}
    for event in events:
        if type(event.data) in _rules:
            stored = store.load(event.stream_type, event.stream_id)
            stream = (event.stream_type, event.stream_id)
            mine = [one for one in events if (one.stream_type, one.stream_id) == stream]
            before = [*stored, *(one for one in mine if one.version < event.version)]
            for one in changed_by(event, before):
                changed.setdefault(one, event.id)
    return [_change(row, target, changed[target]) for target, row in _signatures(changed)]


def _signatures(changed: Iterable[UUID]) -> list[tuple[UUID, Event]]:
    """The signatures over these entries that nothing has superseded yet, each once."""
    links = TrailLink.objects.filter(target__in=list(changed), kind="signature")
    targets = dict(links.order_by("-target").values_list("source", "target"))
    rows = Event.objects.filter(pk__in=targets).order_by("recorded_at", "id")
    found = {row.stream_id: row for row in rows}
    told = Event.objects.filter(stream_type="signature", stream_id__in=found, version__gt=1)
    for stream_id in told.values_list("stream_id", flat=True):
        found.pop(stream_id, None)
    return [(targets[row.pk], row) for row in found.values()]


def _change(signature: Event, signed: UUID, by: UUID) -> Change:
    data = verify.parse_body(bytes(signature.body))["data"]
    payload = SignatureSuperseded(
        signature=str(signature.pk),
        signer=data["signer"],
        meaning=data["meaning"],
        signed=str(signed),
        by=str(by),
    )
    return Change("signature", signature.stream_id, signature.version, [payload])
