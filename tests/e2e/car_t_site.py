"""What stands ready before the shipped CAR-T record is made in the demo: recipe, rooms, lots.

Run as a program of its own against the running demo's database: `ready` furnishes the site and says
what its signs and labels carry; `code` says what a scan of the patient's label yields.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from typing import Any

BATCH = "CT-9101"


def _demo_people() -> dict[str, Any]:
    """The demo's people act in the floor's commands, each with the demo's own keys."""
    from config import demo_signing
    from config.demo_people import PEOPLE
    from tests.batches import conftest

    people = {one.key: one for one in PEOPLE}
    own = {"viktor": people["luc"], **people}
    conftest.PEOPLE.update({name: (one.person, one.role) for name, one in own.items()})
    by_person = {one.person: one for one in PEOPLE}
    opened: dict[str, Any] = {}

    def word_of(person: str) -> Any:
        if person not in opened:
            opened[person] = demo_signing.signature(
                by_person[person], conftest.actor(by_person[person].key)
            )
        return opened[person]

    conftest.word_of = word_of
    return people


def ready() -> dict[str, Any]:
    from batches import material_commands as materials
    from ledger.event import Refused
    from tests.batches import car_t_floor as floor
    from tests.batches import conftest, making, stocking
    from tests.personnel import staff, vault_people

    people = _demo_people()
    floor.ROOMS.update({"receipt": "D-903", "closed": "C-901", "aseptic": "B-902", "cryo": "K-901"})
    floor.LOTS.update({key: f"L-9{number[3:]}" for key, number in floor.LOTS.items()})
    floor.UNITS.update({key: f"{key.upper()}-9" for key in floor.UNITS})
    floor.STATION = "BSC-9"
    supplier, item = stocking.supplier, stocking.item

    def known(ask: Any) -> Any:
        def asked(*given: Any, **more: Any) -> None:
            with suppress(Refused):
                ask(*given, **more)

        return asked

    def stocked(number: str, **change: Any) -> str:
        """The demo keeps some of the items already: then only the source is added."""
        known(item)(number, **change)
        with suppress(Refused):
            materials.approve_source(
                item=number, supplier=stocking.SUPPLIER, catalogue=f"C-{number}", gtin="",
                **conftest.signing("helena"),
            )  # fmt: skip
        return number

    received, released = stocking.receive, stocking.release

    def ours(number: str) -> str:
        return f"L-9{number[3:]}"

    stocking.receive = lambda lot, **change: received(ours(lot), **change)
    stocking.release = lambda lot: released(ours(lot))
    stocking.supplier, stocking.item = known(supplier), stocked
    floor.into_force, floor._train = known(floor.into_force), known(floor._train)
    with suppress(Refused):
        vault_people.register(making.PATIENT, actor=conftest.actor("dario"))
    floor.furnish(without_calibration="balance")
    with suppress(Refused):
        staff.grant(people["marta"].person, "verifier", actor=conftest.actor("renata"))
    return {
        "lots": floor.LOTS,
        "units": floor.UNITS,
        "rooms": {**floor.ROOMS, "aseptic": floor.STATION},
    }


def code() -> str:
    from tests.batches import ordering

    return ordering.code_of(BATCH)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    os.environ.setdefault("LOTBOOK_DEMO", "1")
    import django

    django.setup()
    print(json.dumps({"ready": ready, "code": code}[sys.argv[1]]()))
