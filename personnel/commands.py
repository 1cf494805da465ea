"""What may be asked about accounts and sessions."""

from __future__ import annotations

import secrets

from django.db import IntegrityError, transaction

from ledger.command import Act, command
from ledger.event import Actor, Refused
from ledger.event import marked as _
from personnel import account as accounts
from personnel.models import Account
from personnel.roles import CONSOLE, DOOR, ROLES, SYSTEM_ADMINISTRATOR

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
    role=(CONSOLE, SYSTEM_ADMINISTRATOR),
    label=_("open account {account} as {role}"),
    record="account/{account}",
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
    """Open an account. The name and the password's verifier go into its row, not into the event."""
    state = act.load("account", account, accounts.Account(), accounts.evolve)
    act.record(
        "account",
        account,
        accounts.open_account(state, account=account, person=person, role=role),
    )
    row = Account(
        id=account,
        username=username,
        person=person,
        printed_name=printed_name,
        role=role,
        password=verifier,
        is_demo=is_demo,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise Refused(
            _("That sign-in name was used before, and no name is given twice. Choose another."),
            code="name_taken",
        ) from None


@command(
    "personnel.change_password",
    role=(CONSOLE,),
    label=_("change the password of account {account}"),
    record="account/{account}",
    private=("verifier",),
    needs_reason=True,
)
def change_password(act: Act, *, account: str, verifier: str) -> None:
    """Give an account another password. That it changed is an event; the verifier is not."""
    state = act.load("account", account, accounts.Account(), accounts.evolve)
    act.record("account", account, accounts.change_password(state, account=account))
    row = Account.objects.get(pk=account)
    row.password = verifier
    row.save(update_fields=["password"])


@command("personnel.sign_in", role=ROLES, label=_("sign in to account {account}"))
def sign_in(act: Act, *, session: str, account: str) -> None:
    """Begin a session: the password, or the demo's button, has been accepted."""
    state = act.load("session", session, accounts.Session(), accounts.evolve_session)
    act.record("session", session, accounts.sign_in(state, account=account))


@command("personnel.sign_out", role=ROLES, label=_("sign out"))
def sign_out(act: Act, *, session: str) -> None:
    """End a session."""
    state = act.load("session", session, accounts.Session(), accounts.evolve_session)
    act.record("session", session, accounts.sign_out(state))


@command("personnel.refuse_sign_in", role=(DOOR,), label=_("turn somebody away at the door"))
def refuse_sign_in(act: Act, *, session: str, account: str, why: str) -> None:
    """Keep that somebody was turned away at the sign-in page, and why."""
    state = act.load("session", session, accounts.Session(), accounts.evolve_session)
    act.record("session", session, accounts.refuse_sign_in(state, account=account, why=why))
