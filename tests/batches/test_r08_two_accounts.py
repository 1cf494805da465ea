"""R8: the second person is another human, told by the person and not by the account."""

from typing import Any

import pytest

from batches import commands
from ledger.event import Actor, Refused
from ledger.models import Event
from personnel import commands as personnel
from tests.batches.conftest import enter, signing
from tests.batches.making import BATCH, MARTA
from tests.batches.signing import word_of
from tests.personnel import staff


@pytest.fixture
def marta_again(batch: str, recipe: str) -> dict[str, Any]:
    """Marta performed two steps; then her account is closed, and she comes back under another
    name, in roles that she is given, with a new account of her own."""
    commands.complete_step(batch=BATCH, step=1, **signing("marta"))
    administrator = Actor("p-renat9", "system_administrator", "t-test2")
    personnel.close_account(
        account=MARTA.replace("p-", "a-"), reason="Married name", actor=administrator
    )
    for role in ("verifier", "supervisor"):
        staff.grant(MARTA, role, actor=administrator)
    staff.open_account(
        MARTA, "verifier", account="a-marta-2", username="another.name", actor=administrator
    )
    return {"signature": word_of(MARTA)}


def test_r8_one_human_with_two_accounts_is_refused_as_second_person(
    marta_again: dict[str, Any],
) -> None:
    """Given a performer who signs in with another account and as verifier, when she verifies her
    own step, then she is refused as the same person, and nothing is signed."""
    before = Event.objects.filter(type="ledger.signature_applied").count()
    with pytest.raises(Refused) as no:
        commands.verify_step(
            batch=BATCH, step=1, actor=Actor(MARTA, "verifier", "t-other"), **marta_again
        )
    assert no.value.code == "same_person"
    assert Event.objects.filter(type="ledger.signature_applied").count() == before
    commands.verify_step(batch=BATCH, step=1, **signing("ingrid"))


def test_r8_one_human_with_two_accounts_neither_assesses_nor_closes_her_own_work(
    marta_again: dict[str, Any],
) -> None:
    """Given the same human as supervisor under the other account, when the batch is to be closed,
    then she is refused by person; the supervisor who had no hand in it closes it."""
    commands.verify_step(batch=BATCH, step=1, **signing("ingrid"))
    enter(2, by="tomas", bath="37.0")
    commands.complete_step(batch=BATCH, step=2, **signing("tomas"))
    commands.verify_step(batch=BATCH, step=2, **signing("ingrid"))
    enter(3, by="tomas", bath="37.1", count="5.20")
    commands.complete_step(batch=BATCH, step=3, **signing("tomas"))
    with pytest.raises(Refused) as no:
        commands.complete(batch=BATCH, actor=Actor(MARTA, "supervisor", "t-other"), **marta_again)
    assert no.value.code == "same_person"
    commands.complete(batch=BATCH, **signing("dario"))
