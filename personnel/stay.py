"""One stay of a person at a terminal: the door, the role acted in, the idle lock. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from ledger.event import Refused, event_type
from ledger.event import marked as _
from personnel.account import GROUNDS
from personnel.roles import label


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


@event_type(
    "personnel.role_taken",
    1,
    sentence="{account} went from acting as {old} to acting as {new}.",
    owner="personnel",
    retention="system",
)
class RoleTaken:
    account: str
    old: str
    new: str


@event_type(
    "personnel.session_locked",
    1,
    sentence="The session of {account} was locked after {minutes} minutes without a touch.",
    owner="personnel",
    retention="system",
)
class SessionLocked:
    account: str
    minutes: int


@event_type(
    "personnel.session_unlocked",
    1,
    sentence="{account} unlocked the session by password.",
    owner="personnel",
    retention="system",
)
class SessionUnlocked:
    account: str


@event_type(
    "personnel.session_ended",
    1,
    sentence="The session of {account} was ended: {why}.",
    owner="personnel",
    retention="system",
)
class SessionEnded:
    account: str
    why: str


ELSEWHERE = "signed in at another terminal"
AGAIN = "signed in again"
CLOSED = "account closed"
NO_ROLE_LEFT = "no role held any more"


@dataclass(frozen=True, kw_only=True)
class Session:
    account: str = ""
    role: str = ""
    ended: bool = False
    locked: bool = False


def evolve_session(state: Session, event: Any) -> Session:
    match event:
        case SignedIn(account=account):
            return Session(account=account)
        case RoleTaken(new=role):
            return replace(state, role=role)
        case SessionLocked():
            return replace(state, locked=True)
        case SessionUnlocked():
            return replace(state, locked=False)
        case SignedOut() | SignInRefused() | SessionEnded():
            return replace(state, ended=True)
    raise ValueError(f"A session does not know the event {type(event).__name__}.")


def sign_in(state: Session, *, account: str) -> list[SignedIn]:
    if state.account or state.ended:
        raise Refused(_("This session has begun already. Sign in again."), code="session_begun")
    return [SignedIn(account=account)]


def sign_out(state: Session) -> list[SignedOut]:
    _demand_open(state)
    return [SignedOut(account=state.account)]


def refuse_sign_in(state: Session, *, account: str, why: str) -> list[SignInRefused]:
    if state.account or why not in GROUNDS:
        raise Refused(_("This session has begun already. Sign in again."), code="session_begun")
    return [SignInRefused(account=account, why=why)]


def take_role(state: Session, *, old: str, new: str) -> list[RoleTaken]:
    """Go on in another role that the person holds."""
    _demand_open(state)
    if old == new:
        raise Refused(_("You act as {role} already."), role=label(new), code="same_role")
    return [RoleTaken(account=state.account, old=old, new=new)]


def lock(state: Session, *, minutes: int) -> list[SessionLocked]:
    _demand_open(state)
    return [] if state.locked else [SessionLocked(account=state.account, minutes=minutes)]


def unlock(state: Session) -> list[SessionUnlocked]:
    _demand_open(state)
    return [SessionUnlocked(account=state.account)] if state.locked else []


def end(state: Session, *, why: str) -> list[SessionEnded]:
    """End a session from outside it: its person came in elsewhere, or the account was closed."""
    if not state.account or state.ended:
        return []
    return [SessionEnded(account=state.account, why=why)]


def _demand_open(state: Session) -> None:
    if not state.account or state.ended:
        raise Refused(_("This session has ended already."), code="session_ended")
