"""Reads about accounts, for pages and commands."""

from collections.abc import Iterable

from django.db.models import QuerySet

from personnel.account import ACCOUNT_CLOSED, UNKNOWN_NAME, WRONG_PASSWORD
from personnel.models import Account


def demo_people() -> QuerySet[Account]:
    """The demo's people, whom the sign-in page offers with one click."""
    return Account.objects.filter(is_demo=True, is_active=True).order_by("role", "username")


def why_turned_away(username: str) -> tuple[str, str]:
    """The account a refused name belongs to, if any, and what was wrong. For the trail alone."""
    row = Account.objects.filter(username=username).first()
    if row is None:
        return "unknown", UNKNOWN_NAME
    return row.id, WRONG_PASSWORD if row.is_active else ACCOUNT_CLOSED


def printed_names(people: Iterable[str]) -> dict[str, str]:
    """The names to show beside pseudonyms, for those who have one."""
    rows = Account.objects.filter(person__in=set(people)).exclude(printed_name="")
    return dict(rows.values_list("person", "printed_name"))
