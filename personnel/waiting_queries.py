"""What waits in the people's room: locked accounts, identities to check, inspectors, the review."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from ledger import clock
from ledger.event import Actor
from personnel import queries
from personnel.models import Person
from personnel.people_commands import COUNTERSIGNERS
from personnel.rights_queries import review_due
from personnel.roles import QA_REVIEWER, SUPERVISOR, SYSTEM_ADMINISTRATOR
from personnel.waiting import Row, waits

AHEAD = timedelta(days=30)  # before it is due, the review stands on its reviewers' pages
WATCHERS = (SYSTEM_ADMINISTRATOR, QA_REVIEWER)
MANY = 5  # of one kind on the home page; the people's list shows them all


@waits
def locked_accounts(actor: Actor) -> Iterator[Row]:
    """An alert: somebody guesses passwords, or has forgotten one."""
    if actor.role not in WATCHERS:
        return
    states = list(queries.locked()[:MANY])
    names = queries.printed_names(state.person for state in states)
    for state in states:
        sentence = _("The account of %(name)s is locked after wrong passwords.")
        yield Row(
            _("Locked account"),
            sentence % {"name": names.get(state.person, state.person)},
            reverse("personnel:person", args=[state.person]),
            "bad",
        )


@waits
def unchecked_identities(actor: Actor) -> Iterator[Row]:
    """People whom nobody of GMP has seen yet."""
    if actor.role not in (QA_REVIEWER, SUPERVISOR):
        return
    rows = Person.objects.filter(checked_at=None).exclude(enrolled_at=None)
    rows = rows.exclude(enrolled_by=actor.person).exclude(person=actor.person)
    people = list(rows.order_by("enrolled_at", "person")[:MANY])
    names = queries.printed_names(row.person for row in people)
    for row in people:
        sentence = _("%(name)s is enrolled; a second person checks who this is.")
        yield Row(
            _("Identity"),
            sentence % {"name": names.get(row.person, row.person)},
            reverse("personnel:person", args=[row.person]),
        )


@waits
def proposed_inspectors(actor: Actor) -> Iterator[Row]:
    """Guests that QA has not agreed to yet."""
    if actor.role not in COUNTERSIGNERS:
        return
    rows = Person.objects.filter(proposed_until__gt=clock.now()).order_by("person")[:MANY]
    for row in rows:
        sentence = _("Read-only access for inspector %(person)s waits for a countersignature.")
        yield Row(
            _("Inspector"),
            sentence % {"person": row.person},
            reverse("personnel:person", args=[row.person]),
        )


@waits
def due_review(actor: Actor) -> Iterator[Row]:
    """Access is looked at every quarter: the day stands here a month before, and after it."""
    if actor.role not in COUNTERSIGNERS:
        return
    due, now = review_due(), clock.now()
    if due is not None and due > now + AHEAD:
        return
    day = {"day": f"{timezone.localtime(due):%Y-%m-%d}"} if due else {}
    if due is None:
        sentence, standing = _("Who holds which role has never been reviewed."), "warn"
    elif due < now:
        sentence, standing = _("The review of who holds which role was due on %(day)s."), "bad"
    else:
        sentence, standing = _("The review of who holds which role is due on %(day)s."), "info"
    yield Row(_("Access review"), sentence % day, reverse("personnel:review"), standing)
