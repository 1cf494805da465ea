"""The home page says to each what waits for them, and a demo invites to run the batch."""

from django.test import Client, override_settings

from batches import commands, waiting_queries
from tests.batches.conftest import actor
from tests.batches.making import BATCH
from tests.batches.test_step_pages import WHY, signed_up_to, text_of
from tests.pages.document import faults


def home(desk, name: str) -> str:
    page = text_of(desk.at(name).get("/"))
    assert faults(page) == []
    return page


def test_each_role_reads_what_waits_for_it(desk):
    """Given a batch, when it goes on, then first the operator is waited for and the verifier is
    called, then the verifier is waited for, then who closes; quality reads of exceptions, and the
    inspector of nothing."""
    assert "Step 1, Clear, is due." in home(desk, "marta")
    assert "Step 1, Clear, is due: you are its second person." in home(desk, "ingrid")
    desk.perform("marta", 1)
    assert "Step 1, Clear, waits for your verification." in home(desk, "ingrid")
    assert BATCH not in home(desk, "dario").split("What was done last")[0]
    desk.verify("ingrid", 1)
    desk.perform("marta", 2, bath="39.2")
    desk.perform("marta", 2, bath="37.0", reason=WHY)
    assert "2 exceptions wait for an assessment." in home(desk, "helena")
    desk.verify("ingrid", 2)
    desk.perform("marta", 3, bath="37.0", count="5")
    assert "All steps are done: close the record." in home(desk, "dario")
    assert "Nothing waits for you now" in home(desk, "emeka")


def test_what_waits_is_not_pushed_off_by_newer_batches_that_wait_for_others(desk):
    """Given a batch waits for the verifier, when more batches than the page shows are opened after
    it, then the verifier still reads of it."""
    desk.perform("marta", 1)
    asked = {"recipe": "MBR-019", "version": 1, "purpose": "training", "actor": actor("dario")}
    for number in range(waiting_queries.SHOWN + 1):
        commands.open_batch(batch=f"TR-{number:03d}", **asked)
    assert "Step 1, Clear, waits for your verification." in home(desk, "ingrid")


def test_a_hold_and_a_countersignature_wait_for_those_who_can_end_them(desk):
    desk.enrol("tomas", by="helena")
    desk.post("tomas", "steps/1/scribe/", performed_by="p-marta2", sign=True)
    assert "A step was recorded for you: countersign it." in home(desk, "marta")
    assert "A step was recorded for you" not in home(desk, "tomas")
    desk.post("ingrid", "hold/", kind="process", reason="Alarm of the cabinet")
    assert "The batch is on process hold." in home(desk, "dario")
    assert "waits for your verification" not in home(desk, "ingrid")


def test_a_step_that_was_corrected_waits_for_its_verification_again(desk):
    signed_up_to(desk, 4)
    desk.post("marta", "steps/2/bath/correct/", sign=True, typed="37.3", reason="Read the printout")
    assert "Step 2, Thaw, waits for your verification." in home(desk, "ingrid")


def test_nobody_is_invited_and_no_secret_shown_outside_a_demo(desk):
    page = text_of(Client().get("/sign-in/"))
    assert "three demo words" not in page
    with override_settings(DEMO=True):
        page = text_of(Client().get("/sign-in/"))
    assert "three demo words" not in page, "this log has no demo people and no such batch"
