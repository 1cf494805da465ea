"""The card of every kind of parameter, from the page to the ledger."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from batches.models import BatchLine, ExceptionLine
from batches.running_models import ClockLine
from ledger import store
from tests.batches import conftest, floor
from tests.batches.making import BATCH
from tests.batches.test_step_pages import WHY, text_of
from tests.pages.document import faults

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


@pytest.fixture
def desk(sqlite_database: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setitem(conftest.PEOPLE, "oda", ("p-odaw22", "verifier"))
    monkeypatch.setattr(conftest, "TRAINED", (*conftest.TRAINED, "oda"))
    return floor.furnished()


def last(count: int = 1) -> list[str]:
    return [one.type.removeprefix("batches.") for one in store.load("batch", BATCH)][-count:]


def test_ticks_choices_words_and_times_are_asked_as_such_and_signed_at_once(desk):
    page = desk.page("marta", "steps/1/")
    assert 'type="checkbox"' in page and 'type="radio"' in page and "datetime-local" in page
    response = desk.perform(
        "marta", 1, clean="yes", colour="red", note="All fine", at="2026-01-05T10:30"
    )
    assert response.status_code == 302
    assert last(5) == ["answer_entered"] * 4 + ["step_completed"]
    page = desk.page("marta", "")
    assert "confirmed" in page and "All fine" in page and "2026-01-05 10:30" in page


def test_what_was_ticked_and_chosen_survives_a_refusal(desk):
    response = desk.perform("marta", 1, colour="yellow")
    page = text_of(response)
    assert response.status_code == 422 and "Enter Everything is clean first." in page
    chosen = page.partition('value="yellow"')[2]
    assert "checked" in chosen.partition(">")[0]
    assert ExceptionLine.objects.get().kind == "departure"


def test_r12_all_four_limits_stand_beside_the_field_and_each_is_named_when_passed(desk):
    floor.at_step(desk, 2)
    page = desk.page("marta", "steps/2/")
    for words in ("Target", "Normal", "Proven", "Accepted"):
        assert words in page
    desk.perform("marta", 2, ph="7.70")
    assert "outside the proven acceptable range" in desk.page("marta", "steps/2/")


def test_each_count_comes_back_into_the_box_it_was_typed_in(desk):
    """Given counts of which one holds the mark that parts them, when they are refused, then each
    box shows what was typed there, and none of it is lost."""
    floor.at_step(desk, 3)
    page = text_of(desk.perform("marta", 3, **{"cells.0": "1;2", "cells.1": "&amp;", "ml": "x"}))
    assert 'name="value_cells.0" value="1;2"' in page
    assert 'name="value_cells.1" value="&amp;amp;"' in page


def test_r4_an_absurd_value_is_kept_and_the_page_asks_what_was_meant(desk):
    floor.at_step(desk, 2)
    page = text_of(desk.perform("marta", 2, ph="72"))
    assert "Did you mean 7.2?" in page and 'name="value_ph" value="72"' not in page
    assert last() == ["value_implausible"]
    desk.perform("marta", 2, ph="72")
    assert "value_entered" in last(3), "typed again, it counts and is beyond its limits"
    assert "Outside the limits" in desk.page("marta", "steps/2/")


def test_a_slip_is_put_right_in_two_touches_and_kept_as_an_observation(desk):
    floor.at_step(desk, 2)
    desk.post("marta", "steps/2/perform/", then="keep", value_ph="7.12")
    page = desk.page("marta", "steps/2/")
    assert "Mistyped" in page and 'form="typo-ph"' in page
    response = desk.post("marta", "steps/2/typo/", parameter="ph", typed="7.21")
    assert response.status_code == 302 and last() == ["typo_corrected"]
    record = desk.page("helena")
    assert "<del>7.12 pH</del>" in record and "Typing slip put right" in record
    assert ExceptionLine.objects.get().severity == "observation"
    response = desk.post("marta", "steps/2/typo/", parameter="ph", typed="7.21")
    assert response.status_code == 422 and "changes nothing" in text_of(response)


def test_replicates_have_a_box_each_and_a_critical_entry_is_typed_twice(desk):
    floor.at_step(desk, 3)
    page = desk.page("marta", "steps/3/")
    assert 'name="value_cells.0"' in page and 'name="value_cells.1"' in page
    response = desk.post(
        "marta", "steps/3/perform/", sign=True, then="sign",
        **{"value_cells.0": "1.20", "value_cells.1": "1.25", "value_ml": "10"},
    )  # fmt: skip
    assert response.status_code == 302 and "step_completed" not in last(2)
    assert "enter the same value a second time" in desk.page("marta", "steps/3/")
    assert desk.perform("marta", 3, ml="10").status_code == 302
    assert last(2)[-1] == "step_completed"
    assert "Read a second time" in desk.page("helena")


def test_a_calculation_shows_its_formula_and_inputs_before_it_is_signed(desk):
    floor.at_step(desk, 4)
    page = desk.page("marta", "steps/4/")
    assert "count.cells * count.ml" in page and "122.5" in page and "version 2" in page
    assert desk.perform("marta", 4).status_code == 302
    assert "value_calculated" in last(4)
    assert "Calculated, formula version 2" in desk.page("helena")


def test_a_timer_runs_on_the_server_and_counts_on_every_page(desk):
    floor.at_step(desk, 5)
    response = desk.perform("marta", 5)
    assert "Enter Spin first." in text_of(response)
    assert desk.post("marta", "steps/5/start/", parameter="spin").status_code == 302
    page = desk.page("marta", "steps/5/")
    assert "data-clock=" in page and 'form="stop-spin"' in page
    assert ClockLine.objects.filter(name="spin", ended_at=None).count() == 1
    assert "Spin" in text_of(desk.at("dario").get("/batches/board/"))
    assert desk.post("marta", "steps/5/stop/", parameter="spin").status_code == 302
    assert desk.perform("marta", 5).status_code == 302
    assert "Timed" in desk.page("helena")


def test_a_step_that_may_be_left_out_is_left_out_with_a_reason_and_a_signature(desk):
    floor.at_step(desk, 6)
    assert "Does not apply" in desk.page("marta", "steps/6/")
    response = desk.post("marta", "steps/6/do/not-applicable/", sign=True, reason="ok")
    assert response.status_code == 422
    desk.post("marta", "steps/6/do/not-applicable/", sign=True, reason="No reserve was needed")
    assert last() == ["step_not_applicable"]
    for address in ("", "print/", "steps/6/"):
        assert "No reserve was needed" in desk.page("helena", address)


def test_a_file_is_kept_with_its_step_and_the_step_is_done_again(desk):
    floor.at_step(desk, 6)
    desk.post("marta", "steps/6/do/not-applicable/", sign=True, reason="No reserve was needed")
    sent = SimpleUploadedFile("print.pdf", PDF, "application/pdf")
    response = desk.perform("marta", 7, **{})
    assert response.status_code == 422
    from tests.personnel import signers

    response = desk.at("marta").post(
        f"/batches/{BATCH}/steps/7/perform/",
        {"then": "sign", "file_print": sent, **signers.PIN_FIELDS},
    )
    assert response.status_code == 302, text_of(response)
    assert "file 1" in desk.page("helena")
    desk.post("marta", "steps/7/do/again/", reason="The print was too faint")
    assert last() == ["steps_repeated"]
    assert "done for the 2. time" in desk.page("marta", "steps/10/")
    assert "The print was too faint" in desk.page("helena")


def test_a_late_entry_says_both_times(desk):
    floor.at_step(desk, 2)
    from django.utils import timezone

    done = timezone.localtime().strftime("%Y-%m-%dT%H:%M")
    response = desk.post("marta", "steps/2/perform/", sign=True, then="sign", value_ph="7.20",
                         performed_at=done, reason="The tablet was out of reach")  # fmt: skip
    assert response.status_code == 302
    assert "late_entry_made" in last(4)
    for address in ("", "print/"):
        page = desk.page("helena", address)
        assert "Late entry" in page and "The tablet was out of reach" in page


def test_a_witness_and_a_verifier_sign_and_a_critical_correction_is_authorised(desk):
    floor.at_step(desk, 6)
    desk.post("marta", "steps/6/do/not-applicable/", sign=True, reason="No reserve was needed")
    sent = SimpleUploadedFile("print.pdf", PDF, "application/pdf")
    from tests.personnel import signers

    desk.at("marta").post(f"/batches/{BATCH}/steps/7/perform/",
                          {"then": "sign", "file_print": sent, **signers.PIN_FIELDS})  # fmt: skip
    assert "Second person: call a verifier before you begin" in desk.page("marta", "steps/8/")
    assert desk.perform("marta", 8, mass="5.1").status_code == 302
    response = desk.post("marta", "steps/8/verify/", sign=True)
    assert response.status_code == 422, "who performed it does not verify it"
    assert desk.verify("ingrid", 8).status_code == 302
    desk.enrol("oda", by="helena")
    assert "I watched this being done." in desk.page("oda", "steps/8/")
    assert desk.post("oda", "steps/8/witness/", sign=True).status_code == 302
    assert last() == ["step_witnessed"]
    desk.post(
        "marta", "steps/8/mass/correct/", sign=True, typed="5.2", reason="Read the wrong line"
    )
    assert "Authorise the correction" in desk.page("dario", "steps/8/")
    seen = "2"
    response = desk.post("dario", "steps/8/do/authorise/", sign=True, parameter="mass", seen=seen)
    assert response.status_code == 302, text_of(response)
    assert "Correction authorised by Dario" in desk.page("helena")


def test_comment_and_deviation_are_one_touch_away(desk):
    for name in ("comment", "deviation"):
        assert f"steps/1/do/{name}/" in desk.page("marta", "steps/1/")
        page = text_of(desk.at("marta").get(f"/batches/{BATCH}/steps/1/do/{name}/"))
        assert not faults(page)
    desk.post("marta", "steps/1/do/comment/", text="Tubing looks new")
    desk.post("marta", "steps/1/do/deviation/", title="A glove tore", reason="Changed at once")
    assert last(2) == ["commented", "deviation_raised"]
    page = desk.page("helena")
    assert "Tubing looks new" in page and "A glove tore" in page


def test_the_outline_shows_the_phase_and_what_runs_beside_it(desk):
    floor.at_step(desk, 2)
    page = desk.page("marta", "steps/2/")
    outline = page.partition('class="outline"')[2].partition("</aside>")[0]
    assert "1. Look" in outline and "due now" in outline and "Papers" in outline
    assert "Also due now" in page and "9. Paper" in page
    assert not faults(page)


def test_r10_a_blocker_stands_on_the_card_and_yields_to_two_people_alone(desk):
    """Given an operator whose training is missing, then the card says so before anything is
    typed; supervisor and quality let the step go on together, and all of it is on record."""
    from personnel import training_commands
    from tests.batches.conftest import actor

    training_commands.revoke(person=floor.making.MARTA, item="MBR-019", version="1",
                             reason="Assessment was not passed", actor=actor("helena"))  # fmt: skip
    page = desk.page("marta", "steps/1/")
    assert "Before you begin" in page and "You are not trained on MBR-019" in page
    found = text_of(desk.at("dario").get(f"/batches/{BATCH}/steps/1/blocks/?subject=p-marta2"))
    assert "Ask to go on" in found and "Marta Printed is not trained" in found
    said = {"code": "not_trained", "subject": floor.making.MARTA}
    response = desk.post(
        "dario", "steps/1/do/ask/", sign=True, reason="Nobody else is here", **said
    )
    assert response.status_code == 302, text_of(response)
    assert "waits for quality assurance" in desk.page("marta", "steps/1/")
    assert "do/agree/" in desk.page("helena", "steps/1/")
    assert "A supervisor asks to go on" in text_of(desk.at("helena").get("/"))
    response = desk.post("dario", "steps/1/do/agree/", sign=True, reason=WHY, **said)
    assert response.status_code == 422
    response = desk.post("helena", "steps/1/do/agree/", sign=True, reason=WHY, **said)
    assert response.status_code == 302, text_of(response)
    assert desk.perform("marta", 1, clean="yes", colour="red").status_code == 302
    page = desk.page("helena", "print/")
    assert "Override" in page and "Nobody else is here" in page


def test_a_handover_is_offered_and_taken_under_two_signatures(desk):
    response = desk.post("marta", "run/offer/", sign=True, note="Step 1 is next; all is calm")
    assert response.status_code == 302, text_of(response)
    assert BatchLine.objects.get().handover == floor.making.MARTA
    assert "Marta Printed hands over" in text_of(desk.at("tomas").get("/batches/board/"))
    assert "read how it stands and take it" in text_of(desk.at("tomas").get("/"))
    page = desk.page("tomas", "run/take/")
    assert "Step 1 is next; all is calm" in page and not faults(page)
    response = desk.post("marta", "run/take/", sign=True)
    assert response.status_code == 422 and "somebody else takes it" in text_of(response)
    assert desk.post("tomas", "run/take/", sign=True).status_code == 302
    assert "took the batch over" in desk.page("helena", "print/")


def test_an_aborted_batch_is_done_with_and_says_why(desk):
    assert desk.post("dario", "run/abort/", sign=True, reason="The patient withdrew").url
    assert last() == ["aborted"]
    page = desk.page("helena")
    assert "Aborted" in page and "The patient withdrew" in page
    response = desk.perform("marta", 1, clean="yes", colour="red")
    assert response.status_code == 422
