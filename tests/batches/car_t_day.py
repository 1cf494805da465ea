"""One complete good run of the shipped CAR-T record (MBR-101): what is answered at each step. Data.

`ANSWERS` names every step by its key and every answer by the parameter's. What is read or typed
stands there as text, decimals with a point; what is scanned, uploaded or worked out stands as a
marker, which a test, the bench or the demo turns into the code of what it has:

- `Patient()`        the label of this patient's material
- `Lot(needs)`       a released lot of that line of the bill of materials (the quantity is fixed)
- `Unit(needs)`      a qualified unit of that line of the bill of equipment
- `Place(needs)`     the sign of a room or workstation that fits that line of the rooms
- `Labels(needs, n)` the numbers of n printed, unused labels of that kind
- `File(name)`       a file that is attached
- `Ago(minutes)`     that many minutes before now, as a date and time with its zone
- a parameter of kind calculation is not answered; `CALCULATED` says what comes out

Every step is performed by an operator; where the recipe names one, a verifier verifies and a
verifier witnesses. The supervisor has no hand in any step, and so may close the batch. `SKIPPED`
drop out by their condition.

Who plays the acceptance run reads the marks below: each names the step that suits it.
"""

from __future__ import annotations

from dataclasses import dataclass

from batches.limits import ParameterKind
from batches.shipped import car_t


@dataclass(frozen=True)
class Patient:
    pass


@dataclass(frozen=True)
class Lot:
    needs: str


@dataclass(frozen=True)
class Unit:
    needs: str


@dataclass(frozen=True)
class Place:
    needs: str


@dataclass(frozen=True)
class Labels:
    needs: str
    count: int


@dataclass(frozen=True)
class File:
    name: str


@dataclass(frozen=True)
class Ago:
    minutes: int


Answer = str | Patient | Lot | Unit | Place | Labels | File | Ago
YES = "yes"

# What is read, chosen, counted or typed, in the order of the record.
TYPED: dict[str, dict[str, Answer]] = {
    "clear_room": {"empty": YES, "wiped": YES},
    "room_state": {"pressure": "15", "temperature": "20.1"},
    "device": {"self_test": "passed"},
    "tubing_set": {"state": "intact"},
    "integrity": {"result": "passed"},
    "cabinet_clear": {"empty": YES, "run_in": YES},
    "particles": {"half_micron": "120"},
    "serum": {"added": "60.0"},
    "media_labels": {"labels": Labels("media_label", 5), "made": Ago(5)},
    "plates_off": {"hours": "1.5", "plates": "1"},
    "receipt_clear": {"empty": YES, "wiped": YES},
    "receive_times": {"collected": Ago(300), "received": Ago(10)},
    "receive_transport": {"lowest": "3.8", "highest": "5.2", "logger": File("logger.csv")},
    "receive_look": {"state": "intact", "kept": "fresh"},
    "receive_papers": {"consent": "CONS-2027-0142", "serology": "negative, in date"},
    "receive_weight": {"gross": "245.0", "tare": "45.0"},
    "receive_sample": {"tubes": "2"},
    "receive_count": {"wbc": "5.10; 5.30", "viability": "98.2"},
    "receive_cd3": {"cd3": "45.0"},
    "receive_accept": {"decision": "accepted"},
    "connect": {"loaded": "128.0", "welds": YES},
    "selection_run": {"minutes": "178", "end": "completed"},
    "selected_sample": {"pouch_sample": "1", "volume": "50.0"},
    "selected_count": {"viable": "3.15; 3.25", "viability": "97.1"},
    "selected_purity": {"purity": "97.5"},
    "reserve": {"labels": Labels("vial_label", 2), "vials_filled": "2"},
    "seed": {"volume": "3.13", "fill": "70"},
    "activate": {"at": Ago(2)},
    "culture_start": {"temperature": "37.0", "co2": "5.0"},
    "vector_clear": {"empty": YES, "waste": YES},
    "vector_titre": {"titre": "125", "moi": "10.0"},
    "vector_thaw": {"time": "18"},
    "vector_dilute": {"vector": "8.01", "fill": "10.0"},
    "vector_label": {"labels": Labels("vector_label", 1)},
    "transduce": {"at": Ago(2), "hours": "22.5"},
    "vector_waste": {"container": "GMO-0417", "closed": YES},
    "wash_medium": {"welded": YES},
    "wash": {"end": "completed", "fill": "200"},
    "shaking": {"program": "gentle"},
    "feed_sample": {"pouch": "3", "day": "5"},
    "feed_count": {"viable": "1.05; 1.11", "viability": "91.4"},
    "feed_sugar": {"glucose": "2.10", "lactate": "9.4"},
    "feed": {"fresh": "125", "fill": "250"},
    "decide": {"decision": "harvest"},
    "formulation_clear": {"empty": YES},
    "formulation_label": {"labels": Labels("buffer_label", 1)},
    "harvest": {"end": "completed", "minutes": "46"},
    "harvest_weight": {"gross": "134.2", "tare": "32.0"},
    "harvest_sample": {"tubes": "5"},
    "harvest_count": {"viable": "3.25; 3.35", "viability": "95.4"},
    "harvest_cytometry": {"car": "39.0", "cd3": "97.8"},
    "harvest_look": {"look": "cloudy, no clumps"},
    "harvest_rapid": {"endotoxin": "0.05", "gram": "no organisms seen"},
    "dose_weight": {"weight": "72.0", "weighed": Ago(4000), "source": "order"},
    "dose_prescribed": {"per_kg": "1.00"},
    "fill_labels": {"labels": Labels("bag_label", 4)},
    "freezing_medium": {"temperature": "4.2"},
    "fill_cells": {"first": "0.56", "second": "1.68", "third": "3.36", "reserve": "10.00"},
    "fill_up": {"volume": "10.0"},
    "dmso": {"at": Ago(0), "volume": "10.0"},
    "seal": {"first": "34.1", "second": "34.3", "third": "34.0", "seals": "tight"},
    "vials": {"labels": Labels("vial_label", 4), "filled": "4"},
    "cryostore_clear": {"empty": YES, "wiped": YES},
    "freezer": {"chamber": "4.1"},
    "freeze_start": {"at": Ago(0)},
    "freezing_curve": {
        "curve": File("freezing_curve.csv"),
        "rate": "1.0",
        "judged": "as it should be",
    },
    "store": {
        "places": "Bags 1 to 4: LN2-1, rack 4, box 2, positions 1 to 4; vials: box 7, 1 to 6",
        "vapour": "-176",
    },
    "quality_samples": {"tubes": "12"},
    "samples_handed": {"at": Ago(1), "tubes": "8"},
    "labels_counted": {"counted": YES},
    "modified_waste": {"container": "GMO-0418", "autoclaved": YES},
    "clean": {"device": YES, "workstation": YES},
    "remarks": {"remarks": "Nothing out of the ordinary."},
    "handed_in": {"record": "complete"},
}

# The feeding is done once more, two days later; its numbers follow the recipe's last step.
AGAIN: dict[str, dict[str, Answer]] = {
    "feed_sample": {"pouch": "3", "day": "7"},
    "feed_count": {"viable": "4.10; 4.30", "viability": "93.0"},
    "feed_sugar": {"glucose": "1.40", "lactate": "14.2"},
    "feed": {"fresh": "160", "fill": "250"},
}
REPEATED_PHASE = "feed"

SKIPPED = frozenset({"thaw_apheresis"})

# What Lotbook works out, to two decimals, after the first feeding (`feed_total`) and the second.
CALCULATED = {
    "serum_percent.percent": "2.91",
    "receive_total.volume": "190.48",
    "receive_total.t_cells": "4457.14",
    "load_volume.volume": "128.21",
    "selected_total.cells": "1600",
    "selected_total.recovery": "53.42",
    "seed_volume.volume": "3.12",
    "seeded.cells": "100.16",
    "vector_volume.volume": "8.01",
    "reached_moi.moi": "10",
    "feed_total.cells": "540",
    "feed_total.fold": "5.39",
    "harvest_total.volume": "100.2",
    "harvest_total.viable": "3306.47",
    "harvest_total.car": "1289.52",
    "dose.cells": "72",
    "dose.cover": "17.91",
    "dose_volumes.first": "0.56",
    "dose_volumes.second": "1.68",
    "dose_volumes.third": "3.36",
    "filled.cells": "72.07",
    "filled.percent": "100.1",
    "dmso_percent.percent": "10",
}
CALCULATED_AGAIN = {"feed_total.cells": "2100", "feed_total.fold": "20.97"}


@dataclass(frozen=True)
class Mark:
    """What is played at a step beside the good run: the answer `parameter` first gets is `typed`,
    afterwards it is the good one, or stays where `stays` says so."""

    step: str
    parameter: str = ""
    typed: str = ""
    stays: bool = False
    reason: str = ""


# Two values outside their limits. The first lies outside the normal operating range: the operator
# explains. The second lies outside acceptance: the supervisor lets the work go on, under a
# quality hold that quality assurance lifts. Both stay.
OUT_OF_LIMIT = (
    Mark("feed_sugar", "glucose", "0.92", True, "Fed at once, sample taken late in the interval"),
    Mark("receive_transport", "highest", "10.6", True, "Door of the shipper open for two minutes"),
)
# Before the step is signed: two digits changed places. Two touches.
TYPO = Mark("receive_cd3", "cd3", "54.0")
# Ten times too much: outside the plausible range, asked again before it counts.
IMPLAUSIBLE = Mark("receive_weight", "gross", "2450")
# After the step was signed; `harvest_total` is worked out anew if it stands already.
CORRECTION = Mark("harvest_weight", "tare", "23.0", False, "Digits of the bag's label read wrongly")
# May be skipped, with a reason, in the place of its answer.
NOT_APPLICABLE = Mark("remarks", reason="Nothing to tell the next shift")
# Entered 40 minutes after it was done.
LATE = Mark("samples_handed", reason="The tablet was left in the clean room")
# An aseptic block: performed by one operator, recorded by the other, countersigned afterwards.
SCRIBED = ("fill_cells", "fill_up")
# The calibration of the balance ran out yesterday (`calibration_due`): supervisor and quality
# assurance let it through together, for this step.
OVERRIDDEN = Mark("receive_weight", "unit", reason="No other balance; checked with a test weight")
# Day 0 ends here: the outgoing operator hands over, the incoming one takes over.
HANDOVER = Mark("culture_start")
# Whoever performed tries to verify and is refused; then the verifier does.
SECOND_PERSON_REFUSED = Mark("seed")


def _scanned() -> dict[str, dict[str, Answer]]:
    """What the record asks to be scanned, by what each parameter needs."""
    made: dict[str, dict[str, Answer]] = {}
    for step in car_t.content().steps:
        for asked in step.parameters:
            scan: Answer | None = {
                ParameterKind.IDENTITY.value: Patient(),
                ParameterKind.MATERIAL.value: Lot(asked.needs),
                ParameterKind.EQUIPMENT.value: Unit(asked.needs),
                ParameterKind.ROOM.value: Place(asked.needs),
            }.get(asked.kind)  # type: ignore[assignment]
            if scan is not None:
                made.setdefault(step.key, {})[asked.key] = scan
    return made


_SCANS = _scanned()
ANSWERS: dict[str, dict[str, Answer]] = {
    step.key: {**_SCANS.get(step.key, {}), **TYPED.get(step.key, {})}
    for step in car_t.content().steps
    if step.key not in SKIPPED
}
