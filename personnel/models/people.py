"""What pages and commands read about people: made from events, except for the names."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from personnel.roles import label


class Name(models.Model):
    """How a person is called. Outside the ledger, which knows pseudonyms alone."""

    person = models.CharField(_("person"), max_length=40, primary_key=True)
    printed_name = models.CharField(_("printed name"), max_length=200)

    class Meta:
        db_table = "personnel_name"

    def __str__(self) -> str:
        return self.person


class Person(models.Model):
    """One human being: enrolled by one, identity checked by another."""

    read_model = True

    person = models.CharField(primary_key=True, max_length=40)
    enrolled_at = models.DateTimeField(null=True)
    enrolled_by = models.CharField(max_length=80, blank=True)
    checked_at = models.DateTimeField(null=True)
    checked_by = models.CharField(max_length=80, blank=True)
    evidence = models.CharField(max_length=60, blank=True)
    reference = models.CharField(max_length=120, blank=True)
    proposed_until = models.DateTimeField(null=True)
    proposed_by = models.CharField(max_length=80, blank=True)

    class Meta:
        db_table = "personnel_person"

    def __str__(self) -> str:
        return self.person


class RoleSpan(models.Model):
    """A role held by a person from one moment to another."""

    read_model = True

    event_id = models.UUIDField(primary_key=True)
    person = models.CharField(max_length=40)
    role = models.CharField(max_length=40)
    granted_at = models.DateTimeField()
    granted_by = models.CharField(max_length=80)
    grant_reason = models.TextField(blank=True)
    until = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.CharField(max_length=80, blank=True)
    withdrawal_reason = models.TextField(blank=True)

    class Meta:
        db_table = "personnel_role"
        indexes = (models.Index(fields=("person", "role"), name="personnel_role_person"),)
        constraints = (
            models.UniqueConstraint(
                fields=("person", "role"),
                condition=models.Q(withdrawn_at=None),
                name="personnel_role_once",
            ),
        )

    def __str__(self) -> str:
        return f"{self.person} {self.role}"

    @property
    def role_name(self) -> str:
        return gettext(label(self.role))


class AccountState(models.Model):
    """How an account stands: open or closed, locked, waiting for its owner's own password."""

    read_model = True

    account = models.CharField(primary_key=True, max_length=40)
    person = models.CharField(max_length=40, db_index=True)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=80, blank=True)
    close_reason = models.TextField(blank=True)
    must_change = models.BooleanField(default=False)
    locked_at = models.DateTimeField(null=True)
    locked_until = models.DateTimeField(null=True)
    tried_since = models.BooleanField(default=False)
    counted_from = models.DateTimeField(null=True)  # wrong passwords before it count no more

    class Meta:
        db_table = "personnel_account_state"

    def __str__(self) -> str:
        return self.account


class SignInFailure(models.Model):
    """A wrong password given for an account."""

    read_model = True

    event_id = models.UUIDField(primary_key=True)
    account = models.CharField(max_length=40)
    at = models.DateTimeField()

    class Meta:
        db_table = "personnel_sign_in_failure"
        indexes = (models.Index(fields=("account", "at"), name="personnel_failure_account"),)

    def __str__(self) -> str:
        return f"{self.account} {self.at}"


class SessionRow(models.Model):
    """One stay of one person at one terminal, from sign-in to its end."""

    read_model = True

    session = models.CharField(primary_key=True, max_length=40)
    account = models.CharField(max_length=40)
    person = models.CharField(max_length=40)
    terminal = models.CharField(max_length=80)
    role = models.CharField(max_length=40)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_why = models.CharField(max_length=80, blank=True)
    locked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "personnel_session"
        indexes = (models.Index(fields=("person", "ended_at"), name="personnel_session_person"),)

    def __str__(self) -> str:
        return self.session

    @property
    def role_name(self) -> str:
        return gettext(label(self.role))


class Terminal(models.Model):
    """A registered place to work at: its name and room."""

    read_model = True

    terminal = models.CharField(primary_key=True, max_length=40)
    name = models.CharField(max_length=80)
    room = models.CharField(max_length=80)
    registered_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "personnel_terminal"

    def __str__(self) -> str:
        return self.terminal


class AccessReview(models.Model):
    """One review of who holds what: when, by whom, and how it came out."""

    read_model = True

    event_id = models.UUIDField(primary_key=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=80)
    confirmed = models.PositiveIntegerField()
    withdrawn = models.PositiveIntegerField()

    class Meta:
        db_table = "personnel_access_review"

    def __str__(self) -> str:
        return str(self.event_id)
