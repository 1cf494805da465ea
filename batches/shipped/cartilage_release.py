"""MBR-103, the end: control the graft, pack it, hand it to the operating theatre. Pure."""

from __future__ import annotations

from batches.recipe_content import Block, ExceptionClass, StepKind
from batches.shipped.blocks import (
    clear_cabinet,
    handed_in,
    identify,
    labels_counted,
    plates_off,
    remarks,
    watch_air,
)
from batches.shipped.places import ASEPTIC, RECEIPT
from batches.shipped.writing import (
    attachment,
    choice,
    confirm,
    label,
    material,
    moment,
    number,
    operation,
    phase,
    sample,
    step,
    text,
    unit_procedure,
)

CRITICAL = ExceptionClass.CRITICAL.value

_CONTROL = phase(
    "control",
    "Control the graft",
    clear_cabinet("control_clear"),
    watch_air("control_air"),
    identify(
        "control_identity",
        "Identify the graft",
        "Scan the dish at the cabinet.",
        "Scan the dish",
        open_handling=True,
    ),
    step(
        "control_measure",
        "Measure and look",
        "Lay it on the sterile scale. It must be whole and keep its shape in the forceps.",
        number("long", "Length", "mm", "40", normal=("36", "42"), accept=("30", "45"),
               plausible=("5", "100"), decimals=0),
        number("wide", "Width", "mm", "30", normal=("27", "32"), accept=("22", "35"),
               plausible=("5", "100"), decimals=0),
        choice("hold", "In the forceps", "keeps its shape", "sags", "tears",
               accepted=["keeps its shape", "sags"]),
        kind=StepKind.NUMBER,
        patient_material=True,
        open_handling=True,
        second=True,
        links=["CQA handling"],
    ),
    step(
        "control_piece",
        "Cut the piece for the laboratory",
        "A strip of 3 mm from the short side: viability, cell identity, and for histology.",
        sample("pieces", "Pieces of the graft", "quality_label"),
        kind=StepKind.SAMPLE,
        patient_material=True,
        open_handling=True,
        second=True,
        critical=True,
        links=["CQA viability", "CQA cartilage matrix"],
    ),
    step(
        "control_result",
        "Read the rapid results",
        "At least 70 % alive (Mumme 2016). Endotoxin of the last medium, Gram stain.",
        number("viability", "Viability in the graft", "%", "88", normal=("80", "100"),
               accept=("70", "100"), plausible=("0", "100"), decimals=1),
        number("endotoxin", "Endotoxin", "EU/mL", "0.05", accept=("0", "0.5"),
               plausible=("0", "100"), decimals=2),
        choice("gram", "Gram stain", "no organisms seen", "organisms seen",
               accepted=["no organisms seen"]),
        kind=StepKind.NUMBER,
        second=True,
        critical=True,
        links=["CQA viability", "CQA endotoxin", "CQA sterility"],
        exception_class=CRITICAL,
    ),
)  # fmt: skip

_PACK = phase(
    "pack",
    "Wash and pack",
    step(
        "pack_labels",
        "Print the labels of the containers",
        "Two: inner and outer container. Both of you compare both patient identifiers with the"
        " order and read “for autologous use only”.",
        label("labels", "Labels of the containers", "graft_label"),
        kind=StepKind.LABEL,
        second=True,
        critical=True,
        exception_class=CRITICAL,
    ),
    step(
        "rinse",
        "Rinse the graft",
        "Three times in DMEM without supplements.",
        material("dmem", "DMEM, bottle of 500 mL", "dmem", "1", "each"),
        number("times", "Rinses", "", "3", normal=("3", "3"), accept=("2", "5"),
               plausible=("1", "20"), decimals=0),
        kind=StepKind.NUMBER,
        patient_material=True,
        open_handling=True,
        links=["CQA residual growth factors"],
    ),
    step(
        "pack",
        "Close the containers",
        "Aseptic: your colleague may record for you. Graft and 40 mL of DMEM in the inner"
        " container, that into the outer. Look for leaks.",
        material("container", "Transport container", "container", "1", "each"),
        number("volume", "Medium in the container", "mL", "40", normal=("38", "42"),
               accept=("30", "50"), plausible=("1", "500"), decimals=0),
        choice("tight", "Containers", "tight", "leaking", accepted=["tight"]),
        moment("at", "Closed; the shelf life begins"),
        kind=StepKind.MATERIAL,
        blocks=[Block(code="em_hold", absolute=True)],
        patient_material=True,
        open_handling=True,
        watched=True,
        critical=True,
        links=["CQA sterility"],
    ),
    step(
        "last_medium",
        "Sample the container's medium",
        "What is left over goes into the bottle pair; it is read after the operation.",
        material("bottles", "Culture bottle pair", "culture_bottles", "1", "each"),
        sample("tubes", "Medium of the container", "quality_label"),
        kind=StepKind.SAMPLE,
        second=True,
        links=["CQA sterility"],
    ),
    plates_off("pack_plates"),
    repeats=1,
    rework=True,
)  # fmt: skip

_SHIP = phase(
    "ship",
    "Pack for the theatre",
    step(
        "shipper",
        "Pack the shipper",
        "15 to 25 °C; start the logger, attach its start report. Issued only after release.",
        number("temperature", "Temperature in the shipper", "°C", "20.0", normal=("17", "23"),
               accept=("15", "25"), plausible=("-20", "50"), decimals=1),
        text("logger", "Number of the logger"),
        attachment("report", "Start report of the logger"),
        kind=StepKind.ATTACHMENT,
        second=True,
        patient_material=True,
    ),
    after=["pack"],
)  # fmt: skip

_CLOSE = phase(
    "close",
    "Close the batch",
    labels_counted(),
    step(
        "clean",
        "Clean the cabinet and the shelf",
        "Wipe the cabinet and the patient's shelf with sporicide, then alcohol.",
        confirm("cabinet", "Cabinet wiped and empty"),
        confirm("shelf", "Shelf wiped, patient label taken off"),
        kind=StepKind.CONFIRM,
        second=True,
    ),
    step(
        "waste",
        "Destroy the rest",
        "Flasks, rests of cells and of serum go into the container and are autoclaved.",
        text("container", "Number of the waste container"),
        confirm("closed", "Closed and taken to the autoclave"),
        kind=StepKind.CONFIRM,
        watched=True,
    ),
    remarks(),
    handed_in(),
    after=["pack"],
)

RELEASE = unit_procedure(
    "Control and pack",
    operation("Control", ASEPTIC, _CONTROL, _PACK),
    operation("Hand over and close", RECEIPT, _SHIP, _CLOSE),
)
