"""Read models of labels: every print job, and every label as it stands."""

from django.db import models


class LabelJobLine(models.Model):
    """One print job."""

    read_model = True

    key = models.CharField(primary_key=True, max_length=30)
    roll = models.CharField(max_length=20, db_index=True)
    batch = models.CharField(max_length=20, blank=True)
    job = models.PositiveIntegerField()
    kind = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    use = models.CharField(max_length=20)
    count = models.PositiveIntegerField()
    first = models.CharField(max_length=30)
    last = models.CharField(max_length=30)
    identified = models.BooleanField()
    route = models.CharField(max_length=80, blank=True)
    expires = models.CharField(max_length=40, blank=True)
    zone = models.CharField(max_length=60, blank=True)
    gtin = models.CharField(max_length=14, blank=True)
    reason = models.TextField(blank=True)
    printed_by = models.CharField(max_length=80)
    printed_at = models.DateTimeField()

    class Meta:
        db_table = "batches_label_job"

    def __str__(self) -> str:
        return self.key


class LabelLine(models.Model):
    """One label as it stands."""

    read_model = True

    label = models.CharField(primary_key=True, max_length=30)
    roll = models.CharField(max_length=20, db_index=True)
    batch = models.CharField(max_length=20, blank=True)
    job = models.PositiveIntegerField()
    kind = models.CharField(max_length=40)
    state = models.CharField(max_length=10)
    step = models.PositiveIntegerField(default=0)
    reason = models.TextField(blank=True)
    by = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        db_table = "batches_label"

    def __str__(self) -> str:
        return self.label


class LabelCountLine(models.Model):
    """Whether the labels of a batch or a roll were counted since the last one changed."""

    read_model = True

    roll = models.CharField(primary_key=True, max_length=20)
    reconciled_by = models.CharField(max_length=80, blank=True)
    reconciled_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "batches_label_count"

    def __str__(self) -> str:
        return self.roll
