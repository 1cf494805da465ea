"""The witness as a small web service: a WSGI application, run by gunicorn, no framework."""

import logging
import re
import time
from collections.abc import Callable, Iterable
from http import HTTPStatus
from pathlib import Path
from typing import Any

from ledger import keys as key_files
from ledger.keys import SigningKey
from ledger.verify import COSIGNATURE, ML_DSA_44, parse_vkey
from ledger.witness import MOST_BYTES, Answer, Witness, WitnessStore, add_checkpoint, checkpoint_of

say = logging.getLogger(__name__)
PLAIN = "text/plain; charset=utf-8"
Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def application(witness: Witness, *, clock: Callable[[], float] = time.time) -> Application:
    """The WSGI application of a witness."""

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        made = _route(witness, environ, int(clock()))
        if made.status >= 400:
            told = made.body[:200].decode("utf-8", "replace").strip()
            say.warning("%s %s: %s", environ["PATH_INFO"], made.status, told)
        status = f"{made.status} {HTTPStatus(made.status).phrase}"
        headers = [("Content-Type", made.content_type), ("Content-Length", str(len(made.body)))]
        start_response(status, headers)
        return [made.body]

    return answer


def _route(witness: Witness, environ: dict[str, Any], now: int) -> Answer:
    method, path = environ["REQUEST_METHOD"], environ.get("PATH_INFO", "")
    if method == "POST" and path == "/add-checkpoint":
        return add_checkpoint(witness, _body(environ), now=now)
    monitored = re.fullmatch("/([0-9a-f]{64})/checkpoint", path)
    if method == "GET" and monitored:
        return checkpoint_of(witness, monitored[1])
    if method == "GET" and path == "/":
        vkeys = "".join(f"{key.vkey}\n" for key in witness.keys)
        return Answer(200, PLAIN, vkeys.encode())
    if path == "/add-checkpoint":
        return Answer(405, PLAIN, b"POST a checkpoint here.\n")
    return Answer(404, PLAIN, b"There is nothing here.\n")


def _body(environ: dict[str, Any]) -> bytes:
    """The request's body; one byte beyond the limit is read, so that it is found too long."""
    length = environ.get("CONTENT_LENGTH") or ""
    wanted = min(int(length), MOST_BYTES + 1) if length.isdecimal() else MOST_BYTES + 1
    body: bytes = environ["wsgi.input"].read(wanted)
    return body


def witness_keys(path: Path, *, name: str) -> list[SigningKey]:
    """The witness's keys: Ed25519 and ML-DSA-44 cosignatures, made at the first start."""
    if not path.exists():
        made = [key_files.generate(name, kind=kind) for kind in (COSIGNATURE, ML_DSA_44)]
        key_files.write_keys(path, made)
    return key_files.read_keys(path)


def open_witness(*, state: Path, key: Path, name: str, log_keys: Iterable[str]) -> Witness:
    """The witness whose state lies in a folder."""
    return Witness(
        keys=witness_keys(key, name=name),
        logs=[parse_vkey(vkey) for vkey in log_keys],
        store=WitnessStore(state / "witness.sqlite3"),
    )


def serve(make: Callable[[], Witness], *, host: str, port: int) -> None:
    """Serve until stopped, under gunicorn: one process, several threads."""
    from gunicorn.app.base import BaseApplication

    class Service(BaseApplication):
        """gunicorn with our options instead of a command line."""

        def load_config(self) -> None:
            self.cfg.set("bind", f"{host}:{port}")
            self.cfg.set("workers", 1)
            self.cfg.set("threads", 4)
            self.cfg.set("worker_class", "gthread")
            self.cfg.set("limit_request_line", 4094)
            self.cfg.set("control_socket_disable", True)

        def load(self) -> Application:
            return application(make())  # after the fork: SQLite connections do not survive one

    Service().run()
