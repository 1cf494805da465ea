"""MBR-102: autologous tumour-infiltrating lymphocytes, grown in gas-permeable flasks. Pure."""

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
from batches.shipped.places import ASEPTIC, RECEIPT, equipment, rooms
from batches.shipped.til_expansion import EXPANSION
from batches.shipped.til_harvest import HARVEST
from batches.shipped.til_outgrowth import OUTGROWTH, PREPARE
from batches.shipped.writing import OPERATOR, SUPERVISOR, VERIFIER, numbered

RECIPE, VERSION = "MBR-102", 1

SOURCES = [
    "Dudley ME et al. Generation of tumor-infiltrating lymphocyte cultures for use in adoptive"
    " transfer therapy for melanoma patients. J Immunother 2003;26:332-342."
    " doi:10.1097/00002371-200307000-00005",
    "Jin J et al. Simplified method of the growth of human tumor infiltrating lymphocytes in"
    " gas-permeable flasks to numbers needed for patient treatment. J Immunother 2012;35:283-292."
    " doi:10.1097/CJI.0b013e31824e801f",
    "Gannon PO et al. Development of an optimized closed and semi-automatic protocol for Good"
    " Manufacturing Practice manufacturing of tumor-infiltrating lymphocytes in a hospital"
    " environment. Cytotherapy 2020;22:780-791. doi:10.1016/j.jcyt.2020.07.011",
    "Rohaan MW et al. Tumor-infiltrating lymphocyte therapy or ipilimumab in advanced melanoma."
    " N Engl J Med 2022;387:2113-2125. doi:10.1056/NEJMoa2210233",
    "Figures not published there, such as alert ranges, times between steps, the wash and the"
    " infusion solution, are this record's own choice; published ones are rounded. Validated for"
    " no site.",
]

HEADER = Header(
    title="Autologous tumour-infiltrating lymphocytes, gas-permeable flasks",
    product="Tumour-infiltrating lymphocytes, autologous, fresh",
    indication="Melanoma, unresectable or metastatic",
    atmp_class="somatic_cell",
    autologous=True,
    pathway="clinical_trial",
    specification="SPEC-102 version 1",
    risk_file="RISK-102 version 1",
    shelf_life_hours=24,
    storage="15 to 25 °C, not frozen",
    sources=SOURCES,
)

MATERIALS = [
    Material(key=key, item=item, title=title, quantity=quantity, unit=unit, critical=critical)
    for key, item, title, quantity, unit, critical in (
        ("tumour", "TUM-200", "Tumour specimen, autologous", "1", "each", True),
        ("rpmi", "MED-210", "RPMI 1640, bottle of 500 mL", "3", "each", True),
        ("medium", "MED-211", "Serum-free lymphocyte medium, bag of 1 L", "2", "each", True),
        ("serum", "SUP-131", "Human AB serum, pooled", "185", "mL", True),
        ("il2", "CYT-212", "Interleukin-2, vial of 18 × 10⁶ IU", "2", "each", True),
        ("anti_cd3", "RGT-213", "Anti-CD3 antibody, vial of 1 mg", "1", "each", True),
        ("feeders", "FDR-214", "Feeder cells, irradiated, bag of 2 × 10⁹", "2", "each", True),
        ("gentamicin", "ABX-215", "Gentamicin 40 mg/mL", "0.6", "mL", False),
        ("small_flasks", "FLK-220", "Gas-permeable flask 10 cm²", "", "each", False),
        ("large_flasks", "FLK-221", "Gas-permeable flask 100 cm²", "12", "each", False),
        ("cutting_set", "CUT-223", "Scalpel and dish set, sterile", "1", "each", False),
        ("tubes", "TUB-222", "Conical tube 250 mL, sterile", "4", "each", False),
        ("saline", "INF-142", "Sodium chloride 9 mg/mL, infusion", "500", "mL", True),
        ("albumin", "HSA-141", "Human albumin 200 g/L, infusion", "63", "mL", True),
        ("infusion_bag", "BAG-224", "Infusion bag 300 mL", "1", "each", True),
        ("cryovials", "VIA-156", "Cryovial 2 mL, sterile", "2", "each", False),
        ("culture_bottles", "BOT-155", "Culture bottle pair", "3", "each", False),
        ("settle_plates", "PLT-172", "Settle plate, TSA, irradiated", "6", "each", False),
    )
]

HOLD_TIMES = [
    HoldTime(key="tumour", title="From receipt to the culture", from_step="receive_times",
             to_step="outgrowth_start", limit="1440", warn="1080"),
    HoldTime(key="pooled", title="From pooling to the expansion", from_step="pool",
             to_step="start", limit="360", warn="240"),
    HoldTime(key="feeders", title="Thawed feeder cells", from_step="feeders_thaw",
             to_step="start", limit="120", warn="90"),
    HoldTime(key="wash", title="From pooling the harvest to the bag", from_step="reduce",
             to_step="fill", limit="480", warn="360"),
]  # fmt: skip

LABELS = [
    LabelNeed(key="media_label", title="Complete medium or solution", copies=2,
              kind="intermediate"),
    LabelNeed(key="plate_label", title="Settle plates", copies=2, kind="sample"),
    LabelNeed(key="ipc_label", title="In-process sample", copies=2, kind="sample"),
    LabelNeed(key="flask_label", title="Culture flask", copies=8, kind="intermediate"),
    LabelNeed(key="vial_label", title="Cryovial, for autologous use only", copies=2),
    LabelNeed(key="bag_label", title="Infusion bag, for autologous use only", copies=2),
    LabelNeed(key="quality_label", title="Release sample", copies=6, kind="sample"),
]  # fmt: skip

YIELDS = [
    Yield(step="fragments", parameter="count", low="20", high="60"),
    Yield(step="pool_total", parameter="cells", low="40", high="400"),
    Yield(step="product_total", parameter="cells", low="10000", high="100000"),
    Yield(step="product_total", parameter="fold", low="300", high="5000"),
]


def content() -> Content:
    """The whole record, its steps numbered in the order of the work."""
    return Content(
        header=HEADER,
        unit_procedures=numbered(PREPARE, OUTGROWTH, EXPANSION, HARVEST),
        materials=MATERIALS,
        equipment=equipment(
            "cabinet", "particles", "incubator", "balance", "microscope", "counter", "cytometer",
            "centrifuge", "thawer", "welder",
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
    )  # fmt: skip
