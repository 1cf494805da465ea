"""A storm over one installation: clerks and a sealer at work, SIGKILL at random moments.

Run by `crash_kit` as `python -m tests.ledger.crash_storm FOLDER SEED KILLS`, in the environment of
the installation. It loads Django once and forks, so a process dies and is back within
milliseconds. With KILLS = 0 nobody is killed here, and the work goes on until stdin is closed.
"""

import json
import os
import select
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

CLERKS = 3
SEALER = "sealer"


class Crew:
    """The clerks and the sealer, each a process; who dies is started again at once."""

    def __init__(self, folder: Path, seed: int) -> None:
        from tests.ledger import crash_writer as people

        self.folder = folder
        self.troubles = folder / "troubles"
        self._fork = people.in_a_child
        self._jobs: dict[str, Callable[[], None]] = {
            f"clerk {n}": lambda n=n: people.clerk(n, folder, seed=seed)  # type: ignore[misc]
            for n in range(CLERKS)
        }
        self._jobs[SEALER] = lambda: people.keep_sealing(folder)
        self.running: dict[str, int] = {}

    def start(self, name: str) -> None:
        self.running[name] = self._fork(self._jobs[name], troubles=self.troubles)

    def start_all(self) -> None:
        for name in self._jobs:
            self.start(name)

    def kill(self, name: str) -> bool:
        """SIGKILL; whether the process was alive and died of it."""
        child = self.running.pop(name)
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL

    def kill_all(self) -> int:
        return sum(self.kill(name) for name in list(self.running))

    def wait_for_work(self) -> None:
        """Until somebody has written in a journal: on a busy machine, kills alone prove little."""
        deadline, before = time.monotonic() + 2, self._written()
        while self._written() == before and time.monotonic() < deadline:
            time.sleep(0.002)

    def _written(self) -> int:
        return sum(path.stat().st_size for path in self.folder.glob("*.journal"))

    def in_trouble(self) -> bool:
        return self.troubles.exists()


def kill_at_random(crew: Crew, *, kills: int, random: Random) -> dict[str, int]:
    """Let them work, kill one at a random moment, start it again: until `kills` have died."""
    died = {"clerk": 0, SEALER: 0}
    while sum(died.values()) < kills and not crew.in_trouble():
        crew.wait_for_work()
        time.sleep(random.uniform(0.0, 0.06))
        name = random.choice([*crew.running, SEALER])  # the sealer as often as two clerks
        died[name.split()[0]] += crew.kill(name)
        crew.start(name)
    return died


def until_told(crew: Crew) -> None:
    """Work until whoever started us closes our standard input."""
    while not select.select([sys.stdin], [], [], 0.1)[0]:
        if crew.in_trouble():
            return


def warm_up() -> None:
    """Do once what every child does first, so that a child is soon at its work and not loading."""
    from django.db import connections

    from ledger import followers, sealer
    from tests.ledger import crash_writer, laboratory

    for unit in crash_writer.SHARED_UNITS:
        laboratory.register(unit)
    sealer.run_once()
    followers.run_all()
    connections.close_all()  # nothing that is open may be shared with a child


def main(folder: Path, seed: int, kills: int) -> None:
    import django

    django.setup()
    from tests.ledger import laboratory

    crew = Crew(folder, seed)
    with laboratory.by_roles_alone():
        warm_up()
        crew.start_all()
        try:
            if kills:
                died = kill_at_random(crew, kills=kills, random=Random(seed))
            else:
                died = {}
                until_told(crew)
        finally:
            crew.kill_all()
    print(json.dumps(died))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
