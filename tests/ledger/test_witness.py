"""The witness and its client (C2SP tlog-witness): it cosigns growth and nothing else (R2)."""

import base64
import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from django.conf import settings

from ledger import keys, note, proofs, sealer, tiles
from ledger.keyring import Keyring
from ledger.models import Cosignature
from ledger.outside import Held
from ledger.tiles import Growing
from ledger.verify import (
    COSIGNATURE,
    ML_DSA_44,
    parse_vkey,
    verify_note,
    verify_tlog_proof,
)
from ledger.witness import SIZE, Answer, Witness, WitnessStore, add_checkpoint, checkpoint_of
from ledger.witness_client import Witness as Known
from ledger.witness_client import (
    WitnessClient,
    WitnessRefused,
    WitnessSawMore,
    parse_witnesses,
    request_body,
)
from ledger.witness_service import application, open_witness
from tests.databases import Database
from tests.ledger import laboratory

ORIGIN = "lab.example/1"
LOG = keys.from_seed("lab.example", seed=b"L" * 32)
NOW = 1_790_000_000


class Log:
    """A log of its own, which can also lie."""

    def __init__(self, name: bytes = b"") -> None:
        self.leaves = [hashlib.sha256(name + b"%d" % n).digest() for n in range(2000)]

    def root(self, size: int) -> bytes:
        tree = Growing()
        tree.extend(self.leaves[:size])
        return tree.root()

    def node(self, height: int, index: int) -> bytes:
        return tiles.perfect_root(self.leaves[index << height : (index + 1) << height])

    def checkpoint(self, size: int, *, key: keys.SigningKey = LOG, origin: str = ORIGIN) -> str:
        root = self.root(size)
        return note.sign_checkpoint(origin, size=size, root=root, keys=[key], time=NOW).decode()

    def request(self, old: int, size: int, **how: Any) -> bytes:
        proof = tiles.consistency_path(old, size, self.node)
        return request_body(old, proof, self.checkpoint(size, **how))


@pytest.fixture
def witness(tmp_path: Path) -> Witness:
    return open_witness(
        state=tmp_path, key=tmp_path / "witness.key", name="qa.example/w1", log_keys=[LOG.vkey]
    )


def ask(witness: Witness, request: bytes) -> Answer:
    return add_checkpoint(witness, request, now=NOW)


def test_growth_is_cosigned_with_both_kinds_of_key_and_the_time(witness: Witness) -> None:
    log = Log()
    assert ask(witness, log.request(0, 5)).status == 200
    answer = ask(witness, log.request(5, 700))
    assert answer.status == 200
    signed = note.with_signatures(
        log.checkpoint(700).encode(), answer.body.decode().splitlines(keepends=True)
    )
    found = verify_note(signed, [key.verifier for key in witness.keys])
    assert [(one.key.kind, one.time, one.checked) for one in found] == [
        (COSIGNATURE, NOW, True),
        (ML_DSA_44, NOW, True),
    ]


def test_another_old_size_is_answered_with_the_known_one(witness: Witness) -> None:
    log = Log()
    first = ask(witness, log.request(3, 5))
    assert (first.status, first.content_type, first.body) == (409, SIZE, b"0\n")
    ask(witness, log.request(0, 5))
    answer = ask(witness, log.request(0, 9))
    assert (answer.status, answer.content_type, answer.body) == (409, SIZE, b"5\n")


def test_r2_a_forked_log_is_refused_and_kept_as_evidence(witness: Witness) -> None:
    log, fork = Log(), Log(b"forged ")
    ask(witness, log.request(0, 5))
    assert ask(witness, fork.request(5, 9)).status == 422
    assert ask(witness, fork.request(5, 5)).status == 422
    assert [origin for origin, _ in witness.store.evidence()] == [ORIGIN, ORIGIN]
    assert ask(witness, log.request(5, 9)).status == 200


def test_r2_a_replayed_older_checkpoint_is_refused(witness: Witness) -> None:
    log = Log()
    ask(witness, log.request(0, 5))
    ask(witness, log.request(5, 9))
    assert ask(witness, log.request(0, 5)).status == 409
    assert ask(witness, log.request(5, 9)).status == 409
    assert ask(witness, request_body(9, [], log.checkpoint(5))).status == 400
    again = ask(witness, log.request(9, 9))
    assert again.status == 200


def test_an_unknown_log_is_404_and_a_wrong_signature_403(witness: Witness) -> None:
    log = Log()
    other = keys.from_seed("other.example", seed=b"O" * 32)
    impostor = keys.from_seed("lab.example", seed=b"I" * 32)
    assert ask(witness, log.request(0, 5, key=other, origin="other.example/1")).status == 404
    assert ask(witness, log.request(0, 5, key=impostor)).status == 403
    assert ask(witness, log.request(0, 5, origin="lab.example/../1")).status == 404
    torn = log.checkpoint(5).replace("\n5\n", "\n6\n")
    assert ask(witness, request_body(0, [], torn)).status == 403


def test_the_empty_log_and_needless_proofs(witness: Witness) -> None:
    log = Log()
    wrong = note.sign_checkpoint(ORIGIN, size=0, root=b"x" * 32, keys=[LOG], time=NOW).decode()
    assert ask(witness, request_body(0, [], wrong)).status == 422
    assert ask(witness, request_body(0, [b"x" * 32], log.checkpoint(5))).status == 422
    assert ask(witness, log.request(0, 0)).status == 200
    assert ask(witness, log.request(0, 5)).status == 200
    assert ask(witness, request_body(5, [b"x" * 32], log.checkpoint(5))).status == 422


@pytest.mark.parametrize(
    "request_",
    [
        b"",
        b"old 0\n",
        b"old 00\n\n",
        b"old -1\n\n",
        b"OLD 0\n\n",
        b"old 0\nnot base64\n\n",
        b"old 0\n" + base64.b64encode(b"short") + b"\n\n",
        b"old 0\n\nno note",
        b"\xff\n\n",
        b"x" * 70_000,
    ],
)
def test_malformed_requests_are_400(witness: Witness, request_: bytes) -> None:
    tail = Log().checkpoint(5).encode() if request_.endswith(b"\n\n") else b""
    assert ask(witness, request_ + tail).status == 400


def test_more_than_63_proof_lines_are_malformed(witness: Witness) -> None:
    request = request_body(0, [b"x" * 32] * 64, Log().checkpoint(5))
    assert ask(witness, request).status == 400


def test_what_is_cosigned_survives_a_restart(witness: Witness, tmp_path: Path) -> None:
    log = Log()
    ask(witness, log.request(0, 5))
    witness.store.close()
    again = open_witness(
        state=tmp_path, key=tmp_path / "witness.key", name="qa.example/w1", log_keys=[LOG.vkey]
    )
    assert again.store.latest(ORIGIN).size == 5  # type: ignore[union-attr]
    assert [key.vkey for key in again.keys] == [key.vkey for key in witness.keys]


def test_monitors_get_the_cosigned_checkpoint(witness: Witness) -> None:
    log = Log()
    digest = hashlib.sha256(ORIGIN.encode()).hexdigest()
    assert checkpoint_of(witness, digest).status == 404
    ask(witness, log.request(0, 5))
    answer = checkpoint_of(witness, digest)
    assert answer.status == 200
    found = verify_note(answer.body, [LOG.verifier, *(key.verifier for key in witness.keys)])
    assert len(found) == 3


def test_a_new_epoch_of_a_known_log_is_a_new_log_to_the_witness(witness: Witness) -> None:
    log = Log()
    ask(witness, log.request(0, 50))
    assert ask(witness, log.request(0, 5, origin="lab.example/2")).status == 200


def test_many_requests_at_once_never_roll_the_witness_back(tmp_path: Path) -> None:
    """Given twenty sealers with all sizes, when they ask at once, then the witness only grows."""
    log = Log()
    witness = Witness(
        [keys.from_seed("w.example", kind=COSIGNATURE, seed=b"W" * 32)],
        [LOG.verifier],
        WitnessStore(tmp_path / "w.sqlite3"),
    )
    sizes: list[int] = []

    def push(size: int) -> None:
        for _ in range(30):
            latest = witness.store.latest(ORIGIN)
            old = latest.size if latest else 0
            if old >= size:
                return
            if ask(witness, log.request(old, size)).status == 200:
                sizes.append(size)
                return

    threads = [threading.Thread(target=push, args=(size,)) for size in range(1, 21)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sizes == sorted(sizes)
    assert sizes[-1] == 20


# Over HTTP, from a real sealer.


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
    import http.client
    import time

    from tests.conftest import ROOT, free_port, wait_for_port
    from tests.databases import Database as Installation
    from tests.databases import environ, sqlite_environ

    nowhere = tmp_path / "no-such-folder" / "no.sqlite3"
    env = environ(tmp_path, origin="demo.w.example", database=sqlite_environ(nowhere))
    port = free_port()
    installation = Installation("sqlite", tmp_path, env)
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
    assert ROOT.exists()
