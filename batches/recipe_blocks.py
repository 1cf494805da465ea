"""The library of building blocks: parts of a record that every process needs, taken as a copy.

Pure. Each comes with the lines of the lists that it refers to.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any

from batches.recipe_content import (
    EquipmentNeed,
    LabelNeed,
    Material,
    Phase,
    RoomNeed,
    Step,
    StepKind,
)
from batches.recipe_edit import free_key
from batches.recipe_json import plain
from batches.shipped import blocks as shared
from batches.shipped import writing as say
from ledger.event import marked as _


@dataclass(frozen=True)
class Block:
    """One building block: a step or a phase, and the lines that come with it."""

    key: str
    title: str
    level: str
    node: dict[str, Any]
    lines: dict[str, Any] = field(default_factory=dict)


ROOM = RoomNeed(key="aseptic", title="Clean room", grade="B", open_handling=True)
CABINET = EquipmentNeed(key="cabinet", unit_class="safety_cabinet", title="Safety cabinet")
PARTICLES = EquipmentNeed(key="particles", unit_class="particle_counter", title="Particle counter")
CENTRIFUGE = EquipmentNeed(key="centrifuge", unit_class="centrifuge", title="Cell centrifuge")
BATH = EquipmentNeed(key="water_bath", unit_class="water_bath", title="Water bath")
INCUBATOR = EquipmentNeed(key="incubator", unit_class="incubator", title="CO₂ incubator")
PLATES = Material(key="settle_plates", item="PLT-172", title="Settle plate, TSA, irradiated")
BUFFER = Material(key="wash_buffer", item="BUF-001", title="Wash buffer", unit="mL")
MEDIUM = Material(key="medium", item="MED-001", title="Culture medium", unit="mL")
SAMPLE_LABEL = LabelNeed(key="sample_label", title="Sample label", copies=1, kind="sample")
FINAL_LABEL = LabelNeed(key="final_label", title="Final container label", copies=1)


@cache
def blocks() -> tuple[Block, ...]:
    """All of them, in the order of a day's work."""
    return (
        _step(_("Line clearance of the room"), shared.clear_room("clear_room", "aseptic"), ROOM),
        _step(
            _("Line clearance of the cabinet"), shared.clear_cabinet("clear_cabinet"), CABINET, ROOM
        ),
        _step(_("Particles and settle plates"), shared.watch_air("watch_air"), PARTICLES, PLATES),
        _step(_("Scan of the patient's material"), shared.identify(
            "identify", "Scan the patient's material",
            "Scan the label on the container. Two people look at the same label.",
            "Patient's material")),
        _step(_("Thaw"), _thaw(), BATH),
        _step(_("Wash"), _wash(), CENTRIFUGE, BUFFER),
        _step(_("Count in duplicate"), _count()),
        _step(_("Feed"), _feed(), MEDIUM),
        _step(_("Put into the incubator"), _incubate(), INCUBATOR),
        _step(_("Sample to quality control"), _sample(), SAMPLE_LABEL),
        _step(_("Print and account for labels"), _label(), FINAL_LABEL),
        _step(_("Hold with a limit"), _wait()),
        _phase(_("Thaw, wash, count"), [_thaw(), _wash(), _count()], BATH, CENTRIFUGE, BUFFER),
    )  # fmt: skip


_LISTS = {
    RoomNeed: "rooms", EquipmentNeed: "equipment", Material: "materials", LabelNeed: "labels",
}  # fmt: skip


def _step(title: str, step: Step, *needs: Any) -> Block:
    return Block(free_key(title, set()), title, "steps", plain(step), _lines(needs))


def _phase(title: str, steps: list[Step], *needs: Any) -> Block:
    key = free_key(title, set())
    node = plain(Phase(key=key, title=title, steps=steps))
    return Block(key, title, "phases", node, _lines(needs))


def _lines(needs: tuple[Any, ...]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for one in needs:
        made.setdefault(_LISTS[type(one)], []).append(plain(one))
    return made


def _thaw() -> Step:
    return say.step(
        "thaw", "Thaw",
        "Thaw the bag in the water bath, moving it gently, until a last sliver of ice is left.",
        say.identity(),
        say.unit("bath", "Water bath", "water_bath"),
        say.number("temperature", "Water bath", "°C", "37.0", normal=("36.5", "37.5"),
                   accept=("36.0", "38.0"), plausible=("20", "50"), decimals=1),
        say.timer("time", "To the last ice", minimum="1", maximum="5"),
        kind=StepKind.NUMBER, second=True, critical=True, patient_material=True,
    )  # fmt: skip


def _wash() -> Step:
    return say.step(
        "wash", "Wash",
        "Dilute in wash buffer, spin, take off the supernatant, take up in medium.",
        say.unit("unit", "Centrifuge", "centrifuge"),
        say.material("buffer", "Wash buffer", "wash_buffer", unit="mL"),
        say.number("force", "Centrifugal force", "g", "300", normal=("290", "310"),
                   accept=("250", "350"), plausible=("50", "2000"), decimals=0),
        say.number("minutes", "Duration", "min", "10.0", normal=("9.5", "10.5"),
                   accept=("8.0", "12.0"), plausible=("1", "60"), decimals=1),
        kind=StepKind.NUMBER,
    )  # fmt: skip


def _count() -> Step:
    return say.step(
        "count", "Count in duplicate",
        "Mix, take 0.2 mL, stain and count twice. Type both counts as they were read.",
        say.counted("density", "Viable cells", "5.00", normal=("3.00", "8.00"),
                    accept=("1.00", "12.00"), plausible=("0.01", "100")),
        say.number("viability", "Viability", "%", "90.0", normal=("80.0", "100.0"),
                   accept=("70.0", "100.0"), plausible=("0", "100"), decimals=1),
        kind=StepKind.REPLICATE, second=True, critical=True, links=["CQA viability"],
    )  # fmt: skip


def _feed() -> Step:
    return say.step(
        "feed", "Feed", "Add the medium through the sterile connector.",
        say.material("medium", "Medium", "medium", unit="mL"),
        kind=StepKind.MATERIAL,
    )  # fmt: skip


def _incubate() -> Step:
    return say.step(
        "incubate", "Put into the incubator",
        "Scan the incubator, put the vessel in, read the display.",
        say.unit("unit", "Incubator", "incubator"),
        say.instrument("co2", "CO₂", "%", "5.0", normal=("4.5", "5.5"), accept=("4.0", "6.0"),
                       plausible=("0", "20"), decimals=1),
        kind=StepKind.EQUIPMENT,
    )  # fmt: skip


def _sample() -> Step:
    return say.step(
        "sample", "Take a sample", "Take 1 mL from the closed port and label it at the place.",
        say.sample("tube", "Sample to quality control", "sample_label"),
        kind=StepKind.SAMPLE, second=True,
    )  # fmt: skip


def _label() -> Step:
    return say.step(
        "label", "Print and account for the labels",
        "Print, look at the first one, stick, destroy what is left. None may stay.",
        say.label("labels", "Labels", "final_label"),
        kind=StepKind.LABEL, second=True, critical=True,
    )  # fmt: skip


def _wait() -> Step:
    return say.step(
        "hold", "Wait", "Leave it standing at 2 to 8 °C, and no longer than the limit.",
        say.timer("time", "Standing", maximum="120"),
        kind=StepKind.TIMER,
    )  # fmt: skip
