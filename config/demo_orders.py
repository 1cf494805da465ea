"""The demo's orders, starting material, containers and samples: what the week's lines do.

order ORDER | pseudonym | trial | subject number      endorder ORDER | how | why
collect ORDER | serology                              courier COLLECTION
look NUMBER | pseudonym | purpose                     receive | confirm | decide COLLECTION
bind BATCH | order                                    dose BATCH | kg
fill BATCH PIECES | kind | mL | cells                 freeze BATCH
keep CONTAINER | rack box place                       waste BATCH PIECES
sample BATCH | what for | mL                          give | take ITEM | from | to | °C
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from batches import (
    collection_commands,
    container_commands,
    container_issue_commands,
    container_queries,
    custody_commands,
    order_commands,
    sample_commands,
)
from batches.car_t import PRODUCT
from config.demo_batches import signed
from config.demo_people import Person
from config.demo_subjects import look
from ledger import clock

FREEZER = "CRF-2 of the blood bank"
SITE, STORE = "Apheresis unit of the hospital", "Cryostore K-001"


def _order(*, who: Person, name: str, number: int, texts: list[str], ask: dict[str, Any]) -> Any:
    subject, trial, trial_subject, *product = texts
    return order_commands.place_order(
        order=name,
        subject=subject,
        pathway="clinical_trial",
        trial=trial,
        trial_subject=trial_subject,
        sponsor="University hospital",
        specification="PSF-019/3",
        product=product[0] if product else PRODUCT,
        autologous=True,
        requested_on=_day(18),
        **ask,
    )


def _end(*, who: Person, name: str, number: int, texts: list[str], ask: dict[str, Any]) -> Any:
    how, ask["reason"] = texts
    return order_commands.end_order(order=name, how=how, ended_on=_day(0), **ask)


def _collect(*, who: Person, name: str, number: int, texts: list[str], ask: dict[str, Any]) -> Any:
    return collection_commands.record_collection(
        order=name,
        donor="",
        site=SITE,
        site_approval="ES-TE-0441",
        approved_until=_day(400),
        collected_at=(clock.now() - timedelta(hours=4)).isoformat(timespec="minutes"),
        consent=f"CF-{name[4:]}",
        serology=texts[0],
        serology_on=_day(-6),
        segregated=False,
        bags=1,
        volume_ml="148",
        count="52.6",
        viability="98.1",
        **ask,
    )


def _courier(*, who: Person, name: str, number: int, texts: list[str], ask: dict[str, Any]) -> Any:
    return custody_commands.hand_over(
        item=name,
        place=SITE,
        to_place=STORE,
        temperature="5.1",
        other_party="courier",
        document=f"WB-{name[-6:-3]}20",
        signature=signed(who),
        **ask,
    )


def _look(*, who: Person, name: str, number: int, texts: list[str], ask: dict[str, Any]) -> Any:
    subject, purpose = texts
    del ask["reason"]
    return look(subject=subject, purpose=purpose, reference=name, **ask)


def _receive(*, who: Person, name: str, number: int, texts: list[str], ask: dict[str, Any]) -> Any:
    return collection_commands.receive_collection(
        collection=name,
        place=STORE,
        transport=f"WB-{name[-6:-3]}20",
        seal_intact=True,
        segregated=False,
        logger=_log(clock.now() - timedelta(hours=3), [5, 4, 4, 5, 6, 5, 4, 5, 5, 4, 4, 5], 900),
        codes="=G12342612345600",
        signature=signed(who),
        **ask,
    )


def _confirm(*, who: Person, name: str, number: int, texts: list[str], ask: dict[str, Any]) -> Any:
    return collection_commands.confirm_collection(collection=name, signature=signed(who), **ask)


def _decide(*, who: Person, name: str, number: int, texts: list[str], ask: dict[str, Any]) -> Any:
    return collection_commands.judge_collection(
        collection=name, decision="accepted", signature=signed(who), **ask
    )


def _bind(*, who: Person, name: str, number: int, texts: list[str], ask: dict[str, Any]) -> Any:
    order = texts[0]
    return order_commands.bind_identity(batch=name, order=order, chosen=[f"{order}-C1"], **ask)


def _dose(*, who: Person, name: str, number: int, texts: list[str], ask: dict[str, Any]) -> Any:
    return container_commands.set_dose(
        batch=name,
        weight=texts[0],
        weighed_on=_day(-3),
        weight_source="Order form, page 2",
        target="2.0",
        cap="200",
        count="1.64",
        viability="93.2",
        transduced="41.5",
        signature=signed(who),
        **ask,
    )


def _fill(*, who: Person, name: str, number: int, texts: list[str], ask: dict[str, Any]) -> Any:
    kind, volume, cells = texts
    return container_commands.fill_containers(
        batch=name,
        kind=kind,
        pieces=number,
        volume_ml=volume,
        cells=cells,
        dmso_at=(clock.now() - timedelta(minutes=9)).isoformat(timespec="seconds"),
        **ask,
    )


def _freeze(*, who: Person, name: str, number: int, texts: list[str], ask: dict[str, Any]) -> Any:
    filled = [row.container for row in container_queries.containers(name)]
    begun = min(row.filled_at for row in container_queries.containers(name))
    curve = [4 - minute for minute in range(45)] + [-60, -80, -100, -120]
    return container_commands.record_freezing(
        batch=name,
        freezer=FREEZER,
        curve=_log(begun + timedelta(minutes=5), curve, 60),
        chosen=filled,
        signature=signed(who),
        **ask,
    )


def _keep(*, who: Person, name: str, number: int, texts: list[str], ask: dict[str, Any]) -> Any:
    rack, box, place = texts[0].split()
    return container_commands.store_container(
        container=name, tank="LN2-1", rack=rack, box=box, place=place, **ask
    )


def _waste(*, who: Person, name: str, number: int, texts: list[str], ask: dict[str, Any]) -> Any:
    return container_issue_commands.record_waste(
        batch=name,
        filled=number,
        destroyed=number,
        route="Autoclave A-2, 134 °C, 18 min",
        document="AC-2026-077",
        signature=signed(who),
        **ask,
    )


def _sample(*, who: Person, name: str, number: int, texts: list[str], ask: dict[str, Any]) -> Any:
    purpose, volume = texts
    return sample_commands.take_sample(batch=name, purpose=purpose, volume=volume, **ask)


def _give(*, who: Person, name: str, number: int, texts: list[str], ask: dict[str, Any]) -> Any:
    place, to_place, temperature = texts
    return custody_commands.hand_over(
        item=name,
        place=place,
        to_place=to_place,
        temperature=temperature,
        signature=signed(who),
        **ask,
    )


def _take(*, who: Person, name: str, number: int, texts: list[str], ask: dict[str, Any]) -> Any:
    place, temperature = texts
    return custody_commands.take_over(
        item=name, place=place, temperature=temperature, signature=signed(who), **ask
    )


def _day(ahead: int) -> str:
    return (clock.now() + timedelta(days=ahead)).date().isoformat()


def _log(begun: datetime, temperatures: list[int], every: int) -> str:
    """A logger's file: one reading every so many seconds."""
    rows = enumerate(temperatures)
    times = ((begun + timedelta(seconds=every * n), temperature) for n, temperature in rows)
    return "\n".join(f"{at.isoformat(timespec='seconds')},{degrees}.0" for at, degrees in times)


VERBS: dict[str, Callable[..., Any]] = {
    "order": _order,
    "endorder": _end,
    "collect": _collect,
    "courier": _courier,
    "look": _look,
    "receive": _receive,
    "confirm": _confirm,
    "decide": _decide,
    "bind": _bind,
    "dose": _dose,
    "fill": _fill,
    "freeze": _freeze,
    "keep": _keep,
    "waste": _waste,
    "sample": _sample,
    "give": _give,
    "take": _take,
}
