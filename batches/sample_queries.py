"""Reads of samples."""

from __future__ import annotations

from django.db.models import QuerySet

from batches.container_models import SampleLine


def samples(*, batch: str = "", state: str = "") -> QuerySet[SampleLine]:
    """The samples, latest first; `state`: here, under_way, received."""
    rows = SampleLine.objects.order_by("-taken_at", "sample")
    if batch:
        rows = rows.filter(batch=batch)
    if state == "here":
        return rows.filter(handed_at=None, received_at=None)
    if state == "under_way":
        return rows.filter(received_at=None).exclude(handed_at=None)
    return rows.exclude(received_at=None) if state == "received" else rows


def sample(number: str) -> SampleLine | None:
    return SampleLine.objects.filter(sample=number).first()


def taken(batch: str) -> int:
    return SampleLine.objects.filter(batch=batch).count()
