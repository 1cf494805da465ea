"""One writer process: appends in a loop until told to stop, and says how many it made.

python -m benchmarks.writer append|eventsourcing|plain|pghistory|simple_history SECONDS
"""

import json
import os
import sys
import time
from collections.abc import Callable

Write = Callable[[], object]


def append(*, listening: bool = False) -> Write:
    """Our append: one event, one statement; with the trail's projection where it listens."""
    import django

    django.setup()
    from equipment.unit import LogbookEntryMade
    from ledger import ids, projections, reactions, store
    from ledger.codec import CommandRef
    from ledger.event import Actor

    if not listening:
        for heard in (projections._by_payload, projections._of_everything, reactions._by_payload):
            heard.clear()
    actor = Actor("p-7f3k2", "operator", "t-1")

    def write() -> object:
        unit = f"U-{ids.new_id().hex[-14:]}"
        payload = LogbookEntryMade(unit=unit, entry=1, text="Spin 400 g, 10 min, rotor R-3.")
        command = CommandRef(ids.new_id(), "equipment.make_entry", b"\x5a" * 32)
        change = store.Change("equipment", unit, 0, [payload])
        return store.append(command=command, actor=actor, changes=[change])

    return write


def eventsourcing() -> Write:
    """pyeventsourcing on PostgreSQL: one new aggregate, one event, one save."""
    os.environ.update(
        PERSISTENCE_MODULE="eventsourcing.postgres",
        POSTGRES_DBNAME=os.environ["DB_NAME"],
        POSTGRES_HOST=os.environ["DB_HOST"],
        POSTGRES_PORT=os.environ["DB_PORT"],
        POSTGRES_USER="postgres",
        POSTGRES_PASSWORD=os.environ["DB_ADMIN_PASSWORD"],
    )
    from eventsourcing.application import Application
    from eventsourcing.domain import Aggregate, event

    class Entry(Aggregate):
        @event("Made")
        def __init__(self, unit: str, entry: int, text: str) -> None:
            self.unit, self.entry, self.text = unit, entry, text

    import psycopg

    # It makes its tables as it starts, and eight that start at once trip over each other.
    with psycopg.connect(
        dbname=os.environ["DB_NAME"],
        host=os.environ["DB_HOST"],
        port=os.environ["DB_PORT"],
        user="postgres",
        password=os.environ["DB_ADMIN_PASSWORD"],
    ) as turn:
        turn.execute("SELECT pg_advisory_lock(1)")
        application: Application = Application()

    def write() -> object:
        return application.save(Entry("CF-02", 1, "Spin 400 g, 10 min, rotor R-3."))

    return write


def _django_peer(kind: str) -> Write:
    from benchmarks import peers

    return peers.writer(kind)


WRITERS: dict[str, Callable[[], Write]] = {
    "append": append,
    "append_with_trail": lambda: append(listening=True),
    "eventsourcing": eventsourcing,
    "plain": lambda: _django_peer("plain"),
    "pghistory": lambda: _django_peer("pghistory"),
    "simple_history": lambda: _django_peer("simple_history"),
}


def main() -> None:
    """Get ready, wait for the word, write for the given time, report the count."""
    kind, seconds = sys.argv[1], float(sys.argv[2])
    write = WRITERS[kind]()
    write()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    count, end = 0, time.perf_counter() + seconds
    while time.perf_counter() < end:
        write()
        count += 1
    sys.stdout.write(json.dumps({"count": count}) + "\n")


if __name__ == "__main__":
    main()
