"""The identity vault's tables: what pages read of subjects, and what is sealed and erasable."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from personnel.roles import label
from personnel.vault_retention import GROUNDS, KINDS, RULES

COPY = "copy"
# What somebody looked for, as pages say it.
LOOKED_FOR = {
    "receiving": _("Receiving"),
    "labelling": _("Labelling"),
    "issuing": _("Issuing"),
    "request": _("Request of the person concerned"),
    COPY: _("A copy of all that is held, agreed by a second person"),
    "": _("Everything, agreed by a second person"),
}


class Subject(models.Model):
    """A subject as the ledger knows it: a pseudonym, its kind, until when it is kept."""

    read_model = True

    subject = models.CharField(_("subject"), max_length=40, primary_key=True)
    kind = models.CharField(_("kind"), max_length=40)
    counted_from = models.DateField(_("counted from"))
    keep_until = models.DateField(_("kept until"))
    registered_at = models.DateTimeField(_("registered"))
    registered_by = models.CharField(_("registered by"), max_length=40)
    version = models.PositiveIntegerField(_("version"), default=1)
    erased_at = models.DateTimeField(_("erased"), null=True)
    erased_ground = models.CharField(_("ground"), max_length=40, blank=True)

    class Meta:
        verbose_name = _("subject")
        verbose_name_plural = _("subjects")

    def __str__(self) -> str:
        return self.subject

    @property
    def kind_name(self) -> str:
        return gettext(KINDS.get(self.kind, self.kind))

    @property
    def basis(self) -> str:
        return RULES[self.kind].basis

    @property
    def counted_from_name(self) -> str:
        return gettext(RULES[self.kind].counted_from)

    @property
    def ground_name(self) -> str:
        return gettext(GROUNDS.get(self.erased_ground, self.erased_ground))


class SubjectLook(models.Model):
    """Somebody saw something of who a subject is: what for, and under which agreement."""

    read_model = True

    event_id = models.UUIDField(primary_key=True)
    subject = models.CharField(max_length=40, db_index=True)
    at = models.DateTimeField()
    person = models.CharField(max_length=80)
    role = models.CharField(max_length=40)
    purpose = models.CharField(max_length=40, blank=True)
    reference = models.CharField(max_length=40, blank=True)
    request = models.CharField(max_length=40, blank=True)

    def __str__(self) -> str:
        return f"{self.subject} {self.person}"

    @property
    def role_name(self) -> str:
        return gettext(label(self.role))

    @property
    def looked_for(self) -> str:
        return str(LOOKED_FOR.get(self.purpose, self.purpose))


class Unmasking(models.Model):
    """A wish to see who a subject is: asked by one person, decided by another."""

    read_model = True

    request = models.CharField(max_length=40, primary_key=True)
    subject = models.CharField(max_length=40, db_index=True)
    asked_by = models.CharField(max_length=40)
    asked_at = models.DateTimeField()
    reason = models.TextField()
    decided_by = models.CharField(max_length=40, blank=True)
    decided_at = models.DateTimeField(null=True)
    until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.request


class SubjectKey(models.Model):
    """A subject's own key, wrapped by the vault's. Deleting the row erases the subject."""

    subject = models.CharField(max_length=40, primary_key=True)
    vault_key = models.CharField(max_length=16)
    wrapped = models.BinaryField()
    blind = models.CharField(max_length=64, null=True, unique=True)  # noqa: DJ001 - unique or none

    def __str__(self) -> str:
        return self.subject


class SealedRecord(models.Model):
    """Who a subject is, sealed under the subject's key; a correction adds a version."""

    record = models.CharField(max_length=60, primary_key=True)
    subject = models.CharField(max_length=40, db_index=True)
    version = models.PositiveIntegerField()
    sealed = models.BinaryField()

    def __str__(self) -> str:
        return self.record
