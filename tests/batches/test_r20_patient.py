"""R20: a batch is made for somebody whom the vault knows, or is not opened."""

from typing import Any

import pytest

from batches import commands
from batches.models import BatchLine
from personnel import vault, vault_commands
from tests.batches.conftest import actor, register_patient
from tests.batches.making import PATIENT, refused
from tests.personnel import vault_people

LONG_AGO = "1990-01-31"


def opening(subject: str) -> dict[str, Any]:
    recipe = {"recipe": "MBR-019", "version": 1, "purpose": "patient"}
    return {"batch": "CT-0700", "subject": subject, "actor": actor("dario"), **recipe}


def erased() -> None:
    vault_people.open_accounts()
    vault_people.register(PATIENT, counted_from=LONG_AGO, actor=actor("dario"))
    vault_commands.erase(
        subject=PATIENT,
        ground="gdpr-17-1-a",
        reason="The thirty years are over",
        actor=vault_people.OFFICER,
    )


def a_contact() -> None:
    given = {"family_name": "Okafor", "given_name": "Ben", "phone": "+48 600 100 300"}
    asked = {"kind": "staff_contact", "given": given, "actor": actor("dario")}
    vault_people.register(PATIENT, **asked)


@pytest.mark.parametrize("put_in", [lambda: None, erased, a_contact], ids=["unknown", "erased",
    "no patient"])  # fmt: skip
def test_r20_no_batch_for_somebody_whom_the_vault_does_not_keep_as_a_patient(recipe, put_in):
    """Given nobody, an erased patient or a contact by that pseudonym, when a batch is opened for
    it, then it is refused in a sentence that says what to do, and names nobody."""
    put_in()
    no = refused("subject", commands.open_batch, **opening(PATIENT))
    assert "Register the patient first, or correct the pseudonym." in str(no)
    assert PATIENT not in str(no)
    assert not BatchLine.objects.exists()


def test_r20_a_registered_patient_gets_the_batch(recipe):
    register_patient()
    commands.open_batch(**opening(PATIENT))
    assert BatchLine.objects.get().subject == PATIENT


def test_r20_nobody_is_erased_while_a_batch_for_them_is_open(recipe):
    """Given a patient whose time of keeping is over and a batch that is still made for them, when
    they are to be erased, then it is refused with the batch's number, and the key stands."""
    vault_people.open_accounts()
    vault_people.register(PATIENT, counted_from=LONG_AGO, actor=actor("dario"))
    commands.open_batch(**opening(PATIENT))
    asked = {"subject": PATIENT, "ground": "gdpr-17-1-a", "reason": "The thirty years are over"}
    no = refused("still_needed", vault_commands.erase, **asked, actor=vault_people.OFFICER)
    assert "batch CT-0700" in str(no)
    assert vault.opened(PATIENT)["family_name"]
