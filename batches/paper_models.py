"""Read model of prints: which files left the system, and of what."""

from django.db import models


class PrintLine(models.Model):
    """A sealed file that was handed out: a whole record, or sheets for work on paper."""

    read_model = True

    event_id = models.UUIDField(primary_key=True)
    batch = models.CharField(max_length=20, db_index=True)
    kind = models.CharField(max_length=12)  # record, paper
    entries = models.PositiveIntegerField()
    pages = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64, db_index=True)
    person = models.CharField(max_length=80)
    printed_at = models.DateTimeField()

    class Meta:
        db_table = "batches_print"

    def __str__(self) -> str:
        return f"{self.batch} {self.sha256[:8]}"
