"""Celery's configuration at a facility, where Redis carries the messages; the site's own tasks."""

import subprocess
import sys
from pathlib import Path

from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session

from config.tasks import BEAT_SCHEDULE, clear_sessions
from tests import databases
from tests.databases import Database

ASK = "from config.celery import app; print(app.conf.broker_url, app.conf.beat_schedule_filename)"


def test_beat_has_a_place_for_its_schedule_when_redis_carries_the_messages(tmp_path: Path) -> None:
    state = tmp_path / "state"
    env = databases.environ(
        state,
        origin="lotbook.hospital.example",
        database=databases.sqlite_environ(state / "none.sqlite3"),
    )
    env |= databases.plain_environ() | {"REDIS_URL": "redis://127.0.0.1:1/0"}
    done = subprocess.run(
        [sys.executable, "-c", ASK], env=env, cwd=databases.ROOT, capture_output=True, text=True
    )
    broker, schedule = done.stdout.split()
    assert broker == "redis://127.0.0.1:1/0"
    assert Path(schedule).is_relative_to(state) and Path(schedule).parent.is_dir()


def test_sessions_that_are_over_are_cleared_every_hour(database: Database) -> None:
    """Given one session that is over and one that goes on, when the hour strikes, then only the
    latter's row is there; as the role that the worker runs as, on both databases."""
    over, goes_on = SessionStore(), SessionStore()
    for store, seconds in ((over, -60), (goes_on, 3600)):
        store.set_expiry(seconds)
        store.create()
    clear_sessions()
    assert list(Session.objects.values_list("session_key", flat=True)) == [goes_on.session_key]
    assert BEAT_SCHEDULE["config-sessions"]["task"] == clear_sessions.name
