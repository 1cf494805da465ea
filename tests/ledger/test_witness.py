"""The witness and its client (C2SP tlog-witness): it cosigns growth and nothing else (R2)."""

import base64
import hashlib
import threading
from pathlib import Path
from typing import Any

import pytest

from ledger import keys, note, tiles
from ledger.tiles import Growing
from ledger.verify import (
    COSIGNATURE,
    ML_DSA_44,
    verify_note,
)
from ledger.witness import SIZE, Answer, Witness, WitnessStore, add_checkpoint, checkpoint_of
from ledger.witness_client import (
    request_body,
)
from ledger.witness_service import open_witness

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
