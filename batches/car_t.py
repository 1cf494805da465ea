"""The recipe that comes with Lotbook: an autologous CAR-T product in twelve steps. Pure.

The figures are those of published manual processes, rounded; a site writes its own.
"""

from __future__ import annotations

from decimal import Decimal

from batches.limits import Parameter, Range
from batches.recipe_content import Content, Header, Operation, Phase, Step, UnitProcedure

RECIPE, VERSION = "MBR-019", 1
TITLE = "Autologous CD19 CAR-T cells, short process"
PRODUCT = "CD19 CAR-T, autologous"
OPERATOR, VERIFIER = "operator", "verifier"
DENSITY = "× 10⁶ cells/mL"  # noqa: RUF001 - the sign, not a letter
CELLS = "× 10⁹ cells"  # noqa: RUF001


def _range(low: str, high: str) -> Range:
    return Range(low=Decimal(low) if low else None, high=Decimal(high) if high else None)


def _reads(
    key: str, label: str, unit: str, target: str, normal: tuple[str, str], accept: tuple[str, str]
) -> Parameter:
    return Parameter(
        key=key,
        label=label,
        unit=unit,
        target=Decimal(target),
        normal=_range(*normal),
        acceptance=_range(*accept),
    )


def _step(
    number: int,
    title: str,
    instruction: str,
    *parameters: Parameter,
    verified: bool = False,
    kind: str = "number",
) -> Step:
    return Step(
        number=number,
        title=title,
        instruction=instruction,
        performs=OPERATOR,
        verifies=VERIFIER if verified else "",
        parameters=list(parameters),
        kind=kind,
    )


def content() -> Content:
    """The whole recipe, in the order of the work."""
    parts = [_prepare(), _thaw(), _transduce(), _expand(), _harvest()]
    return Content(header=Header(title=TITLE, product=PRODUCT), unit_procedures=parts)


def _part(title: str, steps: list[Step]) -> UnitProcedure:
    phase = Phase(title=title, steps=steps)
    return UnitProcedure(title=title, operations=[Operation(title=title, phases=[phase])])


def _prepare() -> UnitProcedure:
    return _part(
        "Preparation",
        [
            _step(
                1,
                "Line clearance",
                "Check that the cabinet holds nothing of another patient, that the surfaces were"
                " wiped with sporicide and alcohol, and that the cabinet has run for 15 minutes.",
                verified=True,
                kind="line_clearance",
            )
        ],
    )


def _thaw() -> UnitProcedure:
    water = _reads("bath", "Water bath", "°C", "37.0", ("36.5", "37.5"), ("36.0", "38.0"))
    minutes = _reads("time", "Time to the last ice", "min", "3.0", ("2.0", "4.0"), ("1.0", "5.0"))
    force = _reads("force", "Centrifugal force", "g", "300", ("290", "310"), ("250", "350"))
    spin = _reads("spin", "Duration", "min", "10.0", ("9.5", "10.5"), ("8.0", "12.0"))
    alive = _reads("viability", "Viability", "%", "85.0", ("80.0", "100.0"), ("70.0", "100.0"))
    count = _reads("count", "Viable cells", DENSITY, "5.00", ("3.00", "8.00"), ("1.00", "12.00"))
    return _part(
        "Thaw and wash",
        [
            _step(
                2,
                "Thaw",
                "Thaw the bag in the water bath, moving it gently, until a last sliver of ice is"
                " left. Read the bath's thermometer and the timer.",
                water,
                minutes,
                verified=True,
            ),
            _step(
                3,
                "Wash",
                "Dilute 1 to 5 in wash buffer, spin, take off the supernatant, take up in medium.",
                force,
                spin,
            ),
            _step(
                4,
                "Count after thaw",
                "Mix, take 0.2 mL, stain and count in duplicate. Enter the mean of both counts.",
                alive,
                count,
                verified=True,
            ),
        ],
    )


def _transduce() -> UnitProcedure:
    beads = _reads("ratio", "Beads per cell", "beads/cell", "3.0", ("2.5", "3.5"), ("2.0", "4.0"))
    moi = _reads(
        "moi", "Multiplicity of infection", "TU/cell", "3.0", ("2.5", "4.0"), ("2.0", "5.0")
    )
    hours = _reads(
        "hours", "Time since activation", "h", "24.0", ("20.0", "28.0"), ("18.0", "36.0")
    )
    return _part(
        "Activation and transduction",
        [
            _step(5, "Activate", "Add the CD3/CD28 beads and mix for five minutes.", beads),
            _step(
                6,
                "Transduce",
                "Thaw the vector on ice, scan its label, add the volume worked out for the count.",
                moi,
                hours,
                verified=True,
            ),
        ],
    )


def _expand() -> UnitProcedure:
    density = _reads(
        "density", "Seeding density", DENSITY, "0.50", ("0.40", "0.60"), ("0.30", "0.80")
    )
    co2 = _reads("co2", "CO₂ in the incubator", "%", "5.0", ("4.5", "5.5"), ("4.0", "6.0"))
    early = _reads("count", "Viable cells", DENSITY, "1.00", ("0.70", "1.80"), ("0.40", "2.50"))
    sugar = _reads(
        "glucose", "Glucose before feeding", "g/L", "2.50", ("1.50", "4.00"), ("0.80", "4.50")
    )
    fresh = _reads("medium", "Medium added", "mL", "250", ("240", "260"), ("225", "275"))
    late = _reads("count", "Viable cells", DENSITY, "2.00", ("1.50", "3.50"), ("1.00", "5.00"))
    alive = _reads("viability", "Viability", "%", "92.0", ("85.0", "100.0"), ("80.0", "100.0"))
    return _part(
        "Expansion",
        [
            _step(
                7,
                "Seed",
                "Seed the bag at the target density and put it in the incubator.",
                density,
                co2,
                verified=True,
            ),
            _step(8, "First count", "Take 0.5 mL from the closed port and count.", early),
            _step(
                9,
                "Feed",
                "Measure glucose, then add medium with cytokines through the sterile connector.",
                sugar,
                fresh,
            ),
            _step(
                10,
                "Second count",
                "Take 0.5 mL from the closed port, stain and count in duplicate.",
                late,
                alive,
                verified=True,
            ),
        ],
    )


def _harvest() -> UnitProcedure:
    total = _reads(
        "total", "Viable cells harvested", CELLS, "1.50", ("0.80", "3.00"), ("0.40", "5.00")
    )
    alive = _reads("viability", "Viability", "%", "92.0", ("85.0", "100.0"), ("80.0", "100.0"))
    dmso = _reads("dmso", "DMSO", "%", "10.0", ("9.5", "10.5"), ("8.0", "12.0"))
    wait = _reads("contact", "DMSO before freezing", "min", "15", ("0", "20"), ("0", "30"))
    bags = _reads("bags", "Bags filled", "bags", "2", ("1", "3"), ("1", "4"))
    return _part(
        "Harvest",
        [
            _step(
                11,
                "Harvest",
                "Take off the beads at the magnet, concentrate, wash twice, count the harvest.",
                total,
                alive,
                verified=True,
            ),
            _step(
                12,
                "Formulate and fill",
                "Mix with the cold freezing medium, fill the bags, start the timer at the first"
                " contact with DMSO, hand over to the controlled-rate freezer.",
                dmso,
                wait,
                bags,
                verified=True,
            ),
        ],
    )
