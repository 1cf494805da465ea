"""What is asked of recipes and batches lands in the ledger and in the rows, on both databases."""

from batches import commands, queries
from batches.models import BatchLine, ExceptionLine, RecipeLine
from ledger import store
from ledger.models import Event
from personnel.roles import ROLES
from tests.batches.conftest import PEOPLE, actor, enter, signing, work_up_to
from tests.batches.making import BATCH, MARTA, PARTS, refused

WHY = "Thermometer was not settled"


def events_of(batch: str) -> list[str]:
    return [event.type.removeprefix("batches.") for event in store.load("batch", batch)]


def signatures() -> list[tuple[str, str]]:
    rows = Event.objects.filter(type="ledger.signature_applied").order_by("recorded_at", "id")
    found = [store.event(row.id).data for row in rows]
    return [(data.signer, data.meaning) for data in found]


def test_r14_a_recipe_is_submitted_reviewed_and_approved_with_three_signatures(recipe):
    row = RecipeLine.objects.get(key="MBR-019.1")
    assert (row.author, row.approved_by) == (PEOPLE["pavel"][0], PEOPLE["helena"][0])
    assert row.approved_at == store.load("recipe", "MBR-019.1")[-1].recorded_at
    assert signatures() == [
        (PEOPLE["pavel"][0], "authored"),
        (PEOPLE["dario"][0], "reviewed"),
        (PEOPLE["helena"][0], "approved"),
    ]
    state = queries.recipe_state("MBR-019", 1)
    assert state.approved
    assert state.unit_procedures == PARTS, "decimals come back as they were written"


def test_a_batch_goes_from_opening_to_completion_and_its_row_says_where_it_is(batch):
    row = BatchLine.objects.get(batch=batch)
    assert (row.step, row.title, row.waits_for, row.done) == (1, "Clear", "operator", 0)
    commands.complete_step(batch=batch, step=1, **signing("marta"))
    row.refresh_from_db()
    assert (row.step, row.waits_for, row.done) == (1, "verifier", 1)
    commands.verify_step(batch=batch, step=1, **signing("ingrid"))
    enter(2, bath="37.0")
    commands.complete_step(batch=batch, step=2, **signing("tomas"))
    commands.verify_step(batch=batch, step=2, **signing("ingrid"))
    enter(3, bath="37.0", count="5.0")
    commands.complete_step(batch=batch, step=3, **signing("marta"))
    row.refresh_from_db()
    assert (row.done, row.waits_for, row.completed_at) == (3, "supervisor", None)
    commands.complete(batch=batch, **signing("dario"))
    row.refresh_from_db()
    assert (row.waits_for, row.completed_at) == ("", row.changed_at)
    assert [meaning for _who, meaning in signatures()[3:]] == [
        "performed", "verified", "performed", "verified", "performed", "reviewed",
    ]  # fmt: skip


def test_r4_last_value_only_both_values_and_the_reason_are_events_and_exceptions(batch):
    work_up_to(2)
    enter(2, bath="39.2")
    refused("limit_unexplained", commands.complete_step, batch=batch, step=2, **signing("marta"))
    refused("reason_missing", enter, step=2, bath="37.1")
    enter(2, bath="37.1", reason=WHY)
    commands.complete_step(batch=batch, step=2, **signing("marta"))
    told = store.load("batch", batch)
    values = [str(getattr(e.data, "value", getattr(e.data, "new", ""))) for e in told]
    assert values.index("39.2") < values.index("37.1")
    again = next(e for e in told if e.type == "batches.value_remeasured")
    assert (str(again.data.old), str(again.data.new), again.reason) == ("39.2", "37.1", WHY)
    rows = list(ExceptionLine.objects.order_by("number").values_list("kind", "severity", "reason"))
    assert rows == [("limit", "critical", ""), ("entered_again", "minor", WHY)]
    assert BatchLine.objects.get(batch=batch).unassessed == 2
    refusals = Event.objects.filter(type="ledger.refused")
    bodies = b"".join(bytes(body) for body in refusals.values_list("body", flat=True))
    assert b"37.1" in bodies, "the value that was refused for want of a reason is kept as well"


def test_r12_beyond_acceptance_goes_on_under_a_quality_hold_that_quality_lifts(batch):
    work_up_to(2)
    enter(2, bath="38.4")
    asked = {"batch": batch, "step": 2, "parameter": "bath", "reason": WHY}
    refused("supervisor_needed", commands.explain_limit, actor=actor("marta"), **asked)
    commands.explain_limit(actor=actor("dario"), **asked)
    row = BatchLine.objects.get(batch=batch)
    assert row.quality_hold
    assert ExceptionLine.objects.get(kind="limit").explanation == WHY
    lift = {"batch": batch, "hold": 1, "reason": "Assessed with the supervisor"}
    refused("wrong_role", commands.lift_hold, actor=actor("dario"), **lift)
    commands.lift_hold(actor=actor("helena"), **lift)
    row.refresh_from_db()
    assert not row.quality_hold


def test_r15_quality_assesses_each_departure_under_signature(batch):
    work_up_to(2)
    enter(2, bath="39.2")
    asked = {"batch": batch, "exception": 1, "reason": "Probe was outside the bath"}
    commands.assess_exception(**asked, **signing("helena"))
    row = ExceptionLine.objects.get(batch=batch, number=1)
    assert (row.assessment, row.assessed_by) == (asked["reason"], PEOPLE["helena"][0])
    assert signatures()[-1] == (PEOPLE["helena"][0], "reviewed")
    assert list(queries.exceptions(waiting=True)) == []
    refused("no_exception", commands.assess_exception, **asked, **signing("helena"))


def test_performed_by_one_recorded_by_another(batch):
    asked = {"batch": batch, "step": 1}
    for performer in ("p-nobody", PEOPLE["ingrid"][0]):
        refused("performer", commands.record_step, **asked, performed_by=performer,
                **signing("tomas"))  # fmt: skip
    refused("same_person", commands.record_step, **asked, performed_by=PEOPLE["tomas"][0],
            **signing("tomas"))  # fmt: skip
    commands.record_step(**asked, performed_by=MARTA, **signing("tomas"))
    assert BatchLine.objects.get(batch=batch).countersignatures == MARTA
    commands.verify_step(**asked, **signing("ingrid"))
    commands.countersign_step(**asked, **signing("marta"))
    assert BatchLine.objects.get(batch=batch).countersignatures == ""
    assert signatures()[-3:] == [
        (PEOPLE["tomas"][0], "authored"),
        (PEOPLE["ingrid"][0], "verified"),
        (MARTA, "performed"),
    ]


def test_r4_a_correction_is_signed_and_takes_the_verification_back(batch):
    work_up_to(3)
    commands.correct_value(
        batch=batch, step=2, parameter="bath", typed="37.3", reason="Read the printout instead",
        **signing("marta"),
    )  # fmt: skip
    row = BatchLine.objects.get(batch=batch)
    assert (row.step, row.waits_for, row.exceptions) == (2, "verifier", 1)
    assert signatures()[-1] == (MARTA, "performed")


def test_r7_without_the_right_secret_no_step_is_completed_and_no_value_is_lost(batch):
    work_up_to(2)
    enter(2, bath="37.0")
    before = events_of(batch)
    asked = {"batch": batch, "step": 2, "actor": actor("marta")}
    for secret in (None, "", "a guess", signing("tomas")["signature"]):
        refused("signature", commands.complete_step, **asked, signature=secret)
    assert events_of(batch) == before
    assert before[-1] == "value_entered"


def test_r9_the_same_form_sent_twice_completes_once(batch):
    from uuid import uuid4

    asked = {"batch": batch, "step": 1, "command_id": uuid4(), **signing("marta")}
    first, again = commands.complete_step(**asked), commands.complete_step(**asked)
    assert (first.replayed, again.replayed) == (False, True)
    assert events_of(batch).count("step_completed") == 1
    no = refused("already_completed", commands.complete_step, batch=batch, step=1,
                 **signing("tomas"))  # fmt: skip
    assert MARTA in str(no)


def test_r8_one_person_is_not_performer_and_second_person(batch):
    """By person, whatever the role they sit in: Dario performs nothing he verifies or closes."""
    commands.complete_step(batch=batch, step=1, **signing("marta"))
    asked = signing("marta")
    asked["actor"] = type(asked["actor"])(person=MARTA, role="verifier", terminal="t-test2")
    no = refused("no_account", commands.verify_step, batch=batch, step=1, **asked)
    assert MARTA in str(no)


REQUESTS = {
    "batches.open": (
        commands.open_batch,
        {"batch": "CT-0001", "recipe": "MBR-019", "version": 1, "purpose": "training"},
    ),
    "batches.enter_values": (
        commands.enter_values, {"batch": BATCH, "step": 1, "typed": {"bath": "37"}}),
    "batches.explain_limit": (
        commands.explain_limit, {"batch": BATCH, "step": 1, "parameter": "bath"}),
    "batches.complete_step": (commands.complete_step, {"batch": BATCH, "step": 1}),
    "batches.record_step": (
        commands.record_step, {"batch": BATCH, "step": 1, "performed_by": MARTA}),
    "batches.countersign_step": (commands.countersign_step, {"batch": BATCH, "step": 1}),
    "batches.verify_step": (commands.verify_step, {"batch": BATCH, "step": 1}),
    "batches.correct_value": (
        commands.correct_value,
        {"batch": BATCH, "step": 1, "parameter": "bath", "typed": "37"},
    ),
    "batches.set_hold": (commands.set_hold, {"batch": BATCH, "kind": "process"}),
    "batches.lift_hold": (commands.lift_hold, {"batch": BATCH, "hold": 1}),
    "batches.assess_exception": (commands.assess_exception, {"batch": BATCH, "exception": 1}),
    "batches.complete": (commands.complete, {"batch": BATCH}),
}  # fmt: skip


def test_r3_every_role_that_a_command_does_not_name_is_refused_it(batch):
    """Default deny: each command of the room, asked in each role that may not."""
    from ledger.command import commands as declared
    from ledger.event import Actor

    ours = {name: declared()[name] for name in REQUESTS}
    before = events_of(batch)
    for name, (ask, request) in REQUESTS.items():
        for role in set(ROLES) - set(ours[name].roles):
            stranger = Actor(person="p-emeka8", role=role, terminal="t-test2")
            refused("wrong_role", ask, **request, actor=stranger, reason="Because I may not")
        assert not {"inspector", "system_administrator"} & set(ours[name].roles), name
    assert events_of(batch) == before


def test_a_batch_that_is_not_there_is_refused(people):
    asked = {"batch": "CT-9999", "step": 1}
    assert "There is no batch CT-9999" in str(
        refused("no_batch", commands.complete_step, **asked, **signing("marta"))
    )
