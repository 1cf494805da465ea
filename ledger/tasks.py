"""Celery's door to the followers: a message only wakes them, their cursors say where they are.

Beside them, the clearing away of bundles that nobody fetched.
"""

from celery import shared_task

from ledger import followers
from ledger.export import waiting

# A schedule is a GMP parameter, so it stands in code. config/celery.py adds every room's.
BEAT_SCHEDULE = {
    "ledger-followers": {"task": "ledger.run_followers", "schedule": 2.0},
    "ledger-bundles": {"task": "ledger.clean_bundles", "schedule": 600.0},
}


@shared_task(name="ledger.run_followers", ignore_result=True)
def run_followers() -> None:
    """Let every follower read on to the end of the log."""
    followers.run_all()


@shared_task(name="ledger.clean_bundles", ignore_result=True)
def clean_bundles() -> None:
    """Remove the bundles that waited their hour."""
    waiting.clean()
