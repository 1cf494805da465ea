"""Which batches name a subject: a line of what is held on somebody, for a copy of it."""

from __future__ import annotations

from batches.models import BatchLine
from personnel.vault_request_commands import mentions


@mentions
def batches_of(subject: str) -> list[dict[str, str]]:
    """The batches made for a subject, oldest first."""
    rows = BatchLine.objects.filter(subject=subject).order_by("batch")
    return [
        {"record": f"batch {row.batch}", "product": row.product, "purpose": row.purpose}
        for row in rows
    ]
