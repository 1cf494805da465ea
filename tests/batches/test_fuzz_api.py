"""Schemathesis over the API's own description, against the real server: no server error, and every
refusal is on the trail."""

from __future__ import annotations

import random
import socket
import subprocess
import sys
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from ledger.command import asks
from ledger.models import Event
from personnel.models import DeviceRow
from tests.batches import every_kind, making
from tests.batches.conftest import Desk, open_accounts
from tests.batches.test_api import permitted
from tests.databases import ROOT, Database
from tests.demo_process import free_port
from tests.personnel import signers
from tests.postgres import die_with_parent

# Whom the fuzzer's devices act for: between them they may ask nearly everything.
ROLES = {
    "marta": "operator", "ingrid": "verifier", "dario": "supervisor", "helena": "qa_reviewer",
    "pavel": "process_engineer",
}  # fmt: skip
EXAMPLES = 250
REAL = {
    "batch": making.BATCH, "step": 1, "recipe": "MBR-019", "version": 1, "parameter": "number",
    "unit": "CF-01", "room": "C-12", "kind": "process", "reason": "It was seen by two people",
    "seen": None,
}  # fmt: skip


@pytest.fixture
def server(database: Database) -> Iterator[str]:
    """gunicorn before a furnished database: a batch with every kind of step is open."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "-c", "python:config.web_server"]
    command += ["--bind", f"127.0.0.1:{port}", "--log-level", "error", "config.asgi:application"]
    env = {**database.environ(), "LOG_LEVEL": "ERROR", "LOTBOOK_API_REQUESTS": "1000000"}
    web = subprocess.Popen(command, cwd=ROOT, env=env, preexec_fn=die_with_parent)
    address = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 40
        while time.monotonic() < deadline:
            with suppress(OSError):
                socket.create_connection(("127.0.0.1", port), 5).close()
                break
            time.sleep(0.1)
        yield address
    finally:
        web.terminate()
        web.wait(40)


@pytest.fixture
def tokens(database: Database) -> dict[str, str]:
    open_accounts()
    desk = Desk()
    for name in ROLES:
        desk.enrol(name, by="dario" if name == "helena" else "helena")
    every_kind.furnish(desk.as_signed)
    found = {name: permitted(desk, name, role) for name, role in ROLES.items()}
    assert DeviceRow.objects.exclude(drawn_at=None).count() == len(ROLES)
    return found


def refusals() -> int:
    return Event.objects.filter(type="ledger.refused").count()


def test_r9_schemathesis_finds_no_server_error_and_every_refusal_is_on_the_trail(tokens, server):
    """Given the description of the API, when requests are made up from it for every operation,
    half of them about things that exist and signed by their people, then none ends in a server
    error, each no is a problem document, and each refusal of a command is on the trail."""
    schema = schemathesis.openapi.from_path(ROOT / "docs" / "openapi.yaml")
    operations = [found.ok() for found in schema.get_all_operations()]
    ours = [one for one in operations if one.path.startswith(("/api/batches/", "/api/equipment/"))]
    assert len(ours) > 130
    before = refusals()
    codes: Counter[int] = Counter()
    faults: list[str] = []
    refused = 0

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def ask(data: Any) -> None:
        nonlocal refused
        case = data.draw(data.draw(st.sampled_from(ours)).as_strategy())
        dice = random.Random(data.draw(st.integers(0, 10**6)))
        name = _who(case.path, dice)
        _make_real(case, name, dice)
        answer = case.call(base_url=server, headers=_headers(tokens[name]), timeout=60)
        codes[answer.status_code] += 1
        problem = answer.headers.get("content-type", []) == ["application/problem+json"]
        if answer.status_code >= 500 or (answer.status_code >= 400 and not problem):
            faults.append(f"{answer.status_code} {case.method} {case.path} {case.body!r:.300}")
        refused += answer.status_code in (403, 409)

    ask()
    print(dict(codes), f"refused {refused}")
    assert not faults, "\n".join(faults[:10])
    assert refused > 50
    assert refusals() - before == refused


def _who(address: str, dice: random.Random) -> str:
    """Whose device asks: mostly somebody who may, so that the command itself decides."""
    parts = address.strip("/").split("/")
    known = asks(parts[1]).get(f"{parts[1]}.{parts[3]}") if "commands" in parts else None
    may = [name for name, role in ROLES.items() if known and role in known.spec.roles]  # type: ignore[attr-defined]
    return dice.choice(may if may and dice.random() < 0.8 else sorted(ROLES))


def _make_real(case: Any, name: str, dice: random.Random) -> None:
    """Half the requests speak of what exists; all that sign bear their person's own secret."""
    if not isinstance(case.body, dict):
        return
    if "signature" in case.body:
        case.body["signature"] = {"name": name, "secret": signers.SECRET}
    if dice.random() < 0.5:
        case.body.update({field: REAL[field] for field in case.body if field in REAL})


def _headers(token: str) -> dict[str, str]:
    """A key of its own for each request, so that none is taken for another sent again."""
    return {"Authorization": f"Bearer {token}", "Idempotency-Key": str(uuid.uuid4())}
