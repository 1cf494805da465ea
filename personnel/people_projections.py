"""Events of people, accounts, sessions and terminals to rows. The only writer of those tables.

A row that two streams write (a person's, an account's) comes out the same in either order.
"""

from __future__ import annotations

from datetime import datetime

from ledger.event import Recorded
from ledger.projections import projects
from personnel.access import AccessReviewed
from personnel.account import (
    WRONG_PASSWORD,
    AccountClosed,
    AccountLocked,
    AccountOpened,
    AccountUnlocked,
    LockedAccountTried,
    OneTimePasswordGiven,
    PasswordChanged,
)
from personnel.models import (
    AccessReview,
    AccountState,
    Person,
    RoleSpan,
    SessionRow,
    SignInFailure,
    Terminal,
)
from personnel.person import (
    IdentityChecked,
    InspectorCountersigned,
    InspectorProposed,
    PersonEnrolled,
    RoleGranted,
    RoleWithdrawn,
)
from personnel.stay import (
    RoleTaken,
    SessionEnded,
    SessionLocked,
    SessionUnlocked,
    SignedIn,
    SignedOut,
    SignInRefused,
)
from personnel.terminal import TerminalRegistered, TerminalRetired


@projects(PersonEnrolled)
def enrol(recorded: Recorded) -> None:
    _person(recorded, enrolled_at=recorded.recorded_at, enrolled_by=recorded.actor.person)


@projects(IdentityChecked)
def check_identity(recorded: Recorded) -> None:
    _person(
        recorded,
        checked_at=recorded.recorded_at,
        checked_by=recorded.actor.person,
        evidence=recorded.data.evidence,
        reference=recorded.data.reference,
    )


@projects(InspectorProposed)
def propose_inspector(recorded: Recorded) -> None:
    until = datetime.fromisoformat(recorded.data.until)
    _person(recorded, proposed_until=until, proposed_by=recorded.actor.person)


@projects(InspectorCountersigned)
def countersign_inspector(recorded: Recorded) -> None:
    _person(recorded, proposed_until=None, proposed_by="")


@projects(RoleGranted)
def grant_role(recorded: Recorded) -> None:
    until = recorded.data.until
    _grant(recorded, until=datetime.fromisoformat(until) if until else None)


@projects(RoleWithdrawn)
def withdraw_role(recorded: Recorded) -> None:
    held = RoleSpan.objects.filter(
        person=recorded.data.person, role=recorded.data.role, withdrawn_at=None
    )
    held.update(
        withdrawn_at=recorded.recorded_at,
        withdrawn_by=recorded.actor.person,
        withdrawal_reason=recorded.reason,
    )


@projects(AccountOpened)
def open_account(recorded: Recorded) -> None:
    """An account that was opened before people were enrolled gives its role by itself."""
    data = recorded.data
    _person(recorded)
    AccountState.objects.create(
        account=data.account, person=data.person, opened_at=recorded.recorded_at
    )
    held = RoleSpan.objects.filter(person=data.person, role=data.role, withdrawn_at=None)
    if not held.exists():
        _grant(recorded, until=None)


@projects(OneTimePasswordGiven)
def give_one_time_password(recorded: Recorded) -> None:
    _account(recorded, must_change=True)


@projects(PasswordChanged)
def change_password(recorded: Recorded) -> None:
    _account(recorded, must_change=False)


@projects(AccountClosed)
def close_account(recorded: Recorded) -> None:
    _account(
        recorded,
        closed_at=recorded.recorded_at,
        closed_by=recorded.actor.person,
        close_reason=recorded.reason,
    )


@projects(AccountLocked)
def lock_account(recorded: Recorded) -> None:
    _account(
        recorded,
        locked_at=recorded.recorded_at,
        locked_until=datetime.fromisoformat(recorded.data.until),
        tried_since=False,
        counted_from=recorded.recorded_at,
    )


@projects(LockedAccountTried)
def try_locked_account(recorded: Recorded) -> None:
    _account(recorded, tried_since=True)


@projects(AccountUnlocked)
def unlock_account(recorded: Recorded) -> None:
    _account(
        recorded,
        locked_at=None,
        locked_until=None,
        tried_since=False,
        counted_from=recorded.recorded_at,
    )


@projects(SignInRefused)
def refuse_sign_in(recorded: Recorded) -> None:
    if recorded.data.why == WRONG_PASSWORD:
        SignInFailure.objects.create(
            event_id=recorded.id, account=recorded.data.account, at=recorded.recorded_at
        )


@projects(SignedIn)
def sign_in(recorded: Recorded) -> None:
    actor = recorded.actor
    _account(recorded, counted_from=recorded.recorded_at)
    SessionRow.objects.create(
        session=recorded.stream_id,
        account=recorded.data.account,
        person=actor.person,
        terminal=actor.terminal,
        role=actor.role,
        began_at=recorded.recorded_at,
    )


@projects(RoleTaken)
def take_role(recorded: Recorded) -> None:
    _session(recorded, role=recorded.data.new)


@projects(SessionLocked)
def lock_session(recorded: Recorded) -> None:
    _session(recorded, locked_at=recorded.recorded_at)


@projects(SessionUnlocked)
def unlock_session(recorded: Recorded) -> None:
    _session(recorded, locked_at=None)


@projects(SignedOut)
def sign_out(recorded: Recorded) -> None:
    _session(recorded, ended_at=recorded.recorded_at, ended_why="signed out")


@projects(SessionEnded)
def end_session(recorded: Recorded) -> None:
    _session(recorded, ended_at=recorded.recorded_at, ended_why=recorded.data.why)


@projects(TerminalRegistered)
def register_terminal(recorded: Recorded) -> None:
    data = recorded.data
    Terminal.objects.update_or_create(
        terminal=data.terminal,
        defaults={
            "name": data.name,
            "room": data.room,
            "registered_at": recorded.recorded_at,
            "retired_at": None,
        },
    )


@projects(TerminalRetired)
def retire_terminal(recorded: Recorded) -> None:
    Terminal.objects.filter(terminal=recorded.data.terminal).update(retired_at=recorded.recorded_at)


@projects(AccessReviewed)
def review_access(recorded: Recorded) -> None:
    AccessReview.objects.create(
        event_id=recorded.id,
        at=recorded.recorded_at,
        by=recorded.actor.person,
        confirmed=recorded.data.confirmed,
        withdrawn=recorded.data.withdrawn,
    )


def _grant(recorded: Recorded, *, until: datetime | None) -> None:
    RoleSpan.objects.create(
        event_id=recorded.id,
        person=recorded.data.person,
        role=recorded.data.role,
        granted_at=recorded.recorded_at,
        granted_by=recorded.actor.person,
        grant_reason=recorded.reason,
        until=until,
    )


def _person(recorded: Recorded, **values: object) -> None:
    Person.objects.update_or_create(person=recorded.data.person, defaults=values)


def _account(recorded: Recorded, **values: object) -> None:
    AccountState.objects.filter(account=recorded.data.account).update(**values)


def _session(recorded: Recorded, **values: object) -> None:
    SessionRow.objects.filter(session=recorded.stream_id).update(**values)
