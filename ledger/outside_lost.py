"""When the outside store is gone: fill a new one from the database's newest signed checkpoint.

What the old store vouched for is lost with it: whoever rewrote the database since could only have
cut it back to a checkpoint that was signed. So a person has to say that the store was lost, and a
new epoch shows it to everybody for ever.
"""

from collections.abc import Callable
from hashlib import sha256

from ledger import epochs, log
from ledger.epochs import Ask, EpochRefused, Survey
from ledger.event import Actor
from ledger.models import Checkpoint
from ledger.outside import Held
from ledger.sealer import Sealer
from ledger.tiles import HASH, Growing
from ledger.verify import (
    BadNote,
    VerifierKey,
    parse_checkpoint,
    parse_note,
    verify_note,
)


def begin_with_new_store(
    one: Sealer, *, actor: Actor, reason: str, ask: Ask, adopt: Callable[[Held], None]
) -> Survey:
    """Adopt what the database proves, seal what is waiting, and begin a new epoch after it.

    `adopt` is asked with the checkpoint that is to be adopted, `ask` with what the epoch will say.
    """
    fill(one, adopt)
    one.forget()
    while one.seal() is not None:
        pass
    return epochs.begin_next(
        one.outside,
        keys=one.keyring.signers(),
        actor=actor,
        reason=reason,
        ask=ask,
        whole_too=True,
        using=one.using,
    )


def fill(one: Sealer, adopt: Callable[[Held], None]) -> Held:
    """Put the database's newest checkpoint, proved again from the entries, into the store."""
    newest = Checkpoint.objects.using(one.using).order_by("-epoch", "-size").first()
    before = one.outside.latest()
    if newest is None:
        raise EpochRefused("The database holds no checkpoint, so nothing can be adopted from it.")
    if before is not None and (before.epoch, before.size) >= (newest.epoch, newest.size):
        raise EpochRefused("The outside store is not behind the database: nothing was lost.")
    held = Held(
        newest.epoch,
        epochs.origin_of(one.outside.name, newest.epoch),
        newest.size,
        bytes(newest.root),
        newest.note,
    )
    _check_note(one, held)
    leaves = _proved_leaves(one, held)
    first = _check_before(before, held, leaves)
    adopt(held)
    one.outside.store(held, after=before, leaves=leaves[first * HASH :])
    return held


def _check_note(one: Sealer, held: Held) -> None:
    """The note is genuine and says what its row says."""
    try:
        note = parse_note(held.note.encode())
        verify_note(note, _keys(one))
        stated = parse_checkpoint(note.text)
    except BadNote as error:
        raise EpochRefused(
            f"Checkpoint {held.epoch}/{held.size} in the database was not signed by this log:"
            f" {error} Restore the last good backup."
        ) from error
    if stated != (held.origin, held.size, held.root):
        raise EpochRefused(f"Checkpoint {held.epoch}/{held.size} does not say what its row says.")


def _keys(one: Sealer) -> list[VerifierKey]:
    """The key at hand, and the one before it, which may have signed the newest checkpoint.

    That one must still lie beside it: what the database says of keys is anybody's word here.
    """
    found = [key.verifier for key in one.keyring.signers()]
    return found + [key.verifier for key in one.keyring.former()]


def _proved_leaves(one: Sealer, held: Held) -> bytes:
    """The leaf hashes, made from the entries' bytes; they must give the signed root."""
    epoch = next((e for e in log.epochs(using=one.using) if e.number == held.epoch), None)
    tree, leaves = Growing(), bytearray()
    if epoch is not None:
        for line in log.lines(epoch.start, limit=held.size, using=one.using):
            leaf = sha256(b"\0" + line.entry).digest()
            leaves += leaf
            tree.extend([leaf])
    if tree.root() != held.root:
        raise EpochRefused(
            f"The entries in the database do not give the root of its checkpoint {held.epoch}/"
            f"{held.size}: they were altered. Restore the last good backup."
        )
    return bytes(leaves)


def _check_before(before: Held | None, held: Held, leaves: bytes) -> int:
    """An old copy of the store must be a beginning of the log; how many leaves it has."""
    if before is None or before.epoch != held.epoch:
        return 0
    tree = Growing()
    tree.extend(leaves[at : at + HASH] for at in range(0, before.size * HASH, HASH))
    if tree.root() != before.root:
        raise EpochRefused(
            f"The outside store holds another history of {held.origin} at {before.size} entries:"
            " the log is forked. Keep both and have them examined."
        )
    return before.size
