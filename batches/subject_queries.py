"""Which batches name a subject: for a copy of what is held on somebody, and against erasing."""

from __future__ import annotations

from batches.models import BatchLine
from personnel.vault_commands import needed
from personnel.vault_request_commands import mentions


@mentions
def batches_of(subject: str) -> list[dict[str, str]]:
    """The batches made for a subject, oldest first."""
    rows = BatchLine.objects.filter(subject=subject).order_by("batch")
    return [
        {"record": f"batch {row.batch}", "product": row.product, "purpose": row.purpose}
        for row in rows
    ]


@needed
def open_batches_of(subject: str) -> str:
    """The batches for a subject whose record is not closed yet."""
    rows = BatchLine.objects.filter(subject=subject, completed_at=None).order_by("batch")
    return ", ".join(f"batch {name}" for name in rows.values_list("batch", flat=True))
