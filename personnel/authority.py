"""Who may ask for what: the ledger's authority, answered from the roles. Default deny."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import connection

from ledger import clock
from ledger.event import Actor, Refused
from ledger.event import marked as _
from ledger.ports import CommandSpec
from personnel.roles import CONSOLE, DOOR, ROLES, SYSTEM_ADMINISTRATOR, label

DEVICE = "d-"  # what a device's number begins with; a terminal's begins with t-
_HELD = (
    "SELECT 1 FROM personnel_role r JOIN personnel_account a ON a.person = r.person"
    " WHERE r.person = %s AND r.role = %s AND r.withdrawn_at IS NULL"
    " AND (r.until IS NULL OR r.until > %s) AND a.is_active"
)


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
        if not holds(actor.person, actor.role, at=at):
            raise Refused(
                _("{person} has no open account as {role}. Sign in again, or ask for the role."),
                person=actor.person,
                role=label(actor.role),
                code="no_account",
            )
        if actor.terminal.startswith(DEVICE):
            if not _acts_by_device(actor):
                raise Refused(_("This device was revoked, or acts for others."), code="no_device")
        elif not _at_a_known_place(actor):
            raise Refused(
                _(
                    "This terminal ({terminal}) is not registered. A system administrator"
                    " registers it; work at a registered one until then."
                ),
                terminal=actor.terminal,
                code="terminal",
            )


def _at_a_known_place(actor: Actor) -> bool:
    """A site may demand registered terminals; the administrator registers them where they are."""
    if settings.LOTBOOK_TERMINALS != "registered" or actor.role == SYSTEM_ADMINISTRATOR:
        return True
    found = "SELECT 1 FROM personnel_terminal WHERE terminal = %s AND retired_at IS NULL"
    if connection.vendor == "postgresql" and connection.in_atomic_block:
        found += " FOR SHARE"
    with connection.cursor() as cursor:
        cursor.execute(found, [actor.terminal])
        return cursor.fetchone() is not None


def _acts_by_device(actor: Actor) -> bool:
    """Whether a device still acts for this person in this role; held to the commit."""
    found = (
        "SELECT 1 FROM personnel_device WHERE device = %s AND person = %s AND role = %s"
        " AND revoked_at IS NULL"
    )
    if connection.vendor == "postgresql" and connection.in_atomic_block:
        found += " FOR SHARE"
    with connection.cursor() as cursor:
        cursor.execute(found, [actor.terminal, actor.person, actor.role])
        return cursor.fetchone() is not None


def holds(person: str, role: str, *, at: datetime | None = None) -> bool:
    """Whether a person with an open account holds this role now.

    Inside a transaction both rows are held to the end, so that nobody closes the account or
    withdraws the role between this check and the commit of what it allows.
    """
    found = _HELD
    if connection.vendor == "postgresql" and connection.in_atomic_block:
        found += " FOR SHARE"
    moment = at or clock.now()
    with connection.cursor() as cursor:
        cursor.execute(found, [person, role, connection.ops.adapt_datetimefield_value(moment)])
        return cursor.fetchone() is not None
