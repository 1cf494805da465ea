"""R4, R9, R10, R17: the shipped CAR-T record is carried out to its end, with what goes astray."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from batches.models import BatchLine
from ledger.event import Refused
from tests.batches import car_t_day as day
from tests.batches import car_t_floor as floor
from tests.batches import conftest, making
from tests.batches.car_t_floor import BATCH, Crew
from tests.batches.conftest import actor, plugged, signing
from tests.personnel import staff

BALANCE = floor.UNITS["balance"]


@pytest.fixture
def crew(database: Any, fixed_clock: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Crew]:
    """Everything is ready for the batch, but the balance's calibration has run out."""
    monkeypatch.setitem(conftest.PEOPLE, "viktor", ("p-vikt2", "maintenance"))
    conftest.open_accounts()
    with plugged() as signer:
        for person, _role in conftest.PEOPLE.values():
            signer.enrol(person)
        staff.grant(making.MARTA, "verifier", actor=actor("renata"))  # she may be the second person
        conftest.register_patient()
        floor.furnish(without_calibration="balance")
        floor.open_batch()
        yield Crew(fixed_clock)


def refused(ask: Any, **asked: Any) -> str:
    with pytest.raises(Refused) as refusal:
        ask(**asked)
    return str(refusal.value.code)


def out_of_limit(crew: Crew, planned: Any, mark: day.Mark, who: str) -> None:
    """The value stays; who may says why the work goes on."""
    from batches import commands

    crew.fill(planned, **{mark.parameter: mark.typed})
    assert refused(crew.sign, planned=planned) == "limit_unexplained"
    commands.explain_limit(
        batch=BATCH, step=planned.number, parameter=mark.parameter, reason=mark.reason,
        actor=actor(who),
    )  # fmt: skip


def overridden(crew: Crew, planned: Any) -> None:
    """The balance is overdue: supervisor and quality assurance let this one step go on."""
    from batches import running_commands as running

    typed = crew.answers(planned)
    assert refused(crew.enter, step=planned.number, **typed) == "calibration_due"
    asked = {"batch": BATCH, "step": planned.number, "code": "calibration_due", "subject": BALANCE}
    told = {"reason": day.OVERRIDDEN.reason}
    running.ask_override(**asked, **told, **signing("dario"))
    running.agree_override(**asked, **told, **signing("helena"))


def handed_over(crew: Crew) -> None:
    from batches import running_commands as running

    running.offer_handover(batch=BATCH, note="Culture runs, vector tomorrow", **signing("marta"))
    running.take_handover(batch=BATCH, **signing("tomas"))
    crew.operator = "tomas"


def scribed(crew: Crew, planned: Any) -> None:
    """Tomás has his hands in the cabinet, Marta records; he countersigns after the block."""
    from batches import commands

    hands = crew.operator
    crew.operator = "marta"
    crew.fill(planned)
    crew.operator = hands
    commands.record_step(
        batch=BATCH, step=planned.number, performed_by=conftest.PEOPLE[hands][0], **signing("marta")
    )
    crew.confirm(planned)


def corrected(crew: Crew, number: int) -> None:
    from batches import commands

    mark = day.CORRECTION
    commands.correct_value(
        batch=BATCH, step=number, parameter=mark.parameter,
        typed=str(day.ANSWERS[mark.step][mark.parameter]), reason=mark.reason,
        **signing(crew.operator),
    )  # fmt: skip


def marked(crew: Crew, planned: Any) -> None:
    """One step, with what the script marks at it."""
    from batches import commands
    from batches import step_commands as steps

    key, number = planned.key, planned.number
    normal, beyond = day.OUT_OF_LIMIT
    first = planned.run == 1
    if key == normal.step and first:
        out_of_limit(crew, planned, normal, crew.operator)
    elif key == beyond.step:
        out_of_limit(crew, planned, beyond, "dario")
    elif key == day.TYPO.step:
        crew.fill(planned, **{day.TYPO.parameter: day.TYPO.typed})
        steps.correct_typo(
            batch=BATCH, step=number, parameter=day.TYPO.parameter,
            typed=str(day.ANSWERS[key][day.TYPO.parameter]), actor=actor(crew.operator),
        )  # fmt: skip
    elif key == day.OVERRIDDEN.step:
        overridden(crew, planned)
        crew.enter(number, **{day.IMPLAUSIBLE.parameter: day.IMPLAUSIBLE.typed})
        crew.fill(planned)
    elif key == day.CORRECTION.step:
        crew.fill(planned, **{day.CORRECTION.parameter: day.CORRECTION.typed})
    elif key == day.NOT_APPLICABLE.step:
        steps.declare_not_applicable(
            batch=BATCH, step=number, reason=day.NOT_APPLICABLE.reason, **signing(crew.operator)
        )
        return
    elif key in day.SCRIBED:
        scribed(crew, planned)
        return
    else:
        crew.fill(planned)
    if key == day.LATE.step:
        crew.clock.advance(minutes=40)
        at = crew.now().replace(minute=0).isoformat()
        crew.sign(planned, performed_at=at, reason=day.LATE.reason)
    else:
        crew.sign(planned)
    if key == day.SECOND_PERSON_REFUSED.step:
        who = {"actor": crew_as_verifier(crew), "signature": signing(crew.operator)["signature"]}
        assert refused(commands.verify_step, batch=BATCH, step=number, **who) == "same_person"
    crew.confirm(planned)
    if key == day.CORRECTION.step:
        corrected(crew, number)


def crew_as_verifier(crew: Crew) -> Any:
    from ledger.event import Actor

    return Actor(person=conftest.PEOPLE[crew.operator][0], role="verifier", terminal="t-test2")


def carried_out(crew: Crew) -> list[str]:
    """Every step in its turn; the feeding once more; the keys in the order they were done."""
    from batches import commands
    from batches import step_commands as steps

    done: list[str] = []
    while due := crew.due():
        planned = due[0]
        marked(crew, planned)
        done.append(planned.key)
        if planned.key == day.HANDOVER.step:
            handed_over(crew)
        if done.count("feed_total") == 1 and planned.key == "feed_total":
            steps.repeat_steps(
                batch=BATCH, step=planned.number, reason="Fewer cells than the harvest needs",
                actor=actor(crew.operator),
            )  # fmt: skip
        if planned.key == day.SCRIBED[-1]:
            for key in day.SCRIBED:
                number = next(n for n, k in numbers().items() if k == key)
                commands.countersign_step(batch=BATCH, step=number, **signing("tomas"))
    return done


def numbers() -> dict[int, str]:
    from batches import queries, turns

    state = queries.batch_state(BATCH)
    return {one.number: one.key for one in turns.plan_of(state, queries.recipe_of(state))}


def value(name: str) -> Decimal:
    from batches import course, queries

    state = queries.batch_state(BATCH)
    return Decimal(course.values(state, queries.recipe_of(state))[name][0])


def told(kind: str) -> list[Any]:
    from ledger import store

    return [event.data for event in store.load("batch", BATCH) if type(event.data).__name__ == kind]


def test_r09_the_shipped_car_t_record_is_made_to_its_end_with_all_that_goes_astray(crew: Crew):
    """Given a site; when the batch is made; then every step, value and departure is on record."""
    from batches import commands, label_commands

    done = carried_out(crew)

    keys = list(day.ANSWERS)
    assert set(done) == set(keys) and len(done) == len(keys) + 6
    cents = Decimal("0.01")
    for name, text in {**day.CALCULATED, **day.CALCULATED_AGAIN}.items():
        assert value(name).quantize(cents) == Decimal(text).quantize(cents), name
    assert len(told("LimitExceeded")) == 2 and len(told("ValueCorrected")) == 1
    assert len(told("StepNotApplicable")) == 1 and len(told("LateEntryMade")) == 1
    assert len(told("OverrideAgreed")) == 1 and len(told("HandoverTaken")) == 1
    assert len(told("StepCountersigned")) == 2 and len(told("StepSkipped")) == 1
    assert told("HoldTimeExceeded") == []

    label_commands.reconcile_labels(roll=BATCH, **signing("helena"))
    commands.complete(batch=BATCH, **signing("dario"))
    assert BatchLine.objects.get(batch=BATCH).completed_at is not None
