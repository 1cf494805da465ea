"""Epochs: each begins a new Merkle tree and says, with a proof, what the tree before it was.

Epoch 1 begins itself. A later one is begun by a person after a backup was restored, so that the
log never signs two histories under one origin.
"""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from django.db import transaction

from ledger import followers, ids, log, roles, sequencer, store, tiles
from ledger.codec import CommandRef
from ledger.entry import entry_bytes
from ledger.event import Actor
from ledger.keys import SigningKey
from ledger.log import EpochRow
from ledger.log_events import EpochBegan, FollowerResumed, Previous, Skipped
from ledger.models import Cursor
from ledger.outside import Held, Outside
from ledger.reading import Unreadable
from ledger.verify import ED25519, ML_DSA_44

SEALER = Actor(person="sealer", role="system", terminal="server")


class EpochRefused(Exception):
    """Why no new epoch is begun, as a sentence."""


@dataclass(frozen=True, slots=True)
class Survey:
    """What a restored database still holds of the log that was signed."""

    number: int
    start: int
    previous: Previous
    skipped: list[Skipped]

    @property
    def lost(self) -> int:
        """How many signed entries are gone."""
        return self.previous.lost + sum(tree.size for tree in self.skipped)

    @property
    def words(self) -> str:
        """What is kept and what is lost, for the person who begins the epoch."""
        was = self.previous
        lines = [
            f"Epoch {self.number} begins at position {self.start}. Of the {was.size} signed"
            f" entries of {was.origin}, {was.kept} are here and {was.lost} are lost."
        ]
        lines += [
            f"Of {tree.origin} all {tree.size} signed entries are lost." for tree in self.skipped
        ]
        return "\n".join(lines)


Ask = Callable[[Survey], None]  # raises if the person does not want that


def origin_of(name: str, number: int) -> str:
    """The origin line of an epoch's checkpoints."""
    return f"{name}/{number}"


def begin_first(*, name: str, keys: list[SigningKey], using: str = "sealer") -> None:
    """Begin epoch 1 of a log that has never been sealed."""
    if log.end(using=using):
        raise EpochRefused("Entries got positions before the log began; they belong to no epoch.")
    payload = _payload(name, 1, keys, previous=None, skipped=[])
    _open(payload, actor=SEALER, reason="", using=using)


def begin_next(
    outside: Outside,
    *,
    keys: list[SigningKey],
    actor: Actor,
    reason: str,
    ask: Ask,
    whole_too: bool = False,
    using: str = "sealer",
) -> Survey:
    """Begin a new epoch on a restored database; what was kept and lost stands in its first entry.

    Nothing is signed here: the sealer does that next, and stores it outside.
    """
    found = survey(outside, whole_too=whole_too, using=using)
    ask(found)
    payload = _payload(
        outside.name, found.number, keys, previous=found.previous, skipped=found.skipped
    )
    _open(payload, actor=actor, reason=reason, using=using)
    reset_followers(found.start)
    return found


def refuse_named_key(vkey: str, *, path: Path, using: str = "sealer") -> None:
    """A key that the log has named does not take the place of one that was lost."""
    began = [
        event
        for e in log.epochs(using=using)
        for event in store.load("epoch", str(e.number), using=using)
    ]
    changed = store.load("checkpoint_key", "log", using=using)
    named = {event.data.key for event in began} | {event.data.new for event in changed}
    if vkey in named:
        raise EpochRefused(
            f"{path} holds the key {vkey}, which the log names: if it is the one that signs now, it"
            " is not lost. Else move the file away and run this again; a new key is made."
        )


def survey(
    outside: Outside,
    *,
    whole_too: bool = False,
    begun: EpochRow | None = None,
    using: str = "sealer",
) -> Survey:
    """Compare the surviving entries, hashed again, with the leaf hashes kept outside.

    `begun`: as it was before this epoch, of which the outside store knows nothing.
    """
    newest = outside.latest()
    if newest is None:
        raise EpochRefused("The outside store holds no checkpoint, so there is nothing to follow.")
    present = [e for e in log.epochs(using=using) if begun is None or e.number < begun.number]
    last = present[-1] if present else None
    if last is None:
        return Survey(newest.epoch + 1, 0, _all_lost(newest), _skipped(outside, 0, newest.epoch))
    old = outside.latest(epoch=last.number)
    if old is None:
        raise EpochRefused(
            f"The database holds epoch {last.number}, of which the outside store knows nothing."
        )
    end = begun.start if begun else log.end(using=using)
    kept = _kept(outside, old, start=last.start, end=end, using=using)
    if last.number == newest.epoch and kept == old.size and not whole_too:
        raise EpochRefused("Every sealed entry is still in the database: no epoch is needed.")
    if end > last.start + kept:
        raise EpochRefused(
            f"The {end - last.start - kept} entries from position {last.start + kept} on have"
            f" positions in {old.origin} and were never signed, so no epoch can begin before them."
            " Only the key of that epoch can sign them. If it is lost, restore the newest backup"
            " that does not hold them, then run this again."
        )
    return Survey(
        newest.epoch + 1,
        last.start + kept,
        _previous(outside, old, kept),
        _skipped(outside, last.number, newest.epoch + 1),
    )


def confirm(
    outside: Outside, begun: EpochRow, *, keys: list[SigningKey], using: str = "sealer"
) -> Survey:
    """What an epoch that was begun and not sealed keeps and loses; refused unless it says so.

    Everything in its first entry is found again: from the entries before it, the outside store
    and the keys here. Whoever can write to the database can still have begun it; so ask a person.
    """
    found = survey(outside, whole_too=True, begun=begun, using=using)
    payload = _payload(
        outside.name, found.number, keys, previous=found.previous, skipped=found.skipped
    )
    if (begun.number, begun.start, begun.origin) != (found.number, found.start, payload.origin):
        raise EpochRefused(
            f"{_BEGUN_OTHERWISE.format(begun.number)} begins at position {begun.start} as"
            f" {begun.origin}; it should at {found.start} as {payload.origin}. {_EXAMINE}"
        )
    if not _says(begun, payload, using=using):
        raise EpochRefused(
            f"{_BEGUN_OTHERWISE.format(begun.number)} says something else of the log that was"
            f" signed than the outside store. {_EXAMINE}"
        )
    return found


_BEGUN_OTHERWISE = "The database has begun epoch {}, which nobody has sealed and which"
_EXAMINE = (
    "Nothing is signed. The log was rewritten: keep this database, have it examined, and restore"
    " the last good backup."
)


def _says(begun: EpochRow, payload: EpochBegan, *, using: str) -> bool:
    """Whether the epoch's first entry is the event that `begin_epoch` would have written."""
    first = next(log.lines(begun.start, limit=1, using=using), None)
    if first is None or first.position != begun.start:
        return False
    try:
        event = store.event(first.event_id, using=using)
    except Unreadable:
        return False
    if event is None or event.data != payload or event.actor.role != "console":
        return False
    entry = entry_bytes(
        event.id,
        stream_type="epoch",
        stream_id=str(begun.number),
        version=1,
        type="ledger.epoch_began",
        schema_version=1,
        recorded_at=event.recorded_at,
        actor=event.actor.person,
        body_sha256=sha256(event.body).digest(),
    )
    return first.entry == entry


def _kept(outside: Outside, old: Held, *, start: int, end: int, using: str) -> int:
    """How many of the signed entries survive; refuses where one differs from what was signed."""
    signed = tiles.split(outside.leaves(epoch=old.epoch))[: end - start]
    kept = 0
    for line in log.lines(start, limit=len(signed), using=using):
        if line.position != start + kept or sha256(b"\0" + line.entry).digest() != signed[kept]:
            raise EpochRefused(
                f"The entry at position {start + kept} is not the one that was signed there, so"
                " this is not a restored backup. Restore a backup from before the alteration,"
                " then run this again."
            )
        kept += 1
    return kept


def _previous(outside: Outside, old: Held, kept: int) -> Previous:
    """The proof that the surviving entries are the beginning of the signed tree."""
    signed = tiles.split(outside.leaves(epoch=old.epoch))

    def node(height: int, index: int) -> bytes:
        return tiles.perfect_root(signed[index << height : (index + 1) << height])

    if tiles.subtree(0, old.size, node) != old.root:
        raise EpochRefused(
            f"The outside store contradicts itself: the leaf hashes of {old.origin} do not give"
            " its signed root. Keep the file and have it examined."
        )
    return Previous(
        origin=old.origin,
        size=old.size,
        root=old.root.hex(),
        kept=kept,
        kept_root=tiles.subtree(0, kept, node).hex(),
        proof=[part.hex() for part in tiles.consistency_path(kept, old.size, node)],
        lost=old.size - kept,
    )


def _all_lost(newest: Held) -> Previous:
    return Previous(
        origin=newest.origin,
        size=newest.size,
        root=newest.root.hex(),
        kept=0,
        kept_root=tiles.EMPTY_ROOT.hex(),
        proof=[],
        lost=newest.size,
    )


def _skipped(outside: Outside, after: int, before: int) -> list[Skipped]:
    """The signed trees between two epochs, of which nothing is left in the database."""
    found = [outside.latest(epoch=number) for number in range(after + 1, before)]
    return [
        Skipped(origin=held.origin, size=held.size, root=held.root.hex())
        for held in found
        if held is not None
    ]


def _payload(
    name: str,
    number: int,
    keys: list[SigningKey],
    *,
    previous: Previous | None,
    skipped: list[Skipped],
) -> EpochBegan:
    return EpochBegan(
        epoch=number,
        origin=origin_of(name, number),
        key=next(key.vkey for key in keys if key.kind == ED25519),
        previous=previous,
        skipped=skipped or None,
        second_key=next((key.vkey for key in keys if key.kind == ML_DSA_44), None),
    )


def _open(payload: EpochBegan, *, actor: Actor, reason: str, using: str) -> None:
    """Write the event, unless an interrupted attempt has, and make it the epoch's first entry."""
    stream = ("epoch", str(payload.epoch))
    try:
        written = store.load(*stream, using=using)
    except Unreadable:
        raise EpochRefused(_prepared_by_nobody(payload, "which cannot be read")) from None
    if written and written[0].data != payload:
        raise EpochRefused(_prepared_otherwise(payload, written[0]))
    if not written:
        written = store.append(
            command=CommandRef(ids.new_id(), "ledger.begin_epoch", b"\0" * 32),
            actor=actor,
            changes=[store.Change(*stream, 0, [payload])],
            reason=reason,
            using=roles.log_writer(),
        ).events
    sequencer.open_epoch(written[0].id, number=payload.epoch, origin=payload.origin, using=using)


def _prepared_otherwise(payload: EpochBegan, found: store.Recorded) -> str:
    key = getattr(found.data, "key", None)
    nobody = _prepared_by_nobody(payload, f"recorded at {found.recorded_at:%Y-%m-%d %H:%M:%S} UTC")
    if key is None or key == payload.key:
        return nobody
    return f"If you prepared it, put the checkpoint key {key} back and run this again. {nobody}"


def _prepared_by_nobody(payload: EpochBegan, which: str) -> str:
    return (
        f"The database holds another beginning of epoch {payload.epoch}, {which}. If nobody here"
        " prepared it, somebody wrote into the database: keep a copy of it to be examined, restore"
        " the last backup from before that and run this again."
    )


def reset_followers(end: int) -> None:
    """A follower that has read beyond the restored log reads on from its end."""
    for place in Cursor.objects.filter(position__gt=end):
        with transaction.atomic():
            Cursor.objects.filter(name=place.name).update(position=end, stopped="")
            payload = FollowerResumed(follower=place.name, old=place.position, new=end)
            followers.tell(place.name, payload, reason="The database was restored from a backup.")
