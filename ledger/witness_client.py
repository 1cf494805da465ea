"""The sealer's side of a witness (C2SP tlog-witness): sends checkpoints, keeps cosignatures."""

import base64
import http.client
import logging
import random
import threading
import time
from typing import Any
from urllib.parse import urlsplit

from django.db import connections

from ledger import log
from ledger.models import Checkpoint, Cosignature
from ledger.outside import Held
from ledger.proofs import Tree
from ledger.verify import BadNote, parse_note, verify_note
from ledger.witness import MOST_BYTES, SIZE, Answer
from ledger.witness_list import Witness

TIMEOUT = 10.0
INTERVAL = 1.0  # seconds between two checkpoints: a witness need not see every one
LONGEST_PAUSE = 60.0

say = logging.getLogger(__name__)


class WitnessRefused(Exception):
    """What a witness objects to, as a sentence."""


class WitnessSawMore(WitnessRefused):
    """The witness has cosigned a tree that this log cannot be: a fork, or a restored backup."""


def request_body(old: int, proof: list[bytes], note: str) -> bytes:
    """The body of add-checkpoint."""
    lines = [f"old {old}", *(base64.b64encode(part).decode() for part in proof)]
    return ("\n".join(lines) + "\n\n" + note).encode()


def post(url: str, body: bytes, *, timeout: float = TIMEOUT) -> Answer:
    """POST <url>/add-checkpoint."""
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=timeout)
    try:
        connection.request("POST", f"{parts.path}/add-checkpoint", body)
        response = connection.getresponse()
        content_type = (response.getheader("Content-Type") or "").split(";")[0].strip()
        return Answer(response.status, content_type, response.read(MOST_BYTES))
    finally:
        connection.close()


class WitnessClient:
    """One witness, served by a thread of its own: a witness that is away delays nobody."""

    def __init__(
        self, witness: Witness, *, using: str = "sealer", interval: float = INTERVAL
    ) -> None:
        self.witness = witness
        self.using = using
        self.interval = interval
        self._known: dict[int, int] = {}  # epoch -> the size that the witness last cosigned
        self._wanted: Held | None = None
        self._news = threading.Event()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._report: dict[str, Any] = {"name": witness.key.name, "url": witness.url}
        self._report |= {"size": None, "at": None, "sentence": "", "fork": False}

    def start(self) -> None:
        """Begin to work in the background."""
        self._thread = threading.Thread(target=self._run, name=self.witness.key.name, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End; a call under way is given up."""
        self._stop.set()
        self._news.set()
        if self._thread is not None:
            self._thread.join(2)

    def offer(self, held: Held | None) -> None:
        """The newest checkpoint: only the newest is sent."""
        if held is not None and held != self._wanted:
            self._wanted = held
            self._news.set()

    def report(self) -> dict[str, Any]:
        """How this witness is, for the health page."""
        return dict(self._report)

    def _run(self) -> None:
        pause = self.interval
        while not self._stop.is_set():
            self._news.wait()
            self._news.clear()
            held = self._wanted
            if held is None or self._stop.is_set():
                continue
            try:
                self.cosign(held)
                pause = self.interval
            except Exception as error:  # noqa: BLE001 - reported, and tried again
                self._complain(error)
                pause = min(LONGEST_PAUSE, pause * 2) * random.uniform(0.8, 1.2)  # noqa: S311
                self._news.set()
                connections.close_all()
            self._stop.wait(pause)
        connections.close_all()

    def _complain(self, error: Exception) -> None:
        known = isinstance(error, (WitnessRefused, OSError, http.client.HTTPException, BadNote))
        sentence = str(error) if known else f"{type(error).__name__}: {error}"
        if sentence != self._report["sentence"]:
            say.error("Witness %s: %s", self.witness.key.name, sentence)
        self._report |= {"sentence": sentence, "fork": isinstance(error, WitnessSawMore)}

    def cosign(self, held: Held) -> list[str]:
        """Have one checkpoint cosigned and keep the lines; the witnesses' names."""
        answer = self._ask(held)
        lines = self._valid_lines(held, answer)
        name = self.witness.key.name
        row = Cosignature(
            id=f"{held.epoch}/{held.size}/{name}",
            epoch=held.epoch,
            size=held.size,
            name=name,
            line=lines,
        )
        self._wait_for(held)
        Cosignature.objects.using(self.using).bulk_create([row], ignore_conflicts=True)
        self._known[held.epoch] = held.size
        self._report |= {"size": held.size, "at": time.time(), "sentence": "", "fork": False}
        return [name]

    def _wait_for(self, held: Held) -> None:
        """The checkpoint's own row comes first, so that a cosignature never stands alone."""
        rows = Checkpoint.objects.using(self.using).filter(epoch=held.epoch, size=held.size)
        if not rows.exists():
            raise WitnessRefused("The checkpoint is not in the database yet; it is sent again.")

    def _ask(self, held: Held) -> Answer:
        """Send the checkpoint; where the witness stands elsewhere, prove it from there."""
        for _attempt in range(3):
            old = self._known.get(held.epoch, 0)
            body = request_body(old, self._proof(held, old), held.note)
            answer = post(self.witness.url, body)
            if answer.status == 200:
                return answer
            if answer.status != 409 or answer.content_type != SIZE:
                break
            self._known[held.epoch] = self._told_size(answer, held)
        raise _objection(answer, held)

    def _told_size(self, answer: Answer, held: Held) -> int:
        text = answer.body.decode("ascii", "replace").strip()
        if not text.isdecimal():
            raise WitnessRefused(f"It answered {text[:40]!r} where it should tell a size.")
        size = int(text)
        if size > held.size:
            raise WitnessSawMore(
                f"It has cosigned {held.origin} at {size} entries, but this log has {held.size}:"
                " the log was restored from a backup or forked. Compare with the witness before"
                " anybody relies on this log."
            )
        return size

    def _proof(self, held: Held, old: int) -> list[bytes]:
        if old in (0, held.size):
            return []
        epoch = next(e for e in log.epochs(using=self.using) if e.number == held.epoch)
        return Tree(epoch, using=self.using).consistency(old, size=held.size)

    def _valid_lines(self, held: Held, answer: Answer) -> str:
        """The witness's own line, verified; lines of unknown keys are ignored."""
        text = held.note.partition("\n\n")[0] + "\n\n"
        note = parse_note(text.encode() + answer.body)
        verify_note(note, [self.witness.key])
        wanted = self.witness.key
        kept = [
            line
            for line, signature in zip(
                answer.body.decode().splitlines(), note.signatures, strict=True
            )
            if (signature.name, signature.id) == (wanted.name, wanted.id)
        ]
        return kept[0] + "\n"


def _objection(answer: Answer, held: Held) -> WitnessRefused:
    told = answer.body[:200].decode("utf-8", "replace").strip()
    if answer.status == 422:
        return WitnessSawMore(
            f"It refused checkpoint {held.epoch}/{held.size} as inconsistent with what it has"
            f" cosigned before ({told}): the log is forked. Compare with the witness before anybody"
            " relies on this log."
        )
    reasons = {
        403: "It does not accept the log's signature: give it the log's new key.",
        404: f"It does not know the log {held.origin}: give it the log's key.",
    }
    return WitnessRefused(reasons.get(answer.status, f"It answered {answer.status}: {told}"))
