"""Events of running batches to the rows of their clocks. The only writer of that table."""

from __future__ import annotations

from datetime import datetime, timedelta

from batches import flow_events as flow
from batches import record_events as told
from batches.running_models import ClockLine
from ledger.event import Recorded
from ledger.projections import projects


@projects(flow.HoldTimeStarted)
def start_hold_time(recorded: Recorded) -> None:
    data = recorded.data
    ClockLine.objects.update_or_create(
        key=f"{data.batch} {data.hold_time}",
        defaults={
            "batch": data.batch,
            "kind": "hold",
            "name": data.hold_time,
            "step": data.step,
            "title": data.title,
            "started_at": datetime.fromisoformat(data.at),
            "warn_at": datetime.fromisoformat(data.warn_at),
            "due_at": datetime.fromisoformat(data.due_at),
            "ended_at": None,
            "noted": False,
        },
    )


@projects(flow.HoldTimeEnded)
def end_hold_time(recorded: Recorded) -> None:
    data = recorded.data
    rows = ClockLine.objects.filter(key=f"{data.batch} {data.hold_time}")
    rows.update(ended_at=datetime.fromisoformat(data.at))


@projects(flow.HoldTimeExceeded)
def note_hold_time(recorded: Recorded) -> None:
    ClockLine.objects.filter(key=f"{recorded.data.batch} {recorded.data.hold_time}").update(
        noted=True
    )


@projects(flow.TimerStarted)
def start_timer(recorded: Recorded) -> None:
    data = recorded.data
    at = datetime.fromisoformat(data.at)
    ClockLine.objects.create(
        key=_timer(data),
        batch=data.batch,
        kind="timer",
        name=data.parameter,
        step=data.step,
        title=data.label,
        started_at=at,
        earliest_at=at + timedelta(minutes=float(data.minimum)) if data.minimum else None,
        due_at=at + timedelta(minutes=float(data.maximum)) if data.maximum else None,
    )


@projects(flow.TimerStopped)
def stop_timer(recorded: Recorded) -> None:
    rows = ClockLine.objects.filter(key=_timer(recorded.data))
    rows.update(ended_at=datetime.fromisoformat(recorded.data.at))


@projects(told.Completed, flow.Aborted)
def end_all(recorded: Recorded) -> None:
    rows = ClockLine.objects.filter(batch=recorded.data.batch, ended_at__isnull=True)
    rows.update(ended_at=recorded.recorded_at)


def _timer(data: flow.TimerStarted | flow.TimerStopped) -> str:
    return f"{data.batch} {data.step} {data.parameter}"
