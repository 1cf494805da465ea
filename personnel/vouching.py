"""Who may say of another that they are who they say: somebody of whom that was said before.

Without this an administrator could invent two people who check one another, and let one of them
confirm a key made in somebody else's name. The first word of all is taken from anybody: the
installation begins with it. Whom the console enrolled, at the machine itself, needs none.
"""

from __future__ import annotations

from ledger.event import Refused
from ledger.event import marked as _
from personnel.models import Person
from personnel.roles import CONSOLE


def demand_known(person: str) -> None:
    """Refuse whose own identity nobody has checked."""
    row = Person.objects.filter(person=person).first()
    known = row is not None and (row.checked_at is not None or row.enrolled_by == CONSOLE)
    if not known and Person.objects.exclude(checked_at=None).exists():
        raise Refused(
            _(
                "Your own identity has not been checked here yet, so you cannot vouch for somebody"
                " else. Show a colleague of QA or your supervisor who you are."
            ),
            code="unchecked",
        )
