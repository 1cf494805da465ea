"""Time stamps (RFC 3161): good ones hold, tampered and foreign ones do not."""

import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from rfc3161_client import decode_timestamp_response

from ledger import sealer, timestamps
from ledger.models import TimestampToken
from ledger.timestamps import TimestampRefused, read_certificates, verify
from ledger.verify import parse_note
from tests.databases import Database
from tests.ledger import laboratory


@pytest.fixture
def fixtures(shared: Path) -> Path:
    return shared / "vectors" / "rfc3161-client" / "test" / "fixtures"


def check(folder: Path, token: str) -> datetime:
    """Check a token's signature and certificates over the hash it names."""
    data = (folder / token).read_bytes()
    certificates = read_certificates(folder / "ts_chain.pem")
    response = decode_timestamp_response(data)
    digest = response.tst_info.message_imprint.message
    verifier = timestamps._verifier(certificates, None)
    verifier.verify(response, digest)
    return response.tst_info.gen_time


@pytest.mark.parametrize(
    "token",
    [
        "sigstage/response-sha256.tsr",
        "sigstage/response-sha384.tsr",
        "sigstage/response-sha512.tsr",
        "sigstage/response-no-embedded-cert.tsr",
        "test_tsa/response.tsr",
        "test_tsa/response-injected-certs.tsr",
        "identrust/issue-104.tsr",
    ],
)
def test_good_tokens_hold(fixtures: Path, token: str) -> None:
    folder, name = token.split("/")
    assert check(fixtures / folder, name).year in (2024, 2025)


def test_a_token_outlives_its_certificate(fixtures: Path) -> None:
    """Given a certificate that expired in January 2024 and a stamp of February 2023, when it is
    checked today, then it holds, because the certificate was valid at the time it states."""
    folder = fixtures / "sigstore.mock"
    token, message = (
        (folder / "response-expired.tsr").read_bytes(),
        (folder / "payload").read_bytes(),
    )
    certificates = read_certificates(folder / "ts_chain.pem")
    assert min(c.not_valid_after_utc for c in certificates) < datetime(2025, 1, 1, tzinfo=UTC)
    assert verify(token, message, certificates=certificates) == datetime(2023, 2, 1, tzinfo=UTC)


def test_r2_a_token_for_another_message_is_refused(fixtures: Path) -> None:
    folder = fixtures / "sigstore.mock"
    token, message = (
        (folder / "response-expired.tsr").read_bytes(),
        (folder / "payload").read_bytes(),
    )
    certificates = read_certificates(folder / "ts_chain.pem")
    with pytest.raises(TimestampRefused, match="Mismatch between messages"):
        verify(token, message + b" ", certificates=certificates)
    assert timestamps.imprint_matches(token, message)
    assert not timestamps.imprint_matches(token, b"other")


def test_r2_a_token_with_a_broken_signature_is_refused(fixtures: Path) -> None:
    folder = fixtures / "sigstage"
    certificates = read_certificates(folder / "ts_chain.pem")
    token = (folder / "response-invalid-signature.tsr").read_bytes()
    with pytest.raises(TimestampRefused, match="does not hold"):
        verify(token, b"whatever", certificates=certificates)


def test_r2_a_token_of_an_unknown_authority_is_refused(fixtures: Path) -> None:
    folder = fixtures / "test_tsa"
    token = (folder / "other_response.tsr").read_bytes()
    with pytest.raises(TimestampRefused, match="does not hold"):
        verify(token, b"hello", certificates=read_certificates(folder / "ts_chain.pem"))


def test_r2_no_flipped_bit_of_a_token_goes_unnoticed(fixtures: Path) -> None:
    """Every byte of the signed part, one at a time: the token is refused or says the same."""
    folder = fixtures / "sigstore.mock"
    good, message = (
        (folder / "response-expired.tsr").read_bytes(),
        (folder / "payload").read_bytes(),
    )
    certificates = read_certificates(folder / "ts_chain.pem")
    said = verify(good, message, certificates=certificates)
    refused = 0
    for place in range(len(good)):
        token = bytearray(good)
        token[place] ^= 0x01
        try:
            assert verify(bytes(token), message, certificates=certificates) == said
        except TimestampRefused:
            refused += 1
    assert refused > len(good) * 0.8


def test_what_is_no_token_is_refused_with_a_sentence(fixtures: Path, tmp_path: Path) -> None:
    certificates = read_certificates(fixtures / "test_tsa" / "ts_chain.pem")
    with pytest.raises(TimestampRefused, match="does not hold"):
        verify(b"not a token", b"hello", certificates=certificates)
    (tmp_path / "none.pem").write_text("nothing")
    with pytest.raises(TimestampRefused, match="cannot be read"):
        read_certificates(tmp_path / "none.pem")


@contextmanager
def authority(answer: bytes, *, status: int = 200) -> Iterator[tuple[str, list[bytes]]]:
    """An authority that always gives the same answer, and the requests it got."""
    got: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(self.rfile.read(int(self.headers["Content-Length"])))
            assert self.headers["Content-Type"] == "application/timestamp-query"
            self.send_response(status)
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/tsr", got
    finally:
        server.shutdown()
        server.server_close()


def test_a_replayed_token_is_not_kept(database: Database, settings: Any, fixtures: Path) -> None:
    """Given an authority that answers with an old, genuine token, when a checkpoint is to be
    stamped, then nothing is kept: the token's nonce and message are others."""
    settings.LOTBOOK_TSA_CERTIFICATES = str(fixtures / "sigstage" / "ts_chain.pem")
    laboratory.append("CF-02", expected=0, texts=["Released."])
    sealer.run_once()
    old = (fixtures / "sigstage" / "response-sha256.tsr").read_bytes()
    with authority(old) as (url, got):
        settings.LOTBOOK_TSA_URL = url
        with pytest.raises(CommandError, match="does not hold: Nonce mismatch"):
            call_command("timestamp_checkpoint")
    assert len(got) == 1
    assert not TimestampToken.objects.exists()


def test_an_authority_that_fails_is_named(
    database: Database, settings: Any, fixtures: Path
) -> None:
    laboratory.append("CF-02", expected=0, texts=["Released."])
    sealer.run_once()
    with pytest.raises(CommandError, match="Set LOTBOOK_TSA_URL"):
        call_command("timestamp_checkpoint")
    with authority(b"", status=503) as (url, _):
        settings.LOTBOOK_TSA_URL = url
        with pytest.raises(CommandError, match="Set LOTBOOK_TSA_CERTIFICATES"):
            call_command("timestamp_checkpoint")
        settings.LOTBOOK_TSA_CERTIFICATES = str(fixtures / "sigstage" / "ts_chain.pem")
        with pytest.raises(CommandError, match="answered 503"):
            call_command("timestamp_checkpoint")
    with pytest.raises(CommandError, match="cannot be reached"):
        call_command("timestamp_checkpoint")


def test_a_genuine_stamp_is_kept_once(
    sqlite_database: Database, settings: Any, tmp_path: Path
) -> None:
    """Given an authority that stamps what it is asked to, when a checkpoint is stamped, then the
    token is kept, holds for that checkpoint, and is not asked for again."""
    openssl = shutil.which("openssl")
    if openssl is None:
        from tests.conftest import absent

        absent("openssl", "openssl is not installed.")
    laboratory.append("CF-02", expected=0, texts=["Released."])
    held = sealer.run_once()
    assert held is not None
    tsa = OwnAuthority(tmp_path, openssl)
    settings.LOTBOOK_TSA_CERTIFICATES = str(tmp_path / "root.pem")
    settings.LOTBOOK_TSA_URL = "http://authority.example/tsr"
    real, timestamps.post = timestamps.post, lambda url, request: tsa.stamp(request.as_bytes())
    try:
        stamp = timestamps.timestamp_newest()
        assert timestamps.timestamp_newest() is None
    finally:
        timestamps.post = real
    assert stamp is not None and (stamp.epoch, stamp.size) == (1, held.size)
    token = bytes(TimestampToken.objects.get().token)
    certificates = read_certificates(tmp_path / "root.pem")
    text = parse_note(held.note.encode()).text
    assert verify(token, text, certificates=certificates) == stamp.at


class OwnAuthority:
    """A time-stamping authority made of openssl's command line."""

    def __init__(self, folder: Path, openssl: str) -> None:
        self.folder, self.openssl = folder, openssl
        (folder / "tsa.cnf").write_text(
            "[tsa]\ndefault_tsa=t\n[t]\nserial=serial\nsigner_cert=tsa.pem\nsigner_key=tsa.key\n"
            "signer_digest=sha256\ndefault_policy=1.2.3\ndigests=sha256\nordering=no\n"
            "tsa_name=no\ness_cert_id_chain=no\n"
        )
        (folder / "serial").write_text("01")
        (folder / "ext").write_text("extendedKeyUsage=critical,timeStamping\n")
        new = ["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        self.run(*new, "-x509", "-subj", "/CN=Root", "-keyout", "root.key", "-out", "root.pem")
        self.run(*new, "-subj", "/CN=TSA", "-keyout", "tsa.key", "-out", "tsa.csr")
        self.run(
            *("x509", "-req", "-in", "tsa.csr", "-CA", "root.pem", "-CAkey", "root.key"),
            *("-CAcreateserial", "-extfile", "ext", "-out", "tsa.pem", "-days", "30"),
        )

    def run(self, *words: str) -> None:

        subprocess.run([self.openssl, *words], cwd=self.folder, check=True, capture_output=True)

    def stamp(self, request: bytes) -> bytes:
        (self.folder / "q.tsq").write_bytes(request)
        self.run(*("ts", "-reply", "-config", "tsa.cnf", "-queryfile", "q.tsq", "-out", "r.tsr"))
        return (self.folder / "r.tsr").read_bytes()
