"""A floor on which everything a step needs is ready: rooms, units, lots, an order, a batch."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest

from batches.limits import Parameter, Range
from batches.recipe_content import (
    Content,
    EquipmentNeed,
    Header,
    HoldTime,
    Material,
    Operation,
    Phase,
    RoomNeed,
    UnitProcedure,
)
from tests.batches import conftest, making, ordering, stocking
from tests.batches.conftest import actor, into_force, signing, train_everybody
from tests.batches.engine import step
from tests.batches.making import BATCH

ROOM, STATION, UNIT = "C-12", "BSC-1", "CF-01"
LONG = "2099-12-31"
CLEARANCE, SPIN, FEED, IDENTITY, READ, ELSEWHERE, ENTER = 1, 2, 3, 4, 5, 6, 7


def content(limit: str = "600") -> Content:
    """Line clearance, a centrifuge, a medium, the patient's scan, a reading; and two aside."""
    scan = {"kind": "identity", "key": "patient", "label": "Patient's label"}
    ask = Parameter
    main = [
        step(1, ask(key="room", label="Room", kind="room", needs="clean"),
             kind="line_clearance", verifies="verifier"),
        step(2, ask(key="cf", label="Centrifuge", kind="equipment", needs="spin")),
        step(3, ask(key="lot", label="Medium", kind="material", needs="medium", unit="mL",
                    quantity="10")),
        step(4, ask(**scan), patient_material=True),
        step(5, ask(key="count", label="Count", unit="10⁶ cells/mL",
                    acceptance=Range(low=Decimal("1")))),
    ]  # fmt: skip
    aside = [step(6, ask(key="ok", label="Done", kind="confirm"))]
    enter = [step(7, ask(key="room", label="Room", kind="room", needs="clean"))]
    first = Phase(title="Main", key="main", steps=main)
    second = Phase(title="Aside", key="aside", steps=aside, after=[])
    third = Phase(title="Enter", key="enter", steps=enter, after=[])
    clean = Operation(title="Clean", room="clean", phases=[first])
    other = Operation(title="Other", room="other", phases=[second])
    coming = Operation(title="Enter", room="clean", phases=[third])
    return Content(
        header=Header(title="Floor", product="CAR-T"),
        unit_procedures=[UnitProcedure(title="All", operations=[clean, other, coming])],
        materials=[Material(key="medium", item=stocking.MEDIUM, title="Medium", unit="mL")],
        equipment=[EquipmentNeed(key="spin", unit_class="centrifuge", title="Centrifuge")],
        rooms=[RoomNeed(key="clean", title="Clean room", grade="C"),
               RoomNeed(key="other", title="Other room", grade="D")],
        hold_times=[HoldTime(key="wait", title="Out of the cold", from_step="s3", to_step="s5",
                             limit=limit)],
    )  # fmt: skip


def room(number: str = ROOM, *, grade: str = "C", clean: bool = True) -> None:
    from equipment import room_commands as rooms

    rooms.register(room=number, name="Clean room", grade=grade, actor=actor("dario"))
    if clean:
        rooms.clean(room=number, agent="Sporicide", actor=actor("marta"))


def unit(number: str = UNIT, *, kind: str = "centrifuge", without: str = "") -> None:
    """Registered, qualified, calibrated and clean; `without` one of these."""
    from equipment import commands as register
    from equipment import status_commands as status

    register.register(unit=number, label="Cell centrifuge", unit_class=kind, location=ROOM,
                      actor=actor("dario"))  # fmt: skip
    day = {"done_on": "2026-01-05", "until": LONG, "certificate": "Q-1"}
    if without != "qualified":
        status.qualify(unit=number, **day, **signing("helena"))
    if without != "calibrated":
        status.calibrate(unit=number, **day, passed=True, **signing("viktor"))
    if without != "clean" and kind in ("centrifuge", "incubator"):
        status.clean(unit=number, agent="Isopropanol", actor=actor("marta"))


def station(number: str = STATION, *, handling: str = "open") -> None:
    from equipment import room_commands as rooms

    rooms.set_up_workstation(workstation=number, label="Cabinet", room=ROOM, handling=handling,
                             actor=actor("dario"))  # fmt: skip


def furnish(limit: str = "600", *, retest_months: int = 0) -> None:
    """Everything but the batch."""
    into_force(_json(content(limit)))
    train_everybody()
    room()
    station()
    unit()
    stocking.supplier()
    stocking.item(retest_months=retest_months)
    stocking.receive()
    stocking.release()


@contextmanager
def open_floor(monkeypatch: pytest.MonkeyPatch, **asked: Any) -> Iterator[None]:
    """Everybody with a key, a technician too, a patient, and everything but the batch."""
    monkeypatch.setitem(conftest.PEOPLE, "viktor", ("p-vikt2", "maintenance"))
    conftest.open_accounts()
    with conftest.plugged() as signer:
        for person, _role in conftest.PEOPLE.values():
            signer.enrol(person)
        conftest.register_patient()
        furnish(**asked)
        yield


def open_batch(batch: str = BATCH, *, bound: bool = True, order: str = ordering.ORDER) -> str:
    from batches import commands

    commands.open_batch(batch=batch, recipe="MBR-019", version=1, purpose="patient",
                        subject=making.PATIENT, actor=actor("dario"))  # fmt: skip
    if bound:
        ordering.let_in(order)
        ordering.bind(batch, order)
    return batch


def enter(number: int, who: str = "marta", batch: str = BATCH, **typed: str) -> Any:
    from batches import commands

    return commands.enter_values(batch=batch, step=number, typed=typed, actor=actor(who))


def sign(number: int, who: str = "marta", batch: str = BATCH, **asked: Any) -> Any:
    from batches import commands

    return commands.complete_step(batch=batch, step=number, **asked, **signing(who))


def verify(number: int, who: str = "ingrid", batch: str = BATCH) -> Any:
    from batches import commands

    return commands.verify_step(batch=batch, step=number, **signing(who))


def answers(number: int, batch: str = BATCH) -> dict[str, str]:
    """What is answered where all goes well."""
    if number == IDENTITY:
        return {"patient": ordering.code_of(batch)}
    return {
        CLEARANCE: {"room": STATION},
        SPIN: {"cf": UNIT},
        FEED: {"lot": "L-000001"},
        READ: {"count": "2.0"},
        ELSEWHERE: {"ok": "yes"},
        ENTER: {"room": ROOM},
    }[number]


def work_up_to(number: int, batch: str = BATCH) -> None:
    for before in range(1, number):
        enter(before, batch=batch, **answers(before, batch))
        sign(before, batch=batch)
        if before == CLEARANCE:
            verify(before, batch=batch)


def _json(made: Content) -> dict[str, Any]:
    from batches.recipe_json import to_json

    return to_json(made)
