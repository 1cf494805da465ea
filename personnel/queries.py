"""Reads about accounts, for pages and commands."""

from collections.abc import Iterable

from django.db.models import QuerySet
from django.utils.translation import gettext

from personnel.account import ACCOUNT_CLOSED, UNKNOWN_NAME, WRONG_PASSWORD
from personnel.models import Account
from personnel.roles import ROLES, label


def demo_accounts() -> QuerySet[Account]:
    """The open accounts of the demo's people."""
    return Account.objects.filter(is_demo=True, is_active=True)


def demo_people() -> list[Account]:
    """The demo's people as the sign-in page offers them: who makes things comes first."""
    return sorted(demo_accounts(), key=lambda row: (ROLES.index(row.role), row.printed_name))


def why_turned_away(username: str) -> tuple[str, str]:
    """The account a refused name belongs to, if any, and what was wrong. For the trail alone."""
    row = Account.objects.filter(username=username).first()
    if row is None:
        return "unknown", UNKNOWN_NAME
    return row.id, WRONG_PASSWORD if row.is_active else ACCOUNT_CLOSED


def role_name(role: str) -> str:
    """The role as the reader's language calls it."""
    return gettext(label(role))


def printed_names(people: Iterable[str]) -> dict[str, str]:
    """The names to show beside pseudonyms, for those who have one."""
    rows = Account.objects.filter(person__in=set(people)).exclude(printed_name="")
    return dict(rows.values_list("person", "printed_name"))
