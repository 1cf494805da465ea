"""A site on which a shipped record can be made: its rooms, units, lots, order, labels."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from batches.shipped import car_t, places
from batches.shipped.supplies import BY_ITEM
from tests.batches import car_t_day as day
from tests.batches import making, ordering, stocking
from tests.batches.conftest import PEOPLE, actor, into_force, signing

BATCH = making.BATCH
ROOMS = {"receipt": "D-103", "closed": "C-101", "aseptic": "B-102", "cryo": "K-001"}
STATION = "BSC-1"
UNITS = {key: f"{key.upper()}-1" for key in places.EQUIPMENT}
LOTS = {line.key: f"L-{number:06}" for number, line in enumerate(car_t.MATERIALS, start=1)}
LONG = "2099-12-31"
TRAINED = ("marta", "tomas", "ingrid", "dario")


def furnish(record: Any = car_t, *, without_calibration: str = "") -> None:
    """Everything but the batch; one unit may be out of its calibration."""
    from batches.recipe_json import to_json

    into_force(to_json(record.content()), recipe=record.RECIPE, version=record.VERSION)
    _train(record)
    _rooms()
    for need in record.content().equipment:
        _unit(need.key, need.unit_class, calibrated=need.key != without_calibration)
    _stations()
    _stock(record)


def open_batch(record: Any = car_t) -> str:
    """The batch of a patient whose apheresis has been let in, bound to its order."""
    from batches import commands

    commands.open_batch(
        batch=BATCH, recipe=record.RECIPE, version=record.VERSION, purpose="patient",
        subject=making.PATIENT, actor=actor("dario"),
    )  # fmt: skip
    ordering.let_in(product=record.content().header.product)
    ordering.bind(BATCH)
    return BATCH


def _train(record: Any) -> None:
    from ledger import clock
    from personnel import training_commands

    training_commands.introduce(
        item=record.RECIPE, kind="recipe", title=record.HEADER.title, version=str(record.VERSION),
        valid_months=0, actor=actor("helena"),
    )  # fmt: skip
    for name in TRAINED:
        training_commands.record(
            person=PEOPLE[name][0], item=record.RECIPE, version=str(record.VERSION),
            trained_on=clock.now().date().isoformat(), method="performed",
            actor=actor("helena" if name == "dario" else "dario"),
        )  # fmt: skip


def _rooms() -> None:
    from equipment import room_commands as rooms

    for key, number in ROOMS.items():
        need = places.ROOMS[key]
        rooms.register(room=number, name=need.title, grade=need.grade, actor=actor("dario"))
        rooms.clean(room=number, agent="Sporicide", actor=actor("marta"))


def _stations() -> None:
    from equipment import room_commands as rooms

    rooms.set_up_workstation(
        workstation=STATION, label="Cabinet", room=ROOMS["aseptic"], handling="open",
        unit=UNITS["cabinet"], actor=actor("dario"),
    )  # fmt: skip


def _unit(key: str, unit_class: str, *, calibrated: bool) -> None:
    from equipment import commands as register
    from equipment import status_commands as status
    from equipment.unit_standing import demands

    number = UNITS[key]
    register.register(
        unit=number, label=places.EQUIPMENT[key].title, unit_class=unit_class,
        location="Clean room", actor=actor("dario"),
    )  # fmt: skip
    held = {"unit": number, "done_on": "2026-01-05", "until": LONG, "certificate": "Q-1"}
    status.qualify(**held, **signing("helena"))
    if "calibrated" in demands(unit_class) and calibrated:
        status.calibrate(**held, passed=True, **signing("viktor"))
    if "clean" in demands(unit_class):
        status.clean(unit=number, agent="Isopropanol", actor=actor("marta"))


def _stock(record: Any) -> None:
    stocking.supplier()
    for number, line in enumerate(record.MATERIALS, start=1):
        supply = BY_ITEM[line.item]
        stocking.item(
            line.item, title=supply.title, kind=supply.kind, unit=supply.unit,
            storage=supply.storage, open_life_hours=supply.hours, minimum="0",
            of_patient=supply.of_patient,
        )  # fmt: skip
        lot = f"L-{number:06}"
        own = {"subject": making.PATIENT} if supply.of_patient else {}
        stocking.receive(
            lot, item=line.item, supplier_lot=f"S-{line.key}", quantity=line.quantity or "20",
            unit=supply.unit, storage=supply.storage, **own,
        )  # fmt: skip
        stocking.release(lot)


class Crew:
    """Carries the batch out as the day's script says, one step after the other."""

    def __init__(self, clock: Any) -> None:
        self.clock = clock
        self.printed: dict[str, list[str]] = {}
        self.operator = "marta"

    def due(self) -> list[Any]:
        from batches import queries, turns

        state = queries.batch_state(BATCH)
        return turns.due(state, queries.recipe_of(state))

    def answers(self, planned: Any) -> dict[str, str]:
        """What is typed or scanned for this doing of the step, timers aside."""
        script = {**day.ANSWERS[planned.key], **(day.AGAIN.get(planned.key, {}) if planned.run > 1
                                                 else {})}  # fmt: skip
        kinds = {one.key: one.kind for one in planned.step.parameters}
        return {
            key: self.typed(planned.number, answer)
            for key, answer in script.items()
            if kinds[key] != "timer"
        }

    def typed(self, step: int, answer: day.Answer) -> str:
        match answer:
            case day.Patient():
                return ordering.code_of(BATCH)
            case day.Lot(needs=needs):
                return LOTS[needs]
            case day.Unit(needs=needs):
                return UNITS[needs]
            case day.Place(needs=needs):
                return STATION if needs == "aseptic" else ROOMS[needs]
            case day.Labels(needs=needs, count=count):
                return " ".join(self.labels(needs, count))
            case day.File(name=name):
                return self.file(step, name)
            case day.Ago(minutes=minutes):
                return (self.now() - timedelta(minutes=minutes)).isoformat()
        return str(answer)

    def now(self) -> datetime:
        return self.clock.now

    def labels(self, kind: str, count: int) -> list[str]:
        from batches import label_commands
        from batches.label_models import LabelLine

        expires = (self.now() + timedelta(days=300)).strftime("%Y-%m-%dT%H:%M")
        before = set(LabelLine.objects.values_list("label", flat=True))
        reason = "More of these are needed now" if kind in self.printed else ""
        label_commands.print_labels(
            roll=BATCH, kind=kind, count=count, route="intravenous infusion", expires=expires,
            zone="Europe/Madrid", reason=reason, actor=actor("tomas"),
        )  # fmt: skip
        made = sorted(set(LabelLine.objects.values_list("label", flat=True)) - before)
        self.printed.setdefault(kind, []).extend(made)
        return made

    def file(self, step: int, name: str) -> str:
        from batches import attachment_commands as files

        content = f"{name},{step}\nminute,temperature\n0,4.0\n1,3.0\n".encode()
        files.upload(
            content, files.keep_file, batch=BATCH, step=step, about=name, actor=actor("marta")
        )
        return str(step_file(step))

    def enter(self, step: int, **typed: str) -> None:
        from batches import commands

        commands.enter_values(batch=BATCH, step=step, typed=typed, actor=actor(self.operator))

    def play(self, planned: Any) -> None:
        """Enter, read twice what is critical, run the timers, sign; then the second people."""
        self.fill(planned)
        self.sign(planned)
        self.confirm(planned)

    def fill(self, planned: Any, **other: str) -> None:
        from batches import step_commands as steps

        typed = {**self.answers(planned), **other}
        self.enter(planned.number, **typed)
        twice = {one.key for one in planned.step.parameters if one.check == "second_entry"}
        if twice:
            self.enter(planned.number, **{key: typed[key] for key in twice})
        for one in planned.step.parameters:
            if one.kind == "timer":
                asked = {"batch": BATCH, "step": planned.number, "parameter": one.key}
                steps.start_timer(**asked, actor=actor(self.operator))
                self.clock.advance(minutes=int(str(day.ANSWERS[planned.key][one.key])))
                steps.stop_timer(**asked, actor=actor(self.operator))

    def sign(self, planned: Any, **asked: Any) -> None:
        from batches import commands

        commands.complete_step(batch=BATCH, step=planned.number, **asked, **signing(self.operator))

    def confirm(self, planned: Any) -> None:
        from batches import commands
        from batches import step_commands as steps

        if planned.step.verifies:
            commands.verify_step(batch=BATCH, step=planned.number, **signing("ingrid"))
        if planned.step.witness:
            steps.witness_step(batch=BATCH, step=planned.number, **signing("ingrid"))
        self.clock.advance(minutes=2)


def step_file(step: int) -> int:
    """The number of the file that was kept last."""
    from batches import attachment
    from ledger import store
    from ledger.event import fold

    events = store.load("files", BATCH)
    kept = fold(attachment.INITIAL, attachment.evolve, (event.data for event in events))
    return max(kept.files)
