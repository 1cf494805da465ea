"""Crashes at length: a thousand SIGKILLs of clerks, sealers and PostgreSQL; the reckoning after."""

from collections.abc import Iterator

from benchmarks import site
from benchmarks.figures import Figure, say, show
from tests import databases
from tests.databases import Database
from tests.ledger import crash_kit
from tests.ledger.crash_kit import Reckoning

STORMS, KILLS = 4, 100  # on each of the two databases: 800 clerks and sealers
SERVER_STORMS, SERVER_KILLS = 4, 50  # 200 times PostgreSQL itself


def main(*, quick: bool = False, only: str = "") -> int:
    """Measure and print; 1 where a figure is short."""
    return show(figure for figure in _figures(quick=quick) if only in figure.name)


def _figures(*, quick: bool) -> Iterator[Figure]:
    storms, server_storms = (1, 1) if quick else (STORMS, SERVER_STORMS)
    for vendor in ("sqlite", "postgres"):
        found = [_storm(vendor, seed) for seed in range(101, 101 + storms)]
        yield from _reckoned(f"clerks_and_sealers_{vendor}", found)
    found = [_server_storm(seed) for seed in range(201, 201 + server_storms)]
    yield from _reckoned("postgresql_itself", found)


def _storm(vendor: str, seed: int) -> Reckoning:
    """Clerks and a sealer at work on an installation of their own, killed one by one."""
    say(f"{KILLS} kills on {vendor}, seed {seed}")
    if vendor == "sqlite":
        with site.sqlite_site() as made:
            return _after_storm(made, seed)
    with site.postgres_site() as (made, _private):
        return _after_storm(made, seed)


def _after_storm(made: Database, seed: int) -> Reckoning:
    with databases.pointed_at(made):
        killed = crash_kit.storm(made, kills=KILLS, seed=seed)
        return _reckon(made, killed)


def _server_storm(seed: int) -> Reckoning:
    """PostgreSQL and all its backends killed while they work."""
    say(f"{SERVER_KILLS} kills of PostgreSQL, seed {seed}")
    with site.postgres_site() as (made, private):
        killed = crash_kit.kill_server(private, made, kills=SERVER_KILLS, seed=seed)
        with databases.pointed_at(made):
            return _reckon(made, killed)


def _reckon(made: Database, killed: crash_kit.Killed) -> Reckoning:
    try:
        found = crash_kit.reckon(made, killed)
    finally:
        crash_kit.forget_connections()
    say(str(found))
    for sentence in found.wrong:
        say(f"WRONG: {sentence}")
    return found


def _reckoned(what: str, found: list[Reckoning]) -> Iterator[Figure]:
    yield Figure(f"killed_{what}", sum(one.killed for one in found))
    yield Figure(f"acknowledged_{what}", sum(one.acknowledged for one in found))
    wrong = sum(len(one.wrong) for one in found)
    yield Figure(f"lost_or_half_done_{what}", wrong, 0, at_least=False)
