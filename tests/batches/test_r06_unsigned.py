"""R6: what is written past the product, with its database role, shows that nobody signed it."""

import pytest

from batches.record_events import ExceptionAssessed, StepVerified
from ledger import ids, store
from ledger.codec import CommandRef
from tests.batches.conftest import actor
from tests.batches.making import BATCH, INGRID, MARTA

NONE = "This entry needs a signature, and none stands over it."


def write(by: str, event: object) -> None:
    """What somebody with the application's database role can add in another's name."""
    at = len(store.load("batch", BATCH))
    store.append(
        command=CommandRef(ids.new_id(), "batches.verify_step", b"\7" * 32),
        actor=actor(by),
        changes=[store.Change("batch", BATCH, at, [event])],
    )


@pytest.mark.parametrize("place", ["", "steps/1/", "print/"])
def test_r6_a_verification_that_nobody_signed_is_shown_as_such(desk, place):
    """Given Marta signed step 1, when its verification is written in Ingrid's name without her
    secret, then the record, the card and the print say that no signature stands there."""
    desk.perform("marta", 1)
    assert NONE not in desk.page("dario", place)
    forged = StepVerified(
        batch=BATCH,
        step=1,
        title="Clear",
        performed_by=MARTA,
        verified_by=INGRID,
        entries=[],
        answers=[],
    )
    write("ingrid", forged)
    assert NONE in desk.page("dario", place)


def test_r6_an_assessment_that_nobody_signed_is_shown_as_such(desk):
    desk.perform("marta", 1)
    desk.verify("ingrid", 1)
    desk.perform("marta", 2, bath="warm")
    write("helena", ExceptionAssessed(batch=BATCH, exception=1))
    assert NONE in desk.page("dario")
