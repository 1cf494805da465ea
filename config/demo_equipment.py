"""The demo's rooms, workstations and units, made ready for the shipped recipes.

fitout     everything is registered, qualified, calibrated, cleaned and cleared, and used once
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid5

from django.utils import timezone

from config.demo_batches import signed
from config.demo_enrolment import QA, SUPERVISOR, actor
from config.demo_people import BY_KEY, Person
from equipment import claim_commands as claims
from equipment import commands as register
from equipment import room_commands as rooms
from equipment import status_commands as status
from equipment.unit_standing import demands
from ledger import clock
from personnel import device_commands as devices
from personnel import device_queries

Ask = tuple[Callable[..., Any], Person, dict[str, Any]]
PACE = timedelta(seconds=5)
BATCH = "CT-0421"
ROOMS = (
    ("C-101", "Clean room, closed devices", "C"),
    ("B-102", "Aseptic room", "B"),
    ("D-103", "Preparation and receipt", "D"),
    ("K-001", "Cryostore", "CNC"),
    ("Q-201", "In-process laboratory", "CNC"),
)
WORKSTATIONS = (
    ("WS-1", "Open place in the cabinet", "B-102", "open", "BSC-1"),
    ("WS-2", "Bench of the closed devices", "C-101", "closed", ""),
    ("WS-3", "Receipt hatch", "D-103", "open", ""),
)
# What stands there besides the units of the week's first lines.
UNITS = (
    ("CPD-1", "Closed processing device, left", "closed_processing_device", "Clean room C-101"),
    ("CPD-2", "Closed processing device, right", "closed_processing_device", "Clean room C-101"),
    ("TW-1", "Tubing welder and sealer", "tube_sealer", "Clean room C-101"),
    ("TH-1", "Dry thawing device", "thawing_device", "Clean room C-101"),
    ("CRF-2", "Controlled-rate freezer, spare", "controlled_rate_freezer", "Cryostore K-001"),
    ("BAL-1", "Balance, 0.01 g", "balance", "Clean room C-101"),
    ("BAL-2", "Balance, 0.1 g", "balance", "Preparation room D-103"),
    ("MIC-1", "Inverted microscope", "microscope", "Clean room B-102"),
    ("RF-1", "Refrigerator, 2 to 8 °C", "refrigerator", "Preparation room D-103"),
)
STANDING = (
    ("CF-01", "centrifuge"), ("CF-02", "centrifuge"), ("ISO-1", "isolator"),
    ("BSC-1", "safety_cabinet"), ("INC-1", "incubator"), ("INC-2", "incubator"),
    ("LN2-1", "cryogenic_tank"), ("CRF-1", "controlled_rate_freezer"), ("FC-1", "flow_cytometer"),
    ("CC-1", "cell_counter"), ("PC-1", "particle_counter"),
)  # fmt: skip


def _told() -> Iterator[Ask]:
    luc, marta = BY_KEY["luc"], BY_KEY["marta"]
    for unit, label, kind, place in UNITS:
        named = {"unit": unit, "label": label, "unit_class": kind, "location": place}
        yield register.register, luc, named
    for number, (unit, kind) in enumerate([*STANDING, *((one[0], one[2]) for one in UNITS)]):
        yield from _made_fit(number, unit, demands(kind))
    yield status.calibrate, luc, _report("BAL-2", "CAL-2299", 0) | {"passed": False, "until": ""}
    for room, name, grade in ROOMS:
        yield rooms.register, SUPERVISOR, {"room": room, "name": name, "grade": grade}
        yield rooms.clean, marta, {"room": room, "agent": "Sporicide, then alcohol 70 %"}
    for workstation, label, room, handling, unit in WORKSTATIONS:
        named = {"workstation": workstation, "label": label, "room": room}
        yield rooms.set_up_workstation, luc, {**named, "handling": handling, "unit": unit}
    yield from _used(marta)
    yield from _device(luc)


def _made_fit(number: int, unit: str, needs: tuple[str, ...]) -> Iterator[Ask]:
    yield status.qualify, QA, _report(unit, f"QR-{110 + number}", 240 + 17 * number)
    if "calibrated" in needs:
        report = _report(unit, f"CAL-{2200 + number}", 60 + 23 * number)
        yield status.calibrate, BY_KEY["luc"], report | {"passed": True}
    if "clean" in needs:
        yield status.clean, BY_KEY["marta"], {"unit": unit, "agent": "Sporicide, alcohol 70 %"}


def _used(marta: Person) -> Iterator[Ask]:
    """A batch comes into the aseptic room, to its cabinet and a centrifuge, and leaves again."""
    here, said = {"room": "B-102"}, {"batch": BATCH}
    yield rooms.set_em_hold, marta, {**here, "reason": "Settle plate 3 has grown two colonies"}
    why = "Both colonies come from the lid, which was touched; repeat plate is clear"
    yield rooms.lift_em_hold, QA, {**here, "reason": why}
    yield rooms.soil, marta, {**here, "reason": "A drop of medium fell on the floor"}
    yield rooms.clean, marta, {**here, "agent": "Sporicide, then alcohol 70 %"}
    yield rooms.clear_line, marta, here | said
    yield rooms.check_line_clearance, BY_KEY["ingrid"], here | said
    yield claims.claim_place, marta, {"workstation": "WS-1", **said}
    yield claims.claim, marta, {"unit": "CF-02", **said}
    back = said | {"reason": "Set aside on trial, before the batch begins"}
    yield claims.release, SUPERVISOR, {"unit": "CF-02", **back}
    yield claims.release_place, SUPERVISOR, {"workstation": "WS-1", **back}
    yield claims.leave_room, marta, here | said
    for unit in ("CF-02", "BSC-1"):
        yield status.clean, marta, {"unit": unit, "agent": "Sporicide, alcohol 70 %"}


def _device(luc: Person) -> Iterator[Ask]:
    """A program was to speak for maintenance, and was given up again: its token is nobody's."""
    device = {"device": "d-pc2gate"}
    named = {"name": "Gateway of the particle counter", "person": luc.person, "role": "maintenance"}
    yield devices.permit, BY_KEY["renata"], device | named
    token = device_queries.digest_of("drawn for the demo, and revoked at once")
    yield devices.draw, luc, {**device, "token_sha256": token}
    yield devices.revoke, luc, {**device, "reason": "The gateway is not delivered yet"}


def _report(unit: str, certificate: str, days: int) -> dict[str, Any]:
    today = timezone.localdate(clock.now())
    return {
        "unit": unit,
        "done_on": (today - timedelta(days=days % 40)).isoformat(),
        "until": (today + timedelta(days=days)).isoformat(),
        "certificate": certificate,
    }


def _fit_out(*, who: Person, name: str, number: int, texts: list[str], ask: dict[str, Any]) -> Any:
    """Each asked of its own person, one after the other, by ids that follow from the line's."""
    begun, outcome = clock.now(), None
    for step, (command, person, asked) in enumerate(_told()):
        given = asked | {"actor": actor(person), "command_id": uuid5(ask["command_id"], str(step))}
        if command.spec.meaning:  # type: ignore[attr-defined]
            given["signature"] = signed(person)
        with clock.telling(_at(begun + step * PACE)):
            outcome = command(**given)
    return outcome


def _at(moment: datetime) -> Callable[[], datetime]:
    return lambda: moment


VERBS: dict[str, Callable[..., Any]] = {"fitout": _fit_out}
