"""Our write against a raw single-row INSERT ... RETURNING, both driven by pgbench.

The raw table has the same columns, the same body and the same two unique keys that any event
store needs (id; stream and version), and no trigger, no outbox, no idempotency key. Ours is the
statement that `ledger.store` sends. Runs alternate; the sealer runs throughout.
"""

import re
import subprocess
import tempfile
from pathlib import Path
from uuid import UUID

from benchmarks.figures import Figure, middle_ratio, say
from benchmarks.site import as_app, binary
from ledger import codec, ids
from ledger.codec import CommandRef
from ledger.event import Actor
from tests import databases, postgres

RAW = """\\set v :v + 1
INSERT INTO raw_event (id, stream_type, stream_id, version, type, schema_version, recorded_at,
    actor, body)
VALUES (gen_random_uuid(), 'equipment', :stream || '-' || :client_id, :v,
    'equipment.logbook_entry_made', 1, clock_timestamp(), 'p-7f3k2', '\\x{body}') RETURNING id;
"""
OURS = """\\set v :v + 1
WITH made AS MATERIALIZED (SELECT gen_random_uuid() AS id, gen_random_uuid() AS command),
key AS (INSERT INTO ledger_command (key, request_sha256, event_ids)
    SELECT command, '\\x{hash}'::bytea, id::text FROM made)
INSERT INTO ledger_event (id, stream_type, stream_id, version, type, schema_version, recorded_at,
    actor, body)
SELECT id, 'equipment', :stream || '-' || :client_id, :v, 'equipment.logbook_entry_made', 1,
    clock_timestamp(), 'p-7f3k2',
    '\\x{before}'::bytea || convert_to(command::text, 'UTF8') || '\\x{after}'::bytea FROM made;
"""


def compare(
    site: databases.Database, private: postgres.PrivateCluster, *, quick: bool
) -> list[Figure]:
    """The ratios at 8 writers and at one, with an even 1 ms flush on both sides, and native."""
    _raw_table(private)
    figures = []
    for flush, target in (("1ms", 0.8), ("native", None)):
        _flush(private, even=flush == "1ms")
        for writers in (8, 1):
            ratio, ours, raw = _interleaved(site, writers, quick=quick)
            name = f"pgbench_write_ratio_{flush}_{writers}"
            figures.append(Figure(name, ratio, target))
            figures.append(Figure(f"pgbench_ours_{flush}_{writers}", ours, unit="/s"))
            figures.append(Figure(f"pgbench_raw_{flush}_{writers}", raw, unit="/s"))
    _flush(private, even=False)
    return figures


def _raw_table(private: postgres.PrivateCluster) -> None:
    with private.cluster.admin("lotbook") as admin:
        admin.execute(
            "CREATE TABLE raw_event (id uuid PRIMARY KEY, stream_type varchar(40),"
            " stream_id varchar(80), version integer, type varchar(120), schema_version smallint,"
            " recorded_at timestamptz, actor varchar(80), body bytea,"
            " UNIQUE (stream_type, stream_id, version))"
        )
        admin.execute("GRANT SELECT, INSERT ON raw_event TO lotbook_app")


def _flush(private: postgres.PrivateCluster, *, even: bool) -> None:
    """An even 1 ms before every flush, as a disk would take, or the machine's own flush."""
    with private.cluster.admin() as admin:
        admin.execute(f"ALTER SYSTEM SET commit_delay = {1000 if even else 0}")
        admin.execute(f"ALTER SYSTEM SET commit_siblings = {0 if even else 5}")
        admin.execute("SELECT pg_reload_conf()")
        admin.execute("CHECKPOINT")


def _interleaved(
    site: databases.Database, writers: int, *, quick: bool
) -> tuple[float, float, float]:
    rounds, seconds = (3, 4) if quick else (7, 8)
    command = ids.new_id()
    body = body_of_an_entry(command)
    before, _command, after = body.partition(str(command).encode())
    scripts = {
        "raw": RAW.replace("{body}", body.hex()),
        "ours": OURS.replace("{before}", before.hex())
        .replace("{after}", after.hex())
        .replace("{hash}", "5a" * 32),
    }
    rates: dict[str, list[float]] = {"raw": [], "ours": []}
    for number in range(rounds):
        order = ("raw", "ours") if number % 2 else ("ours", "raw")
        for name in order:
            rates[name].append(_run(site, scripts[name], writers=writers, seconds=seconds))
    say(f"{writers} writers: ours {rates['ours']}, raw {rates['raw']}")
    middle = rounds // 2
    ratio = middle_ratio(rates["ours"], rates["raw"])
    return ratio, sorted(rates["ours"])[middle], sorted(rates["raw"])[middle]


def body_of_an_entry(command: UUID) -> bytes:
    """A real body, as the equipment room writes it."""
    from equipment.unit import LogbookEntryMade

    return codec.write_body(
        LogbookEntryMade(unit="CF-02", entry=17, text="Spin 400 g, 10 min, rotor R-3 checked."),
        actor=Actor("p-7f3k2", "operator", "t-1"),
        command=CommandRef(command, "equipment.make_entry", b"\x5a" * 32),
    )


def _run(site: databases.Database, script: str, *, writers: int, seconds: int) -> float:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "script.sql"
        path.write_text(script)
        command = [binary("pgbench"), "-n", "-M", "prepared", "-f", str(path)]
        command += ["-c", str(writers), "-j", "1", "-T", str(seconds)]
        command += ["-D", "v=0", "-D", f"stream={ids.new_id().int % 10**12}"]
        done = subprocess.run(command, env=as_app(site), capture_output=True, text=True)
    found = re.search(r"tps = ([\d.]+)", done.stdout)
    if done.returncode or not found:
        raise RuntimeError(f"pgbench: {done.stdout}\n{done.stderr}")
    return float(found[1])
