"""An order told in the clinic's words: placed, collected, received by two, let in, bound."""

from __future__ import annotations

from typing import Any

from tests.batches import making
from tests.batches.conftest import actor, signing

ORDER = "ORD-2026-004"
COLLECTION = f"{ORDER}-C1"
LOG = "\n".join(f"2026-03-02T0{hour}:{minute}0:00+00:00,4.{hour}" for hour in (5, 6, 7)
                for minute in range(6))  # fmt: skip


def place(order: str = ORDER, *, by: str = "dario", **change: Any) -> Any:
    from batches import order_commands

    asked = {
        "order": order,
        "subject": making.PATIENT,
        "pathway": "clinical_trial",
        "trial": "2025-503113-11-00",
        "trial_subject": "014-0031",
        "sponsor": "University hospital",
        "specification": "PSF-019/3",
        "product": "CAR-T",
        "autologous": True,
        "requested_on": "2026-03-20",
        "actor": actor(by),
    }
    return order_commands.place_order(**(asked | change))


def collect(order: str = ORDER, *, by: str = "marta", **change: Any) -> Any:
    from batches import collection_commands

    asked = {
        "order": order,
        "donor": "",
        "site": "Apheresis unit",
        "site_approval": "ES-TE-0441",
        "approved_until": "2027-01-31",
        "collected_at": "2026-03-01T10:15:00+01:00",
        "consent": "CF-2026-118",
        "serology": "negative",
        "serology_on": "2026-02-20",
        "segregated": False,
        "bags": 1,
        "volume_ml": "120",
        "count": "45.2",
        "viability": "97.5",
        "actor": actor(by),
    }
    return collection_commands.record_collection(**(asked | change))


def look(
    name: str, purpose: str = "receiving", reference: str = COLLECTION,
    subject: str = making.PATIENT,
) -> Any:  # fmt: skip
    """Somebody compares two identifiers in the vault."""
    from personnel import vault_commands

    return vault_commands.show(
        subject=subject, purpose=purpose, reference=reference, actor=actor(name)
    )


def hand_over(item: str = COLLECTION, *, by: str = "marta", **change: Any) -> Any:
    from batches import custody_commands

    asked = {
        "item": item,
        "place": "Apheresis unit",
        "to_place": "Cryostore K-001",
        "temperature": "4.5",
        "other_party": "courier",
        "document": "WB-88120",
    }
    return custody_commands.hand_over(**(asked | change), **signing(by))


def receive(collection: str = COLLECTION, *, by: str = "marta", **change: Any) -> Any:
    from batches import collection_commands

    asked = {
        "collection": collection,
        "place": "Cryostore K-001",
        "transport": "WB-88120",
        "seal_intact": True,
        "segregated": False,
        "logger": LOG,
        "codes": "=G12342612345600",
    }
    return collection_commands.receive_collection(**(asked | change), **signing(by))


def confirm(collection: str = COLLECTION, *, by: str = "ingrid") -> Any:
    from batches import collection_commands

    return collection_commands.confirm_collection(collection=collection, **signing(by))


def judge(
    decision: str = "accepted",
    collection: str = COLLECTION,
    *,
    by: str = "helena",
    reason: str = "",
) -> Any:
    from batches import collection_commands

    return collection_commands.judge_collection(
        collection=collection, decision=decision, reason=reason, **signing(by)
    )


def bind(
    batch: str = making.BATCH, order: str = ORDER, chosen: list[str] | None = None,
    *, by: str = "dario",
) -> Any:  # fmt: skip
    from batches import order_commands

    return order_commands.bind_identity(
        batch=batch, order=order, chosen=chosen or [f"{order}-C1"], actor=actor(by)
    )


def let_in(order: str = ORDER, **ordered: Any) -> str:
    """From the order to the decision that its first collection may be used."""
    collection = f"{order}-C1"
    place(order, **ordered)
    collect(order)
    hand_over(collection)
    look("marta", reference=collection)
    receive(collection)
    look("ingrid", reference=collection)
    confirm(collection)
    judge(collection=collection)
    return collection


def code_of(batch: str = making.BATCH) -> str:
    """What the labels of a batch's patient carry to be scanned."""
    from batches import order_code
    from batches.order_models import IdentityLine

    return order_code.scannable(IdentityLine.objects.get(batch=batch).coi)


def departures(batch: str = making.BATCH) -> list[str]:
    """The deviations of a batch, as the reviewer reads them."""
    from batches.models import ExceptionLine

    rows = ExceptionLine.objects.filter(batch=batch, kind="deviation").order_by("number")
    return [row.sentence.rpartition("raised: ")[2] for row in rows]
