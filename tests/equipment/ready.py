"""Units, a room and workstations that are ready for use, for tests of whatever uses them."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from ledger.event import Actor
from tests.batches.signing import word_of
from tests.equipment.conftest import PEOPLE

SECOND = Actor(person=PEOPLE["supervisor"], role="supervisor", terminal="t-test3")


def by(role: str) -> dict[str, Any]:
    """Who asks, in the one role that the tests' people hold, with what opens their key."""
    person = PEOPLE[role]
    actor = Actor(person=person, role=role, terminal="t-test2")
    return {"actor": actor, "signature": word_of(person)}


def asks(role: str) -> dict[str, Any]:
    return {"actor": by(role)["actor"]}


def day(ahead: int) -> str:
    return (timezone.localdate() + timedelta(days=ahead)).isoformat()


def unit(number: str, unit_class: str = "centrifuge", *, clean: bool = True) -> str:
    """A unit in service that is qualified, calibrated and clean, as far as its kind demands."""
    from equipment import commands, status_commands
    from equipment.unit_standing import demands

    named = {"label": f"The {unit_class}", "location": "Clean room C-101"}
    commands.register(unit=number, unit_class=unit_class, **named, **asks("supervisor"))
    held = {"unit": number, "done_on": day(-3), "until": day(300)}
    status_commands.qualify(**held, certificate="QR-17", **by("qa_reviewer"))
    if "calibrated" in demands(unit_class):
        status_commands.calibrate(**held, certificate="CAL-9", passed=True, **by("maintenance"))
    if clean and "clean" in demands(unit_class):
        status_commands.clean(unit=number, agent="70 % ethanol", **asks("operator"))
    return number


def room(number: str = "C-101", *, one_batch: bool = False, clean: bool = True) -> str:
    from equipment import room_commands

    room_commands.register(
        room=number, name="Clean room", grade="B", one_batch=one_batch, **asks("supervisor")
    )
    if clean:
        room_commands.clean(room=number, agent="sporicide, then alcohol", **asks("operator"))
    return number


def cleared(number: str, *batches: str) -> None:
    """The line is cleared by one and checked by another, for each of the batches."""
    from equipment import room_commands

    for batch in batches:
        room_commands.clear_line(room=number, batch=batch, **by("operator"))
        room_commands.check_line_clearance(room=number, batch=batch, **by("supervisor"))


def workstation(number: str, *, place: str, handling: str = "open", of: str = "") -> str:
    from equipment import room_commands

    room_commands.set_up_workstation(
        workstation=number,
        label="Place",
        room=place,
        handling=handling,
        unit=of,
        **asks("supervisor"),
    )
    return number
