"""The items that the shipped records' bills of materials ask for, as a site would register them.

Pure. Makers and trade names are the sources'; what a site buys, and from whom, it approves itself.
"""

from __future__ import annotations

from dataclasses import dataclass

ROOM, COOL, FROZEN, DEEP, VAPOUR = "room", "cool", "frozen", "deep_frozen", "vapour_phase"


@dataclass(frozen=True, kw_only=True)
class Supply:
    """One item: how it is counted and kept.

    `hours` is its open life; 0 where a container is used up in one go, as nearly all are here.
    """

    item: str
    title: str
    kind: str
    unit: str
    storage: str
    hours: int = 0
    critical: bool = False

    @property
    def of_patient(self) -> bool:
        """Each lot of it is one patient's own, and names them by their pseudonym."""
        return self.item in _OF_PATIENT


_OF_PATIENT = frozenset({"APH-100", "TUM-200", "BIO-300", "SER-301"})


def _one(
    item: str, title: str, kind: str, unit: str, storage: str, hours: int = 0, critical: bool = True
) -> Supply:
    return Supply(
        item=item,
        title=title,
        kind=kind,
        unit=unit,
        storage=storage,
        hours=hours,
        critical=critical,
    )


SHARED = (
    _one("SUP-131", "Human AB serum, pooled, heat-inactivated", "ancillary", "mL", FROZEN),
    _one("HSA-141", "Human albumin 200 g/L, infusion", "ancillary", "mL", COOL),
    _one("INF-142", "Sodium chloride 9 mg/mL, infusion", "ancillary", "mL", ROOM),
    _one("CRY-143", "Dimethyl sulfoxide, Ph. Eur., vial of 10 mL", "ancillary", "mL", ROOM),
    _one("ABX-215", "Gentamicin 40 mg/mL, solution", "ancillary", "mL", ROOM),
    _one("BAG-152", "Transfer bag 600 mL", "consumable", "each", ROOM),
    _one("SYR-153", "Syringe 50 mL, Luer lock, sterile", "consumable", "each", ROOM, 0, False),
    _one("SMP-154", "Sampling pouch with needle-free port", "consumable", "each", ROOM, 0, False),
    _one("BOT-155", "Culture bottle pair, aerobic and anaerobic", "reagent", "each", ROOM),
    _one("WIP-170", "Sporicidal wipe, sterile", "consumable", "each", ROOM, 0, False),
    _one("WIP-171", "Isopropanol 70 % wipe, sterile", "consumable", "each", ROOM, 0, False),
    _one("PLT-172", "Settle plate, TSA, irradiated", "reagent", "each", COOL, 0, False),
    _one("LBL-160", "Label stock for vapour-phase storage", "label", "each", ROOM),
)
CAR_T = (
    _one("APH-100", "Leukapheresis, autologous", "starting", "each", COOL),
    _one("VEC-110", "Lentiviral vector CD19 CAR, 10 mL vial", "starting", "mL", DEEP),
    _one("RGT-120", "CD4 selection reagent, vial of 7.5 mL", "reagent", "each", COOL),
    _one("RGT-121", "CD8 selection reagent, vial of 7.5 mL", "reagent", "each", COOL),
    _one("RGT-122", "CD3/CD28 activation nanomatrix, vial", "ancillary", "each", COOL),
    _one("MED-130", "T cell medium, serum-free, bag of 2 L", "ancillary", "each", COOL),
    _one("CYT-132", "Interleukin-7, vial of 25 µg", "ancillary", "each", DEEP),
    _one("CYT-133", "Interleukin-15, vial of 25 µg", "ancillary", "each", DEEP),
    _one("BUF-140", "PBS/EDTA buffer, bag of 1 L", "ancillary", "each", ROOM),
    _one("SET-150", "Closed tubing set with culture chamber", "consumable", "each", ROOM),
    _one("BAG-151", "Cryobag 50 mL", "packaging", "each", ROOM),
    _one("VIA-156", "Cryovial 2 mL, sterile", "packaging", "each", ROOM),
)
TIL = (
    _one("TUM-200", "Tumour specimen, autologous", "starting", "each", COOL),
    _one(
        "MED-210",
        "RPMI 1640 with HEPES and glutamine, bottle of 500 mL",
        "ancillary",
        "each",
        COOL,
        0,
    ),
    _one("MED-211", "Serum-free lymphocyte medium, bag of 1 L", "ancillary", "each", COOL),
    _one(
        "CYT-212", "Interleukin-2 (aldesleukin), vial of 18 × 10⁶ IU", "ancillary", "each", COOL, 0
    ),
    _one("RGT-213", "Anti-CD3 antibody (OKT3), vial of 1 mg", "ancillary", "each", COOL),
    _one(
        "FDR-214",
        "Feeder cells, irradiated, allogeneic, bag of 2 × 10⁹",
        "ancillary",
        "each",
        VAPOUR,
        0,
    ),
    _one("FLK-220", "Gas-permeable flask 10 cm²", "consumable", "each", ROOM),
    _one("FLK-221", "Gas-permeable flask 100 cm², closed", "consumable", "each", ROOM),
    _one("TUB-222", "Conical tube 250 mL, sterile", "consumable", "each", ROOM, 0, False),
    _one("CUT-223", "Scalpel and dish set, sterile", "consumable", "each", ROOM),
    _one("BAG-224", "Infusion bag 300 mL", "packaging", "each", ROOM),
)
CARTILAGE = (
    _one("BIO-300", "Nasal septum cartilage biopsy, autologous", "starting", "each", COOL),
    _one("SER-301", "Blood for serum, autologous", "starting", "mL", COOL),
    _one(
        "ENZ-310", "Collagenase type 2, GMP grade, vial of 100 mg", "ancillary", "each", FROZEN, 0
    ),
    _one("ENZ-311", "Recombinant trypsin replacement", "ancillary", "mL", COOL),
    _one("MED-312", "DMEM, high glucose, bottle of 500 mL", "ancillary", "each", COOL),
    _one("GFT-313", "Transforming growth factor β1, vial of 10 µg", "ancillary", "each", DEEP),
    _one("GFT-314", "Fibroblast growth factor 2, vial of 50 µg", "ancillary", "each", DEEP),
    _one("INS-315", "Insulin, human, 100 IU/mL", "ancillary", "mL", COOL, 672),
    _one("VIT-316", "Ascorbic acid 2-phosphate, vial of 50 mg", "ancillary", "each", FROZEN),
    _one("MEM-317", "Collagen I/III membrane 30 × 40 mm", "raw", "each", ROOM),
    _one("FLK-320", "Culture flask 150 cm², sterile", "consumable", "each", ROOM),
    _one("DSH-321", "Seeding dish with inert base, sterile", "consumable", "each", ROOM),
    _one("CON-322", "Transport container, sterile, double", "packaging", "each", ROOM),
    _one("PBS-323", "Phosphate-buffered saline, bottle of 500 mL", "ancillary", "each", ROOM),
)
SUPPLIES = (*SHARED, *CAR_T, *TIL, *CARTILAGE)
BY_ITEM = {supply.item: supply for supply in SUPPLIES}
