"""MBR-101: autologous CD19 CAR-T cells in a closed automated device, to cryobags. Pure."""

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
from batches.shipped.car_t_culture import EXPAND, TRANSDUCE
from batches.shipped.car_t_day0 import SELECT
from batches.shipped.car_t_fill import FILL
from batches.shipped.car_t_harvest import HARVEST
from batches.shipped.car_t_prepare import PREPARE, RECEIVE
from batches.shipped.places import ASEPTIC, CLOSED, CRYO, RECEIPT, equipment, rooms
from batches.shipped.writing import OPERATOR, SUPERVISOR, VERIFIER, numbered

RECIPE, VERSION = "MBR-101", 1

SOURCES = [
    "Castella M et al. Point-of-care CAR T-cell production (ARI-0001) using a closed semi-automatic"
    " bioreactor. Front Immunol 2020;11:482. doi:10.3389/fimmu.2020.00482",
    "Castella M et al. Development of a novel anti-CD19 chimeric antigen receptor: a paradigm for"
    " an affordable CAR T cell production at academic institutions. Mol Ther Methods Clin Dev"
    " 2019;12:134-144. doi:10.1016/j.omtm.2018.11.010",
    "Mock U et al. Automated manufacturing of chimeric antigen receptor T cells for adoptive"
    " immunotherapy using CliniMACS Prodigy. Cytotherapy 2016;18:1002-1011."
    " doi:10.1016/j.jcyt.2016.05.009",
    "Zhu F et al. Closed-system manufacturing of CD19 and dual-targeted CD20/19 chimeric antigen"
    " receptor T cells using the CliniMACS Prodigy device at an academic medical center."
    " Cytotherapy 2018;20:394-406. doi:10.1016/j.jcyt.2017.09.005",
    "Lock D et al. Automated manufacturing of potent CD20-directed chimeric antigen receptor T"
    " cells for clinical use. Hum Gene Ther 2017;28:914-925. doi:10.1089/hum.2017.111",
    "Aleksandrova K et al. Functionality and cell senescence of CD4/CD8-selected CD20 CAR T cells"
    " manufactured using the automated CliniMACS Prodigy platform. Transfus Med Hemother"
    " 2019;46:47-54. doi:10.1159/000495772",
    "Ortíz-Maldonado V et al. CART19-BE-01: a multicenter trial of ARI-0001 cell therapy in"
    " patients with CD19+ relapsed/refractory malignancies. Mol Ther 2021;29:636-644."
    " doi:10.1016/j.ymthe.2020.09.027",
    "Figures not published there, such as volumes of bags, alert ranges and times between steps,"
    " are this record's own choice; published ones are rounded. Validated for no site.",
]

HEADER = Header(
    title="Autologous CD19 CAR-T cells, closed automated process",
    product="CD19 CAR-T cells, autologous, cryopreserved",
    indication="CD19-positive acute lymphoblastic leukaemia, relapsed or refractory",
    atmp_class="gene_therapy",
    autologous=True,
    pathway="hospital_exemption",
    specification="SPEC-101 version 1",
    risk_file="RISK-101 version 1",
    shelf_life_hours=8760,
    storage="Vapour phase of liquid nitrogen, below −140 °C",
    sources=SOURCES,
)


def _line(key: str, item: str, title: str, quantity: str = "", unit: str = "each") -> Material:
    return Material(
        key=key, item=item, title=title, quantity=quantity, unit=unit, critical=key in _CRITICAL
    )


_CRITICAL = frozenset(
    {"apheresis", "vector", "cd4_reagent", "cd8_reagent", "nanomatrix", "medium", "serum"}
    | {"il7", "il15", "tubing_set", "dmso", "albumin", "cryobags", "saline"}
)

MATERIALS = [
    _line("apheresis", "APH-100", "Leukapheresis, autologous", "1"),
    _line("tubing_set", "SET-150", "Closed tubing set with culture chamber", "1"),
    _line("medium", "MED-130", "T cell medium, serum-free, bag of 2 L", "2"),
    _line("serum", "SUP-131", "Human AB serum, pooled, heat-inactivated", "60", "mL"),
    _line("il7", "CYT-132", "Interleukin-7, vial of 25 µg", "2"),
    _line("il15", "CYT-133", "Interleukin-15, vial of 25 µg", "2"),
    _line("buffer", "BUF-140", "PBS/EDTA buffer, bag of 1 L", "3"),
    _line("albumin", "HSA-141", "Human albumin 200 g/L, infusion", "140", "mL"),
    _line("cd4_reagent", "RGT-120", "CD4 selection reagent, vial of 7.5 mL", "1"),
    _line("cd8_reagent", "RGT-121", "CD8 selection reagent, vial of 7.5 mL", "1"),
    _line("nanomatrix", "RGT-122", "CD3/CD28 activation nanomatrix, vial", "1"),
    _line("vector", "VEC-110", "Lentiviral vector CD19 CAR, 10 mL vial", "10", "mL"),
    _line("transfer_bag", "BAG-152", "Transfer bag 600 mL", "1"),
    _line("saline", "INF-142", "Sodium chloride 9 mg/mL, infusion", "500", "mL"),
    _line("dmso", "CRY-143", "Dimethyl sulfoxide, Ph. Eur., vial of 10 mL", "10", "mL"),
    _line("cryobags", "BAG-151", "Cryobag 50 mL", "4"),
    _line("cryovials", "VIA-156", "Cryovial 2 mL, sterile", "6"),
    _line("sampling_pouch", "SMP-154", "Sampling pouch with needle-free port", "1"),
    _line("culture_bottles", "BOT-155", "Culture bottle pair, aerobic and anaerobic", "2"),
    _line("settle_plates", "PLT-172", "Settle plate, TSA, irradiated", "4"),
]

HOLD_TIMES = [
    HoldTime(key="receipt", title="From receipt to selection", from_step="receive_times",
             to_step="selection_run", limit="1440", warn="1200"),
    HoldTime(key="selected", title="From selection to activation", from_step="selection_run",
             to_step="activate", limit="240", warn="180"),
    HoldTime(key="to_vector", title="From activation to the vector", from_step="activate",
             to_step="transduce", limit="2160", warn="1560"),
    HoldTime(key="thawed_vector", title="Thawed vector", from_step="vector_thaw",
             to_step="transduce", limit="120", warn="90", absolute=True),
    HoldTime(key="harvested", title="From harvest to filling", from_step="harvest",
             to_step="dmso", limit="360", warn="240"),
    HoldTime(key="dmso", title="Contact with dimethyl sulfoxide before freezing",
             from_step="dmso", to_step="freeze_start", limit="30", warn="20"),
]  # fmt: skip

LABELS = [
    LabelNeed(key="media_label", title="Complete medium and buffer", copies=5, kind="intermediate"),
    LabelNeed(key="plate_label", title="Settle plates", copies=2, kind="sample"),
    LabelNeed(key="ipc_label", title="In-process sample", copies=3, kind="sample"),
    LabelNeed(key="vector_label", title="Diluted vector", copies=1, kind="intermediate"),
    LabelNeed(key="buffer_label", title="Formulation buffer", copies=1, kind="intermediate"),
    LabelNeed(key="bag_label", title="Cryobag, for autologous use only", copies=4),
    LabelNeed(key="vial_label", title="Cryovial, for autologous use only", copies=4),
    LabelNeed(key="quality_label", title="Release sample", copies=8, kind="sample"),
]

YIELDS = [
    Yield(step="receive_total", parameter="t_cells", low="500", high="10000"),
    Yield(step="selected_total", parameter="cells", low="200", high="3000"),
    Yield(step="feed_total", parameter="fold", low="0.5", high="80"),
    Yield(step="harvest_total", parameter="viable", low="1500", high="8000"),
    Yield(step="harvest_total", parameter="car", low="400", high="5000"),
]


def content() -> Content:
    """The whole record, its steps numbered in the order of the work."""
    return Content(
        header=HEADER,
        unit_procedures=numbered(PREPARE, RECEIVE, SELECT, TRANSDUCE, EXPAND, HARVEST, FILL),
        materials=MATERIALS,
        equipment=equipment(
            "device", "welder", "cabinet", "particles", "balance", "counter", "cytometer",
            "thawer", "cooler", "tank",
        ),
        rooms=rooms(RECEIPT, CLOSED, ASEPTIC, CRYO),
        staffing=[
            Staffing(role=OPERATOR, people=2),
            Staffing(role=VERIFIER, people=1),
            Staffing(role=SUPERVISOR, people=1),
        ],
        hold_times=HOLD_TIMES,
        labels=LABELS,
        yields=YIELDS,
    )  # fmt: skip
