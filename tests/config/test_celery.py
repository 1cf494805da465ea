"""Celery's configuration at a facility, where Redis carries the messages."""

import subprocess
import sys
from pathlib import Path

from tests import databases

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
