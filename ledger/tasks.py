"""Celery's door to the followers: a message only wakes them, their cursors say where they are."""

from celery import shared_task

from ledger import followers

# A schedule is a GMP parameter, so it stands in code. config/celery.py adds every room's.
BEAT_SCHEDULE = {"ledger-followers": {"task": "ledger.run_followers", "schedule": 2.0}}


@shared_task(name="ledger.run_followers", ignore_result=True)
def run_followers() -> None:
    """Let every follower read on to the end of the log."""
    followers.run_all()
