"""Python's append beside other event stores and audit packages; and how soon it is sealed."""

import json
import subprocess
import sys
import threading
import time

from benchmarks.figures import Figure, middle_ratio, percentile, say
from tests import databases, postgres
from tests.databases import ROOT

PEERS = ("append", "append_with_trail", "eventsourcing", "plain", "pghistory", "simple_history")
WRITERS = 8


def compare(
    site: databases.Database, private: postgres.PrivateCluster, *, quick: bool
) -> list[Figure]:
    """Events a second of 8 writer processes, each kind in turn, several rounds."""
    with private.cluster.admin() as admin:
        for kind in PEERS[2:]:
            admin.execute(f"CREATE DATABASE peer_{kind}")
    rounds, seconds = (2, 3) if quick else (5, 6)
    rates: dict[str, list[float]] = {kind: [] for kind in PEERS}
    for number in range(rounds):
        for kind in PEERS if number % 2 else reversed(PEERS):
            rates[kind].append(rate(site, kind, seconds=seconds))
            say(f"{kind}: {rates[kind][-1]:.0f}/s")
    figures = [
        Figure(
            "append_to_eventsourcing_8", middle_ratio(rates["append"], rates["eventsourcing"]), 3.0
        )
    ]
    for kind in PEERS:
        figures.append(Figure(f"{kind}_8", sorted(rates[kind])[rounds // 2], unit="/s"))
    for kind in ("pghistory", "simple_history"):
        figures.append(Figure(f"append_to_{kind}_8", middle_ratio(rates["append"], rates[kind])))
    return figures


def rate(site: databases.Database, kind: str, *, seconds: float) -> float:
    """Writes a second of all writers together."""
    command = [sys.executable, "-m", "benchmarks.writer", kind, str(seconds)]
    writers = [
        subprocess.Popen(
            command,
            env=site.environ() | ({} if kind in PEERS[:2] else {"DB_NAME": f"peer_{kind}"}),
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=postgres.die_with_parent,
        )
        for _ in range(WRITERS)
    ]
    for writer in writers:
        assert writer.stdout is not None
        if writer.stdout.readline().strip() != "ready":
            raise RuntimeError(f"A writer of kind {kind} did not start.")
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    counts = [json.loads(writer.communicate()[0].splitlines()[-1])["count"] for writer in writers]
    return sum(counts) / seconds


def sealing_delay(site: databases.Database, *, quick: bool) -> list[Figure]:
    """From the commit of an append to the signed checkpoint that covers it, in seconds."""
    from equipment.unit import LogbookEntryMade
    from ledger import ids, store
    from ledger.codec import CommandRef
    from ledger.event import Actor

    seen: list[tuple[float, int]] = []
    done = threading.Event()
    watcher = threading.Thread(target=_watch, args=(seen, done))
    watcher.start()
    committed: list[tuple[float, str]] = []
    end = time.perf_counter() + (10 if quick else 40)
    actor = Actor("p-7f3k2", "operator", "t-1")
    while time.perf_counter() < end:
        unit = f"U-{ids.new_id().hex[-14:]}"
        payload = LogbookEntryMade(unit=unit, entry=1, text="Spin 400 g.")
        command = CommandRef(ids.new_id(), "equipment.make_entry", b"\x5a" * 32)
        change = store.Change("equipment", unit, 0, [payload])
        (event,) = store.append(command=command, actor=actor, changes=[change]).events
        committed.append((time.perf_counter(), event.id.hex))
        time.sleep(0.013)
    time.sleep(2)
    done.set()
    watcher.join()
    delays = _delays(committed, seen)
    return [
        Figure("commit_to_checkpoint_p99", percentile(delays, 0.99), 1.0, at_least=False, unit="s"),
        Figure("commit_to_checkpoint_median", percentile(delays, 0.5), unit="s"),
    ]


def _watch(seen: list[tuple[float, int]], done: threading.Event) -> None:
    """Note every checkpoint's size and when it could first be read."""
    from django.db import connection

    size = -1
    while not done.is_set():
        with connection.cursor() as cursor:
            cursor.execute("SELECT coalesce(max(size), 0) FROM ledger_checkpoint")
            (found,) = cursor.fetchone()
        if found != size:
            size = found
            seen.append((time.perf_counter(), size))
        time.sleep(0.005)
    connection.close()


def _delays(committed: list[tuple[float, str]], seen: list[tuple[float, int]]) -> list[float]:
    from ledger.models import LogEntry

    ids = [event_id for _, event_id in committed]
    positions = {
        event_id.hex: position
        for event_id, position in LogEntry.objects.filter(event_id__in=ids).values_list(
            "event_id", "position"
        )
    }
    delays, place = [], 0
    for moment, event_id in committed:
        while seen[place][1] <= positions[event_id]:
            place += 1
        delays.append(max(0.0, seen[place][0] - moment))
    return delays
