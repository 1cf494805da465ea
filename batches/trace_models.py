"""The edges that tell what went into what: donor, donation, lot, batch, container, recipient."""

from django.db import models


class TraceEdge(models.Model):
    """One event said that what `source` names went into what `target` names (`kind:number`)."""

    read_model = True

    key = models.CharField(primary_key=True, max_length=120)
    source = models.CharField(max_length=90)
    target = models.CharField(max_length=90)
    event_id = models.UUIDField()
    at = models.DateTimeField()

    class Meta:
        db_table = "batches_trace"
        indexes = (
            models.Index(fields=("source", "target"), name="batches_trace_onward"),
            models.Index(fields=("target", "source"), name="batches_trace_back"),
        )

    def __str__(self) -> str:
        return f"{self.source} > {self.target}"
