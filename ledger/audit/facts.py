"""What the log says about itself, held against the tables: epochs, keys, people's signatures."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import msgspec

from ledger.audit.marks import LogKeys
from ledger.audit.report import Report
from ledger.outside import Held
from ledger.verify import (
    EMPTY_ROOT,
    PEOPLES,
    SIGNED,
    PersonSignatures,
    key_change_holds,
    verify_consistency,
)


@dataclass(slots=True)
class Epoch:
    """A row of ledger_epoch, and what its first entry says."""

    number: int
    origin: str
    start: int
    keys: LogKeys = field(default_factory=LogKeys)
    previous: dict[str, Any] | None = None
    skipped: list[dict[str, Any]] = field(default_factory=list)
    told: bool = False
    # The epoch before it that has a row here, how much of that is here, and the root over it.
    follows: "tuple[Epoch, int, bytes] | None" = None


class Facts:
    """Takes the bodies of `ledger.*` events as they come."""

    def __init__(self, report: Report, epochs: list[Epoch], *, trusted: list[str]) -> None:
        self._report = report
        self._epochs = {epoch.number: epoch for epoch in epochs}
        self._trusted = trusted
        self.people = PersonSignatures()
        self._handlers: dict[str, Callable[[int, dict[str, Any]], None]] = {
            "ledger.epoch_began": self._epoch_began,
            "ledger.checkpoint_key_changed": self._key_changed,
        }

    def take(self, position: int, entry: bytes, body: bytes) -> None:
        """One event of the log itself."""
        lines = entry.decode("utf-8", "replace").split("\n")
        kind = lines[4].split("/")[0]
        handler = self._handlers.get(kind)
        if kind.encode() in PEOPLES:
            handler = partial(self._of_a_person, tuple(line.encode() for line in lines))
        if handler is None:
            return
        try:
            handler(position, msgspec.json.decode(body)["data"])
        except (msgspec.DecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
            self._found(position, f"{kind} cannot be read: {error!r}.")

    def _epoch_began(self, position: int, data: dict[str, Any]) -> None:
        epoch = self._epochs.get(data["epoch"])
        if epoch is None or epoch.told:
            self._found(position, f"Epoch {data['epoch']} began here; its row is not to be found.")
            return
        if (epoch.start, epoch.origin) != (position, data["origin"]):
            self._report.found(
                f"ledger_epoch {epoch.number}",
                f"The row says {epoch.origin} from position {epoch.start}; the log says"
                f" {data['origin']} from {position}.",
                position=position,
            )
        epoch.told = True
        before = [
            e.keys.ed25519[-1][1]
            for e in self._epochs.values()
            if e.start < position and e.keys.ed25519
        ]
        if before and before[-1] != data["key"]:
            self._report.notes.append(
                f"epoch {epoch.number} is signed by {data['key']}, for which nothing vouches that"
                f" was sealed here before: {before[-1]} was lost, or its change was."
            )
        epoch.previous = data.get("previous")
        epoch.skipped = data.get("skipped") or []
        epoch.keys.ed25519.append((-1, data["key"]))
        epoch.keys.second = data.get("second_key")

    def _key_changed(self, position: int, data: dict[str, Any]) -> None:
        epoch = max(
            (e for e in self._epochs.values() if e.start <= position), key=lambda e: e.start
        )
        if epoch.keys.ed25519[-1][1] != data["old"]:
            self._found(position, "The key that is given up is not the one that signed.")
        if not key_change_holds(data):
            self._found(position, "The key that is given up has not signed the change.")
        # The old key seals the entry that names the new one, and nothing after it.
        epoch.keys.ed25519.append((position - epoch.start + 1, data["new"]))

    def untrusted(self) -> list[Epoch]:
        """Epochs for which no key given from outside vouches by a signature that was checked.

        An epoch is vouched for by its newest checkpoint, or by a later epoch, which names its root.
        """
        known = set(self._trusted)
        sealed = [(epoch, epoch.keys.follow(known)) for epoch in self._epochs.values()]
        while sealed and not sealed[-1][1]:
            sealed.pop()
        return list(self._epochs.values())[len(sealed) :]

    def _of_a_person(self, lines: tuple[bytes, ...], position: int, data: dict[str, Any]) -> None:
        kind = lines[4].split(b"/")[0]
        fields = (lines[1], b"", b"", b"", kind, b"", lines[5], lines[6])
        fault = self.people.take(position, fields, data)
        if fault and kind == SIGNED:
            fault = f"The person's signature does not hold: {fault}"
        if fault:
            self._found(position, fault)

    def _found(self, position: int, sentence: str) -> None:
        self._report.found("ledger_event", sentence, position=position)


def previous_tree_fault(epoch: Epoch) -> str | None:
    """What is wrong with what an epoch says of the tree before it; None: it is proved."""
    said = epoch.previous
    if epoch.follows is None and epoch.number == 1:
        return None if said is None else "The log's first epoch follows no other."
    if said is None:
        return "It does not say which tree it follows."
    before, kept, kept_root = epoch.follows or (None, 0, EMPTY_ROOT)
    origin = before.origin if before else said["origin"]
    if (said["origin"], said["kept"]) != (origin, kept):
        return f"It follows {said['origin']} with {said['kept']} entries; here are {kept}."
    if before is not None and before.number >= epoch.number:
        return f"It follows epoch {before.number}, which is not an earlier one."
    if bytes.fromhex(said["kept_root"]) != kept_root:
        return "The entries before it are not those that it says were kept."
    if said["lost"] != said["size"] - said["kept"]:
        return "What it says of the entries lost does not add up."
    proof = [bytes.fromhex(node) for node in said["proof"]]
    if kept == 0:
        return None if kept_root == EMPTY_ROOT and not proof else "An empty tree needs no proof."
    if not verify_consistency(kept, said["size"], proof, kept_root, bytes.fromhex(said["root"])):
        return "The kept entries are not proved to be the beginning of the signed tree."
    return None


def signed_tree_fault(held: Held, epochs: list[Epoch]) -> str | None:
    """Whether a later epoch answers for a tree that was sealed outside: same origin, size, root."""
    trees = [tree for epoch in epochs for tree in (epoch.previous, *epoch.skipped)]
    said = [t for t in trees if isinstance(t, dict) and t.get("origin") == held.origin]
    if not said:
        return (
            f"{held.size} entries were sealed as {held.origin}; no later epoch accounts for them."
        )
    size, root = said[-1].get("size"), said[-1].get("root")
    # An outside store that was lost and filled anew may hold less than was once signed.
    less = isinstance(size, int) and held.size < size
    if not less and (size, root) != (held.size, held.root.hex()):
        return f"A later epoch says that {size} entries with the root {root} were sealed instead."
    return None
