"""The sealed print of a long batch record: 150 steps, two values each, signed and verified.

Timed from the question to the sealed bytes: reading the events, checking every signature, laying
out, sealing. `first` is a process that has printed nothing yet: libraries load, nothing is cached.

python -m benchmarks.print BATCH is that process, with the environment of an installation.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from benchmarks import site
from benchmarks.figures import Figure, say, show
from tests import databases

STEPS, SECONDS, TIMES = 150, 1.5, 5


def main(*, quick: bool = False, only: str = "") -> int:
    """Measure and print; 1 where a figure is short."""
    return show(figure for figure in _figures(quick=quick) if only in figure.name)


def _figures(*, quick: bool) -> Iterator[Figure]:
    with site.sqlite_site() as small, databases.pointed_at(small):
        yield from _of(small)
    if not quick:
        with site.postgres_site() as (made, _private), databases.pointed_at(made):
            yield from _of(made)


def _of(made: databases.Database) -> Iterator[Figure]:
    from django.conf import settings

    from ledger import clock, seal_keys, sealer

    key = seal_keys.self_signed(site.ORIGIN, clock.now())
    seal_keys.write(Path(settings.LOTBOOK_SEAL_KEY), key)
    vendor, batch, pace = made.vendor, _made(), []
    sealer.run_once()
    first = _in_a_new_process(made, batch)
    facts: Any = _print(batch)  # what loads once is loaded
    for _time in range(TIMES):
        _go_on(batch)  # so that no print is the one before
        sealer.run_once()
        facts = _print(batch)
        pace.append(facts["seconds"])
    yield Figure(f"print_{STEPS}_steps_{vendor}", median(pace), SECONDS, at_least=False, unit="s")
    yield Figure(f"print_first_{vendor}", first, unit="s")
    yield Figure(f"print_pages_{vendor}", facts["pages"])
    yield Figure(f"print_entries_{vendor}", facts["entries"])
    yield Figure(f"print_megabytes_{vendor}", facts["bytes"] / 1e6)


def _print(batch: str) -> dict[str, float]:
    from batches import paper_commands, queries
    from ledger import clock
    from tests.batches.conftest import actor

    began = perf_counter()
    line = queries.batch(batch)
    assert line is not None
    content, made = paper_commands.printed(line, person=actor("dario").person, at=clock.now())
    took = perf_counter() - began
    return {"seconds": took, "pages": made.pages, "entries": made.entries, "bytes": len(content)}


def _in_a_new_process(made: databases.Database, batch: str) -> float:
    """The first print of a process that knows nothing yet."""
    command = [sys.executable, "-m", "benchmarks.print", batch]
    done = subprocess.run(
        command, env=made.environ(), cwd=databases.ROOT, stdout=subprocess.PIPE, check=True
    )
    return float(json.loads(done.stdout)["seconds"])


def _made() -> str:
    """A batch whose every step stands: some values read again, some corrected and verified anew."""
    from batches import commands
    from batches.limits import Parameter
    from batches.recipe_content import Step
    from batches.recipe_json import to_json
    from tests.batches import conftest, making
    from tests.batches.conftest import signing

    def step(number: int) -> Step:
        asked: list[Parameter] = [making.BATH, making.COUNT]
        words = "Bring the bath to temperature, warm the bag, take a sample and count it twice."
        return Step(
            number=number, title=f"Warm and count {number}", instruction=words,
            performs="operator", verifies="verifier", parameters=asked,
        )  # fmt: skip

    say(f"making a batch of {STEPS} steps")
    conftest.open_accounts()
    signer = conftest.TestSigner()
    from ledger import ports

    ports.plug_signer(signer)
    for person, _role in conftest.PEOPLE.values():
        signer.enrol(person)
    parts = [
        making.part(f"Part {at // 10 + 1}", [step(at + n) for n in range(1, 11)])
        for at in range(0, STEPS, 10)
    ]
    conftest.into_force(to_json(making.content(parts)))
    conftest.train_everybody()
    batch = conftest.open_batch()
    for number in range(1, STEPS + 1):
        if number % 10 == 0:
            conftest.enter(number, bath="39.2", count="5.20")
            conftest.enter(number, bath="37.1", reason="Thermometer was not settled")
        else:
            conftest.enter(number, bath="37.1", count="5.20")
        commands.complete_step(batch=batch, step=number, **signing("marta"))
        if number % 15 == 0:
            commands.correct_value(
                batch=batch, step=number, parameter="count", typed="5.02",
                reason="Digits were swapped", **signing("marta"),
            )  # fmt: skip
        commands.verify_step(batch=batch, step=number, **signing("ingrid"))
    return batch


def _go_on(batch: str) -> None:
    """One more entry: one more exception is assessed."""
    from batches import commands
    from batches.queries import exceptions
    from tests.batches.conftest import signing

    row = exceptions(batch=batch, waiting=True).first()
    assert row is not None
    commands.assess_exception(
        batch=batch, exception=row.number, reason="No effect on cells", **signing("helena")
    )


if __name__ == "__main__":
    import django

    django.setup()
    print(json.dumps(_print(sys.argv[1])))
