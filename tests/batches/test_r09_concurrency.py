"""R9: fifty people complete one step at once: one does, forty-nine read why not."""

import threading
from collections import Counter

from django.db import connections

from batches import commands
from batches.models import BatchLine
from ledger import store
from ledger.event import Refused
from ledger.models import Event
from tests.batches.conftest import signing
from tests.batches.making import MARTA, TOMAS

CLIENTS = 50


def test_r9_fifty_completions_of_one_step_are_one_acceptance_and_49_refusals(batch):
    """Given one open step, when fifty clients complete it together, then exactly one is accepted
    and each of the others is refused in a sentence, and all fifty stand on the trail."""
    answers: list[str] = []
    sentences: list[str] = []
    gate = threading.Barrier(CLIENTS)

    def complete(number: int) -> None:
        try:
            gate.wait(60)
            name = ("marta", "tomas")[number % 2]
            commands.complete_step(batch=batch, step=1, **signing(name))
            answers.append("accepted")
        except Refused as no:
            answers.append(no.code)
            sentences.append(str(no))
        except Exception as error:  # noqa: BLE001 - whatever else happens is told below
            answers.append(repr(error))
        finally:
            connections.close_all()

    clients = [threading.Thread(target=complete, args=(n,)) for n in range(CLIENTS)]
    for client in clients:
        client.start()
    for client in clients:
        client.join(120)

    assert Counter(answers) == {"accepted": 1, "already_completed": 49}
    assert all(s.startswith("Step 1 was completed already, by p-") for s in sentences)
    completed = [e for e in store.load("batch", batch) if e.type == "batches.step_completed"]
    assert len(completed) == 1
    assert completed[0].data.performed_by in {MARTA, TOMAS}
    signed = Event.objects.filter(type="ledger.signature_applied")
    assert signed.count() == 4, "three for the recipe, one for the step"
    assert Event.objects.filter(type="ledger.refused").count() == 49
    assert BatchLine.objects.get(batch=batch).done == 1
