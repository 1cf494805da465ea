"""`manage.py demo` as a newcomer meets it: it answers at once, runs everything, leaves nothing."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.demo_process import Running, free_port, start

pytestmark = pytest.mark.xdist_group("demo")


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One state for all, so that only the first demo has to tell its history."""
    return tmp_path_factory.mktemp("demo-state")


@pytest.fixture
def demo(state: Path, tmp_path: Path) -> Iterator[Running]:
    running = start(state, tmp_path / "output", free_port())
    yield running
    running.kill()


def test_it_answers_from_the_first_moment_and_stops_when_asked(demo: Running) -> None:
    """Given a new demo, then /health/ answers while it prepares and after, with no gap between;
    when its first process alone is asked to stop, then all of them are gone in time."""
    demo.wait_for("preparing", seconds=20)
    code, page = demo.get("/")
    assert code == 503
    assert "preparing" in page and 'http-equiv="refresh"' in page
    assert statuses_until_ready(demo) == {"preparing", "ok"}
    said = demo.output.read_text()
    assert "NOT for GMP" in said
    assert f"http://localhost:{demo.port}/" in said
    assert "Marta Solvedo, operator" in said
    assert len(demo.members()) >= 5
    os.kill(demo.process.pid, signal.SIGTERM)
    assert demo.process.wait(10) == 0
    demo.wait_until_gone(3)


def statuses_until_ready(demo: Running) -> set[str]:
    """Every answer that /health/ gives until it is ok."""
    seen: set[str] = set()
    deadline = time.monotonic() + 120
    while "ok" not in seen and time.monotonic() < deadline:
        seen.add(demo.status())
        time.sleep(0.05)
    return seen


def test_what_dies_is_started_again_and_nothing_outlives_the_first(demo: Running) -> None:
    """Given a running demo, when a child is killed, then it is started again and a line says so;
    when the first process itself is killed, then the kernel stops the others."""
    demo.wait_for("ok")
    for name in ("run_sealer", "celery -A config.celery --quiet worker"):
        victim = next(pid for pid, args in demo.members().items() if name in args)
        os.kill(victim, signal.SIGKILL)
        deadline = time.monotonic() + 30
        while not any(name in a and p != victim for p, a in demo.members().items()):
            assert time.monotonic() < deadline, f"{name} was not started again"
            time.sleep(0.1)
    said = demo.output.read_text()
    assert "sealer stopped with code -9; it is started again." in said
    assert "worker stopped with code -9; it is started again." in said
    demo.process.kill()
    demo.process.wait()
    demo.wait_until_gone(20)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_while_it_prepares(tmp_path: Path, number: signal.Signals) -> None:
    running = start(tmp_path / "new-state", tmp_path / "output", free_port())
    running.wait_for("preparing", seconds=20)
    time.sleep(0.5)
    os.kill(running.process.pid, number)
    assert running.process.wait(10) == 0
    running.wait_until_gone(3)


def test_a_second_demo_on_the_same_state_is_refused(demo: Running, state: Path) -> None:
    demo.wait_for("preparing", seconds=20)
    other = start(state, demo.output.with_name("other"), free_port())
    assert other.process.wait(20) == 1
    assert "A demo is running on" in other.output.read_text()


def test_a_taken_port_is_refused_with_a_way_out(demo: Running, tmp_path: Path) -> None:
    demo.wait_for("preparing", seconds=20)
    other = start(tmp_path / "state", tmp_path / "other", demo.port)
    assert other.process.wait(20) == 1
    assert f"--port {demo.port + 1}" in other.output.read_text()
