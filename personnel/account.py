"""One sign-in account and one session at a terminal. Pure. No names: those stay outside."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from ledger.event import Refused, event_type
from ledger.event import marked as _
from personnel.roles import ROLES

UNKNOWN_NAME = "unknown name"
WRONG_PASSWORD = "wrong password"  # noqa: S105 - says why, is not one
ACCOUNT_CLOSED = "account closed"
GROUNDS = (UNKNOWN_NAME, WRONG_PASSWORD, ACCOUNT_CLOSED)


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
    "personnel.signed_in",
    1,
    sentence="Signed in to account {account}.",
    owner="personnel",
    retention="system",
)
class SignedIn:
    account: str


@event_type(
    "personnel.signed_out",
    1,
    sentence="Signed out of account {account}.",
    owner="personnel",
    retention="system",
)
class SignedOut:
    account: str


@event_type(
    "personnel.sign_in_refused",
    1,
    sentence="A sign-in to account {account} was refused: {why}.",
    owner="personnel",
    retention="system",
)
class SignInRefused:
    account: str  # "unknown" when the name typed is nobody's: what was typed is never kept
    why: str


@dataclass(frozen=True, kw_only=True)
class Account:
    person: str = ""
    role: str = ""


def evolve(state: Account, event: Any) -> Account:
    match event:
        case AccountOpened(person=person, role=role):
            return replace(state, person=person, role=role)
        case PasswordChanged():
            return state
    raise ValueError(f"An account does not know the event {type(event).__name__}.")


def open_account(state: Account, *, account: str, person: str, role: str) -> list[AccountOpened]:
    if state.person:
        raise Refused(
            _("Account {account} is open already. Open another one."),
            account=account,
            code="already_open",
        )
    if role not in ROLES:
        raise Refused(_("There is no role “{role}”."), role=role, code="unknown_role")
    return [AccountOpened(account=account, person=person, role=role)]


def change_password(state: Account, *, account: str) -> list[PasswordChanged]:
    if not state.person:
        raise Refused(_("There is no account {account}."), account=account, code="no_account")
    return [PasswordChanged(account=account)]


@dataclass(frozen=True, kw_only=True)
class Session:
    account: str = ""
    ended: bool = False


def evolve_session(state: Session, event: Any) -> Session:
    match event:
        case SignedIn(account=account):
            return Session(account=account)
        case SignedOut() | SignInRefused():
            return replace(state, ended=True)
    raise ValueError(f"A session does not know the event {type(event).__name__}.")


def sign_in(state: Session, *, account: str) -> list[SignedIn]:
    if state.account or state.ended:
        raise Refused(_("This session has begun already. Sign in again."), code="session_begun")
    return [SignedIn(account=account)]


def sign_out(state: Session) -> list[SignedOut]:
    if not state.account or state.ended:
        raise Refused(_("This session has ended already."), code="session_ended")
    return [SignedOut(account=state.account)]


def refuse_sign_in(state: Session, *, account: str, why: str) -> list[SignInRefused]:
    if state.account or why not in GROUNDS:
        raise Refused(_("This session has begun already. Sign in again."), code="session_begun")
    return [SignInRefused(account=account, why=why)]
