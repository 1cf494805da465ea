"""What a master batch record says, in ISA-88 terms, from its header down to one parameter. Pure.

Procedure > unit procedures > operations > phases > steps > parameters. Everything an operator is
asked is a parameter of a step; what a step is for is its kind.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from batches.limits import Parameter


class StepKind(StrEnum):
    """What a step is for: its card, its icon and what it must ask follow from it."""

    INSTRUCTION = "instruction"
    CONFIRM = "confirm"
    NUMBER = "number"
    REPLICATE = "replicate"
    CHOICE = "choice"
    TEXT = "text"
    DATETIME = "datetime"
    TIMER = "timer"
    CALCULATION = "calculation"
    MATERIAL = "material"
    WEIGH = "weigh"
    EQUIPMENT = "equipment"
    IDENTITY = "identity"
    SAMPLE = "sample"
    LABEL = "label"
    LINE_CLEARANCE = "line_clearance"
    ATTACHMENT = "attachment"
    INSTRUMENT = "instrument"


class ExceptionClass(StrEnum):
    """How grave a departure from this step is."""

    OBSERVATION = "observation"
    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"


@dataclass(frozen=True, kw_only=True)
class Block:
    """A blocker whose class this step sets otherwise than the house does: `code` names it."""

    code: str
    absolute: bool


@dataclass(frozen=True, kw_only=True)
class Step:
    """One thing to do: the instruction, what is asked, who performs, verifies and witnesses it."""

    number: int
    title: str
    instruction: str
    performs: str
    verifies: str = ""  # the role of the second person; none where the step needs none
    parameters: list[Parameter]
    key: str = ""  # stays when the step is moved; hold times and branches name it
    kind: str = StepKind.NUMBER.value
    pictures: list[str] = field(default_factory=list)  # by hash: lines of the list of pictures
    witness: str = ""  # the role of who watches while it is done
    scribe: bool = True  # another may record it for the performer
    critical: bool = False
    links: list[str] = field(
        default_factory=list
    )  # critical process parameters, quality attributes
    blocks: list[Block] = field(default_factory=list)
    exception_class: str = ExceptionClass.MAJOR.value
    may_skip: bool = False  # may be declared not applicable, with a reason
    only_if: str = ""  # an expression over earlier values; where it is false the step is skipped
    repeats: int = 0  # how often it may be done again after the first time
    patient_material: bool = False  # begins with a matching scan of the patient's material
    open_handling: bool = False  # the product is open to the room: one patient per workstation


@dataclass(frozen=True, kw_only=True)
class Phase:
    """Steps done one after the other. It begins when the phases it comes after are finished."""

    title: str
    steps: list[Step]
    key: str = ""
    after: list[str] | None = None  # keys of phases; None: the one before it in the record
    repeats: int = 0  # how often the whole phase may be done again (repeat, rework)
    rework: bool = False  # a repeat of it is a rework: quality assurance agrees first


@dataclass(frozen=True, kw_only=True)
class Operation:
    title: str
    phases: list[Phase]
    key: str = ""
    room: str = ""  # key of a room need


@dataclass(frozen=True, kw_only=True)
class UnitProcedure:
    """Operations that belong together, in one unit."""

    title: str
    operations: list[Operation]
    key: str = ""

    @property
    def steps(self) -> list[Step]:
        return [step for phase in self.phases for step in phase.steps]

    @property
    def phases(self) -> list[Phase]:
        return [phase for operation in self.operations for phase in operation.phases]


@dataclass(frozen=True, kw_only=True)
class Material:
    """A line of the bill of materials."""

    key: str
    item: str  # the item's code in the materials room
    title: str
    quantity: str = ""  # a decimal as text; empty where a formula or the step decides
    unit: str = ""
    critical: bool = False


@dataclass(frozen=True, kw_only=True)
class EquipmentNeed:
    """A line of the bill of equipment: any qualified unit of the class will do."""

    key: str
    unit_class: str
    title: str


@dataclass(frozen=True, kw_only=True)
class RoomNeed:
    key: str
    title: str
    grade: str  # A, B, C, D or CNC
    open_handling: bool = False


@dataclass(frozen=True, kw_only=True)
class Staffing:
    role: str
    people: int


@dataclass(frozen=True, kw_only=True)
class HoldTime:
    """How long it may take from one step's end to another's; minutes as decimal text."""

    key: str
    title: str
    from_step: str  # step keys
    to_step: str
    limit: str
    warn: str = ""
    absolute: bool = False


@dataclass(frozen=True, kw_only=True)
class LabelNeed:
    key: str
    title: str
    copies: int
    kind: str = "container"  # container, sample, intermediate


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A line of the list of pictures. Its name is its hash, so the record's covers every dot."""

    blob: str  # sha256:...
    title: str  # what it shows, in words: read out to whoever cannot see it


@dataclass(frozen=True, kw_only=True)
class Yield:
    """What a step is expected to give: step key, parameter key, range as decimal text."""

    step: str
    parameter: str
    low: str = ""
    high: str = ""


@dataclass(frozen=True, kw_only=True)
class Header:
    """What the record is for."""

    title: str
    product: str
    indication: str = ""
    atmp_class: str = ""  # gene_therapy, somatic_cell, tissue_engineered, combined
    autologous: bool = True
    pathway: str = ""  # clinical_trial, hospital_exemption, authorised
    specification: str = ""  # the specification file and its version
    risk_file: str = ""
    shelf_life_hours: int | None = None
    storage: str = ""
    sources: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Content:
    """A whole master batch record."""

    header: Header
    unit_procedures: list[UnitProcedure]
    materials: list[Material] = field(default_factory=list)
    equipment: list[EquipmentNeed] = field(default_factory=list)
    rooms: list[RoomNeed] = field(default_factory=list)
    staffing: list[Staffing] = field(default_factory=list)
    hold_times: list[HoldTime] = field(default_factory=list)
    labels: list[LabelNeed] = field(default_factory=list)
    yields: list[Yield] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)

    @property
    def steps(self) -> tuple[Step, ...]:
        return tuple(step for part in self.unit_procedures for step in part.steps)

    @property
    def phases(self) -> tuple[Phase, ...]:
        return tuple(phase for part in self.unit_procedures for phase in part.phases)


def places(content: Content) -> Iterator[tuple[UnitProcedure, Operation, Phase, Step]]:
    """Every step with where it stands, in the order of the record."""
    for part in content.unit_procedures:
        for operation in part.operations:
            for phase in operation.phases:
                for step in phase.steps:
                    yield part, operation, phase, step


def pictures_of(step: Step, content: Content) -> list[Picture]:
    """The pictures that stand beside a step's instruction."""
    known = {one.blob: one for one in content.pictures} if step.pictures else {}
    return [known[blob] for blob in step.pictures if blob in known]
