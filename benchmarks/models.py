"""The row that the audit packages record, in the Django that `benchmarks.peers` sets up."""

from django.conf import settings
from django.db import models


class Entry(models.Model):
    """As large as an event of ours."""

    unit = models.CharField(max_length=20)
    entry = models.IntegerField()
    text = models.TextField()
    actor = models.CharField(max_length=20)

    class Meta:
        db_table = "bench_entry"

    def __str__(self) -> str:
        return self.unit


if settings.PEER == "simple_history":
    from simple_history import register

    register(
        Entry,
        history_user_id_field=models.IntegerField(null=True),
        history_user_getter=lambda historical: None,
        history_user_setter=lambda historical, user: None,
    )
if settings.PEER == "pghistory":
    import pghistory

    pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent())(Entry)
