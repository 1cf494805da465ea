"""The shop floor: thirty operators on ten batches at once, through HTTP before the real server.

gunicorn with two workers, the sealer beside it, on SQLite and on PostgreSQL with fsync on. In the
storm nobody pauses, forms are sent twice and at the wrong step, and afterwards the ledger is
counted against what every operator was told. On the paced floor each operator takes some seconds
between two steps, as hands do, and what is measured is how long they wait for an answer.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from typing import Any

from benchmarks import shopfloor_crew, shopfloor_recipe, site
from benchmarks.figures import Figure, percentile, say, show
from benchmarks.shopfloor_crew import Crew, Told
from tests import databases
from tests.demo_process import free_port

CREWS, WORKERS, P95 = 10, 2, 300  # three people in each crew; milliseconds
PACE = (8.0, 16.0)  # seconds between two steps of one operator


def main(*, quick: bool = False, only: str = "") -> int:
    """Measure and print; 1 where a figure is short."""
    return show(figure for figure in _figures(quick=quick) if only in figure.name)


def _figures(*, quick: bool) -> Iterator[Figure]:
    with site.postgres_site() as (made, _private), databases.pointed_at(made):
        yield from _site(made, "postgres", P95, quick=quick)
    with site.sqlite_site() as small, databases.pointed_at(small):
        yield from _site(small, "sqlite", None, quick=quick)


def _site(made: Any, vendor: str, target: float | None, *, quick: bool) -> Iterator[Figure]:
    made.manage("collectstatic", "--no-input", "--verbosity", "0")
    say(f"furnishing the floor on {vendor}")
    shopfloor_recipe.furnish(CREWS)
    storm, paced = (4, 4) if quick else (20, 12)
    with site.sealer(made), _server(made) as address:
        yield from _storm(vendor, address, steps=storm)
        yield from _paced(vendor, address, target, steps=paced)


def _storm(vendor: str, address: str, *, steps: int) -> Iterator[Figure]:
    """Nobody pauses; everything is sent as fast as it is answered, some of it twice."""
    recipe = shopfloor_recipe.approve("MBR-801", steps)
    crews = [Crew(f"STORM-{n:03}", n, address, steps) for n in range(CREWS)]
    seconds, told = _work(crews, recipe, wild=True)
    yield from _counted(vendor, "storm", crews, told)
    yield Figure(f"storm_steps_per_second_{vendor}", len(told.won) / seconds)
    yield from _waits(vendor, "storm", told, None)


def _paced(vendor: str, address: str, target: float | None, *, steps: int) -> Iterator[Figure]:
    recipe = shopfloor_recipe.approve("MBR-802", steps)
    crews = [Crew(f"PACED-{n:03}", n, address, steps, pace=PACE) for n in range(CREWS)]
    seconds, told = _work(crews, recipe, wild=False)
    yield from _counted(vendor, "paced", crews, told)
    yield Figure(f"paced_steps_per_second_{vendor}", len(told.won) / seconds)
    yield from _waits(vendor, "paced", told, target)


def _work(crews: list[Crew], recipe: str, *, wild: bool) -> tuple[float, Told]:
    """All crews at once, three people in each; how long it took and what they were told."""
    told = Told()
    for crew in crews:
        shopfloor_recipe.open_batch(crew.batch, recipe)
    people = [person for crew in crews for person in crew.people(told, wild=wild)]
    say(f"{len(people)} operators on {len(crews)} batches")
    begun = time.perf_counter()
    threads = [threading.Thread(target=person) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(1800)
    if told.troubles:
        raise RuntimeError("\n".join(told.troubles[:5]))
    return time.perf_counter() - begun, told


def _counted(vendor: str, kind: str, crews: list[Crew], told: Told) -> Iterator[Figure]:
    lost, duplicated, illegal = shopfloor_crew.count(crews, told)
    names = ("lost", "duplicated", "illegal_states")
    for name, found in zip(names, (lost, duplicated, illegal), strict=True):
        yield Figure(f"{kind}_{name}_{vendor}", float(found), 0, at_least=False)
    yield Figure(f"{kind}_steps_{vendor}", float(len(told.won)))
    yield Figure(f"{kind}_refused_{vendor}", float(told.refused))
    yield Figure(f"{kind}_server_errors_{vendor}", float(told.errors), 0, at_least=False)


def _waits(vendor: str, kind: str, told: Told, target: float | None) -> Iterator[Figure]:
    for name, waited in (("", told.waited), ("_signing", told.signing)):
        p50, p95 = (percentile(waited, share) * 1000 for share in (0.5, 0.95))
        yield Figure(f"{kind}{name}_p50_{vendor}", p50, unit="ms")
        aim = None if name else target
        yield Figure(f"{kind}{name}_p95_{vendor}", p95, aim, at_least=False, unit="ms")


@contextlib.contextmanager
def _server(made: Any) -> Iterator[str]:
    """gunicorn as a facility runs it, with two workers; its address."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "-c", "python:config.web_server"]
    command += ["--bind", f"127.0.0.1:{port}", "--log-level", "error", "config.asgi:application"]
    env = {**made.environ(), "WEB_WORKERS": str(WORKERS)}
    web = subprocess.Popen(command, cwd=databases.ROOT, env=env, stdout=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(address, web)
        yield address
    finally:
        os.kill(web.pid, signal.SIGTERM)
        web.wait(40)


def _wait_for(address: str, web: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and web.poll() is None:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"{address}/sign-in/", timeout=20).close()
            return
        time.sleep(0.2)
    raise RuntimeError("The server did not answer.")
