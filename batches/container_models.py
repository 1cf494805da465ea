"""Read models of containers: each on its own, and what befell a batch's containers together."""

import json
from typing import Any

from django.db import models


class ContainerLine(models.Model):
    """One container as it stands."""

    read_model = True

    container = models.CharField(primary_key=True, max_length=24)
    batch = models.CharField(max_length=20, db_index=True)
    kind = models.CharField(max_length=20)
    volume_ml = models.CharField(max_length=40, blank=True)
    cells = models.CharField(max_length=40, blank=True)
    coi = models.CharField(max_length=20, blank=True)
    dmso_at = models.DateTimeField(null=True)
    filled_at = models.DateTimeField()
    frozen = models.CharField(max_length=20, blank=True)
    tank = models.CharField(max_length=20, blank=True)
    position = models.CharField(max_length=60, blank=True)
    decision = models.CharField(max_length=20)
    decided_by = models.CharField(max_length=80, blank=True)
    ward = models.CharField(max_length=120, blank=True)
    issued_by = models.CharField(max_length=80, blank=True)
    issued_at = models.DateTimeField(null=True)
    expires_at = models.CharField(max_length=40, blank=True)  # with its offset, as it was given
    zone = models.CharField(max_length=60, blank=True)
    accepted_by = models.CharField(max_length=80, blank=True)
    thawed_at = models.DateTimeField(null=True)
    infuse_by = models.DateTimeField(null=True)
    destroying = models.BooleanField(default=False)
    ended = models.CharField(max_length=40, blank=True)
    ended_at = models.DateTimeField(null=True)
    minutes = models.IntegerField(null=True)
    late = models.BooleanField(default=False)
    excursions = models.TextField(blank=True)  # their numbers, with a space between

    class Meta:
        db_table = "batches_container"

    def __str__(self) -> str:
        return self.container


class StorageLine(models.Model):
    """What was where from when to when: a tank's past, to judge what an excursion touched."""

    read_model = True

    event_id = models.UUIDField(primary_key=True)
    tank = models.CharField(max_length=20, db_index=True)
    position = models.CharField(max_length=60, db_index=True)
    container = models.CharField(max_length=24)
    taken_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "batches_storage"

    def __str__(self) -> str:
        return self.position


class FillLine(models.Model):
    """What concerns all containers of a batch: dose, freezing, waste."""

    read_model = True

    event_id = models.UUIDField(primary_key=True)
    batch = models.CharField(max_length=20, db_index=True)
    kind = models.CharField(max_length=20)  # dose, freezing, waste
    told = models.TextField()  # the event's data, as JSON
    good = models.BooleanField()
    person = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        db_table = "batches_fill"

    def __str__(self) -> str:
        return f"{self.batch} {self.kind}"

    @property
    def facts(self) -> dict[str, Any]:
        """The event's data."""
        found: dict[str, Any] = json.loads(self.told)
        return found


class ExcursionLine(models.Model):
    """A tank that was too warm, and what was in it then."""

    read_model = True

    excursion = models.CharField(primary_key=True, max_length=40)
    tank = models.CharField(max_length=20, db_index=True)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    highest = models.CharField(max_length=40, blank=True)
    limit = models.CharField(max_length=40, blank=True)
    containers = models.TextField(blank=True)
    person = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        db_table = "batches_excursion"

    def __str__(self) -> str:
        return self.excursion


class SampleLine(models.Model):
    """One sample: what it is for, where it is."""

    read_model = True

    sample = models.CharField(primary_key=True, max_length=24)
    batch = models.CharField(max_length=20, db_index=True)
    step = models.PositiveIntegerField()
    purpose = models.CharField(max_length=120)
    volume_ml = models.CharField(max_length=40, blank=True)
    taken_by = models.CharField(max_length=80)
    taken_at = models.DateTimeField()
    place = models.CharField(max_length=120, blank=True)
    handed_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(null=True)
    received_by = models.CharField(max_length=80, blank=True)

    class Meta:
        db_table = "batches_sample"

    def __str__(self) -> str:
        return self.sample
