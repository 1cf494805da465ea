"""R3: SIGKILL at random moments loses no acknowledged write and leaves nothing half done."""

import tempfile
from pathlib import Path
from typing import Any

import pytest

from tests import databases
from tests.conftest import ORIGIN, PostgresCluster
from tests.databases import Database
from tests.ledger import crash_kit

SEEDS = (1, 2, 3, 4)
KILLS = 20  # on each of two databases with each of four seeds: 160
SERVER_KILLS = 10  # with each of four seeds: 40
MEMORY = Path("/dev/shm")


@pytest.mark.parametrize("seed", SEEDS)
def test_r3_killed_clerks_and_sealers_lose_no_acknowledged_write(
    database: Database, seed: int
) -> None:
    """Given three clerks and a sealer at work, when one of them is killed at twenty random
    moments, then every answer a clerk got is true, events and rows agree, every checkpoint is a
    prefix of the log, and the sealer goes on."""
    killed = crash_kit.storm(database, kills=KILLS, seed=seed)
    reckoning = crash_kit.reckon(database, killed)
    print(f"\n{database.vendor}, seed {seed}: {reckoning} {killed}")
    assert reckoning.wrong == []
    assert reckoning.killed == KILLS
    assert reckoning.acknowledged > KILLS
    assert reckoning.checkpoints > 1


@pytest.mark.parametrize("seed", SEEDS)
def test_r3_a_killed_postgresql_loses_no_acknowledged_write(
    postgres_cluster: PostgresCluster,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
    django_db_blocker: Any,
    seed: int,
) -> None:
    """Given a durable cluster, when the server and all its backends are killed at ten random
    moments and recover, then the same holds; the clerks ask again with the same command id."""
    if seed != SEEDS[0] and MEMORY.is_dir():
        # What a SIGKILL leaves is in the kernel's hands either way; recovery is ten times faster.
        monkeypatch.setattr(tempfile, "tempdir", str(MEMORY))
    cluster = postgres_cluster()
    state = tmp_path_factory.mktemp("state")
    database = databases.prepare(cluster.cluster, "lotbook", origin=ORIGIN, state=state)
    killed = crash_kit.kill_server(cluster, database, kills=SERVER_KILLS, seed=seed)
    with databases.pointed_at(database), django_db_blocker.unblock():
        reckoning = crash_kit.reckon(database, killed)
        crash_kit.forget_connections()
    print(f"\nPostgreSQL killed, seed {seed}: {reckoning}")
    assert reckoning.wrong == []
    assert reckoning.killed == SERVER_KILLS
    assert reckoning.acknowledged > SERVER_KILLS
