"""A state folded before is used again only where the stream still holds what it ended in."""

from dataclasses import dataclass
from typing import Any

import pytest
from django.db import transaction

from ledger import folding, ids, store
from ledger.codec import CommandRef
from ledger.event import Actor
from ledger.log_events import ClockExplained

INITIAL: tuple[str, ...] = ()
ACTOR = Actor(person="p-aaaa2", role="supervisor", terminal="t-test2")


@dataclass
class Counted:
    """How often an event was folded."""

    times: int = 0

    def __call__(self, state: tuple[str, ...], event: Any) -> tuple[str, ...]:
        self.times += 1
        return (*state, event.jumped_at)

    def __hash__(self) -> int:
        return id(self)


def write(stream: str, version: int, *said: str) -> None:
    told = [ClockExplained(jumped_at=text) for text in said]
    command = CommandRef(ids.new_id(), "trial.fold", b"\0" * 32)
    change = store.Change("trial", stream, version, told)
    store.write(
        store.draft(command=command, actor=ACTOR, changes=[change], reason="", cause=None,
                    claimed_at=None),
        command=command,
    )  # fmt: skip


def test_what_was_folded_is_not_folded_again(database):
    evolve = Counted()
    write("one", 0, "a", "b")
    assert folding.state_of("trial", "one", INITIAL, evolve) == (("a", "b"), 2)
    write("one", 2, "c")
    assert folding.state_of("trial", "one", INITIAL, evolve) == (("a", "b", "c"), 3)
    assert evolve.times == 3
    assert folding.state_of("trial", "one", INITIAL, evolve, upto=2) == (("a", "b"), 2)
    assert folding.state_of("trial", "two", INITIAL, evolve) == ((), 0)


def test_what_was_rolled_back_is_forgotten(database):
    """Given a transaction read its own event and failed, then the next reader folds what is."""
    evolve = Counted()
    write("one", 0, "a")
    with pytest.raises(RuntimeError), transaction.atomic():
        write("one", 1, "lost")
        assert folding.state_of("trial", "one", INITIAL, evolve)[0] == ("a", "lost")
        raise RuntimeError
    assert folding.state_of("trial", "one", INITIAL, evolve) == (("a",), 1)
    write("one", 1, "kept")
    assert folding.state_of("trial", "one", INITIAL, evolve) == (("a", "kept"), 2)


def test_what_is_kept_has_a_bound(database, monkeypatch):
    monkeypatch.setattr(folding, "KEPT", 2)
    evolve = Counted()
    for stream in ("one", "two", "three"):
        write(stream, 0, stream)
        folding.state_of("trial", stream, INITIAL, evolve)
    ours = [key for key in folding._kept if key[2] is evolve]
    assert len(folding._kept) <= 2 and ours[-1][1] == "three"
