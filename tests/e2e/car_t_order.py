"""From the clinic's order to a batch that is bound to it, on the pages."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from batches.shipped import car_t
from tests.batches import making
from tests.e2e.car_t_people import HERE, Person, ago
from tests.e2e.car_t_site import BATCH

ORDER = "ORD-2026-904"
COLLECTION = f"{ORDER}-C1"
HOURS = 5  # between apheresis and receipt


def ordered(crew: dict[str, Person], files: Path) -> None:
    """The order, its apheresis let in by three people, the batch opened and bound."""
    placed(crew["dario"])
    collected(crew["marta"])
    received(crew["marta"], files)
    confirmed(crew["ingrid"])
    let_in(crew["helena"])
    opened(crew["dario"])
    bound(crew["dario"])


def placed(dario: Person) -> None:
    dario.go("/batches/orders/new/")
    dario.fill(
        order=ORDER, subject=making.PATIENT, product=car_t.HEADER.product, autologous="yes",
        pathway="clinical_trial", trial="2025-503113-11-00", trial_subject="014-0031",
        sponsor="University hospital", specification="PSF-019/3",
        requested_on=(datetime.now(HERE) + timedelta(days=30)).date().isoformat(),
    )  # fmt: skip
    dario.press("Place the order")
    dario.says("The order is placed.")


def collected(marta: Person) -> None:
    """As the apheresis unit's form says, and given out of its hands to the courier."""
    marta.go(f"/batches/orders/{ORDER}/collect/")
    today = datetime.now(HERE).date()
    marta.fill(
        site="Apheresis unit", site_approval="ES-TE-0441", consent="CF-2026-118",
        approved_until=(today + timedelta(days=300)).isoformat(), collected_at=ago(HOURS * 60),
        serology="negative", serology_on=(today - timedelta(days=3)).isoformat(), bags="1",
        volume_ml="120", count="45.2", viability="97.5",
    )  # fmt: skip
    marta.press("Record the collection")
    marta.says("The collection is on record.")
    marta.go(f"/batches/custody/{COLLECTION}/hand-over/")
    marta.fill(
        place="Apheresis unit", to_place="Cryostore K-001", temperature="4.5",
        other_party="courier", document="WB-88120",
    )  # fmt: skip
    marta.press("Hand it over", signs=True)
    marta.says("It is under way.")


def looked(who: Person) -> None:
    """Whoever receives compares two identifiers, shown once."""
    with who.page.expect_navigation():
        who.page.get_by_role("link", name="Show them in the vault").click()
    who.press("Show them once")
    who.says("Who this is")


def received(marta: Person, files: Path) -> None:
    address = f"/batches/collections/{COLLECTION}/receive/"
    marta.go(address)
    looked(marta)
    marta.go(address)
    started = datetime.now(HERE).replace(microsecond=0) - timedelta(hours=HOURS)
    logger = files / "transport.csv"
    logger.write_text("".join(
        f"{(started + timedelta(minutes=10 * n)).isoformat()},4.{n % 7}\n"
        for n in range(6 * HOURS)
    ))  # fmt: skip
    marta.fill(place="Cryostore K-001", transport="WB-88120", codes="=G12342612345600")
    marta.page.locator("[name=seal_intact]").check()
    marta.page.locator("[name=logger]").set_input_files(logger)
    marta.press("Receive it", signs=True)
    marta.says("It is received.")


def confirmed(ingrid: Person) -> None:
    address = f"/batches/collections/{COLLECTION}/confirm/"
    ingrid.go(address)
    looked(ingrid)
    ingrid.go(address)
    ingrid.press("Confirm it", signs=True)
    ingrid.says("The receipt is confirmed.")


def let_in(helena: Person) -> None:
    helena.go(f"/batches/collections/{COLLECTION}/decide/")
    helena.fill(decision="accepted")
    helena.press("Decide", signs=True)
    helena.says("The decision is on record.")
    helena.go(f"/batches/custody/{COLLECTION}/")
    helena.picture("car-t-custody")


def opened(dario: Person) -> None:
    dario.go(f"/batches/orders/{ORDER}/")
    with dario.page.expect_navigation():
        dario.page.get_by_role("link", name="Open a batch").click()
    dario.fill(batch=BATCH, recipe=f"{car_t.RECIPE}.{car_t.VERSION}", purpose="patient")
    dario.press("Open the batch")
    dario.says(f"{BATCH} is open.")


def bound(dario: Person) -> None:
    """The batch is made of what was collected for the order."""
    dario.go(f"/batches/orders/{ORDER}/")
    dario.says(f"Made of {COLLECTION}")
    dario.picture("car-t-order")
