"""One sign-in account: opened, locked, unlocked, closed. Pure. No names: those stay outside."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from ledger.event import Refused, event_type
from ledger.event import marked as _
from personnel.roles import ROLES

UNKNOWN_NAME = "unknown name"
WRONG_PASSWORD = "wrong password"  # noqa: S105 - says why, is not one
ACCOUNT_CLOSED = "account closed"
NO_ROLE = "no role held"
GROUNDS = (UNKNOWN_NAME, WRONG_PASSWORD, ACCOUNT_CLOSED, NO_ROLE)
# Five wrong passwords within a quarter of an hour lock an account for as long.
WRONG_PASSWORDS = 5
WINDOW = timedelta(minutes=15)


@event_type(
    "personnel.account_opened",
    1,
    sentence="Account {account} was opened for {person} as {role}.",
    owner="personnel",
    retention="system",
)
class AccountOpened:
    account: str
    person: str
    role: str


@event_type(
    "personnel.password_changed",
    1,
    sentence="The password of account {account} was changed.",
    owner="personnel",
    retention="system",
)
class PasswordChanged:
    account: str


@event_type(
    "personnel.one_time_password_given",
    1,
    sentence="A one-time password was given to account {account}; its owner must change it.",
    owner="personnel",
    retention="system",
)
class OneTimePasswordGiven:
    account: str


@event_type(
    "personnel.account_closed",
    1,
    sentence="Account {account} of {person} was closed.",
    owner="personnel",
    retention="system",
)
class AccountClosed:
    account: str
    person: str


@event_type(
    "personnel.account_locked",
    1,
    sentence="Account {account} was locked until {until} after {failures} wrong passwords.",
    owner="personnel",
    retention="system",
)
class AccountLocked:
    account: str
    failures: int
    until: str


@event_type(
    "personnel.locked_account_tried",
    1,
    sentence="Somebody tried to enter by account {account} while it was locked.",
    owner="personnel",
    retention="system",
)
class LockedAccountTried:
    """Once for each lock: who hammers at a locked door cannot fill the ledger."""

    account: str


@event_type(
    "personnel.account_unlocked",
    1,
    sentence="Account {account} was unlocked.",
    owner="personnel",
    retention="system",
)
class AccountUnlocked:
    account: str


@dataclass(frozen=True, kw_only=True)
class Account:
    person: str = ""
    role: str = ""
    closed: bool = False
    one_time: bool = False
    locked_until: str = ""
    tried: bool = False


def evolve(state: Account, event: Any) -> Account:
    match event:
        case AccountOpened(person=person, role=role):
            return replace(state, person=person, role=role)
        case PasswordChanged():
            return replace(state, one_time=False)
        case OneTimePasswordGiven():
            return replace(state, one_time=True)
        case AccountClosed():
            return replace(state, closed=True)
        case AccountLocked(until=until):
            return replace(state, locked_until=until, tried=False)
        case LockedAccountTried():
            return replace(state, tried=True)
        case AccountUnlocked():
            return replace(state, locked_until="", tried=False)
    raise ValueError(f"An account does not know the event {type(event).__name__}.")


def open_account(
    state: Account,
    *,
    account: str,
    person: str,
    role: str,
    others: Iterable[str] = (),
    one_time: bool = False,
) -> list[Any]:
    """Open the one account of a person. `others` are accounts that are open for that person."""
    if state.person:
        raise Refused(
            _("Account {account} is open already. Open another one."),
            account=account,
            code="already_open",
        )
    if role not in ROLES:
        raise Refused(_("There is no role “{role}”."), role=role, code="unknown_role")
    for other in others:
        raise Refused(
            _("{person} has the open account {other}, and one person has one. Close that first."),
            person=person,
            other=other,
            code="second_account",
        )
    opened = AccountOpened(account=account, person=person, role=role)
    return [opened, OneTimePasswordGiven(account=account)] if one_time else [opened]


def change_password(state: Account, *, account: str) -> list[PasswordChanged]:
    _demand_open(state, account)
    return [PasswordChanged(account=account)]


def give_one_time_password(state: Account, *, account: str) -> list[Any]:
    _demand_open(state, account)
    return [OneTimePasswordGiven(account=account)]


def close(state: Account, *, account: str, closer: str) -> list[AccountClosed]:
    _demand_open(state, account)
    if closer == state.person:
        raise Refused(
            _("Nobody closes their own account. Ask another administrator."), code="own_account"
        )
    return [AccountClosed(account=account, person=state.person)]


def is_locked(state: Account, at: datetime) -> bool:
    return bool(state.locked_until) and at < datetime.fromisoformat(state.locked_until)


def lock(state: Account, *, account: str, failures: int, at: datetime) -> list[AccountLocked]:
    """What follows a wrong password: a lock, once there were too many of them in the window."""
    if failures < WRONG_PASSWORDS or is_locked(state, at):
        return []
    until = (at + WINDOW).isoformat(timespec="seconds")
    return [AccountLocked(account=account, failures=failures, until=until)]


def try_locked(state: Account, *, account: str, at: datetime) -> list[LockedAccountTried]:
    if not is_locked(state, at) or state.tried:
        return []
    return [LockedAccountTried(account=account)]


def unlock(state: Account, *, account: str, at: datetime) -> list[AccountUnlocked]:
    _demand_open(state, account)
    if not is_locked(state, at):
        raise Refused(_("Account {account} is not locked."), account=account, code="not_locked")
    return [AccountUnlocked(account=account)]


def _demand_open(state: Account, account: str) -> None:
    if not state.person:
        raise Refused(_("There is no account {account}."), account=account, code="no_account")
    if state.closed:
        raise Refused(
            _("Account {account} is closed, and what is closed stays so."),
            account=account,
            code="closed",
        )
