"""Who could act at a moment, and when access is to be reviewed next."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q

from personnel import queries
from personnel.models import AccountState

REVIEW_EVERY = timedelta(days=90)


def accounts_on(at: datetime) -> dict[str, AccountState]:
    """The account of each person who had an open one at a moment, whatever happened since."""
    open_then = Q(closed_at=None) | Q(closed_at__gt=at)
    rows = AccountState.objects.filter(open_then, opened_at__lte=at)
    return {row.person: row for row in rows.order_by("opened_at", "account")}


def review_due() -> datetime | None:
    """When the next review of access is due; nothing where there has never been one."""
    newest = queries.newest_review()
    return newest.at + REVIEW_EVERY if newest else None
