"""Background work of the batches room: a hold time that passes is on record when it does."""

from celery import shared_task

from batches import running_commands
from batches.running_models import ClockLine
from ledger import clock
from ledger.event import Actor, Refused
from personnel.roles import CONSOLE

# A schedule is a GMP parameter, so it stands in code.
BEAT_SCHEDULE = {"batches-hold-times": {"task": "batches.watch_hold_times", "schedule": 20.0}}
ACTOR = Actor(person="clock", role=CONSOLE, terminal="server")


@shared_task(name="batches.watch_hold_times", ignore_result=True)
def watch_hold_times() -> None:
    """Note every hold time that has passed and is not on record yet."""
    passed = ClockLine.objects.filter(
        kind="hold", ended_at__isnull=True, noted=False, due_at__lt=clock.now()
    )
    for row in passed.order_by("due_at"):
        try:
            running_commands.note_hold_time(batch=row.batch, hold_time=row.name, actor=ACTOR)
        except Refused:
            continue  # somebody else noted it, or the batch is over: that is on the trail
