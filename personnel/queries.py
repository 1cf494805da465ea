"""Reads about people, accounts and sessions, for pages and commands."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.utils.translation import gettext as _

from ledger import clock
from personnel.account import ACCOUNT_CLOSED, UNKNOWN_NAME, WINDOW, WRONG_PASSWORD
from personnel.models import (
    AccessReview,
    Account,
    AccountState,
    Name,
    Person,
    RoleSpan,
    SessionRow,
    SignInFailure,
    Terminal,
)
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
    return _(label(role))


def printed_names(people: Iterable[str]) -> dict[str, str]:
    """The names to show beside pseudonyms, for those who have one."""
    wanted = set(people)
    accounts = Account.objects.filter(person__in=wanted).exclude(printed_name="")
    names = Name.objects.filter(person__in=wanted)
    told = [
        rows.order_by().annotate(rank=Value(rank)).values_list("rank", "person", "printed_name")
        for rank, rows in enumerate((accounts, names))  # a name given later goes before
    ]
    return {one: name for _rank, one, name in sorted(told[0].union(told[1], all=True))}


def namesakes(printed_name: str) -> list[str]:
    """The people who are called the same, whatever the case, the accents and the spaces."""
    wanted = _folded(printed_name)
    rows = Name.objects.values_list("person", "printed_name")
    return sorted(person for person, name in rows if wanted and _folded(name) == wanted)


def _folded(name: str) -> str:
    """A name as one hears it: no case, no accents, nothing that cannot be seen."""
    letters = unicodedata.normalize("NFKD", name)
    seen = (letter for letter in letters if unicodedata.category(letter) not in {"Mn", "Cf"})
    return " ".join("".join(seen).casefold().split())


def person(pseudonym: str) -> Person | None:
    return Person.objects.filter(person=pseudonym).first()


def current(at: datetime | None = None) -> QuerySet[RoleSpan]:
    """The roles that are held now."""
    lasting = Q(until=None) | Q(until__gt=at or clock.now())
    return RoleSpan.objects.filter(lasting, withdrawn_at=None)


def roles_of(pseudonym: str, at: datetime | None = None) -> list[str]:
    """The roles a person holds now, in the order of the roles' list."""
    held = set(current(at).filter(person=pseudonym).values_list("role", flat=True))
    return [role for role in ROLES if role in held]


def role_names(pseudonym: str) -> list[RoleSpan]:
    """The roles a person holds now, as pages show them."""
    held = {span.role: span for span in current().filter(person=pseudonym)}
    return [held[role] for role in ROLES if role in held]


def over(pseudonym: str, at: datetime) -> list[str]:
    """Roles whose time is over and which nobody has withdrawn."""
    spans = RoleSpan.objects.filter(person=pseudonym, withdrawn_at=None, until__lte=at)
    return sorted(spans.values_list("role", flat=True))


def rights_on(at: datetime) -> list[RoleSpan]:
    """Who held which role at a moment, whatever happened since."""
    held = RoleSpan.objects.filter(
        Q(withdrawn_at=None) | Q(withdrawn_at__gt=at),
        Q(until=None) | Q(until__gt=at),
        granted_at__lte=at,
    )
    return sorted(held, key=lambda span: (span.person, ROLES.index(span.role)))


def spans_of(pseudonym: str) -> list[RoleSpan]:
    """Every role a person ever held, newest first."""
    rows = RoleSpan.objects.filter(person=pseudonym)
    return list(rows.order_by("-granted_at", "-event_id"))


def states_of(people: Iterable[str]) -> dict[str, AccountState]:
    """The open account of each person that has one."""
    rows = AccountState.objects.filter(person__in=list(people), closed_at=None)
    return {row.person: row for row in rows}


def accounts_of(pseudonym: str) -> list[AccountState]:
    """Every account a person ever had, newest first."""
    rows = AccountState.objects.filter(person=pseudonym)
    return list(rows.order_by("-opened_at", "-account"))


def sessions_of(pseudonym: str) -> list[SessionRow]:
    """A person's latest sessions."""
    rows = SessionRow.objects.filter(person=pseudonym)
    return list(rows.order_by("-began_at", "-session")[:10])


def held_by_all(at: datetime | None = None) -> dict[str, tuple[str, ...]]:
    """The roles that each person holds now."""
    found: dict[str, list[str]] = {}
    for span in sorted(current(at), key=lambda span: ROLES.index(span.role)):
        found.setdefault(span.person, []).append(span.role)
    return {pseudonym: tuple(roles) for pseudonym, roles in sorted(found.items())}


def terminals() -> list[Terminal]:
    """Every terminal that was ever registered, those in use first."""
    return sorted(Terminal.objects.all(), key=lambda row: (row.retired_at is not None, row.name))


def terminal(name: str) -> Terminal | None:
    """A terminal that is registered and in use."""
    return Terminal.objects.filter(terminal=name, retired_at=None).first()


def newest_review() -> AccessReview | None:
    return AccessReview.objects.order_by("-at", "-event_id").first()


def open_accounts(pseudonym: str) -> list[str]:
    """The open accounts of a person: none or one."""
    rows = Account.objects.filter(person=pseudonym, is_active=True)
    return sorted(rows.values_list("id", flat=True))


def standing(account: str) -> AccountState | None:
    """How an account stands."""
    return AccountState.objects.filter(account=account).first()


def is_locked(state: Any) -> bool:
    return bool(state and state.locked_until and state.locked_until > clock.now())


def role_to_begin(account: Account) -> str:
    """The role a session begins in: the account's own where it is still held."""
    held = roles_of(account.person)
    if account.role in held:
        return account.role
    return held[0] if held else ""


def locked(at: datetime | None = None) -> QuerySet[AccountState]:
    """The accounts that are locked now."""
    return AccountState.objects.filter(locked_until__gt=at or clock.now(), closed_at=None)


def failures(account: str, at: datetime) -> int:
    """Wrong passwords that count: within the window, since the account was last entered."""
    since = at - WINDOW
    state = standing(account)
    if state and state.counted_from and state.counted_from > since:
        since = state.counted_from
    return SignInFailure.objects.filter(account=account, at__gt=since, at__lte=at).count()


def open_sessions(pseudonym: str) -> list[SessionRow]:
    """Where a person is signed in."""
    rows = SessionRow.objects.filter(person=pseudonym, ended_at=None)
    return list(rows.order_by("began_at", "session"))


def session(began: str) -> SessionRow | None:
    """A stay, and whether its person still holds any role now (`may_stay`), in one read."""
    held = current().filter(person=OuterRef("person"))
    return SessionRow.objects.filter(session=began).annotate(may_stay=Exists(held)).first()


def signers(pseudonym: str) -> QuerySet[Any]:
    """A person with how their open account stands, in one read, for `why_not_sign`."""
    state = AccountState.objects.filter(person=OuterRef("person"), closed_at=None)
    return Person.objects.filter(person=pseudonym).annotate(
        account=Subquery(state.values("account")[:1]),
        must_change=Subquery(state.values("must_change")[:1]),
    )


def may_sign(pseudonym: str) -> str:
    """Empty where a person may sign, else the sentence that says why not and what to do."""
    return why_not_sign(signers(pseudonym).first())


def why_not_sign(row: Any) -> str:
    """The same of a row of `signers`. A lock-out is no reason: anybody can bring it about at the
    door, and who is in has a signing secret that stands on its own.
    """
    if row is None or row.checked_at is None:
        return _(
            "Your identity has not been checked here yet, so you cannot sign. Show a colleague of"
            " QA or your supervisor who you are."
        )
    if row.account is None:
        return _("You have no open account, so you cannot sign. Ask the system administrator.")
    if row.must_change:
        return _("You still use a one-time password, so you cannot sign. Choose your own first.")
    return ""
