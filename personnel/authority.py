"""Who may ask for what: the ledger's authority, answered from the accounts. Default deny."""

from __future__ import annotations

from datetime import datetime

from django.db import connection

from ledger.event import Actor, Refused
from ledger.event import marked as _
from ledger.ports import CommandSpec
from personnel.roles import CONSOLE, DOOR, ROLES, label


class AccountAuthority:
    """Allows a command to a role that it names, held by a person whose account is open."""

    def allow(self, actor: Actor, spec: CommandSpec, at: datetime) -> None:
        if actor.role not in spec.roles:
            raise Refused(
                _("As {role} you may not do this. It takes: {roles}."),
                role=label(actor.role),
                roles=", ".join(label(role) for role in spec.roles if role in ROLES),
                code="wrong_role",
            )
        # These two stand for no account; no web request can carry them (see `actor_of`).
        if actor.role in (CONSOLE, DOOR):
            return
        if not holds(actor.person, actor.role):
            raise Refused(
                _("{person} has no open account as {role}. Sign in again, or ask for the role."),
                person=actor.person,
                role=label(actor.role),
                code="no_account",
            )


def holds(person: str, role: str) -> bool:
    """Whether an open account gives this person this role now.

    Inside a transaction its row is held to the end, so that nobody closes the account or changes
    its role between this check and the commit of what it allows.
    """
    found = "SELECT 1 FROM personnel_account WHERE person = %s AND role = %s AND is_active"
    if connection.vendor == "postgresql" and connection.in_atomic_block:
        found += " FOR SHARE"
    with connection.cursor() as cursor:
        cursor.execute(found, [person, role])
        return cursor.fetchone() is not None
