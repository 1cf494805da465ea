"""R10: what a batch is made of is judged once more at the instant of use, and held to the commit.

A decision that is withdrawn at the same moment comes either before, and then stops what rests on
it, or after; never in between.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connections

from batches import entering
from batches import order_identity as identities
from batches.order_models import CollectionLine, IdentityLine
from ledger import store
from tests.batches import flooring, making, ordering
from tests.batches.flooring import SPIN, UNIT
from tests.batches.racing import WON, race

RACES = 10
WHY = "Serology was read again: positive"


@pytest.fixture
def floor(database: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with flooring.open_floor(monkeypatch):
        yield


def withdraw() -> None:
    ordering.judge("rejected", reason=WHY)


def let_in_again() -> None:
    ordering.judge("accepted under conditions", reason="Read a third time: negative")


def interrupted(
    monkeypatch: pytest.MonkeyPatch, module: Any, name: str, ask: Callable[[], object]
) -> list[bool]:
    """Between the check and the commit, in `module.name`, somebody withdraws the decision: whether
    they had to wait."""
    true, waited, threads = getattr(module, name), [], []

    def other() -> None:
        try:
            withdraw()
        finally:
            connections.close_all()

    def paused(*args: Any, **asked: Any) -> Any:
        if not threads:
            threads.append(threading.Thread(target=other))
            threads[0].start()
            threads[0].join(0.5)
            waited.append(threads[0].is_alive())
        return true(*args, **asked)

    monkeypatch.setattr(module, name, paused)
    ask()
    threads[0].join(60)
    assert CollectionLine.objects.get().decision == "rejected", "it came after, and it came"
    return waited


def test_r10_a_decision_withdrawn_while_a_step_begins_waits_for_its_commit(
    floor: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    flooring.open_batch()
    flooring.work_up_to(SPIN)
    begin = lambda: flooring.enter(SPIN, cf=UNIT)  # noqa: E731 - told in one line
    assert interrupted(monkeypatch, entering, "enter_values", begin) == [True]


def test_r10_a_decision_withdrawn_while_a_batch_is_bound_waits_for_its_commit(
    floor: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    flooring.open_batch(bound=False)
    ordering.let_in()
    assert interrupted(monkeypatch, identities, "bind", ordering.bind) == [True]


def test_r10_no_step_begins_after_its_starting_material_was_rejected(floor: None) -> None:
    """Given a step that begins while the decision is withdrawn, then either it began before, or it
    is refused; and begun once, what is lost then sets a quality hold, and the step stands."""
    answers: Counter[str] = Counter()
    flooring.open_batch()
    flooring.work_up_to(SPIN)
    for _n in range(RACES):
        told = race(withdraw, lambda: flooring.enter(SPIN, cf="CF-77"))
        answers[" ".join(told)] += 1
        making.refused("collection_rejected", flooring.enter, SPIN, cf=UNIT)
        let_in_again()
    print(dict(answers))
    # the unit that is scanned does not exist, so that no step ever begins: the refusal tells
    # which of the two came first
    assert set(answers) <= {f"{WON} collection_rejected", f"{WON} not_registered"}
    flooring.enter(SPIN, cf=UNIT)
    withdraw()
    flooring.sign(SPIN)
    types = [event.type for event in store.load("batch", making.BATCH)]
    assert {"batches.status_lost", "batches.hold_set"} <= set(types)


def test_r10_no_batch_is_bound_to_what_was_rejected_before(floor: None) -> None:
    flooring.open_batch(bound=False)
    ordering.let_in()
    told = race(withdraw, ordering.bind)
    bound = IdentityLine.objects.exists()
    assert told == ([WON, WON] if bound else [WON, "not_eligible"])
