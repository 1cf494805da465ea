"""Read models of the batches room: made from events, dropped and made again at will."""

from django.db import models

from batches.material_models import (  # noqa: F401
    ItemLine,
    ItemSourceLine,
    LotLine,
    ReservationLine,
    SupplierLine,
    TakenLine,
)
from batches.trace_models import TraceEdge  # noqa: F401


class RecipeLine(models.Model):
    """One version of a master batch record, and whether it may be used."""

    read_model = True

    key = models.CharField(primary_key=True, max_length=40)
    recipe = models.CharField(max_length=20)
    version = models.PositiveIntegerField()
    title = models.CharField(max_length=200)
    product = models.CharField(max_length=200)
    content_sha256 = models.CharField(max_length=64)
    author = models.CharField(max_length=80)
    drafted_at = models.DateTimeField()
    approved_by = models.CharField(max_length=80, blank=True)
    approved_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "batches_recipe"

    def __str__(self) -> str:
        return self.key


class BatchLine(models.Model):
    """One batch as it stands now: where the work is and who is waited for."""

    read_model = True

    batch = models.CharField(primary_key=True, max_length=20)
    recipe = models.CharField(max_length=20)
    version = models.PositiveIntegerField()
    product = models.CharField(max_length=200)
    purpose = models.CharField(max_length=20)
    subject = models.CharField(max_length=40, blank=True)
    steps = models.PositiveIntegerField()
    done = models.PositiveIntegerField(default=0)
    step = models.PositiveIntegerField(default=1)
    title = models.CharField(max_length=200, blank=True)
    waits_for = models.CharField(max_length=40, blank=True)
    quality_hold = models.BooleanField(default=False)
    process_hold = models.BooleanField(default=False)
    exceptions = models.PositiveIntegerField(default=0)
    unassessed = models.PositiveIntegerField(default=0)
    countersignatures = models.TextField(blank=True)
    opened_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "batches_batch"

    def __str__(self) -> str:
        return self.batch


class ExceptionLine(models.Model):
    """One departure from the recipe that quality assurance has to see."""

    read_model = True

    event_id = models.UUIDField(primary_key=True)
    batch = models.CharField(max_length=20)
    number = models.PositiveIntegerField()
    step = models.PositiveIntegerField()
    kind = models.CharField(max_length=40)
    severity = models.CharField(max_length=10)
    sentence = models.TextField()
    parameter = models.CharField(max_length=40, blank=True)
    attempt = models.PositiveIntegerField(default=0)
    reason = models.TextField(blank=True)
    explanation = models.TextField(blank=True)
    person = models.CharField(max_length=80)
    role = models.CharField(max_length=40)
    raised_at = models.DateTimeField()
    assessment = models.TextField(blank=True)
    assessed_by = models.CharField(max_length=80, blank=True)
    assessed_at = models.DateTimeField(null=True)
    assessed_event = models.UUIDField(null=True)

    class Meta:
        db_table = "batches_exception"
        constraints = (
            models.UniqueConstraint(fields=("batch", "number"), name="batches_exception_number"),
        )

    def __str__(self) -> str:
        return f"{self.batch} {self.number}"
