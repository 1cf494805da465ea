"""Read models of the equipment room: made from events, dropped and made again at will."""

from django.db import models
from django.utils.translation import gettext

from personnel.roles import label


class Register(models.Model):
    """One line of the register: a unit as it stands now."""

    read_model = True

    unit = models.CharField(primary_key=True, max_length=20)
    label = models.CharField(max_length=120)
    unit_class = models.CharField(max_length=40)
    location = models.CharField(max_length=120)
    in_service = models.BooleanField(default=True)
    entries = models.PositiveIntegerField(default=0)
    registered_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "equipment_register"

    def __str__(self) -> str:
        return self.unit


class LogbookLine(models.Model):
    """One line of a unit's logbook: who, when, what with old and new value, and why."""

    read_model = True

    event_id = models.UUIDField(primary_key=True)
    unit = models.CharField(max_length=20)
    version = models.PositiveIntegerField()
    kind = models.CharField(max_length=40)
    entry = models.PositiveIntegerField(null=True)
    old = models.TextField(blank=True)
    new = models.TextField(blank=True)
    reason = models.TextField(blank=True)
    person = models.CharField(max_length=80)
    role = models.CharField(max_length=40)
    terminal = models.CharField(max_length=80)
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "equipment_logbook"
        constraints = (
            models.UniqueConstraint(fields=("unit", "version"), name="equipment_logbook_line"),
        )

    def __str__(self) -> str:
        return f"{self.unit} {self.version} {self.kind}"

    @property
    def role_name(self) -> str:
        return gettext(label(self.role))
