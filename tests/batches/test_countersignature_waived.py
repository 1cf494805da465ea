"""R8: a scribe's step whose performer has left waits for nobody for ever, and for no scribe."""

from batches import commands, running_commands
from ledger import store
from tests.batches.conftest import actor, signing, work_up_to
from tests.batches.making import BATCH, MARTA, refused

WHY = {"reason": "She left the hospital"}


def recorded_for_marta() -> None:
    work_up_to(2)
    commands.enter_values(batch=BATCH, step=2, typed={"bath": "37.0"}, actor=actor("tomas"))
    commands.record_step(batch=BATCH, step=2, performed_by=MARTA, **signing("tomas"))


def test_r8_quality_waives_it_when_the_performer_has_no_account_any_more(batch):
    """Given Marta can sign, then she must; given her role is withdrawn, then quality answers for
    it, with a reason that the reviewer sees, and the batch can be closed one day."""
    from personnel import people_commands

    recorded_for_marta()
    asked = {"batch": BATCH, "step": 2, **WHY}
    refused("can_sign", running_commands.waive_countersignature, **asked, **signing("helena"))
    people_commands.withdraw_role(person=MARTA, role="operator", reason="Left the hospital",
                                  actor=actor("renata"))  # fmt: skip
    refused("wrong_role", running_commands.waive_countersignature, **asked, **signing("dario"))
    running_commands.waive_countersignature(**asked, **signing("helena"))
    last = store.load("batch", BATCH)[-1]
    assert last.type == "batches.countersignature_waived" and last.data.performed_by == MARTA
    refused("not_waiting", running_commands.waive_countersignature, **asked, **signing("helena"))
