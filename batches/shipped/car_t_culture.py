"""MBR-101, days 1 to 8: transduce, expand, decide on the harvest. Pure."""

from __future__ import annotations

from batches.recipe_content import Block, ExceptionClass, StepKind
from batches.shipped.places import ASEPTIC, CLOSED
from batches.shipped.writing import (
    CELLS,
    TITRE,
    calculation,
    choice,
    confirm,
    counted,
    identity,
    label,
    material,
    moment,
    number,
    operation,
    phase,
    room,
    sample,
    step,
    text,
    timer,
    unit_procedure,
)

CRITICAL = ExceptionClass.CRITICAL.value
MINOR = ExceptionClass.MINOR.value

_VECTOR = phase(
    "vector",
    "Make the vector ready",
    step(
        "vector_clear",
        "Clear the cabinet for the vector",
        "Both of you look together. The vector is a genetically modified virus: containment"
        " level 2, double gloves, its own waste.",
        room("place", "Sign of the cabinet", ASEPTIC),
        confirm("empty", "Nothing of another batch or another vector in the cabinet"),
        confirm("waste", "Waste container for genetically modified material in place"),
        kind=StepKind.LINE_CLEARANCE,
        second=True,
        critical=True,
    ),
    step(
        "vector_titre",
        "Take the titre from the certificate",
        "Enter the transducing titre of this lot. Enter it twice.",
        number("titre", "Titre", TITRE, "", accept=("20", "1000"), plausible=("1", "5000"),
               decimals=0, check="second_entry"),
        number("moi", "Multiplicity of infection", "TU/cell", "10", normal=("5", "10"),
               proven=("2", "10"), accept=("1", "15"), plausible=("0.1", "100"), decimals=1),
        kind=StepKind.NUMBER,
        second=True,
        critical=True,
        links=["CPP multiplicity of infection", "CQA vector copies"],
    ),
    step(
        "vector_volume",
        "Work out the volume of vector",
        "Multiplicity of infection, times cells seeded, by the titre. Published: 5 to 10"
        " (Zhu 2018); the 10 is this record's choice.",
        calculation("volume", "Vector to add", "mL",
                    "vector_titre.moi * seeded.cells / vector_titre.titre",
                    normal=("1", "10"), accept=("0.5", "10"), decimals=2),
        kind=StepKind.CALCULATION,
        second=True,
        critical=True,
    ),
    step(
        "vector_thaw",
        "Thaw the vector",
        "Scan the vial before it leaves the ice. Thaw it at room temperature. Used within"
        " 2 hours, never frozen again.",
        material("vector", "Lentiviral vector, vial", "vector", "10", "mL"),
        timer("time", "Thawing", maximum="40"),
        kind=StepKind.MATERIAL,
        blocks=[Block(code="open_life", absolute=True), Block(code="expired", absolute=True)],
        second=True,
        critical=True,
        exception_class=CRITICAL,
    ),
    step(
        "vector_dilute",
        "Dilute the vector into its bag",
        "Aseptic: your colleague may record for you. Draw up the volume that was worked out,"
        " fill up to 10 mL with medium in the transfer bag, mix ten times.",
        material("bag", "Transfer bag", "transfer_bag", "1", "each"),
        number("vector", "Vector drawn up", "mL", "", accept=("0.5", "10"),
               plausible=("0.1", "50"), decimals=2),
        number("fill", "Volume in the bag", "mL", "10.0", normal=("9.8", "10.2"),
               accept=("9", "11"), plausible=("1", "100"), decimals=1),
        kind=StepKind.MATERIAL,
        watched=True,
        critical=True,
        open_handling=True,
        links=["CPP multiplicity of infection"],
    ),
    step(
        "vector_label",
        "Label the vector bag",
        "One label, on the bag before it leaves the cabinet.",
        label("labels", "Label of the vector bag", "vector_label"),
        kind=StepKind.LABEL,
        second=True,
    ),
)  # fmt: skip

_TRANSDUCE = phase(
    "transduce",
    "Transduce",
    step(
        "transduce_identity",
        "Identify before transduction",
        "Scan the device's patient label and compare it with the vector bag's.",
        identity("device", "Scan the patient label of the device"),
        kind=StepKind.IDENTITY,
        second=True,
        critical=True,
        patient_material=True,
        exception_class=CRITICAL,
    ),
    step(
        "transduce",
        "Add the vector",
        "Weld the bag on, start the transfer, rinse the bag with 20 mL of medium. The culture"
        " then holds 100 mL.",
        moment("at", "Vector in the chamber"),
        number("hours", "Since activation", "h", "22.0", normal=("18", "26"),
               proven=("16", "30"), accept=("14", "36"), plausible=("1", "100"), decimals=1),
        kind=StepKind.DATETIME,
        second=True,
        patient_material=True,
        critical=True,
        links=["CPP time to transduction"],
    ),
    step(
        "reached_moi",
        "Work out the multiplicity reached",
        "Lotbook works it out from what was drawn up.",
        calculation("moi", "Multiplicity of infection", "TU/cell",
                    "vector_dilute.vector * vector_titre.titre / seeded.cells",
                    "10", normal=("5", "10.5"), proven=("2", "11"), accept=("1", "15"),
                    decimals=1),
        kind=StepKind.CALCULATION,
        links=["CPP multiplicity of infection", "CQA vector copies"],
    ),
    step(
        "vector_waste",
        "Destroy what is left of the vector",
        "Everything that touched the vector goes into the container, which is closed and"
        " autoclaved. Somebody watches.",
        text("container", "Number of the waste container"),
        confirm("closed", "Closed, wiped and taken to the autoclave"),
        kind=StepKind.CONFIRM,
        watched=True,
    ),
)  # fmt: skip

_WASH = phase(
    "wash",
    "Wash off the vector, day 3",
    step(
        "wash_identity",
        "Identify before washing",
        "Scan the device's patient label.",
        identity("device", "Scan the patient label of the device"),
        kind=StepKind.IDENTITY,
        patient_material=True,
        exception_class=CRITICAL,
    ),
    step(
        "wash_medium",
        "Connect the second bag of medium",
        "Weld on the second bag: interleukins, no serum. The device draws on it from day 6 on.",
        confirm("welded", "Label read, second bag welded on, weld tight"),
        kind=StepKind.CONFIRM,
        second=True,
    ),
    step(
        "wash",
        "Wash the culture",
        "Start the culture wash; it takes off vector and reagent and fills up to 200 mL.",
        choice("end", "End of the program", "completed", "completed with a warning", "stopped",
               accepted=["completed"]),
        number("fill", "Culture volume", "mL", "200", normal=("190", "210"),
               accept=("170", "230"), plausible=("20", "500"), decimals=0),
        kind=StepKind.CHOICE,
        patient_material=True,
    ),
    step(
        "shaking",
        "Start the shaking",
        "Set the gentle shaking that keeps the cells in motion from now on.",
        choice("program", "Shaking", "gentle", "moderate", "off",
               accepted=["gentle", "moderate"]),
        kind=StepKind.CHOICE,
        exception_class=MINOR,
    ),
)  # fmt: skip

_FEED = phase(
    "feed",
    "Count and feed",
    step(
        "feed_identity",
        "Identify before sampling",
        "Scan the device's patient label.",
        identity("device", "Scan the patient label of the device"),
        kind=StepKind.IDENTITY,
        patient_material=True,
        exception_class=CRITICAL,
    ),
    step(
        "feed_sample",
        "Sample the culture",
        "Seal off one pouch of 3 mL. Label it at the device.",
        sample("pouch", "Culture sample", "ipc_label"),
        number("day", "Day of culture", "d", "", accept=("3", "12"), plausible=("0", "30"),
               decimals=0),
        kind=StepKind.SAMPLE,
        patient_material=True,
    ),
    step(
        "feed_count",
        "Count the culture",
        "Dilute 1 to 2, count twice. The doubling is this count against the last.",
        counted("viable", "Viable cells", "5", dilution="2", normal=("0.5", "20"),
                accept=("0.2", "40"), plausible=("0.01", "100")),
        number("viability", "Viability", "%", "93.0", normal=("85", "100"),
               accept=("70", "100"), plausible=("0", "100"), decimals=1),
        kind=StepKind.REPLICATE,
        links=["CQA viability"],
    ),
    step(
        "feed_sugar",
        "Read glucose and lactate",
        "Out of the same pouch. Glucose below 1 g/L asks for more medium at once.",
        number("glucose", "Glucose", "g/L", "2.5", normal=("1.0", "4.5"),
               accept=("0.5", "5.0"), plausible=("0", "20"), decimals=2),
        number("lactate", "Lactate", "mmol/L", "10", normal=("1", "18"),
               accept=("0", "25"), plausible=("0", "60"), decimals=1),
        kind=StepKind.NUMBER,
        exception_class=MINOR,
    ),
    step(
        "feed",
        "Exchange the medium",
        "Take off and replace as the screen proposes; from day 6 on the medium is without"
        " serum (Mock 2016). The culture then holds 250 mL.",
        number("fresh", "Medium exchanged", "mL", "125", normal=("100", "180"),
               accept=("50", "220"), plausible=("10", "500"), decimals=0),
        number("fill", "Culture volume", "mL", "250", normal=("240", "260"),
               accept=("200", "280"), plausible=("20", "500"), decimals=0),
        kind=StepKind.NUMBER,
        patient_material=True,
    ),
    step(
        "feed_total",
        "Work out the cells",
        "Lotbook works it out.",
        calculation("cells", "Viable cells in culture", CELLS, "feed_count.viable * feed.fill",
                    normal=("50", "8000"), accept=("20", "12000"), decimals=0),
        calculation("fold", "Expansion since seeding, times", "",
                    "feed_count.viable * feed.fill / seeded.cells",
                    normal=("0.5", "80"), accept=("0.2", "120"), decimals=1),
        kind=StepKind.CALCULATION,
    ),
    repeats=4,
)  # fmt: skip

_DECIDE = phase(
    "decide",
    "Decide on the harvest",
    step(
        "decide",
        "Harvest or carry on",
        "Harvest on day 8 to 10 with at least 2000 million viable cells; the figure is this"
        " record's choice. Otherwise repeat the feeding. Call the supervisor where in doubt.",
        choice("decision", "Decision", "harvest", "carry on", accepted=["harvest"]),
        kind=StepKind.CHOICE,
        second=True,
        critical=True,
    ),
)

TRANSDUCE = unit_procedure(
    "Transduce, day 1",
    operation("Vector", ASEPTIC, _VECTOR),
    operation("Transduction", CLOSED, _TRANSDUCE),
)

EXPAND = unit_procedure(
    "Expand, days 3 to 8",
    operation("Wash and feed", CLOSED, _WASH, _FEED),
    operation("Harvest decision", CLOSED, _DECIDE),
)
