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
    qualified_until = models.DateField(null=True)
    calibrated_until = models.DateField(null=True)
    clean_until = models.DateTimeField(null=True)
    used_by = models.TextField(blank=True)  # numbers of batches, in order, a space between
    registered_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "equipment_register"

    def __str__(self) -> str:
        return self.unit

    @property
    def batches(self) -> list[str]:
        return self.used_by.split()


class RoomLine(models.Model):
    """A room as it stands now."""

    read_model = True

    room = models.CharField(primary_key=True, max_length=20)
    name = models.CharField(max_length=120)
    grade = models.CharField(max_length=4)
    one_batch = models.BooleanField()
    clean_until = models.DateTimeField(null=True)
    em_hold = models.BooleanField(default=False)
    em_hold_reason = models.TextField(blank=True)
    used_by = models.TextField(blank=True)  # numbers of batches, in order, a space between
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "equipment_room"

    def __str__(self) -> str:
        return self.room

    @property
    def batches(self) -> list[str]:
        return self.used_by.split()


class RoomClearance(models.Model):
    """The line of a room, cleared for a batch that has not left it yet."""

    read_model = True

    clearance = models.CharField(primary_key=True, max_length=45)  # room/batch
    room = models.CharField(max_length=20, db_index=True)
    batch = models.CharField(max_length=20)
    cleared_by = models.CharField(max_length=80)
    cleared_at = models.DateTimeField()
    checked_by = models.CharField(max_length=80, blank=True)
    checked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "equipment_room_clearance"

    def __str__(self) -> str:
        return self.clearance


class WorkstationLine(models.Model):
    """A workstation as it stands now."""

    read_model = True

    workstation = models.CharField(primary_key=True, max_length=20)
    label = models.CharField(max_length=120)
    room = models.CharField(max_length=20, db_index=True)
    handling = models.CharField(max_length=8)
    unit = models.CharField(max_length=20, blank=True)
    used_by = models.TextField(blank=True)  # numbers of batches, in order, a space between

    class Meta:
        db_table = "equipment_workstation"

    def __str__(self) -> str:
        return self.workstation

    @property
    def batches(self) -> list[str]:
        return self.used_by.split()


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
