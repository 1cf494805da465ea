"""Two who want one thing at the same instant: what each of them is told."""

from __future__ import annotations

import threading
from collections.abc import Callable

from django.db import connections

from ledger.event import Refused

WON = "won"


def race(*asks: Callable[[], object]) -> list[str]:
    """Let them all ask at once, each in a thread of its own; `won`, or the code of the refusal.

    What is neither stands there in full, so that a test that counts finds it.
    """
    answers = [""] * len(asks)
    gate = threading.Barrier(len(asks))

    def run(number: int) -> None:
        try:
            gate.wait(60)
            asks[number]()
            answers[number] = WON
        except Refused as no:
            answers[number] = no.code
        except Exception as error:  # noqa: BLE001 - whatever else happens is told
            answers[number] = repr(error)
        finally:
            connections.close_all()

    runners = [threading.Thread(target=run, args=(number,)) for number in range(len(asks))]
    for runner in runners:
        runner.start()
    for runner in runners:
        runner.join(120)
    return answers
