"""MBR-103: a hospital's autologous nasal chondrocytes, grown to a graft on a membrane. Pure."""

from __future__ import annotations

from batches.recipe_content import (
    Content,
    Header,
    HoldTime,
    LabelNeed,
    Material,
    Staffing,
    Yield,
)
from batches.shipped.cartilage_grow import EXPAND, GRAFT
from batches.shipped.cartilage_isolate import ISOLATE, PREPARE
from batches.shipped.cartilage_release import RELEASE
from batches.shipped.places import ASEPTIC, RECEIPT, equipment, rooms
from batches.shipped.writing import OPERATOR, SUPERVISOR, VERIFIER, numbered

RECIPE, VERSION = "MBR-103", 1

SOURCES = [
    "Mumme M et al. Nasal chondrocyte-based engineered autologous cartilage tissue for repair of"
    " articular cartilage defects: an observational first-in-human trial. Lancet 2016;388:"
    "1985-1994. doi:10.1016/S0140-6736(16)31658-0",
    "Fulco I et al. Engineered autologous cartilage tissue for nasal reconstruction after tumour"
    " resection: an observational first-in-human trial. Lancet 2014;384:337-346."
    " doi:10.1016/S0140-6736(14)60544-4",
    "Philippe V et al. Retrospective analysis of autologous chondrocyte-based cytotherapy"
    " production for clinical use: GMP process-based manufacturing optimization in a Swiss"
    " university hospital. Cells 2022;11:1016. doi:10.3390/cells11061016",
    "Brittberg M et al. Treatment of deep cartilage defects in the knee with autologous"
    " chondrocyte transplantation. N Engl J Med 1994;331:889-895."
    " doi:10.1056/NEJM199410063311401",
    "The published processes were run under trial or hospital licences of their countries; the"
    " hospital exemption is this record's choice. Figures not published there, such as alert"
    " ranges, passaging densities and shelf life, are its own; published ones are rounded."
    " Validated for no site.",
]

HEADER = Header(
    title="Autologous nasal chondrocytes on a collagen membrane",
    product="Engineered cartilage graft, autologous, 30 × 40 mm",
    indication="Full-thickness cartilage defect of the knee, 2 to 8 cm²",
    atmp_class="combined",
    autologous=True,
    pathway="hospital_exemption",
    specification="SPEC-103 version 1",
    risk_file="RISK-103 version 1",
    shelf_life_hours=24,
    storage="15 to 25 °C, not frozen",
    sources=SOURCES,
)

MATERIALS = [
    Material(key=key, item=item, title=title, quantity=quantity, unit=unit, critical=critical)
    for key, item, title, quantity, unit, critical in (
        ("biopsy", "BIO-300", "Nasal septum cartilage biopsy, autologous", "1", "each", True),
        ("blood", "SER-301", "Blood for serum, autologous", "60", "mL", True),
        ("collagenase", "ENZ-310", "Collagenase type 2, vial of 100 mg", "1", "each", True),
        ("trypsin", "ENZ-311", "Recombinant trypsin replacement", "45", "mL", True),
        ("dmem", "MED-312", "DMEM, high glucose, bottle of 500 mL", "3", "each", True),
        ("tgf", "GFT-313", "Transforming growth factor β1, vial of 10 µg", "1", "each", True),
        ("fgf", "GFT-314", "Fibroblast growth factor 2, vial of 50 µg", "1", "each", True),
        ("insulin", "INS-315", "Insulin, human, 100 IU/mL", "0.6", "mL", True),
        ("vitamin", "VIT-316", "Ascorbic acid 2-phosphate, vial of 50 mg", "1", "each", True),
        ("membrane", "MEM-317", "Collagen I/III membrane 30 × 40 mm", "1", "each", True),
        ("pbs", "PBS-323", "Phosphate-buffered saline, bottle of 500 mL", "1", "each", True),
        ("flasks", "FLK-320", "Culture flask 150 cm²", "9", "each", False),
        ("dish", "DSH-321", "Seeding dish with inert base", "1", "each", False),
        ("cutting_set", "CUT-223", "Scalpel and dish set, sterile", "1", "each", False),
        ("container", "CON-322", "Transport container, sterile, double", "1", "each", True),
        ("culture_bottles", "BOT-155", "Culture bottle pair", "3", "each", False),
        ("settle_plates", "PLT-172", "Settle plate, TSA, irradiated", "6", "each", False),
    )
]

HOLD_TIMES = [
    HoldTime(key="biopsy", title="From receipt to the digestion", from_step="receive_times",
             to_step="enzyme", limit="1440", warn="1080"),
    HoldTime(key="isolated", title="From the digestion to the flask", from_step="digest",
             to_step="first_seed", limit="240", warn="180"),
    HoldTime(key="detached", title="From detaching to the membrane", from_step="detach",
             to_step="seed", limit="240", warn="180"),
    HoldTime(key="control", title="From the control to the container", from_step="control_piece",
             to_step="pack", limit="480", warn="360"),
]  # fmt: skip

LABELS = [
    LabelNeed(key="serum_label", title="Serum, for this patient alone", copies=6,
              kind="intermediate"),
    LabelNeed(key="media_label", title="Complete medium", copies=1, kind="intermediate"),
    LabelNeed(key="plate_label", title="Settle plates", copies=2, kind="sample"),
    LabelNeed(key="ipc_label", title="In-process sample", copies=1, kind="sample"),
    LabelNeed(key="flask_label", title="Culture flask", copies=8, kind="intermediate"),
    LabelNeed(key="dish_label", title="Dish of the graft", copies=1, kind="intermediate"),
    LabelNeed(key="graft_label", title="Graft container, for autologous use only", copies=2),
    LabelNeed(key="quality_label", title="Release sample", copies=3, kind="sample"),
]  # fmt: skip

YIELDS = [
    Yield(step="isolate_total", parameter="cells", low="0.10", high="2.00"),
    Yield(step="passage_total", parameter="fold", low="4", high="60"),
    Yield(step="detach_total", parameter="cells", low="55", high="200"),
]


def content() -> Content:
    """The whole record, its steps numbered in the order of the work."""
    return Content(
        header=HEADER,
        unit_procedures=numbered(PREPARE, ISOLATE, EXPAND, GRAFT, RELEASE),
        materials=MATERIALS,
        equipment=equipment(
            "cabinet", "particles", "incubator", "balance", "centrifuge", "counter", "microscope"
        ),
        rooms=rooms(RECEIPT, ASEPTIC),
        staffing=[
            Staffing(role=OPERATOR, people=2),
            Staffing(role=VERIFIER, people=1),
            Staffing(role=SUPERVISOR, people=1),
        ],
        hold_times=HOLD_TIMES,
        labels=LABELS,
        yields=YIELDS,
    )
