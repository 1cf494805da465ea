"""Steps that every shipped record shares: clear, watch the air, receive, close. Pure."""

from __future__ import annotations

from typing import Any

from batches.recipe_content import ExceptionClass, Step, StepKind
from batches.shipped.places import ASEPTIC
from batches.shipped.writing import (
    attachment,
    choice,
    confirm,
    identity,
    instrument,
    material,
    moment,
    number,
    room,
    sample,
    step,
    text,
    unit,
)

CRITICAL = ExceptionClass.CRITICAL.value
MINOR = ExceptionClass.MINOR.value


def clear_room(key: str, place: str) -> Step:
    return step(
        key,
        "Clear the line in the room",
        "Both of you look together. Nothing of another patient, no label of another batch and no"
        " open waste may be left. Then scan the room.",
        room("room", "Room", place),
        confirm("empty", "No material, label or waste of another batch"),
        confirm("wiped", "Surfaces wiped with sporicide, then alcohol"),
        kind=StepKind.LINE_CLEARANCE,
        second=True,
        critical=True,
    )


def clear_cabinet(key: str) -> Step:
    return step(
        key,
        "Clear the line in the cabinet",
        "Both of you look together. Wipe from the back to the front, let the cabinet run for"
        " 15 minutes, then scan its sign.",
        room("place", "Sign of the cabinet", ASEPTIC),
        confirm("empty", "Nothing of another batch in the cabinet"),
        confirm("run_in", "The cabinet has run for 15 minutes"),
        kind=StepKind.LINE_CLEARANCE,
        second=True,
        critical=True,
    )


def room_state(key: str) -> Step:
    return step(
        key,
        "Read the room",
        "Read the pressure difference to the corridor and the temperature at the door panel.",
        number("pressure", "Pressure difference", "Pa", "15",
               normal=("10", "20"), accept=("8", "30"), plausible=("0", "60"), decimals=0),
        number("temperature", "Room temperature", "°C", "20.0",
               normal=("18.0", "22.0"), accept=("16.0", "25.0"), plausible=("5", "40"),
               decimals=1),
        kind=StepKind.NUMBER,
        exception_class=MINOR,
    )  # fmt: skip


def watch_air(key: str) -> Step:
    return step(
        key,
        "Watch the air",
        "Start the particle counter at the work surface and open two settle plates, left and"
        " right. Growth is read in the laboratory days later.",
        unit("unit", "Particle counter", "particles"),
        instrument("half_micron", "Particles ≥ 0.5 µm", "m⁻³", "0",
                   accept=("0", "3520"), plausible=("0", "1000000"), decimals=0),
        material("plates", "Settle plates", "settle_plates", "2", "each"),
        kind=StepKind.INSTRUMENT,
        links=["CQA sterility"],
        exception_class=MINOR,
    )  # fmt: skip


def plates_off(key: str) -> Step:
    return step(
        key,
        "Close the plates",
        "Close both plates after at most 4 hours, write batch and place on them, take them to the"
        " laboratory.",
        number("hours", "Plates open for", "h", "1.0", accept=("0", "4"), plausible=("0", "24"),
               decimals=1),
        sample("plates", "Settle plates to the laboratory", "plate_label"),
        kind=StepKind.SAMPLE,
        exception_class=MINOR,
    )  # fmt: skip


def identify(key: str, title: str, instruction: str, scan: str, **more: Any) -> Step:
    """A step of its own: the scan, and a second person's look."""
    return step(
        key,
        title,
        instruction,
        identity(label=scan),
        kind=StepKind.IDENTITY,
        second=True,
        critical=True,
        patient_material=True,
        exception_class=CRITICAL,
        **more,
    )


def receive_times(begins: str) -> Step:
    return step(
        "receive_times",
        "Note the times",
        "Take the first from the clinic's sheet.",
        moment("collected", begins),
        moment("received", "Received"),
        kind=StepKind.DATETIME,
    )


def receive_transport() -> Step:
    return step(
        "receive_transport",
        "Read the temperature logger",
        "Read the logger, attach its file. 2 to 8 °C is this record's choice: the clinic's"
        " agreement says which it is.",
        number("lowest", "Lowest temperature", "°C", "4.0", normal=("2", "8"),
               accept=("1", "10"), plausible=("-40", "45"), decimals=1),
        number("highest", "Highest temperature", "°C", "5.0", normal=("2", "8"),
               accept=("1", "10"), plausible=("-40", "45"), decimals=1),
        attachment("logger", "Logger file"),
        kind=StepKind.ATTACHMENT,
        links=["CPP transport temperature"],
    )  # fmt: skip


def receive_papers() -> Step:
    return step(
        "receive_papers",
        "Check the papers",
        "Consent, serology with a sample date inside 30 days of collection, and the approval of"
        " the collection site: all three, or the supervisor decides.",
        text("consent", "Reference of the consent"),
        choice("serology", "Serology", "negative, in date", "positive, segregated storage",
               "missing or out of date",
               accepted=["negative, in date", "positive, segregated storage"]),
        kind=StepKind.CHOICE,
        second=True,
        critical=True,
    )  # fmt: skip


def labels_counted() -> Step:
    return step(
        "labels_counted",
        "Account for the labels",
        "Open the batch's labels. Each is used, destroyed or kept with the record; both of you look"
        " that none lies about.",
        confirm("counted", "Every label that was printed is accounted for"),
        kind=StepKind.CONFIRM,
        second=True,
        critical=True,
        exception_class=CRITICAL,
    )


def remarks() -> Step:
    return step(
        "remarks",
        "Say what the next shift should know",
        "Anything out of the ordinary that no step has asked for. Nothing to say: not applicable.",
        text("remarks", "Remarks"),
        kind=StepKind.TEXT,
        may_skip=True,
        exception_class=ExceptionClass.OBSERVATION.value,
    )


def handed_in() -> Step:
    return step(
        "handed_in",
        "Hand the record in",
        "Read the record from the beginning. Everything asked is answered, every exception has its"
        " words. Then the supervisor closes the batch.",
        choice("record", "The record is", "complete", "incomplete", accepted=["complete"]),
        kind=StepKind.CHOICE,
    )
