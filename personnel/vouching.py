"""Who may say of another that they are who they say: somebody of whom that was said before.

Without this an administrator could invent two people who check one another, and let one of them
confirm a key made in somebody else's name. The first word of all is taken from anybody: the
installation begins with it. Whom the console enrolled, at the machine itself, needs none.

Nor may an administrator lend a colleague's voice by resetting the password: who was let in by one
that somebody else chose shows first to be themselves, by a signature with their own key, or to a
colleague who checks their identity or confirms their new key.
"""

from __future__ import annotations

from datetime import datetime

from ledger.event import Refused
from ledger.event import marked as _
from ledger.models import Trail
from personnel.models import AccountState, Person
from personnel.models.signing import SigningKey
from personnel.roles import CONSOLE


def demand_known(person: str) -> None:
    """Refuse whoever may be somebody else: nobody has checked, or an administrator let them in."""
    demand_checked(person)
    given = _password_given(person)
    if given is not None and not _shown_since(person, given):
        raise Refused(
            _(
                "An administrator gave you your password, so you can neither vouch for somebody"
                " else nor decide over a batch yet. Sign a record with your own key first, or enrol"
                " a new key and let a colleague confirm it."
            ),
            code="let_in_by_another",
        )


def demand_checked(person: str) -> None:
    """Refuse whose own identity nobody has checked: an administrator may have invented them."""
    row = Person.objects.filter(person=person).first()
    known = row is not None and (row.checked_at is not None or row.enrolled_by == CONSOLE)
    if not known and Person.objects.exclude(checked_at=None).exists():
        raise Refused(
            _(
                "Your own identity has not been checked here yet, so you can neither vouch for"
                " somebody else, nor decide over a batch, nor see who a subject is. Show a"
                " colleague of QA or your supervisor who you are."
            ),
            code="unchecked",
        )


def _password_given(person: str) -> datetime | None:
    """When somebody else last chose a password for this person; never, or while no key at all
    has been confirmed, nothing."""
    if not SigningKey.objects.exclude(confirmed_at=None).exists():
        return None
    accounts = AccountState.objects.filter(person=person).values_list("account", flat=True)
    given = Trail.objects.filter(
        type="personnel.one_time_password_given",
        stream_type="account",
        stream_id__in=list(accounts),
    )
    return given.order_by("-recorded_at").values_list("recorded_at", flat=True).first()


def _shown_since(person: str, given: datetime) -> bool:
    """Whether something since then could come from this person alone, or was seen by another."""
    return (
        Person.objects.filter(person=person, checked_at__gt=given).exists()
        or SigningKey.objects.filter(person=person, confirmed_at__gt=given).exists()
        or Trail.objects.filter(
            person=person, type="ledger.signature_applied", recorded_at__gt=given
        ).exists()
    )
