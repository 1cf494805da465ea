"""Read models of what runs in a batch: its clocks, for the room board and the alarms."""

from django.db import models


class ClockLine(models.Model):
    """A hold time or a timer of a batch: since when, from when to warn, when it is over."""

    read_model = True

    key = models.CharField(primary_key=True, max_length=120)
    batch = models.CharField(max_length=20)
    kind = models.CharField(max_length=10)  # hold, timer
    name = models.CharField(max_length=60)  # of the hold time, or the parameter
    step = models.PositiveIntegerField()
    title = models.CharField(max_length=200)
    started_at = models.DateTimeField()
    earliest_at = models.DateTimeField(null=True)
    warn_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    noted = models.BooleanField(default=False)  # that it passed is on record

    class Meta:
        db_table = "batches_clock"

    def __str__(self) -> str:
        return self.key
