"""What may be asked about accounts and sessions. What is asked about people is next door."""

from __future__ import annotations

import secrets

from django.contrib.auth.hashers import is_password_usable
from django.db import IntegrityError, transaction

from ledger.command import Act, command
from ledger.event import Actor, Refused
from ledger.event import marked as _
from personnel import account as accounts
from personnel import person as people
from personnel import queries, stay
from personnel.models import Account, Name
from personnel.roles import (
    CONSOLE,
    DOOR,
    INSPECTOR,
    ROLES,
    SYSTEM_ADMINISTRATOR,
    check_grant,
    label,
)

ADMINISTRATORS = (CONSOLE, SYSTEM_ADMINISTRATOR)
ACCOUNT, SESSION = "account/{account}", "session/{session}"
_ALPHABET = "23456789abcdefghjkmnpqrstvwxyz"  # nothing that reads as something else


def new_id(prefix: str) -> str:
    """A pseudonym that says nothing about whom it names, as p-7f3k2m9x.

    Eight characters of thirty: among ten thousand people, two draw the same once in 13,000 times.
    """
    return f"{prefix}-" + "".join(secrets.choice(_ALPHABET) for _place in range(8))


def console() -> Actor:
    """Whoever has the server's own shell: answers for the first account of an installation."""
    return Actor(person="console", role=CONSOLE, terminal="console")


def door(terminal: str) -> Actor:
    """The sign-in page, before it knows who is there."""
    return Actor(person="door", role=DOOR, terminal=terminal)


@command(
    "personnel.open_account",
    role=ADMINISTRATORS,
    label=_("open account {account} as {role}"),
    record=ACCOUNT,
    private=("username", "printed_name", "verifier"),
)
def open_account(
    act: Act,
    *,
    account: str,
    person: str,
    role: str,
    username: str,
    printed_name: str,
    verifier: str,
    is_demo: bool = False,
) -> None:
    """Open a person's one account. Names and the password's verifier go into rows, not events.

    A password that the administrator gives is for one time. The console, which opens the first
    account of all, enrols in the same breath whom nobody has enrolled.
    """
    if not 2 <= len(username.strip()) <= 150:
        raise Refused(_("Choose a sign-in name of two characters or more."), code="username")
    _enter_in_role(act, person=person, role=role)
    one_time = act.actor.role == SYSTEM_ADMINISTRATOR and is_password_usable(verifier)
    state = act.load("account", account, accounts.Account(), accounts.evolve)
    opened = accounts.open_account(
        state,
        account=account,
        person=person,
        role=role,
        others=queries.open_accounts(person),
        one_time=one_time,
    )
    act.record("account", account, opened)
    name = printed_name or queries.printed_names([person]).get(person, "")
    row = Account(
        id=account,
        username=username,
        person=person,
        printed_name=name,
        role=role,
        password=verifier,
        is_demo=is_demo,
    )
    _save(row, name)


def _enter_in_role(act: Act, *, person: str, role: str) -> None:
    """The role an account begins in is one that its person holds."""
    known = act.load("person", person, people.Person(), people.evolve)
    held = queries.roles_of(person, act.at)
    if known.enrolled or act.actor.role != CONSOLE or role == INSPECTOR:
        if not known.enrolled:
            raise Refused(
                _("{person} is not enrolled. Enrol this person first."),
                person=person,
                code="not_enrolled",
            )
        if role not in held:
            raise Refused(
                _("{person} does not hold the role {role}. Give the role first."),
                person=person,
                role=label(role),
                code="role_not_held",
            )
    else:
        check_grant(held, role)
        act.record(
            "person",
            person,
            [
                people.PersonEnrolled(person=person, namesakes=[]),
                people.RoleGranted(person=person, role=role),
            ],
        )


def _save(row: Account, name: str) -> None:
    """The account's row; unique names and one open account each are the database's own rules."""
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        if "one_each" in str(error) or "personnel_account.person" in str(error):
            raise Refused(
                _("{person} has an open account, and one person has one. Close that first."),
                person=row.person,
                code="second_account",
            ) from None
        raise Refused(
            _("That sign-in name was used before, and no name is given twice. Choose another."),
            code="name_taken",
        ) from None
    if name and not Name.objects.filter(person=row.person).exists():
        Name(person=row.person, printed_name=name).save(force_insert=True)


@command(
    "personnel.close_account",
    role=ADMINISTRATORS,
    label=_("close account {account}"),
    record=ACCOUNT,
    needs_reason=True,
)
def close_account(act: Act, *, account: str) -> None:
    """Close an account for good, and end its sessions. Nothing is deleted."""
    row = _held(account)
    state = act.load("account", account, accounts.Account(), accounts.evolve)
    closed = accounts.close(state, account=account, closer=act.actor.person)
    act.record("account", account, closed)
    end_sessions(act, state.person, why=stay.CLOSED)
    if row is not None:
        row.is_active = False
        row.save(update_fields=["is_active"])


@command(
    "personnel.change_password",
    role=ADMINISTRATORS,
    label=_("give account {account} a one-time password"),
    record=ACCOUNT,
    private=("verifier",),
    needs_reason=True,
)
def change_password(act: Act, *, account: str, verifier: str) -> None:
    """Give an account a one-time password. Its owner signs nothing before changing it."""
    row = _held(account)
    state = act.load("account", account, accounts.Account(), accounts.evolve)
    act.record("account", account, accounts.give_one_time_password(state, account=account))
    _keep_verifier(row, verifier)


@command(
    "personnel.choose_password",
    role=ROLES,
    label=_("choose a password for account {account}"),
    record=ACCOUNT,
    private=("verifier",),
)
def choose_password(act: Act, *, account: str, verifier: str) -> None:
    """Take a password of one's own. That it changed is an event; the verifier is not."""
    row = _held(account)
    state = act.load("account", account, accounts.Account(), accounts.evolve)
    changed = accounts.change_password(state, account=account)
    if state.person != act.actor.person:
        raise Refused(_("This account is another person's."), code="not_yours")
    act.record("account", account, changed)
    _keep_verifier(row, verifier)


@command(
    "personnel.unlock_account",
    role=ADMINISTRATORS,
    label=_("unlock account {account}"),
    record=ACCOUNT,
    needs_reason=True,
)
def unlock_account(act: Act, *, account: str) -> None:
    """Open a locked account before its time is over."""
    _held(account)
    state = act.load("account", account, accounts.Account(), accounts.evolve)
    act.record("account", account, accounts.unlock(state, account=account, at=act.at))


@command("personnel.sign_in", role=ROLES, label=_("sign in to account {account}"))
def sign_in(act: Act, *, session: str, account: str) -> None:
    """Begin a session: the password, or the demo's button, has been accepted.

    Whoever is signed in elsewhere is signed out there: one person, one active terminal.
    """
    _held(account)
    state = act.load("session", session, stay.Session(), stay.evolve_session)
    end_sessions(act, act.actor.person)
    act.record("session", session, stay.sign_in(state, account=account))


@command("personnel.sign_out", role=ROLES, label=_("sign out"))
def sign_out(act: Act, *, session: str) -> None:
    """End a session."""
    state = act.load("session", session, stay.Session(), stay.evolve_session)
    act.record("session", session, stay.sign_out(state))


@command("personnel.take_role", role=ROLES, label=_("act in another role"), record=SESSION)
def take_role(act: Act, *, session: str) -> None:
    """Go on in the role that the actor carries: authority has just seen that it is held."""
    row = queries.session(session)
    state = act.load("session", session, stay.Session(), stay.evolve_session)
    old = row.role if row else ""
    act.record("session", session, stay.take_role(state, old=old, new=act.actor.role))


@command("personnel.lock_session", role=ROLES, label=_("lock the idle session"), record=SESSION)
def lock_session(act: Act, *, session: str, minutes: int) -> None:
    """Lock a session that nobody has touched for so long."""
    state = act.load("session", session, stay.Session(), stay.evolve_session)
    act.record("session", session, stay.lock(state, minutes=minutes))


@command("personnel.unlock_session", role=ROLES, label=_("unlock the session"), record=SESSION)
def unlock_session(act: Act, *, session: str) -> None:
    """Go on with a locked session: the password of the same person has been accepted."""
    state = act.load("session", session, stay.Session(), stay.evolve_session)
    act.record("session", session, stay.unlock(state))


@command("personnel.refuse_sign_in", role=(DOOR,), label=_("turn somebody away at the door"))
def refuse_sign_in(act: Act, *, session: str, account: str, why: str) -> None:
    """Keep that somebody was turned away, and why; too many wrong passwords lock the account."""
    _held(account)
    known = act.load("account", account, accounts.Account(), accounts.evolve)
    if accounts.is_locked(known, act.at):
        tried = accounts.try_locked(known, account=account, at=act.at)
        act.record("account", account, tried)
        return
    state = act.load("session", session, stay.Session(), stay.evolve_session)
    act.record("session", session, stay.refuse_sign_in(state, account=account, why=why))
    if why == accounts.WRONG_PASSWORD and known.person:
        count = queries.failures(account, act.at) + 1
        lock = accounts.lock(known, account=account, failures=count, at=act.at)
        act.record("account", account, lock)


def end_sessions(act: Act, person: str, *, why: str = "") -> None:
    """End every stay of a person, from outside."""
    for row in queries.open_sessions(person):
        state = act.load("session", row.session, stay.Session(), stay.evolve_session)
        moved = stay.AGAIN if row.terminal == act.actor.terminal else stay.ELSEWHERE
        act.record("session", row.session, stay.end(state, why=why or moved))


def _held(account: str) -> Account | None:
    """The account's row, held to the commit: what happens at one account happens in turn."""
    return Account.objects.select_for_update().filter(pk=account).first()


def _keep_verifier(row: Account | None, verifier: str) -> None:
    if row is not None:
        row.password = verifier
        row.save(update_fields=["password"])
