"""The web process as a facility runs it: what a restart does to the work that is under way."""

import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from tests.databases import ROOT, plain_environ
from tests.demo_process import free_port
from tests.postgres import die_with_parent

# Stands for an export: it begins, says so, and needs three more seconds.
SLOW = """
import asyncio, pathlib
async def application(scope, receive, send):
    if scope["type"] != "http":
        return
    if scope["path"] == "/export":
        pathlib.Path(__file__).with_name("begun").touch()
        await asyncio.sleep(3)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"the whole bundle"})
"""


def test_a_restart_lets_an_export_under_way_come_to_its_end(tmp_path: Path) -> None:
    """Given an export that is being made, when the web process is asked to stop, then whoever
    asked for the export gets it, and only then does the process end."""
    (tmp_path / "slow.py").write_text(SLOW)
    port = free_port()
    command = ["-m", "gunicorn", "-c", "python:config.web_server", "--pythonpath", str(tmp_path)]
    command += ["--bind", f"127.0.0.1:{port}", "--log-level", "error", "slow:application"]
    web = subprocess.Popen(
        [sys.executable, *command], cwd=ROOT, env=plain_environ(), preexec_fn=die_with_parent
    )
    answers: list[str] = []
    asking = threading.Thread(target=lambda: answers.append(ask(port, "/export")))
    try:
        wait_until(lambda: ask(port, "/") != "")
        asking.start()
        wait_until((tmp_path / "begun").exists)
        os.kill(web.pid, signal.SIGTERM)
        assert web.wait(20) == 0
        asking.join(5)
        assert answers == ["the whole bundle"]
    finally:
        web.kill()
        web.wait()


def ask(port: int, path: str) -> str:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=20) as answer:
            return str(answer.read().decode())
    except (OSError, urllib.error.HTTPError):
        return ""


def wait_until(true: Callable[[], object], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)
