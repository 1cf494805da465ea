"""The sealer's side of a witness, over HTTP: cosignatures are checked, then kept (R2)."""

import http.client
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from django.conf import settings

from ledger import keys, note, proofs, sealer
from ledger.keyring import Keyring
from ledger.models import Cosignature
from ledger.outside import Held
from ledger.verify import COSIGNATURE, parse_vkey, verify_note, verify_tlog_proof
from ledger.witness import Witness
from ledger.witness_client import Witness as Known
from ledger.witness_client import WitnessClient, WitnessRefused, WitnessSawMore
from ledger.witness_list import parse_witnesses
from ledger.witness_service import application, open_witness
from tests import databases
from tests.conftest import free_port, wait_for_port
from tests.databases import Database
from tests.ledger import laboratory
from tests.ledger.test_witness import LOG, Log


class Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def served(witness: Witness) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, application(witness), handler_class=Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[[], tuple[Witness, WitnessClient]]]:
    """A witness that knows this installation's log, over HTTP, and the client that asks it."""
    stack: list[Any] = []

    def make() -> tuple[Witness, WitnessClient]:
        witness = open_witness(
            state=tmp_path,
            key=tmp_path / "witness.key",
            name="qa.example/w1",
            log_keys=[Keyring.from_settings(fresh=True).vkey],
        )
        server = served(witness)
        url = server.__enter__()
        stack.append(server)
        return witness, WitnessClient(Known(parse_vkey(witness.keys[0].vkey), url))

    yield make
    for server in stack:
        server.__exit__(None, None, None)


def sealed(count: int, *, expected: int) -> Held:
    laboratory.append("CF-02", expected=expected, texts=[f"Entry {n}." for n in range(count)])
    held = sealer.run_once()
    assert held is not None
    return held


def test_a_sealers_checkpoints_are_cosigned_and_stand_in_the_receipts(
    database: Database, serve: Callable[[], tuple[Witness, WitnessClient]]
) -> None:
    """Given a witness, when the log grows, then the receipt carries the witness's line."""
    witness, client = serve()
    client.cosign(sealed(300, expected=0))
    held = sealed(300, expected=300)
    client.cosign(held)
    rows = Cosignature.objects.order_by("size")
    assert [row.size for row in rows] == [301, 601]
    event = laboratory.append("CF-03", expected=0, texts=["Not cosigned yet."]).events[0]
    sealer.run_once()
    receipt = proofs.receipt(event.id)
    assert receipt.cosigned_by == []
    client.cosign(sealer.run_once())  # type: ignore[arg-type]
    receipt = proofs.receipt(event.id)
    assert receipt.cosigned_by == ["qa.example/w1"]
    ring = [parse_vkey(Keyring.from_settings().vkey), witness.keys[0].verifier]
    checked = verify_tlog_proof(receipt.text, receipt.entry, ring)
    assert len(checked.signed) == 2


def test_a_client_that_starts_anew_learns_the_size_from_the_witness(
    sqlite_database: Database, serve: Callable[[], tuple[Witness, WitnessClient]]
) -> None:
    witness, client = serve()
    client.cosign(sealed(10, expected=0))
    fresh = WitnessClient(client.witness)
    fresh.cosign(sealed(400, expected=10))
    assert witness.store.latest(f"{settings.LOTBOOK_ORIGIN}/1").size == 411  # type: ignore[union-attr]


def test_r2_a_log_that_is_behind_its_witness_is_reported_as_a_fork(
    sqlite_database: Database, serve: Callable[[], tuple[Witness, WitnessClient]]
) -> None:
    """Given a witness that has seen more, when an older log asks (a restored machine, outside
    store and all), then the client says that the log was restored or forked."""
    _, client = serve()
    old = sealed(10, expected=0)
    client.cosign(old)
    client.cosign(sealed(10, expected=10))
    behind = WitnessClient(client.witness)
    with pytest.raises(WitnessSawMore, match="restored from a backup or forked"):
        behind.cosign(old)
    assert Cosignature.objects.count() == 2


def test_the_sealer_goes_on_when_its_witness_is_away(sqlite_database: Database) -> None:
    """Given a witness that does not answer, when the log grows, then it is sealed all the same and
    the health page can say who is missing."""
    from ledger.sealing import Loop

    gone = keys.from_seed("qa.example/gone", kind=COSIGNATURE, seed=b"G" * 32)
    client = WitnessClient(Known(gone.verifier, "http://127.0.0.1:9"), interval=0.01)
    client.start()
    try:
        loop = Loop(threading.Event(), witnesses=[client])
        laboratory.append("CF-02", expected=0, texts=["Cleaned."])
        loop.turn()
        assert loop.held is not None and loop.held.size == 2
        for _ in range(100):
            if client.report()["sentence"]:
                break
            threading.Event().wait(0.05)
        assert "refused" in client.report()["sentence"]
    finally:
        client.stop()


def test_a_false_cosignature_is_not_kept(
    sqlite_database: Database, serve: Callable[[], tuple[Witness, WitnessClient]]
) -> None:
    _, client = serve()
    impostor = keys.from_seed("qa.example/w1", kind=COSIGNATURE, seed=b"I" * 32)
    expecting_other = WitnessClient(Known(impostor.verifier, client.witness.url))
    with pytest.raises((WitnessRefused, ValueError)):
        expecting_other.cosign(sealed(3, expected=0))
    assert not Cosignature.objects.exists()


def test_the_environment_names_witnesses_by_key_and_address() -> None:
    vkey = keys.from_seed("w.example", kind=COSIGNATURE, seed=b"W" * 32).vkey
    one, two = parse_witnesses(f"{vkey} https://w.example/, {vkey} http://10.0.0.9:8100/lab")
    assert one.url == "https://w.example"
    assert two.url == "http://10.0.0.9:8100/lab"
    with pytest.raises(ValueError, match="not a vkey and an address"):
        parse_witnesses(vkey)


def test_run_witness_serves_without_lotbooks_database(tmp_path: Path) -> None:
    """Given a machine without Lotbook's database, when a witness is started there, then it serves
    its keys and cosigns."""
    nowhere = tmp_path / "no-such-folder" / "no.sqlite3"
    env = databases.environ(
        tmp_path, origin="demo.w.example", database=databases.sqlite_environ(nowhere)
    )
    port = free_port()
    installation = Database("sqlite", tmp_path, env)
    process = installation.start(
        *("run_witness", "--name", "qa.example/w9", "--port", str(port), "--origin-key", LOG.vkey),
        stdout=-1,
        stderr=-1,
    )
    try:
        wait_for_port(port, seconds=60)
        log = Log()
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("GET", "/")
        vkeys = connection.getresponse().read().decode().split()
        connection.request("POST", "/add-checkpoint", log.request(0, 5))
        answer = connection.getresponse()
        lines = answer.read().decode()
        assert answer.status == 200
        signed = note.with_signatures(log.checkpoint(5).encode(), lines.splitlines(keepends=True))
        assert len(verify_note(signed, map(parse_vkey, vkeys))) == 2
        process.terminate()
        began = time.monotonic()
        process.wait(20)
        assert time.monotonic() - began < 20
    finally:
        process.kill()
    assert not nowhere.exists()
