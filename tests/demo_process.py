"""A demo that runs in a process group of its own, to be looked at from outside."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.databases import ROOT, plain_environ


def free_port() -> int:
    """A port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Running:
    """A demo in a process group of its own."""

    process: "subprocess.Popen[str]"
    port: int
    output: Path

    def get(self, path: str) -> tuple[int, str]:
        """Status and body; status 0 where nobody answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def status(self) -> str:
        code, body = self.get("/health/")
        return str(json.loads(body)["status"]) if code == 200 else f"answer {code}"

    def wait_for(self, wanted: str, seconds: float = 120) -> None:
        deadline = time.monotonic() + seconds
        while self.status() != wanted:
            assert self.process.poll() is None, self.output.read_text()
            assert time.monotonic() < deadline, self.output.read_text()
            time.sleep(0.1)

    def members(self) -> dict[int, str]:
        """The living processes of the group and their command lines."""
        listing = subprocess.run(
            ["ps", "-ww", "-eo", "pid=,pgid=,stat=,args="],
            capture_output=True,
            text=True,
            check=True,
        )
        rows = [line.split(None, 3) for line in listing.stdout.splitlines()]
        ours = [row for row in rows if row[1] == str(self.process.pid) and row[2][0] != "Z"]
        return {int(row[0]): row[3] for row in ours}

    def kill(self) -> None:
        """End whatever is left of it."""
        for pid in self.members():
            os.kill(pid, signal.SIGKILL)
        self.process.wait()

    def wait_until_gone(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while self.members():
            assert time.monotonic() < deadline, self.members()
            time.sleep(0.1)


def start(state: Path, output: Path, port: int) -> Running:
    environ: dict[str, Any] = plain_environ() | {"LOTBOOK_STATE": str(state)}
    with output.open("w") as file:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "demo", "--port", str(port)],
            cwd=ROOT,
            env=environ,
            stdout=file,
            stderr=file,
            text=True,
            start_new_session=True,
        )
    return Running(process, port, output)
