"""R9, R14: the other two shipped records can be carried out from their first step to their last."""

from collections.abc import Iterator
from typing import Any

import pytest

from batches.limits import NUMERIC, Parameter, ParameterKind
from batches.shipped import cartilage, til
from tests.batches import car_t_floor as floor
from tests.batches import conftest
from tests.batches.car_t_day import Ago, Answer, File, Labels, Patient, Place, Unit
from tests.batches.car_t_floor import BATCH, Crew
from tests.batches.conftest import actor, plugged, signing
from tests.batches.test_shipped import middle

RECORDS = {"til": til, "cartilage": cartilage}
# What is not answered by the middle of its range: which way the work goes.
SAID = {("feed", "day"): "9", ("mature_change", "day"): "4"}


@pytest.fixture(params=RECORDS.values(), ids=RECORDS)
def crew(
    request: pytest.FixtureRequest, sqlite_database: Any, fixed_clock: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator["Plain"]:  # fmt: skip
    monkeypatch.setitem(conftest.PEOPLE, "viktor", ("p-vikt2", "maintenance"))
    conftest.open_accounts()
    with plugged() as signer:
        for person, _role in conftest.PEOPLE.values():
            signer.enrol(person)
        conftest.register_patient()
        floor.furnish(request.param)
        floor.open_batch(request.param)
        yield Plain(fixed_clock, request.param)


class Plain(Crew):
    """Answers every step with its target, or the middle of what is accepted."""

    def __init__(self, clock: Any, record: Any) -> None:
        super().__init__(clock)
        lines = enumerate(record.MATERIALS, start=1)
        self.lots = {line.key: f"L-{number:06}" for number, line in lines}

    def answers(self, planned: Any) -> dict[str, str]:
        return {
            one.key: self.said(planned, one)
            for one in planned.step.parameters
            if one.kind not in (ParameterKind.TIMER, ParameterKind.CALCULATION)
        }

    def said(self, planned: Any, asked: Parameter) -> str:
        from equipment import status_commands

        if (planned.key, asked.key) in SAID:
            return SAID[planned.key, asked.key]
        if asked.kind == ParameterKind.REPLICATE:
            count = middle(asked) / asked.dilution
            return f"{count}; {count}"
        if asked.kind in NUMERIC:
            return str(middle(asked))
        if asked.kind == ParameterKind.MATERIAL:
            return self.lots[asked.needs] + ("" if asked.quantity else " 6")
        if asked.kind == ParameterKind.CHOICE:
            return (asked.accepted or asked.choices)[0]
        if asked.needs == "centrifuge":  # it is cleaned after every use
            status_commands.clean(unit=floor.UNITS["centrifuge"], agent="IPA", actor=actor("marta"))
        marks: dict[str, Answer] = {
            ParameterKind.IDENTITY: Patient(),
            ParameterKind.EQUIPMENT: Unit(asked.needs),
            ParameterKind.ROOM: Place(asked.needs),
            ParameterKind.LABEL: Labels(asked.needs, 1),
            ParameterKind.ATTACHMENT: File("logger.csv"),
            ParameterKind.DATETIME: Ago(1),
            ParameterKind.CONFIRM: "yes",
            ParameterKind.SAMPLE: "2",
            ParameterKind.TEXT: "LOG-12",
        }
        return self.typed(planned.number, marks[ParameterKind(asked.kind)])

    def run_timers(self, planned: Any) -> None:
        from batches import step_commands as steps

        for one in planned.step.parameters:
            if one.kind == ParameterKind.TIMER:
                asked = {"batch": BATCH, "step": planned.number, "parameter": one.key}
                steps.start_timer(**asked, actor=actor(self.operator))
                self.clock.advance(minutes=float(one.target or one.minimum or 1))
                steps.stop_timer(**asked, actor=actor(self.operator))

    def play(self, planned: Any) -> None:
        typed = self.answers(planned)
        self.enter(planned.number, **typed)
        twice = {one.key for one in planned.step.parameters if one.check == "second_entry"}
        if twice:
            self.enter(planned.number, **{key: typed[key] for key in twice})
        self.run_timers(planned)
        self.sign(planned)
        self.confirm(planned)


def test_r09_every_step_of_the_other_records_can_be_done_in_its_turn(crew: Plain) -> None:
    """Given a site with one supervisor; when each step is done as the record says; then none is
    left, none departs, and the supervisor closes the batch."""
    from batches import commands, label_commands, queries, turns
    from ledger import store

    done = 0
    while due := crew.due():
        crew.play(due[0])
        done += 1
    state = queries.batch_state(BATCH)
    plan = turns.plan_of(state, queries.recipe_of(state))
    skipped = [one.key for one in plan if state.step(one.number).skipped]
    assert done + len(skipped) == len(plan) and done > 60
    gone = [
        event.data
        for event in store.load("batch", BATCH)
        if type(event.data).__name__ in ("LimitExceeded", "HoldTimeExceeded", "AnswerDeparted")
        and getattr(event.data, "parameter", "") != "half_micron"  # typed: no counter is connected
    ]
    assert gone == []
    label_commands.reconcile_labels(roll=BATCH, **signing("helena"))
    commands.complete(batch=BATCH, **signing("dario"))
    assert queries.batch_state(BATCH).completed
