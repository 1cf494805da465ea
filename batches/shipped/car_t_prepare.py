"""MBR-101, before the cells: the room, the device, the media, and the receipt of the apheresis."""

from __future__ import annotations

from batches.recipe_content import ExceptionClass, StepKind
from batches.shipped.blocks import (
    clear_cabinet,
    clear_room,
    plates_off,
    receive_papers,
    receive_times,
    receive_transport,
    room_state,
    watch_air,
)
from batches.shipped.places import ASEPTIC, CLOSED, RECEIPT
from batches.shipped.writing import (
    CELLS,
    calculation,
    choice,
    counted,
    identity,
    label,
    material,
    moment,
    number,
    operation,
    phase,
    sample,
    step,
    unit,
    unit_procedure,
    weigh,
)

CRITICAL = ExceptionClass.CRITICAL.value
MINOR = ExceptionClass.MINOR.value

_SET_UP = phase(
    "set_up",
    "Clear the line and mount the tubing set",
    clear_room("clear_room", CLOSED),
    room_state("room_state"),
    step(
        "device",
        "Scan the device",
        "Scan the closed device that you will use. Switch it on and let its self-test run.",
        unit("unit", "Closed device", "device"),
        choice("self_test", "Self-test", "passed", "failed", accepted=["passed"]),
        kind=StepKind.EQUIPMENT,
    ),
    step(
        "tubing_welder",
        "Scan the tubing welder",
        "Scan the welder that makes every sterile connection of this batch.",
        unit("unit", "Tubing welder", "welder"),
        kind=StepKind.EQUIPMENT,
    ),
    step(
        "tubing_set",
        "Scan the tubing set",
        "Open the outer pouch. Look at tubes, chambers and caps. A set with a kink, a loose"
        " cap or moisture goes back.",
        material("lot", "Tubing set", "tubing_set", "1", "each"),
        choice("state", "State of the set", "intact", "damaged", accepted=["intact"]),
        kind=StepKind.MATERIAL,
    ),
    step(
        "integrity",
        "Mount the set and test it",
        "Mount the set as the screen shows, close every clamp, start the integrity test.",
        choice("result", "Integrity test", "passed", "failed", accepted=["passed"]),
        kind=StepKind.CHOICE,
        second=True,
        critical=True,
        links=["CPP integrity of the closed system", "CQA sterility"],
        exception_class=CRITICAL,
        repeats=1,
    ),
    after=[],
)  # fmt: skip

_CLEAR_CABINET = phase(
    "clear_cabinet",
    "Clear the cabinet",
    clear_cabinet("cabinet_clear"),
    watch_air("particles"),
    after=[],
)  # fmt: skip

_MEDIA = phase(
    "media",
    "Complete the media",
    step(
        "serum",
        "Thaw and add the serum",
        "Thaw the serum at 2 to 8 °C. Add 60 mL to the 2 L bag of medium: 3 % (Mock 2016).",
        material("medium", "Medium, bag of 2 L", "medium", "1", "each"),
        material("serum", "Human AB serum", "serum", "60", "mL"),
        number("added", "Serum added", "mL", "60.0", normal=("58", "62"), accept=("55", "65"),
               plausible=("1", "500"), decimals=1),
        kind=StepKind.MATERIAL,
        second=True,
        open_handling=True,
        links=["CPP serum"],
    ),
    step(
        "cytokines",
        "Add the interleukins",
        "One vial of each into the bag with serum, one of each into a second bag without: 25 µg in"
        " 2 L are 12.5 ng/mL (Mock 2016; others dose in units).",
        material("medium", "Medium, second bag of 2 L", "medium", "1", "each"),
        material("il7", "Interleukin-7", "il7", "2", "each"),
        material("il15", "Interleukin-15", "il15", "2", "each"),
        kind=StepKind.MATERIAL,
        second=True,
        critical=True,
        open_handling=True,
        links=["CPP cytokines"],
    ),
    step(
        "serum_percent",
        "Work out the serum",
        "Lotbook works it out from what was added to 2000 mL.",
        calculation("percent", "Serum in the medium", "%",
                    'serum.added / (quantity(2000, "mL") + serum.added)',
                    normal=("2.8", "3.1"), accept=("2.5", "3.5"), decimals=2),
        kind=StepKind.CALCULATION,
        exception_class=MINOR,
    ),
    step(
        "buffer",
        "Complete the wash buffer",
        "Add 25 mL of albumin 200 g/L to each of three bags of PBS/EDTA: 0.5 %.",
        material("buffer", "PBS/EDTA buffer, bags", "buffer", "3", "each"),
        material("albumin", "Human albumin 200 g/L", "albumin", "75", "mL"),
        kind=StepKind.MATERIAL,
        open_handling=True,
    ),
    step(
        "media_labels",
        "Label the bags",
        "Print five labels: two for the medium, three for the buffer. Stick each on its bag"
        " before the next leaves the cabinet. Buffer is good for 24 hours, medium for 14 days.",
        label("labels", "Labels of the media", "media_label"),
        moment("made", "Medium and buffer completed"),
        kind=StepKind.LABEL,
        second=True,
    ),
    plates_off("plates_off"),
)  # fmt: skip

_RECEIPT = phase(
    "receipt",
    "Take over from the courier",
    clear_room("receipt_clear", RECEIPT),
    step(
        "receive_identity",
        "Identify the apheresis",
        "Open the shipper. Scan the bag. Compare both patient identifiers on the bag with the"
        " order. Two people look; a mismatch stops the batch.",
        identity("bag", "Scan the apheresis bag"),
        kind=StepKind.IDENTITY,
        second=True,
        critical=True,
        patient_material=True,
        exception_class=CRITICAL,
    ),
    receive_times("End of collection"),
    receive_transport(),
    step(
        "receive_look",
        "Look at the bag",
        "Hold the bag against the light. Say whether it came fresh or frozen.",
        choice("state", "State of the bag", "intact", "leaking or damaged", "clotted",
               accepted=["intact"]),
        choice("kept", "Starting material", "fresh", "cryopreserved"),
        kind=StepKind.CHOICE,
    ),
    receive_papers(),
    step(
        "thaw_apheresis",
        "Thaw the apheresis",
        "Only where the bag came frozen. Thaw it dry until a last sliver of ice is left.",
        unit("unit", "Thawing device", "thawer"),
        number("minutes", "Time to the last ice", "min", "5.0", normal=("3", "8"),
               accept=("2", "12"), plausible=("0", "60"), decimals=1),
        kind=StepKind.NUMBER,
        patient_material=True,
        only_if="receive_look.kept == 'cryopreserved'",
    ),
    after=[],
)  # fmt: skip

_STARTING_COUNT = phase(
    "starting_count",
    "Count what came",
    step(
        "receive_weight",
        "Weigh the bag",
        "Scan the balance. Weigh the full bag; the empty bag's weight stands on its label.",
        unit("unit", "Balance", "balance"),
        weigh("gross", "Full bag", "g", "", accept=("60", "600"), plausible=("20", "1500"),
              decimals=1),
        number("tare", "Empty bag", "g", "45.0", normal=("30", "60"), accept=("20", "90"),
               plausible=("1", "300"), decimals=1),
        kind=StepKind.WEIGH,
    ),
    step(
        "receive_sample",
        "Take the starting samples",
        "Take 2 mL through the port: one tube for counting, one for cytometry, one pair of"
        " culture bottles. Label each before the next.",
        material("bottles", "Culture bottle pair", "culture_bottles", "1", "each"),
        sample("tubes", "Starting samples", "ipc_label"),
        kind=StepKind.SAMPLE,
        patient_material=True,
        links=["CQA sterility"],
    ),
    step(
        "receive_count",
        "Count the apheresis",
        "Scan the counter. Dilute 1 to 10, count twice. Two counts that differ too much are"
        " counted again.",
        unit("unit", "Cell counter", "counter"),
        counted("wbc", "Nucleated cells", "50", dilution="10", cv="15",
                normal=("20", "150"), accept=("5", "300"), plausible=("0.1", "1000")),
        number("viability", "Viability", "%", "98.0", normal=("90", "100"),
               accept=("80", "100"), plausible=("0", "100"), decimals=1),
        kind=StepKind.REPLICATE,
        second=True,
        critical=True,
    ),
    step(
        "receive_cd3",
        "Read the T cells",
        "Scan the cytometer. Enter CD3⁺ of the nucleated cells.",
        unit("unit", "Flow cytometer", "cytometer"),
        number("cd3", "CD3⁺", "%", "45.0", normal=("15", "85"), accept=("2", "95"),
               plausible=("0", "100"), decimals=1),
        kind=StepKind.NUMBER,
    ),
    step(
        "receive_total",
        "Work out the T cells",
        "Lotbook works it out; the density of blood is taken as 1.05 g/mL.",
        calculation("volume", "Volume", "mL",
                    '(receive_weight.gross - receive_weight.tare) / quantity(1.05, "g/mL")',
                    normal=("60", "400"), accept=("30", "500"), decimals=1),
        calculation("t_cells", "T cells received", CELLS,
                    '(receive_weight.gross - receive_weight.tare) / quantity(1.05, "g/mL")'
                    " * receive_count.wbc * receive_cd3.cd3",
                    normal=("500", "10000"), accept=("150", "30000"), decimals=0),
        kind=StepKind.CALCULATION,
        links=["CQA starting T cells"],
    ),
    step(
        "receive_accept",
        "Accept the starting material",
        "Fewer than 500 million T cells may still work: the supervisor speaks with the physician"
        " before a second collection is asked for.",
        choice("decision", "Starting material", "accepted", "accepted with a deviation",
               "rejected", accepted=["accepted"]),
        kind=StepKind.CHOICE,
        second=True,
        critical=True,
    ),
)  # fmt: skip

PREPARE = unit_procedure(
    "Prepare the run",
    operation("Set up the device", CLOSED, _SET_UP),
    operation("Prepare the media", ASEPTIC, _CLEAR_CABINET, _MEDIA),
)

RECEIVE = unit_procedure(
    "Receive the apheresis",
    operation("Receipt", RECEIPT, _RECEIPT),
    operation("Starting count", RECEIPT, _STARTING_COUNT),
)
