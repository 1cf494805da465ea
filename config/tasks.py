"""The site's own background work: sessions that have ended do not pile up."""

from celery import shared_task
from django.core.management import call_command

# A schedule is a GMP parameter, so it stands in code. config/celery.py adds every room's.
BEAT_SCHEDULE = {"config-sessions": {"task": "config.clear_sessions", "schedule": 3600.0}}


@shared_task(name="config.clear_sessions", ignore_result=True)
def clear_sessions() -> None:
    """Delete the rows of sessions that are over. That somebody came and went is on the trail."""
    call_command("clearsessions")
