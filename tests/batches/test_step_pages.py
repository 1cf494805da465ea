"""The step card, as people in the clean room use it, with their own keys."""

import re

import pytest
from django.db import connection

from batches.models import BatchLine, ExceptionLine
from ledger import store
from ledger.models import Event
from tests.batches.making import BATCH, MARTA

WHY = "Thermometer was not settled"


def events() -> list[str]:
    return [event.type.removeprefix("batches.") for event in store.load("batch", BATCH)]


def text_of(response) -> str:
    return response.content.decode()


def signed_up_to(desk, step: int) -> None:
    for before in range(1, step):
        values = {2: {"bath": "37.0"}, 3: {"bath": "37.0", "count": "5.1"}}.get(before, {})
        assert desk.perform("marta", before, **values).status_code == 302
        if before < 3:
            assert desk.verify("ingrid", before).status_code == 302


def test_a_step_is_performed_and_verified_from_the_page_with_two_peoples_signatures(desk):
    page = desk.page("marta", "steps/1/")
    assert "Clear the line." in page
    assert "I performed this." in page
    response = desk.perform("marta", 1)
    assert response.url == f"/batches/{BATCH}/steps/1/", "the step waits for its verification"
    assert "signs next: another person" in desk.page("marta", "steps/1/")
    assert "I verified this" in desk.page("ingrid", "steps/1/")
    assert desk.verify("ingrid", 1).url == f"/batches/{BATCH}/steps/2/"
    assert events()[-2:] == ["step_completed", "step_verified"]


def test_r7_the_second_signature_of_a_series_takes_the_pin_alone(desk):
    desk.perform("marta", 1)
    desk.verify("ingrid", 1)
    page = desk.page("marta", "steps/2/")
    assert 'name="signing_pin"' in page
    assert 'name="signing_secret"' not in page
    assert desk.perform("marta", 2, bath="37.0").status_code == 302


def test_the_whole_batch_is_made_on_pages_and_closed(desk):
    signed_up_to(desk, 4)
    assert "Close the record" in desk.page("dario")
    response = desk.post("dario", "complete/", sign=True)
    assert response.url == f"/batches/{BATCH}/"
    page = desk.page("dario")
    assert "Completed" in page
    assert "Close the record" not in page
    applied = Event.objects.filter(type="ledger.signature_applied").count()
    assert applied == 9, "three for the recipe, three performed, two verified, one closes"


def test_r4_last_value_only_on_the_page_and_in_the_print(desk):
    """Given 39.2 °C typed and signed, then it is on record, the step is not done, and the page
    asks; when 37.1 is read again, then page and print show both, the reason and the times."""
    signed_up_to(desk, 2)
    assert desk.perform("marta", 2, bath="39.2").status_code == 302
    page = desk.page("marta", "steps/2/")
    assert "Outside the limits" in page
    assert "outside the acceptance criterion, 36.0 to 38.0 °C" in page
    assert events()[-2:] == ["value_entered", "limit_exceeded"]
    response = desk.perform("marta", 2, bath="37.1")
    page = text_of(response)
    assert response.status_code == 422
    assert "stands on record as 39.2 °C" in page
    assert 'value="37.1"' in page, "what was typed survives the refusal"
    desk.perform("marta", 2, bath="37.1", reason=WHY)
    assert events()[-2:] == ["value_remeasured", "step_completed"]
    first, again = (e for e in store.load("batch", BATCH) if e.type.startswith("batches.value_"))
    for address in ("", "print/", "steps/2/"):
        page = desk.page("helena", address)
        assert "<del>39.2 °C</del>" in page, address
        assert "<ins>37.1 °C</ins>" in page, address
        assert WHY in page, address
        assert "Outside acceptance" in page
        for moment in (first.recorded_at, again.recorded_at):
            assert f"{moment:%Y-%m-%d %H:%M:%S} UTC" in page, address


def test_r7_with_a_wrong_secret_the_value_is_kept_and_the_step_is_not_signed(desk):
    signed_up_to(desk, 2)
    wrong = {"signing_pin": "000000", "then": "sign", "value_bath": "37.2"}
    response = desk.post("marta", "steps/2/perform/", **wrong)
    page = text_of(response)
    assert response.status_code == 422
    assert "does not open your key" in page
    assert 'value="37.2"' in page
    assert "000000" not in page
    assert events()[-1] == "value_entered"
    assert desk.perform("marta", 2, bath="37.2").status_code == 302
    assert events().count("value_entered") == 1


def test_r4_what_is_no_number_stays_in_the_field_and_on_record(desk):
    signed_up_to(desk, 2)
    response = desk.perform("marta", 2, bath="warm")
    page = text_of(response)
    assert response.status_code == 422
    assert "This is not a number" in page
    assert 'value="warm"' in page
    assert events()[-1] == "entry_unreadable"
    assert desk.perform("marta", 2, bath="37,0").status_code == 302
    assert "“warm”" in desk.page("helena")


def test_values_can_be_recorded_before_anybody_signs(desk):
    signed_up_to(desk, 2)
    response = desk.post("marta", "steps/2/perform/", then="keep", value_bath="37.0")
    assert response.url == f"/batches/{BATCH}/steps/2/"
    assert events()[-1] == "value_entered"


def test_r12_the_supervisor_lets_the_work_go_on_and_the_batch_is_held(desk):
    signed_up_to(desk, 2)
    desk.perform("marta", 2, bath="38.4")
    card, page = desk.page("marta", "steps/2/"), desk.page("marta", "steps/2/bath/go-on/")
    assert "Go on, with a reason" not in card
    assert "call a supervisor or quality assurance" in card
    assert 'name="reason"' not in page, "no form that can only be refused"
    assert "Go on, with a reason" in desk.page("dario", "steps/2/")
    response = desk.post("marta", "steps/2/bath/go-on/", reason=WHY)
    assert response.status_code == 422
    assert "call the supervisor" in text_of(response)
    assert WHY in text_of(response)
    assert desk.post("dario", "steps/2/bath/go-on/", reason=WHY).status_code == 302
    (went_on,) = (e for e in store.load("batch", BATCH) if e.type.endswith("limit_explained"))
    moment = f"{went_on.recorded_at:%Y-%m-%d %H:%M:%S} UTC"
    for address in ("", "print/"):
        told = desk.page("helena", address).partition("The work goes on, because:")[2]
        assert moment in told.partition("</p>")[0], "the day as well: it may be another one"
    page = desk.page("marta", "steps/2/")
    assert "Quality hold" in page
    assert desk.perform("marta", 2, bath="38.4").status_code == 302


def test_who_comes_too_late_reads_a_name_and_no_pseudonym(desk):
    """Given a step that Marta signed, when it is sent once more from another tab, then the refusal
    says by whom it was completed, as people call her."""
    signed_up_to(desk, 2)
    response = desk.perform("marta", 1)
    assert response.status_code == 422
    assert "Step 1 was completed already, by Marta" in text_of(response)


def test_on_a_process_hold_the_card_asks_for_nothing(desk):
    signed_up_to(desk, 2)
    assert 'name="value_bath"' in desk.page("marta", "steps/2/")
    hold = {"kind": "process", "reason": WHY}
    assert desk.post("dario", "hold/", **hold).status_code == 302
    page = desk.page("marta", "steps/2/")
    assert "no step is performed until it is lifted" in page
    assert 'name="value_bath"' not in page
    response = desk.perform("marta", 2, bath="37.0")
    assert response.status_code == 422
    assert 'value="37.0"' in text_of(response), "what was typed before the hold stays"


def test_a_colleague_records_for_hands_in_the_cabinet_who_countersign_later(desk):
    desk.enrol("tomas", by="helena")
    page = desk.page("tomas", "steps/1/scribe/")
    assert "Marta Printed" in page
    assert "Tomas Printed</option>" not in page
    response = desk.post("tomas", "steps/1/scribe/", performed_by="", sign=True)
    assert response.status_code == 422
    desk.post("tomas", "steps/1/scribe/", performed_by=MARTA, sign=True)
    assert events()[-1] == "step_completed"
    assert "recorded by Tomas Printed" in desk.page("helena")
    assert "waits for your countersignature" in desk.page("marta")
    assert "waits for your countersignature" not in desk.page("tomas")
    response = desk.post("tomas", "steps/1/countersign/", sign=True)
    assert response.status_code == 422
    desk.verify("ingrid", 1)
    assert desk.post("marta", "steps/1/countersign/", sign=True).status_code == 302
    assert events()[-1] == "step_countersigned"


def test_r4_a_correction_strikes_the_old_value_through_and_asks_for_verification_again(desk):
    signed_up_to(desk, 3)
    response = desk.post("marta", "steps/2/bath/correct/", sign=True, typed="37.3", reason="typo")
    assert response.status_code == 422
    assert 'value="37.3"' in text_of(response)
    desk.post("marta", "steps/2/bath/correct/", sign=True, typed="37.3", reason="Read the printout")
    page = desk.page("helena")
    assert "<del>37.0 °C</del>" in page
    assert "<ins>37.3 °C</ins>" in page
    assert "Read the printout" in page
    assert "Verified before the correction" in page
    assert BatchLine.objects.get(batch=BATCH).waits_for == "verifier"


def test_a_form_that_is_sent_twice_signs_once(desk):
    page = desk.page("marta", "steps/1/")
    command_id = re.search(r'name="command_id" value="([^"]+)"', page)[1]
    for _sending in range(2):
        response = desk.post(
            "marta", "steps/1/perform/", sign=True, then="sign", command_id=command_id
        )
        assert response.status_code == 302
    assert events().count("step_completed") == 1


def test_the_card_says_whose_turn_it_is_and_leads_there(desk):
    page = desk.page("marta", "steps/3/")
    assert "The step due now is 1, Clear." in page
    assert '<form class="form step-form"' not in page
    assert "This step waits for the operator." in desk.page("ingrid", "steps/1/")
    assert desk.at("marta").get(f"/batches/{BATCH}/steps/4/").status_code == 404
    assert desk.at("marta").get("/batches/CT-9999/steps/1/").status_code == 404


@pytest.mark.parametrize("typed", ["37\x07", "١٢", "<b>37</b>", "1e9", "9" * 60])
def test_nothing_that_is_typed_breaks_the_page(desk, typed):
    signed_up_to(desk, 2)
    response = desk.perform("marta", 2, bath=typed)
    assert response.status_code == 422
    assert "<b>37" not in text_of(response)
    assert "step_completed" not in events()[3:]
    assert ExceptionLine.objects.count() in (0, 1)


def test_r6_a_corrected_value_shows_what_was_signed_before_as_superseded(desk):
    """Given a signed and verified step, when its value is corrected, then on page and print the
    earlier signatures say so, and the correction's own signature holds."""
    signed_up_to(desk, 3)
    page = desk.page("helena")
    assert page.count(">signature holds<") == 4
    assert "superseded" not in page
    desk.post("marta", "steps/2/bath/correct/", sign=True, typed="37.3", reason="Read the printout")
    for address in ("", "print/"):
        page = desk.page("helena", address)
        assert page.count(">superseded<") == 2, address
        assert page.count(">signature holds<") == 3, address
        assert "changed by entry" in page


@pytest.mark.tampers
def test_r6_a_record_altered_behind_the_ledgers_back_shows_its_signature_as_broken(desk):
    """Given a signed step, when somebody with the database's file alters what was signed, then
    page and print say that the signature is broken, and why."""
    import sqlite3

    from ledger.models import Event

    signed_up_to(desk, 2)
    row = Event.objects.get(type="batches.step_completed")
    body = bytes(row.body).replace(b"Clear", b"Clean")
    file = sqlite3.connect(connection.settings_dict["NAME"])
    for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        file.execute(f'DROP TRIGGER "{name}"')
    file.execute("UPDATE ledger_event SET body = ? WHERE id = ?", (body, row.pk.hex))
    file.commit()
    file.close()
    for address in ("", "print/"):
        page = desk.page("helena", address)
        assert ">signature broken<" in page, address
        assert "It was made over other content than this." in page
