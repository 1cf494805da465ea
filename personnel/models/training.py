"""Training as pages and commands read it: items, curricula, records. Made from events."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from personnel.roles import label
from personnel.training import KINDS, METHODS


class TrainingItem(models.Model):
    """Something to be trained on, at the version that counts now."""

    read_model = True

    item = models.CharField(_("item"), max_length=40, primary_key=True)
    kind = models.CharField(_("kind"), max_length=40)
    title = models.CharField(_("title"), max_length=120)
    version = models.CharField(_("version"), max_length=10)
    valid_months = models.PositiveSmallIntegerField(_("months"))
    changed_at = models.DateTimeField(_("changed"))

    class Meta:
        db_table = "personnel_training_item"

    def __str__(self) -> str:
        return self.item

    @property
    def kind_name(self) -> str:
        return gettext(KINDS.get(self.kind, self.kind))


class CurriculumLine(models.Model):
    """An item that a role must be trained on."""

    read_model = True

    line = models.CharField(max_length=90, primary_key=True)
    role = models.CharField(max_length=40)
    item = models.CharField(max_length=40)

    class Meta:
        db_table = "personnel_curriculum"

    def __str__(self) -> str:
        return self.line

    @property
    def role_name(self) -> str:
        return gettext(label(self.role))


class TrainingRecord(models.Model):
    """One training of one person: on which version, by whom assessed, until when."""

    read_model = True

    event_id = models.UUIDField(primary_key=True)
    person = models.CharField(max_length=40)
    item = models.CharField(max_length=40)
    version = models.CharField(max_length=10)
    trained_on = models.DateField()
    valid_until = models.DateField(null=True)
    method = models.CharField(max_length=40)
    assessor = models.CharField(max_length=40)
    recorded_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.CharField(max_length=40, blank=True)
    revoked_why = models.TextField(blank=True)

    class Meta:
        db_table = "personnel_training_record"
        indexes = (models.Index(fields=("person", "item"), name="personnel_training_person"),)

    def __str__(self) -> str:
        return f"{self.person} {self.item} {self.version}"

    @property
    def method_name(self) -> str:
        return gettext(METHODS.get(self.method, self.method))
