"""R5, R9: a follower at the tail of the log misses nothing, and of fifty writers one wins."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from random import Random
from uuid import UUID

from django.db import connections, transaction

from ledger import followers, sequencer, store
from ledger.event import Refused
from ledger.followers import Logged
from tests.databases import Database
from tests.ledger import laboratory

WRITERS = 8
SECONDS = 14.0
FIFTY = 50


class TakenBack(Exception):
    """The transaction is given up after its events were written."""


@contextmanager
def listening(name: str, handle: Callable[[Logged], None]) -> Iterator[None]:
    """A follower that exists for one test."""
    followers.follower(name)(handle)
    try:
        yield
    finally:
        del followers.registry()[name]


def over_and_over(step: Callable[[], object], *, until: threading.Event, pause: float) -> None:
    """In a thread: repeat the step, and once more when the others have stopped."""
    try:
        while not until.is_set():
            step()
            time.sleep(pause)
        step()
    finally:
        connections.close_all()


class Writer:
    """One clerk: several events at a time, sometimes slowly, sometimes taken back."""

    def __init__(self, number: int) -> None:
        self.random = Random(number)
        self.number = number
        self.committed: list[UUID] = []
        self.taken_back: list[UUID] = []

    def write(self, stop: threading.Event) -> None:
        try:
            for turn in range(1_000_000):
                if stop.is_set():
                    return
                self.transaction(f"W{self.number}-{turn // 20}")
        finally:
            connections.close_all()

    def transaction(self, stream: str) -> None:
        written: list[UUID] = []
        try:
            with transaction.atomic():
                for _again in range(self.random.choice((1, 1, 2, 3))):
                    expected = len(store.load("equipment", stream))
                    texts = ["Cleaned."] * self.random.randint(1, 6)
                    found = laboratory.append(stream, expected=expected, texts=texts)
                    written += [event.id for event in found.events]
                    time.sleep(self.random.choice((0, 0, 0, 0, 0, 0.002, 0.01, 0.05)))
                if self.random.random() < 0.2:
                    raise TakenBack
        except TakenBack:
            self.taken_back += written
        else:
            self.committed += written


class ByIdOrder:
    """How a reader would miss events: it trusts that ids become visible in their own order."""

    def __init__(self) -> None:
        self.last: UUID = UUID(int=0)
        self.seen: list[UUID] = []

    def read(self) -> None:
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT id FROM ledger_event WHERE id > %s ORDER BY id", [self.last])
            self.seen += [row[0] for row in cursor.fetchall()]
        self.last = self.seen[-1] if self.seen else self.last


def test_r9_a_follower_at_the_tail_misses_no_entry_under_eight_writers(
    postgres_database: Database,
) -> None:
    """Given eight writers with slow transactions and rollbacks and two sequencers at once, when a
    follower reads at the tail, then it handles every committed event once, in its position."""
    writers = [Writer(number) for number in range(WRITERS)]
    followed: list[Logged] = []
    naive = ByIdOrder()
    no_more_writes, no_more_positions = threading.Event(), threading.Event()

    with listening("tail_of_the_log", followed.append):
        writing = [threading.Thread(target=w.write, args=(no_more_writes,)) for w in writers]
        placing = [
            threading.Thread(
                target=over_and_over,
                args=(lambda: sequencer.sequence(limit=40),),
                kwargs={"until": no_more_writes, "pause": 0.003},
            )
            for _ in range(2)
        ]
        reading = [
            threading.Thread(
                target=over_and_over,
                args=(step,),
                kwargs={"until": no_more_positions, "pause": 0.002},
            )
            for step in (lambda: followers.run_follower("tail_of_the_log", batch=25), naive.read)
        ]
        for thread in writing + placing + reading:
            thread.start()
        time.sleep(SECONDS)
        no_more_writes.set()
        for thread in writing + placing:
            thread.join()
        sequencer.sequence_all()
        no_more_positions.set()
        for thread in reading:
            thread.join()
        followers.run_follower("tail_of_the_log")

    committed = {event for writer in writers for event in writer.committed}
    taken_back = {event for writer in writers for event in writer.taken_back}
    missed = committed - {entry.event_id for entry in followed}
    missed_by_id = committed - set(naive.seen)
    print(
        f"\n{len(committed)} events of {WRITERS} writers, {len(taken_back)} taken back:"
        f" the follower missed {len(missed)}; a reader in the order of ids missed"
        f" {len(missed_by_id)}."
    )
    assert len(committed) > 1000 and taken_back
    assert not missed
    assert [entry.position for entry in followed] == list(range(len(committed)))
    assert not taken_back & {entry.event_id for entry in followed}
    assert missed_by_id, "nothing raced, so this test has shown nothing"
    assert_streams_in_order(followed)


def assert_streams_in_order(followed: list[Logged]) -> None:
    """Version after version, each stream in itself."""
    versions: dict[str, int] = {}
    for entry in followed:
        assert entry.version == versions.get(entry.stream_id, 0) + 1, entry
        versions[entry.stream_id] = entry.version


def all_at_once(ask: Callable[[int], str]) -> list[str]:
    """Fifty clients, each on a connection of its own, let go at the same moment."""
    together = threading.Barrier(FIFTY)

    def one(number: int) -> str:
        try:
            connections["default"].ensure_connection()
            together.wait(60)
            return ask(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(FIFTY) as pool:
        return list(pool.map(one, range(FIFTY)))


def test_r9_of_fifty_appends_to_one_version_exactly_one_wins(database: Database) -> None:
    laboratory.append("CF-02", expected=0, texts=["Registered."])

    def ask(number: int) -> str:
        try:
            laboratory.append("CF-02", expected=1, texts=[f"Writer {number} was here."])
        except store.Conflict:
            return "conflict"
        return f"Writer {number} was here."

    answers = all_at_once(ask)
    won = [answer for answer in answers if answer != "conflict"]
    assert len(won) == 1 and answers.count("conflict") == FIFTY - 1
    assert [event.data.text for event in store.load("equipment", "CF-02")][1:] == won


def test_r9_of_fifty_clients_with_the_same_step_one_is_accepted(database: Database) -> None:
    """The other forty-nine read a clean refusal, and each refusal is on the trail (R3)."""

    def ask(number: int) -> str:
        try:
            laboratory.register("CF-02")
        except Refused as refused:
            return refused.code
        return "accepted"

    with laboratory.by_roles_alone():
        answers = all_at_once(ask)
    assert answers.count("accepted") == 1
    assert answers.count("already_registered") == FIFTY - 1
    sequencer.sequence_all()
    kinds = [entry.type for entry in followers.read(0, 1000)]
    assert sorted(kinds) == ["equipment.registered"] + ["ledger.refused"] * (FIFTY - 1)


def test_r9_of_fifty_resends_of_one_command_one_is_carried_out(database: Database) -> None:
    """The same command id fifty times at once: one event, and everybody gets it as the answer."""
    command_id = UUID("00000000-0000-7000-8000-000000000050")

    def ask(number: int) -> str:
        outcome = laboratory.register("CF-02", command_id=command_id)
        return str(outcome.events[0].id) + ("" if outcome.replayed else " first")

    with laboratory.by_roles_alone():
        answers = all_at_once(ask)
    assert len({answer.removesuffix(" first") for answer in answers}) == 1
    assert sum(answer.endswith(" first") for answer in answers) == 1
    assert len(store.load("equipment", "CF-02")) == 1
